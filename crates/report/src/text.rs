//! The report for people: what stdout gets.

use crate::cost;
use crate::failures;
use crate::run_report::{RequestReport, RunReport, TimingReport};
use crate::show::{NOTHING, RETRIED, count, rate, seconds, time};
use crate::worker_report::WorkerState;
use std::fmt::Write;
use tally::histogram::Histogram;

/// Workers that are listed one by one when something is wrong with them.
const WORKERS_LISTED: usize = 20;

/// Renders a report as text, without colour, at most 100 columns wide but for names and reasons.
pub fn render(report: &RunReport) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    if report.started.is_none() {
        let _ = head(&mut out, report).and_then(|()| reasons(&mut out, report));
        return out;
    }
    let _ = head(&mut out, report)
        .and_then(|()| balance(&mut out, report))
        .and_then(|()| timings(&mut out, report))
        .and_then(|()| {
            table(
                &mut out,
                "request",
                Some(report.requests.as_slice()).filter(|all| all.len() > 1),
            )
        })
        .and_then(|()| {
            table(
                &mut out,
                "region",
                Some(report.regions.as_slice()).filter(|all| !all.is_empty()),
            )
        })
        .and_then(|()| openings(&mut out, report))
        .and_then(|()| thresholds(&mut out, report))
        .and_then(|()| workers(&mut out, report))
        .and_then(|()| cost(&mut out, report))
        .and_then(|()| reasons(&mut out, report));
    out
}

fn head(out: &mut String, report: &RunReport) -> std::fmt::Result {
    let shards = report
        .workers
        .iter()
        .map(|worker| worker.shard)
        .max()
        .map_or(0, |last| last + 1);
    writeln!(out, "{}: {}", report.scenario, report.verdict.word())?;
    write!(out, "run {} · {} fleet, {shards} workers", report.run, report.fleet)?;
    writeln!(out, " · {}", length(report, seconds))?;
    if let Some(started) = &report.started {
        writeln!(out, "started {started}")?;
    }
    writeln!(out)
}

/// How long the run was: `35 s, 20 s of it measured`, or `ended after 5.2 s of 40 s`.
pub(crate) fn length(report: &RunReport, shown: fn(f64) -> String) -> String {
    let (planned, lasted) = (report.duration_s, report.lasted_s);
    let length = match (report.started.is_some(), lasted < planned) {
        (false, _) => return format!("{} planned", shown(planned)),
        (true, true) => format!("ended after {} of {}", shown(lasted), shown(planned)),
        (true, false) => shown(planned),
    };
    match (lasted - report.measured_s).abs() < 1e-9 {
        true => length,
        false => format!("{length}, {} of it measured", shown(report.measured_s)),
    }
}

/// What a histogram says, for people; a dash of one in which nothing was counted.
fn told(values: &Histogram, nanos: impl Fn(&Histogram) -> u64) -> String {
    match values.is_empty() {
        true => NOTHING.to_owned(),
        false => time(nanos(values)),
    }
}

fn balance(out: &mut String, report: &RunReport) -> std::fmt::Result {
    let balance = &report.balance;
    writeln!(
        out,
        "arrivals   {} planned = {} sent + {} dropped + {} missing",
        count(balance.planned),
        count(balance.sent),
        count(balance.dropped),
        count(balance.missing),
    )?;
    writeln!(
        out,
        "answers    {} sent = {} completed + {} failed + {} in flight",
        count(balance.sent),
        count(balance.completed),
        count(balance.failed),
        count(balance.in_flight),
    )?;
    writeln!(out, "rate       {} completed", rate(report.total.rate_per_s))?;
    if balance.unmeasured_sent + balance.unmeasured_dropped > 0 {
        let dropped = match balance.unmeasured_dropped {
            0 => String::new(),
            dropped => format!(" and {} dropped", count(dropped)),
        };
        let sent = count(balance.unmeasured_sent);
        writeln!(out, "unmeasured {sent} sent{dropped} to warm up and cool down")?;
    }
    if report.total.retries > 0 {
        let retries = count(report.total.retries);
        writeln!(out, "retries    {retries} {RETRIED}")?;
    }
    for (kind, number) in &report.total.failures {
        writeln!(out, "failed     {} by {kind}", count(*number))?;
        for line in failures::lines(&report.failures, kind) {
            writeln!(out, "  {line}")?;
        }
    }
    let odd: Vec<String> = report
        .total
        .statuses
        .iter()
        .filter(|(status, _)| !status.starts_with('2'))
        .map(|(status, number)| format!("{} × {status}", count(*number)))
        .collect();
    if !odd.is_empty() {
        writeln!(out, "statuses   {}", odd.join(", "))?;
    }
    writeln!(out)
}

fn timings(out: &mut String, report: &RunReport) -> std::fmt::Result {
    const QUANTILES: [(&str, u32); 7] = [
        ("p50", 500_000),
        ("p75", 750_000),
        ("p90", 900_000),
        ("p95", 950_000),
        ("p99", 990_000),
        ("p99.9", 999_000),
        ("p99.99", 999_900),
    ];
    let total = &report.total;
    let all: [(&str, &TimingReport); 4] = [
        ("latency", &total.latency),
        ("service", &total.service),
        ("first byte", &total.first_byte),
        ("lag", &total.lag),
    ];
    // The page says it at length: what the generator was late by, and what waiting for a free connection and opening
    // one took, of the requests that did.
    let parts = report.lag_parts.shown();
    write!(out, "{:<11}", "")?;
    for (name, _) in QUANTILES {
        write!(out, "{name:>9}")?;
    }
    writeln!(out, "{:>9}{:>9}", "max", "mean")?;
    let parts = parts.into_iter().map(|part| (part.row, part.timing));
    let rows = all.into_iter().chain(parts);
    for (name, timing) in rows {
        write!(out, "{name:<11}")?;
        for (_, millionths) in QUANTILES {
            write!(out, "{:>9}", told(&timing.values, |values| values.quantile(millionths)))?;
        }
        writeln!(
            out,
            "{:>9}{:>9}",
            told(&timing.values, Histogram::max),
            told(&timing.values, |values| values.mean().round() as u64)
        )?;
    }
    if let Some(of) = &total.percentiles_of {
        writeln!(out, "{of}")?;
    }
    writeln!(out)
}

/// What opening connections took.
fn openings(out: &mut String, report: &RunReport) -> std::fmt::Result {
    for origin in &report.openings {
        let steps: Vec<String> = origin
            .steps()
            .map(|(step, timing)| {
                let at = |millionths| told(&timing.values, |values| values.quantile(millionths));
                format!("{step} p50 {}, p99 {}", at(500_000), at(990_000))
            })
            .collect();
        let opened = match origin.connect.count {
            1 => "1 connection".to_owned(),
            several => format!("{} connections", count(several)),
        };
        writeln!(out, "opened     {opened} to {}: {}", origin.origin, steps.join("; "))?;
    }
    if !report.openings.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

fn table(out: &mut String, title: &str, rows: Option<&[RequestReport]>) -> std::fmt::Result {
    let Some(rows) = rows else { return Ok(()) };
    let width = rows
        .iter()
        .map(|request| request.name.chars().count())
        .max()
        .unwrap_or(0)
        .max(10);
    writeln!(
        out,
        "{:<width$} {:>12} {:>10} {:>12} {:>9} {:>9} {:>9} {:>9}",
        title, "sent", "failed", "rate", "p50", "p95", "p99", "max"
    )?;
    for request in rows {
        let values = &request.latency.values;
        writeln!(
            out,
            "{:<width$} {:>12} {:>10} {:>12} {:>9} {:>9} {:>9} {:>9}",
            request.name,
            count(request.sent),
            count(request.failed),
            rate(request.rate_per_s),
            told(values, |values| values.quantile(500_000)),
            told(values, |values| values.quantile(950_000)),
            told(values, |values| values.quantile(990_000)),
            told(values, Histogram::max),
        )?;
    }
    writeln!(out)
}

fn thresholds(out: &mut String, report: &RunReport) -> std::fmt::Result {
    if report.thresholds.is_empty() {
        return Ok(());
    }
    let width = report
        .thresholds
        .iter()
        .map(|judged| judged.threshold.chars().count())
        .max()
        .unwrap_or(0);
    for judged in &report.thresholds {
        let word = judged.word();
        writeln!(out, "{word:<10} {:<width$}  {}", judged.threshold, judged.measured)?;
    }
    writeln!(out)
}

fn workers(out: &mut String, report: &RunReport) -> std::fmt::Result {
    let finished = report
        .workers
        .iter()
        .filter(|worker| worker.state == WorkerState::Finished)
        .count();
    write!(out, "workers    {finished} of {} finished", report.workers.len())?;
    let skew = report
        .workers
        .iter()
        .filter_map(|worker| worker.start_skew_ms)
        .fold(0.0, f64::max);
    write!(out, " · started at most {} late", time((skew * 1e6).round() as u64))?;
    let known = report.workers.iter().filter_map(|worker| worker.clock_uncertainty_ms);
    match known.reduce(f64::max) {
        Some(known) => writeln!(out, " · clocks compared to ±{}", time((known * 1e6).round() as u64))?,
        None => writeln!(out)?,
    }
    let others = report
        .workers
        .iter()
        .filter(|worker| worker.state != WorkerState::Finished);
    let sliced = report.workers.iter().any(|worker| worker.slice > 0);
    for worker in others.clone().take(WORKERS_LISTED) {
        let state = match worker.state {
            WorkerState::Finished => "finished",
            WorkerState::Stopped => "stopped",
            WorkerState::Deadline => "out of time",
            WorkerState::HostStopped => "stopped by its host",
            WorkerState::Failed => "failed",
            WorkerState::Lost => "lost",
        };
        write!(out, "  worker {}", worker.shard)?;
        if sliced {
            write!(out, " slice {}", worker.slice)?;
        }
        write!(
            out,
            " {state}: {} sent, {} missing",
            count(worker.sent),
            count(worker.missing)
        )?;
        match &worker.worker {
            Some(name) => writeln!(out, "; {name}")?,
            None => writeln!(out)?,
        }
    }
    let more = others.count().saturating_sub(WORKERS_LISTED);
    if more > 0 {
        writeln!(out, "  and {more} more; the JSON report lists all")?;
    }
    Ok(())
}

fn cost(out: &mut String, report: &RunReport) -> std::fmt::Result {
    let Some(cost) = &report.cost else { return Ok(()) };
    writeln!(
        out,
        "cost       {}, {} expected, at AWS prices of {}, without free tier and discounts",
        cost.actual_bill.total(),
        cost.estimated_bill.total(),
        cost.prices_of,
    )?;
    for line in cost::lines(&cost.actual_bill) {
        writeln!(out, "  {line}")?;
    }
    for line in cost::basis(cost) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn reasons(out: &mut String, report: &RunReport) -> std::fmt::Result {
    for note in &report.notes {
        writeln!(out, "note       {note}")?;
    }
    if report.reasons.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{} because", report.verdict.word())?;
    for reason in &report.reasons {
        writeln!(out, "  {reason}")?;
    }
    Ok(())
}
