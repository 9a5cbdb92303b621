//! What a page shows of one worker.

use crate::show::{count, rounded_ms, rounded_rate, short};
use crate::view_live::Live;
use crate::worker_report::{WorkerReport, WorkerState};
use serde::Serialize;
use tally::stretch::Stretch;

/// Points of one worker's line: more are narrower than what can be seen.
const WORKER_POINTS_MAX: usize = 60;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct WorkerView {
    shard: u32,
    slice: u32,
    region: Option<String>,
    worker: Option<String>,
    state: &'static str,
    light: &'static str,
    why: Option<String>,
    owed: Option<u64>,
    sent: u64,
    completed: u64,
    failed: u64,
    dropped: u64,
    missing: u64,
    p50: Option<f64>,
    p99: Option<f64>,
    max: Option<f64>,
    lag_p99: Option<f64>,
    start_skew: Option<f64>,
    clock_offset: Option<f64>,
    busy: Option<f64>,
    last_seen_s: Option<f64>,
    /// Of the whole measured time, completed; `rate_sent` is of the last snapshot of one on its way.
    rate_per_s: Option<f64>,
    rate_sent: Option<f64>,
    series: Option<WorkerSeries>,
}

#[derive(Clone, Debug, Serialize)]
struct WorkerSeries {
    from_s: f64,
    step_s: f64,
    /// Sent a second; null where the load had ended for the most part.
    rate: Vec<Option<f64>>,
    failed: Vec<u64>,
    p99: Vec<Option<f64>>,
}

/// What is shown of a worker, `live` or at the end of its run.
pub(crate) fn worker_view(worker: &WorkerReport, live: Option<&Live>) -> WorkerView {
    let now = live.and_then(|live| live.workers_live.get(&(worker.shard, worker.slice)).copied());
    let on_its_way = live.is_some() && worker.state == WorkerState::Lost;
    let state = match (on_its_way, now) {
        (true, Some(now)) => now.state,
        (true, None) => "waiting",
        (false, _) => match worker.state {
            WorkerState::Finished => "finished",
            WorkerState::Stopped => "stopped",
            WorkerState::Deadline => "deadline",
            WorkerState::HostStopped => "host_stopped",
            WorkerState::Failed => "failed",
            WorkerState::Lost => "lost",
        },
    };
    let trouble = trouble(worker);
    let troubled = !trouble.is_empty();
    let light = match (on_its_way, now) {
        (true, Some(now)) if now.silent => "red",
        (true, _) if state == "waiting" => "none",
        (true, _) if troubled => "yellow",
        (true, _) => "green",
        (false, _) => match worker.state {
            WorkerState::Finished if troubled => "yellow",
            WorkerState::Finished => "green",
            WorkerState::Stopped => "yellow",
            WorkerState::Deadline | WorkerState::HostStopped | WorkerState::Failed | WorkerState::Lost => "red",
        },
    };
    let why = worker.why.clone().filter(|_| !on_its_way);
    // A light that is not green has a remark.
    let silent = (light == "red" && on_its_way).then(|| "it stores no snapshots".to_owned());
    let remarks = why
        .into_iter()
        .chain(silent)
        .chain(trouble.into_iter().filter(|_| light == "yellow"));
    let remarks: Vec<String> = remarks.collect();
    let last = worker.snapshots.last();
    WorkerView {
        shard: worker.shard,
        slice: worker.slice,
        region: worker.region.clone(),
        worker: worker.worker.clone(),
        state,
        light,
        why: (!remarks.is_empty()).then(|| remarks.join("; ")),
        owed: worker.owed,
        sent: worker.sent,
        completed: worker.completed,
        failed: worker.failed,
        dropped: worker.dropped,
        missing: if on_its_way { 0 } else { worker.missing },
        p50: worker.latency.p50.map(rounded_ms),
        p99: worker.latency.p99.map(rounded_ms),
        max: worker.latency_max_ms.map(rounded_ms),
        lag_p99: worker.lag_p99_ms.map(rounded_ms),
        start_skew: worker.start_skew_ms.map(rounded_ms),
        clock_offset: worker.clock_offset_ms.map(rounded_ms),
        busy: worker.busy,
        last_seen_s: now.and_then(|now| now.last_seen_s).map(short),
        rate_per_s: worker.rate_per_s.filter(|_| !on_its_way).map(rounded_rate),
        rate_sent: last.filter(|_| live.is_some()).map(|stretch| {
            let seconds = (stretch.to - stretch.from) as f64 / 1e9;
            short(stretch.counts.sent as f64 / seconds.max(1e-9))
        }),
        series: worker_series(worker),
    }
}

/// What a worker's light is yellow for, with its numbers.
fn trouble(worker: &WorkerReport) -> Vec<String> {
    let counted = |number: u64, what: &str| (number > 0).then(|| format!("{} {what}", count(number)));
    let failed = counted(worker.failed, "failed");
    let dropped = counted(worker.dropped, "dropped");
    [failed, dropped, worker.late.clone()].into_iter().flatten().collect()
}

/// A worker's snapshots, added up to at most so many points.
fn worker_series(worker: &WorkerReport) -> Option<WorkerSeries> {
    let stretches: Vec<Stretch> = worker.snapshots.points().cloned().collect();
    let (first, last) = (stretches.first()?, stretches.last()?);
    let together = stretches.len().div_ceil(WORKER_POINTS_MAX);
    let points = stretches.chunks(together);
    let counts = |of: fn(&tally::seconds::SecondCounts) -> u64| {
        let count = |chunk: &[Stretch]| chunk.iter().map(|stretch| of(&stretch.counts)).sum();
        points.clone().map(count).collect()
    };
    let p99 = |chunk: &[Stretch]| {
        let largest = chunk.iter().filter_map(|stretch| stretch.p99).max();
        largest.map(|nanos| rounded_ms(nanos as f64 / 1e6))
    };
    let step = (last.to - first.from) as f64 / points.len() as f64;
    // A snapshot that the load's end or its drain falls into was sent in only as far as the load went.
    let rate = |chunk: &[Stretch]| {
        let from = chunk.first().map_or(0, |stretch| stretch.from);
        let to = chunk.last().map_or(0, |stretch| stretch.to.min(worker.paced_until));
        let length = to.saturating_sub(from) as f64;
        let sent: u64 = chunk.iter().map(|stretch| stretch.counts.sent).sum();
        (length > 0.0 && length >= step / 2.0).then(|| short(sent as f64 * 1e9 / length))
    };
    Some(WorkerSeries {
        from_s: first.from as f64 / 1e9,
        step_s: short(step / 1e9),
        rate: points.clone().map(rate).collect(),
        failed: counts(|counts| counts.failed),
        p99: points.clone().map(p99).collect(),
    })
}
