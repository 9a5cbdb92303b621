//! The view of a run in progress, for the dashboard. The view contains the report so far, and the state of each worker.

use crate::summary;
use crate::watching::Watcher;
use fleet::gather::{RunRecord, SliceId};
use fleet::presence::{self, Losses, Presence};
use report::live::Progress;
use report::run_report::RunReport;
use report::view::{LastSecond, Live, View, WorkerLive};

/// Returns the view of a run at `now`, in nanoseconds since the Unix epoch.
pub fn view(record: &RunRecord, watcher: &Watcher, now: u64) -> View {
    let report = summary::so_far(record);
    let progress = watcher.progress(record, now);
    View::new(&report, &record.plan, Some(live(record, &progress, now)))
}

/// Returns the last live state of a run that is over. `again` is the command that writes the page of the run. `stays`
/// is true if the dashboard is still served after the run.
pub fn ended(record: &RunRecord, losses: &Losses, report: &RunReport, again: String, stays: bool) -> Live {
    let start = record.start.as_ref().map_or(0, |start| start.t0);
    let end = start + (report.lasted_s * 1e9) as u64;
    let progress = Watcher::new(record).progress(record, end);
    Live {
        state: "ended",
        elapsed_s: record.start.is_some().then_some(report.lasted_s),
        left_s: Some(0.0),
        missing: presence::workers(record, end, losses).missing,
        again: Some(again),
        stays,
        ..live(record, &progress, end)
    }
}

fn live(record: &RunRecord, progress: &Progress, now: u64) -> Live {
    let elapsed = progress.elapsed.map(|nanos| nanos as f64 / 1e9);
    let length = progress.length as f64 / 1e9;
    let last = progress.last.as_ref();
    let counted = |of: fn(&tally::seconds::SecondCounts) -> u64| last.map(|second| of(&second.counts) as f64);
    Live {
        state: match (progress.elapsed, progress.stopping) {
            (_, true) => "stopping",
            (Some(0..), false) => "running",
            _ => "starting",
        },
        elapsed_s: elapsed.filter(|elapsed| *elapsed >= 0.0),
        left_s: elapsed.map(|elapsed| (length - elapsed.max(0.0)).max(0.0)),
        workers: progress.workers,
        workers_in: progress.workers_in,
        done: progress.workers_done,
        missing: progress.workers_missing,
        rate_planned: progress.planned_last.map(|count| count as f64),
        rate_sent: counted(|counts| counts.sent),
        rate_completed: counted(|counts| counts.completed),
        last: last.and_then(|second| LastSecond::of(&second.latency)),
        again: None,
        stays: false,
        cost_so_far: progress.cost.map(|cost| cost.to_string()),
        whole_until: record.whole_until(),
        workers_live: record
            .slices
            .keys()
            .map(|slice_id| (*slice_id, worker(record, *slice_id, now)))
            .collect(),
    }
}

fn worker(record: &RunRecord, slice_id: SliceId, now: u64) -> WorkerLive {
    let t0 = record.start.as_ref().map(|start| start.t0);
    let presence = presence::of_slice(record, slice_id, now, &Losses::new());
    let last = record.slice(slice_id).and_then(|slice| slice.snapshots.last());
    WorkerLive {
        state: match presence {
            Some(Presence::Running | Presence::Silent | Presence::Done) => "running",
            Some(Presence::In) => "ready",
            Some(Presence::Expected | Presence::Missing) | None => "waiting",
        },
        silent: matches!(presence, Some(Presence::Silent | Presence::Missing)),
        last_seen_s: t0
            .zip(last)
            .map(|(t0, stretch)| now.saturating_sub(t0 + stretch.to) as f64 / 1e9),
    }
}
