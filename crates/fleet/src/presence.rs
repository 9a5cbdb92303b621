//! Where a worker of a run is: the only definition, for the terminal, the pages, the exporters and the verdict.
//!
//! A pure function of what is known of a run, the time, and the slices that are known to be lost. Every worker that owes
//! arrivals has exactly one presence; one that was left out of a start that shared its arrivals among the others owes
//! nothing and has none.

use crate::record::RunRecord;
use crate::slice_record::{SILENT_INTERVALS, SliceId};
use std::collections::BTreeMap;

/// Slices without a result, and why.
pub type Losses = BTreeMap<SliceId, String>;

/// Where the worker of a slice, or of a shard, is. The order is that in which one slice decides for its shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// It was not in at the start, or is lost.
    Missing,
    /// It is overdue: it stored nothing for some intervals.
    Silent,
    /// Its window is open, or it waits for its last answers.
    Running,
    /// It has prepared.
    In,
    /// Nothing is known of it yet.
    Expected,
    /// It has stored its result.
    Done,
}

/// How many workers of a run are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Workers {
    /// All that were asked for.
    pub planned: u32,
    /// Those that have prepared, whatever became of them.
    pub prepared: u32,
    /// Those that have stored the results of all their slices.
    pub done: u32,
    /// Those of which nothing comes: silent or missing.
    pub missing: u32,
}

/// Whether a shard owes arrivals: all do, but for those that a start has shared out.
pub fn owes(record: &RunRecord, shard: u32) -> bool {
    let start = record.start.as_ref();
    start.is_none_or(|start| !start.restriped || start.shards.contains(&shard))
}

/// Where the worker of a slice is at `now`, in nanoseconds since the Unix epoch; `None` if nothing is owed.
pub fn of_slice(record: &RunRecord, slice_id: SliceId, now: u64, losses: &Losses) -> Option<Presence> {
    if !owes(record, slice_id.0) {
        return None;
    }
    let has_prepared = record.slice(slice_id).is_some_and(|slice| slice.ready);
    let before = if has_prepared { Presence::In } else { Presence::Expected };
    let Some(start) = &record.start else {
        return Some(if record.has_result(slice_id) {
            Presence::Done
        } else {
            before
        });
    };
    let window = &record.plan.slices[slice_id.1 as usize];
    Some(if !start.shards.contains(&slice_id.0) {
        Presence::Missing
    } else if record.has_result(slice_id) {
        Presence::Done
    } else if losses.contains_key(&slice_id) {
        Presence::Missing
    } else if is_silent(record, start.t0, slice_id, now) {
        Presence::Silent
    } else if has_prepared && now >= start.t0 + window.from {
        Presence::Running
    } else {
        before
    })
}

/// Where the worker of a shard is: where that of its most urgent slice is.
pub fn of_shard(record: &RunRecord, shard: u32, now: u64, losses: &Losses) -> Option<Presence> {
    let slices = 0..record.plan.slices.len() as u32;
    slices
        .filter_map(|slice| of_slice(record, (shard, slice), now, losses))
        .min()
}

/// Counts the workers of a run.
pub fn workers(record: &RunRecord, now: u64, losses: &Losses) -> Workers {
    let mut workers = Workers {
        planned: record.plan.shards,
        ..Workers::default()
    };
    for shard in 0..record.plan.shards {
        let has_prepared = record.slice((shard, 0)).is_some_and(|slice| slice.ready);
        workers.prepared += u32::from(has_prepared);
        match of_shard(record, shard, now, losses) {
            Some(Presence::Done) => workers.done += 1,
            Some(Presence::Missing | Presence::Silent) => workers.missing += 1,
            Some(Presence::Running | Presence::In | Presence::Expected) | None => {}
        }
    }
    workers
}

/// Whether the worker of a slice without a result is overdue with a snapshot.
fn is_silent(record: &RunRecord, t0: u64, slice_id: SliceId, now: u64) -> bool {
    let window = &record.plan.slices[slice_id.1 as usize];
    let told = record.slice(slice_id).map_or(0, |slice| slice.known_until);
    let told = told.max(window.from);
    let interval = record.plan.timing.snapshot_interval.as_nanos() as u64;
    told < window.to && now > t0 + told + (SILENT_INTERVALS + 1) * interval
}
