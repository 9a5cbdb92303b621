//! Computes the progress of a run from its merged snapshots and results.

use fleet::gather::RunRecord;
use fleet::presence::{self, Losses};
use plan::cost::money::Money;
use plan::population::Schedules;
use plan::usage::account::so_far;
use report::live::{FlowProgress, Progress, judge_so_far};
use tally::seconds::Second;

const SECOND: u64 = 1_000_000_000;

/// Computes the progress of one run.
#[derive(Debug)]
pub struct Watcher {
    schedules: Option<Schedules>,
}

impl Watcher {
    pub fn new(record: &RunRecord) -> Watcher {
        Watcher {
            // The plan of a load of users does not contain the number of arrivals.
            schedules: record.plan.schedules().filter(|_| record.plan.arrivals().is_some()),
        }
    }

    /// Returns the progress of a run at `now`, in nanoseconds since the Unix epoch.
    pub fn progress(&self, record: &RunRecord, now: u64) -> Progress {
        let plan = &record.plan;
        let tally = record.merged.tally();
        let whole = tally.whole();
        let mut counts = whole.counts.clone();
        counts.add(&tally.unmeasured);
        let last = last_second(record);
        let all = whole.all();
        let workers = presence::workers(record, now, &Losses::new());
        Progress {
            scenario: plan.scenario.clone(),
            workers: workers.planned,
            workers_in: workers.prepared,
            workers_done: workers.done,
            workers_missing: workers.missing,
            elapsed: record.start.as_ref().map(|start| now as i64 - start.t0 as i64),
            length: plan.length(),
            sent: counts.sent,
            completed: counts.completed,
            failed: counts.failed_total(),
            dropped: counts.dropped,
            retries: counts.retries,
            failures: counts.failed,
            flows: FlowProgress::of(plan, &tally),
            planned_last: last.as_ref().and_then(|(at, _)| self.planned(*at)),
            last: last.map(|(_, second)| second),
            latency: all.latency,
            lag: all.lag,
            cost: cost_so_far(record, now),
            stopping: record.stop.is_some(),
            thresholds: judge_so_far(plan, &tally, &whole, u64::from(record.whole_until()) * SECOND),
        }
    }

    /// Returns the number of arrivals that are due in a second of the run; `None` if any population has users.
    fn planned(&self, at: u32) -> Option<u64> {
        let schedules = self.schedules.as_ref()?;
        let before = |second: u32| schedules.due_before(u64::from(second) * SECOND);
        Some(before(at + 1) - before(at))
    }
}

/// Returns the last second that all live workers have stored, and the start of this second in seconds after T0. Returns
/// `None` if no second is stored by all live workers.
fn last_second(record: &RunRecord) -> Option<(u32, Second)> {
    let at = record.whole_until().checked_sub(1)?;
    Some((at, record.merged.second(at)?))
}

fn cost_so_far(record: &RunRecord, now: u64) -> Option<Money> {
    let claimed = record.slices.iter().filter_map(|((shard, slice), known)| {
        let claim = known.claim()?;
        let ran = known.result.as_ref().and_then(|result| result.health.ran);
        let lifetime = ran.unwrap_or_else(|| now.saturating_sub(claim.claimed));
        Some((*shard, *slice, lifetime))
    });
    let sent = |shard: u32| {
        let of = record.slices.range((shard, 0)..=(shard, u32::MAX));
        let stretches = of.flat_map(|(_, slice)| slice.snapshots.points());
        stretches.map(|stretch| stretch.counts.sent).sum()
    };
    so_far(&record.plan, claimed, sent)
}
