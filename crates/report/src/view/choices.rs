//! The charts of a choice. The reader of a page chooses either the requests of one name, or the failures of one kind.
//! For this choice, the page shows the counts over time, a heat map, and the distribution by percentile. These charts
//! contain measured requests only.

use crate::run_report::{RequestReport, RunReport};
use crate::series::SecondReport;
use crate::timing::Quantiles;
use crate::view::PhaseView;
use crate::view::columns::{DistributionView, HeatView, IntervalColumns, SecondsView, distributions};
use crate::view::timeline::{Span, WaitsView, of_each, spans, waits};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use tally::histogram::Histogram;
use tally::interval::Brief;
use tally::outcome::Failure;

/// The maximum number of names to choose from. A longer list would be hard to read and would make the page large.
const CHOICES_MAX: usize = 40;

/// The charts of one choice: the requests of one name, or the failures of one kind.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ChoiceView {
    name: String,
    seconds: SecondsView,
    heat: HeatView,
    distribution: Vec<DistributionView>,
    waits: WaitsView,
}

/// Returns the charts of each request name; empty if all requests have the same name. `phases_of` returns the phases of
/// the population of a request.
pub(crate) fn choices<'p>(
    report: &RunReport,
    phases_of: impl Fn(usize) -> &'p [PhaseView],
    until: u32,
    load_end: f64,
) -> Vec<ChoiceView> {
    if report.requests.len() < 2 {
        return Vec::new();
    }
    let requests = report.requests.iter().enumerate().take(CHOICES_MAX);
    requests
        .map(|(at, request)| {
            let phases = phases_of(at);
            let spans = spans(report, phases, until);
            let brief = |span: &Span| report.timeline.intervals[span.index].requests.get(at);
            let intervals = spans.iter().map(|span| of_brief(span, brief(span)));
            let intervals: Vec<SecondReport> = intervals.collect();
            let columns = IntervalColumns::new(&intervals);
            ChoiceView {
                name: request.name.clone(),
                seconds: columns.seconds(phases, None, load_end),
                heat: columns.heat(),
                distribution: of_request(request),
                waits: waits(report, &spans, Some(at)),
            }
        })
        .collect()
}

/// Returns the charts of each kind of failure; empty if the workers did not report latency by kind.
pub(crate) fn kinds(report: &RunReport, phases: &[PhaseView], until: u32, load_end: f64) -> Vec<ChoiceView> {
    let spans = spans(report, phases, until);
    let known = Failure::ALL
        .into_iter()
        .filter_map(|kind| Some((kind, report.failure_latency.get(kind.name())?)));
    known
        .map(|(kind, latency)| {
            let values = of_each(report, &spans, |times| {
                times.failure_latency.get(&kind).cloned().unwrap_or_default()
            });
            let intervals = spans.iter().zip(values).map(|(span, latency)| SecondReport {
                failed: latency.len(),
                failures: match latency.len() {
                    0 => BTreeMap::new(),
                    failed => BTreeMap::from([(kind.name().to_owned(), failed)]),
                },
                values: latency,
                ..of_brief(span, None)
            });
            let intervals: Vec<SecondReport> = intervals.collect();
            let columns = IntervalColumns::new(&intervals);
            ChoiceView {
                name: kind.name().to_owned(),
                seconds: columns.seconds(phases, None, load_end),
                heat: columns.heat(),
                distribution: distributions(&[("latency of this kind", true, &latency.values)]),
                waits: WaitsView::default(),
            }
        })
        .collect()
}

/// Returns the distributions of the latency, the service time and the time to the first byte of a request. If some
/// requests failed, the latency distributions of completed and of failed requests follow.
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

/// Returns the distributions of all requests, and the distributions of the times of opening connections.
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

/// Returns the interval `span` of one choice, with the counts of `brief`. All counts are 0 if `brief` is `None`.
fn of_brief(span: &Span, brief: Option<&Brief>) -> SecondReport {
    let none = Brief::default();
    let brief = brief.unwrap_or(&none);
    SecondReport {
        second: span.from,
        length_s: span.to - span.from,
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
        workers_missing: u32::from(!span.measured),
        values: brief.latency.clone(),
    }
}
