//! Populations. A population is a load that runs at the same time as the loads of other populations. Each population
//! has its own arrivals, its own seed, and its own numbering of arrivals.
//!
//! Each population is planned as if the plan had no other population. The assignment of arrivals to shards continues
//! from one population to the next. Without this rule, shard 0 would send the first arrival of every population.

use crate::flow::Flow;
use crate::mix::Mix;
use crate::rows::{Rows, Work};
use crate::scenario::{Feed, Load, MixOrder, Population, Protocol, Request, Reuse, Scenario, SessionKind};
use crate::schedule::Schedule;
use crate::sha256;
use crate::users::UserSchedule;
use std::ops::Range;

/// The maximum number of populations of a scenario.
pub const POPULATIONS_MAX: usize = 20;

impl Population {
    /// Returns the seed of the population's random draws. `run` is the seed of the run. The seed of a population
    /// without a name is the seed of the run, so that a scenario without `populations` uses the seed as written.
    pub fn seed(&self, run: u64) -> u64 {
        if self.name.is_empty() {
            return run;
        }
        let hash = sha256::hex(format!("{run}/{}", self.name).as_bytes());
        hash.bytes().take(16).fold(0, |seed, digit| {
            let digit = char::from(digit).to_digit(16).unwrap_or(0);
            seed << 4 | u64::from(digit)
        })
    }

    /// Returns the due times of an open load; `None` for a closed load. `run` is the seed of the run.
    pub fn schedule(&self, run: u64) -> Option<Schedule> {
        match &self.load {
            Load::Open { phases, spacing } => Some(Schedule::new(phases, *spacing, self.seed(run))),
            Load::Closed { .. } => None,
        }
    }

    /// Returns the users of a closed load; `None` for an open load.
    pub fn users(&self) -> Option<UserSchedule> {
        match &self.load {
            Load::Open { .. } => None,
            Load::Closed { phases, .. } => Some(UserSchedule::new(phases)),
        }
    }

    /// Returns whether the load of the population consists of rates. The function returns false if the load consists of
    /// users.
    pub fn is_open(&self) -> bool {
        matches!(self.load, Load::Open { .. })
    }

    /// Returns the number of arrivals or users of the population.
    pub fn work(&self) -> Work {
        Work::of(&self.load)
    }

    /// Returns the mix of the population. The mix chooses the request and the target of each arrival. `run` is the seed
    /// of the run. `requests` and `flows` are the requests and flows of all populations. `targets` is the number of
    /// targets.
    pub fn mix(&self, run: u64, requests: &[Request], flows: &[Flow], targets: usize) -> Mix {
        let requests = requests[self.requests.clone()].iter();
        let flows = flows[self.flows.clone()].iter();
        Mix::new(
            self.seed(run),
            self.mix_order,
            requests.map(|request| request.weight),
            flows.map(|flow| flow.weight),
            targets,
        )
    }

    /// Returns the choice of rows for the population. The choice contains the row of each feed for each arrival.
    /// [`Population::mix`] has the same arguments, except for `feeds`.
    pub fn rows(&self, run: u64, requests: &[Request], flows: &[Flow], targets: usize, feeds: &[Feed]) -> Rows {
        let mix = self.mix(run, requests, flows, targets);
        let own = self.requests.clone();
        Rows::new(mix, requests, own, &flows[self.flows.clone()], feeds, self.work())
    }

    /// Returns the end of the population's load, in nanoseconds since T0, the start of the run.
    pub fn length(&self) -> u64 {
        match (self.schedule(0), self.users()) {
            (Some(schedule), _) => schedule.length(),
            (None, users) => users.map_or(0, |users| users.length()),
        }
    }

    /// Returns the time spans of the population's measured phases, in nanoseconds since T0, the start of the run.
    pub fn measured_spans(&self) -> Vec<Range<u64>> {
        match (self.schedule(0), self.users()) {
            (Some(schedule), _) => schedule.measured_spans(),
            (None, users) => users.map_or_else(Vec::new, |users| users.measured_spans()),
        }
    }

    /// Returns the name in the plan for one of the population's requests, flows or steps. For example, the flow `buy`
    /// of the population `people` has the name `people/buy` in the plan.
    pub fn name_of(&self, own: &str) -> String {
        match self.name.is_empty() {
            true => own.to_owned(),
            false => format!("{}/{own}", self.name),
        }
    }

    /// Returns the reason why the settings of the population cannot be combined; `None` if they can be combined.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let transport = &self.transport;
        let is_kept = [transport.reuse, transport.flow_reuse] == [Reuse::Kept, Reuse::Kept];
        if transport.protocol == Protocol::Http2 && !is_kept {
            return Some("HTTP/2 has no connections of a request or a user");
        }
        if self.mix_order == MixOrder::Exact && !self.is_open() {
            return Some("its load does not permit an exact mix");
        }
        if transport.session == SessionKind::Kept && self.is_open() {
            return Some("only the users of a closed load keep their session");
        }
        None
    }
}

impl Scenario {
    /// Returns the choice of rows for one of the scenario's populations. The choice contains the row of each feed for
    /// each arrival.
    pub fn rows_of(&self, population: &Population) -> Rows {
        population.rows(
            self.planned_seed(),
            &self.requests,
            &self.flows,
            self.targets.len(),
            &self.feeds,
        )
    }
}

/// The due times of several open loads.
#[derive(Clone, Debug)]
pub struct Schedules(Vec<MeasuredSchedule>);

/// The due times of an open load, and the ranges of its measured arrivals.
#[derive(Clone, Debug)]
struct MeasuredSchedule {
    schedule: Schedule,
    measured: Vec<Range<u64>>,
}

impl Schedules {
    /// Returns the due times of populations; `None` if all populations have users. `run` is the seed of the run.
    pub fn of(populations: &[Population], run: u64) -> Option<Schedules> {
        let schedules = populations.iter().filter_map(|one| one.schedule(run));
        let all: Vec<MeasuredSchedule> = schedules
            .map(|schedule| MeasuredSchedule {
                measured: schedule.measured(),
                schedule,
            })
            .collect();
        (!all.is_empty()).then_some(Schedules(all))
    }

    /// Returns the number of arrivals that are due before `t`. `t` is in nanoseconds since T0, the start of the run.
    pub fn due_before(&self, t: u64) -> u64 {
        self.0.iter().map(|one| one.schedule.due_before(t)).sum()
    }

    /// Returns the number of measured arrivals that are due before `t`. `t` is in nanoseconds since T0, the start of
    /// the run.
    pub fn measured_before(&self, t: u64) -> u64 {
        let of = |one: &MeasuredSchedule| {
            let due = one.schedule.due_before(t);
            let ranges = one.measured.iter();
            ranges
                .map(|range| range.end.min(due).saturating_sub(range.start))
                .sum::<u64>()
        };
        self.0.iter().map(of).sum()
    }

    /// Returns the maximum number of arrivals of all populations together in one second. The seconds are counted from
    /// T0, the start of the run.
    pub fn busiest_second(&self) -> u64 {
        let second = 1_000_000_000;
        let mut counters: Vec<_> = self.0.iter().map(|one| one.schedule.counter()).collect();
        let length = self.0.iter().map(|one| one.schedule.length()).max().unwrap_or(0);
        let (mut before, mut most) = (0, 0);
        for edge in 1..=length.div_ceil(second) {
            let due: u64 = counters
                .iter_mut()
                .map(|counter| counter.due_before(edge * second))
                .sum();
            most = most.max(due - before);
            before = due;
        }
        most
    }

    /// Returns, for each population, the maximum number of its arrivals in one second.
    pub fn busiest_seconds(&self) -> Vec<u64> {
        self.0.iter().map(|one| one.schedule.busiest_second()).collect()
    }

    /// Returns the number of arrivals of all populations.
    pub fn arrivals(&self) -> u64 {
        self.0.iter().map(|one| one.schedule.arrivals()).sum()
    }

    /// Returns the number of measured arrivals of all populations.
    pub fn measured(&self) -> u64 {
        let ranges = self.0.iter().flat_map(|one| &one.measured);
        ranges.map(|range| range.end - range.start).sum()
    }
}

/// The users of several closed loads.
#[derive(Clone, Debug)]
pub struct UserSchedules(Vec<UserSchedule>);

impl UserSchedules {
    /// Returns the users of populations; `None` if no population has users.
    pub fn of(populations: &[Population]) -> Option<UserSchedules> {
        let all: Vec<UserSchedule> = populations.iter().filter_map(Population::users).collect();
        (!all.is_empty()).then_some(UserSchedules(all))
    }

    /// Returns the number of users that are present at `t`. `t` is in nanoseconds since T0, the start of the run.
    pub fn at(&self, t: u64) -> u32 {
        self.0.iter().map(|users| users.at(t)).sum()
    }
}

/// Joins time spans that overlap or touch. The result is in ascending order.
pub(crate) fn union(mut spans: Vec<Range<u64>>) -> Vec<Range<u64>> {
    spans.sort_by_key(|span| span.start);
    let mut joined: Vec<Range<u64>> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}
