//! The documents that a worker stores: snapshots while it runs, one result when it ends.
//!
//! A snapshot contains the events since the previous snapshot, with their seconds. A result contains the whole slice:
//! it replaces the snapshots, which count only for a slice without a result and are never added to one. Both are stored
//! as interval logs.

use crate::account::Requests;
use crate::format::DocumentKind;
use crate::provenance::Provenance;
use crate::tally::{Recorder, Tally};

/// Snapshots and results.
///
/// 2: states the provenance ([`crate::provenance`]).
///
/// 3: counts failures of the kinds `local` and `closed`, which readers of format 2 report as damage.
///
/// 4: contains the parts of lag, times to the first byte, and the durations of opening connections ([`crate::waits`]).
///
/// 5: contains the latency of failures by kind, in snapshots the number of open connections, and flows
/// ([`crate::flow`]).
pub const SNAPSHOT: DocumentKind = DocumentKind::new("snapshot", 5);
pub const RESULT: DocumentKind = DocumentKind::new("result", 5);

/// The events of one slice in an interval. Snapshot 0 is empty: it means that the worker is prepared and waits for the
/// start.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub n: u32,
    /// The interval in nanoseconds since T0.
    pub from: u64,
    pub to: u64,
    /// The largest number of connections that were open at the same time, added up over the worker's threads; older
    /// workers do not report it.
    pub connections: Option<u64>,
    pub recorder: Recorder,
}

/// Why a worker's slice ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SliceEnd {
    /// Everything due in its window was sent or dropped.
    Finished,
    /// The stop key was present.
    Stopped,
    /// The host's time limit was reached.
    Deadline,
    /// The host ended it earlier, for example with SIGTERM.
    HostStopped,
    /// It did not send anything, for this reason.
    Failed(String),
}

impl SliceEnd {
    /// The word for it in logs and answers, without the reason of a failure.
    pub fn word(&self) -> &'static str {
        match self {
            SliceEnd::Finished => "finished",
            SliceEnd::Stopped => "stopped",
            SliceEnd::Deadline => "deadline",
            SliceEnd::HostStopped => "host_stopped",
            SliceEnd::Failed(_) => "failed",
        }
    }
}

/// The events of one slice, from its claim to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct SliceResult {
    pub end: SliceEnd,
    /// The end of pacing, in nanoseconds since T0. Arrivals due later were not sent.
    pub paced_until: u64,
    pub tally: Tally,
    pub health: Health,
}

/// The condition of the load generator itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The delay between the opening of the window and the start of pacing, in nanoseconds.
    pub start_skew: u64,
    /// The worker's clock minus the launcher's, in nanoseconds, if the difference exceeds the measurement error; the
    /// worker has corrected for it.
    pub clock_offset: Option<i64>,
    /// The error bound of that measurement, in nanoseconds; `None` if it was not measured.
    pub clock_uncertainty: Option<u64>,
    /// The number of written snapshots.
    pub snapshots: u32,
    /// CPU time of the worker's process, in nanoseconds.
    pub cpu: u64,
    /// The maximum number of requests in flight.
    pub in_flight_max: u64,
    /// Sums over the load threads, in nanoseconds: CPU time, lifetime, and time in which a thread was runnable without
    /// a CPU.
    pub load_cpu: u64,
    pub load_wall: u64,
    pub run_queue: u64,
    /// How long the worker's container was throttled for exceeding its CPU quota, in nanoseconds; `None` if the system
    /// does not report it.
    pub throttled: Option<u64>,
    /// The maximum number of open files and sockets that was observed.
    pub descriptors_max: u64,
    /// The error of starting the worker of the next slice.
    pub hand_over_problem: Option<String>,
    /// How long the worker ran, in nanoseconds: from the beginning of its invocation until its result was assembled.
    /// Older workers do not report this.
    pub ran: Option<u64>,
    /// Its requests to the store, including the one that writes its result; `None` if they are not counted.
    pub requests: Option<Requests>,
    /// Its requests for tokens; `None` if the plan needs none.
    pub tokens: Option<TokenRequests>,
}

/// The requests for tokens of one worker, which are no part of the load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRequests {
    pub sent: u64,
    pub failed: u64,
    /// The problem of the last failed one.
    pub problem: Option<String>,
}

/// The labels stored with a tally: its provenance, the names of its requests, and T0.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotLabels<'a> {
    pub provenance: &'a Provenance,
    pub requests: &'a [String],
    /// Nanoseconds since the Unix epoch.
    pub start: u64,
}
