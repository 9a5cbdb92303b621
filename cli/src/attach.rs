//! `attach`: follows a run to its report, whoever started it.

use crate::args::AttachArgs;
use crate::exit::Exit;
use crate::exposing::Exposing;
use crate::output::Output;
use crate::printer::{Printer, Stated};
use crate::{account, export, summary, watching};
use ::fleet::follow::{Losses, follow};
use ::fleet::gather::{GatherError, Gatherer};
use ::fleet::heartbeat;
use ::fleet::launch::{Crew, StartError, start, stop};
use ::report::export::Exporters;
use ::report::run_report::RunReport;
use ::report::verdict::Verdict;
use ::worker::clock::Clock;
use anyhow::Context;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{RunStore, keys};

pub(crate) async fn run(AttachArgs { run: args, export }: AttachArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let output = Output::new(&args.out)?;
    let store = RunStore::open(&args.store.locate()?).await?;
    let mut gatherer = open(&store, &args.run).await?;
    let exporters = export::start(&export, printer)?;
    let clock = Clock::tie(0);
    see_through(&store, &mut gatherer, None, &clock, &output, exporters, printer).await
}

/// Opens a run, or says which store has none of that name.
pub(crate) async fn open(store: &RunStore, run: &str) -> anyhow::Result<Gatherer> {
    keys::check_run_id(run)
        .map_err(|error| Stated::usage(format!("{run}: {error}"), "use letters, digits, - and _"))?;
    Gatherer::open(store, run).await.map_err(|error| match error {
        GatherError::NoRun { .. } => Stated::usage(&error, "`vajra-cloud list` shows those that are there").into(),
        error => error.into(),
    })
}

/// Starts a run's workers, if there is a crew, follows it to its end, and reports. The first Ctrl-C
/// stops the fleet and still reports; the second leaves at once.
pub(crate) async fn see_through(
    store: &RunStore,
    gatherer: &mut Gatherer,
    mut crew: Option<&mut Crew>,
    clock: &Clock,
    output: &Output,
    exporters: Exporters,
    printer: &Printer,
) -> anyhow::Result<Exit> {
    let interrupted = interrupts(store, &gatherer.record.plan.run, clock, printer);
    let _beating = heartbeat::begin(store, &gatherer.record.plan);
    let mut sink = printer.sink();
    let mut exposing = Exposing::new(&exporters, &gatherer.record, clock);
    let started = start(store, gatherer, crew.as_deref_mut(), clock, |record| {
        sink.publish(&watching::progress(record, clock.now()));
    })
    .await;
    let losses = match started {
        Ok(()) => {
            follow(gatherer, crew.as_deref_mut(), clock, |record| {
                sink.publish(&watching::progress(record, clock.now()));
                exposing.look(record);
            })
            .await?
        }
        Err(StartError::Aborted(abort)) => {
            drop(sink);
            printer.say(&format!("error: {abort}"));
            if let Some(hint) = &abort.hint {
                printer.say(&format!("hint: {hint}"));
            }
            let interrupted = interrupted.load(Ordering::Relaxed);
            return Ok(if interrupted {
                Exit::Interrupted
            } else {
                Exit::Incomplete
            });
        }
        Err(error) => return Err(error.into()),
    };
    drop(sink);
    exposing.conclude(&gatherer.record, &losses);
    let report = conclude(store, gatherer, crew.as_deref(), &losses, output, printer).await;
    let interrupted = interrupted.load(Ordering::Relaxed);
    // What others are shown may take a while longer, and the report is there by then.
    export::finish(exporters, printer).await;
    let report = report?;
    Ok(if interrupted { Exit::Interrupted } else { exit(&report) })
}

/// Reports a run, and keeps the report beside it.
pub(crate) async fn conclude(
    store: &RunStore,
    gatherer: &Gatherer,
    crew: Option<&Crew>,
    losses: &Losses,
    output: &Output,
    printer: &Printer,
) -> anyhow::Result<RunReport> {
    let plan = &gatherer.record.plan;
    let account = match crew {
        // One that cannot be kept is still good for this report.
        Some(crew) if plan.cost.is_some() => Some(account::settle(store, &plan.run, crew).await),
        _ => account::read(store, plan).await,
    };
    let report = summary::report(&gatherer.record, losses, account);
    // Shown first: a report that cannot be kept is still worth reading.
    output.write(&report, printer)?;
    store
        .put(&keys::report(&report.run), report.json())
        .await
        .context("the report could not be kept")?;
    Ok(report)
}

/// What a verdict means for the exit code.
pub(crate) fn exit(report: &RunReport) -> Exit {
    match report.verdict {
        Verdict::Passed => Exit::Passed,
        Verdict::Crossed => Exit::Crossed,
        Verdict::Incomplete => Exit::Incomplete,
    }
}

/// Watches for Ctrl-C and SIGTERM; the flag says whether one came.
fn interrupts(store: &RunStore, run: &str, clock: &Clock, printer: &Printer) -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let (store, run, clock, printer, raised) = (store.clone(), run.to_owned(), *clock, *printer, flag.clone());
    tokio::spawn(async move {
        interrupt().await;
        raised.store(true, Ordering::Relaxed);
        printer.say("stopping: workers stop sending and report; interrupt again to leave at once");
        let stopping = async {
            if let Err(error) = stop(&store, &run, "interrupted", &clock).await {
                printer.say(&format!("error: the stop could not be written: {error}"));
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = stopping => {}
            () = interrupt() => std::process::exit(Exit::Interrupted.code().into()),
        }
    });
    flag
}

async fn interrupt() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
