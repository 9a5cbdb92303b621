//! The record of a run, read from the store alone.

use crate::merged::Merged;
use crate::slice_record::{SILENT_INTERVALS, SliceId, SliceRecord};
use plan::plan::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::StoreError;
use store::documents::{Start, Stop};
use tally::format::FormatError;
use tally::interval::Timeline;

/// The reason why a run cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("{key} cannot be used")]
    Document { key: String, source: FormatError },
    #[error("there is no run {run} in this store")]
    NoRun { run: String },
    #[error("the plan stored for the run {run} is that of the run {planned}")]
    Renamed { run: String, planned: String },
}

/// The objects of a run that have been read, and the sums of their counts.
#[derive(Clone, Debug)]
pub struct RunRecord {
    pub plan: Arc<Plan>,
    pub start: Option<Start>,
    pub stop: Option<Stop>,
    pub slices: BTreeMap<SliceId, SliceRecord>,
    pub merged: Merged,
    /// The objects that could not be read, each with the reason. The counts of these objects are missing from the sums.
    pub damaged: BTreeMap<String, String>,
    /// The counts of each request over time, from the snapshots that have been read; empty unless intervals are
    /// collected.
    pub timeline: Arc<Timeline>,
}

impl RunRecord {
    /// Returns the slices for which the run must have results: all slices of the shards that were ready at the start.
    pub fn expected(&self) -> impl Iterator<Item = SliceId> {
        let slices = self.plan.slices.len() as u32;
        let shards = self.start.iter().flat_map(|start| start.shards.iter().copied());
        shards.flat_map(move |shard| (0..slices).map(move |slice| (shard, slice)))
    }

    /// Returns the number of seconds after T0 for which the snapshots of all live workers have been read.
    pub fn whole_until(&self) -> u32 {
        let known = self.slices.values().map(|slice| slice.known_until);
        let furthest = known.max().unwrap_or(0);
        let silent = SILENT_INTERVALS * self.plan.timing.snapshot_interval.as_nanos() as u64;
        let live = self
            .slices
            .values()
            .filter(|slice| slice.result.is_none() && !slice.snapshots.is_empty())
            // A worker that has died does not delay the numbers of the other workers.
            .filter(|slice| slice.known_until + silent >= furthest);
        let until = live.map(|slice| slice.known_until).min().unwrap_or(furthest);
        u32::try_from(until / 1_000_000_000).unwrap_or(u32::MAX)
    }

    /// Returns the time at which the load ended, in nanoseconds since T0; `None` if the load ended as planned, or if
    /// the end is not known. The load ended when the last worker stopped sending its arrivals. This time is computed
    /// from snapshots and results.
    pub fn ended(&self) -> Option<u64> {
        let windows = &self.plan.slices;
        let until = self.slices.iter().filter_map(|((_, slice), known)| {
            let window = windows.get(*slice as usize)?;
            Some(known.paced_until(window))
        });
        let until = until.max().unwrap_or(0);
        // Without any snapshot or result, the end is not known.
        let is_known = |slice: &SliceRecord| slice.result.is_some() || !slice.snapshots.is_empty();
        (self.slices.values().any(is_known) && until < self.plan.length()).then_some(until)
    }

    /// Returns the record of one slice; `None` if no object of the slice has been read.
    pub fn slice(&self, slice_id: SliceId) -> Option<&SliceRecord> {
        self.slices.get(&slice_id)
    }

    /// Returns whether the result of a slice has been read.
    pub fn has_result(&self, slice_id: SliceId) -> bool {
        self.slice(slice_id).is_some_and(|slice| slice.result.is_some())
    }
}
