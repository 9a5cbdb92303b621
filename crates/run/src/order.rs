//! Converts the user's choices to the order of a plan.

use crate::error::Refused;
use fleet::fleet::{Fleet, FleetKind, Lifetime};
use plan::plan::{Plan, RunTiming};
use plan::planning::{Order, PlanError};
use plan::scenario::Scenario;
use std::time::Duration;

/// The part of a worker's lifetime that is reserved for its own start and for storing its result, in addition to
/// window, start timeout and drain.
const LIFETIME_RESERVE: Duration = Duration::from_secs(20);
/// The placeholder for the address of the built-in target.
pub const BUILTIN: &str = "http://127.0.0.1:0";
/// The shortest window that a worker must have left for sending.
const WINDOW_MIN: Duration = Duration::from_secs(5);

/// The number of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    Number(u32),
    /// The number that the calibration gives.
    Auto,
}

impl Workers {
    /// Returns the number, if it was given.
    pub fn number(self) -> Option<u32> {
        match self {
            Workers::Number(number) => Some(number),
            Workers::Auto => None,
        }
    }
}

/// The choices for running a scenario.
#[derive(Clone, Debug)]
pub struct Choices {
    pub workers: Workers,
    pub fleet: &'static dyn FleetKind,
    /// The time to wait for workers before the run is aborted; `None` for the default of the fleet.
    pub start_timeout: Option<Duration>,
    /// The number of workers that suffices when the start timeout has passed; `None` for all of them.
    pub min_workers: Option<u32>,
    /// Whether the workers that start take over the arrivals of those that do not.
    pub restripe: bool,
    pub dead_man: Option<Duration>,
    /// `None` for the default of the fleet.
    pub snapshot_interval: Option<Duration>,
    /// The longest window; `None` for the limit of the fleet.
    pub slice: Option<Duration>,
}

/// The facts that a plan needs besides the choices.
#[derive(Debug)]
pub struct PlanRequest<'a> {
    pub run: String,
    /// Nanoseconds since the Unix epoch.
    pub created: u64,
    pub workers: u32,
    pub fleet: &'a dyn Fleet,
    pub builtin_target: String,
}

/// Returns the maximum lifetime of a worker of a plan.
pub fn lifetime(plan: &Plan) -> Duration {
    let windows = plan.slices.iter().map(|slice| slice.to - slice.from);
    let longest = Duration::from_nanos(windows.max().unwrap_or(0));
    longest + plan.timing.start_timeout + plan.arrival_max() + LIFETIME_RESERVE
}

/// Plans a run; an error names the problem and a hint.
pub fn plan(scenario: &Scenario, choices: &Choices, asked: PlanRequest<'_>) -> Result<Plan, Refused> {
    let plan = plan_for_trial(scenario, choices, asked)?;
    plan.check_large_feeds()
        .map_err(|problem| Refused::new(&problem, problem.hint()))?;
    Ok(plan)
}

/// Like [`plan`], for a trial of one arrival, whose worker keeps few rows of large feeds.
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

/// Returns the longest window that fits into the lifetime of a worker.
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

/// Checks the choices that need no scenario.
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

/// Draws the seed of a launch unless the scenario has one; returns whether it drew one.
pub fn draw_seed(scenario: &mut Scenario) -> bool {
    let draws = scenario.seed.is_none();
    scenario.seed.get_or_insert_with(seed);
    draws
}

/// Returns a random seed of 53 bits, which every JSON parser keeps exactly.
pub fn seed() -> u64 {
    rand::random::<u64>() >> 11
}
