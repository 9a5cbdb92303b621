//! A run on its way, as a watcher sees it: merged snapshots, nothing else.

use fleet::gather::RunRecord;
use report::live::Progress;
use tally::histogram::Histogram;
use tally::seconds::SecondCounts;

/// The state of a run at `now` (nanoseconds since the Unix epoch).
pub(crate) fn progress(record: &RunRecord, now: u64) -> Progress {
    let plan = &record.plan;
    let first_slices = record.slices.iter().filter(|((_, slice), _)| *slice == 0);
    let mut counts = SecondCounts::default();
    let mut latency = Histogram::default();
    // The last second that every worker which is still at it has told of.
    let whole = record
        .slices
        .values()
        .filter(|slice| slice.result.is_none() && !slice.snapshots.is_empty())
        .map(|slice| slice.known_until / 1_000_000_000)
        .min()
        .and_then(|seconds| u32::try_from(seconds.checked_sub(1)?).ok());
    let mut completed_last = 0;
    for slice in record.slices.values() {
        for (_, second) in slice.recorder.seconds.iter() {
            counts.sent += second.counts.sent;
            counts.completed += second.counts.completed;
            counts.failed += second.counts.failed;
            counts.dropped += second.counts.dropped;
        }
        if let Some(second) = whole.and_then(|whole| slice.recorder.seconds.get(whole)) {
            completed_last += second.counts.completed;
            latency.add(&second.latency);
        }
    }
    Progress {
        workers: plan.shards,
        workers_in: first_slices.clone().filter(|(_, slice)| slice.ready).count() as u32,
        workers_done: record.slices.values().filter(|slice| slice.result.is_some()).count() as u32,
        elapsed: record.start.as_ref().map(|start| now as i64 - start.t0 as i64),
        length: plan.length(),
        planned: plan.arrivals(),
        sent: counts.sent,
        completed: counts.completed,
        failed: counts.failed,
        dropped: counts.dropped,
        completed_last,
        latency,
        stopping: record.stop.is_some(),
    }
}
