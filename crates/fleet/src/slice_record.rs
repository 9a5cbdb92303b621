//! The record of one slice of a shard, read from the store alone.

use plan::plan::{Plan, Slice};
use store::documents::Claim;
use tally::snapshot::{SliceEnd, SliceResult};
use tally::stretch::Outline;
use tally::tally::Tally;

/// Live views do not wait for a worker that is more snapshots than this behind the others.
pub const SILENT_INTERVALS: u64 = 3;
/// The shard and the slice.
pub type SliceId = (u32, u32);

/// The objects of one slice that have been read.
#[derive(Clone, Debug)]
pub struct SliceRecord {
    pub claim: Option<Claim>,
    /// Whether its worker has prepared.
    pub ready: bool,
    /// The outline of the snapshots read so far.
    pub snapshots: Outline,
    /// The sum of the snapshots; empty once the result has been read.
    pub told: Tally,
    /// The result minus the snapshots; `None` without a result, or if the snapshots count more than it does, which
    /// no worker writes.
    pub(crate) beyond: Option<Tally>,
    /// The end of the last snapshot, in nanoseconds since T0.
    pub known_until: u64,
    pub result: Option<SliceResult>,
}

/// The number of outline points kept of a shard, divided among its slices.
const SHARD_POINTS_MAX: u32 = 240;
/// The minimum number of outline points of a slice.
const SLICE_POINTS_MIN: u32 = 8;

impl SliceRecord {
    pub(crate) fn new(plan: &Plan) -> SliceRecord {
        let points = SHARD_POINTS_MAX / plan.slices.len().max(1) as u32;
        SliceRecord {
            claim: None,
            ready: false,
            snapshots: Outline::new(points.max(SLICE_POINTS_MIN)),
            told: Tally::default(),
            beyond: None,
            known_until: 0,
            result: None,
        }
    }

    /// Returns the result minus the snapshots; `None` without a result, or if the snapshots count more than it
    /// does.
    pub(crate) fn beyond(&self) -> Option<&Tally> {
        self.beyond.as_ref()
    }

    /// Returns the result, or the sum of the snapshots without one.
    pub fn tally(&self) -> &Tally {
        self.result.as_ref().map_or(&self.told, |result| &result.tally)
    }

    /// Returns whether its snapshots and its result contradict each other.
    pub(crate) fn is_contradictory(&self) -> bool {
        self.result.is_some() && self.beyond.is_none()
    }

    /// Returns the end of the pacing that the record proves, in nanoseconds since T0; 0 if it proves none in the window
    /// of the slice.
    pub fn paced_until(&self, window: &Slice) -> u64 {
        let known = (!self.snapshots.is_empty()).then_some(self.known_until);
        let until = match &self.result {
            Some(result) if result.end == SliceEnd::Finished => window.to,
            // `paced_until` is when the next arrival was due, which may be long after the end.
            Some(result) => result.paced_until.min(known.unwrap_or(u64::MAX)),
            None => known.unwrap_or(0).min(window.to),
        };
        if until > window.from { until } else { 0 }
    }

    /// Returns whether all objects of its worker have been read.
    pub(crate) fn is_whole(&self) -> bool {
        let stored = self.result.as_ref().map(|result| result.health.snapshots as usize);
        stored.is_some_and(|stored| self.snapshots.len() >= stored)
    }
}
