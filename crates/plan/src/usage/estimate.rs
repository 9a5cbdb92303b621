//! The expected cost of a run. The estimate depends only on the plan, the stored files, the fleet, the prices, and the
//! [`Habits`] of launchers and workers.
//!
//! If a fact is unknown, the estimate assumes the more expensive case. For example, every worker waits from the first
//! invocation until the start of the run, and the store answers quickly, so that workers poll the store often.

use crate::cost::prices::PriceTable;
use crate::cost::{CostItem, FleetShape, PlannedCost, Usage};
use crate::plan::Plan;
use crate::scenario::{Load, Population};
use crate::schedule::nanos;
use crate::usage::weight::{connecting_bytes, mix_bytes, request_bytes};
use std::collections::BTreeMap;
use std::time::Duration;
use tally::account::Requests;

/// The activities of launchers and workers in addition to the load, and the assumptions about the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// The time from the writing of the object `start` to T0, the start of the run.
    pub start_lead: Duration,
    /// The interval at which a waiting worker polls the store for the objects `start` and `stop`.
    pub start_poll: Duration,
    /// The interval at which a running worker polls the store for the object `stop`.
    pub stop_poll: Duration,
    /// The interval at which a launcher polls the store before the start of the run, and the interval during the run.
    pub ready_poll: Duration,
    pub follow_poll: Duration,
    /// The interval at which the worker of a later slice reads the clock of the store, and the maximum time for which
    /// the worker reads this clock.
    pub clock_poll: Duration,
    pub clock_timeout: Duration,
    /// The number of heartbeats that a launcher writes, and that a worker reads, within the time `dead_man`. If no
    /// process follows a run for the time `dead_man`, the run stops.
    pub heartbeats: u32,
    /// The number of concurrent writes with which a launcher checks that the store supports create-only writes.
    pub probe_writers: u32,
    pub assumptions: Assumptions,
}

/// The assumptions about the platform and the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumptions {
    /// The time from the beginning of an invocation until the worker is ready. A cold start is included.
    pub prepare: Duration,
    /// The number of functions in one region that can start within the time [`Assumptions::scaling_step`].
    pub scaling: u32,
    pub scaling_step: Duration,
    /// The time from the end of a slice until the result of the slice is stored.
    pub drain: Duration,
    /// The time in which the store answers a small request.
    pub store_answer: Duration,
    /// The time in which the target answers a request. In a closed load, a user sends the next request after this time
    /// and the user's pause.
    pub target_answer: Duration,
}

impl Default for Assumptions {
    fn default() -> Assumptions {
        Assumptions {
            prepare: Duration::from_secs(3),
            scaling: 1_000,
            scaling_step: Duration::from_secs(10),
            drain: Duration::from_secs(1),
            store_answer: Duration::from_millis(20),
            target_answer: Duration::from_millis(100),
        }
    }
}

/// The number of keys on one page of a listing, and the number of bytes for each key.
const PAGE_KEYS: u64 = 1_000;
const KEY_BYTES: u64 = 300;
/// The size in bytes of a snapshot or result without requests, and the additional size for each request name. Both
/// sizes were measured with 1,000 requests in the interval.
const LOG_BYTES: u64 = 1_500;
const LOG_NAME_BYTES: u64 = 2_500;
/// The size in bytes of a claim, and of the objects `start` and `stop`.
const DOCUMENT_BYTES: u64 = 200;
const MS: u64 = 1_000_000;

/// Estimates the cost of a plan. `blobs` contains the length of each stored file of the plan. The key is the SHA-256
/// digest of the file.
pub fn estimate(
    plan: &Plan,
    fleet: &FleetShape,
    habits: &Habits,
    blobs: &BTreeMap<String, u64>,
    prices: &PriceTable,
) -> PlannedCost {
    let run = ExpectedRun {
        plan,
        habits,
        workers: fleet.workers(plan.shards),
        data_bytes: plan.encode().len() as u64 + blobs.values().sum::<u64>(),
    };
    let requests = 0..plan.requests.len();
    let bytes: Vec<u64> = requests.map(|index| request_bytes(plan, index, blobs)).collect();
    let sent_bytes = |population: &Population| {
        let (sum, whole) = mix_bytes(plan, population, &bytes);
        (u128::from(run.arrivals(population)) * sum).div_ceil(whole)
    };
    let sent_bytes: u128 = plan.populations.iter().map(sent_bytes).sum();
    let slices = plan.slices.len() as u64;
    let mut usage = Usage::default();
    for (function, workers) in fleet.functions.iter().zip(&run.workers) {
        // All workers of a slice are expected to do the same work. The cost of one worker is computed once for each
        // slice, and is multiplied by the number of workers.
        let mut milliseconds = 0u64;
        let mut requests = Requests::default();
        for slice in 0..plan.slices.len() {
            milliseconds = milliseconds.saturating_add(run.slice_nanos(slice).div_ceil(MS));
            requests.add(&run.worker_requests(slice));
        }
        let times = u64::from(*workers);
        usage.add_invocations(
            function,
            function.memory_mb,
            milliseconds.saturating_mul(times),
            times * slices,
        );
        let requests = Requests {
            writes: requests.writes.saturating_mul(times),
            lists: requests.lists.saturating_mul(times),
            reads: requests.reads.saturating_mul(times),
            written_bytes: requests.written_bytes.saturating_mul(times),
            read_bytes: requests.read_bytes.saturating_mul(times),
        };
        usage.add_worker_requests(&requests, &function.region, &fleet.store_region);
        let sent = (sent_bytes * u128::from(*workers)).div_ceil(u128::from(plan.shards));
        let connecting = connecting_bytes(plan) * u64::from(*workers) * slices;
        let sent = u64::try_from(sent).unwrap_or(u64::MAX).saturating_add(connecting);
        usage.add(CostItem::BytesToInternet, &function.region, sent);
    }
    let launcher = run.launcher_requests(blobs.len() as u64);
    usage.add_launcher_requests(&launcher, &fleet.store_region);
    let mut unpriced: Vec<String> = fleet
        .regions()
        .filter(|region| prices.region(region).is_none())
        .map(str::to_owned)
        .collect();
    unpriced.sort_unstable();
    unpriced.dedup();
    PlannedCost {
        fleet: fleet.clone(),
        prices: prices.of(fleet.regions()),
        unpriced,
        estimate: usage.bill(prices),
        slice_ms: (0..plan.slices.len())
            .map(|slice| run.slice_nanos(slice).div_ceil(MS))
            .collect(),
        slice_requests: (0..plan.slices.len()).map(|slice| run.worker_requests(slice)).collect(),
        launcher,
        request_bytes: bytes,
        connecting_bytes: connecting_bytes(plan),
    }
}

/// The expected course of a run, from which the estimate is computed.
struct ExpectedRun<'a> {
    plan: &'a Plan,
    habits: &'a Habits,
    /// The number of workers on each function, in the order of the fleet's functions.
    workers: Vec<u32>,
    /// The size in bytes of the plan and of the files that workers read.
    data_bytes: u64,
}

impl ExpectedRun<'_> {
    /// Returns the time from the first invocation until all workers are ready. The platform starts `scaling` functions
    /// at once, and the same number of functions again after each `scaling_step`.
    fn barrier(&self) -> u64 {
        let assumptions = &self.habits.assumptions;
        let most = self.workers.iter().copied().max().unwrap_or(0);
        let steps = most.saturating_sub(1) / assumptions.scaling.max(1);
        nanos(assumptions.prepare + assumptions.scaling_step * steps)
    }

    fn window(&self, slice: usize) -> u64 {
        self.plan.slices[slice].to - self.plan.slices[slice].from
    }

    /// Returns how long the worker of a slice runs before the window of the slice begins.
    fn lead(&self, slice: usize) -> u64 {
        match slice {
            0 => self.barrier() + nanos(self.habits.start_lead),
            _ => nanos(self.plan.handover_lead(slice)),
        }
    }

    /// Returns how long the worker of a slice runs.
    fn slice_nanos(&self, slice: usize) -> u64 {
        self.lead(slice) + self.window(slice) + nanos(self.habits.assumptions.drain)
    }

    fn snapshots(&self, slice: usize) -> u64 {
        self.window(slice)
            .div_ceil(nanos(self.plan.timing.snapshot_interval).max(1))
    }

    fn log_bytes(&self) -> u64 {
        LOG_BYTES + LOG_NAME_BYTES * self.plan.requests.len() as u64
    }

    /// Returns the numbers of requests of a worker to the store. Before its claim, the worker of the first slice checks
    /// whether the run has started. The worker claims its slice, reads the plan and its files, reports that it is ready,
    /// and polls for the objects `start` and `stop`. During its slice, the worker stores snapshots. At the end, the worker
    /// stores its result.
    fn worker_requests(&self, slice: usize) -> Requests {
        let habits = self.habits;
        let snapshots = self.snapshots(slice);
        let polls = |span: u64, every: Duration, requests: u64| {
            requests * span.div_ceil(nanos(every + habits.assumptions.store_answer * requests as u32).max(1))
        };
        let (waiting, running) = match slice {
            0 => (self.barrier(), self.window(slice) + nanos(habits.start_lead)),
            // When the worker of a later slice is invoked, the object `start` already exists.
            _ => (0, self.window(slice) + self.lead(slice)),
        };
        let (start_check, clock) = match slice {
            0 => (1, 0),
            _ => (0, polls(nanos(habits.clock_timeout), habits.clock_poll, 1)),
        };
        let heartbeats = self
            .beat()
            .map_or(0, |every| polls(running, every.max(habits.stop_poll), 1));
        Requests {
            writes: 3 + snapshots,
            // The worker lists one key. In a bucket in which listing is permitted only below a prefix, the worker needs
            // this listing to distinguish a missing object from a denied read.
            lists: 1,
            reads: 1
                + self.plan.data.len() as u64
                + polls(waiting, habits.start_poll, 2)
                + 1
                + polls(running, habits.stop_poll, 1)
                + start_check
                + clock
                + heartbeats,
            written_bytes: 2 * DOCUMENT_BYTES + (snapshots + 1) * self.log_bytes(),
            read_bytes: self.data_bytes + DOCUMENT_BYTES,
        }
    }

    /// Returns the numbers of requests of the launcher to the store. The launcher checks create-only writes, and stores
    /// the files and the plan. Until all results are stored, it polls for new objects and reads them.
    fn launcher_requests(&self, files: u64) -> Requests {
        let (habits, plan) = (self.habits, self.plan);
        let (shards, slices) = (u64::from(plan.shards), 0..plan.slices.len());
        let answer = nanos(habits.assumptions.store_answer);
        // Each worker stores a claim, the empty snapshot 0, further snapshots, and a result.
        let objects: u64 = shards * slices.map(|slice| 3 + self.snapshots(slice)).sum::<u64>();
        // The probe of create-only writes consists of several concurrent writes and a later write. All writes but one are
        // refused, and each refused writer reads the metadata of the object. The launcher also writes the plan, the start,
        // the account and the report.
        let probe_writers = u64::from(habits.probe_writers);
        let writes = probe_writers + 1 + 4 + files;
        // The launcher also reads the plan, and lists one key, as a worker does. Then the launcher polls: in each poll,
        // it reads `stop`, and before the start of the run also `start`.
        let (mut reads, mut lists, mut listed) = (probe_writers + 1 + objects, 1, 0);
        let pages = |keys: u64| keys.div_ceil(PAGE_KEYS).max(1);
        let ready = nanos(habits.ready_poll).max(1) + (2 + pages(2 * shards)) * answer;
        let polls = self.barrier().div_ceil(ready);
        reads += 2 * polls + 1;
        lists += pages(2 * shards) * polls;
        listed += 2 * shards * polls;
        let end = nanos(habits.start_lead) + plan.length() + nanos(habits.assumptions.drain);
        let mut at = 0;
        while at < end {
            let stored = 2 * shards + ((u128::from(objects - 2 * shards) * u128::from(at)) / u128::from(end)) as u64;
            reads += 1;
            lists += pages(stored);
            listed += stored;
            at += nanos(habits.follow_poll).max(1) + (1 + pages(stored)) * answer;
        }
        let mut requests = Requests {
            writes,
            lists,
            reads,
            written_bytes: 2 * self.data_bytes,
            read_bytes: self.data_bytes + objects * self.log_bytes() + listed * KEY_BYTES,
        };
        if let Some(every) = self.beat() {
            requests.writes += (self.barrier() + end).div_ceil(nanos(every).max(1));
        }
        requests
    }

    /// Returns the interval of the launcher's heartbeats; `None` if the run continues without heartbeats.
    fn beat(&self) -> Option<Duration> {
        let limit = self.plan.timing.dead_man?;
        Some(limit / self.habits.heartbeats.max(1))
    }

    /// Returns the number of arrivals of an open load. For a closed load, returns the number of requests that its users
    /// send if every answer takes the assumed time.
    fn arrivals(&self, population: &Population) -> u64 {
        match &population.load {
            Load::Open { .. } => population.work().number(),
            Load::Closed { phases, think } => {
                let time: u128 = phases
                    .iter()
                    .map(|phase| (u128::from(phase.from) + u128::from(phase.to)) * phase.duration.as_nanos() / 2)
                    .sum();
                let cycle = nanos((think.min + think.max) / 2 + self.habits.assumptions.target_answer);
                (time / u128::from(cycle.max(1))) as u64
            }
        }
    }
}
