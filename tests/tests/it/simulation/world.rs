//! The world of a simulated run: its load and its faults. The world is fixed before the run begins.

use super::outages::Outage;
use super::truth::Behaviour;
use fleet::gather::SliceId;
use plan::cost::prices::PriceTable;
use plan::cost::{Architecture, FleetShape};
use plan::plan::Plan;
use plan::usage::estimate::estimate;
use std::collections::BTreeMap;
use std::time::Duration;
use test_plans::{Planned, habits};

pub(crate) const RUN: &str = "simulated";

/// The load and the faults of one simulated run. All times are measured from the start of the launcher.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub seed: u64,
    pub load: Load,
    pub content: Content,
    pub workers: u32,
    pub workers_min: u32,
    pub restripe: bool,
    pub dead_man: Option<Duration>,
    /// Whether a worker starts the worker of the next slice.
    pub hands_over: bool,
    pub slice_max: Option<Duration>,
    pub snapshot_interval: Duration,
    pub start_timeout: Duration,
    pub connections: u32,
    pub engine: Behaviour,
    /// The invocations with faults, by shard and slice. Any other invocation is delivered once and without a delay.
    pub invocations: BTreeMap<SliceId, Invocation>,
    /// The invocations with faults by which the launcher replaces a dead worker before the start, by shard. Any other
    /// replacement is delivered once and without a delay.
    pub replacements: BTreeMap<u32, Invocation>,
    pub outages: Vec<Outage>,
    /// The error of the clock of the launcher.
    pub launcher_skew: Skew,
    /// The time at which the launcher is killed, and the time at which another command attaches to the run; `None` if
    /// the launcher is not killed.
    pub attach: Option<Attach>,
    pub stop: Option<Duration>,
    /// The thresholds of the scenario, as one line of YAML.
    pub thresholds: &'static str,
    /// Additional lines of the scenario.
    pub lines: &'static str,
    /// Whether the plan contains an estimate of its cost.
    pub priced: bool,
    /// Whether the simulation keeps the records that followers read.
    pub watched: bool,
}

/// The time by which a clock is ahead of the correct clock, in nanoseconds.
pub(crate) type Skew = i64;

pub(crate) const fn ahead(millis: i64) -> Skew {
    millis * 1_000_000
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[derive(Clone, Debug)]
pub(crate) enum Load {
    /// A warm-up to the rate `rate`, and then a constant rate for `seconds` seconds.
    Open { warm_up: u64, rate: u64, seconds: u64 },
    /// A ramp of `ramp` seconds in which the users start one after another, and then a load of all users for `seconds`
    /// seconds.
    Closed { users: u32, ramp: u64, seconds: u64 },
}

/// The requests and flows that the arrivals of a simulated run send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The arrivals send requests.
    Requests,
    /// The arrivals send requests or a flow.
    Flows,
    /// The arrivals belong to three populations: requests with the load of the world, a flow at a constant rate, and a
    /// request that users send.
    Populations,
}

/// The flow of a simulated run. If the first step fails, the flow continues. If a later step fails, the flow ends.
const FLOW: &str = "[ { name: visit, weight: 2, steps: [ { name: list, get: /list, timeout: 2s, on_failure: continue }, \
                    { pause: 100ms to 900ms }, { name: order, get: /order, timeout: 2s }, \
                    { repeat: 2, steps: [ { name: look, get: /look, timeout: 2s } ] } ] } ]";

/// The requests that the flow sends, in order. A number is an index among the requests of the flow.
pub(crate) const FLOW_REQUESTS: [usize; 4] = [0, 1, 2, 2];

/// Returns the index of the population of a plan that contains only one population.
pub(crate) fn population_of(alone: &Plan) -> usize {
    let name = alone.requests[0].name.split_once('/');
    let number = name.and_then(|(population, _)| population.strip_prefix('p'));
    number.map_or(0, |number| number.parse().expect("populations are numbered"))
}

#[derive(Clone, Debug)]
pub(crate) struct Attach {
    pub killed: Duration,
    pub attached: Duration,
    pub skew: Skew,
}

/// The deliveries of one invocation, and the answer that the caller gets.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    pub deliveries: Vec<Delivery>,
    pub reply: Reply,
}

/// The answer to an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The caller gets the answer when the worker of this delivery ends.
    Of(usize),
    Never,
    /// The answer is lost. The caller gets an error after this time, even if the worker is running.
    LostAfter(Duration),
}

/// The number of a worker among all workers of a slice of a shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WorkerNumber {
    /// The number of the invocation, counted from 0.
    pub launch: usize,
    /// The number of the delivery among the deliveries of this invocation, counted from 0.
    pub delivery: usize,
}

/// One worker that an invocation starts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Delivery {
    /// The delay before the worker starts.
    pub after: Duration,
    pub skew: Skew,
    /// The time after which the worker is killed; `None` if the worker is not killed.
    pub dies: Option<Duration>,
    /// The maximum lifetime that the host reports to the worker; `None` if the host reports no lifetime.
    pub lifetime: Option<Duration>,
    /// The time span in which the worker does not run; `None` if the worker always runs.
    pub freeze: Option<Freeze>,
}

/// A time span in which the host does not run the worker, as a stopped process or a paused virtual machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Freeze {
    /// The time from the start of the worker to the start of the span.
    pub after: Duration,
    pub length: Duration,
}

impl Freeze {
    /// Runs a worker that does not run during the span. After the span, the worker finds that its timers have expired.
    pub(crate) async fn apply<T>(self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            ended = &mut work => return ended,
            () = tokio::time::sleep(self.after) => {}
        }
        tokio::time::sleep(self.length).await;
        work.await
    }
}

impl Invocation {
    /// Returns an invocation with one delivery.
    pub(crate) fn once(delivery: Delivery) -> Invocation {
        Invocation {
            deliveries: vec![delivery],
            reply: Reply::Of(0),
        }
    }

    pub(crate) fn never() -> Invocation {
        Invocation {
            deliveries: Vec::new(),
            reply: Reply::Never,
        }
    }
}

impl Delivery {
    pub(crate) fn after(after: Duration) -> Delivery {
        Delivery {
            after,
            ..Delivery::default()
        }
    }

    pub(crate) fn skewed(skew: Skew) -> Delivery {
        Delivery {
            skew,
            ..Delivery::default()
        }
    }

    pub(crate) fn frozen(after: Duration, length: Duration) -> Delivery {
        Delivery {
            freeze: Some(Freeze { after, length }),
            ..Delivery::default()
        }
    }

    pub(crate) fn dying(after: Duration) -> Delivery {
        Delivery {
            dies: Some(after),
            ..Delivery::default()
        }
    }
}

impl World {
    /// Returns a world with three workers and no faults.
    pub(crate) fn calm() -> World {
        World {
            seed: 0,
            load: Load::Open {
                warm_up: 2,
                rate: 30,
                seconds: 8,
            },
            content: Content::Requests,
            workers: 3,
            workers_min: 3,
            restripe: false,
            dead_man: None,
            hands_over: true,
            slice_max: None,
            snapshot_interval: Duration::from_secs(1),
            start_timeout: Duration::from_secs(20),
            connections: 64,
            engine: Behaviour::quick(),
            invocations: BTreeMap::new(),
            replacements: BTreeMap::new(),
            outages: Vec::new(),
            launcher_skew: 0,
            attach: None,
            stop: None,
            thresholds: "[ latency max <= 1h, dropped <= 100% ]",
            lines: "",
            priced: false,
            watched: false,
        }
    }

    /// Sets the invocation of one slice of a shard.
    pub(crate) fn with(mut self, slice_id: SliceId, invocation: Invocation) -> World {
        self.invocations.insert(slice_id, invocation);
        self
    }

    /// Sets the invocation by which the launcher replaces the first worker of a shard.
    pub(crate) fn replaced_with(mut self, shard: u32, invocation: Invocation) -> World {
        self.replacements.insert(shard, invocation);
        self
    }

    /// Returns one of the invocations of a slice. Only the first slice of a shard has replacements with faults.
    pub(crate) fn invocation(&self, slice_id: SliceId, launch: usize) -> Invocation {
        let faults = match (launch, slice_id) {
            (1.., (shard, 0)) => self.replacements.get(&shard),
            _ => self.invocations.get(&slice_id),
        };
        faults.cloned().unwrap_or_else(|| Invocation::once(Delivery::default()))
    }

    /// Returns the delivery of the worker with this number.
    pub(crate) fn delivery(&self, slice_id: SliceId, WorkerNumber { launch, delivery }: WorkerNumber) -> Delivery {
        self.invocation(slice_id, launch).deliveries[delivery].clone()
    }

    /// Returns the scenario and the inputs from which the run is planned.
    pub(crate) fn planned(&self) -> Planned {
        let (load, think) = match self.load {
            Load::Open { warm_up, rate, seconds } => (
                format!(
                    "  - warm_up: {{ rate: {rate}/s, duration: {warm_up}s }}\n  - constant: {{ rate: {rate}/s, duration: {seconds}s }}"
                ),
                "",
            ),
            Load::Closed { users, ramp, seconds } => (
                format!(
                    "  - ramp_users: {{ from: 0, to: {users}, duration: {ramp}s }}\n  - users: {{ users: {users}, duration: {seconds}s }}"
                ),
                "think_time: { min: 100ms, max: 900ms }\n",
            ),
        };
        let (seed, connections, lines, thresholds) = (self.seed, self.connections, self.lines, self.thresholds);
        let requests = "[ { name: home, weight: 3, timeout: 2s }, { name: buy, weight: 1, url: /buy, timeout: 2s } ]";
        let only = format!("{think}load:\n{load}\nrequests: {requests}\n");
        let content = match self.content {
            Content::Requests => only,
            Content::Flows => format!("{only}connections: kept\nflows: {FLOW}\n"),
            Content::Populations => {
                let only: String = only.lines().map(|line| format!("    {line}\n")).collect();
                format!(
                    "populations:\n  p0:\n{only}  p1:\n    start: 1s\n    load: {{ constant: {{ rate: 3/s, duration: 6s }} }}\n    \
                     connections: kept\n    flows: {FLOW}\n  p2:\n    load: {{ users: {{ users: 2, duration: 5s }} }}\n    \
                     think_time: 300ms\n    requests: [ {{ name: only, timeout: 2s }} ]\n"
                )
            }
        };
        let text = format!(
            "name: simulated\nseed: {seed}\ntarget: http://target.invalid\n{content}\
             thresholds: {thresholds}\nlimits: {{ connections: {connections}, max_wait: 2s }}\n{lines}"
        );
        Planned::of(&text)
            .file("users.csv", "id,name\n7,a\n8,b\n9,c\n")
            .run(RUN)
            .fleet("simulated")
            .workers(self.workers)
            .workers_min(self.workers_min)
            .slice_max(self.slice_max)
            .snapshot_interval(self.snapshot_interval)
            .start_timeout(self.start_timeout)
            .restripe(self.restripe)
            .dead_man(self.dead_man)
    }

    /// Returns the plan of the run in the form in which it is stored.
    pub(crate) fn plan(&self, created: u64) -> Plan {
        let mut plan = self.planned().created(created).plan();
        if self.priced {
            let fleet = FleetShape::single("us-east-1", 1_769, Architecture::Arm64);
            let (none, prices) = (BTreeMap::new(), PriceTable::builtin());
            plan.cost = Some(estimate(&plan, &fleet, &habits(), &none, &prices));
        }
        plan
    }
}
