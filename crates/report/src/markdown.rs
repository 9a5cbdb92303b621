//! Renders the report as Markdown, for a pull request or the summary of a CI job.

use crate::failures;
use crate::percentiles;
use crate::run_report::{RequestReport, RunReport, flows_in_words};
use crate::show::{NOTHING, count, line, rate, seconds, share, time};
use crate::text::length;
use std::fmt::Write;
use tally::histogram::Histogram;

/// The maximum number of reasons and requests that are listed, because a comment has a size limit. The report prints
/// the number of omitted entries.
pub(crate) const LISTED: usize = 50;

/// Renders a report as GitHub's Markdown.
pub fn render(report: &RunReport) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &RunReport) -> std::fmt::Result {
    writeln!(out, "## {}: **{}**\n", text(&report.scenario), report.verdict.word())?;
    let started = report.started.as_deref().unwrap_or("never started");
    writeln!(
        out,
        "run `{}` · {} fleet · {} · {started}",
        report.run,
        report.fleet,
        length(report, seconds)
    )?;
    if !report.reasons.is_empty() {
        writeln!(out)?;
    }
    for reason in report.reasons.iter().take(LISTED) {
        writeln!(out, "- {}", text(reason))?;
    }
    more(out, report.reasons.len(), "reasons")?;
    if report.started.is_none() {
        return Ok(());
    }
    if !report.thresholds.is_empty() {
        writeln!(out, "\n| threshold | | measured |\n| --- | --- | --- |")?;
        for judged in &report.thresholds {
            let strong = if judged.kept { "" } else { "**" };
            writeln!(
                out,
                "| {} | {strong}{}{strong} | {} |",
                text(&judged.threshold),
                judged.word(),
                text(&judged.measured)
            )?;
        }
    }
    let balance = &report.balance;
    write!(out, "\n{}; ", balance.arrivals(report.has_flows()))?;
    if report.has_flows() {
        write!(out, "flows: {}; requests: ", flows_in_words(&report.flows))?;
    }
    writeln!(out, "{}\n", balance.requests())?;
    if let Some(starved) = report.starved() {
        writeln!(out, "{}\n", text(&starved))?;
    }
    if let Some(retries) = report.retries() {
        writeln!(out, "retries: {retries}\n")?;
    }
    flows(out, report)?;
    writeln!(
        out,
        "| request | completed | errors | p50 | p95 | p99 | max |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for request in report
        .requests
        .iter()
        .take(LISTED)
        .filter(|_| report.requests.len() > 1)
    {
        row(out, request, &text(&request.name))?;
    }
    for population in &report.populations {
        row(out, population, &format!("all of {}", text(&population.name)))?;
    }
    for region in &report.regions {
        row(out, region, &format!("in {}", text(&region.name)))?;
    }
    row(out, &report.total, "**all**")?;
    more(out, report.requests.len(), "requests")?;
    let listed = report
        .requests
        .iter()
        .take(LISTED)
        .filter(|_| report.requests.len() > 1);
    let rows = listed
        .chain(&report.populations)
        .chain(&report.regions)
        .map(RequestReport::counted);
    let rows: Vec<_> = rows.chain([("all", report.total.latency.count)]).collect();
    let caution = percentiles::caution(&rows, &["p50", "p95", "p99", "max"]);
    for line in [&report.total.percentiles_of, &caution].into_iter().flatten() {
        writeln!(out, "\n{}", text(line))?;
    }
    let reasons = failures::all_lines(&report.failures);
    if !reasons.is_empty() {
        writeln!(out, "\nfailures:\n")?;
    }
    for reason in reasons {
        match reason.strip_prefix("  ") {
            Some(advice) => writeln!(out, "  - {}", text(advice))?,
            None => writeln!(out, "- {}", text(&reason))?,
        }
    }
    if let Some(cost) = &report.cost {
        writeln!(out, "\ncost: {}", cost.actual_bill.total())?;
    }
    for note in &report.notes {
        writeln!(out, "\n> {}", text(note))?;
    }
    Ok(())
}

/// Writes the table of the flows, with their latencies without pauses and their sessions with pauses. Also writes the
/// steps that were not reached.
fn flows(out: &mut String, report: &RunReport) -> std::fmt::Result {
    if !report.has_flows() {
        return Ok(());
    }
    writeln!(
        out,
        "| flow | completed | errors | p50 | p95 | p99 | session p50 | session p95 |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for flow in &report.flows {
        let (latency, session) = (&flow.latency.values, &flow.session.values);
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            text(&flow.name),
            rate(flow.rate_per_s),
            share(flow.failed, flow.started),
            at(latency, 500_000),
            at(latency, 950_000),
            at(latency, 990_000),
            at(session, 500_000),
            at(session, 950_000),
        )?;
    }
    let steps = report.flows.iter().flat_map(|flow| &flow.steps);
    let unreached: Vec<String> = steps
        .filter(|step| step.not_reached > 0)
        .map(|step| format!("{} × {}", count(step.not_reached), text(&step.name)))
        .collect();
    if !unreached.is_empty() {
        writeln!(out, "\nnot reached: {}", unreached.join(", "))?;
    }
    writeln!(out)
}

fn at(values: &Histogram, millionths: u32) -> String {
    match values.is_empty() {
        true => NOTHING.to_owned(),
        false => time(values.quantile(millionths)),
    }
}

fn row(out: &mut String, request: &RequestReport, name: &str) -> std::fmt::Result {
    let latency = &request.latency.values;
    let at = |millionths| at(latency, millionths);
    writeln!(
        out,
        "| {name} | {} | {} | {} | {} | {} | {} |",
        rate(request.rate_per_s),
        share(request.failed, request.completed + request.failed),
        at(500_000),
        at(950_000),
        at(990_000),
        at(1_000_000),
    )
}

fn more(out: &mut String, all: usize, what: &str) -> std::fmt::Result {
    match all.saturating_sub(LISTED) {
        0 => Ok(()),
        more => writeln!(out, "\nand {more} more {what}; the JSON report lists all"),
    }
}

/// Escapes text so that no part of the text is read as Markdown, as HTML or as a mention.
pub(crate) fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for character in line(words).chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => out.extend(['\\', character]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            character => out.push(character),
        }
    }
    out
}
