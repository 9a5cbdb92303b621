//! What a page shows of one worker.

use crate::generator::LAG_NOTED;
use crate::view::{Live, short};
use crate::worker_report::{WorkerReport, WorkerState};
use serde::Serialize;

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
    rate_sent: Option<f64>,
    series: Option<WorkerSeries>,
}

#[derive(Clone, Debug, Serialize)]
struct WorkerSeries {
    from_s: f64,
    step_s: f64,
    sent: Vec<u64>,
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
    let late = worker.lag_p99_ms > LAG_NOTED.as_secs_f64() * 1e3;
    let troubled = worker.failed > 0 || worker.dropped > 0 || late;
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
    let some = |value: f64| (worker.completed + worker.failed > 0).then(|| short(value));
    let last = worker.stretches.last();
    WorkerView {
        shard: worker.shard,
        slice: worker.slice,
        region: worker.region.clone(),
        worker: worker.worker.clone(),
        state,
        light,
        why: worker.why.clone().filter(|_| !on_its_way),
        owed: worker.owed,
        sent: worker.sent,
        completed: worker.completed,
        failed: worker.failed,
        dropped: worker.dropped,
        missing: if on_its_way { 0 } else { worker.missing },
        p50: some(worker.latency.p50),
        p99: some(worker.latency.p99),
        max: some(worker.latency_max_ms),
        lag_p99: some(worker.lag_p99_ms),
        start_skew: worker.start_skew_ms.map(short),
        clock_offset: worker.clock_offset_ms.map(short),
        busy: worker.busy.map(short),
        last_seen_s: now.and_then(|now| now.last_seen_s).map(short),
        rate_sent: last.filter(|_| live.is_some()).map(|stretch| {
            let seconds = (stretch.to - stretch.from) as f64 / 1e9;
            short(stretch.counts.sent as f64 / seconds.max(1e-9))
        }),
        series: worker_series(worker),
    }
}

/// A worker's snapshots, added up to at most so many points; percentiles of several are their largest,
/// which is what stands out.
fn worker_series(worker: &WorkerReport) -> Option<WorkerSeries> {
    let (first, last) = (worker.stretches.first()?, worker.stretches.last()?);
    let together = worker.stretches.len().div_ceil(WORKER_POINTS_MAX);
    let points = worker.stretches.chunks(together);
    let counts = |of: fn(&tally::seconds::SecondCounts) -> u64| {
        let count = |chunk: &[tally::stretch::Stretch]| chunk.iter().map(|stretch| of(&stretch.counts)).sum();
        points.clone().map(count).collect()
    };
    let p99 = |chunk: &[tally::stretch::Stretch]| {
        let largest = chunk.iter().filter_map(|stretch| stretch.p99).max();
        largest.map(|nanos| short(nanos as f64 / 1e6))
    };
    Some(WorkerSeries {
        from_s: first.from as f64 / 1e9,
        step_s: short((last.to - first.from) as f64 / 1e9 / points.len() as f64),
        sent: counts(|counts| counts.sent),
        failed: counts(|counts| counts.failed),
        p99: points.clone().map(p99).collect(),
    })
}
