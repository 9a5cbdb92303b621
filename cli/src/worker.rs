//! `worker`: runs one slice of a shard in this process. Orchestrators call this command.

use crate::args::WorkerArgs;
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use ::fleet::local::Local;
use ::run::environment;
use ::worker::assignment::Assignment;
use ::worker::client::Client;
use ::worker::clock::Clock;
use ::worker::host::{Host, Placement};
use ::worker::notice::Notice;
use ::worker::secrets::Account;
use ::worker::shard::{self, Ended, ShardError};
use ::worker::signals::Signals;
use anyhow::Context;
use std::num::NonZeroUsize;
use std::sync::Arc;
use store::{RunStore, keys};
use tally::snapshot::SliceEnd;
use tokio::time::{Instant, timeout_at};

pub(crate) async fn run(args: WorkerArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let began = Instant::now();
    // The handlers are set before anything else, because the kernel does not deliver these signals to process 1 if it
    // has no handlers.
    let mut signals = Signals::listen().context("signals cannot be handled")?;
    if let Some(log) = args.log {
        log.start(std::io::stderr);
    }
    let (notice_sender, notice) = Notice::channel();
    keys::check_run_id(&args.run)
        .map_err(|error| Stated::usage(format!("--run {}: {error}", args.run), error.hint()))?;
    let (allow, variables) = (environment::allow()?, environment::variables(&args.env)?);
    let location = args.store.locate()?;
    let store = RunStore::open(&location).await?;
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    let host = Host {
        name: format!("process {} on {}", std::process::id(), host_name()),
        clock: Clock::tie(args.clock_skew_ms * 1_000_000),
        began,
        deadline: None,
        notice,
        threads: args.threads.unwrap_or_else(processors),
        placement: Placement::OwnThread,
        hand_over: Some(Arc::new(Local::new(program, location, variables.clone()))),
        allow: Arc::new(allow),
        secrets: Arc::new(Account::new(variables)),
    };
    let assignment = Assignment {
        run: args.run,
        shard: args.shard,
        slice: args.slice,
    };
    let who = format!("shard {} slice {}", assignment.shard, assignment.slice);
    let mut work = std::pin::pin!(shard::run(&store, &assignment, &host, Client::new));
    let ended = tokio::select! {
        ended = &mut work => ended,
        signal = signals.next() => {
            let end = Instant::now() + args.grace;
            notice_sender.give(end);
            printer.note(&format!("{who} stops: {signal}"));
            let Ok(ended) = timeout_at(end, work).await else {
                let grace = plan::span::show(args.grace);
                printer.say(&format!("{who} could not store its result within its grace period of {grace}"));
                return Ok(Exit::Incomplete);
            };
            ended
        }
    };
    let ended = ended.map_err(explain)?;
    Ok(match ended {
        Ended::Done(SliceEnd::Finished) => {
            printer.note(&format!("{who} is done"));
            Exit::Passed
        }
        Ended::Done(SliceEnd::Stopped) => {
            printer.note(&format!("{who} was stopped"));
            Exit::Passed
        }
        Ended::Done(SliceEnd::Deadline) => {
            printer.say(&format!("{who} reached its deadline"));
            Exit::Incomplete
        }
        Ended::Done(SliceEnd::HostStopped) => {
            printer.say(&format!("{who} was stopped by its host"));
            Exit::Incomplete
        }
        Ended::Done(SliceEnd::Failed(problem)) => {
            printer.say(&format!("{who} failed: {problem}"));
            Exit::Incomplete
        }
        Ended::AlreadyClaimed => {
            printer.note(&format!("{who} is claimed by another worker; nothing was sent"));
            Exit::Passed
        }
    })
}

fn explain(error: ShardError) -> anyhow::Error {
    match error {
        ShardError::NoRun { .. } => Stated::usage(&error, "list the runs with `vajra-cloud list`").into(),
        ShardError::NotPlanned { .. } => Stated::usage(&error, "shards and slices count from 0").into(),
        error => error.into(),
    }
}

/// Returns the number of processors that this process may use; 1 if the number is not known.
fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Returns the name of this machine. It helps users to find a worker that was lost.
fn host_name() -> String {
    let read = std::fs::read_to_string("/etc/hostname").or_else(|_| std::env::var("HOSTNAME"));
    read.map(|name| name.trim().to_owned())
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this machine".to_owned())
}
