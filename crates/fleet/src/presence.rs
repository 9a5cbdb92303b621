//! The state of each worker of a run. The terminal, the pages, the exporters and the verdict all use the states of this
//! file.
//!
//! The state is a pure function of the record of a run, the time, and the slices that are known to be lost. If the
//! start gave the arrivals of a worker to other workers, the worker owes no arrivals and has no state. Every other
//! worker has exactly one state.

use crate::record::RunRecord;
use crate::slice_record::{SILENT_INTERVALS, SliceId};
use std::collections::BTreeMap;

/// The slices without a result, each with the reason.
pub type Losses = BTreeMap<SliceId, String>;

/// The state of the worker of a slice or of a shard. The state of a shard is the first of these variants that one of
/// its slices has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// The worker was not ready at the start, or is lost.
    Missing,
    /// The worker is overdue: it has stored no snapshot for several intervals.
    Silent,
    /// The window of the worker is open, or the worker waits for its last answers.
    Running,
    /// The worker has prepared, and its window is not open yet.
    In,
    /// The worker has not prepared yet.
    Expected,
    /// The worker has stored its result.
    Done,
}

/// The numbers of workers of a run, by state. The workers of all slices of a shard count as one worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Workers {
    /// The number of all planned workers.
    pub planned: u32,
    /// The number of workers that have prepared, including the workers that have sent requests since then.
    pub prepared: u32,
    /// The number of workers that have stored the results of all their slices.
    pub done: u32,
    /// The number of workers that are silent or missing.
    pub missing: u32,
}

/// Returns whether a shard owes arrivals. The result is false if the start gave the arrivals of the shard to other
/// shards.
pub fn owes(record: &RunRecord, shard: u32) -> bool {
    let start = record.start.as_ref();
    start.is_none_or(|start| !start.restriped || start.shards.contains(&shard))
}

/// Returns the state of the worker of a slice at `now`, in nanoseconds since the Unix epoch; `None` if the worker owes
/// no arrivals.
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

/// Returns the state of the worker of a shard, which is the first [`Presence`] that one of its slices has; `None` if
/// the worker owes no arrivals.
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

/// Returns whether a snapshot of the slice is overdue. The slice must not have a result.
fn is_silent(record: &RunRecord, t0: u64, slice_id: SliceId, now: u64) -> bool {
    let window = &record.plan.slices[slice_id.1 as usize];
    let known = record.slice(slice_id).map_or(0, |slice| slice.known_until);
    let known = known.max(window.from);
    let interval = record.plan.timing.snapshot_interval.as_nanos() as u64;
    known < window.to && now > t0 + known + (SILENT_INTERVALS + 1) * interval
}
