//! A plan: everything a worker needs. It is complete, so that nothing is left to decide afterwards.

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
///
/// 6: there are populations.
pub const PLAN: DocumentKind = DocumentKind::new("plan", 6);

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
    /// At least one. Together they have all requests and flows, each of them once and in order.
    pub populations: Vec<Population>,
    /// Base URLs; requests without their own path use them unchanged.
    pub targets: Vec<String>,
    pub requests: Vec<Request>,
    pub flows: Vec<Flow>,
    pub feeds: Vec<Feed>,
    /// The secrets that workers look up before the start; the values exist only in their memory.
    pub secrets: Vec<Reference>,
    /// The requests for tokens that workers send before the start and again before the tokens expire.
    pub tokens: Vec<Request>,
    pub thresholds: Vec<Threshold>,
    pub limits: Limits,
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

/// A window of the run, and the arrivals due in it, of all shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Nanoseconds since T0.
    pub from: u64,
    pub to: u64,
    /// For each population, the numbers of its arrivals due in the window; empty for a closed load.
    pub arrivals: Vec<Range<u64>>,
}

/// One of several stripes: the arrivals k ≡ `stripe` (mod `stripes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StripeOf {
    pub stripe: u32,
    pub stripes: u32,
}

impl StripeOf {
    /// The stripe of a population whose shards are numbered from another one; see [`Plan::first_stripe`].
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
    /// The SHA-256 of the stored form in hex, by which a claim identifies the plan that its worker read.
    pub fn digest(json: &[u8]) -> String {
        sha256::hex(json)
    }

    /// The number of arrivals and users of the populations before this one. The shard with this number, modulo the
    /// number of shards, sends the first arrival of the population.
    pub fn first_stripe(&self, population: usize) -> u64 {
        let before = self.populations[..population].iter().enumerate();
        let work = before.map(|(index, population)| match &population.load {
            Load::Open { .. } => self.slices.last().map_or(0, |slice| slice.arrivals[index].end),
            Load::Closed { .. } => population.work().number(),
        });
        work.fold(0, u64::wrapping_add)
    }

    /// A plan of one population only. Its requests and flows are numbered from 0.
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

    /// The only population of a plan.
    pub fn only(&self) -> &Population {
        debug_assert_eq!(self.populations.len(), 1, "the plan has one population");
        &self.populations[0]
    }

    /// The population that sends a request, and its number.
    pub fn population_of(&self, request: usize) -> (usize, &Population) {
        let index = self.populations.partition_point(|one| one.requests.end <= request);
        let index = index.min(self.populations.len() - 1);
        (index, &self.populations[index])
    }

    /// The due times of all populations with rates; `None` if the run has users only.
    pub fn schedules(&self) -> Option<Schedules> {
        Schedules::of(&self.populations, self.seed)
    }

    /// The users of all populations with users; `None` if the run has rates only.
    pub fn users(&self) -> Option<UserSchedules> {
        UserSchedules::of(&self.populations)
    }

    /// The measured arrivals of each population; none for a closed load.
    pub fn measured(&self) -> Vec<Vec<Range<u64>>> {
        let populations = self.populations.iter();
        let schedules = populations.map(|one| one.schedule(self.seed));
        schedules
            .map(|schedule| schedule.map_or_else(Vec::new, |schedule| schedule.measured()))
            .collect()
    }

    /// The due times of a plan of one population, if its load is open.
    pub fn schedule(&self) -> Option<Schedule> {
        self.only().schedule(self.seed)
    }

    /// The choice of request and target of each arrival of a plan of one population.
    pub fn mix(&self) -> Mix {
        Mix::new(
            self.only().seed(self.seed),
            self.only().mix_order,
            self.requests.iter().map(|request| request.weight),
            self.flows.iter().map(|flow| flow.weight),
            self.targets.len(),
        )
    }

    /// The rows of feeds that arrivals of a plan of one population take.
    pub fn rows(&self) -> Rows {
        Rows::new(self.mix(), &self.requests, &self.flows, &self.feeds, self.only().work())
    }

    /// The end of the load, in nanoseconds since T0.
    pub fn length(&self) -> u64 {
        self.slices.last().map_or(0, |slice| slice.to)
    }

    /// The time in which any population is in a measured phase, in nanoseconds.
    pub fn measured_length(&self) -> u64 {
        self.measured_spans().iter().map(|span| span.end - span.start).sum()
    }

    /// The times in which any population is in a measured phase, in nanoseconds since T0, in ascending order.
    pub fn measured_spans(&self) -> Vec<Range<u64>> {
        let spans = self.populations.iter().flat_map(Population::measured_spans);
        population::union(spans.collect())
    }

    /// The arrivals of the whole run; `None` if a load is closed, because its arrivals depend on the answers.
    pub fn arrivals(&self) -> Option<u64> {
        let is_open = |population: &Population| matches!(population.load, Load::Open { .. });
        let last = self.slices.last()?;
        self.populations
            .iter()
            .all(is_open)
            .then(|| last.arrivals.iter().map(|range| range.end).sum())
    }

    /// The number of arrivals that a shard owes in a slice of open loads.
    pub fn owed(&self, shard: u32, slice: usize) -> u64 {
        self.owed_by(self.stripe(shard), slice)
    }

    fn owed_by(&self, own: StripeOf, slice: usize) -> u64 {
        let windows = self.slices[slice].arrivals.iter().enumerate();
        let owed = windows.map(|(population, window)| owed(window, own.rotated(self.first_stripe(population))));
        owed.sum()
    }

    /// The stripe of a shard if no shard is missing.
    pub fn stripe(&self, shard: u32) -> StripeOf {
        StripeOf {
            stripe: shard,
            stripes: self.shards,
        }
    }

    /// The measured arrivals that a stripe owes in a slice; `measured` is [`Plan::measured`].
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

    /// The expectations for a snapshot or result of a slice. `own` is the stripe of its shard, if already known.
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
        // The targets alone limit users; no worker sends more than the maximum rate.
        let seconds = (slice.to - slice.from).div_ceil(1_000_000_000);
        let of_users = seconds.saturating_mul(Rate::MAX.as_per_second() as u64);
        let closed = self
            .populations
            .iter()
            .filter(|one| matches!(one.load, Load::Closed { .. }));
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

    /// How a worker wakes for due arrivals of a plan of one population. A closed load never batches, because users send when their answer arrives.
    pub fn pacing(&self) -> Pacing {
        match self.only().load {
            Load::Open { .. } => self.only().transport.pacing,
            Load::Closed { .. } => Pacing::Precise,
        }
    }

    /// Whose requests the connection of a request carries.
    pub fn reuse_of(&self, request: RequestIndex) -> Reuse {
        let (_, population) = self.population_of(request.into());
        match self.requests[usize::from(request)].is_step() {
            true => population.transport.flow_reuse,
            false => population.transport.reuse,
        }
    }

    /// The flow that a request is a step of.
    pub fn flow_of(&self, request: RequestIndex) -> Option<&Flow> {
        let mut flows = self.flows.iter();
        flows.find(|flow| flow.requests.contains(&usize::from(request)))
    }

    /// Whether every arrival of a plan of one population is a flow that opens its own connections.
    pub fn opens_connections_for_users(&self) -> bool {
        self.only().transport.flow_reuse == Reuse::User && self.requests.iter().all(Request::is_step)
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

    /// The flows in progress on each worker, of a plan of one population; `None` without flows.
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

    /// The number of flows that a worker with these numbers of sessions and connections has room for, in a plan of one
    /// population.
    pub fn session_room(&self, sessions: usize, connections: usize) -> usize {
        match self.only().transport.flow_reuse {
            Reuse::User => sessions.min(connections / self.origins_of_flows()),
            Reuse::Kept | Reuse::Fresh => sessions,
        }
    }

    /// The number of concurrent requests on each connection of a plan of one population.
    pub fn streams(&self) -> u32 {
        match self.only().transport.protocol {
            Protocol::Http1 => 1,
            Protocol::Http2 => self.limits.streams,
        }
    }

    /// Warnings about permitted but risky settings, as sentences for people.
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

/// The number of arrivals of a stripe in `range`.
pub fn owed(range: &Range<u64>, StripeOf { stripe, stripes }: StripeOf) -> u64 {
    let below = |k: u64| (k + u64::from(stripes) - 1 - u64::from(stripe)) / u64::from(stripes);
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

/// The arrivals of a shard in a slice of the [`Plan::schedule`] of a plan of one population.
pub fn stripe<'a>(schedule: &'a Schedule, slice: &Slice, shard: u32, shards: u32) -> Stripe<'a> {
    Stripe::new(schedule, slice.arrivals[0].clone(), shard, shards)
}
