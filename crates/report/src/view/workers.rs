//! The section of a page about the workers.

use crate::run_report::RunReport;
use crate::show::{NOTHING, count, percent, rate, rounded_ms, rounded_rate, short, three};
use crate::view::live::Live;
use crate::view::words::{number_of, tallied, time};
use crate::worker_report::{WorkerReport, WorkerState};
use schemars::JsonSchema;
use serde::Serialize;
use tally::stretch::Stretch;

/// The maximum number of points of a worker's line. More points would not be visible.
const WORKER_POINTS_MAX: usize = 60;

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct WorkerView {
    shard: u32,
    slice: u32,
    /// `worker 3`, or `worker 3, part 2` in a run of several slices.
    pub(crate) name: String,
    region: Option<String>,
    worker: Option<String>,
    state: &'static str,
    #[schemars(extend("enum" = ["green", "yellow", "red", "none"]))]
    pub(crate) light: &'static str,
    pub(crate) why: Option<String>,
    /// How this worker differs from the other workers; empty if this worker is not an outlier.
    odd: String,
    /// The rate and the p99 of this worker as text.
    facts: String,
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
    busy_percent: Option<f64>,
    last_seen_s: Option<f64>,
    /// Completed requests divided by the measured time. In a run in progress, `rate_sent` is the rate in the worker's
    /// last snapshot.
    rate_per_s: Option<f64>,
    rate_sent: Option<f64>,
    series: Option<WorkerSeries>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct WorkerSeries {
    from_s: f64,
    step_s: f64,
    /// Sent requests per second, for each point; null if the load had ended for most of the time of the point.
    rate: Vec<Option<f64>>,
    failed: Vec<u64>,
    p99: Vec<Option<f64>>,
}

/// Returns the views of all workers. `live` is the state of a run in progress; `None` for a run that is over.
pub(crate) fn worker_views(report: &RunReport, live: Option<&Live>) -> Vec<WorkerView> {
    let mut workers: Vec<WorkerView> = report.workers.iter().map(|worker| worker_view(worker, live)).collect();
    let sliced = workers.iter().any(|worker| worker.slice > 0);
    for worker in &mut workers {
        worker.name = match sliced {
            true => format!("worker {}, part {}", worker.shard, worker.slice + 1),
            false => format!("worker {}", worker.shard),
        };
        worker.facts = format!(
            "{} · p99 {}",
            worker.rate_per_s.or(worker.rate_sent).map_or(NOTHING.to_owned(), rate),
            time(worker.p99)
        );
    }
    let typical = Typical::of(&workers);
    for worker in &mut workers {
        worker.odd = typical.oddities(worker).join(", ");
    }
    workers
}

/// The minimum number of workers that a search for outliers requires.
const FEW: usize = 3;
/// A worker is an outlier if its p99 or its lag is more than this many times the median of all workers.
const P99_TIMES: f64 = 2.0;
const LAG_TIMES: f64 = 3.0;
/// A worker whose lag does not exceed this number of milliseconds is never an outlier because of its lag.
const LAG_MIN_MS: f64 = 5.0;
/// A worker with failures is an outlier only if at most this share of all workers has failures.
const FAILING_SHARE: f64 = 0.2;

/// The values with which each worker of a run is compared.
struct Typical {
    number: usize,
    p99: Option<f64>,
    lag_p99: Option<f64>,
    failing: usize,
    all_miss: bool,
}

impl Typical {
    fn of(workers: &[WorkerView]) -> Typical {
        Typical {
            number: workers.len(),
            p99: median(workers.iter().filter_map(|worker| worker.p99)),
            lag_p99: median(workers.iter().filter_map(|worker| worker.lag_p99)),
            failing: workers.iter().filter(|worker| worker.failed > 0).count(),
            all_miss: workers.iter().all(|worker| worker.missing > 0),
        }
    }

    /// Returns the reasons why a worker is an outlier.
    fn oddities(&self, worker: &WorkerView) -> Vec<String> {
        let mut why = Vec::new();
        let early = [
            WorkerState::Failed,
            WorkerState::Lost,
            WorkerState::Deadline,
            WorkerState::HostStopped,
        ];
        if early.map(WorkerState::words).contains(&worker.state) {
            why.push(worker.state.to_owned());
        }
        if worker.missing > 0 && !self.all_miss {
            why.push(format!("{} missing", number_of(worker.missing, "arrival")));
        }
        let several = self.number >= FEW;
        if let (Some(p99), Some(typical)) = (worker.p99, self.p99)
            && several
            && typical > 0.0
            && p99 > P99_TIMES * typical
        {
            why.push(format!("p99 {}× the median", three(p99 / typical)));
        }
        if let (Some(lag), Some(typical)) = (worker.lag_p99, self.lag_p99)
            && several
            && lag > LAG_MIN_MS
            && lag > LAG_TIMES * typical
        {
            why.push(format!("lag p99 {}", time(Some(lag))));
        }
        let few = self.failing as f64 <= self.number as f64 * FAILING_SHARE;
        if worker.failed > 0 && several && few {
            let elsewhere = if self.failing == 1 {
                "none elsewhere"
            } else {
                "few elsewhere"
            };
            why.push(format!("{} failed, {elsewhere}", number_of(worker.failed, "request")));
        }
        if worker.light == "red" && why.is_empty() {
            why.push(worker.why.clone().unwrap_or_else(|| "bad".to_owned()));
        }
        why
    }
}

/// Returns the lower median; `None` if there are no values.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// Returns a summary of all workers.
pub(crate) fn workers_in_words(workers: &[WorkerView]) -> String {
    let parts = if workers.iter().any(|worker| worker.slice > 0) {
        " parts"
    } else {
        ""
    };
    let all = count(workers.len() as u64);
    let states = tallied(workers.iter().map(|worker| worker.state));
    let states: Vec<String> = states
        .into_iter()
        .map(|(state, number)| format!("{} of {all}{parts} {state}", count(number)))
        .collect();
    let mut sentences = vec![format!("{}.", states.join(", "))];
    let sent = || workers.iter().map(|worker| worker.sent);
    if let (Some(least), Some(most), true) = (sent().min(), sent().max(), workers.len() > 1) {
        sentences.push(match least == most {
            true => format!("Each sent {}.", count(least)),
            false => format!("Each sent {} to {}.", count(least), count(most)),
        });
    }
    let p99 = || workers.iter().filter_map(|worker| worker.p99);
    if p99().count() > 1 {
        let (least, most) = (time(p99().reduce(f64::min)), time(p99().reduce(f64::max)));
        sentences.push(match least == most {
            true => format!("p99 of each worker is {least}."),
            false => format!("p99 by worker is {least} to {most}."),
        });
    }
    match workers.iter().filter(|worker| !worker.odd.is_empty()).count() {
        0 if workers.len() > 2 => sentences.push("No worker is an outlier.".to_owned()),
        0 => {}
        1 => sentences.push("1 worker is an outlier.".to_owned()),
        odd => sentences.push(format!("{} workers are outliers.", count(odd as u64))),
    }
    sentences.join(" ")
}

fn worker_view(worker: &WorkerReport, live: Option<&Live>) -> WorkerView {
    let now = live.and_then(|live| live.workers_live.get(&(worker.shard, worker.slice)).copied());
    let is_running = live.is_some() && worker.state == WorkerState::Lost;
    let state = match (is_running, now) {
        (true, Some(now)) => now.state,
        (true, None) => "waiting",
        (false, _) => worker.state.words(),
    };
    let trouble = trouble(worker);
    let troubled = !trouble.is_empty();
    let light = match (is_running, now) {
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
    let why = worker.why.clone().filter(|_| !is_running);
    // If the light of a worker is red or yellow, the page shows the reason.
    let silent = (light == "red" && is_running).then(|| "it stores no snapshots".to_owned());
    let remarks = why
        .into_iter()
        .chain(silent)
        .chain(trouble.into_iter().filter(|_| light == "yellow"));
    let remarks: Vec<String> = remarks.collect();
    let last = worker.snapshots.last();
    WorkerView {
        shard: worker.shard,
        slice: worker.slice,
        name: String::new(),
        odd: String::new(),
        facts: String::new(),
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
        missing: if is_running { 0 } else { worker.missing },
        p50: worker.latency.p50.map(rounded_ms),
        p99: worker.latency.p99.map(rounded_ms),
        max: worker.latency_max_ms.map(rounded_ms),
        lag_p99: worker.lag_p99_ms.map(rounded_ms),
        start_skew: worker.start_skew_ms.map(rounded_ms),
        clock_offset: worker.clock_offset_ms.map(rounded_ms),
        busy_percent: worker.busy.map(percent),
        last_seen_s: now.and_then(|now| now.last_seen_s).map(short),
        rate_per_s: worker.rate_per_s.filter(|_| !is_running).map(rounded_rate),
        rate_sent: last.filter(|_| live.is_some()).map(|stretch| {
            let seconds = (stretch.to - stretch.from) as f64 / 1e9;
            short(stretch.counts.sent as f64 / seconds.max(1e-9))
        }),
        series: worker_series(worker),
    }
}

/// Returns the reasons for a yellow light of a worker, with the measured numbers.
fn trouble(worker: &WorkerReport) -> Vec<String> {
    let counted = |number: u64, what: &str| (number > 0).then(|| format!("{} {what}", count(number)));
    let failed = counted(worker.failed, "failed");
    let dropped = counted(worker.dropped, "dropped");
    [failed, dropped, worker.late.clone()].into_iter().flatten().collect()
}

/// Returns the line of a worker: its snapshots, added up in at most [`WORKER_POINTS_MAX`] points. Returns `None` if the
/// worker has no snapshots.
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
    // If a snapshot contains the end of the load, the rate is computed only for the time before the end.
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
