//! What a page shows of a run on its way.

use crate::show::shown;
use std::collections::BTreeMap;
use tally::histogram::Histogram;

/// How a run is doing that is on its way.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// `starting`, `running`, `stopping` or `ended`.
    pub state: &'static str,
    pub elapsed_s: Option<f64>,
    pub left_s: Option<f64>,
    pub workers: u32,
    pub workers_in: u32,
    pub done: u32,
    pub missing: u32,
    /// Rates of the last second for which every worker has stored a snapshot.
    pub rate_planned: Option<f64>,
    pub rate_sent: Option<f64>,
    pub rate_completed: Option<f64>,
    pub last: Option<LastSecond>,
    pub cost_so_far: Option<String>,
    /// Of a run that has ended: the command that writes its page again, and whether this one is served until it is
    /// interrupted, or goes now.
    pub again: Option<String>,
    pub stays: bool,
    /// Seconds of the series that every worker has told of: the rest is not drawn yet.
    pub whole_until: u32,
    /// For each place that something is known of.
    pub workers_live: BTreeMap<(u32, u32), WorkerLive>,
}

/// Latency of one second.
#[derive(Clone, Copy, Debug)]
pub struct LastSecond {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

impl LastSecond {
    /// `None` where nothing was answered.
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

/// What is known of a worker that is on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkerLive {
    /// `waiting`, `ready` or `running`.
    pub state: &'static str,
    /// Whether it should have told something, and has not.
    pub silent: bool,
    /// Since its last snapshot.
    pub last_seen_s: Option<f64>,
}
