//! The report of one worker's slice.

use crate::arrivals::{Arrivals, of_users};
use crate::generator;
use crate::part::{SliceReport, SliceState, measured_between};
use crate::series::gaps;
use crate::show::line;
use crate::timing::{Quantiles, ms};
use crate::verdict::per_second;
use plan::plan::Plan;
use schemars::JsonSchema;
use serde::Serialize;
use std::ops::Range;
use std::time::Duration;
use tally::snapshot::SliceEnd;
use tally::stretch::Outline;

/// The report of one worker's slice.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WorkerReport {
    pub shard: u32,
    pub slice: u32,
    pub region: Option<String>,
    pub worker: Option<String>,
    pub state: WorkerState,
    /// The reason for a missing result or an early end.
    pub why: Option<String>,
    /// Measured arrivals that it owed; null for a closed load.
    pub owed: Option<u64>,
    /// Measured arrivals that it began.
    pub begun: u64,
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    pub missing: u64,
    /// Completed requests divided by the measured time of its window; null if the worker ended before any measured
    /// time.
    pub rate_per_s: Option<f64>,
    pub latency: Quantiles,
    pub latency_max_ms: Option<f64>,
    pub lag_p99_ms: Option<f64>,
    pub start_skew_ms: Option<f64>,
    /// The difference between its clock and the launcher's, if it is certain.
    pub clock_offset_ms: Option<f64>,
    /// The uncertainty of that difference; null if it could not be measured.
    pub clock_uncertainty_ms: Option<f64>,
    /// Processor time of its process.
    pub cpu_s: Option<f64>,
    /// The share of time in which its load threads ran on a processor, and the share in which they were runnable
    /// without a processor.
    pub busy: Option<f64>,
    pub run_queue: Option<f64>,
    /// How long its container was throttled, if the system reports it.
    pub throttled_ms: Option<f64>,
    pub in_flight_max: Option<u64>,
    /// The highest number of open files and sockets that was sampled.
    pub descriptors_max: Option<u64>,
    /// How long it ran, by its own clock.
    pub ran_s: Option<f64>,
    /// The outline of its snapshots.
    #[serde(skip)]
    pub snapshots: Outline,
    /// The times of its window without a snapshot, in nanoseconds since T0.
    #[serde(skip)]
    pub gaps: Vec<Range<u64>>,
    /// The end of the pacing that its objects in the store prove, in nanoseconds since T0.
    #[serde(skip)]
    pub paced_until: u64,
    /// Its own lateness, if it is large enough for a note.
    #[serde(skip)]
    pub late: Option<String>,
}

/// The end state of a worker's slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    Finished,
    /// Stopped because it found the stop object of the run in the store.
    Stopped,
    /// Stopped at its host's time limit.
    Deadline,
    /// Stopped by its host before the time limit.
    HostStopped,
    /// Could not begin.
    Failed,
    /// Has no result.
    Lost,
}

impl WorkerState {
    /// Returns the state as text.
    pub(crate) fn words(self) -> &'static str {
        match self {
            WorkerState::Finished => "finished",
            WorkerState::Stopped => "stopped",
            WorkerState::Deadline => "at its time limit",
            WorkerState::HostStopped => "stopped by its host",
            WorkerState::Failed => "failed",
            WorkerState::Lost => "lost",
        }
    }
}

/// Returns the report of one slice. `measured` is [`Plan::measured`]; `None` if the run has users only.
pub(crate) fn worker(plan: &Plan, measured: Option<&[Vec<Range<u64>>]>, part: &SliceReport<'_>) -> WorkerReport {
    let whole = part.tally.whole();
    let (counts, all) = (&whole.counts, whole.all());
    let arrivals = Arrivals::of(plan, &part.tally);
    let owed = measured
        .map(|measured| plan.owed_measured(measured, part.stripe, part.slice as usize) + of_users(plan, &part.tally));
    let (state, why) = match &part.state {
        SliceState::Ended(SliceEnd::Finished) => (WorkerState::Finished, None),
        SliceState::Ended(SliceEnd::Stopped) => (WorkerState::Stopped, Some("stopped before the end".to_owned())),
        SliceState::Ended(SliceEnd::Deadline) => (
            WorkerState::Deadline,
            Some("its host's time limit was reached".to_owned()),
        ),
        SliceState::Ended(SliceEnd::HostStopped) => (WorkerState::HostStopped, Some("stopped by its host".to_owned())),
        SliceState::Ended(SliceEnd::Failed(why)) => (WorkerState::Failed, Some(why.clone())),
        SliceState::Lost(why) => (WorkerState::Lost, Some(why.clone())),
    };
    let health = part.health.as_ref();
    let window = &plan.slices[part.slice as usize];
    let measured_time = measured_between(plan, window.from, part.paced_until.min(window.to));
    WorkerReport {
        shard: part.shard,
        slice: part.slice,
        region: plan.region(part.shard).map(str::to_owned),
        worker: part.worker.as_deref().map(line),
        state,
        why: why.as_deref().map(line),
        owed,
        sent: counts.sent,
        completed: counts.completed,
        failed: counts.failed_total(),
        begun: arrivals.begun,
        dropped: arrivals.dropped,
        missing: owed.map_or(0, |owed| owed.saturating_sub(arrivals.begun + arrivals.dropped)),
        rate_per_s: (measured_time > 0).then(|| per_second(counts.completed, Duration::from_nanos(measured_time))),
        latency: Quantiles::of(&all.latency),
        latency_max_ms: (!all.latency.is_empty()).then(|| ms(all.latency.max())),
        lag_p99_ms: (!all.lag.is_empty()).then(|| ms(all.lag.quantile(990_000))),
        start_skew_ms: health.map(|health| ms(health.start_skew)),
        clock_offset_ms: health
            .and_then(|health| health.clock_offset)
            .map(|offset| offset as f64 / 1e6),
        clock_uncertainty_ms: health.and_then(|health| health.clock_uncertainty).map(ms),
        cpu_s: health.map(|health| health.cpu as f64 / 1e9),
        busy: health.map(generator::busy),
        run_queue: health.map(generator::waiting),
        throttled_ms: health.and_then(|health| health.throttled).map(ms),
        in_flight_max: health.map(|health| health.in_flight_max),
        descriptors_max: health.map(|health| health.descriptors_max),
        ran_s: health.and_then(|health| health.ran).map(|ran| ran as f64 / 1e9),
        snapshots: part.snapshots.clone().into_owned(),
        gaps: gaps(plan, part),
        paced_until: part.paced_until,
        late: generator::lateness(&part.tally.lag),
    }
}
