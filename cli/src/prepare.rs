//! `prepare`: stores a plan, but starts no workers.

use crate::args::PrepareArgs;
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use crate::{choices, scenario};
use ::fleet::elsewhere;
use ::fleet::launch::start_at;
use ::run::order;
use ::run::prepare::{RunRequest, prepare};
use plan::scenario::Target;
use report::show::moment;

pub(crate) async fn run(args: PrepareArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let choices = args.order.choices_on(&elsewhere::Kind);
    order::check(&choices)?;
    let mut scenario = scenario::load(&args.scenario, printer)?;
    order::draw_seed(&mut scenario);
    if scenario
        .targets
        .iter()
        .any(|target| matches!(target, Target::Builtin(_)))
    {
        let problem = "the scenario uses the built-in target, which ends with this command";
        return Err(Stated::usage(
            problem,
            "set `target:` to a URL; `vajra-cloud target` serves a test target",
        )
        .into());
    }
    let prepared = prepare(RunRequest {
        scenario,
        run: args.run,
        choices,
        fleet_options: args.deploy.options(),
        store: args.store.store.clone(),
        cost: args.cost.choices(),
        program: choices::program()?,
    })
    .await?;
    let t0 = args.start_at.map(|start| start.t0(prepared.clock.now())).transpose();
    let t0 = t0.map_err(|problem| Stated::usage(problem, "give a time in the future: `--start-at +3m`"))?;
    printer.cautions(&prepared.rough);
    let published = prepared.publish().await?;
    let plan = &published.gatherer.record.plan;
    if let Some(t0) = t0 {
        start_at(&prepared.store, plan, &prepared.clock, t0).await?;
        printer.note(&format!("the load begins at {}", moment(t0).unwrap_or_default()));
    }
    let store = &prepared.deployment.location;
    printer.note(&format!(
        "start the workers: `vajra-cloud worker --store '{store}' --run {} --shard N`, N from 0 to {}",
        plan.run,
        plan.shards - 1
    ));
    printer.note(&format!(
        "then: `{}`",
        args.store.command(&format!("attach {}", plan.run))
    ));
    printer.result(&format!("{}\n", plan.run))?;
    Ok(Exit::Passed)
}
