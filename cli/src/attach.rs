//! `attach`: follows a run that another process has started, and prints the report of the run.

use crate::args::AttachArgs;
use crate::dashboard::{Dashboard, DashboardListener};
use crate::exit::Exit;
use crate::export;
use crate::interrupts::Interrupts;
use crate::output::Output;
use crate::printer::Printer;
use crate::room::make_room;
use ::export::Exporters;
use ::fleet::crew::Crew;
use ::fleet::gather::{Gatherer, RunRecord};
use ::fleet::launch::StartError;
use ::fleet::presence::Losses;
use ::report::rendering::Rendering;
use ::report::run_report::RunReport;
use ::report::verdict::Verdict;
use ::report::view::View;
use ::run::conduct::{ConductEvent, Conducted, conduct};
use ::run::watching::Watcher;
use ::run::{conclude, live_view, stored};
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
    let mut gatherer = stored::open(&store, &args.run).await?;
    let interrupts = Interrupts::begin(&store, &location, &clock, printer)?;
    tokio::select! {
        exit = see_through(&store, &mut gatherer, None, &clock, &interrupts, views, printer) => exit,
        () = interrupts.leaving() => Ok(Exit::Interrupted),
    }
}

/// The outputs of a run: the report, the dashboard and the exporters.
#[derive(Debug)]
pub(crate) struct Views {
    pub output: Output<Rendering>,
    pub dashboard: Option<DashboardListener>,
    pub exporters: Exporters,
}

impl Views {
    /// Returns the number of outputs that listen for connections, which are the dashboard and the endpoint for scrapes.
    pub(crate) fn listeners(&self) -> u64 {
        u64::from(self.dashboard.is_some()) + u64::from(self.exporters.listening().is_some())
    }
}

/// Starts the workers of a run if there is a crew, follows the run to its end, and reports the run. The first signal
/// stops the run, and this function still makes the report. If there is a crew and following the run fails, this
/// function writes the stop of the run before it returns.
pub(crate) async fn see_through(
    store: &RunStore,
    gatherer: &mut Gatherer,
    mut crew: Option<&mut Crew>,
    clock: &Clock,
    interrupts: &Interrupts,
    views: Views,
    printer: &Printer,
) -> anyhow::Result<Exit> {
    // The counts of each request over time are required only for an HTML page and for the dashboard.
    if views.dashboard.is_some() || views.output.has(Rendering::Html) {
        gatherer.keep_intervals();
    }
    let run = gatherer.record.plan.run.clone();
    interrupts.running(&run);
    let record = &gatherer.record;
    let mut dashboard = views.dashboard.map(|place| place.serve(store, record, clock, printer));
    let watcher = Watcher::new(record);
    let mut sink = printer.sink();
    let (exporters, stopping) = (&views.exporters, interrupts.stopping());
    let on = |event: ConductEvent<'_>| match event {
        ConductEvent::Look { record, now } => {
            if let Some(sink) = &mut sink {
                sink.publish(&watcher.progress(record, now));
            }
            if let Some(dashboard) = &mut dashboard {
                dashboard.publish(record, now);
            }
        }
        // The progress display ends here, so that later lines are printed below the display.
        ConductEvent::Over => drop(sink.take()),
    };
    let Conducted { outcome, settled } =
        conduct(store, gatherer, crew.as_deref_mut(), clock, exporters, stopping, on).await;
    if !settled {
        interrupts.not_stopped(&run);
    }
    let (exit, stays) = match outcome {
        Ok(losses) => {
            interrupts.reporting();
            let report = conclude::report(store, gatherer, crew, &losses).await;
            let kept = show_report(store, gatherer, &report, &views.output, printer).await;
            let stays = match &dashboard {
                Some(dashboard) => show_end(dashboard, &gatherer.record, &losses, &report, interrupts, printer),
                None => {
                    show_place(&run, &views.output, interrupts, printer);
                    false
                }
            };
            (kept.map(|()| exit(&report)), stays)
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
    // The run is over. A signal that arrives after this line does not count as an interruption of the run.
    let interrupted = interrupts.interrupted();
    if stays {
        // While the exporters finish, the dashboard is still served, until a signal arrives.
        tokio::join!(export::finish(views.exporters, printer), interrupts.signal());
        interrupts.idle();
    } else {
        interrupts.idle();
        // The exporters finish after the report is printed, because they may take some seconds.
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

/// Prints the location of a run. If no page of the run was written, also prints the command that writes the page.
fn show_place(run: &str, output: &Output<Rendering>, interrupts: &Interrupts, printer: &Printer) {
    let place = format!("the run is kept in {}, below {}", interrupts.location(), keys::run(run));
    match output.has(Rendering::Html) {
        true => printer.note(&place),
        false => printer.note(&format!("{place}; `{}` writes its page", page_command(run, interrupts))),
    }
}

/// Returns the command that writes the page of a run.
fn page_command(run: &str, interrupts: &Interrupts) -> String {
    interrupts.command("report", run) + " --html report.html"
}

/// Shows the end of a run on its dashboard. Prints and returns whether the dashboard is still served.
fn show_end(
    dashboard: &Dashboard,
    record: &RunRecord,
    losses: &Losses,
    report: &RunReport,
    interrupts: &Interrupts,
    printer: &Printer,
) -> bool {
    // If the user has already pressed Ctrl-C, one press is enough to end the dashboard too.
    let stays = dashboard.is_kept() && !interrupts.interrupted();
    let again = page_command(&record.plan.run, interrupts);
    match stays {
        true => printer.say(&format!(
            "the run has ended; the dashboard stays until Ctrl-C; `{again}` writes the page later"
        )),
        false => printer.note(&format!(
            "the run has ended, and its dashboard is closed; `{again}` writes the page"
        )),
    }
    let live = live_view::ended(record, losses, report, again, stays);
    dashboard.show(&View::new(report, &record.plan, Some(live)));
    stays
}

/// Prints a report, and stores it with the run.
async fn show_report(
    store: &RunStore,
    gatherer: &Gatherer,
    report: &RunReport,
    output: &Output<Rendering>,
    printer: &Printer,
) -> anyhow::Result<()> {
    // If writing the report fails, the report is still stored. A report that cannot be stored has already been printed.
    let written = output.write(
        |form| form.render_for(printer.layout(), report, &gatherer.record.plan),
        printer,
    );
    let kept = conclude::keep(store, report).await;
    written.and(kept.context("the report could not be stored"))
}

/// Returns the exit code for the verdict of a report.
pub(crate) fn exit(report: &RunReport) -> Exit {
    match report.verdict {
        Verdict::Passed | Verdict::Unjudged => Exit::Passed,
        Verdict::Crossed => Exit::Crossed,
        Verdict::Incomplete => Exit::Incomplete,
    }
}
