//! The charts of the requests of one name, which the reader chooses: over time, as a heat map, and by percentile.
//!
//! Snapshots contain measured requests of each name over time, in at most 64 intervals of a run.

use crate::run_report::{RequestReport, RunReport};
use crate::series::SecondReport;
use crate::timing::Quantiles;
use crate::view::PhaseView;
use crate::view::columns::{DistributionView, HeatView, IntervalColumns, SecondsView, distributions};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use tally::histogram::Histogram;
use tally::interval::Brief;

/// The maximum number of names: a longer list would be hard to read and make a page large.
const CHOICES_MAX: usize = 40;
const SECOND: u64 = 1_000_000_000;

/// Requests of one name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ChoiceView {
    name: String,
    seconds: SecondsView,
    heat: HeatView,
    distribution: Vec<DistributionView>,
}

/// Returns the charts of each name; none if all requests have the same name.
pub(crate) fn choices(report: &RunReport, phases: &[PhaseView], until: u32, load_end: f64) -> Vec<ChoiceView> {
    if report.requests.len() < 2 {
        return Vec::new();
    }
    let requests = report.requests.iter().enumerate().take(CHOICES_MAX);
    requests
        .map(|(at, request)| {
            let intervals = intervals(report, at, phases, until);
            let columns = IntervalColumns::new(&intervals);
            ChoiceView {
                name: request.name.clone(),
                seconds: columns.seconds(phases, None, load_end),
                heat: columns.heat(),
                distribution: of_request(request),
            }
        })
        .collect()
}

/// Returns the distributions of a request; if some failed, also those of completed and failed requests.
pub(crate) fn of_request(request: &RequestReport) -> Vec<DistributionView> {
    let none = Histogram::default();
    let (completed, failed) = match request.failed {
        0 => (&none, &none),
        _ => (&request.latency_completed.values, &request.latency_failed.values),
    };
    distributions(&[
        ("latency", true, &request.latency.values),
        ("service", true, &request.service.values),
        ("first byte", true, &request.first_byte.values),
        ("latency of completed", false, completed),
        ("latency of failed", false, failed),
    ])
}

/// Returns the distributions of all requests, and of the times of opening connections.
pub(crate) fn of_all(report: &RunReport) -> Vec<DistributionView> {
    let mut steps: BTreeMap<&'static str, Histogram> = BTreeMap::new();
    for (name, timing) in report.openings.iter().flat_map(|origin| origin.steps()) {
        steps.entry(name).or_default().add(&timing.values);
    }
    let mut all = of_request(&report.total);
    for name in ["resolve", "connect", "TLS"] {
        if let Some(values) = steps.get(name) {
            all.extend(distributions(&[(name, false, values)]));
        }
    }
    all
}

/// Returns the intervals of the request with index `at` that all workers have reported.
fn intervals(report: &RunReport, at: usize, phases: &[PhaseView], until: u32) -> Vec<SecondReport> {
    let timeline = &report.timeline;
    // The axis has whole seconds, so shorter snapshots are not drawn.
    let width = match timeline.width % SECOND {
        0 => (timeline.width / SECOND) as u32,
        _ => 0,
    };
    let end = report.seconds.last().map_or(0, SecondReport::end).min(until);
    if width == 0 {
        return Vec::new();
    }
    let intervals = (0..).zip(&timeline.intervals);
    intervals
        .map(|(number, interval)| (number * width, interval))
        .take_while(|(from, _)| *from < end && (until == u32::MAX || from + width <= until))
        .map(|(from, interval)| {
            let to = (from + width).min(end);
            let middle = f64::from(from).midpoint(f64::from(to));
            let phase = phases.iter().find(|phase| middle < phase.to_s);
            let measured = phase.or(phases.last()).is_none_or(|phase| phase.measured);
            of_brief(from, to - from, measured, interval.requests.get(at))
        })
        .collect()
}

/// Returns an interval of one name. An interval that is not measured has no counts by name.
fn of_brief(second: u32, length_s: u32, measured: bool, brief: Option<&Brief>) -> SecondReport {
    let none = Brief::default();
    let brief = brief.unwrap_or(&none);
    SecondReport {
        second,
        length_s,
        planned: None,
        sent: brief.sent,
        completed: brief.completed,
        failed: brief.failed,
        dropped: 0,
        retries: 0,
        failures: match brief.failed {
            0 => BTreeMap::new(),
            failed => BTreeMap::from([("failed".to_owned(), failed)]),
        },
        latency: Quantiles::default(),
        latency_max_ms: None,
        workers: 1,
        workers_missing: u32::from(!measured),
        values: brief.latency.clone(),
    }
}
