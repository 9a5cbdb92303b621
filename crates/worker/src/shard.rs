//! The life of one worker: claim, prepare, wait for T0, pace, snapshot, drain, result.
//!
//! There is one, whoever starts it. It talks to nobody but the store, and it always ends: at the
//! end of its window, at the stop key, at its host's deadline, or when no start comes.

use crate::assignment::Assignment;
use crate::clock::compare;
use crate::engine::{Engine, Share};
use crate::hand_over::Handing;
use crate::host::Host;
use crate::load::{Command, Event, Interval, Summary};
use crate::log::TARGET;
use crate::notice::StopAtNotice;
use crate::pacer::wait_until;
use crate::patience::{may_pass, patiently};
use crate::secrets;
use crate::supplies::Supplies;
use crate::threads::{Place, Threads};
use crate::{descriptors, gauges};
use bytes::Bytes;
use plan::plan::Plan;
use std::sync::Arc;
use std::time::Duration;
use store::documents::{Claim, Document, Start, Stop};
use store::{Created, RunStore, StoreError, keys};
use tally::account::Requests;
use tally::format::FormatError;
use tally::provenance::Provenance;
use tally::snapshot::{Health, SliceEnd, SliceResult, Snapshot, SnapshotLabels};
use tally::tally::{Recorder, Tally};
use tokio::time::Instant;
use tracing::{Instrument, debug, error, info, info_span, warn};

/// How a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its result is in the store.
    Done(SliceEnd),
    /// Another worker had the slice already; nothing was sent.
    AlreadyClaimed,
}

/// Why a worker could not even say so in the store.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("a document of the run cannot be used")]
    Format(#[from] FormatError),
    #[error("there is no run {run} in this store")]
    NoRun { run: String },
    #[error("the plan has no {what}")]
    NotPlanned { what: String },
    #[error("the thread of the load ended without a word")]
    LoadLost,
    /// The store has a result that this worker did not write, and keeps it.
    #[error("another result is at {key} already")]
    ResultTaken { key: String },
}

/// How often a running worker looks for the stop key.
pub const STOP_POLL: Duration = Duration::from_secs(1);
/// What a worker adds to the launcher's start timeout: its own start may have come first.
const START_GRACE: Duration = Duration::from_secs(30);
/// How long a worker tries on to start the next one after its own window.
const HANDOVER_PATIENCE: Duration = Duration::from_secs(10);
/// When the store's clock is known well enough (nanoseconds), how often it is asked for its date
/// until then, how long at most, and what is left before the window opens.
const CLOCK_VAGUE: u64 = 100_000_000;
pub const CLOCK_POLL: Duration = Duration::from_millis(70);
pub const CLOCK_PATIENCE: Duration = Duration::from_secs(2);
const CLOCK_RESERVE: Duration = Duration::from_secs(1);
/// What is left for storing the result when the host's deadline stops the load.
const DEADLINE_RESERVE: Duration = Duration::from_secs(5);
/// How long a worker asks for its plan while the store is failing.
const PLAN_PATIENCE: Duration = Duration::from_secs(10);
/// How long the result is tried again while the store is failing, if the host allows.
const RESULT_PATIENCE: Duration = Duration::from_secs(60);

/// Runs a shard's slice to its end.
///
/// # Errors
/// When the run or the store cannot be used, so that no result can be there.
pub async fn run<E, F>(store: &RunStore, assignment: &Assignment, host: &Host, engine: F) -> Result<Ended, ShardError>
where
    E: Engine,
    F: Fn(Share) -> Result<E, String> + Clone + Send + 'static,
{
    let Assignment { run, shard, slice } = assignment;
    let span = info_span!(target: TARGET, "worker", run, shard, slice);
    async {
        let ended = live(store, assignment, host, engine).await;
        if let Err(problem) = &ended {
            error!(target: TARGET, %problem, "failed");
        }
        ended
    }
    .instrument(span)
    .await
}

async fn live<E, F>(store: &RunStore, assignment: &Assignment, host: &Host, engine: F) -> Result<Ended, ShardError>
where
    E: Engine,
    F: Fn(Share) -> Result<E, String> + Clone + Send + 'static,
{
    let (plan, digest) = stored_plan(store, &assignment.run).await?;
    let planned = assignment.shard < plan.shards && (assignment.slice as usize) < plan.slices.len();
    if !planned {
        let what = format!("shard {} slice {}", assignment.shard, assignment.slice);
        return Err(ShardError::NotPlanned { what });
    }
    let claim = Claim {
        worker: host.name.clone(),
        claimed: host.clock.now(),
        mark: rand::random(),
        plan: Some(digest),
    };
    let until = host.before(Instant::now() + plan.timing.start_timeout);
    if !take(store, assignment, &claim, until).await? {
        info!(target: TARGET, "another worker has the slice");
        return Ok(Ended::AlreadyClaimed);
    }
    info!(target: TARGET, worker = host.name, "claimed");
    let window_from = plan.slices[assignment.slice as usize].from;
    let place = Place {
        shard: assignment.shard,
        slice: assignment.slice as usize,
    };
    let supplied = tokio::select! {
        supplied = supplies(store, &plan, host, until) => supplied.map_err(SliceEnd::Failed),
        () = host.notice.given() => Err(SliceEnd::HostStopped),
    };
    let threads = match supplied {
        Ok(supplies) => Ok(Threads::start(&plan, &Arc::new(supplies), place, host, &engine)),
        Err(end) => Err(end),
    };
    let worker = Worker {
        store,
        assignment,
        host,
        names: plan.request_names(),
        provenance: claim.provenance(&assignment.run, assignment.shard, assignment.slice),
        total: Tally::new(plan.requests.len()),
        plan,
        pending: None,
        health: Health::default(),
        t0_wall: host.clock.now(),
        handing: None,
    };
    match threads {
        Ok(threads) => worker.live(threads).await,
        Err(end) => worker.finish(end, window_from).await,
    }
}

/// Fetches what requests are made of.
async fn supplies(store: &RunStore, plan: &Plan, host: &Host, until: Instant) -> Result<Supplies, String> {
    let mut supplies = Supplies::fetch(store, plan).await?;
    supplies.secrets = secrets::resolve(plan, host.secrets.as_ref(), until).await?;
    Ok(supplies)
}

/// Takes the slice, unless somebody has it.
async fn take(store: &RunStore, assignment: &Assignment, claim: &Claim, until: Instant) -> Result<bool, StoreError> {
    let key = keys::claim(&assignment.run, assignment.shard, assignment.slice);
    let claim = claim.encode();
    match patiently(until, may_pass, || store.put_new(&key, claim.clone())).await? {
        Created::Yes => Ok(true),
        // It may have been taken by an earlier try of this worker, whose answer was lost.
        Created::AlreadyThere => {
            let taken = patiently(until, may_pass, || store.get(&key)).await?;
            Ok(taken.is_some_and(|taken| taken == claim))
        }
    }
}

/// Reads a run's plan.
///
/// # Errors
/// When there is none, or it cannot be used.
pub async fn plan(store: &RunStore, run: &str) -> Result<Arc<Plan>, ShardError> {
    Ok(stored_plan(store, run).await?.0)
}

/// Reads a run's plan, with its digest.
async fn stored_plan(store: &RunStore, run: &str) -> Result<(Arc<Plan>, String), ShardError> {
    let (key, until) = (keys::plan(run), Instant::now() + PLAN_PATIENCE);
    let bytes = patiently(until, may_pass, || store.get(&key))
        .await?
        .ok_or_else(|| ShardError::NoRun { run: run.to_owned() })?;
    Ok((Arc::new(Plan::decode(&bytes)?), Plan::digest(&bytes)))
}

struct Worker<'a> {
    store: &'a RunStore,
    assignment: &'a Assignment,
    host: &'a Host,
    plan: Arc<Plan>,
    names: Vec<String>,
    provenance: Provenance,
    /// Everything since the start.
    total: Tally,
    /// What happened since the last snapshot that was stored, when storing it failed.
    pending: Option<Snapshot>,
    health: Health,
    t0_wall: u64,
    handing: Option<Handing>,
}

/// Whether somebody follows the run, as its worker sees it.
struct Watched {
    limit: Option<Duration>,
    look: Instant,
    /// The last beat, and since when there has been no other.
    beat: Option<Bytes>,
    since: Instant,
}

impl Watched {
    fn new(plan: &Plan) -> Watched {
        let now = Instant::now();
        Watched {
            limit: plan.timing.dead_man,
            look: now,
            beat: None,
            since: now,
        }
    }
}

/// What came of waiting for the start.
enum Wait {
    Started(Start),
    Stopped,
    /// There is one, and it cannot be used.
    Unusable(String),
    HostStopped,
    Never,
}

impl Worker<'_> {
    async fn live(mut self, mut threads: Threads) -> Result<Ended, ShardError> {
        let until = self.patience();
        let prepared = tokio::select! {
            prepared = tokio::time::timeout_at(until, threads.next()) => prepared,
            () = self.host.notice.given() => return self.leave(&threads, SliceEnd::HostStopped).await,
        };
        match prepared {
            Ok(Some(Event::Ready(Ok(())))) => {}
            Ok(Some(Event::Ready(Err(problem)))) => return self.fail(&threads, problem).await,
            Ok(_) => return Err(ShardError::LoadLost),
            Err(_) => {
                let waited = plan::span::show(self.plan.timing.start_timeout + START_GRACE);
                return self
                    .fail(&threads, format!("it could not prepare within {waited}"))
                    .await;
            }
        }
        info!(target: TARGET, "prepared");
        let ready = Snapshot {
            n: 0,
            from: 0,
            to: 0,
            recorder: Recorder::new(self.names.len()),
        };
        if self.assignment.slice == 0 {
            patiently(until, may_pass, || self.put_snapshot(&ready)).await?;
        } else {
            // Nobody waits for a later slice, and it must not be late for its window.
            let _ = self.put_snapshot(&ready).await;
        }
        let start = match self.await_start().await {
            Wait::Started(start) => start,
            Wait::Stopped => {
                info!(target: TARGET, by = "the stop key", "stop seen");
                return self.leave(&threads, SliceEnd::Stopped).await;
            }
            Wait::Unusable(problem) => {
                return self
                    .fail(&threads, format!("the start cannot be used: {problem}"))
                    .await;
            }
            Wait::HostStopped => return self.leave(&threads, SliceEnd::HostStopped).await,
            Wait::Never => {
                let waited = plan::span::show(self.plan.timing.start_timeout + START_GRACE);
                return self.fail(&threads, format!("no start came within {waited}")).await;
            }
        };
        let Some(stripe) = start.stripe(self.assignment.shard, self.plan.shards) else {
            return self
                .fail(&threads, "the run had started without this shard".to_owned())
                .await;
        };
        self.watch_clock(&start).await;
        let compared = compare(&start, self.host.clock.now(), self.store.now());
        self.health.clock_offset = compared.offset;
        self.health.clock_uncertainty = compared.uncertainty;
        self.t0_wall = start.t0.saturating_add_signed(self.health.clock_offset.unwrap_or(0));
        let t0 = self.host.clock.instant(self.t0_wall);
        threads.commands.send_replace(Command::Start(t0, stripe));
        info!(target: TARGET, t0 = start.t0, stripe = stripe.stripe, stripes = stripe.stripes, "started");
        let throttled = gauges::throttled();
        let (end, summary) = self.follow(&mut threads, t0).await?;
        info!(target: TARGET, paced_until = summary.paced_until, "drained");
        self.health.start_skew = summary.start_skew;
        self.health.in_flight_max = summary.in_flight_max;
        self.health.load_cpu = summary.cpu;
        self.health.load_wall = summary.wall;
        self.health.run_queue = summary.run_queue;
        self.health.throttled = match (throttled, gauges::throttled()) {
            (Some(before), Some(after)) => Some(after.saturating_sub(before).as_nanos() as u64),
            _ => None,
        };
        self.finish(end, summary.paced_until).await
    }

    /// Until when there is still hope for a start.
    fn patience(&self) -> Instant {
        let until = Instant::now() + self.plan.timing.start_timeout + START_GRACE;
        let deadline = self.host.before_deadline(DEADLINE_RESERVE);
        deadline.map_or(until, |deadline| until.min(deadline))
    }

    async fn await_start(&mut self) -> Wait {
        let until = self.patience();
        let interval = self.store.look_interval(self.plan.shards);
        while Instant::now() < until {
            // A store that fails for a moment is asked again: the timeout bounds it.
            if let Ok(Some(bytes)) = self.store.get(&keys::start(&self.assignment.run)).await {
                let start = Start::decode(&bytes).map_err(|error| error.to_string());
                let now = self.host.clock.now();
                let sound = |start: &Start| start.check(&self.plan).and_then(|()| start.check_wait(now));
                return match start.and_then(|start| sound(&start).map(|()| start).map_err(str::to_owned)) {
                    Ok(start) => Wait::Started(start),
                    Err(problem) => Wait::Unusable(problem),
                };
            }
            if let Ok(Some(_)) = self.store.get(&keys::stop(&self.assignment.run)).await {
                return Wait::Stopped;
            }
            tokio::select! {
                () = wait_until(Instant::now() + interval) => {}
                () = self.host.notice.given() => return Wait::HostStopped,
            }
        }
        Wait::Never
    }

    /// Lets the store tell more of its clock, where little is known of it and there is time: a
    /// worker of a later slice has not had to wait for the start.
    async fn watch_clock(&self, start: &Start) {
        let opens = self
            .host
            .clock
            .instant(start.t0 + self.plan.slices[self.assignment.slice as usize].from);
        let until = (Instant::now() + CLOCK_PATIENCE).min(opens.checked_sub(CLOCK_RESERVE).unwrap_or(opens));
        let vague = || {
            self.store
                .now()
                .is_some_and(|now| now.latest - now.earliest > CLOCK_VAGUE)
        };
        while vague() && Instant::now() < until && self.host.notice.end().is_none() {
            wait_until(Instant::now() + CLOCK_POLL).await;
            // What it says is looked at later: here it is only asked for its date.
            let _ = self.store.get(&keys::stop(&self.assignment.run)).await;
        }
    }

    /// Stores snapshots, watches for the stop, and hands over, until the load has ended.
    async fn follow(&mut self, threads: &mut Threads, t0: Instant) -> Result<(SliceEnd, Summary), ShardError> {
        let mut end = SliceEnd::Finished;
        let slice = self.assignment.slice as usize;
        let next = self
            .host
            .hand_over
            .clone()
            .filter(|_| slice + 1 < self.plan.slices.len());
        let next_opens = t0 + Duration::from_nanos(self.plan.slices[slice].to);
        let hand_at = next_opens
            .checked_sub(self.plan.handover_lead(slice + 1))
            .unwrap_or(next_opens);
        let mut watched = Watched::new(&self.plan);
        let mut look = Instant::now();
        let stop_at = self.host.before_deadline(DEADLINE_RESERVE + self.plan.wait_max());
        let drain_until = self.host.before_deadline(DEADLINE_RESERVE);
        let host = self.host.clone();
        let patience = self.plan.wait_max();
        let _stopping = StopAtNotice::new(host.notice.clone(), threads.commands.clone(), move || {
            Some(
                host.before(Instant::now() + patience)
                    .min(host.before_deadline(DEADLINE_RESERVE)?),
            )
        });
        loop {
            let deadline = async {
                match stop_at {
                    Some(at) => wait_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let running = end == SliceEnd::Finished && self.host.notice.end().is_none();
            tokio::select! {
                event = threads.next() => match event.ok_or(ShardError::LoadLost)? {
                    Event::Ready(_) => {}
                    Event::Snapshot(interval) => self.snapshot(interval).await,
                    Event::Ended(interval, summary) => {
                        // With everything sent there was nothing left to stop.
                        let cut = summary.paced_until < self.plan.slices[slice].to;
                        if end == SliceEnd::Finished && cut && self.host.notice.end().is_some() {
                            end = SliceEnd::HostStopped;
                        }
                        self.snapshot(interval).await;
                        return Ok((end, summary));
                    }
                },
                // From here on nothing is looked for but the end of the load.
                () = self.host.notice.given(), if running => {
                    info!(target: TARGET, by = "the notice of its host", "stop seen");
                }
                () = deadline, if running => {
                    info!(target: TARGET, by = "the deadline of its host", "stop seen");
                    end = SliceEnd::Deadline;
                    threads.commands.send_replace(Command::Stop { drain_until });
                }
                () = wait_until(hand_at), if running && next.is_some() && self.handing.is_none() => {
                    let assignment = Assignment { slice: self.assignment.slice + 1, ..self.assignment.clone() };
                    let until = self.host.before(next_opens + HANDOVER_PATIENCE);
                    self.handing = next.clone().map(|host| Handing::begin(host, assignment, until));
                }
                () = wait_until(look), if running => {
                    let stopped = matches!(self.store.get(&keys::stop(&self.assignment.run)).await, Ok(Some(_)));
                    let abandoned = !stopped && self.is_abandoned(&mut watched).await;
                    if stopped || abandoned {
                        let by = if stopped { "the stop key" } else { "nobody follows the run" };
                        info!(target: TARGET, by, "stop seen");
                        end = SliceEnd::Stopped;
                        let patience = Instant::now() + self.plan.wait_max();
                        let drain_until = Some(drain_until.map_or(patience, |until| until.min(patience)));
                        threads.commands.send_replace(Command::Stop { drain_until });
                    }
                    look = Instant::now() + STOP_POLL;
                }
            }
        }
    }

    /// Whether nobody has followed the run for longer than it may go on without; the stop is then
    /// written, for the others too.
    async fn is_abandoned(&self, watched: &mut Watched) -> bool {
        let Some(limit) = watched.limit.filter(|_| Instant::now() >= watched.look) else {
            return false;
        };
        watched.look = Instant::now() + (limit / 4).max(STOP_POLL);
        let Ok(beat) = self.store.get(&keys::heartbeat(&self.assignment.run)).await else {
            // A store that fails says nothing about who follows.
            return false;
        };
        if beat != watched.beat {
            (watched.beat, watched.since) = (beat, Instant::now());
        }
        if watched.since.elapsed() < limit {
            return false;
        }
        let reason = format!("nobody has followed the run for {}", plan::span::show(limit));
        let stop = Stop::new(reason, self.host.clock.now());
        // Those who do not see it notice by themselves.
        let _ = self
            .store
            .put_new(&keys::stop(&self.assignment.run), stop.encode())
            .await;
        true
    }

    /// Stores what happened since the last snapshot; if that fails, the next one carries it.
    async fn snapshot(&mut self, interval: Interval) {
        let Interval { from, to, recorder } = interval;
        self.health.descriptors_max = self.health.descriptors_max.max(descriptors::open().unwrap_or(0));
        self.total.add(&recorder.tally);
        self.pending = Some(match self.pending.take() {
            Some(mut pending) => {
                pending.recorder.add(&recorder);
                // The store may fail for long.
                pending.recorder.seconds.pack();
                Snapshot { to, ..pending }
            }
            None => Snapshot {
                n: self.health.snapshots + 1,
                from,
                to,
                recorder,
            },
        });
        self.put_pending().await;
    }

    async fn put_pending(&mut self) {
        if let Some(snapshot) = self.pending.take() {
            match self.put_snapshot(&snapshot).await {
                Ok(()) => {
                    self.health.snapshots = snapshot.n;
                    debug!(target: TARGET, n = snapshot.n, from = snapshot.from, to = snapshot.to, "snapshot stored");
                }
                Err(problem) => {
                    warn!(target: TARGET, n = snapshot.n, %problem, "snapshot not stored");
                    self.pending = Some(snapshot);
                }
            }
        }
    }

    async fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let bytes = snapshot.encode(SnapshotLabels {
            provenance: &self.provenance,
            requests: &self.names,
            start: self.t0_wall,
        });
        let Assignment { run, shard, slice } = self.assignment;
        self.store
            .put(&keys::live(run, *shard, *slice, snapshot.n), bytes)
            .await
    }

    async fn fail(self, threads: &Threads, problem: String) -> Result<Ended, ShardError> {
        self.leave(threads, SliceEnd::Failed(problem)).await
    }

    async fn leave(self, threads: &Threads, end: SliceEnd) -> Result<Ended, ShardError> {
        threads.commands.send_replace(Command::Leave);
        let paced_until = self.plan.slices[self.assignment.slice as usize].from;
        self.finish(end, paced_until).await
    }

    /// Stores the result: last, once, whole. A snapshot that is left over goes before it if it can.
    async fn finish(mut self, end: SliceEnd, paced_until: u64) -> Result<Ended, ShardError> {
        if let SliceEnd::Failed(problem) = &end {
            warn!(target: TARGET, problem, "failed");
        }
        self.health.cpu = gauges::process_cpu();
        if let Some(handing) = self.handing.take().filter(|_| end == SliceEnd::Finished) {
            let patience = Instant::now() + HANDOVER_PATIENCE;
            let until = self
                .host
                .before_deadline(DEADLINE_RESERVE)
                .map_or(patience, |deadline| deadline.min(patience));
            self.health.hand_over_problem = handing.end(until).await;
        }
        self.health.ran = Some(self.host.began.elapsed().as_nanos() as u64);
        // The result is one more write; how long it is, it cannot say itself.
        self.health.requests = self.store.requests().map(|requests| Requests {
            writes: requests.writes + 1,
            ..requests
        });
        let result = SliceResult {
            end: end.clone(),
            paced_until,
            tally: std::mem::take(&mut self.total),
            health: self.health.clone(),
        };
        let bytes = result.encode(SnapshotLabels {
            provenance: &self.provenance,
            requests: &self.names,
            start: self.t0_wall,
        });
        let Assignment { run, shard, slice } = self.assignment;
        let key = keys::result(run, *shard, *slice);
        let until = self.host.before(Instant::now() + RESULT_PATIENCE);
        let (worker, key, bytes) = (&self, &key, &Bytes::from(bytes));
        let put = || async move {
            if let Some(snapshot) = &worker.pending {
                // Its counts are in the result too: only the series would miss it.
                let _ = worker.put_snapshot(snapshot).await;
            }
            worker.store.put_new(key, bytes.clone()).await
        };
        // Create-only, so that no worker can be given the right to change another's result.
        if patiently(until, |_| true, put).await? == Created::AlreadyThere {
            let there = patiently(until, |_| true, || self.store.get(key)).await?;
            // It is this one's own if the answer to an earlier try was lost.
            if there.as_ref() != Some(bytes) {
                return Err(ShardError::ResultTaken { key: key.clone() });
            }
        }
        info!(target: TARGET, end = end.word(), "result stored");
        Ok(Ended::Done(end))
    }
}
