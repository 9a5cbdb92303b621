//! `attach`: follows a run to its report, whoever started it.

use crate::args::AttachArgs;
use crate::dashboard::{Dashboard, Place};
use crate::exit::Exit;
use crate::exposing::Exposing;
use crate::interrupts::Interrupts;
use crate::launch::make_room;
use crate::output::Output;
use crate::printer::{Printer, Stated};
use crate::watching::Watcher;
use crate::{account, export, live_view, summary};
use ::fleet::follow::{Losses, follow};
use ::fleet::gather::{GatherError, Gatherer, RunRecord};
use ::fleet::heartbeat;
use ::fleet::launch::{Crew, StartError, start};
use ::report::export::Exporters;
use ::report::rendering::Rendering;
use ::report::run_report::RunReport;
use ::report::verdict::Verdict;
use ::report::view::View;
use ::worker::clock::Clock;
use anyhow::Context;
use store::{RunStore, keys};

pub(crate) async fn run(args: AttachArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let AttachArgs {
        run: args,
        dashboard,
        export,
    } = args;
    let views = Views {
        output: args.out.output()?,
        dashboard: dashboard.bind().await?,
        exporters: export::start(&export, printer)?,
    };
    make_room(0, views.listeners())?;
    let (location, clock) = (args.store.locate()?, Clock::tie(0));
    let store = RunStore::open(&location).await?;
    let mut gatherer = open(&store, &args.run).await?;
    let interrupts = Interrupts::begin(&store, &location, &clock, printer)?;
    tokio::select! {
        exit = see_through(&store, &mut gatherer, None, &clock, &interrupts, views, printer) => exit,
        () = interrupts.leaving() => Ok(Exit::Interrupted),
    }
}

/// Where a run is shown: its report, and the run on its way.
#[derive(Debug)]
pub(crate) struct Views {
    pub output: Output<Rendering>,
    pub dashboard: Option<Place>,
    pub exporters: Exporters,
}

impl Views {
    /// How many of them are served to others.
    pub(crate) fn listeners(&self) -> u64 {
        u64::from(self.dashboard.is_some()) + u64::from(self.exporters.listening().is_some())
    }
}

/// Opens a run, or says which store has none of that name.
pub(crate) async fn open(store: &RunStore, run: &str) -> anyhow::Result<Gatherer> {
    keys::check_run_id(run).map_err(|error| Stated::usage(format!("{run}: {error}"), error.hint()))?;
    Gatherer::open(store, run).await.map_err(|error| match error {
        GatherError::NoRun { .. } => Stated::usage(&error, "`vajra-cloud list` shows those that are there").into(),
        error => error.into(),
    })
}

/// Starts a run's workers, if there is a crew, follows it to its end, and reports. After a first signal
/// the fleet is stopped and still reported. A launcher that cannot go on stops its fleet first.
pub(crate) async fn see_through(
    store: &RunStore,
    gatherer: &mut Gatherer,
    mut crew: Option<&mut Crew>,
    clock: &Clock,
    interrupts: &Interrupts,
    views: Views,
    printer: &Printer,
) -> anyhow::Result<Exit> {
    let run = gatherer.record.plan.run.clone();
    interrupts.running(&run);
    let _beating = heartbeat::begin(store, &gatherer.record.plan);
    let record = &gatherer.record;
    let mut dashboard = views.dashboard.map(|place| place.serve(store, record, clock, printer));
    let watcher = Watcher::new(record);
    let mut exposing = Exposing::new(&views.exporters, record, clock);
    let mut sink = printer.sink();
    let mut show = |record: &RunRecord| {
        let now = clock.now();
        if let Some(sink) = &mut sink {
            sink.publish(&watcher.progress(record, now));
        }
        if let Some(dashboard) = &mut dashboard {
            dashboard.publish(record, now);
        }
        exposing.look(record);
    };
    let started = start(store, gatherer, crew.as_deref_mut(), clock, &mut show).await;
    let followed = match started {
        Ok(()) => follow(gatherer, crew.as_deref_mut(), clock, &mut show)
            .await
            .map_err(StartError::from),
        Err(error) => Err(error),
    };
    drop(sink);
    if let Ok(losses) = &followed {
        exposing.conclude(&gatherer.record, losses);
    }
    match &followed {
        Ok(losses) if losses.is_empty() => {}
        // It wrote the stop, and without a start no worker sends.
        Ok(_) | Err(StartError::Aborted(_)) => interrupts.settle(&run).await,
        Err(error) if crew.is_some() => interrupts.give_up(&run, &error.to_string()).await,
        Err(_) => interrupts.settle(&run).await,
    }
    let (exit, stays) = match followed {
        Ok(losses) => {
            interrupts.reporting();
            let (report, kept) = conclude(store, gatherer, crew.as_deref(), &losses, &views.output, printer).await;
            let ended = dashboard
                .as_ref()
                .map(|dashboard| show_end(dashboard, &gatherer.record, &report, interrupts, printer));
            (kept.map(|()| exit(&report)), ended.unwrap_or(false))
        }
        Err(StartError::Aborted(abort)) => {
            printer.say(&format!("error: {abort}"));
            if let Some(hint) = &abort.hint {
                printer.say(&format!("hint: {hint}"));
            }
            (Ok(Exit::Incomplete), false)
        }
        Err(error) => (Err(error.into()), false),
    };
    // A signal that comes from here on has nothing to stop.
    let interrupted = interrupts.interrupted();
    if stays {
        // What others are shown is not kept waiting.
        tokio::join!(export::finish(views.exporters, printer), interrupts.signal());
        interrupts.idle();
    } else {
        interrupts.idle();
        // It may take a while, and the report is there by then.
        export::finish(views.exporters, printer).await;
    }
    if let Some(dashboard) = dashboard {
        dashboard.leave().await;
    }
    if interrupted {
        exit.map(|_| Exit::Interrupted)
    } else {
        exit
    }
}

/// Shows the end of a run on its dashboard, and says what becomes of that; returns whether it stays.
fn show_end(
    dashboard: &Dashboard,
    record: &RunRecord,
    report: &RunReport,
    interrupts: &Interrupts,
    printer: &Printer,
) -> bool {
    // Whoever has interrupted the run is not asked to do so again.
    let stays = dashboard.is_kept() && !interrupts.interrupted();
    let again = interrupts.command("report", &record.plan.run) + " --html report.html";
    match stays {
        true => printer.say(&format!(
            "the run has ended; the dashboard stays until Ctrl-C, and after that `{again}` writes the page"
        )),
        false => printer.note(&format!(
            "the run has ended, and its dashboard leaves; `{again}` writes the page"
        )),
    }
    let live = live_view::ended(record, report, again, stays);
    dashboard.show(&View::new(report, &record.plan, Some(live)));
    stays
}

/// Reports a run, and keeps the report beside it; also says whether both went well.
pub(crate) async fn conclude(
    store: &RunStore,
    gatherer: &Gatherer,
    crew: Option<&Crew>,
    losses: &Losses,
    output: &Output<Rendering>,
    printer: &Printer,
) -> (RunReport, anyhow::Result<()>) {
    let plan = &gatherer.record.plan;
    let account = match crew {
        // One that cannot be kept is still good for this report.
        Some(crew) if plan.cost.is_some() => Some(account::settle(store, &plan.run, crew).await),
        _ => account::read(store, plan).await,
    };
    let report = summary::report(&gatherer.record, losses, account);
    // Shown first: a report that cannot be kept is still worth reading, and the other way round.
    let written = output.write(|form| form.render(&report, plan), printer);
    let kept = store.put(&keys::report(&report.run), report.json()).await;
    let kept = kept.context("the report could not be kept");
    (report, written.and(kept))
}

/// What a verdict means for the exit code.
pub(crate) fn exit(report: &RunReport) -> Exit {
    match report.verdict {
        Verdict::Passed | Verdict::Unjudged => Exit::Passed,
        Verdict::Crossed => Exit::Crossed,
        Verdict::Incomplete => Exit::Incomplete,
    }
}
