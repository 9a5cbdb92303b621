//! The comparison for people: what stdout gets.

use super::row::{Row, Word};
use super::statistic::Subject;
use super::{Comparison, Side};
use crate::show::{count, seconds};
use std::fmt::Write;

/// Renders a comparison as text, without colour, at most 100 columns wide but for names and reasons.
pub fn render(comparison: &Comparison) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = head(&mut out, comparison)
        .and_then(|()| rows(&mut out, &comparison.rows))
        .and_then(|()| basis(&mut out, comparison))
        .and_then(|()| rules(&mut out, comparison))
        .and_then(|()| unknowns(&mut out, comparison));
    out
}

/// What it comes to, in a line: `4 different (3 worse, 1 better), 10 same, 1 cannot tell`.
pub(super) fn summary(comparison: &Comparison) -> String {
    let listed = |words: &[Word]| {
        let told = words
            .iter()
            .map(|word| (comparison.number(*word), word.text()))
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{} {word}", count(number as u64)));
        told.collect::<Vec<String>>().join(", ")
    };
    let different = comparison.number(Word::Worse) + comparison.number(Word::Better);
    let how = listed(&[Word::Worse, Word::Better]);
    let different = (different > 0).then(|| format!("{} different ({how})", count(different as u64)));
    let rest = listed(&[Word::Same, Word::CannotTell, Word::Counted]);
    let parts: Vec<String> = different
        .into_iter()
        .chain((!rest.is_empty()).then_some(rest))
        .collect();
    parts.join(", ")
}

/// What the words mean, in a line.
pub(super) fn meaning() -> String {
    let percent = Subject::Rate.margin() * 100.0;
    let points = Subject::Errors.margin() * 100.0;
    format!(
        "same: changed by at most {percent}%, errors by {points}pp · worse, better: different · cannot tell: neither"
    )
}

/// What the intervals stand on, in a line.
pub(super) fn standing(comparison: &Comparison) -> String {
    let percent = comparison.error_rate * 100.0;
    let (a, b) = (comparison.a.intervals, comparison.b.intervals);
    match comparison.block {
        Some(block) => format!(
            "of equal runs, {percent}% are told apart at most · {a} and {b} intervals, drawn {} in blocks of {block}",
            if comparison.paired { "as pairs" } else { "apart" },
        ),
        None => format!("{a} and {b} intervals are too few to say anything"),
    }
}

fn head(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    writeln!(out, "{}", summary(comparison))?;
    side(out, "A", &comparison.a)?;
    side(out, "B", &comparison.b)?;
    for caution in &comparison.cautions {
        writeln!(out, "caution    {caution}")?;
    }
    writeln!(out)
}

fn side(out: &mut String, name: &str, side: &Side) -> std::fmt::Result {
    writeln!(
        out,
        "{name} {}: {}, {} sent in {}{}",
        side.run,
        side.verdict.word(),
        count(side.sent),
        seconds(side.measured_s),
        side.started
            .as_ref()
            .map_or(String::new(), |started| format!(", started {started}")),
    )
}

fn rows(out: &mut String, rows: &[Row]) -> std::fmt::Result {
    for group in rows.chunk_by(|row, next| row.request == next.request) {
        let title = group[0].request.as_deref().unwrap_or("all requests");
        writeln!(out, "{title:<16} {:>12} {:>12} {:>11}   between", "A", "B", "change")?;
        for row in group {
            writeln!(
                out,
                "  {:<14} {:>12} {:>12} {:>11}   {:<26} {}",
                row.statistic,
                row.shown(row.a),
                row.shown(row.b),
                row.change_shown(),
                row.interval_shown().unwrap_or_else(|| "-".to_owned()),
                row.word.text(),
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn basis(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    writeln!(out, "{}\n{}", meaning(), standing(comparison))
}

fn rules(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    let width = comparison.rules.iter().map(|ruled| ruled.rule.chars().count()).max();
    let Some(width) = width else { return Ok(()) };
    writeln!(out)?;
    for ruled in &comparison.rules {
        writeln!(
            out,
            "{:<10} {:<width$}  {}",
            ruled.ruling.word(),
            ruled.rule,
            ruled.measured
        )?;
    }
    Ok(())
}

fn unknowns(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    let unknown = comparison
        .rows
        .iter()
        .filter_map(|row| Some((row, row.why.as_ref().filter(|_| comparison.block.is_some())?)));
    for (at, (row, why)) in unknown.enumerate() {
        if at == 0 {
            writeln!(out, "\ncannot tell because")?;
        }
        let of = row.request.as_ref().map_or(String::new(), |name| format!(" of {name}"));
        writeln!(out, "  {}{of}: {why}", row.statistic)?;
    }
    Ok(())
}
