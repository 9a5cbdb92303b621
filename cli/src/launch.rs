//! `launch`: plans a run, starts its workers, follows the run, and prints the report.

use crate::args::LaunchArgs;
use crate::attach::{self, Views};
use crate::exit::Exit;
use crate::interrupts::Interrupts;
use crate::printer::Printer;
use crate::room::make_room;
use crate::{choices, doctor, export, scenario};
use ::run::order;
use ::run::prepare::{RunRequest, prepare};

pub(crate) async fn run(args: LaunchArgs, printer: &Printer) -> anyhow::Result<Exit> {
    // All checks are made before the first worker starts.
    let choices = args.order.choices();
    order::check(&choices)?;
    let mut scenario = scenario::load(&args.scenario, printer)?;
    let drawn = order::draw_seed(&mut scenario);
    let views = Views {
        output: args.out.output()?,
        dashboard: args.dashboard.bind().await?,
        exporters: export::start(&args.export, printer)?,
    };
    let prepared = prepare(RunRequest {
        scenario,
        run: args.run,
        choices,
        fleet_options: args.deploy.options(),
        store: args.store.store,
        cost: args.cost.choices(),
        program: choices::program()?,
    })
    .await?;
    make_room(prepared.workers_here(), views.listeners())?;
    printer.cautions(&prepared.rough);
    printer.proxies();
    if let Some(cost) = &prepared.cost {
        printer.note(&format!("cost: {}", prepared.pricing.line(cost)));
    }
    prepared.check_cost()?;
    if prepared.is_inspected() && !args.unchecked {
        doctor::check(&prepared.examine().await, printer)?;
    }
    let (store, clock) = (&prepared.store, &prepared.clock);
    let interrupts = Interrupts::begin(store, &prepared.deployment.location, clock, printer)?;
    let conducted = async {
        // The built-in target ends when this block ends, even after an error.
        let mut published = prepared.publish().await?;
        let plan = &published.gatherer.record.plan;
        printer.note(&format!("run {}", plan.run));
        if drawn {
            printer.note(&format!(
                "seed {0}; write `seed: {0}` into the scenario to send the same requests again",
                plan.seed
            ));
        }
        let crew = published.crew.as_mut();
        attach::see_through(store, &mut published.gatherer, crew, clock, &interrupts, views, printer).await
    };
    tokio::select! {
        exit = conducted => exit,
        () = interrupts.leaving() => Ok(Exit::Interrupted),
    }
}
