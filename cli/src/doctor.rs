//! `doctor`: checks whether a run can start, and prints the problems that the user must correct first. A launch on a
//! fleet that is inspected performs the same checks, unless the user gives `--unchecked`.

use crate::args::{DoctorArgs, ScenarioArgs};
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use crate::{choices, scenario};
use ::fleet::finding::{Finding, FindingState};
use ::fleet::kinds;
use ::run::deployment::Deployment;
use ::run::examine::examine;
use ::run::order::BUILTIN;
use ::run::{capacity, order};
use std::fmt::Write;
use store::RunStore;

pub(crate) async fn run(args: DoctorArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let mut choices = args.order.choices();
    order::check(&choices)?;
    let scenario = match args.scenario {
        Some(scenario) => {
            let (settings, send) = (args.settings, args.send);
            scenario::load(
                &ScenarioArgs {
                    scenario,
                    settings,
                    send,
                },
                printer,
            )?
        }
        None if args.settings.env.is_some() || !args.settings.set.is_empty() => {
            return Err(Stated::usage("--env and --set need a scenario", "name a scenario").into());
        }
        None => {
            args.send.refuse()?;
            scenario::any()
        }
    };
    let options = args.deploy.options();
    if args.order.fleet.is_none() {
        choices.fleet = kinds::usual(&options);
    }
    let (store, program) = (args.store.store.as_deref(), choices::program()?);
    let deployment = Deployment::find(choices.fleet, &options, store, &scenario, &program).await?;
    let store = RunStore::open(&deployment.location).await?;
    let workers = capacity::workers(choices.workers, &scenario, &deployment, &store).await?;
    let asked = order::PlanRequest {
        run: format!("{}-planned", scenario.name),
        created: 0,
        workers,
        fleet: &*deployment.fleet,
        builtin_target: BUILTIN.to_owned(),
    };
    let plan = order::plan(&scenario, &choices, asked)?;
    printer.proxies();
    let findings = examine(&deployment, &plan, &store, plan.timing.start_timeout).await;
    let mut text = String::new();
    for Finding { about, found } in &findings {
        match found {
            FindingState::Good(words) => writeln!(text, "ok       {about:<12} {words}")?,
            FindingState::Unknown(words) => writeln!(text, "unknown  {about:<12} {words}")?,
            FindingState::Bad { problem, hint } => writeln!(text, "WRONG    {about:<12} {problem}\n{:22}{hint}", "")?,
        }
    }
    let wrong = findings.iter().filter(|finding| finding.is_bad()).count();
    match wrong {
        0 => writeln!(text, "\n{workers} workers can be launched")?,
        1 => writeln!(text, "\n1 problem must be fixed first")?,
        several => writeln!(text, "\n{several} problems must be fixed first")?,
    }
    printer.result(&text)?;
    Ok(if wrong == 0 { Exit::Passed } else { Exit::Failed })
}

/// Returns an error that lists the problems among the findings. Prints a note for each check that could not decide.
pub(crate) fn check(findings: &[Finding], printer: &Printer) -> Result<(), Stated> {
    let mut text = String::new();
    for Finding { about, found } in findings {
        match found {
            FindingState::Bad { problem, hint } => {
                let _ = writeln!(text, "error: {problem}\nhint: {hint}");
            }
            FindingState::Unknown(words) => printer.note(&format!("not checked: {about}: {words}")),
            FindingState::Good(_) => {}
        }
    }
    if text.is_empty() {
        return Ok(());
    }
    Err(Stated {
        text: text.trim_end().to_owned(),
        exit: Exit::Failed,
    })
}
