//! What is known of a run, read from the store alone.

use crate::merged::Merged;
use crate::slice_record::{Place, SILENT_INTERVALS, SliceRecord};
use plan::plan::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::StoreError;
use store::documents::{Start, Stop};
use tally::format::FormatError;
use tally::interval::ByRequest;

/// Why a run could not be read.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("{key} cannot be used")]
    Document { key: String, source: FormatError },
    #[error("there is no run {run} in this store")]
    NoRun { run: String },
    #[error("what is kept as the run {run} is the plan of the run {planned}")]
    Renamed { run: String, planned: String },
}

/// What is known of a run.
#[derive(Clone, Debug)]
pub struct RunRecord {
    pub plan: Arc<Plan>,
    pub start: Option<Start>,
    pub stop: Option<Stop>,
    pub slices: BTreeMap<Place, SliceRecord>,
    pub merged: Merged,
    /// Objects that could not be read, and why: they are as good as missing, and named.
    pub damaged: BTreeMap<String, String>,
    /// The run by request over time, as far as snapshots have reported it; empty unless intervals are kept.
    pub by_request: Arc<ByRequest>,
}

impl RunRecord {
    /// The slices that the run owes: those of the shards that were in at the start.
    pub fn expected(&self) -> impl Iterator<Item = Place> {
        let slices = self.plan.slices.len() as u32;
        let shards = self.start.iter().flat_map(|start| start.shards.iter().copied());
        shards.flat_map(move |shard| (0..slices).map(move |slice| (shard, slice)))
    }

    /// Until which second after T0 everything is known, of all workers that are still heard of.
    pub fn whole_until(&self) -> u32 {
        let known = self.slices.values().map(|slice| slice.known_until);
        let furthest = known.max().unwrap_or(0);
        let silent = SILENT_INTERVALS * self.plan.timing.snapshot_interval.as_nanos() as u64;
        let heard = self
            .slices
            .values()
            .filter(|slice| slice.result.is_none() && !slice.snapshots.is_empty())
            // One that has died keeps the others from nothing.
            .filter(|slice| slice.known_until + silent >= furthest);
        let until = heard.map(|slice| slice.known_until).min().unwrap_or(furthest);
        u32::try_from(until / 1_000_000_000).unwrap_or(u32::MAX)
    }

    /// When the load ended, in nanoseconds since T0, if that was before its planned end: the latest
    /// instant until which any worker is known to have paced.
    pub fn ended(&self) -> Option<u64> {
        let windows = &self.plan.slices;
        let until = self.slices.iter().filter_map(|((_, slice), known)| {
            let window = windows.get(*slice as usize)?;
            Some(known.paced_until(window))
        });
        let until = until.max().unwrap_or(0);
        // Of a run of which nothing was told nothing is known.
        let told = |slice: &SliceRecord| slice.result.is_some() || !slice.snapshots.is_empty();
        (self.slices.values().any(told) && until < self.plan.length()).then_some(until)
    }

    /// What one slice is known to have done.
    pub fn slice(&self, place: Place) -> Option<&SliceRecord> {
        self.slices.get(&place)
    }

    /// Whether a slice has its result.
    pub fn has_result(&self, place: Place) -> bool {
        self.slice(place).is_some_and(|slice| slice.result.is_some())
    }
}
