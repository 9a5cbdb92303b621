//! What a worker stores: snapshots while it runs, one result when it ends.
//!
//! A snapshot is what happened since the one before it, with its seconds; a result is the whole
//! slice. So the result is the truth about a slice that ended, and the snapshots are all that is
//! known of one that did not: they are never added to a result. Both are stored as interval logs.

use crate::account::Requests;
use crate::format::DocumentKind;
use crate::provenance::Provenance;
use crate::tally::{Recorder, Tally};

/// Snapshots and results.
///
/// 2: they state where they come from ([`crate::provenance`]).
///
/// 3: they count failures of the kinds `local` and `closed`, which readers of 2 take for damage.
///
/// 4: they have the parts of lag, times to the first byte, and what opening connections took ([`crate::waits`]).
pub const SNAPSHOT: DocumentKind = DocumentKind::new("snapshot", 4);
pub const RESULT: DocumentKind = DocumentKind::new("result", 4);

/// What happened on one slice in an interval. Snapshot 0 is empty: it says that the worker is
/// prepared and waits for the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub n: u32,
    /// The interval in nanoseconds since T0.
    pub from: u64,
    pub to: u64,
    pub recorder: Recorder,
}

/// Why a worker's slice ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SliceEnd {
    /// Everything that was due in its window was sent or dropped.
    Finished,
    /// The stop key was there.
    Stopped,
    /// Its host was about to end it: its time was up.
    Deadline,
    /// Its host told it to end before that, as by SIGTERM.
    HostStopped,
    /// It never sent anything, for this reason.
    Failed(String),
}

impl SliceEnd {
    /// The word for it in logs and answers; why it failed is not in it.
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

/// What happened on one slice, from its claim to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct SliceResult {
    pub end: SliceEnd,
    /// Until when arrivals were paced, in nanoseconds since T0: what was due later was not sent.
    pub paced_until: u64,
    pub tally: Tally,
    pub health: Health,
}

/// How the generator itself was doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// How long after its window opened the worker began to pace, in nanoseconds.
    pub start_skew: u64,
    /// The worker's clock minus the launcher's, in nanoseconds, where they differed by more than
    /// the measurement can tell; the worker has corrected for it.
    pub clock_offset: Option<i64>,
    /// How far off that measurement can be, in nanoseconds; `None` where nothing could be measured.
    pub clock_uncertainty: Option<u64>,
    /// Snapshots that were written.
    pub snapshots: u32,
    /// Processor time of the worker's process, in nanoseconds.
    pub cpu: u64,
    /// The most requests that were in flight at once.
    pub in_flight_max: u64,
    /// Of the threads that sent the load, added up, in nanoseconds: their processor time, how long
    /// they were there, and how long they had something to do and no processor to do it on.
    pub load_cpu: u64,
    pub load_wall: u64,
    pub run_queue: u64,
    /// How long the worker's container was held back for having used up its share of the
    /// processor, in nanoseconds, where the system tells.
    pub throttled: Option<u64>,
    /// The most files and sockets that were seen open at once.
    pub descriptors_max: u64,
    /// Why the worker of the next slice could not be started from here.
    pub hand_over_problem: Option<String>,
    /// How long the worker was there, in nanoseconds: from the beginning of its invocation until it
    /// had put its result together. Older workers did not say.
    pub ran: Option<u64>,
    /// What it asked of the store, the writing of its result included; `None` where nobody counts.
    pub requests: Option<Requests>,
}

/// What is stored with a tally: where it comes from, the names of its requests, and when T0 was.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotLabels<'a> {
    pub provenance: &'a Provenance,
    pub requests: &'a [String],
    /// Nanoseconds since the Unix epoch.
    pub start: u64,
}
