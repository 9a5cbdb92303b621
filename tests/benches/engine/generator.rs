//! Our worker as a generator: one process, one shard, a folder as its store.
//!
//! It is a black box: a plan goes in, `start` is written when it says that it is prepared, and what
//! it stored at its end is read. What it claims to have sent is held against what the server saw.

use crate::Fallible;
use crate::child::{Child, Ended, Memory};
use crate::cores;
use crate::load::Load;
use crate::measured::{Measured, Watch};
use plan::plan::Plan;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};
use store::documents::{Claim, Document, Start, Stop};
use store::{Location, RunStore, keys};
use tally::snapshot::{SliceEnd, SliceResult};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// How far ahead of its writing T0 lies: a worker looks ten times a second.
const START_LEAD: Duration = Duration::from_millis(300);
/// How often it is looked whether a worker is prepared.
const READY_LOOK: Duration = Duration::from_millis(1);
/// A worker that is not prepared by then never will be.
const READY_LONGEST: Duration = Duration::from_secs(10);
/// What a worker may take beyond its load: waiting for answers, and storing its result.
const GRACE: Duration = Duration::from_secs(20);

/// A build of our program.
#[derive(Debug)]
pub(crate) struct Generator {
    /// What it is called in the table.
    pub(crate) name: String,
    program: PathBuf,
    /// Its runs are kept here as long as it is.
    folder: TempDir,
    store: RunStore,
    runtime: Runtime,
}

/// What a run of our worker came to.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) measured: Measured,
    pub(crate) sent: u64,
    pub(crate) dropped: u64,
    pub(crate) failed: u64,
    /// Sent minus due, which 99 of 100 arrivals stayed below.
    pub(crate) lag_p99: Duration,
}

/// How long a worker took from its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Started {
    /// When it was started.
    pub(crate) began: Instant,
    /// Until it stored that it is prepared.
    pub(crate) prepared: Duration,
}

/// A worker that is prepared and waits for its start.
struct Prepared {
    child: Child,
    started: Started,
    plan: Plan,
}

fn wall() -> Fallible<Duration> {
    Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?)
}

impl Generator {
    /// The build at `program`.
    pub(crate) fn new(name: &str, program: &Path) -> Fallible<Generator> {
        if !program.is_file() {
            return Err(format!("{} is not there: build it with --release first", program.display()).into());
        }
        let folder = tempfile::tempdir()?;
        let location: Location = folder.path().display().to_string().parse()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let store = runtime.block_on(RunStore::open(&location))?;
        Ok(Generator {
            name: name.to_owned(),
            program: program.to_owned(),
            folder,
            store,
            runtime,
        })
    }

    /// Stores a plan and starts its worker; returns when the worker is prepared.
    fn prepare(&self, load: &Load) -> Fallible<Prepared> {
        let now = wall()?.as_nanos();
        let plan = load.plan(&format!("engine-{now}"), now as u64)?;
        self.runtime
            .block_on(self.store.put(&keys::plan(&plan.run), plan.encode()))?;
        let mut command = Command::new(&self.program);
        command
            .arg("worker")
            .arg("--store")
            .arg(self.folder.path())
            .args(["--run", &plan.run, "--shard", "0"]);
        let child = Child::start(&mut command, cores::GENERATOR)?;
        let began = child.began;
        let key = keys::live(&plan.run, 0, 0, 0);
        while self.runtime.block_on(self.store.get(&key))?.is_none() {
            if child.has_ended()? || began.elapsed() > READY_LONGEST {
                let Ended { complaint, .. } = child.finish(Duration::from_millis(100), Memory::Unwatched)?;
                return Err(format!("the worker was never prepared: {complaint}").into());
            }
            std::thread::sleep(READY_LOOK);
        }
        let started = Started {
            began,
            prepared: began.elapsed(),
        };
        Ok(Prepared { child, started, plan })
    }

    /// Runs a load from its plan to its result. `server` tells the processor time that the server has
    /// used so far.
    ///
    /// # Errors
    /// When the worker failed, or its result cannot be had.
    pub(crate) fn run(&self, load: &Load, server: &dyn Fn() -> Fallible<Duration>, memory: Memory) -> Fallible<Sent> {
        let watch = Watch::begin(server)?;
        let Prepared { child, plan, .. } = self.prepare(load)?;
        let written = wall()?;
        let start = Start {
            t0: (written + START_LEAD).as_nanos() as u64,
            written: written.as_nanos() as u64,
            shards: vec![0],
            ..Start::default()
        };
        self.runtime
            .block_on(self.store.put_new(&keys::start(&plan.run), start.encode()))?;
        let span = Duration::from_secs(load.seconds);
        let ended = child.finish(START_LEAD + span + GRACE, memory)?;
        let result = self.runtime.block_on(self.store.get(&keys::result(&plan.run, 0, 0)))?;
        let bytes = result.ok_or_else(|| format!("the worker stored no result: {}", ended.complaint))?;
        let claim = self.runtime.block_on(self.store.get(&keys::claim(&plan.run, 0, 0)))?;
        let claim = Claim::decode(&claim.ok_or("the worker claimed nothing")?)?;
        let (from, names) = (claim.provenance(&plan.run, 0, 0), plan.request_names());
        let result = SliceResult::decode(&bytes, &plan.expected(&names, &from, Some(plan.stripe(0))))?;
        if result.end != SliceEnd::Finished {
            return Err(format!("the worker did not finish: {:?}", result.end).into());
        }
        let whole = result.tally.whole();
        let counts = &whole.counts;
        if counts.completed == 0 {
            return Err(format!("no request was answered; failed: {:?}", counts.failed).into());
        }
        Ok(Sent {
            measured: watch.end(counts.completed, ended.cpu, span, ended.memory_peak_kb)?,
            sent: counts.sent,
            dropped: counts.dropped,
            failed: counts.failed_total(),
            lag_p99: Duration::from_nanos(whole.all().lag.quantile(990_000)),
        })
    }

    /// Starts a worker, and sends it home as soon as it is prepared.
    pub(crate) fn start_only(&self, load: &Load) -> Fallible<Started> {
        let Prepared { child, started, plan } = self.prepare(load)?;
        let stop = Stop::new("only its start was measured", wall()?.as_nanos() as u64);
        self.runtime
            .block_on(self.store.put_new(&keys::stop(&plan.run), stop.encode()))?;
        child.finish(GRACE, Memory::Unwatched)?;
        Ok(started)
    }
}

impl Sent {
    /// Whether everything that was due was sent in time: late by less than a millisecond in 99 of 100
    /// cases, nothing dropped, nothing failed.
    pub(crate) fn kept_pace(&self) -> bool {
        self.dropped == 0 && self.failed == 0 && self.lag_p99 < Duration::from_millis(1)
    }

    /// Says where its counts and the server's are not the same.
    pub(crate) fn contradiction(&self, seen: u64) -> Option<String> {
        let failed = if self.failed + self.dropped == 0 {
            String::new()
        } else {
            format!("{} failed and {} were dropped", self.failed, self.dropped)
        };
        let seen = if self.sent == seen {
            String::new()
        } else {
            format!("it says that it sent {}, the server saw {seen}", self.sent)
        };
        let both = [failed, seen].into_iter().filter(|what| !what.is_empty());
        let both: Vec<String> = both.collect();
        (!both.is_empty()).then(|| both.join("; "))
    }
}
