//! A run on its way, as a watcher sees it: merged snapshots and results, nothing else.

use fleet::gather::{RunRecord, SILENT_INTERVALS};
use plan::schedule::Schedule;
use report::cost;
use report::live::Progress;
use std::collections::BTreeSet;
use tally::seconds::Second;

const SECOND: u64 = 1_000_000_000;

/// Somebody who watches one run.
#[derive(Debug)]
pub struct Watcher {
    schedule: Option<Schedule>,
}

impl Watcher {
    pub fn new(record: &RunRecord) -> Watcher {
        Watcher {
            schedule: record.plan.schedule(),
        }
    }

    /// The state of a run at `now` (nanoseconds since the Unix epoch).
    pub fn progress(&self, record: &RunRecord, now: u64) -> Progress {
        let plan = &record.plan;
        let tally = record.merged.tally();
        let whole = tally.whole();
        let mut counts = whole.counts.clone();
        counts.add(&tally.unmeasured);
        let last = last_second(record);
        let all = whole.all();
        let first_slices = record.slices.iter().filter(|((_, slice), _)| *slice == 0);
        Progress {
            scenario: plan.scenario.clone(),
            workers: plan.shards,
            workers_in: first_slices.filter(|(_, slice)| slice.ready).count() as u32,
            workers_done: workers_done(record),
            workers_missing: workers_missing(record, now),
            elapsed: record.start.as_ref().map(|start| now as i64 - start.t0 as i64),
            length: plan.length(),
            sent: counts.sent,
            completed: counts.completed,
            failed: counts.failed_total(),
            dropped: counts.dropped,
            retries: counts.retries,
            failures: counts.failed,
            planned_last: last.as_ref().and_then(|(at, _)| self.planned(*at)),
            last: last.map(|(_, second)| second),
            latency: all.latency,
            lag: all.lag,
            cost: cost_so_far(record, now),
            stopping: record.stop.is_some(),
        }
    }

    /// Arrivals due in a second of the run.
    fn planned(&self, at: u32) -> Option<u64> {
        let schedule = self.schedule.as_ref()?;
        let before = |second: u32| schedule.due_before(u64::from(second) * SECOND);
        Some(before(at + 1) - before(at))
    }
}

/// The last second that every worker which is still at it has told of.
fn last_second(record: &RunRecord) -> Option<(u32, Second)> {
    let at = record.whole_until().checked_sub(1)?;
    Some((at, record.merged.second(at)?))
}

/// Workers whose last slice has its result.
fn workers_done(record: &RunRecord) -> u32 {
    let last = record.plan.slices.len() as u32 - 1;
    let done = |shard: &u32| record.has_result((*shard, last));
    (0..record.plan.shards).filter(done).count() as u32
}

/// Workers that were not in at the start, or of whose slice nothing is heard.
fn workers_missing(record: &RunRecord, now: u64) -> u32 {
    let Some(start) = &record.start else { return 0 };
    let started: BTreeSet<u32> = start.shards.iter().copied().collect();
    let slices = record.plan.slices.len() as u32;
    let missing = |shard: &u32| match started.contains(shard) {
        false => !start.restriped,
        true => (0..slices).any(|slice| is_silent(record, (*shard, slice), now)),
    };
    (0..record.plan.shards).filter(missing).count() as u32
}

/// Whether the worker of a slice should have told something for some time, and has not.
pub fn is_silent(record: &RunRecord, place: (u32, u32), now: u64) -> bool {
    let Some(start) = &record.start else { return false };
    let window = &record.plan.slices[place.1 as usize];
    let told = record
        .slice(place)
        .map_or(0, |slice| slice.known_until)
        .max(window.from);
    let interval = record.plan.timing.snapshot_interval.as_nanos() as u64;
    !record.has_result(place) && told < window.to && now > start.t0 + told + (SILENT_INTERVALS + 1) * interval
}

fn cost_so_far(record: &RunRecord, now: u64) -> Option<plan::money::Money> {
    let claimed = record.slices.iter().filter_map(|((shard, slice), known)| {
        let claim = known.claim.as_ref()?;
        let ran = known.result.as_ref().and_then(|result| result.health.ran);
        let there = ran.unwrap_or_else(|| now.saturating_sub(claim.claimed));
        Some((*shard, *slice, there.div_ceil(1_000_000)))
    });
    let sent = |shard: u32| {
        let of = record.slices.range((shard, 0)..=(shard, u32::MAX));
        let stretches = of.flat_map(|(_, slice)| slice.snapshots.points());
        stretches.map(|stretch| stretch.counts.sent).sum()
    };
    cost::so_far(&record.plan, claimed, sent)
}
