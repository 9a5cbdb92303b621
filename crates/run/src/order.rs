//! Converts the user's choices to an order, from which a plan is made.

use crate::error::Refused;
use fleet::fleet::{Fleet, FleetKind, Lifetime};
use plan::plan::{Plan, RunTiming};
use plan::planning::{Order, PlanError};
use plan::scenario::Scenario;
use std::time::Duration;

/// The part of a worker's lifetime that is reserved for the start of the worker and for storing its result. The
/// lifetime also contains the window, the start timeout and the time to wait for the last answers.
const LIFETIME_RESERVE: Duration = Duration::from_secs(20);
/// The address that a plan contains until the built-in target has an address.
pub const BUILTIN: &str = "http://127.0.0.1:0";
/// The minimum window of a worker, which is the time in which the worker sends.
const WINDOW_MIN: Duration = Duration::from_secs(5);

/// The number of workers that the user asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    Number(u32),
    /// The number of workers is computed from the calibration.
    Auto,
}

impl Workers {
    /// Returns the number that the user gave; `None` if the number is computed from the calibration.
    pub fn number(self) -> Option<u32> {
        match self {
            Workers::Number(number) => Some(number),
            Workers::Auto => None,
        }
    }
}

/// The user's choices for running a scenario.
#[derive(Clone, Debug)]
pub struct Choices {
    pub workers: Workers,
    pub fleet: &'static dyn FleetKind,
    /// The time to wait for workers before the run is aborted; `None` for the default of the fleet.
    pub start_timeout: Option<Duration>,
    /// The minimum number of ready workers with which the run starts if no other worker can become ready in time;
    /// `None` if all workers are required.
    pub min_workers: Option<u32>,
    /// Whether the workers that are ready take over the arrivals of the workers that are not ready.
    pub restripe: bool,
    pub dead_man: Option<Duration>,
    /// The snapshot interval of the workers; `None` for the default of the fleet.
    pub snapshot_interval: Option<Duration>,
    /// The maximum window of a worker; `None` for the limit of the fleet.
    pub slice: Option<Duration>,
}

/// The facts that a plan requires in addition to the choices.
#[derive(Debug)]
pub struct PlanRequest<'a> {
    pub run: String,
    /// The time at which the run was planned, in nanoseconds since the Unix epoch.
    pub created: u64,
    pub workers: u32,
    pub fleet: &'a dyn Fleet,
    pub builtin_target: String,
}

/// Returns the maximum lifetime of the workers of a plan.
pub fn lifetime(plan: &Plan) -> Duration {
    let windows = plan.slices.iter().map(|slice| slice.to - slice.from);
    let longest = Duration::from_nanos(windows.max().unwrap_or(0));
    longest + plan.timing.start_timeout + plan.arrival_max() + LIFETIME_RESERVE
}

/// Makes the plan of a run. The error contains a problem and a hint.
pub fn plan(scenario: &Scenario, choices: &Choices, asked: PlanRequest<'_>) -> Result<Plan, Refused> {
    let plan = plan_for_trial(scenario, choices, asked)?;
    plan.check_large_feeds()
        .map_err(|problem| Refused::new(&problem, problem.hint()))?;
    Ok(plan)
}

/// Makes a plan like [`plan`], without the check of large feeds. The worker of a trial sends one arrival, so it keeps
/// few rows of large feeds.
pub(crate) fn plan_for_trial(scenario: &Scenario, choices: &Choices, asked: PlanRequest<'_>) -> Result<Plan, Refused> {
    let capabilities = asked.fleet.capabilities();
    let start_timeout = choices.start_timeout.unwrap_or(capabilities.start_timeout);
    let order = Order {
        run: asked.run,
        created: asked.created,
        fleet: asked.fleet.name().to_owned(),
        workers: asked.workers,
        slice_max: match choices.slice {
            Some(slice) => Some(slice),
            None => match capabilities.lifetime {
                Some(lifetime) => Some(window_max(scenario, start_timeout, asked.fleet.name(), lifetime)?),
                None => None,
            },
        },
        workers_max: capabilities.workers_max,
        builtin_target: asked.builtin_target,
        timing: RunTiming {
            snapshot_interval: choices.snapshot_interval.unwrap_or(capabilities.snapshot_interval),
            start_timeout,
            workers_min: choices.min_workers.unwrap_or(asked.workers),
            restripe: choices.restripe,
            dead_man: choices.dead_man,
        },
    };
    if order.timing.workers_min > order.workers {
        let problem = format!(
            "--min-workers {} of {} workers",
            order.timing.workers_min, order.workers
        );
        return Err(Refused::new(problem, format!("use 1 to {}", order.workers)));
    }
    Plan::new(scenario, &order).map_err(|error: PlanError| Refused::new(&error, error.hint()))
}

/// Returns the maximum window with which a worker ends within its lifetime.
fn window_max(
    scenario: &Scenario,
    start_timeout: Duration,
    fleet: &str,
    lifetime: Lifetime,
) -> Result<Duration, Refused> {
    let arrival = plan::plan::arrival_max(&scenario.requests, &scenario.flows, &scenario.limits);
    let other = start_timeout + arrival + LIFETIME_RESERVE;
    let window = lifetime.max.checked_sub(other).filter(|window| *window >= WINDOW_MIN);
    window.ok_or_else(|| {
        let show = plan::span::show;
        let problem = format!(
            "a worker of the {fleet} fleet lives {}, but start, longest wait, longest request or flow, and result may take {}",
            show(lifetime.max),
            show(other)
        );
        let hint = format!(
            "{}, or use a shorter --start-timeout, `max_wait` or `timeout`",
            lifetime.hint
        );
        Refused::new(problem, hint)
    })
}

/// Checks the choices that can be checked without a scenario.
pub fn check(choices: &Choices) -> Result<(), Refused> {
    const SHORTEST: Duration = Duration::from_millis(100);
    if let (Some(min), Some(workers)) = (choices.min_workers, choices.workers.number())
        && (min == 0 || min > workers)
    {
        let problem = format!("--min-workers {min} of --workers {workers}");
        return Err(Refused::new(problem, format!("use 1 to {workers}")));
    }
    if choices.dead_man.is_some_and(|limit| limit < Duration::from_secs(5)) {
        return Err(Refused::new("--dead-man is too short", "use 5s or more"));
    }
    if choices.snapshot_interval.is_some_and(|interval| interval < SHORTEST) {
        return Err(Refused::new("--snapshot-interval is too short", "use 100ms or more"));
    }
    if choices.slice.is_some_and(|slice| slice < Duration::from_secs(1)) {
        return Err(Refused::new("--slice is too short", "use 1s or more"));
    }
    Ok(())
}

/// Sets a random seed if the scenario has no seed. Returns whether a seed was set.
pub fn draw_seed(scenario: &mut Scenario) -> bool {
    let draws = scenario.seed.is_none();
    scenario.seed.get_or_insert_with(seed);
    draws
}

/// Returns a random seed of 53 bits. Every JSON parser reads an integer of 53 bits exactly.
pub fn seed() -> u64 {
    rand::random::<u64>() >> 11
}
