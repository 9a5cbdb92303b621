//! What is known of one slice of a shard, read from the store alone.

use plan::plan::{Plan, Slice};
use store::documents::Claim;
use tally::snapshot::{SliceEnd, SliceResult};
use tally::stretch::Outline;
use tally::tally::Tally;

/// A worker that is behind the others by more snapshots than this is not waited for in live views.
pub const SILENT_INTERVALS: u64 = 3;
/// A slice of a shard.
pub type Place = (u32, u32);

/// What is known of one slice.
#[derive(Clone, Debug)]
pub struct SliceRecord {
    pub claim: Option<Claim>,
    /// Whether its worker has prepared.
    pub ready: bool,
    /// Snapshots read so far, outlined.
    pub snapshots: Outline,
    /// Everything in them; empty once there is a result.
    pub told: Tally,
    /// What the result has beyond them; `None` when they say more than it does, which no worker writes.
    pub(crate) beyond: Option<Tally>,
    /// Until when they reach, in nanoseconds since T0.
    pub known_until: u64,
    pub result: Option<SliceResult>,
}

/// Points over time that are kept of a shard, shared out among its slices, and of each slice at least.
const SHARD_POINTS_MAX: u32 = 240;
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

    /// What the result has beyond the snapshots; `None` where there is no result, or it has less than they.
    pub(crate) fn beyond(&self) -> Option<&Tally> {
        self.beyond.as_ref()
    }

    /// What happened: the result, or all that is known without one.
    pub fn tally(&self) -> &Tally {
        self.result.as_ref().map_or(&self.told, |result| &result.tally)
    }

    /// Whether its snapshots and its result contradict each other.
    pub(crate) fn is_contradictory(&self) -> bool {
        self.result.is_some() && self.beyond.is_none()
    }

    /// Until when arrivals were paced in its window, as far as that is known, in nanoseconds since T0;
    /// 0 for a slice in which nothing was.
    pub fn paced_until(&self, window: &Slice) -> u64 {
        let told = (!self.snapshots.is_empty()).then_some(self.known_until);
        let until = match &self.result {
            Some(result) if result.end == SliceEnd::Finished => window.to,
            // It names the next arrival, which may have been due long after the end.
            Some(result) => result.paced_until.min(told.unwrap_or(u64::MAX)),
            None => told.unwrap_or(0).min(window.to),
        };
        if until > window.from { until } else { 0 }
    }

    /// Whether everything that its worker stored has been read.
    pub(crate) fn is_whole(&self) -> bool {
        let stored = self.result.as_ref().map(|result| result.health.snapshots as usize);
        stored.is_some_and(|stored| self.snapshots.len() >= stored)
    }
}
