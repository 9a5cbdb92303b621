//! From what was typed to what a planner is asked.

use crate::args::{FleetKind, OrderArgs};
use crate::printer::Stated;
use fleet::fleet::Limits;
use plan::plan::{Order, Plan, PlanError, Timing};
use plan::scenario::Scenario;
use std::time::Duration;

/// What a function needs of its life beside its window: to start, to wait for the start, to drain
/// and to store its result.
const LIFETIME_RESERVE: Duration = Duration::from_secs(120);

/// What a planner is asked.
pub(crate) fn order(args: &OrderArgs, run: String, created: u64, limits: Limits, builtin_target: String) -> Order {
    let (fleet, interval) = match args.fleet {
        FleetKind::Local => ("local", Duration::from_secs(1)),
        FleetKind::Lambda => ("lambda", Duration::from_secs(5)),
    };
    let lifetime = limits
        .lifetime_max
        .map(|lifetime| lifetime.saturating_sub(LIFETIME_RESERVE));
    Order {
        run,
        created,
        fleet: fleet.to_owned(),
        workers: args.workers,
        slice_max: args.slice.or(lifetime),
        workers_max: limits.workers_max,
        builtin_target,
        timing: Timing {
            snapshot_interval: args.snapshot_interval.unwrap_or(interval),
            start_timeout: args.start_timeout,
            workers_min: args.min_workers.unwrap_or(args.workers),
            restripe: args.restripe,
            dead_man: args.dead_man,
        },
    }
}

/// Checks what was typed as far as it goes without a scenario.
pub(crate) fn check(args: &OrderArgs) -> Result<(), Stated> {
    const SHORTEST: Duration = Duration::from_millis(100);
    if let Some(min) = args.min_workers.filter(|min| *min == 0 || *min > args.workers) {
        let problem = format!("--min-workers {min} of --workers {}", args.workers);
        return Err(Stated::usage(problem, format!("use 1 to {}", args.workers)));
    }
    if args.snapshot_interval.is_some_and(|interval| interval < SHORTEST) {
        return Err(Stated::usage("--snapshot-interval is too short", "use 100ms or more"));
    }
    if args.slice.is_some_and(|slice| slice < Duration::from_secs(1)) {
        return Err(Stated::usage("--slice is too short", "use 1s or more"));
    }
    if args.start_timeout.is_zero() {
        return Err(Stated::usage("--start-timeout is zero", "use 10s or more"));
    }
    Ok(())
}

/// Plans, or says what would be right.
pub(crate) fn plan(scenario: &Scenario, order: &Order) -> Result<Plan, Stated> {
    Plan::new(scenario, order).map_err(|error: PlanError| Stated::usage(&error, error.hint()))
}
