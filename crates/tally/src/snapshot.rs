//! The documents that a worker stores: snapshots while the worker runs, and one result when the worker ends.
//!
//! A snapshot contains the events since the previous snapshot, second by second. A result contains the events of the
//! whole slice and replaces the snapshots of the slice. The snapshots of a slice are counted only if the slice has no
//! result. Snapshots and results are stored as interval logs.

use crate::account::Requests;
use crate::format::DocumentKind;
use crate::provenance::Provenance;
use crate::tally::{Recorder, Tally};

/// The document kinds of snapshots and results, with the number of the newest format. Each format after format 1 adds
/// the following:
///
/// 2: the origin of the document, as [`crate::provenance`] describes.
///
/// 3: failures of the kinds `local` and `closed`. A program that reads up to format 2 reports a document with such
/// failures as damaged.
///
/// 4: the parts of the lag, the times to the first byte, and the durations of opening connections, as [`crate::waits`]
/// describes.
///
/// 5: the latency of failures by kind, the counts of flows ([`crate::flow`]), and, in snapshots, the number of open
/// connections.
///
/// 6: the worker may be one of several attempts at its shard.
pub const SNAPSHOT: DocumentKind = DocumentKind::new("snapshot", 6);
pub const RESULT: DocumentKind = DocumentKind::new("result", 6);

/// The events of one slice in an interval. A worker writes snapshot 0 when the worker is prepared and waits for the
/// start of the run. Snapshot 0 contains no events.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub n: u32,
    /// The start and the end of the interval, in nanoseconds since T0, the start of the run.
    pub from: u64,
    pub to: u64,
    /// The sum of the largest numbers of connections that each load thread of the worker had open at the same time.
    /// `None` if the worker has an older version, which does not report this sum.
    pub connections: Option<u64>,
    pub recorder: Recorder,
}

/// The reason why a worker's slice ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SliceEnd {
    /// Every arrival that was due in the time of the slice was sent or dropped.
    Finished,
    /// The worker found the stop object of the run in the store.
    Stopped,
    /// The time limit of the host was reached.
    Deadline,
    /// The host ended the slice before the time limit, for example with SIGTERM.
    HostStopped,
    /// The worker did not send any request. The text is the reason.
    Failed(String),
}

impl SliceEnd {
    /// Returns the word that logs and answers contain for this end of a slice. The word does not contain the reason of
    /// a failure.
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

/// The events of one slice, from the claim of the slice to the end of the slice.
#[derive(Clone, Debug, PartialEq)]
pub struct SliceResult {
    pub end: SliceEnd,
    /// When the worker stopped sending new arrivals, in nanoseconds since T0, the start of the run. Arrivals that were
    /// due later were not sent.
    pub paced_until: u64,
    pub tally: Tally,
    pub health: Health,
}

/// Measurements of the load generator itself, not of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The time from the beginning of the slice to the time when the worker began to send, in nanoseconds.
    pub start_skew: u64,
    /// The worker's clock minus the launcher's clock, in nanoseconds; `None` if the difference is within the
    /// measurement error. The times in the result are already corrected by this difference.
    pub clock_offset: Option<i64>,
    /// The maximum error of the measured clock difference, in nanoseconds; `None` if the difference was not measured.
    pub clock_uncertainty: Option<u64>,
    /// The number of snapshots that the worker wrote.
    pub snapshots: u32,
    /// The CPU time of the worker's process, in nanoseconds.
    pub cpu: u64,
    /// The largest number of requests that were in flight at the same time.
    pub in_flight_max: u64,
    /// Three sums over the load threads, in nanoseconds: the CPU time, the lifetime, and the time in which a thread was
    /// runnable and waited for a CPU.
    pub load_cpu: u64,
    pub load_wall: u64,
    pub run_queue: u64,
    /// How long the system throttled the worker's container for exceeding its CPU quota, in nanoseconds; `None` if the
    /// system does not report this time.
    pub throttled: Option<u64>,
    /// The largest number of files and sockets that the worker observed to be open at the same time.
    pub descriptors_max: u64,
    /// The error that occurred when the worker of the next slice was started; `None` if no error occurred.
    pub hand_over_problem: Option<String>,
    /// The time from the beginning of the worker's invocation until its result was assembled, in nanoseconds. `None` if
    /// the worker has an older version, which does not report this time.
    pub ran: Option<u64>,
    /// The worker's requests to the store. The request that writes the result is included. `None` if the store does not
    /// count requests.
    pub requests: Option<Requests>,
    /// The worker's requests for OAuth tokens; `None` if the plan requires no token.
    pub tokens: Option<TokenRequests>,
}

/// The numbers of one worker's requests for OAuth tokens. Requests for tokens are not part of the load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRequests {
    pub sent: u64,
    pub failed: u64,
    /// The error of the last request for a token that failed; `None` if no request for a token failed.
    pub problem: Option<String>,
}

/// The labels that a worker stores together with a tally: the origin of the document, the names of the requests, and
/// T0.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotLabels<'a> {
    pub provenance: &'a Provenance,
    pub requests: &'a [String],
    /// T0, the start of the run, in nanoseconds since the Unix epoch.
    pub start: u64,
}
