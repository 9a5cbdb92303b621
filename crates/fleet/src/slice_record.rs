//! The record of one slice of a shard, read from the store alone.

use plan::plan::{Plan, Slice};
use std::collections::BTreeMap;
use store::documents::{Claim, Start};
use store::keys::ONLY_ATTEMPT;
use tally::snapshot::{SliceEnd, SliceResult};
use tally::stretch::Outline;
use tally::tally::Tally;

/// If a worker is more than this number of snapshots behind the other workers, it does not delay live views.
pub const SILENT_INTERVALS: u64 = 3;
/// The index of a shard, and the index of a slice of this shard.
pub type SliceId = (u32, u32);

/// The objects of one slice that have been read.
#[derive(Clone, Debug)]
pub struct SliceRecord {
    /// The attempts that have claimed the slice, indexed by the number of the attempt.
    pub attempts: BTreeMap<u32, AttemptRecord>,
    /// The number of the attempt that sends; `None` if this attempt is not decided yet.
    sender: Option<u32>,
    /// Whether a worker of the slice has prepared and has not left before the start.
    pub ready: bool,
    /// The outline of the snapshots that have been read.
    pub snapshots: Outline,
    /// The sum of the snapshots; empty after the result has been read.
    pub told: Tally,
    /// The counts of the result minus the counts of the snapshots. `None` if there is no result, or if the snapshots count
    /// more requests than the result. No worker writes such a result.
    pub(crate) beyond: Option<Tally>,
    /// The end of the last snapshot, in nanoseconds since T0.
    pub known_until: u64,
    /// The result of the slice. If `has_left` is true, the attempt left before the start of the run, and stored this
    /// result when it left.
    pub result: Option<SliceResult>,
    pub(crate) has_left: bool,
}

/// The objects of one attempt at a slice that have been read.
#[derive(Clone, Debug)]
pub struct AttemptRecord {
    pub claim: Claim,
    pub has_prepared: bool,
    /// The result that the attempt stored when it left before the start; `None` if the attempt has not left.
    pub(crate) left: Option<SliceResult>,
}

/// The maximum number of outline points of a shard. These points are divided among the slices of the shard.
const SHARD_POINTS_MAX: u32 = 240;
/// The minimum number of outline points of a slice.
const SLICE_POINTS_MIN: u32 = 8;

/// Returns whether the worker of a claim ran on this host.
pub(crate) fn is_on(claim: &Claim, host: &str) -> bool {
    claim.worker.rsplit(" on ").next() == Some(host)
}

impl SliceRecord {
    pub(crate) fn new(plan: &Plan) -> SliceRecord {
        let points = SHARD_POINTS_MAX / plan.slices.len().max(1) as u32;
        SliceRecord {
            attempts: BTreeMap::new(),
            sender: None,
            ready: false,
            snapshots: Outline::new(points.max(SLICE_POINTS_MIN)),
            told: Tally::default(),
            beyond: None,
            known_until: 0,
            result: None,
            has_left: false,
        }
    }

    /// Returns the claim of the attempt that sends, or of the newest attempt if the sender is not decided yet. Returns
    /// `None` if this claim has not been read.
    pub fn claim(&self) -> Option<&Claim> {
        self.worker().map(|attempt| &attempt.claim)
    }

    /// Returns the attempt that sends; or the newest attempt, if the sender is not decided yet.
    fn worker(&self) -> Option<&AttemptRecord> {
        match self.sender {
            Some(sender) => self.attempts.get(&sender),
            None => self.attempts.values().next_back(),
        }
    }

    /// Returns the claim of the attempt that sends; `None` if the claim has not been read, or if the sender is not
    /// decided yet.
    pub(crate) fn sender_claim(&self) -> Option<&Claim> {
        self.attempts.get(&self.sender?).map(|attempt| &attempt.claim)
    }

    /// Returns the number of the newest attempt that has prepared, has not left, and is not dead. Returns `None` if the
    /// slice has no such attempt.
    pub(crate) fn newest_ready(&self, is_dead: impl Fn(u32) -> bool) -> Option<u32> {
        let is_ready = |attempt: &AttemptRecord| attempt.has_prepared && attempt.left.is_none();
        let mut newest_first = self.attempts.iter().rev();
        let ready = newest_first.find(|(number, attempt)| is_ready(attempt) && !is_dead(**number));
        ready.map(|(number, _)| *number)
    }

    /// Returns the number of the newest attempt if this attempt has neither prepared nor left; otherwise `None`.
    pub(crate) fn preparing(&self) -> Option<u32> {
        let (number, attempt) = self.attempts.last_key_value()?;
        (!attempt.has_prepared && attempt.left.is_none()).then_some(*number)
    }

    /// Updates the fields that depend on the attempts: the attempt that sends, whether a worker is ready, and the
    /// result of an attempt that left. `start` is the start of the run; `None` if the start has not been read.
    pub(crate) fn settle(&mut self, (shard, slice): SliceId, start: Option<&Start>) {
        let first = self.attempts.keys().next().copied();
        self.sender = match (slice, start) {
            (0, Some(start)) => start.attempt(shard).or(first),
            // In runs of older versions, a slice had only one attempt, which always sent.
            (0, None) => first.filter(|first| *first == ONLY_ATTEMPT),
            _ => first,
        };
        self.ready |= self
            .sender
            .is_some_and(|sender| self.attempts.get(&sender).is_some_and(|attempt| attempt.has_prepared));
        if self.sender.is_none() {
            self.ready = self.newest_ready(|_| false).is_some();
        }
        let left = self.worker().and_then(|attempt| attempt.left.clone());
        if self.snapshots.is_empty() && (self.result.is_none() || self.has_left) {
            self.has_left = left.is_some();
            self.beyond = left.as_ref().map(|_| Tally::default());
            self.result = left;
        }
    }

    /// Returns the counts of the result minus the counts of the snapshots. Returns `None` if there is no result, or if
    /// the snapshots count more requests than the result.
    pub(crate) fn beyond(&self) -> Option<&Tally> {
        self.beyond.as_ref()
    }

    /// Returns the tally of the result, or the sum of the snapshots if there is no result.
    pub fn tally(&self) -> &Tally {
        self.result.as_ref().map_or(&self.told, |result| &result.tally)
    }

    /// Returns whether the snapshots of the slice contradict its result.
    pub(crate) fn is_contradictory(&self) -> bool {
        self.result.is_some() && self.beyond.is_none()
    }

    /// Returns the time until which the worker sent all due arrivals, according to the record, in nanoseconds since T0.
    /// Returns 0 if this time is not in the window of the slice.
    pub fn paced_until(&self, window: &Slice) -> u64 {
        let known = (!self.snapshots.is_empty()).then_some(self.known_until);
        let until = match &self.result {
            Some(result) if result.end == SliceEnd::Finished => window.to,
            // In the result, `paced_until` is the due time of the next arrival, which may be long after the end of the
            // slice.
            Some(result) => result.paced_until.min(known.unwrap_or(u64::MAX)),
            None => known.unwrap_or(0).min(window.to),
        };
        if until > window.from { until } else { 0 }
    }

    /// Returns whether all objects of the slice's worker have been read.
    pub(crate) fn is_whole(&self) -> bool {
        let stored = self.result.as_ref().map(|result| result.health.snapshots as usize);
        stored.is_some_and(|stored| self.snapshots.len() >= stored)
    }
}
