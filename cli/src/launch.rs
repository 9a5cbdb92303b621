//! `launch`: plans a run, starts its workers, follows them and reports.

use crate::args::LaunchArgs;
use crate::attach::{self, Views};
use crate::exit::Exit;
use crate::interrupts::Interrupts;
use crate::printer::{Printer, Stated};
use crate::{choices, doctor, export, scenario};
use ::report::listener::CONNECTIONS_MAX;
use ::run::deployment::FleetKind;
use ::run::order;
use ::run::prepare::{Asked, prepare};
use ::worker::descriptors;

pub(crate) async fn run(args: LaunchArgs, printer: &Printer) -> anyhow::Result<Exit> {
    // Everything that can be checked is checked before anything starts.
    let choices = args.order.choices();
    order::check(&choices)?;
    let mut scenario = scenario::load(&args.scenario.scenario, printer)?;
    let drawn = order::draw_seed(&mut scenario);
    let views = Views {
        output: args.out.output()?,
        dashboard: args.dashboard.bind().await?,
        exporters: export::start(&args.export, printer)?,
    };
    let prepared = prepare(Asked {
        scenario,
        run: args.run,
        choices,
        functions: args.deploy.choices(),
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
    if prepared.deployment.kind == FleetKind::Lambda && !args.unchecked {
        doctor::check(&prepared.examine().await, printer)?;
    }
    let (store, clock) = (&prepared.store, &prepared.clock);
    let interrupts = Interrupts::begin(store, &prepared.deployment.location, clock, printer)?;
    let conducted = async {
        // The built-in target ends with this block, whichever way out is taken.
        let mut published = prepared.publish().await?;
        let plan = &published.gatherer.record.plan;
        printer.note(&format!("run {}", plan.run));
        if drawn {
            printer.note(&format!(
                "seed {0}; write `seed: {0}` to send the same again",
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

/// What a launcher has open for each worker, a connection to the API or the pipe of a process, and beside them.
const DESCRIPTORS_EACH: u64 = 2;
const DESCRIPTORS_BESIDE: u64 = 100;
/// What it has open for each connection to one of its listeners: the connection, and a file of the store.
const DESCRIPTORS_VISITOR: u64 = 2;

/// Sees to it that so many workers can be held at once, and every connection that the listeners allow.
pub(crate) fn make_room(workers: u32, listeners: u64) -> Result<(), Stated> {
    if workers == 0 && listeners == 0 {
        return Ok(());
    }
    let beside = DESCRIPTORS_BESIDE + listeners * CONNECTIONS_MAX as u64 * DESCRIPTORS_VISITOR;
    let wanted = u64::from(workers) * DESCRIPTORS_EACH + beside;
    descriptors::raise(wanted).map_err(|allowed| {
        let most = allowed.saturating_sub(beside) / DESCRIPTORS_EACH;
        Stated::usage(
            format!("{workers} workers need {wanted} open files here, and this process may have {allowed}"),
            format!(
                "raise the limit (`ulimit -n {wanted}`), or use --workers {}",
                most.max(1)
            ),
        )
    })
}
