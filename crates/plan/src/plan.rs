//! The plan of a run: all data that a worker needs. The plan is complete, so no decision about the run remains after
//! planning.

use crate::abort::AbortRule;
use crate::cost::PlannedCost;
use crate::flow::Flow;
use crate::hosts::Hosts;
use crate::mix::Mix;
use crate::population::{self, Schedules, UserSchedules};
use crate::rate::Rate;
use crate::region::PlacedRegion;
use crate::rows::Rows;
use crate::scenario::{Feed, Limits, Load, Pacing, Population, Protocol, Request, Reuse, Tls};
use crate::schedule::{Schedule, Stripe};
use crate::secret::Reference;
use crate::sessions::{self, Sessions};
use crate::sha256;
use crate::template::Template;
use crate::threshold::Threshold;
use std::ops::Range;
use std::time::Duration;
use tally::format::DocumentKind;
use tally::provenance::{ExpectedSnapshot, FORMAT_WITH_PROVENANCE, Provenance};
use tally::request::RequestIndex;

/// The document kind of `plan.json`, with the number of the newest format. Each format after format 1 adds the
/// following:
///
/// 2: results contain their origin.
///
/// 3: forms of values, repeated headers, targets that take turns, thresholds on the number of dropped arrivals, hosts,
/// and certificates. The URL of a request may be the URL of the target itself. A worker of an older version would
/// ignore the hosts and the certificates.
///
/// 4: workers must report the parts of the lag.
///
/// 5: flows, captures and checks. A worker of an older version would ignore all three.
///
/// 6: populations. [`ATTEMPTS_SINCE`] describes format 7.
pub const PLAN: DocumentKind = DocumentKind::new("plan", 7);
/// The first format of plans in which the start of a run names an attempt of each shard. The launchers that wrote older
/// formats read only one claim for each shard.
pub const ATTEMPTS_SINCE: u32 = 7;

/// The plan of a run. [`crate::wire`] stores the plan as `plan.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub format: u32,
    pub run: String,
    /// The name of the scenario.
    pub scenario: String,
    /// The time at which the plan was created, in nanoseconds since the Unix epoch.
    pub created: u64,
    pub seed: u64,
    pub fleet: String,
    /// The number of shards of the run. Each worker sends one shard of the arrivals.
    pub shards: u32,
    /// The slices of the run, in order. The windows of the slices have no gaps between them.
    pub slices: Vec<Slice>,
    /// The populations; at least one. Each request and each flow of the plan belongs to exactly one population. The
    /// requests and the flows are in the order of their populations.
    pub populations: Vec<Population>,
    /// The base URLs of the targets. A request without its own path uses the base URL unchanged.
    pub targets: Vec<String>,
    pub requests: Vec<Request>,
    pub flows: Vec<Flow>,
    pub feeds: Vec<Feed>,
    /// The secrets that workers look up before the start of the run. The values of the secrets exist only in the memory
    /// of the workers.
    pub secrets: Vec<Reference>,
    /// The requests for tokens that workers send before the start of the run, and again before the tokens expire.
    pub tokens: Vec<Request>,
    pub thresholds: Vec<Threshold>,
    pub limits: Limits,
    pub hosts: Hosts,
    pub tls: Tls,
    pub abort_if: Vec<AbortRule>,
    /// The shards of each region. The list is empty if the scenario does not divide the load among regions.
    pub regions: Vec<PlacedRegion>,
    /// The SHA-256 digest of every object below `data/` that workers read.
    pub data: Vec<String>,
    pub timing: RunTiming,
    /// The expected cost of the run; `None` if the fleet is not billed by use.
    pub cost: Option<PlannedCost>,
    /// The text of the scenario as the user wrote it, for reports. The text is empty in plans of older versions.
    pub source: String,
}

/// One slice of the run: a window of time, and the arrivals of all shards that are due in this window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The start and the end of the window, in nanoseconds since T0, the start of the run.
    pub from: u64,
    pub to: u64,
    /// For each population, the range of the numbers of the arrivals that are due in the window. The range is empty for
    /// a closed load.
    pub arrivals: Vec<Range<u64>>,
}

/// One of several stripes of the arrivals. A stripe contains the arrivals k with k ≡ `stripe` (mod `stripes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StripeOf {
    pub stripe: u32,
    pub stripes: u32,
}

impl StripeOf {
    /// Returns the stripe that the same shard sends in another population. The first arrival of this population belongs
    /// to the shard `first`, modulo the number of stripes. [`Plan::first_stripe`] returns `first`.
    #[must_use]
    pub fn rotated(self, first: u64) -> StripeOf {
        let StripeOf { stripe, stripes } = self;
        let shift = (first % u64::from(stripes.max(1))) as u32;
        StripeOf {
            stripe: (stripe + stripes - shift) % stripes.max(1),
            stripes,
        }
    }
}

/// The intervals and timeouts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunTiming {
    pub snapshot_interval: Duration,
    /// How long the launcher waits for ready workers, and how long a worker waits for the start of the run.
    pub start_timeout: Duration,
    /// The minimum number of ready workers with which the run can start.
    pub workers_min: u32,
    /// Whether the ready workers divide all arrivals among themselves if the run starts without the other workers.
    pub restripe: bool,
    /// How long workers continue without a process that follows the run; `None` for no limit.
    pub dead_man: Option<Duration>,
}

/// How long before the window of a slice the worker of the slice is started by the worker of the previous slice. In
/// this time, a function can start, claim the slice and open its connections.
const HANDOVER_LEAD: Duration = Duration::from_secs(15);

/// How much later than planned the last answer of a slice may arrive. The margin allows for differences between clocks
/// and for slow hosts.
const ANSWER_MARGIN: Duration = Duration::from_secs(3_600);

/// The default number of ephemeral ports of a Linux host (ip_local_port_range, 32768 to 60999), and the number of
/// seconds for which a port stays in TIME_WAIT.
const PORTS: u64 = 28_232;
const PORT_REST_S: u64 = 60;

/// The maximum size of a plan in bytes. The limit is low because a function must parse the plan before it can send
/// requests. Files are not part of the plan.
pub const PLAN_BYTES_MAX: usize = 8 << 20;

/// The maximum number of workers of a run. The merging of results was measured with up to this number of workers.
pub const SHARDS_MAX: u32 = 10_000;

/// The maximum number of slices of a run. The limit is enough for a run of one day in slices of five seconds.
pub const SLICES_MAX: usize = 20_000;

impl Plan {
    /// Returns the SHA-256 digest of the plan's stored form as hexadecimal digits. A claim contains this digest to
    /// identify the plan that the worker read.
    pub fn digest(json: &[u8]) -> String {
        sha256::hex(json)
    }

    /// Returns the number of arrivals and users of all populations before `population`. This number, modulo the number
    /// of shards, is the shard that sends the first arrival of `population`.
    pub fn first_stripe(&self, population: usize) -> u64 {
        let before = self.populations[..population].iter().enumerate();
        let work = before.map(|(index, population)| match &population.load {
            Load::Open { .. } => self.slices.last().map_or(0, |slice| slice.arrivals[index].end),
            Load::Closed { .. } => population.work().number(),
        });
        work.fold(0, u64::wrapping_add)
    }

    /// Returns a plan of only one of the populations. The requests and flows of the returned plan are numbered from 0.
    #[must_use]
    pub fn alone(&self, population: usize) -> Plan {
        let own = &self.populations[population];
        let (requests, flows) = (own.requests.clone(), own.flows.clone());
        let slices = self.slices.iter().map(|slice| Slice {
            arrivals: vec![slice.arrivals[population].clone()],
            ..*slice
        });
        let mut alone = Plan {
            seed: own.seed(self.seed),
            slices: slices.collect(),
            populations: vec![Population {
                name: String::new(),
                requests: 0..requests.len(),
                flows: 0..flows.len(),
                ..own.clone()
            }],
            requests: self.requests[requests.clone()].to_vec(),
            flows: self.flows[flows].to_vec(),
            thresholds: Vec::new(),
            abort_if: Vec::new(),
            cost: None,
            source: String::new(),
            ..self.clone()
        };
        for flow in &mut alone.flows {
            flow.renumber_requests(requests.start, 0);
        }
        alone
    }

    /// Returns the population of a plan that has only one population.
    pub fn only(&self) -> &Population {
        debug_assert_eq!(self.populations.len(), 1, "the plan has one population");
        &self.populations[0]
    }

    /// Returns the index of the population that sends a request, and the population itself.
    pub fn population_of(&self, request: usize) -> (usize, &Population) {
        let index = self.populations.partition_point(|one| one.requests.end <= request);
        let index = index.min(self.populations.len() - 1);
        (index, &self.populations[index])
    }

    /// Returns the due times of all populations whose load is a rate; `None` if all populations have users.
    pub fn schedules(&self) -> Option<Schedules> {
        Schedules::of(&self.populations, self.seed)
    }

    /// Returns the users of all populations that have users; `None` if the load of all populations is a rate.
    pub fn users(&self) -> Option<UserSchedules> {
        UserSchedules::of(&self.populations)
    }

    /// For each population, returns the ranges of the numbers of its measured arrivals. A population with a closed load
    /// has no range.
    pub fn measured(&self) -> Vec<Vec<Range<u64>>> {
        let populations = self.populations.iter();
        let schedules = populations.map(|one| one.schedule(self.seed));
        schedules
            .map(|schedule| schedule.map_or_else(Vec::new, |schedule| schedule.measured()))
            .collect()
    }

    /// Returns the due times of a plan with one population; `None` if the load is closed.
    pub fn schedule(&self) -> Option<Schedule> {
        self.only().schedule(self.seed)
    }

    /// Returns the mix of a plan with one population. The mix chooses the request and the target of each arrival.
    pub fn mix(&self) -> Mix {
        self.only()
            .mix(self.seed, &self.requests, &self.flows, self.targets.len())
    }

    /// Returns the choice of rows for a plan with one population. The choice contains the row of each feed for each
    /// arrival.
    pub fn rows(&self) -> Rows {
        self.rows_of(self.only())
    }

    /// Returns the choice of rows for one of the plan's populations. The choice contains the row of each feed for each
    /// arrival.
    pub fn rows_of(&self, population: &Population) -> Rows {
        population.rows(self.seed, &self.requests, &self.flows, self.targets.len(), &self.feeds)
    }

    /// Returns the end of the load, in nanoseconds since T0, the start of the run.
    pub fn length(&self) -> u64 {
        self.slices.last().map_or(0, |slice| slice.to)
    }

    /// Returns the length of the time in which at least one population is in a measured phase, in nanoseconds.
    pub fn measured_length(&self) -> u64 {
        self.measured_spans().iter().map(|span| span.end - span.start).sum()
    }

    /// Returns the periods in which at least one population is in a measured phase, in nanoseconds since T0, the start
    /// of the run. The periods are in ascending order.
    pub fn measured_spans(&self) -> Vec<Range<u64>> {
        let spans = self.populations.iter().flat_map(Population::measured_spans);
        population::union(spans.collect())
    }

    /// Returns the number of arrivals of the whole run; `None` if any population has a closed load. The number of
    /// arrivals of a closed load depends on the answers.
    pub fn arrivals(&self) -> Option<u64> {
        let last = self.slices.last()?;
        self.populations
            .iter()
            .all(Population::is_open)
            .then(|| last.arrivals.iter().map(|range| range.end).sum())
    }

    /// Returns the number of arrivals that a shard must send in a slice. Only populations with open loads are counted.
    pub fn owed(&self, shard: u32, slice: usize) -> u64 {
        self.owed_by(self.stripe(shard), slice)
    }

    fn owed_by(&self, own: StripeOf, slice: usize) -> u64 {
        let windows = self.slices[slice].arrivals.iter().enumerate();
        let owed = windows.map(|(population, window)| owed(window, own.rotated(self.first_stripe(population))));
        owed.sum()
    }

    /// Returns the stripe that a shard sends if no shard is missing.
    pub fn stripe(&self, shard: u32) -> StripeOf {
        StripeOf {
            stripe: shard,
            stripes: self.shards,
        }
    }

    /// Returns the number of measured arrivals that a worker must send in a slice. `own` is the stripe of the worker,
    /// and `measured` is the result of [`Plan::measured`].
    pub fn owed_measured(&self, measured: &[Vec<Range<u64>>], own: StripeOf, slice: usize) -> u64 {
        let windows = self.slices[slice].arrivals.iter().enumerate().zip(measured);
        let owed = windows.map(|((population, window), measured)| {
            let own = own.rotated(self.first_stripe(population));
            let parts = measured
                .iter()
                .map(|range| range.start.max(window.start)..range.end.min(window.end));
            parts
                .filter(|part| !part.is_empty())
                .map(|part| owed(&part, own))
                .sum::<u64>()
        });
        owed.sum()
    }

    /// Returns the facts against which a snapshot or a result of a slice is checked. `own` is the stripe of the shard;
    /// `None` if the stripe is not known yet.
    pub fn expected<'a>(
        &self,
        names: &'a [String],
        from: &'a Provenance,
        own: Option<StripeOf>,
    ) -> ExpectedSnapshot<'a> {
        let slice = &self.slices[from.slice as usize];
        let planned = match own {
            Some(own) => self.owed_by(own, from.slice as usize),
            None => slice.arrivals.iter().map(|range| range.end - range.start).sum(),
        };
        // In a closed load, the number of arrivals is limited only by the speed of the targets. The maximum rate of a
        // worker gives an upper bound of this number.
        let seconds = (slice.to - slice.from).div_ceil(1_000_000_000);
        let of_users = seconds.saturating_mul(Rate::MAX.as_per_second() as u64);
        let closed = self.populations.iter().filter(|population| !population.is_open());
        let arrivals_max = closed.fold(planned, |sum, _| sum.saturating_add(of_users));
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

    /// Returns the maximum number of requests of one arrival.
    pub fn requests_per_arrival_max(&self) -> u64 {
        self.flows.iter().map(Flow::requests_max).max().unwrap_or(1).max(1)
    }

    /// Returns the maximum time from the due time of an arrival to its end. An arrival is a request or a flow.
    pub fn arrival_max(&self) -> Duration {
        arrival_max(&self.requests, &self.flows, &self.limits)
    }

    /// Returns the maximum time from the due time of a request to its end.
    pub fn wait_max(&self) -> Duration {
        let timeout = self
            .requests
            .iter()
            .map(|request| request.timeout)
            .max()
            .unwrap_or_default();
        self.limits.max_wait + timeout
    }

    /// Returns how long before the window of a slice the worker of the slice is started. For short windows, as in
    /// trials, the returned time is shorter.
    pub fn handover_lead(&self, slice: usize) -> Duration {
        let before = slice.checked_sub(1).and_then(|before| self.slices.get(before));
        let window = before.map_or(0, |before| before.to - before.from);
        HANDOVER_LEAD.min(Duration::from_nanos(window / 2))
    }

    /// Returns how a worker waits for the due times of arrivals, for a plan with one population. The arrivals of a
    /// closed load are never sent in batches, because each user sends as soon as the answer to the previous request
    /// arrives.
    pub fn pacing(&self) -> Pacing {
        match self.only().load {
            Load::Open { .. } => self.only().transport.pacing,
            Load::Closed { .. } => Pacing::Precise,
        }
    }

    /// Returns which requests may use the same connection as `request`.
    pub fn reuse_of(&self, request: RequestIndex) -> Reuse {
        let (_, population) = self.population_of(request.into());
        match self.requests[usize::from(request)].is_step() {
            true => population.transport.flow_reuse,
            false => population.transport.reuse,
        }
    }

    /// Returns the flow that contains a request as a step; `None` if the request is not a step of a flow.
    pub fn flow_of(&self, request: RequestIndex) -> Option<&Flow> {
        let mut flows = self.flows.iter();
        flows.find(|flow| flow.requests.contains(&usize::from(request)))
    }

    /// Returns whether every arrival of a plan with one population is a flow that opens its own connections.
    pub fn opens_connections_for_users(&self) -> bool {
        self.only().transport.flow_reuse == Reuse::User && self.requests.iter().all(Request::is_step)
    }

    /// Returns the number of hosts to which the flows send requests. Each user needs a connection to each of these
    /// hosts.
    fn origins_of_flows(&self) -> usize {
        let steps = self.requests.iter().filter(|request| request.is_step());
        let hosts = steps.map(|request| request.url.cut_url().0);
        let mut named: Vec<Template> = hosts.collect();
        named.sort_by_key(|host| host.as_fixed().map(str::to_owned));
        named.dedup();
        named.len().max(1)
    }

    /// Estimates how many flows are in progress on each worker in the busiest second, for a plan with one population.
    /// The result also contains the number of flows that a worker can have in progress. Returns `None` if the plan has
    /// no flows.
    pub fn sessions(&self) -> Option<Sessions> {
        if self.flows.is_empty() {
            return None;
        }
        let needed = match (self.schedule(), self.only().work()) {
            (Some(schedule), _) => {
                let pauses = sessions::pauses_of_arrival(&self.requests, &self.flows);
                let begun = u128::from(schedule.busiest_second()) * pauses / 1_000_000_000;
                (begun as u64).min(schedule.arrivals())
            }
            (None, users) => users.number(),
        };
        Some(Sessions {
            needed: needed.div_ceil(u64::from(self.shards)),
            room: self.session_room(self.limits.sessions as usize, self.limits.connections as usize) as u64,
        })
    }

    /// Returns the maximum number of flows in progress on a worker, for a plan with one population. `sessions` and
    /// `connections` are the maximum numbers of sessions and connections of the worker.
    pub fn session_room(&self, sessions: usize, connections: usize) -> usize {
        match self.only().transport.flow_reuse {
            Reuse::User => sessions.min(connections / self.origins_of_flows()),
            Reuse::Kept | Reuse::Fresh => sessions,
        }
    }

    /// Returns the maximum number of concurrent requests on each connection, for a plan with one population.
    pub fn streams(&self) -> u32 {
        match self.only().transport.protocol {
            Protocol::Http1 => 1,
            Protocol::Http2 => self.limits.streams,
        }
    }

    /// Returns warnings about settings that are permitted but risky, as sentences for people.
    pub fn cautions(&self) -> Vec<String> {
        let cautions = (0..self.populations.len()).flat_map(|population| {
            let alone = self.alone(population);
            let cautions = [alone.ports_used_up(), alone.users_without_connection()];
            let name = &self.populations[population].name;
            let of = move |caution: String| match name.is_empty() {
                true => caution,
                false => format!("population {name}: {caution}"),
            };
            cautions.into_iter().flatten().map(of)
        });
        cautions.collect()
    }

    fn ports_used_up(&self) -> Option<String> {
        let schedule = self
            .schedule()
            .filter(|_| self.only().transport.reuse == Reuse::Fresh)?;
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
        let users = u64::from(self.only().users()?.users());
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

    /// Returns the region of a shard; `None` if the plan has no regions.
    pub fn region(&self, shard: u32) -> Option<&str> {
        let placed = self
            .regions
            .iter()
            .find(|region| region.shards.binary_search(&shard).is_ok());
        placed.map(|region| region.name.as_str())
    }

    /// Returns the names of the flows in the order of the plan.
    pub fn flow_names(&self) -> Vec<String> {
        self.flows.iter().map(|flow| flow.name.clone()).collect()
    }

    /// Returns the names of the requests in the order of the plan.
    pub fn request_names(&self) -> Vec<String> {
        self.requests.iter().map(|request| request.name.clone()).collect()
    }
}

/// Returns how many arrivals with a number in `range` belong to a stripe.
pub fn owed(range: &Range<u64>, StripeOf { stripe, stripes }: StripeOf) -> u64 {
    let below = |k: u64| (k + u64::from(stripes) - 1 - u64::from(stripe)) / u64::from(stripes);
    below(range.end) - below(range.start)
}

/// Returns the maximum time from the due time of an arrival to its end. An arrival is a request or a flow.
pub fn arrival_max(requests: &[Request], flows: &[Flow], limits: &Limits) -> Duration {
    let timeouts = requests.iter().map(|request| request.timeout);
    let request = limits.max_wait + timeouts.max().unwrap_or_default();
    let step = |request: RequestIndex| limits.max_wait + requests[usize::from(request)].timeout;
    let flows = flows.iter().map(|flow| Duration::from_nanos(flow.length_max(&step)));
    flows.fold(request, Duration::max)
}

/// Formats shard numbers as text for people: `worker 3`, `workers 0-4, 7`. The numbers must be in ascending order.
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

/// Returns the arrivals of a shard in a slice. `schedule` is the result of [`Plan::schedule`] of a plan with one
/// population.
pub fn stripe<'a>(schedule: &'a Schedule, slice: &Slice, shard: u32, shards: u32) -> Stripe<'a> {
    Stripe::new(schedule, slice.arrivals[0].clone(), shard, shards)
}
