//! What a page shows of the generator: how late it was, what requests waited for, what opening connections took.

use crate::run_report::{RunReport, TimingReport};
use crate::show::rounded_ms;
use crate::worker_report::WorkerReport;
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct GeneratorView {
    limited: bool,
    why: Vec<String>,
    /// What else arrivals waited for.
    waits: Vec<String>,
    lag_p50: Option<f64>,
    lag_p99: Option<f64>,
    lag_max: Option<f64>,
    /// What it is made of, where not all of it is the generator's own.
    lag_parts: Vec<TimingView>,
    /// The largest of any worker.
    busy: Option<f64>,
    run_queue: Option<f64>,
    throttled_ms: Option<f64>,
}

/// A few numbers of a histogram, in milliseconds.
#[derive(Clone, Debug, Serialize)]
struct TimingView {
    name: String,
    count: u64,
    p50: Option<f64>,
    p99: Option<f64>,
    max: Option<f64>,
}

/// What opening connections to an origin took.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OpeningView {
    origin: String,
    steps: Vec<TimingView>,
}

pub(crate) fn generator(report: &RunReport) -> GeneratorView {
    let generator = &report.generator;
    let lag = &report.total.lag;
    let most = |of: fn(&WorkerReport) -> Option<f64>| report.workers.iter().filter_map(of).reduce(f64::max);
    GeneratorView {
        limited: generator.bound,
        why: generator.signs.clone(),
        waits: generator.waits.clone(),
        lag_p50: lag.quantiles.p50.map(rounded_ms),
        lag_p99: lag.quantiles.p99.map(rounded_ms),
        lag_max: lag.max_ms.map(rounded_ms),
        lag_parts: report
            .lag_parts
            .shown()
            .into_iter()
            .map(|part| TimingView::of(part.what, part.timing))
            .collect(),
        busy: most(|worker| worker.busy),
        run_queue: most(|worker| worker.run_queue),
        throttled_ms: most(|worker| worker.throttled_ms).map(rounded_ms),
    }
}

impl TimingView {
    fn of(name: &str, timing: &TimingReport) -> TimingView {
        TimingView {
            name: name.to_owned(),
            count: timing.count,
            p50: timing.quantiles.p50.map(rounded_ms),
            p99: timing.quantiles.p99.map(rounded_ms),
            max: timing.max_ms.map(rounded_ms),
        }
    }
}

pub(crate) fn openings(report: &RunReport) -> Vec<OpeningView> {
    let origins = report.openings.iter();
    origins
        .map(|origin| OpeningView {
            origin: origin.origin.clone(),
            steps: origin
                .steps()
                .map(|(name, timing)| TimingView::of(name, timing))
                .collect(),
        })
        .collect()
}
