//! The planner: a pure function of a scenario, the number of workers, and the limits of the fleet.

use crate::plan::{PLAN, PLAN_BYTES_MAX, Plan, RunTiming, SHARDS_MAX, SLICES_MAX, Slice};
use crate::region::{self, PlacedRegion};
use crate::rows::Work;
use crate::scenario::{Population, Scenario, Target};
use crate::schedule::{Schedule, nanos};
use crate::sessions::Sessions;
use std::time::Duration;

/// The inputs of the planner besides the scenario.
#[derive(Clone, Debug)]
pub struct Order {
    pub run: String,
    /// The time at which the plan is created, in nanoseconds since the Unix epoch.
    pub created: u64,
    pub fleet: String,
    pub workers: u32,
    /// The maximum length of a slice; `None` if the fleet does not limit how long a worker can run.
    pub slice_max: Option<Duration>,
    /// The maximum number of workers that the fleet allows.
    pub workers_max: u32,
    /// The address of the built-in target. The address is used by scenarios whose target is the built-in target.
    pub builtin_target: String,
    pub timing: RunTiming,
}

/// The reason why a run cannot be planned.
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
    /// Returns an instruction that solves the problem.
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

impl Plan {
    /// Plans a run. The plan depends only on the arguments.
    ///
    /// # Errors
    /// Fails if the load has no arrivals, if the number of workers does not fit the load, the regions or the fleet, or
    /// if the plan exceeds a limit.
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
        let slices = slices(&scenario.populations, scenario.planned_seed(), order)?;
        let plan = Plan {
            format: PLAN.format,
            run: order.run.clone(),
            scenario: scenario.name.clone(),
            created: order.created,
            seed: scenario.planned_seed(),
            fleet: order.fleet.clone(),
            shards: order.workers,
            slices,
            populations: scenario.populations.clone(),
            targets: scenario
                .targets
                .iter()
                .map(|target| match target {
                    Target::Url(url) => url.clone(),
                    Target::Builtin(_) => order.builtin_target.clone(),
                })
                .collect(),
            requests: scenario.requests.clone(),
            flows: scenario.flows.clone(),
            feeds: scenario.feeds.clone(),
            secrets: scenario.secrets.clone(),
            tokens: scenario.tokens.clone(),
            thresholds: scenario.thresholds.clone(),
            limits: scenario.limits.clone(),
            hosts: scenario.hosts.clone(),
            tls: scenario.tls.clone(),
            abort_if: scenario.abort_if.clone(),
            regions: regions(scenario, order.workers)?,
            data: scenario.blobs.keys().cloned().collect(),
            timing: order.timing.clone(),
            cost: None,
            source: scenario.source.clone(),
        };
        for population in 0..plan.populations.len() {
            if let Some(Sessions { needed, room }) = plan.alone(population).sessions()
                && needed > room
            {
                return Err(PlanError::TooManySessions {
                    needed,
                    room,
                    workers: order.workers,
                });
            }
        }
        match plan.encode().len() {
            bytes if bytes > PLAN_BYTES_MAX => Err(PlanError::TooLarge {
                bytes,
                most: PLAN_BYTES_MAX,
            }),
            _ => Ok(plan),
        }
    }
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

/// Describes the number of arrivals and users of populations as text for people: `5 arrivals and 3 users`.
fn describe_work(populations: &[Population]) -> String {
    let (mut arrivals, mut users) = (0, 0);
    for population in populations {
        match population.work() {
            Work::Arrivals(number) => arrivals += number,
            Work::Users(number) => users += number,
        }
    }
    match (arrivals, users) {
        (arrivals, 0) => format!("{arrivals} arrivals"),
        (0, users) => format!("{users} users"),
        (arrivals, users) => format!("{arrivals} arrivals and {users} users"),
    }
}

fn slices(populations: &[Population], seed: u64, order: &Order) -> Result<Vec<Slice>, PlanError> {
    let work = populations.iter().map(|population| population.work().number());
    let work = work.fold(0, u64::saturating_add);
    if work == 0 {
        return Err(PlanError::NoArrivals);
    }
    if u64::from(order.workers) > work {
        return Err(PlanError::Idle {
            workers: order.workers,
            work: describe_work(populations),
            fit: work,
        });
    }
    let length = populations.iter().map(Population::length).max().unwrap_or(0);
    let longest = order.slice_max.map_or(length, nanos).clamp(1, length);
    // Use the smallest number of slices with which no slice exceeds the maximum length. All slices have nearly the same
    // length.
    let count = length.div_ceil(longest);
    if count > SLICES_MAX as u64 {
        return Err(PlanError::TooManySlices { slices: count });
    }
    let edge = |j: u64| (u128::from(length) * u128::from(j) / u128::from(count)) as u64;
    let schedules: Vec<Option<Schedule>> = populations.iter().map(|population| population.schedule(seed)).collect();
    let mut counters: Vec<_> = schedules
        .iter()
        .map(|one| one.as_ref().map(Schedule::counter))
        .collect();
    let mut before = vec![0; populations.len()];
    let slices = (0..count).map(|j| {
        let (from, to) = (edge(j), edge(j + 1));
        let arrivals = counters.iter_mut().zip(&schedules).zip(&mut before);
        let arrivals = arrivals.map(|((counter, schedule), before)| {
            let end = match (counter, schedule) {
                (Some(_), Some(schedule)) if to == length => schedule.arrivals(),
                (Some(counter), _) => counter.due_before(to),
                (None, _) => 0,
            };
            std::mem::replace(before, end)..end
        });
        Slice {
            from,
            to,
            arrivals: arrivals.collect(),
        }
    });
    Ok(slices.collect())
}
