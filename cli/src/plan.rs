//! `plan`: prints the plan of a run: the requests, the times and the workers.

use crate::args::PlanArgs;
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use crate::{choices, scenario};
use ::run::cost::{self, Pricing};
use ::run::deployment::Deployment;
use ::run::order::{self, BUILTIN, Choices};
use plan::description::describe;
use plan::plan::Plan;
use plan::population::Schedules;
use plan::scenario::{Load, Population};
use plan::sessions::Sessions;
use plan::span;
use report::cost::lines;
use report::show::count;
use std::fmt::Write;
use std::time::Duration;

/// The maximum number of shards that are listed.
const SHARDS_LISTED: u32 = 8;

pub(crate) async fn run(args: &PlanArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let (choices, cost) = (args.order.choices(), args.cost.choices());
    order::check(&choices)?;
    let scenario = scenario::load(&args.scenario, printer)?;
    let deployment =
        Deployment::planned(choices.fleet, &args.deploy.options(), &scenario, &choices::program()?).await?;
    let pricing = Pricing::new(&cost, &deployment, None)?;
    let mut plan = planned(&choices, &scenario, &deployment)?;
    plan.cost = pricing.price(&plan, &scenario);
    printer.cautions(&plan);
    if args.json {
        printer.result(&format!("{}\n", String::from_utf8_lossy(&plan.encode())))?;
    } else {
        printer.result(&text(&plan, scenario.seed, &pricing)?)?;
    }
    // The cost limit is checked last, so that the user sees the estimate even if the limit is too low.
    cost::check(&cost, plan.cost.as_ref())?;
    Ok(Exit::Passed)
}

fn planned(choices: &Choices, scenario: &plan::scenario::Scenario, deployment: &Deployment) -> anyhow::Result<Plan> {
    let Some(workers) = choices.workers.number() else {
        let problem = "--workers auto: a plan does not read the store, which contains the calibration";
        return Err(Stated::usage(
            problem,
            "give a number of workers; `vajra-cloud doctor` prints the number for auto",
        )
        .into());
    };
    // The time of planning and the name of the run are constants here, so that the same input always prints the same
    // plan.
    let asked = order::PlanRequest {
        run: format!("{}-planned", scenario.name),
        created: 0,
        workers,
        fleet: &*deployment.fleet,
        builtin_target: BUILTIN.to_owned(),
    };
    Ok(order::plan(scenario, choices, asked)?)
}

fn text(plan: &Plan, seed: Option<u64>, pricing: &Pricing) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    writeln!(
        out,
        "{} on the {} fleet, {} workers",
        plan.scenario, plan.fleet, plan.shards
    )?;
    let named = plan.populations.iter().filter(|population| !population.name.is_empty());
    let populations = named.count();
    if populations == 0 {
        write_load(&mut out, &plan.only().load)?;
    }
    writeln!(out, "length     {}", span::show(Duration::from_nanos(plan.length())))?;
    if let Some(schedules) = plan.schedules() {
        write_arrivals(&mut out, &schedules)?;
    }
    for (index, population) in plan.populations.iter().enumerate() {
        let alone = plan.alone(index);
        if populations > 0 {
            writeln!(out, "population {}", population.name)?;
            write_load(&mut out, &population.load)?;
        }
        if let Some(schedules) = alone.schedules().filter(|_| populations > 1) {
            write_arrivals(&mut out, &schedules)?;
        }
        write_mix(&mut out, &alone)?;
    }
    for target in &plan.targets {
        let shown = if target == BUILTIN {
            "the built-in target"
        } else {
            target
        };
        writeln!(out, "target     {shown}")?;
    }
    match seed {
        Some(seed) => writeln!(out, "seed       {seed}")?,
        None => writeln!(out, "seed       random for each launch; {} in this plan", plan.seed)?,
    }
    for threshold in &plan.thresholds {
        writeln!(out, "threshold  {threshold}")?;
    }
    if !plan.data.is_empty() {
        writeln!(out, "files      {} to store", plan.data.len())?;
    }
    for secret in &plan.secrets {
        writeln!(out, "secret     {secret}, read by each worker")?;
    }
    if let Some(cost) = &plan.cost {
        writeln!(out, "cost       {}", pricing.line(cost))?;
        for line in lines(&cost.estimate) {
            writeln!(out, "  {line}")?;
        }
    }
    write_slices(&mut out, plan)?;
    Ok(out)
}

fn write_load(out: &mut String, load: &Load) -> std::fmt::Result {
    for (place, line) in describe(load).iter().enumerate() {
        writeln!(out, "{} {line}", if place == 0 { "load      " } else { "          " })?;
    }
    Ok(())
}

fn write_arrivals(out: &mut String, schedules: &Schedules) -> std::fmt::Result {
    let (arrivals, measured) = (count(schedules.arrivals()), count(schedules.measured()));
    writeln!(out, "arrivals   {arrivals}, {measured} of them measured")
}

/// Writes the flows and requests of a plan with one population, and the rows of its feeds.
fn write_mix(out: &mut String, plan: &Plan) -> std::fmt::Result {
    let whole: u64 = plan.requests.iter().map(|request| u64::from(request.weight)).sum();
    let whole = whole + plan.flows.iter().map(|flow| u64::from(flow.weight)).sum::<u64>();
    for flow in &plan.flows {
        let share = f64::from(flow.weight) / whole as f64 * 100.0;
        let steps = count(flow.requests.len() as u64);
        writeln!(
            out,
            "flow       {}: {share:.1}%, {steps} steps with a request, at most {} requests",
            flow.name,
            count(flow.requests_max())
        )?;
    }
    if let Some(Sessions { needed, room }) = plan.sessions() {
        let (needed, room) = (count(needed), count(room));
        writeln!(
            out,
            "sessions   about {needed} flows in progress on each worker, of {room} that it has room for"
        )?;
    }
    for request in plan.requests.iter().filter(|request| !request.is_step()) {
        let share = f64::from(request.weight) / whole as f64 * 100.0;
        writeln!(out, "request    {} {}: {share:.1}%", request.method, request.name)?;
    }
    let sockets = count(plan.limits.connections.into());
    writeln!(out, "sockets    at most {sockets} on each worker at a time")?;
    for feed in plan.rows().describe() {
        writeln!(out, "feed       {feed}")?;
    }
    Ok(())
}

/// Writes the slices, and the number of arrivals that each worker sends.
fn write_slices(out: &mut String, plan: &Plan) -> std::fmt::Result {
    let has_rates = plan.populations.iter().any(Population::is_open);
    for (slice, window) in plan.slices.iter().enumerate() {
        let span = |nanos| span::show(Duration::from_nanos(nanos));
        writeln!(out, "slice {slice}    {} to {}", span(window.from), span(window.to))?;
        if !has_rates {
            continue;
        }
        for shard in 0..plan.shards.min(SHARDS_LISTED) {
            writeln!(out, "  worker {shard} sends {}", count(plan.owed(shard, slice)))?;
        }
        if plan.shards > SHARDS_LISTED {
            writeln!(
                out,
                "  and {} more workers; --json lists all",
                plan.shards - SHARDS_LISTED
            )?;
        }
    }
    Ok(())
}
