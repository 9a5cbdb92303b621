//! The state of a running run, for a page.

use crate::show::shown;
use std::collections::BTreeMap;
use tally::histogram::Histogram;

/// The state of a running run.
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
    /// For a run that has ended: the command that writes its page, and whether this page is served until the command is
    /// interrupted.
    pub again: Option<String>,
    pub stays: bool,
    /// The number of seconds that every worker has reported; later seconds are not drawn yet.
    pub whole_until: u32,
    /// The state of each known worker, by shard and slice.
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
    /// Returns the percentiles; `None` without answers.
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

/// The state of a running worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkerLive {
    /// `waiting`, `ready` or `running`.
    pub state: &'static str,
    /// Whether its snapshot is overdue.
    pub silent: bool,
    /// Seconds since its last snapshot.
    pub last_seen_s: Option<f64>,
}
