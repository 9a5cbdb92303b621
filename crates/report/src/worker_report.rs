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

/// The report of one slice of a shard, and of its worker.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WorkerReport {
    pub shard: u32,
    pub slice: u32,
    pub region: Option<String>,
    pub worker: Option<String>,
    pub state: WorkerState,
    /// The reason for a missing result or an early end.
    pub why: Option<String>,
    /// Measured arrivals that the worker had to send; null if all populations have users.
    pub owed: Option<u64>,
    /// Measured arrivals that the worker began.
    pub begun: u64,
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    pub missing: u64,
    /// Completed requests divided by the measured time of the slice; null if the worker ended before any measured time.
    pub rate_per_s: Option<f64>,
    pub latency: Quantiles,
    pub latency_max_ms: Option<f64>,
    pub lag_p99_ms: Option<f64>,
    pub start_skew_ms: Option<f64>,
    /// The difference between the worker's clock and the launcher's clock; null if the difference is uncertain.
    pub clock_offset_ms: Option<f64>,
    /// The uncertainty of the difference between the clocks; null if the difference could not be measured.
    pub clock_uncertainty_ms: Option<f64>,
    /// The processor time of the worker's process, in seconds.
    pub cpu_s: Option<f64>,
    /// The share of time in which the worker's load threads ran on a processor.
    pub busy: Option<f64>,
    /// The share of time in which the worker's load threads were runnable, but had no processor.
    pub run_queue: Option<f64>,
    /// How long the worker's container was throttled; null if the system does not report throttling.
    pub throttled_ms: Option<f64>,
    pub in_flight_max: Option<u64>,
    /// The highest number of open files and sockets that was sampled.
    pub descriptors_max: Option<u64>,
    /// How long the worker ran, by its own clock, in seconds.
    pub ran_s: Option<f64>,
    /// The outline of the worker's snapshots.
    #[serde(skip)]
    pub snapshots: Outline,
    /// The spans of time in the window of the slice that no snapshot covers, in nanoseconds since T0.
    #[serde(skip)]
    pub gaps: Vec<Range<u64>>,
    /// The time until which the worker sent its due arrivals, in nanoseconds since T0. The worker's objects in the
    /// store prove this time.
    #[serde(skip)]
    pub paced_until: u64,
    /// A sentence about the lateness of the worker itself, if the lateness is large enough for a note.
    #[serde(skip)]
    pub late: Option<String>,
}

/// The state in which the worker of a slice ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    Finished,
    /// The worker stopped because the store contained the object `stop` of the run.
    Stopped,
    /// The worker stopped at the time limit of its host.
    Deadline,
    /// The host stopped the worker before the time limit.
    HostStopped,
    /// The worker failed before it sent any request.
    Failed,
    /// The store contains no result of the worker.
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
