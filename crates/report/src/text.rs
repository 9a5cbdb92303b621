//! Renders the report as text, for stdout.

use crate::cost;
use crate::failures::{self, FailureReport};
use crate::layout::{Column, Layout, Sheet, Table, Tone};
use crate::percentiles;
use crate::run_report::{FlowReport, FlowStepReport, RequestReport, RunReport, TimingReport, flows_in_words};
use crate::show::{count, rate, seconds, time_of_ms};
use crate::verdict::Verdict;
use crate::worker_report::WorkerState;
use std::collections::BTreeMap;
use textwrap::core::display_width;

/// The maximum number of unfinished workers that the report lists.
const WORKERS_LISTED: usize = 20;

/// Renders a report as text.
pub fn render(report: &RunReport, layout: Layout) -> String {
    let mut sheet = Sheet::new(layout);
    head(&mut sheet, report);
    if report.started.is_some() {
        balance(&mut sheet, report);
        timings(&mut sheet, report);
        if report.has_flows() {
            flows(&mut sheet, &report.flows);
        }
        if report.requests.len() > 1 {
            requests(&mut sheet, "request", &report.requests, &report.flows);
        }
        if !report.populations.is_empty() {
            requests(&mut sheet, "population", &report.populations, &[]);
        }
        if !report.regions.is_empty() {
            requests(&mut sheet, "region", &report.regions, &[]);
        }
        openings(&mut sheet, report);
        thresholds(&mut sheet, report);
        workers(&mut sheet, report);
        cost(&mut sheet, report);
    }
    reasons(&mut sheet, report);
    sheet.text()
}

impl Verdict {
    pub(crate) fn tone(self) -> Tone {
        match self {
            Verdict::Passed => Tone::Good,
            Verdict::Crossed => Tone::Bad,
            Verdict::Incomplete => Tone::Unsure,
            Verdict::Unjudged => Tone::Plain,
        }
    }
}

fn head(sheet: &mut Sheet, report: &RunReport) {
    let shards = report
        .workers
        .iter()
        .map(|worker| worker.shard)
        .max()
        .map_or(0, |last| last + 1);
    sheet.heading(
        &format!("{}: {}", report.scenario, report.verdict.word()),
        report.verdict.tone(),
    );
    sheet.line(&format!(
        "run {} · {} fleet, {shards} workers",
        report.run, report.fleet
    ));
    let length = length(report, seconds);
    match &report.started {
        Some(started) => sheet.line(&format!("started {started} · {length}")),
        None => sheet.line(&length),
    }
    sheet.gap();
}

/// Returns the length of the run: `35 s, 20 s of it measured`, or `ended after 5.2 s of 40 s`.
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

fn balance(sheet: &mut Sheet, report: &RunReport) {
    let balance = &report.balance;
    let with_flows = report.has_flows();
    sheet.entry("arrivals", &balance.arrivals(with_flows));
    if with_flows {
        sheet.entry("flows", &flows_in_words(&report.flows));
    }
    if let Some(starved) = report.starved() {
        sheet.entry("starved", &starved);
    }
    sheet.entry(if with_flows { "requests" } else { "answers" }, &balance.requests());
    let completed = if with_flows { "requests completed" } else { "completed" };
    sheet.entry("rate", &format!("{} {completed}", rate(report.total.rate_per_s)));
    if balance.unmeasured_sent + balance.unmeasured_dropped > 0 {
        let dropped = match balance.unmeasured_dropped {
            0 => String::new(),
            dropped => format!(" and {} dropped", count(dropped)),
        };
        let sent = count(balance.unmeasured_sent);
        sheet.entry("unmeasured", &format!("{sent} sent{dropped} in warm-up and cool-down"));
    }
    if let Some(retries) = report.retries() {
        sheet.entry("retries", &retries);
    }
    for (kind, number) in &report.total.failures {
        sheet.entry("failed", &format!("{} by {kind}", count(*number)));
        for line in failures::lines(&report.failures, kind) {
            sheet.item(&line);
        }
    }
    let first = |failure: &FailureReport| Some((failure.first.first().copied()?, failure.request.clone()));
    if let Some((k, request)) = report.failures.iter().find_map(first) {
        let population = request.split_once('/').filter(|_| !report.populations.is_empty());
        let of = population.map_or_else(String::new, |(population, _)| format!(" --of {population}"));
        sheet.entry("try one", &format!("vajra-cloud try SCENARIO --arrival {k}{of}"));
    }
    let odd: Vec<String> = report
        .total
        .statuses
        .iter()
        .filter(|(status, _)| !status.starts_with('2'))
        .map(|(status, number)| format!("{} × {status}", count(*number)))
        .collect();
    if !odd.is_empty() {
        sheet.entry("statuses", &odd.join(", "));
    }
    sheet.gap();
}

fn timings(sheet: &mut Sheet, report: &RunReport) {
    let total = &report.total;
    let all: [(&str, &TimingReport); 4] = [
        ("latency", &total.latency),
        ("service", &total.service),
        ("first byte", &total.first_byte),
        ("lag", &total.lag),
    ];
    // The parts of the lag: the lag that the generator caused, the wait for a free connection, and the wait for opening
    // a connection.
    let parts = report.lag_parts.shown();
    let parts = parts.into_iter().map(|part| (part.row, part.timing));
    let all: Vec<_> = all.into_iter().chain(parts).collect();
    let rows = all.iter().map(|(name, timing)| {
        let counted = [count(timing.count).into()].into_iter();
        (*name, counted.chain(percentiles::cells(&timing.values)).collect())
    });
    let columns = percentiles::columns(&[Column::number("count", 10, 8)]);
    let heads = sheet.table(&Table {
        title: "",
        names: 11,
        columns: &columns,
        rows: rows.collect(),
    });
    let counts: Vec<_> = all.iter().map(|(name, timing)| (*name, timing.count)).collect();
    let lines = [total.percentiles_of.clone(), percentiles::caution(&counts, &heads)];
    lines.iter().flatten().for_each(|line| sheet.line(line));
    let sentence = report.generator.kept_up().filter(|_| report.balance.sent > 0);
    if let Some(sentence) = sentence {
        sheet.line(sentence);
    }
    sheet.gap();
}

/// Writes the times of opening connections.
fn openings(sheet: &mut Sheet, report: &RunReport) {
    for origin in &report.openings {
        let steps: Vec<String> = origin
            .steps()
            .map(|(step, timing)| format!("{step} {}", percentiles::median_and_most(timing)))
            .collect();
        let opened = match origin.connect.count {
            1 => "1 connection".to_owned(),
            several => format!("{} connections", count(several)),
        };
        sheet.entry(
            "opened",
            &format!("{opened} to {}: {}", origin.origin, steps.join("; ")),
        );
    }
    if !report.openings.is_empty() {
        sheet.gap();
    }
}

/// Writes the table of flows. Each flow has two rows: the sums of the latencies of its steps, and its sessions with
/// pauses.
fn flows(sheet: &mut Sheet, flows: &[FlowReport]) {
    let numbers = [
        Column::number("started", 9, 0),
        Column::number("failed", 7, 0),
        Column::number("stopped", 7, 8),
        Column::number("rate", 9, 0),
    ];
    let rows = flows.iter().flat_map(|flow| {
        let numbers = [
            count(flow.started),
            count(flow.failed),
            count(flow.stopped),
            rate(flow.rate_per_s),
        ];
        let row = |numbers: [String; 4], timing: &TimingReport| {
            let numbers = numbers.map(Into::into).into_iter();
            numbers.chain(percentiles::cells(&timing.values)).collect()
        };
        [
            (flow.name.as_str(), row(numbers, &flow.latency)),
            ("  session", row(Default::default(), &flow.session)),
        ]
    });
    let columns = percentiles::columns(&numbers);
    let heads = sheet.table(&Table {
        title: "flow",
        names: 10,
        columns: &columns,
        rows: rows.collect(),
    });
    let counts: Vec<_> = flows.iter().map(|flow| (flow.name.as_str(), flow.completed)).collect();
    if let Some(caution) = percentiles::caution(&counts, &heads) {
        sheet.line(&caution);
    }
    sheet.gap();
}

/// Writes a table of requests, of populations or of regions. If the table contains steps of flows, it may have two more
/// columns: the steps that were not reached, and the retries. A column whose numbers are all zero is left out. `flows`
/// contains the flows whose steps are in the table.
fn requests(sheet: &mut Sheet, title: &str, rows: &[RequestReport], flows: &[FlowReport]) {
    let steps: BTreeMap<&str, &FlowStepReport> = flows
        .iter()
        .flat_map(|flow| &flow.steps)
        .map(|step| (step.name.as_str(), step))
        .collect();
    let not_reached = |request: &RequestReport| steps.get(request.name.as_str()).map_or(0, |step| step.not_reached);
    let has_not_reached = rows.iter().any(|request| not_reached(request) > 0);
    let has_retries = !steps.is_empty() && rows.iter().any(|request| request.retries > 0);
    let numbers = [Column::number("sent", 9, 0), Column::number("failed", 7, 0)];
    let more = [
        (has_not_reached, Column::number("not reached", 11, 2)),
        (has_retries, Column::number("retries", 7, 2)),
    ];
    let more = more
        .into_iter()
        .filter(|(is_shown, _)| *is_shown)
        .map(|(_, column)| column);
    let columns = numbers.into_iter().chain(more).chain([Column::number("rate", 9, 0)]);
    let columns = percentiles::columns(&columns.collect::<Vec<_>>());
    let counts: Vec<_> = rows.iter().map(RequestReport::counted).collect();
    let rows = rows.iter().map(|request| {
        let numbers = [
            Some(count(request.sent)),
            Some(count(request.failed)),
            has_not_reached.then(|| count(not_reached(request))),
            has_retries.then(|| count(request.retries)),
            Some(rate(request.rate_per_s)),
        ];
        let cells = numbers.into_iter().flatten().map(Into::into);
        let cells = cells.chain(percentiles::cells(&request.latency.values));
        (request.name.as_str(), cells.collect())
    });
    let heads = sheet.table(&Table {
        title,
        names: 10,
        columns: &columns,
        rows: rows.collect(),
    });
    if let Some(caution) = percentiles::caution(&counts, &heads) {
        sheet.line(&caution);
    }
    sheet.gap();
}

fn thresholds(sheet: &mut Sheet, report: &RunReport) {
    let widths = report.thresholds.iter().map(|judged| display_width(&judged.threshold));
    let Some(width) = widths.max() else { return };
    for judged in &report.thresholds {
        let room = " ".repeat(width - display_width(&judged.threshold));
        let tone = if judged.kept { Tone::Good } else { Tone::Bad };
        sheet.toned_entry(
            judged.word(),
            tone,
            &format!("{}{room}  {}", judged.threshold, judged.measured),
        );
    }
    sheet.gap();
}

fn workers(sheet: &mut Sheet, report: &RunReport) {
    let finished = report
        .workers
        .iter()
        .filter(|worker| worker.state == WorkerState::Finished)
        .count();
    let skew = report
        .workers
        .iter()
        .filter_map(|worker| worker.start_skew_ms)
        .fold(0.0, f64::max);
    let known = report.workers.iter().filter_map(|worker| worker.clock_uncertainty_ms);
    let clocks = known.reduce(f64::max).map_or_else(String::new, |known| {
        format!(" · clocks agree within {}", time_of_ms(known))
    });
    sheet.entry(
        "workers",
        &format!(
            "{finished} of {} finished · started at most {} late{clocks}",
            report.workers.len(),
            time_of_ms(skew)
        ),
    );
    let others = report
        .workers
        .iter()
        .filter(|worker| worker.state != WorkerState::Finished);
    let sliced = report.workers.iter().any(|worker| worker.slice > 0);
    for worker in others.clone().take(WORKERS_LISTED) {
        let state = worker.state.words();
        let slice = match sliced {
            true => format!(" slice {}", worker.slice),
            false => String::new(),
        };
        let (shard, sent, missing) = (worker.shard, count(worker.sent), count(worker.missing));
        let name = worker.worker.iter().map(|name| format!("; {name}"));
        let name: String = name.collect();
        sheet.item(&format!(
            "worker {shard}{slice} {state}: {sent} sent, {missing} missing{name}"
        ));
    }
    let more = others.count().saturating_sub(WORKERS_LISTED);
    if more > 0 {
        sheet.item(&format!("and {more} more; the JSON report lists all"));
    }
}

fn cost(sheet: &mut Sheet, report: &RunReport) {
    let Some(cost) = &report.cost else { return };
    sheet.entry(
        "cost",
        &format!(
            "{}, {} expected, at AWS prices of {}, without free tier and discounts",
            cost.actual_bill.total(),
            cost.estimated_bill.total(),
            cost.prices_of,
        ),
    );
    for line in cost::lines(&cost.actual_bill).iter().chain(&cost::basis(cost)) {
        sheet.item(line);
    }
}

fn reasons(sheet: &mut Sheet, report: &RunReport) {
    for note in &report.notes {
        sheet.entry("note", note);
    }
    if report.reasons.is_empty() {
        return;
    }
    sheet.gap();
    sheet.line(&format!("{} because", report.verdict.word()));
    for reason in &report.reasons {
        sheet.item(reason);
    }
}
