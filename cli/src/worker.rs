//! The command `worker`: runs the slices of a shard in this process. Platforms that start workers call this command.

use crate::args::WorkerArgs;
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use ::run::environment;
use ::worker::assignment::Assignment;
use ::worker::client::Client;
use ::worker::clock::Clock;
use ::worker::exit::WorkerExit;
use ::worker::host::{Host, Placement};
use ::worker::notice::Notice;
use ::worker::secrets::Account;
use ::worker::shard::{Ended, ShardError};
use ::worker::signals::Signals;
use ::worker::slices::{self, SliceEnds};
use ::worker::stored_plan;
use anyhow::Context;
use std::num::NonZeroUsize;
use std::sync::Arc;
use store::{RunStore, StoreError, keys};
use tally::snapshot::SliceEnd;
use tokio::time::{Instant, timeout_at};

pub(crate) async fn run(args: WorkerArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let began = Instant::now();
    // The handlers are set first. If the worker is process 1, the kernel delivers these signals only if the process has
    // handlers for them.
    let mut signals = Signals::listen().context("signals cannot be handled")?;
    if let Some(log) = args.log {
        log.start(std::io::stderr);
    }
    let (notice_sender, notice) = Notice::channel();
    keys::check_run_id(&args.run)
        .map_err(|error| Stated::usage(format!("--run {}: {error}", args.run), error.hint()))?;
    let allow = match args.deny_by_default {
        true => environment::allow_listed()?,
        false => environment::allow()?,
    };
    let variables = environment::variables(&args.env)?;
    let shard = shard(&args, |name| std::env::var(name).ok())?;
    let location = args.store.locate()?;
    let host = Host {
        name: format!(
            "process {} on {}",
            std::process::id(),
            args.host_name.unwrap_or_else(host_name)
        ),
        clock: Clock::tie(args.clock_skew_ms * 1_000_000),
        began,
        deadline: None,
        notice,
        threads: args.threads.unwrap_or_else(processors),
        placement: Placement::OwnThread,
        hand_over: None,
        allow: Arc::new(allow),
        secrets: Arc::new(Account::new(variables)),
    };
    let first = Assignment {
        run: args.run,
        shard,
        slice: args.slice,
    };
    let plan_wait = async {
        let store = RunStore::open(&location).await?;
        stored_plan::wait_for(&store, &first.run, began + args.wait_for_plan).await;
        Ok::<(), StoreError>(())
    };
    tokio::select! {
        waited = plan_wait => waited?,
        signal = signals.next() => {
            printer.say(&format!("shard {shard} stops before its plan is read: {signal}; nothing was sent"));
            return Ok(WorkerExit::Retry.into());
        }
    }
    let first_slice = first.slice;
    let mut work = slices::run(location, first, host, Client::new);
    let ends: SliceEnds = tokio::select! {
        ends = &mut work => ends,
        signal = signals.next() => {
            let end = Instant::now() + args.grace;
            notice_sender.give(end);
            printer.note(&format!("shard {shard} stops: {signal}"));
            let Ok(ends) = timeout_at(end, work).await else {
                let grace = plan::span::show(args.grace);
                printer.say(&format!("shard {shard} could not store its result within its grace period of {grace}"));
                return Ok(Exit::Incomplete);
            };
            ends
        }
    };
    let mut exit = WorkerExit::Stored;
    for (assignment, ended) in ends {
        let who = format!("shard {} slice {}", assignment.shard, assignment.slice);
        let ended = match ended {
            Err(error) if error.allows_retry() => {
                printer.say(&format!("{who}: {:#}", anyhow::Error::from(error)));
                exit = exit.max(unclaimed(assignment.slice, first_slice));
                continue;
            }
            ended => ended.map_err(explain)?,
        };
        exit = exit.max(WorkerExit::of(&ended));
        match how(&ended) {
            (Weight::Note, text) => printer.note(&format!("{who} {text}")),
            (Weight::Fault, text) => printer.say(&format!("{who} {text}")),
        }
    }
    Ok(exit.into())
}

/// Returns the exit of a worker that could not claim a slice. A worker that has run an earlier slice must not run again,
/// because the new attempt would find the earlier slice claimed.
fn unclaimed(slice: u32, first_slice: u32) -> WorkerExit {
    match slice == first_slice {
        true => WorkerExit::Retry,
        false => WorkerExit::Incomplete,
    }
}

/// Returns the shard that this process sends.
fn shard(args: &WorkerArgs, variable: impl Fn(&str) -> Option<String>) -> Result<u32, Stated> {
    let Some(name) = &args.index_env else {
        return Ok(args.shard.unwrap_or_default());
    };
    let wrong = |problem: String| {
        let hint =
            "pass the variable in which the platform numbers its processes, and its first number as --index-base";
        Stated::usage(format!("--index-env {name}: {problem}"), hint)
    };
    let text = variable(name).ok_or_else(|| wrong("the variable is not set".to_owned()))?;
    let index: u32 = text
        .trim()
        .parse()
        .map_err(|_| wrong(format!("`{text}` is not a whole number")))?;
    let base = args.index_base;
    let index = index
        .checked_sub(base)
        .ok_or_else(|| wrong(format!("{index} is below the first index {base}")))?;
    if args.shards.is_empty() {
        return Ok(index);
    }
    let shard = args.shards.get(index as usize).copied();
    shard.ok_or_else(|| {
        wrong(format!(
            "--shards has {} entries, and none for index {text}",
            args.shards.len()
        ))
    })
}

/// The importance of a line of output. With `--quiet`, notes are not printed, and faults are printed.
enum Weight {
    Note,
    Fault,
}

/// Returns a text that describes how a worker ended, and the importance of this text.
fn how(ended: &Ended) -> (Weight, String) {
    let (Ended::Done(end) | Ended::Left(end)) = ended else {
        let text = "is claimed by another worker; nothing was sent";
        return (Weight::Note, text.to_owned());
    };
    let when = match ended {
        Ended::Left(_) => " before the start; nothing was sent",
        _ => "",
    };
    match end {
        SliceEnd::Finished => (Weight::Note, format!("is done{when}")),
        SliceEnd::Stopped => (Weight::Note, format!("was stopped{when}")),
        SliceEnd::Deadline => (Weight::Fault, format!("reached its deadline{when}")),
        SliceEnd::HostStopped => (Weight::Fault, format!("was stopped by its host{when}")),
        SliceEnd::Failed(problem) => (Weight::Fault, format!("failed: {problem}")),
    }
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

/// Returns the name of this machine. With this name, users can find a worker that was lost.
fn host_name() -> String {
    let read = std::fs::read_to_string("/etc/hostname").or_else(|_| std::env::var("HOSTNAME"));
    read.map(|name| name.trim().to_owned())
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this machine".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_could_not_claim_a_later_slice_is_not_started_again() {
        assert_eq!(unclaimed(0, 0), WorkerExit::Retry);
        assert_eq!(unclaimed(2, 2), WorkerExit::Retry);
        assert_eq!(unclaimed(1, 0), WorkerExit::Incomplete);
    }
}
