//! A plan: everything a worker needs. It is complete, so that nothing is left to decide afterwards.

use crate::abort::AbortRule;
use crate::cost::PlannedCost;
use crate::flow::Flow;
use crate::hosts::Hosts;
use crate::mix::Mix;
use crate::rate::Rate;
use crate::region::{self, PlacedRegion};
use crate::rows::{Rows, Work};
use crate::scenario::{
    Feed, Limits, Load, MixOrder, OpenPhase, Pacing, Protocol, Request, Reuse, Scenario, Spacing, Target, ThinkTime,
    Tls, Transport, UserPhase,
};
use crate::schedule::{Schedule, Stripe, nanos};
use crate::secret::Reference;
use crate::sessions::{self, Sessions};
use crate::sha256;
use crate::template::Template;
use crate::threshold::Threshold;
use crate::users::Population;
use std::ops::Range;
use std::time::Duration;
use tally::format::DocumentKind;
use tally::provenance::{ExpectedSnapshot, FORMAT_WITH_PROVENANCE, Provenance};
use tally::request::RequestIndex;

/// The document `plan.json`.
///
/// 2: results state their provenance.
///
/// 3: requests have forms of values, repeated headers, and the target itself as URL; targets take turns; thresholds
/// count dropped arrivals; there are hosts and certificates, which an older worker would ignore.
///
/// 4: workers must report the parts of lag.
///
/// 5: there are flows, captures and checks, which an older worker would ignore.
pub const PLAN: DocumentKind = DocumentKind::new("plan", 5);

/// A planned run. [`crate::wire`] stores it as `plan.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub format: u32,
    pub run: String,
    /// The scenario's name.
    pub scenario: String,
    /// Nanoseconds since the Unix epoch.
    pub created: u64,
    pub seed: u64,
    pub fleet: String,
    /// The number of workers that share the arrivals.
    pub shards: u32,
    /// The consecutive windows into which every stripe is cut, without gaps.
    pub slices: Vec<Slice>,
    pub load: PlannedLoad,
    /// Base URLs; requests without their own path use them unchanged.
    pub targets: Vec<String>,
    pub mix_order: MixOrder,
    /// The requests of the mix, and those of the flows' steps.
    pub requests: Vec<Request>,
    pub flows: Vec<Flow>,
    pub feeds: Vec<Feed>,
    /// The secrets that workers look up before the start; the values exist only in their memory.
    pub secrets: Vec<Reference>,
    /// The requests for tokens that workers send before the start and again before the tokens expire.
    pub tokens: Vec<Request>,
    pub thresholds: Vec<Threshold>,
    pub limits: Limits,
    pub transport: Transport,
    pub hosts: Hosts,
    pub tls: Tls,
    pub abort_if: Vec<AbortRule>,
    /// The shards of each region; empty if the fleet places all shards.
    pub regions: Vec<PlacedRegion>,
    /// The SHA-256 of every object below `data/` that workers read.
    pub data: Vec<String>,
    pub timing: RunTiming,
    /// The expected cost, on fleets that are billed by use.
    pub cost: Option<PlannedCost>,
    /// The scenario as written, for reports; empty in plans of older launchers.
    pub source: String,
}

/// The planned load over time.
#[derive(Clone, Debug, PartialEq)]
pub enum PlannedLoad {
    Open { phases: Vec<OpenPhase>, spacing: Spacing },
    Closed { phases: Vec<UserPhase>, think: ThinkTime },
}

/// A window of the run, and the arrivals due in it, of all shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Nanoseconds since T0.
    pub from: u64,
    pub to: u64,
    /// Numbers of the arrivals due in the window; empty for a closed load.
    pub arrivals: Range<u64>,
}

/// One of several stripes: the arrivals k ≡ `stripe` (mod `stripes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StripeOf {
    pub stripe: u32,
    pub stripes: u32,
}

/// The intervals and timeouts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunTiming {
    pub snapshot_interval: Duration,
    /// How long the launcher waits for ready workers, and a worker for the start.
    pub start_timeout: Duration,
    /// The minimum number of ready workers for a start.
    pub workers_min: u32,
    /// Whether workers that start without the missing ones share all arrivals among themselves.
    pub restripe: bool,
    /// How long workers continue without a follower of the run; `None` for no limit.
    pub dead_man: Option<Duration>,
}

/// How early before its window the worker of a slice is started by the worker of the previous slice: enough time for a
/// function to start, claim and connect.
const HANDOVER_LEAD: Duration = Duration::from_secs(15);

/// How much later than planned the last answer of a slice may arrive: clocks may differ, and hosts may be slow.
const ANSWER_MARGIN: Duration = Duration::from_secs(3_600);

/// The inputs of the planner besides the scenario.
#[derive(Clone, Debug)]
pub struct Order {
    pub run: String,
    /// Nanoseconds since the Unix epoch.
    pub created: u64,
    pub fleet: String,
    pub workers: u32,
    /// The maximum window of one function, if the fleet has such a limit.
    pub slice_max: Option<Duration>,
    /// The maximum number of workers of the fleet.
    pub workers_max: u32,
    /// The address of the built-in target, for scenarios that use it.
    pub builtin_target: String,
    pub timing: RunTiming,
}

/// An error of planning a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("the load has zero arrivals")]
    NoArrivals,
    #[error("{workers} workers for {work}: some would be idle")]
    Idle { workers: u32, work: String, fit: u64 },
    #[error("{workers} workers exceed the maximum of the {fleet} fleet, {most}")]
    TooManyWorkers { workers: u32, fleet: String, most: u32 },
    #[error("the run would be cut into {slices} slices, more than {SLICES_MAX}")]
    TooManySlices { slices: u64 },
    #[error("a run needs at least one worker")]
    NoWorkers,
    #[error("the region {region} would get none of the {workers} workers")]
    EmptyRegion { region: String, workers: u32 },
    #[error(
        "about {needed} flows are in progress on each of {workers} workers at the highest rate, and a worker has room for \
         {room}"
    )]
    TooManySessions { needed: u64, room: u64, workers: u32 },
    #[error("the plan has {bytes} bytes, more than the maximum of {most}")]
    TooLarge { bytes: usize, most: usize },
}

impl PlanError {
    /// An instruction that solves the problem.
    pub fn hint(&self) -> String {
        match self {
            PlanError::NoArrivals => "raise a rate or a duration in `load`".to_owned(),
            PlanError::Idle { fit, .. } => format!("use --workers {fit} or fewer"),
            PlanError::TooManyWorkers { most, .. } => format!("use --workers {most} or fewer"),
            PlanError::TooManySlices { .. } => "use a longer --slice".to_owned(),
            PlanError::NoWorkers => "use --workers 1 or more".to_owned(),
            PlanError::EmptyRegion { .. } => "use more --workers, or larger shares in `regions`".to_owned(),
            PlanError::TooManySessions { needed, room, workers } => format!(
                "use --workers {} or more, raise `limits: sessions` and `limits: connections`, or write `connections: kept`",
                (needed * u64::from(*workers)).div_ceil((*room).max(1))
            ),
            PlanError::TooLarge { .. } => {
                "move long bodies into files (`body: { file: … }`) and data into feeds, which are stored separately"
                    .to_owned()
            }
        }
    }
}

/// The ephemeral ports of a Linux host by default (ip_local_port_range, 32768 to 60999), and the seconds that a port
/// stays in TIME_WAIT.
const PORTS: u64 = 28_232;
const PORT_REST_S: u64 = 60;

/// The maximum size of a plan. Functions parse it before they can begin, so it stays small; files are stored
/// separately.
pub const PLAN_BYTES_MAX: usize = 8 << 20;

/// The maximum number of workers of a run; merging was measured up to this number.
pub const SHARDS_MAX: u32 = 10_000;

/// The maximum number of slices of a run: enough for a day in slices of five seconds.
pub const SLICES_MAX: usize = 20_000;

impl Plan {
    /// Plans a run: a pure function of its inputs.
    ///
    /// # Errors
    /// Fails if the load and the number of workers do not fit each other or the fleet.
    pub fn new(scenario: &Scenario, order: &Order) -> Result<Plan, PlanError> {
        if order.workers == 0 {
            return Err(PlanError::NoWorkers);
        }
        let most = order.workers_max.min(SHARDS_MAX);
        if order.workers > most {
            let fleet = order.fleet.clone();
            return Err(PlanError::TooManyWorkers {
                workers: order.workers,
                fleet,
                most,
            });
        }
        let load = match &scenario.load {
            Load::Open { phases, spacing } => PlannedLoad::Open {
                phases: phases.clone(),
                spacing: *spacing,
            },
            Load::Closed { phases, think } => PlannedLoad::Closed {
                phases: phases.clone(),
                think: *think,
            },
        };
        let slices = slices(&load, scenario.planned_seed(), order)?;
        let plan = Plan {
            format: PLAN.format,
            run: order.run.clone(),
            scenario: scenario.name.clone(),
            created: order.created,
            seed: scenario.planned_seed(),
            fleet: order.fleet.clone(),
            shards: order.workers,
            slices,
            load,
            targets: scenario
                .targets
                .iter()
                .map(|target| match target {
                    Target::Url(url) => url.clone(),
                    Target::Builtin(_) => order.builtin_target.clone(),
                })
                .collect(),
            mix_order: scenario.mix_order,
            requests: scenario.requests.clone(),
            flows: scenario.flows.clone(),
            feeds: scenario.feeds.clone(),
            secrets: scenario.secrets.clone(),
            tokens: scenario.tokens.clone(),
            thresholds: scenario.thresholds.clone(),
            limits: scenario.limits.clone(),
            transport: scenario.transport,
            hosts: scenario.hosts.clone(),
            tls: scenario.tls.clone(),
            abort_if: scenario.abort_if.clone(),
            regions: regions(scenario, order.workers)?,
            data: scenario.blobs.keys().cloned().collect(),
            timing: order.timing.clone(),
            cost: None,
            source: scenario.source.clone(),
        };
        if let Some(Sessions { needed, room }) = plan.sessions()
            && needed > room
        {
            return Err(PlanError::TooManySessions {
                needed,
                room,
                workers: order.workers,
            });
        }
        match plan.encode().len() {
            bytes if bytes > PLAN_BYTES_MAX => Err(PlanError::TooLarge {
                bytes,
                most: PLAN_BYTES_MAX,
            }),
            _ => Ok(plan),
        }
    }

    /// The SHA-256 of the stored form in hex, by which a claim identifies the plan that its worker read.
    pub fn digest(json: &[u8]) -> String {
        sha256::hex(json)
    }

    /// The due times of an open load.
    pub fn schedule(&self) -> Option<Schedule> {
        match &self.load {
            PlannedLoad::Open { phases, spacing } => Some(Schedule::new(phases, *spacing, self.seed)),
            PlannedLoad::Closed { .. } => None,
        }
    }

    /// The users of a closed load.
    pub fn population(&self) -> Option<Population> {
        match &self.load {
            PlannedLoad::Open { .. } => None,
            PlannedLoad::Closed { phases, .. } => Some(Population::new(phases)),
        }
    }

    /// The choice of request and target of each arrival.
    pub fn mix(&self) -> Mix {
        Mix::new(
            self.seed,
            self.mix_order,
            self.requests.iter().map(|request| request.weight),
            self.flows.iter().map(|flow| flow.weight),
            self.targets.len(),
        )
    }

    /// The rows of feeds that arrivals take.
    pub fn rows(&self) -> Rows {
        let users = self.population().map(|population| Work::Users(population.users()));
        let work = users.unwrap_or_else(|| Work::Arrivals(self.arrivals().unwrap_or(0)));
        Rows::new(self.mix(), &self.requests, &self.flows, &self.feeds, work)
    }

    /// The end of the load, in nanoseconds since T0.
    pub fn length(&self) -> u64 {
        self.slices.last().map_or(0, |slice| slice.to)
    }

    /// The time in measured phases, in nanoseconds.
    pub fn measured_length(&self) -> u64 {
        match (self.schedule(), self.population()) {
            (Some(schedule), _) => schedule.measured_length(),
            (None, Some(population)) => population.measured_length(),
            (None, None) => 0,
        }
    }

    /// The measured phases, in nanoseconds since T0.
    pub fn measured_spans(&self) -> Vec<Range<u64>> {
        match (self.schedule(), self.population()) {
            (Some(schedule), _) => schedule.measured_spans(),
            (None, Some(population)) => population.measured_spans(),
            (None, None) => Vec::new(),
        }
    }

    /// The arrivals of the whole run; `None` for a closed load, whose arrivals depend on the answers.
    pub fn arrivals(&self) -> Option<u64> {
        match self.load {
            PlannedLoad::Open { .. } => self.slices.last().map(|slice| slice.arrivals.end),
            PlannedLoad::Closed { .. } => None,
        }
    }

    /// The number of arrivals that a shard owes in a slice of an open load.
    pub fn owed(&self, shard: u32, slice: usize) -> u64 {
        owed(&self.slices[slice].arrivals, shard, self.shards)
    }

    /// The stripe of a shard if no shard is missing.
    pub fn stripe(&self, shard: u32) -> StripeOf {
        StripeOf {
            stripe: shard,
            stripes: self.shards,
        }
    }

    /// The measured arrivals that a stripe owes in a slice; `measured` is [`Schedule::measured`] of the plan's
    /// schedule.
    pub fn owed_measured(&self, measured: &[Range<u64>], own: StripeOf, slice: usize) -> u64 {
        let window = &self.slices[slice].arrivals;
        let parts = measured
            .iter()
            .map(|range| range.start.max(window.start)..range.end.min(window.end));
        parts
            .filter(|part| !part.is_empty())
            .map(|part| owed(&part, own.stripe, own.stripes))
            .sum()
    }

    /// The expectations for a snapshot or result of a slice. `own` is the stripe of its shard, if already known.
    pub fn expected<'a>(
        &self,
        names: &'a [String],
        from: &'a Provenance,
        own: Option<StripeOf>,
    ) -> ExpectedSnapshot<'a> {
        let slice = &self.slices[from.slice as usize];
        let arrivals_max = match (&self.load, own) {
            (PlannedLoad::Open { .. }, Some(own)) => owed(&slice.arrivals, own.stripe, own.stripes),
            (PlannedLoad::Open { .. }, None) => slice.arrivals.end - slice.arrivals.start,
            // The targets alone limit users; no worker sends more than the maximum rate.
            (PlannedLoad::Closed { .. }, _) => {
                let seconds = (slice.to - slice.from).div_ceil(1_000_000_000);
                seconds.saturating_mul(Rate::MAX.as_per_second() as u64)
            }
        };
        let margin = (self.arrival_max() + ANSWER_MARGIN).as_nanos() as u64;
        ExpectedSnapshot {
            provenance: from,
            stated: self.format >= FORMAT_WITH_PROVENANCE,
            requests: names,
            flows: self.flows.len(),
            arrivals_max,
            requests_max: self.requests_per_arrival_max(),
            span: slice.from..slice.to.saturating_add(margin),
        }
    }

    /// The maximum number of requests of one arrival.
    pub fn requests_per_arrival_max(&self) -> u64 {
        self.flows.iter().map(Flow::requests_max).max().unwrap_or(1).max(1)
    }

    /// The maximum time of an arrival from due to done: of a request, or of a flow.
    pub fn arrival_max(&self) -> Duration {
        arrival_max(&self.requests, &self.flows, &self.limits)
    }

    /// The maximum time of a request from due to done.
    pub fn wait_max(&self) -> Duration {
        let timeout = self
            .requests
            .iter()
            .map(|request| request.timeout)
            .max()
            .unwrap_or_default();
        self.limits.max_wait + timeout
    }

    /// How early before its window the worker of a slice is started. Short windows, used for trials, leave less time.
    pub fn handover_lead(&self, slice: usize) -> Duration {
        let before = slice.checked_sub(1).and_then(|before| self.slices.get(before));
        let window = before.map_or(0, |before| before.to - before.from);
        HANDOVER_LEAD.min(Duration::from_nanos(window / 2))
    }

    /// How a worker wakes for due arrivals. A closed load never batches, because users send when their answer arrives.
    pub fn pacing(&self) -> Pacing {
        match self.load {
            PlannedLoad::Open { .. } => self.transport.pacing,
            PlannedLoad::Closed { .. } => Pacing::Precise,
        }
    }

    /// Whose requests the connection of a request carries.
    pub fn reuse_of(&self, request: RequestIndex) -> Reuse {
        match self.requests[usize::from(request)].is_step() {
            true => self.transport.flow_reuse,
            false => self.transport.reuse,
        }
    }

    /// The flow that a request is a step of.
    pub fn flow_of(&self, request: RequestIndex) -> Option<&Flow> {
        let mut flows = self.flows.iter();
        flows.find(|flow| flow.requests.contains(&usize::from(request)))
    }

    /// Whether every arrival is a flow that opens its own connections.
    pub fn opens_connections_for_users(&self) -> bool {
        self.transport.flow_reuse == Reuse::User && self.requests.iter().all(Request::is_step)
    }

    /// The number of hosts that the flows name: each user needs a connection to each of them.
    fn origins_of_flows(&self) -> usize {
        let steps = self.requests.iter().filter(|request| request.is_step());
        let hosts = steps.map(|request| request.url.cut_url().0);
        let mut named: Vec<Template> = hosts.collect();
        named.sort_by_key(|host| host.as_fixed().map(str::to_owned));
        named.dedup();
        named.len().max(1)
    }

    /// The flows in progress on each worker; `None` for a plan without flows.
    pub fn sessions(&self) -> Option<Sessions> {
        if self.flows.is_empty() {
            return None;
        }
        let needed = match (self.schedule(), self.population()) {
            (Some(schedule), _) => {
                let pauses = sessions::pauses_of_arrival(&self.requests, &self.flows);
                let begun = u128::from(schedule.busiest_second()) * pauses / 1_000_000_000;
                (begun as u64).min(schedule.arrivals())
            }
            (None, Some(population)) => population.users().into(),
            (None, None) => 0,
        };
        Some(Sessions {
            needed: needed.div_ceil(u64::from(self.shards)),
            room: self.session_room(self.limits.sessions as usize, self.limits.connections as usize) as u64,
        })
    }

    /// The number of flows that have room in a number of sessions and connections.
    pub fn session_room(&self, sessions: usize, connections: usize) -> usize {
        match self.transport.flow_reuse {
            Reuse::User => sessions.min(connections / self.origins_of_flows()),
            Reuse::Kept | Reuse::Fresh => sessions,
        }
    }

    /// The number of concurrent requests on each connection.
    pub fn streams(&self) -> u32 {
        match self.transport.protocol {
            Protocol::Http1 => 1,
            Protocol::Http2 => self.limits.streams,
        }
    }

    /// Warnings about permitted but risky settings, as sentences for people.
    pub fn cautions(&self) -> Vec<String> {
        [self.ports_used_up(), self.users_without_connection()]
            .into_iter()
            .flatten()
            .collect()
    }

    fn ports_used_up(&self) -> Option<String> {
        let schedule = self.schedule().filter(|_| self.transport.reuse == Reuse::Fresh)?;
        let each = schedule.busiest_second().div_ceil(u64::from(self.shards));
        let most = PORTS / PORT_REST_S;
        (each > most).then(|| {
            format!(
                "`connections: fresh` opens up to {each} connections a second from each worker. If the worker \
                 closes them, a port stays in TIME_WAIT for {PORT_REST_S} s, and a host has {PORTS} ports per \
                 address of the target: above {most} a second they may run out. Use more workers, on separate hosts"
            )
        })
    }

    fn users_without_connection(&self) -> Option<String> {
        let users = u64::from(self.population()?.users());
        let each = u64::from(self.limits.connections) * u64::from(self.streams());
        let room = u64::from(self.shards) * each;
        (users > room).then(|| {
            format!(
                "{users} users share {} with {each} concurrent requests each, so {} users wait for a connection. Raise \
                 `limits: connections`, or use more workers",
                match self.shards {
                    1 => "1 worker".to_owned(),
                    several => format!("{several} workers"),
                },
                users - room
            )
        })
    }

    /// The region of a shard, if the plan has regions.
    pub fn region(&self, shard: u32) -> Option<&str> {
        let placed = self
            .regions
            .iter()
            .find(|region| region.shards.binary_search(&shard).is_ok());
        placed.map(|region| region.name.as_str())
    }

    /// The names of the flows, in order.
    pub fn flow_names(&self) -> Vec<String> {
        self.flows.iter().map(|flow| flow.name.clone()).collect()
    }

    /// The names of the requests, in order.
    pub fn request_names(&self) -> Vec<String> {
        self.requests.iter().map(|request| request.name.clone()).collect()
    }
}

/// The number of k in `range` with k ≡ `shard` (mod `shards`).
pub fn owed(range: &Range<u64>, shard: u32, shards: u32) -> u64 {
    let below = |k: u64| (k + u64::from(shards) - 1 - u64::from(shard)) / u64::from(shards);
    below(range.end) - below(range.start)
}

/// The maximum time of an arrival from due to done: of a request, or of a flow.
pub fn arrival_max(requests: &[Request], flows: &[Flow], limits: &Limits) -> Duration {
    let timeouts = requests.iter().map(|request| request.timeout);
    let request = limits.max_wait + timeouts.max().unwrap_or_default();
    let step = |request: RequestIndex| limits.max_wait + requests[usize::from(request)].timeout;
    let flows = flows.iter().map(|flow| Duration::from_nanos(flow.length_max(&step)));
    flows.fold(request, Duration::max)
}

/// Formats shards for people: `worker 3`, `workers 0-4, 7`. They must be in ascending order.
pub fn name_shards(shards: &[u32]) -> String {
    let mut spans: Vec<Range<u32>> = Vec::new();
    for shard in shards {
        match spans.last_mut() {
            Some(span) if span.end == *shard => span.end += 1,
            Some(span) if span.contains(shard) => {}
            _ => spans.push(*shard..*shard + 1),
        }
    }
    let single = matches!(spans.as_slice(), [span] if span.len() == 1);
    let spans: Vec<String> = spans
        .iter()
        .map(|span| {
            if span.len() == 1 {
                span.start.to_string()
            } else {
                format!("{}-{}", span.start, span.end - 1)
            }
        })
        .collect();
    format!("worker{} {}", if single { "" } else { "s" }, spans.join(", "))
}

/// The arrivals of a shard in a slice of the [`Plan::schedule`].
pub fn stripe<'a>(schedule: &'a Schedule, slice: &Slice, shard: u32, shards: u32) -> Stripe<'a> {
    Stripe::new(schedule, slice.arrivals.clone(), shard, shards)
}

fn regions(scenario: &Scenario, workers: u32) -> Result<Vec<PlacedRegion>, PlanError> {
    let placed = region::place(&scenario.regions, workers);
    match placed.iter().find(|region| region.shards.is_empty()) {
        Some(empty) => Err(PlanError::EmptyRegion {
            region: empty.name.clone(),
            workers,
        }),
        None => Ok(placed),
    }
}

fn slices(load: &PlannedLoad, seed: u64, order: &Order) -> Result<Vec<Slice>, PlanError> {
    let (schedule, length) = match load {
        PlannedLoad::Open { phases, spacing } => {
            let schedule = Schedule::new(phases, *spacing, seed);
            let arrivals = schedule.arrivals();
            if arrivals == 0 {
                return Err(PlanError::NoArrivals);
            }
            if u64::from(order.workers) > arrivals {
                let work = format!("{arrivals} arrivals");
                return Err(PlanError::Idle {
                    workers: order.workers,
                    work,
                    fit: arrivals,
                });
            }
            let length = schedule.length();
            (Some(schedule), length)
        }
        PlannedLoad::Closed { phases, .. } => {
            let population = Population::new(phases);
            let users = population.users();
            if users == 0 {
                return Err(PlanError::NoArrivals);
            }
            if order.workers > users {
                let work = format!("{users} users");
                return Err(PlanError::Idle {
                    workers: order.workers,
                    work,
                    fit: users.into(),
                });
            }
            (None, population.length())
        }
    };
    let longest = order.slice_max.map_or(length, nanos).clamp(1, length);
    // The smallest number of slices that the limit allows, all of nearly the same length.
    let count = length.div_ceil(longest);
    if count > SLICES_MAX as u64 {
        return Err(PlanError::TooManySlices { slices: count });
    }
    let edge = |j: u64| (u128::from(length) * u128::from(j) / u128::from(count)) as u64;
    let mut counter = schedule.as_ref().map(Schedule::counter);
    let mut due_before = |t: u64| match (&schedule, &mut counter) {
        (Some(schedule), _) if t == length => schedule.arrivals(),
        (_, Some(counter)) => counter.due_before(t),
        _ => 0,
    };
    let mut before = 0;
    Ok((0..count)
        .map(|j| {
            let (from, to) = (edge(j), edge(j + 1));
            let arrivals = before..due_before(to);
            before = arrivals.end;
            Slice { from, to, arrivals }
        })
        .collect())
}
