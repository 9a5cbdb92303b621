//! The record of one slice of a shard, read from the store alone.

use plan::plan::{Plan, Slice};
use store::documents::Claim;
use tally::snapshot::{SliceEnd, SliceResult};
use tally::stretch::Outline;
use tally::tally::Tally;

/// A worker whose snapshots are more than this number behind the others does not delay live views.
pub const SILENT_INTERVALS: u64 = 3;
/// The shard and the slice.
pub type SliceId = (u32, u32);

/// The objects of one slice that have been read.
#[derive(Clone, Debug)]
pub struct SliceRecord {
    pub claim: Option<Claim>,
    /// Whether the worker of the slice has prepared.
    pub ready: bool,
    /// The outline of the snapshots that have been read.
    pub snapshots: Outline,
    /// The sum of the snapshots; empty after the result has been read.
    pub told: Tally,
    /// The result minus the snapshots; `None` if there is no result, or if the snapshots count more than the result. No
    /// worker writes such a result.
    pub(crate) beyond: Option<Tally>,
    /// The end of the last snapshot, in nanoseconds since T0.
    pub known_until: u64,
    pub result: Option<SliceResult>,
}

/// The maximum number of outline points of a shard. It is divided among the slices of the shard.
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

    /// Returns the result minus the snapshots; `None` if there is no result, or if the snapshots count more than the
    /// result.
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

    /// Returns the time until which the worker sent its arrivals when they were due, as far as the record shows, in
    /// nanoseconds since T0; 0 if the record shows no time in the window of the slice.
    pub fn paced_until(&self, window: &Slice) -> u64 {
        let known = (!self.snapshots.is_empty()).then_some(self.known_until);
        let until = match &self.result {
            Some(result) if result.end == SliceEnd::Finished => window.to,
            // `paced_until` is the time when the next arrival was due, which may be long after the end of the slice.
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
