//! The comparison as a page: one file, without scripts, that fetches nothing.
//!
//! Law: whatever comes from outside goes through [`escaped`], and the page's own policy allows
//! nothing but its style, so that a name can never act. What a colour says, a word says too.

use super::row::{Row, Unit};
use super::text::{standing, summary};
use super::{Comparison, Side};
use crate::page::escape;
use crate::show::count;
use std::fmt::Write;

/// Bars are this wide and high, in the units of their drawing.
const BAR_WIDTH: f64 = 200.0;
const BAR_HEIGHT: f64 = 16.0;
/// A bar that is certain of its change is still seen.
const BAR_WIDTH_MIN: f64 = 2.0;
/// The scale of bars ends between these changes: closer, noise would fill the page; wider, one row
/// without a bound would flatten all others. What is beyond is cut off.
const SCALE_MIN: f64 = 0.01;
const SCALE_MAX: f64 = 0.5;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1d2329; --paper: #fff; --faint: #6a737c; --line: #d9dee3;
  --worse: #b3261e; --better: #1a7f37; --same: #8a939b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --paper: #14181c; --faint: #9aa4ad;
  --line: #333b42; --worse: #ff8a80; --better: #6fd08c; --same: #737c84; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .75rem; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .25rem; overflow-wrap: anywhere; }
p, li { overflow-wrap: anywhere; }
.faint { color: var(--faint); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { font-weight: 600; color: var(--faint); }
th:first-child, td:first-child, .word { text-align: left; }
svg { display: block; width: 12rem; height: 1rem; }
.worse { color: var(--worse); } .better { color: var(--better); }
.same, .unknown, .counted { color: var(--faint); }
.broken, .undecided { color: var(--worse); font-weight: 600; }
rect { fill: var(--same); } rect.worse { fill: var(--worse); } rect.better { fill: var(--better); }
line { stroke: var(--line); } circle { fill: var(--ink); }
@media (max-width: 40rem) { .bar { display: none; } th, td { padding: .3rem .35rem; font-size: .875rem; } }
@media print { body { max-width: none; padding: 0; font-size: 11px; } h2, tr { break-inside: avoid; }
  :root { --ink: #000; --paper: #fff; } }
";

/// Renders a comparison as a whole page.
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
         <title>{b} against {a}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
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
    let unknown = comparison.rows.iter().filter_map(|row| {
        let of = row.request.as_ref().map_or(String::new(), |name| format!(" of {name}"));
        let why = row.why.as_ref()?;
        Some(escape(&format!("{}{of}: {why}", row.statistic)))
    });
    list(out, "Unknown because", unknown)?;
    writeln!(
        out,
        "<p class=\"faint\">{}</p>\n</body>\n</html>",
        escape(&standing(comparison))
    )
}

fn side(out: &mut String, name: &str, side: &Side) -> std::fmt::Result {
    writeln!(
        out,
        "<p><b>{name}</b> {}: {}, {} sent in {} s on the {} fleet{}</p>",
        escape(&side.run),
        side.verdict.word(),
        count(side.sent),
        side.measured_s,
        escape(&side.fleet),
        side.started
            .as_ref()
            .map_or(String::new(), |started| format!(", started {}", escape(started))),
    )
}

/// A list of what is HTML already; nothing where it is empty.
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

fn table(out: &mut String, rows: &[Row], comparison: &Comparison) -> std::fmt::Result {
    let title = rows[0].request.as_deref().unwrap_or("all requests");
    writeln!(
        out,
        "<h2>{}</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>statistic</th><th>A</th><th>B</th><th>change</th>\
         <th class=\"word\">is</th><th>between</th><th class=\"bar\"></th></tr></thead>\n<tbody>",
        escape(title)
    )?;
    for row in rows {
        let word = row.word.text();
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"word {word}\">{word}</td><td>{}</td><td class=\"bar\">{}</td></tr>",
            escape(&row.statistic),
            escape(&row.shown(row.a)),
            escape(&row.shown(row.b)),
            escape(&row.change_shown()),
            escape(&row.interval_shown().unwrap_or_else(|| "-".to_owned())),
            bar(row, scale(row.unit, comparison)),
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>")
}

/// The change at which bars end: points of errors have a scale of their own.
fn scale(unit: Unit, comparison: &Comparison) -> f64 {
    let of_unit = |row: &&Row| (row.unit == Unit::Share) == (unit == Unit::Share);
    let rows = comparison.rows.iter().filter(of_unit);
    let ends = rows.filter_map(|row| Some(row.low?.abs().max(row.high?.abs())));
    ends.fold(SCALE_MIN, f64::max).min(SCALE_MAX)
}

/// ```text
///          |
///    [==o==|===]     the interval, the change, and no change
///          |
/// ```
fn bar(row: &Row, scale: f64) -> String {
    let (Some(change), Some(low), Some(high)) = (row.change, row.low, row.high) else {
        return String::new();
    };
    let at = |change: f64| {
        (change / scale)
            .clamp(-1.0, 1.0)
            .mul_add(BAR_WIDTH / 2.0, BAR_WIDTH / 2.0)
    };
    let (from, to) = (at(low), at(high));
    let width = (to - from).max(BAR_WIDTH_MIN);
    let (middle, half) = (BAR_WIDTH / 2.0, BAR_HEIGHT / 2.0);
    format!(
        "<svg viewBox=\"0 0 {BAR_WIDTH} {BAR_HEIGHT}\" role=\"img\" aria-label=\"{}\">\
         <line x1=\"{middle}\" y1=\"0\" x2=\"{middle}\" y2=\"{BAR_HEIGHT}\"/>\
         <rect class=\"{}\" x=\"{:.1}\" y=\"5\" width=\"{width:.1}\" height=\"6\" rx=\"1\"/>\
         <circle cx=\"{:.1}\" cy=\"{half}\" r=\"3\"/></svg>",
        escape(&format!(
            "{}, between {}",
            row.change_shown(),
            row.interval_shown().unwrap_or_default()
        )),
        row.word.text(),
        from.min(BAR_WIDTH - BAR_WIDTH_MIN),
        at(change),
    )
}
