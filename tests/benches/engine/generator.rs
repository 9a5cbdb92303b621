//! Our worker as a load generator: one process that executes one shard, with a folder as its store.
//!
//! The bench uses the worker as a black box. The bench stores a plan, writes `start` when the worker is prepared, and
//! reads the result of the worker. The bench compares the number of requests that the worker sent with the count of the
//! server.

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

/// The time between the writing of `start` and T0, the start time of the load. The time is long enough, because a
/// worker polls for `start` ten times a second.
const START_LEAD: Duration = Duration::from_millis(300);
/// The interval at which the bench polls whether a worker is prepared.
const READY_LOOK: Duration = Duration::from_millis(1);
/// The maximum time until a worker is prepared.
const READY_LONGEST: Duration = Duration::from_secs(10);
/// The time by which a run may exceed the duration of its load. After its load, the worker waits for answers and stores
/// its result.
const GRACE: Duration = Duration::from_secs(20);

/// A build of our program.
#[derive(Debug)]
pub(crate) struct Generator {
    /// The name of the build in the table.
    pub(crate) name: String,
    program: PathBuf,
    /// The folder in which the runs of the build are stored. The folder is removed when this value is dropped.
    folder: TempDir,
    store: RunStore,
    runtime: Runtime,
}

/// The measurements of a run of our worker.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) measured: Measured,
    pub(crate) sent: u64,
    pub(crate) dropped: u64,
    pub(crate) failed: u64,
    /// The 99th percentile of the lag: the time between the due time of a request and its sending.
    pub(crate) lag_p99: Duration,
    /// The shortest time from the due time of a completed flow to the end of the flow. The value is zero if the load
    /// has no flows.
    pub(crate) session_min: Duration,
}

/// The start of a worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Started {
    /// The time at which the worker was started.
    pub(crate) began: Instant,
    /// The time from the start of the process until the worker stored that it is prepared.
    pub(crate) prepared: Duration,
}

/// A worker that is prepared and waits for `start`.
struct Prepared {
    child: Child,
    started: Started,
    plan: Plan,
}

fn wall() -> Fallible<Duration> {
    Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?)
}

impl Generator {
    /// Opens the build whose program is at this path.
    pub(crate) fn new(name: &str, program: &Path) -> Fallible<Generator> {
        if !program.is_file() {
            return Err(format!("{} does not exist: build it with --release first", program.display()).into());
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

    /// Stores the plan of a load and starts a worker. Returns when the worker is prepared.
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
                let Ended { stderr, .. } = child.finish(Duration::from_millis(100), Memory::Unwatched)?;
                return Err(format!("the worker did not prepare: {stderr}").into());
            }
            std::thread::sleep(READY_LOOK);
        }
        let started = Started {
            began,
            prepared: began.elapsed(),
        };
        Ok(Prepared { child, started, plan })
    }

    /// Runs a load, from storing the plan to reading the result. `server` returns the processor time of the server so
    /// far.
    ///
    /// # Errors
    /// When the worker failed, or when its result cannot be read.
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
        let bytes = result.ok_or_else(|| format!("the worker stored no result: {}", ended.stderr))?;
        let claim = self
            .runtime
            .block_on(self.store.get(&keys::claim(&plan.run, 0, 0, 1)))?;
        let claim = Claim::decode(&claim.ok_or("the worker stored no claim")?)?;
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
            session_min: Duration::from_nanos(result.tally.flows.first().map_or(0, |flow| flow.session.min())),
        })
    }

    /// Starts a worker, and stops it as soon as it is prepared.
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
    /// Returns whether the worker kept the rate of the load. 99 of 100 arrivals must have a lag below one millisecond,
    /// and no arrival may be dropped or fail.
    pub(crate) fn kept_pace(&self) -> bool {
        self.dropped == 0 && self.failed == 0 && self.lag_p99 < Duration::from_millis(1)
    }

    /// Describes the problem if requests failed or were dropped, or if the generator and the server counted different
    /// numbers of requests; `None` otherwise.
    pub(crate) fn contradiction(&self, seen: u64) -> Option<String> {
        let failed = if self.failed + self.dropped == 0 {
            String::new()
        } else {
            format!("{} failed and {} were dropped", self.failed, self.dropped)
        };
        let seen = if self.sent == seen {
            String::new()
        } else {
            format!("it counts {} sent, the server received {seen}", self.sent)
        };
        let both = [failed, seen].into_iter().filter(|what| !what.is_empty());
        let both: Vec<String> = both.collect();
        (!both.is_empty()).then(|| both.join("; "))
    }
}
