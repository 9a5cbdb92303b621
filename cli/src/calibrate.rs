//! `calibrate`: measures the rate that one worker can send, and prints how many workers a scenario requires.

use crate::args::CalibrateArgs;
use crate::choices;
use crate::exit::Exit;
use crate::interrupts::Interrupts;
use crate::printer::Printer;
use crate::scenario;
use ::report::show::{rate, time};
use ::run::calibrate::{Bounds, Calibrated, CalibrationEvent, RateSearch};
use ::run::deployment::Deployment;
use ::worker::clock::Clock;
use store::RunStore;

pub(crate) async fn run(args: CalibrateArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let scenario = scenario::load(&args.scenario, printer)?;
    let (choices, program) = (args.choices(), choices::program()?);
    let (options, named) = (args.deploy.options(), args.store.store.as_deref());
    let deployment = Deployment::find(choices.fleet, &options, named, &scenario, &program).await?;
    let bounds = Bounds::of(&scenario, choices.up_to)?;
    let store = RunStore::open(&deployment.location).await?;
    printer.note(&format!(
        "calibrating {}: one worker, at most {}",
        scenario.name,
        rate(bounds.most as f64)
    ));
    let interrupts = Interrupts::begin(&store, &deployment.location, &Clock::tie(0), printer)?;
    let on = |event: CalibrationEvent<'_>| match event {
        CalibrationEvent::Running(run) => interrupts.running(run),
        CalibrationEvent::Idle => interrupts.idle(),
        CalibrationEvent::NotStopped(run) => interrupts.not_stopped(run),
        CalibrationEvent::Tried(one) => printer.note(&format!(
            "{:>12}  lag p99 {:>8}  {}",
            rate(one.rate as f64),
            time(one.lag_p99),
            one.verdict()
        )),
        CalibrationEvent::Failed(line) => printer.note(&format!("failed: {line}")),
    };
    let search = RateSearch {
        scenario: &scenario,
        choices: &choices,
        deployment: &deployment,
        store: &store,
        program: &program,
        stopping: interrupts.stopping(),
        on: &on,
    };
    let found = tokio::select! {
        found = search.calibrate(bounds) => found?,
        () = interrupts.leaving() => return Ok(Exit::Interrupted),
    };
    let max_lag = time(choices.max_lag.as_nanos() as u64);
    printer.result(&text(&found, &scenario.name, &max_lag))?;
    printer.result(&found.doubts)?;
    Ok(Exit::Passed)
}

fn text(found: &Calibrated, scenario: &str, max_lag: &str) -> String {
    let workers = found.workers;
    format!(
        "one worker can send {}{} of {scenario}, with lag p99 up to {max_lag}\n{} in the busiest second of its load need {workers} worker{} (--workers {workers}, or --workers auto)\n",
        if found.calibration.at_least { "at least " } else { "" },
        rate(found.calibration.rate as f64),
        rate(found.peak as f64),
        if workers == 1 { "" } else { "s" },
    )
}
