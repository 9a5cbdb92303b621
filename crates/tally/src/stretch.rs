//! A snapshot in a few numbers: the points of one worker's line over time.
//!
//! A run of a thousand workers has hundreds of thousands of snapshots. They are added up, and of each
//! only this is kept. Its percentiles are of its own histogram: nothing is ever asked of two of them
//! together.

use crate::histogram::Histogram;
use crate::seconds::SecondCounts;
use crate::snapshot::Snapshot;

/// What one worker did between two of its snapshots, measured or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The interval in nanoseconds since T0.
    pub from: u64,
    pub to: u64,
    pub counts: SecondCounts,
    /// Latency of what finished in it, in nanoseconds; `None` where nothing did.
    pub p99: Option<u64>,
    /// The same of how late measured requests were sent.
    pub lag_p99: Option<u64>,
}

impl Stretch {
    /// The few numbers of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Stretch {
        let (mut counts, mut latency, mut lag) = (SecondCounts::default(), Histogram::default(), Histogram::default());
        for (_, second) in snapshot.recorder.seconds.iter() {
            counts.add(&second.counts);
            latency.add(&second.latency);
        }
        for request in &snapshot.recorder.tally.requests {
            lag.add(&request.completed.lag);
            lag.add(&request.failed.lag);
        }
        let p99 = |histogram: &Histogram| (!histogram.is_empty()).then(|| histogram.quantile(990_000));
        Stretch {
            from: snapshot.from,
            to: snapshot.to,
            counts,
            p99: p99(&latency),
            lag_p99: p99(&lag),
        }
    }
}
