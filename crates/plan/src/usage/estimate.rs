//! What a run is expected to cost: a pure function of the plan, the fleet and the prices.
//!
//! It errs upwards where something is not known: every worker is taken to be there from the beginning
//! of the barrier to its end, and the store to answer quickly, so that it is asked often.

use crate::cost::prices::PriceTable;
use crate::cost::{CostItem, FleetShape, PlannedCost, Usage};
use crate::plan::{Plan, PlannedLoad};
use crate::schedule::nanos;
use crate::usage::weight::{connecting_bytes, mix_bytes, request_bytes};
use std::collections::BTreeMap;
use std::time::Duration;
use tally::account::Requests;

/// What launchers and workers do beside the load, and what is assumed of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// How far ahead of its writing T0 lies.
    pub start_lead: Duration,
    /// How often a waiting worker looks for the start and the stop.
    pub start_poll: Duration,
    /// How often a running worker looks for the stop.
    pub stop_poll: Duration,
    /// How often a launcher looks who is in, and then what there is.
    pub ready_poll: Duration,
    pub follow_poll: Duration,
    /// How often the worker of a later slice asks for the store's clock, and how long at most.
    pub clock_poll: Duration,
    pub clock_patience: Duration,
    /// How many beats a launcher has, and how often a worker looks for them, in the time after which a
    /// run that nobody follows is given up.
    pub heartbeats: u32,
    pub assumptions: Assumptions,
}

/// What is taken for granted of the platform and of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumptions {
    /// From the beginning of an invocation, a cold start included, until its worker is in.
    pub prepare: Duration,
    /// How many functions of one region may start in [`Assumptions::scaling_step`].
    pub scaling: u32,
    pub scaling_step: Duration,
    /// From the end of a window until its result is stored.
    pub drain: Duration,
    /// How long the store takes for a small request.
    pub store_answer: Duration,
    /// How long the target takes: users of a closed load ask again after it.
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

/// Keys that one page of a listing has, and what each takes of it.
const PAGE_KEYS: u64 = 1_000;
const KEY_BYTES: u64 = 300;
/// What a snapshot or a result takes, and what of it each request name: measured with 1,000 requests
/// in the interval.
const LOG_BYTES: u64 = 1_500;
const LOG_NAME_BYTES: u64 = 2_500;
/// What a claim, a start or a stop takes.
const DOCUMENT_BYTES: u64 = 200;
const MS: u64 = 1_000_000;

/// What a plan is expected to cost. `blobs` has the lengths of the plan's stored files by their SHA-256.
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
    let bytes: Vec<u64> = plan
        .requests
        .iter()
        .map(|request| request_bytes(plan, request, blobs))
        .collect();
    let (sum, whole) = mix_bytes(plan, &bytes);
    let (arrivals, slices) = (u128::from(run.arrivals()), plan.slices.len() as u64);
    let mut usage = Usage::default();
    for (function, workers) in fleet.functions.iter().zip(&run.workers) {
        // The workers of a slice are alike, so each slice is counted once, whatever their number.
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
        let sent = arrivals * sum * u128::from(*workers);
        let sent = sent.div_ceil(whole * u128::from(plan.shards));
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

/// A run as it is expected to go.
struct ExpectedRun<'a> {
    plan: &'a Plan,
    habits: &'a Habits,
    /// On each function.
    workers: Vec<u32>,
    /// The plan and the files that workers read.
    data_bytes: u64,
}

impl ExpectedRun<'_> {
    /// From the first invocation until all workers are in: the platform starts so many functions at
    /// once, and as many more at every step.
    fn barrier(&self) -> u64 {
        let assumptions = &self.habits.assumptions;
        let most = self.workers.iter().copied().max().unwrap_or(0);
        let steps = most.saturating_sub(1) / assumptions.scaling.max(1);
        nanos(assumptions.prepare + assumptions.scaling_step * steps)
    }

    fn window(&self, slice: usize) -> u64 {
        self.plan.slices[slice].to - self.plan.slices[slice].from
    }

    /// How long the worker of a slice is there before its window opens.
    fn lead(&self, slice: usize) -> u64 {
        match slice {
            0 => self.barrier() + nanos(self.habits.start_lead),
            _ => nanos(self.plan.handover_lead(slice)),
        }
    }

    /// How long the worker of a slice is there.
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

    /// What the worker of a slice asks of the store: it claims, reads the plan and its files, says that
    /// it is in, looks for start and stop, stores snapshots while it looks for the stop, and its result.
    fn worker_requests(&self, slice: usize) -> Requests {
        let habits = self.habits;
        let snapshots = self.snapshots(slice);
        let looks = |span: u64, every: Duration, requests: u64| {
            requests * span.div_ceil(nanos(every + habits.assumptions.store_answer * requests as u32).max(1))
        };
        let (waiting, running) = match slice {
            0 => (self.barrier(), self.window(slice) + nanos(habits.start_lead)),
            // A later slice finds the start there.
            _ => (0, self.window(slice) + self.lead(slice)),
        };
        let clock = match slice {
            0 => 0,
            _ => looks(nanos(habits.clock_patience), habits.clock_poll, 1),
        };
        let heartbeats = self
            .beat()
            .map_or(0, |every| looks(running, every.max(habits.stop_poll), 1));
        Requests {
            writes: 3 + snapshots,
            // Of one key: where the bucket may be listed below a prefix only, it tells "not there" from "denied".
            lists: 1,
            reads: 1
                + self.plan.data.len() as u64
                + looks(waiting, habits.start_poll, 2)
                + 1
                + looks(running, habits.stop_poll, 1)
                + clock
                + heartbeats,
            written_bytes: 2 * DOCUMENT_BYTES + (snapshots + 1) * self.log_bytes(),
            read_bytes: self.data_bytes + DOCUMENT_BYTES,
        }
    }

    /// What the launcher asks of the store: it proves create-only writes, stores the files and the plan,
    /// and looks again and again at all there is, reading what is new, until all results are there.
    fn launcher_requests(&self, files: u64) -> Requests {
        let (habits, plan) = (self.habits, self.plan);
        let (shards, slices) = (u64::from(plan.shards), 0..plan.slices.len());
        let answer = nanos(habits.assumptions.store_answer);
        // Of each slice a claim, the word that it is in, its snapshots and its result.
        let objects: u64 = shards * slices.map(|slice| 3 + self.snapshots(slice)).sum::<u64>();
        // Probe twice, the plan, the start, the account and the report.
        let writes = 6 + files;
        // What the probe met, the plan, a list of one key, as a worker's; then each look asks for the start, as long as there is none,
        // and for the stop.
        let (mut reads, mut lists, mut listed) = (2 + objects, 1, 0);
        let pages = |keys: u64| keys.div_ceil(PAGE_KEYS).max(1);
        let ready = nanos(habits.ready_poll).max(1) + (2 + pages(2 * shards)) * answer;
        let looks = self.barrier().div_ceil(ready);
        reads += 2 * looks + 1;
        lists += pages(2 * shards) * looks;
        listed += 2 * shards * looks;
        let end = nanos(habits.start_lead) + plan.length() + nanos(habits.assumptions.drain);
        let mut at = 0;
        while at < end {
            let there = 2 * shards + ((u128::from(objects - 2 * shards) * u128::from(at)) / u128::from(end)) as u64;
            reads += 1;
            lists += pages(there);
            listed += there;
            at += nanos(habits.follow_poll).max(1) + (1 + pages(there)) * answer;
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

    /// How often the launcher of a run beats that is given up when nobody follows it.
    fn beat(&self) -> Option<Duration> {
        let limit = self.plan.timing.dead_man?;
        Some(limit / self.habits.heartbeats.max(1))
    }

    /// Arrivals of an open load; of a closed one what its users would send if the target answered as
    /// quickly as is assumed.
    fn arrivals(&self) -> u64 {
        match &self.plan.load {
            PlannedLoad::Open { .. } => self.plan.arrivals().unwrap_or(0),
            PlannedLoad::Closed { phases, think } => {
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
