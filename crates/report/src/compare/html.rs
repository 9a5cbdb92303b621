//! Renders a comparison as an HTML page: one file that has no scripts and loads no external resources.
//!
//! Invariant: all external text passes through [`escape`], and the content security policy of the page allows only the
//! page's own style. So a name cannot inject code. Every fact that is shown by a colour is also shown by a word.

use super::row::{ComparisonRow, StatisticUnit};
use super::text::{meaning, standing, summary, unknown};
use super::{Comparison, Side};
use crate::page::{TOKENS, escape};
use crate::show::{count, seconds};
use std::fmt::Write;

/// The width of a bar, in units of the drawing.
const BAR_WIDTH: f64 = 200.0;
const BAR_HEIGHT: f64 = 16.0;
/// The width of the label at an end of the scale.
const LABEL_WIDTH: f64 = 48.0;
/// The name of the axis that the bars share.
const AXIS_NAME: &str = "change from A to B";
/// The minimum width of a bar. A narrow interval would be invisible without this minimum.
const BAR_WIDTH_MIN: f64 = 2.0;
/// The minimum and the maximum change at the ends of the bars. The minimum is a multiple of the margin, so that the
/// margin is visible. Without the maximum, one row with a very wide interval would make all other bars too short. A bar
/// that exceeds the scale is cut off, and an arrow marks the cut.
const SCALE_MIN_OF_MARGIN: f64 = 1.2;
const SCALE_MAX: f64 = 0.5;

const STYLE: &str = "
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1rem; background: var(--panel); color: var(--ink);
  font: 16px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .75rem; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .25rem; overflow-wrap: anywhere; }
p, li { overflow-wrap: anywhere; }
.faint { color: var(--muted); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { font-weight: 600; color: var(--muted); }
th:first-child, td:first-child, .word { text-align: left; }
th { vertical-align: bottom; } th.bar { text-align: center; } .bar svg { margin: 0 auto; }
svg { display: block; width: 12rem; height: 1rem; }
svg.overlay { width: 100%; min-width: 34rem; max-width: 52rem; height: auto; margin-top: .75rem; }
.overlay line { stroke: var(--grid); }
polyline { fill: none; stroke-width: 2; }
.a { stroke: var(--service); stroke-dasharray: 6 3; } .b { stroke: var(--latency); }
.worse { color: var(--bad); } .better { color: var(--good); }
.same, .cannot_tell, .counted { color: var(--muted); }
.broken { color: var(--bad); font-weight: 600; } .undecided { font-weight: 600; }
rect, path { fill: var(--max); } .worse { fill: var(--bad); } .better { fill: var(--good); }
line { stroke: var(--muted); } circle { fill: var(--ink); } rect.margin { fill: var(--line); }
svg text { fill: var(--muted); font-size: 10px; font-weight: 400; }
@media (max-width: 40rem) { .bar { display: none; } th, td { padding: .3rem .35rem; font-size: .875rem; } }
@media print { body { max-width: none; padding: 0; font-size: 11px; } h2, tr { break-inside: avoid; } }
";

/// Renders a comparison as a complete HTML page.
pub fn render(comparison: &Comparison) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = page(&mut out, comparison);
    out
}

fn page(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    let (a, b) = (escape(&comparison.a.run), escape(&comparison.b.run));
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{b} against {a}</title>\n<style>{TOKENS}{STYLE}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
        escape(&summary(comparison)),
    )?;
    side(out, "A", &comparison.a)?;
    side(out, "B", &comparison.b)?;
    list(
        out,
        "Cautions",
        comparison.cautions.iter().map(|caution| escape(caution)),
    )?;
    let rules = comparison.rules.iter().map(|ruled| {
        let (word, rule, measured) = (ruled.ruling.word(), escape(&ruled.rule), escape(&ruled.measured));
        format!("<span class=\"{word}\">{word}</span> <code>{rule}</code>: {measured}")
    });
    list(out, "Rules", rules)?;
    for group in comparison.rows.chunk_by(|row, next| row.request == next.request) {
        table(out, group, comparison)?;
    }
    list(out, "Cannot tell because", unknown(comparison).map(|why| escape(&why)))?;
    writeln!(
        out,
        "<p class=\"faint\">{}</p>\n<p class=\"faint\">{}</p>\n</body>\n</html>",
        escape(&meaning()),
        escape(&standing(comparison))
    )
}

fn side(out: &mut String, name: &str, side: &Side) -> std::fmt::Result {
    writeln!(
        out,
        "<p><b>{name}</b> {}: {}, {} sent in {} on the {} fleet{}</p>",
        escape(&side.run),
        side.verdict.word(),
        count(side.sent),
        seconds(side.measured_s),
        escape(&side.fleet),
        side.started
            .as_ref()
            .map_or(String::new(), |started| format!(", started {}", escape(started))),
    )
}

/// Writes a list of HTML items with a title. Writes nothing if there are no items.
fn list(out: &mut String, title: &str, items: impl Iterator<Item = String>) -> std::fmt::Result {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>{title}</h2>\n<ul>")?;
    for item in items {
        writeln!(out, "<li>{item}</li>")?;
    }
    writeln!(out, "</ul>")
}

fn table(out: &mut String, rows: &[ComparisonRow], comparison: &Comparison) -> std::fmt::Result {
    let title = rows[0].request.as_deref().unwrap_or("all requests");
    writeln!(
        out,
        "<h2>{}</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>statistic</th><th>A</th><th>B</th><th>change</th>\
         <th class=\"word\">is</th><th>between</th><th class=\"bar\">{AXIS_NAME}{}</th></tr></thead>\n<tbody>",
        escape(title),
        rows.iter()
            .find(|row| row.unit != StatisticUnit::Share)
            .map_or_else(String::new, |row| axis(row, scale(row.unit, comparison))),
    )?;
    for row in rows {
        let (class, word) = (row.word.name(), row.word.text());
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"word {class}\">{word}</td><td>{}</td><td class=\"bar\">{}</td></tr>",
            escape(&row.statistic),
            escape(&row.shown(row.a)),
            escape(&row.shown(row.b)),
            escape(&row.change_shown()),
            escape(&row.interval_shown().unwrap_or_else(|| "-".to_owned())),
            bar(row, scale(row.unit, comparison)),
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>")?;
    let overlay = comparison
        .overlays
        .iter()
        .find(|overlay| overlay.request == rows[0].request);
    overlay.map_or(Ok(()), |overlay| {
        writeln!(out, "<div class=\"wide\">{}</div>", overlay.svg())
    })
}

/// Returns the change at the two ends of the bars. Errors have a separate scale, in percentage points.
fn scale(unit: StatisticUnit, comparison: &Comparison) -> f64 {
    let of_unit = |row: &&ComparisonRow| (row.unit == StatisticUnit::Share) == (unit == StatisticUnit::Share);
    let rows = comparison.rows.iter().filter(of_unit);
    let ends = rows.filter_map(|row| {
        let margin = row.margin? * SCALE_MIN_OF_MARGIN;
        Some(row.low?.abs().max(row.high?.abs()).max(margin))
    });
    ends.fold(0.0, f64::max).clamp(f64::MIN_POSITIVE, SCALE_MAX)
}

/// Returns the horizontal position of a change on a bar. `scale` is the change at the ends of the bar.
fn place(change: f64, scale: f64) -> f64 {
    (change / scale)
        .clamp(-1.0, 1.0)
        .mul_add(BAR_WIDTH / 2.0, BAR_WIDTH / 2.0)
}

/// Returns the axis above the bars, with labels for zero in the middle and for both ends of the scale.
fn axis(row: &ComparisonRow, scale: f64) -> String {
    let middle = BAR_WIDTH / 2.0;
    format!(
        "<svg viewBox=\"0 0 {BAR_WIDTH} {BAR_HEIGHT}\" role=\"img\" aria-label=\"{AXIS_NAME}: bars reach from {0} to {1}\">\
         <text x=\"0\" y=\"9\">{0}</text><text x=\"{middle}\" y=\"9\" text-anchor=\"middle\">0</text>\
         <text x=\"{BAR_WIDTH}\" y=\"9\" text-anchor=\"end\">{1}</text>\
         <line x1=\"0\" y1=\"15\" x2=\"{BAR_WIDTH}\" y2=\"15\"/>{2}</svg>",
        escape(&row.signed(-scale)),
        escape(&row.signed(scale)),
        [0.5, middle, BAR_WIDTH - 0.5]
            .map(|x| format!("<line x1=\"{x}\" y1=\"11\" x2=\"{x}\" y2=\"{BAR_HEIGHT}\"/>"))
            .concat(),
    )
}

/// Returns a row's bar as SVG. An arrow marks an interval that is cut off:
///
/// ```text
///         .|.
///   <[==o==|===]     the interval, the change, no change, the margin
///         .|.
/// ```
fn bar(row: &ComparisonRow, scale: f64) -> String {
    let (Some(change), Some(low), Some(high)) = (row.change, row.low, row.high) else {
        return String::new();
    };
    let (from, to) = (place(low, scale), place(high, scale));
    let width = (to - from).max(BAR_WIDTH_MIN);
    let (middle, half) = (BAR_WIDTH / 2.0, BAR_HEIGHT / 2.0);
    let word = row.word.name();
    let mut marks = String::new();
    // Writing to a string cannot fail.
    if let Some(margin) = row.margin {
        let (left, right) = (place(-margin, scale), place(margin, scale));
        let width = right - left;
        let _ = write!(
            marks,
            "<rect class=\"margin\" x=\"{left:.1}\" y=\"0\" width=\"{width:.1}\" height=\"{BAR_HEIGHT}\"/>"
        );
    }
    let _ = write!(
        marks,
        "<line x1=\"{middle}\" y1=\"0\" x2=\"{middle}\" y2=\"{BAR_HEIGHT}\"/>\
         <rect class=\"{word}\" x=\"{:.1}\" y=\"5\" width=\"{width:.1}\" height=\"6\" rx=\"1\"/>",
        from.min(BAR_WIDTH - BAR_WIDTH_MIN),
    );
    if low < -scale {
        let _ = write!(
            marks,
            "<path class=\"{word} cut\" d=\"M0 {half} L9 0 L9 {BAR_HEIGHT} Z\"/>"
        );
    }
    if high > scale {
        let (tip, foot) = (BAR_WIDTH, BAR_WIDTH - 9.0);
        let _ = write!(
            marks,
            "<path class=\"{word} cut\" d=\"M{tip} {half} L{foot} 0 L{foot} {BAR_HEIGHT} Z\"/>"
        );
    }
    if change.abs() <= scale {
        let _ = write!(
            marks,
            "<circle cx=\"{:.1}\" cy=\"{half}\" r=\"3\"/>",
            place(change, scale)
        );
    }
    // The scale of errors differs from the scale of the axis, so the bar gets a label of its own. The label is at an
    // end that the bar does not cover.
    if row.unit == StatisticUnit::Share {
        let end = match (from > LABEL_WIDTH, to < BAR_WIDTH - LABEL_WIDTH) {
            (_, true) => Some((BAR_WIDTH, "end")),
            (true, false) => Some((0.0, "start")),
            (false, false) => None,
        };
        if let Some((x, anchor)) = end {
            let ends = points(row, scale);
            let _ = write!(
                marks,
                "<text x=\"{x}\" y=\"12\" text-anchor=\"{anchor}\">±{ends}</text>"
            );
        }
    }
    let cut = match low < -scale || high > scale {
        true => format!(", cut off at ±{}", points(row, scale)),
        false => String::new(),
    };
    format!(
        "<svg viewBox=\"0 0 {BAR_WIDTH} {BAR_HEIGHT}\" role=\"img\" aria-label=\"{}\">{marks}</svg>",
        escape(&format!(
            "{}, between {}{cut}",
            row.change_shown(),
            row.interval_shown().unwrap_or_default()
        )),
    )
}

/// Returns the change at the end of a scale, without its sign: `50%`, `1pp`.
fn points(row: &ComparisonRow, scale: f64) -> String {
    row.signed(scale).trim_start_matches('+').to_owned()
}
