//! From what was typed to what a planner is asked.

use crate::args::{FleetKind, OrderArgs};
use crate::printer::Stated;
use fleet::fleet::Limits;
use plan::plan::{Order, Plan, PlanError, Timing};
use plan::scenario::Scenario;
use std::time::Duration;

/// What a function needs of its life beside its window, the start and the drain: to begin, and to store
/// its result.
const LIFETIME_RESERVE: Duration = Duration::from_secs(20);
/// Stands for the address that the built-in target will have.
pub(crate) const BUILTIN: &str = "http://127.0.0.1:0";
/// A function that lives no longer than this beside what it needs is of no use.
const WINDOW_MIN: Duration = Duration::from_secs(5);

/// What is not typed, and a planner is asked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub run: String,
    /// Nanoseconds since the Unix epoch.
    pub created: u64,
    pub workers: u32,
    pub limits: Limits,
    pub builtin_target: String,
}

/// How long a worker of a plan lives, at most.
pub(crate) fn lifetime(plan: &Plan) -> Duration {
    let windows = plan.slices.iter().map(|slice| slice.to - slice.from);
    let longest = Duration::from_nanos(windows.max().unwrap_or(0));
    longest + plan.timing.start_timeout + plan.wait_max() + LIFETIME_RESERVE
}

/// Plans, or says what would be right.
pub(crate) fn plan(scenario: &Scenario, args: &OrderArgs, asked: Asked) -> Result<Plan, Stated> {
    let interval = match args.fleet() {
        FleetKind::Local => Duration::from_secs(1),
        FleetKind::Lambda => Duration::from_secs(5),
    };
    let order = Order {
        run: asked.run,
        created: asked.created,
        fleet: args.fleet().name().to_owned(),
        workers: asked.workers,
        slice_max: match args.slice {
            Some(slice) => Some(slice),
            None => window_max(scenario, args, asked.limits)?,
        },
        workers_max: asked.limits.workers_max,
        builtin_target: asked.builtin_target,
        timing: Timing {
            snapshot_interval: args.snapshot_interval.unwrap_or(interval),
            start_timeout: args.start_timeout,
            workers_min: args.min_workers.unwrap_or(asked.workers),
            restripe: args.restripe,
            dead_man: args.dead_man,
        },
    };
    if order.timing.workers_min > order.workers {
        let problem = format!(
            "--min-workers {} of {} workers",
            order.timing.workers_min, order.workers
        );
        return Err(Stated::usage(problem, format!("use 1 to {}", order.workers)));
    }
    Plan::new(scenario, &order).map_err(|error: PlanError| Stated::usage(&error, error.hint()))
}

/// The longest window that a function can send in, if functions have a limit.
fn window_max(scenario: &Scenario, args: &OrderArgs, limits: Limits) -> Result<Option<Duration>, Stated> {
    let Some(lifetime) = limits.lifetime_max else {
        return Ok(None);
    };
    let timeout = scenario.requests.iter().map(|request| request.timeout).max();
    let beside = args.start_timeout + scenario.limits.max_wait + timeout.unwrap_or_default() + LIFETIME_RESERVE;
    match lifetime.checked_sub(beside).filter(|window| *window >= WINDOW_MIN) {
        Some(window) => Ok(Some(window)),
        None => {
            let show = plan::span::show;
            let problem = format!(
                "a function lives {}, and start, longest wait, longest request and result may take {}",
                show(lifetime),
                show(beside)
            );
            let hint = "raise the function's timeout, or use a shorter --start-timeout, `max_wait` or `timeout`";
            Err(Stated::usage(problem, hint))
        }
    }
}

/// Checks what was typed as far as it goes without a scenario.
pub(crate) fn check(args: &OrderArgs) -> Result<(), Stated> {
    const SHORTEST: Duration = Duration::from_millis(100);
    if let (Some(min), Some(workers)) = (args.min_workers, args.workers.number())
        && (min == 0 || min > workers)
    {
        let problem = format!("--min-workers {min} of --workers {workers}");
        return Err(Stated::usage(problem, format!("use 1 to {workers}")));
    }
    if args.dead_man.is_some_and(|limit| limit < Duration::from_secs(5)) {
        return Err(Stated::usage("--dead-man is too short", "use 5s or more"));
    }
    if args.snapshot_interval.is_some_and(|interval| interval < SHORTEST) {
        return Err(Stated::usage("--snapshot-interval is too short", "use 100ms or more"));
    }
    if args.slice.is_some_and(|slice| slice < Duration::from_secs(1)) {
        return Err(Stated::usage("--slice is too short", "use 1s or more"));
    }
    Ok(())
}
