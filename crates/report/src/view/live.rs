//! The state of a run in progress, for the dashboard.

use crate::show::shown;
use std::collections::BTreeMap;
use tally::histogram::Histogram;

/// The state of a run in progress.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// The state of the run: `starting`, `running`, `stopping` or `ended`.
    pub state: &'static str,
    pub elapsed_s: Option<f64>,
    pub left_s: Option<f64>,
    pub workers: u32,
    pub workers_in: u32,
    pub done: u32,
    pub missing: u32,
    /// The planned rate in the last second for which all live workers have stored a snapshot. The next two fields
    /// contain the rates in the same second.
    pub rate_planned: Option<f64>,
    pub rate_sent: Option<f64>,
    pub rate_completed: Option<f64>,
    pub last: Option<LastSecond>,
    pub cost_so_far: Option<String>,
    /// The command that writes the page of the run; `None` until the run has ended. The next field, `stays`, is true if
    /// the dashboard is served until the user interrupts its command.
    pub again: Option<String>,
    pub stays: bool,
    /// The number of seconds from T0 that all live workers have reported. Later seconds are not drawn yet.
    pub whole_until: u32,
    /// The state of each known worker, by shard and slice.
    pub workers_live: BTreeMap<(u32, u32), WorkerLive>,
}

/// The percentiles of latency in one second.
#[derive(Clone, Copy, Debug)]
pub struct LastSecond {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

impl LastSecond {
    /// Returns the percentiles of a second; `None` if the second has no answers.
    pub fn of(latency: &Histogram) -> Option<LastSecond> {
        let at = |millionths| shown(latency.quantile(millionths));
        (!latency.is_empty()).then(|| LastSecond {
            p50: at(500_000),
            p90: at(900_000),
            p99: at(990_000),
            max: at(1_000_000),
        })
    }
}

/// The state of a worker of a run in progress.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkerLive {
    /// The state of the worker: `waiting`, `ready` or `running`.
    pub state: &'static str,
    /// Whether the next snapshot of the worker is overdue.
    pub silent: bool,
    /// The number of seconds since the last snapshot of the worker.
    pub last_seen_s: Option<f64>,
}
