//! Renders a comparison as Markdown, for a pull request or the summary of a CI job.

use super::row::{ComparisonRow, Judgement};
use super::rule::Ruling;
use super::text::{meaning, standing, summary};
use super::{Comparison, Side};
use crate::markdown::{LISTED, text};
use crate::show::{count, seconds};
use std::fmt::Write;

/// Renders a comparison as GitHub's Markdown: the rules, the statistics of all requests together, and the changed
/// statistics of single requests.
pub fn render(comparison: &Comparison) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, comparison);
    out
}

fn write(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    writeln!(out, "## {}\n", text(&summary(comparison)))?;
    side(out, "A", &comparison.a)?;
    side(out, "B", &comparison.b)?;
    for caution in &comparison.cautions {
        writeln!(out, "- caution: {}", text(caution))?;
    }
    if !comparison.rules.is_empty() {
        writeln!(out, "\n| rule | | measured |\n| --- | --- | --- |")?;
    }
    for ruled in &comparison.rules {
        let strong = if ruled.ruling == Ruling::Broken { "**" } else { "" };
        writeln!(
            out,
            "| {} | {strong}{}{strong} | {} |",
            text(&ruled.rule),
            ruled.ruling.word(),
            text(&ruled.measured)
        )?;
    }
    let (whole, single): (Vec<&ComparisonRow>, Vec<&ComparisonRow>) =
        comparison.rows.iter().partition(|row| row.request.is_none());
    table(out, "all requests", &whole)?;
    let changed: Vec<&ComparisonRow> = single
        .into_iter()
        .filter(|row| matches!(row.word, Judgement::Better | Judgement::Worse))
        .collect();
    if !changed.is_empty() {
        table(
            out,
            "single requests that changed",
            &changed[..changed.len().min(LISTED)],
        )?;
    }
    if changed.len() > LISTED {
        writeln!(
            out,
            "\nand {} more; the JSON comparison has all",
            changed.len() - LISTED
        )?;
    }
    writeln!(out, "\n{}  \n{}", text(&meaning()), text(&standing(comparison)))
}

fn side(out: &mut String, name: &str, side: &Side) -> std::fmt::Result {
    writeln!(
        out,
        "- {name} {}: {}, {} sent in {}",
        text(&side.run),
        side.verdict.word(),
        count(side.sent),
        seconds(side.measured_s),
    )
}

fn table(out: &mut String, title: &str, rows: &[&ComparisonRow]) -> std::fmt::Result {
    writeln!(
        out,
        "\n| {title} | A | B | change | between | |\n| --- | ---: | ---: | ---: | --- | --- |"
    )?;
    for row in rows {
        let of = row
            .request
            .as_ref()
            .map_or(String::new(), |name| format!(" of {}", text(name)));
        let strong = if row.word == Judgement::Worse { "**" } else { "" };
        writeln!(
            out,
            "| {}{of} | {} | {} | {} | {} | {strong}{}{strong} |",
            row.statistic,
            row.shown(row.a),
            row.shown(row.b),
            row.change_shown(),
            row.interval_shown().unwrap_or_else(|| "-".to_owned()),
            row.word.text(),
        )?;
    }
    Ok(())
}
