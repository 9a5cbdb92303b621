//! The steps of one worker: claim, prepare, wait for the start of the run (T0), send, store snapshots, drain, store the
//! result.
//!
//! The steps of a worker are the same on every fleet. A worker communicates only through the store. A worker always
//! ends: at the end of its slice, after the object `stop` (the stop key) is written, at the deadline of its host, or if
//! the object `start` is not written in time.

use crate::assignment::Assignment;
use crate::claiming;
use crate::clock::compare;
use crate::engine::{Engine, Share};
use crate::feed_sheet::ArrivalsOf;
use crate::hand_over::Handing;
use crate::host::Host;
use crate::load::{Command, LoadEvent, LoadStart, RecordedInterval, Summary};
use crate::log::TARGET;
use crate::notice::StopAtNotice;
use crate::pacer::wait_until;
use crate::renewal::Renewal;
use crate::retry::{may_pass, retry_store_call};
pub use crate::shard_error::ShardError;
use crate::stored_plan;
use crate::supplies::Supplies;
use crate::threads::{SliceIndex, Threads};
use crate::{descriptors, gauges};
use bytes::Bytes;
use plan::plan::{ATTEMPTS_SINCE, Plan, StripeOf};
use std::sync::Arc;
use std::time::Duration;
use store::documents::{Claim, Document, Start, Stop};
use store::{Created, RunStore, StoreError, keys};
use tally::account::Requests;
use tally::provenance::Provenance;
use tally::snapshot::{Health, SliceEnd, SliceResult, Snapshot, SnapshotLabels};
use tally::tally::{Recorder, Tally};
use tokio::time::Instant;
use tracing::{Instrument, debug, error, info, info_span, warn};

/// The way in which a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The worker took part in the run, and its result is in the store.
    Done(SliceEnd),
    /// The worker left before the start of the run, and sent nothing. The store contains the reason.
    Left(SliceEnd),
    /// Another worker sends the slice, and this worker sent nothing.
    AlreadyClaimed,
}

/// The interval at which a running worker reads the stop key of the run.
pub const STOP_POLL: Duration = Duration::from_secs(1);
/// The time that a worker adds to the start timeout of the launcher. The worker may have begun to wait before the
/// launcher.
const START_GRACE: Duration = Duration::from_secs(30);
/// How long after the end of its own slice a worker retries to start the worker of the next slice.
const HANDOVER_PATIENCE: Duration = Duration::from_secs(10);
/// A worker polls the store's clock while the uncertainty of this clock is larger than this number of nanoseconds. The
/// next constants are the interval of the polls, their maximum duration, and the minimum time between the polls and the
/// start of the slice.
const CLOCK_VAGUE: u64 = 100_000_000;
pub const CLOCK_POLL: Duration = Duration::from_millis(70);
pub const CLOCK_PATIENCE: Duration = Duration::from_secs(2);
const CLOCK_RESERVE: Duration = Duration::from_secs(1);
/// The time that is reserved for storing the result, between the end of the load and the deadline of the host.
const DEADLINE_RESERVE: Duration = Duration::from_secs(5);
/// How long a worker retries to write its result while the store fails. The host of the worker may end the worker
/// earlier.
const RESULT_PATIENCE: Duration = Duration::from_secs(60);

/// Runs one slice of a shard to its end.
///
/// # Errors
/// Fails if the run or the store cannot be used. In this case, no result was stored.
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
    let cpu_before = gauges::process_cpu();
    let (plan, digest) = stored_plan::with_digest(store, &assignment.run).await?;
    if plan.format < ATTEMPTS_SINCE {
        return Err(ShardError::OlderLauncher);
    }
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
    let Some(attempt) = claiming::claim(store, assignment, &claim, until)
        .await
        .map_err(ShardError::NotClaimed)?
    else {
        info!(target: TARGET, "another worker has the slice");
        return Ok(Ended::AlreadyClaimed);
    };
    info!(target: TARGET, worker = host.name, attempt, "claimed");
    let window_from = plan.slices[assignment.slice as usize].from;
    let slice = SliceIndex {
        shard: assignment.shard,
        slice: assignment.slice as usize,
    };
    let supplied = tokio::select! {
        supplied = supplies(store, &plan, host, slice, until) => supplied.map_err(SliceEnd::Failed),
        () = host.notice.given() => Err(SliceEnd::HostStopped),
    };
    let (threads, supplies, renewal) = match supplied {
        Ok((supplies, renewal)) => {
            let supplies = Arc::new(supplies);
            let threads = Threads::start(&plan, &supplies, slice, host, &engine);
            (Ok(threads), supplies, renewal)
        }
        Err(end) => (Err(end), Arc::default(), None),
    };
    let worker = Worker {
        store,
        assignment,
        attempt,
        host,
        names: plan.request_names(),
        provenance: claim.provenance(&assignment.run, assignment.shard, assignment.slice),
        total: Tally::new(plan.requests.len()),
        plan,
        pending: None,
        health: Health::default(),
        cpu_before,
        t0_wall: host.clock.now(),
        handing: None,
        supplies,
        renewal,
    };
    match threads {
        Ok(threads) => worker.live(threads).await,
        Err(end) => worker.depart(end, window_from).await,
    }
}

/// Fetches the bodies, feeds, secrets and tokens of the requests.
async fn supplies(
    store: &RunStore,
    plan: &Arc<Plan>,
    host: &Host,
    slice: SliceIndex,
    until: Instant,
) -> Result<(Supplies, Option<Renewal>), String> {
    let planned = ArrivalsOf::Stripe {
        slice: slice.slice,
        stripe: StripeOf {
            stripe: slice.shard,
            stripes: plan.shards,
        },
    };
    let mut supplies = Supplies::complete(store, plan, planned, host.secrets.as_ref(), until).await?;
    let renewal = Renewal::begin(plan, &mut supplies, &host.allow, slice.shard, until).await?;
    Ok((supplies, renewal))
}

struct Worker<'a> {
    store: &'a RunStore,
    assignment: &'a Assignment,
    /// The number of this attempt among the attempts at the slice.
    attempt: u32,
    host: &'a Host,
    plan: Arc<Plan>,
    names: Vec<String>,
    provenance: Provenance,
    /// The sum of all measurements since the start.
    total: Tally,
    /// The last snapshot, if it could not be stored. The intervals after this snapshot are added to the snapshot.
    pending: Option<Snapshot>,
    health: Health,
    /// The processor time that this process had used before this worker began. Other workers may have run in the
    /// process before.
    cpu_before: u64,
    t0_wall: u64,
    handing: Option<Handing>,
    supplies: Arc<Supplies>,
    renewal: Option<Renewal>,
}

/// The heartbeat of the process that follows the run, as this worker last read it.
struct Watched {
    limit: Option<Duration>,
    next_poll: Instant,
    /// The last heartbeat that was read. `since` is when this heartbeat was read first.
    beat: Option<Bytes>,
    since: Instant,
}

impl Watched {
    fn new(plan: &Plan) -> Watched {
        let now = Instant::now();
        Watched {
            limit: plan.timing.dead_man,
            next_poll: now,
            beat: None,
            since: now,
        }
    }
}

/// The result of waiting for the object `start`.
enum Wait {
    Started(Start),
    Stopped,
    /// The object `start` was written, but this worker cannot use it.
    Unusable(String),
    /// The object `start` names another attempt at the shard, so this attempt does not send.
    NotNamed,
    HostStopped,
    Never,
}

impl Worker<'_> {
    async fn live(mut self, mut threads: Threads) -> Result<Ended, ShardError> {
        let until = self.start_deadline();
        let prepared = tokio::select! {
            prepared = tokio::time::timeout_at(until, threads.next()) => prepared,
            () = self.host.notice.given() => return self.leave(&threads, SliceEnd::HostStopped).await,
        };
        match prepared {
            Ok(Some(LoadEvent::Ready(Ok(())))) => {}
            Ok(Some(LoadEvent::Ready(Err(problem)))) => return self.fail(&threads, problem).await,
            Ok(_) => return Err(ShardError::LoadLost),
            Err(_) => {
                let waited = plan::span::show(self.plan.timing.start_timeout + START_GRACE);
                return self
                    .fail(&threads, format!("preparing took longer than {waited}"))
                    .await;
            }
        }
        info!(target: TARGET, "prepared");
        let ready = Snapshot {
            n: 0,
            from: 0,
            to: 0,
            connections: None,
            recorder: Recorder::new(self.names.len()),
        };
        if self.assignment.slice == 0 {
            retry_store_call(until, may_pass, || self.put_prepared(&ready)).await?;
        } else {
            // The launcher does not wait for the worker of a later slice. The worker must be ready before its slice
            // begins, so this write is not retried.
            let _ = self.put_prepared(&ready).await;
        }
        let start = match self.await_start().await {
            Wait::Started(start) => start,
            Wait::Stopped => {
                info!(target: TARGET, by = "the stop key", "stop received");
                return self.leave(&threads, SliceEnd::Stopped).await;
            }
            Wait::Unusable(problem) => {
                return self
                    .fail(&threads, format!("the start cannot be used: {problem}"))
                    .await;
            }
            Wait::NotNamed => {
                info!(target: TARGET, "the start names another attempt");
                threads.commands.send_replace(Command::Leave);
                return Ok(Ended::AlreadyClaimed);
            }
            Wait::HostStopped => return self.leave(&threads, SliceEnd::HostStopped).await,
            Wait::Never => {
                let waited = plan::span::show(self.plan.timing.start_timeout + START_GRACE);
                return self
                    .fail(&threads, format!("no start was written within {waited}"))
                    .await;
            }
        };
        let Some(stripe) = start.stripe(self.assignment.shard, self.plan.shards) else {
            return self
                .fail(&threads, "the run started without this shard".to_owned())
                .await;
        };
        if start.restriped
            && self.plan.has_large_feeds()
            && let Err(problem) = self.restripe_feeds(&start, stripe).await
        {
            return self.fail(&threads, problem).await;
        }
        self.watch_clock(&start).await;
        let compared = compare(&start, self.host.clock.now(), self.store.now());
        self.health.clock_offset = compared.offset;
        self.health.clock_uncertainty = compared.uncertainty;
        self.t0_wall = start.t0.saturating_add_signed(self.health.clock_offset.unwrap_or(0));
        let t0 = self.host.clock.instant(self.t0_wall);
        threads.commands.send_replace(Command::Start(LoadStart {
            t0,
            epoch: start.t0,
            stripe,
        }));
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

    /// Returns the instant until which the worker waits for the object `start`.
    fn start_deadline(&self) -> Instant {
        let until = Instant::now() + self.plan.timing.start_timeout + START_GRACE;
        let deadline = self.host.before_deadline(DEADLINE_RESERVE);
        deadline.map_or(until, |deadline| until.min(deadline))
    }

    async fn await_start(&mut self) -> Wait {
        let until = self.start_deadline();
        let interval = self.store.poll_interval(self.plan.shards);
        while Instant::now() < until {
            // A failure of the store is ignored here, because the object `start` is read again at the next poll, until
            // the timeout.
            if let Ok(Some(bytes)) = self.store.get(&keys::start(&self.assignment.run)).await {
                let start = Start::decode(&bytes).map_err(|error| error.to_string());
                let now = self.host.clock.now();
                let check = |start: &Start| start.check(&self.plan).and_then(|()| start.check_wait(now));
                return match start.and_then(|start| check(&start).map(|()| start).map_err(str::to_owned)) {
                    Ok(start) if !claiming::is_named(&start, self.assignment, self.attempt) => Wait::NotNamed,
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

    /// Reads the rows of large feeds, if the worker takes over arrivals from missing workers. The rows must be read
    /// before the slice of the worker begins.
    async fn restripe_feeds(&self, start: &Start, stripe: StripeOf) -> Result<(), String> {
        let slice = self.assignment.slice as usize;
        let opens = self.host.clock.instant(start.t0 + self.plan.slices[slice].from);
        let arrivals = ArrivalsOf::Stripe { slice, stripe };
        let loading = self.supplies.restripe(self.store, &self.plan, arrivals);
        tokio::time::timeout_at(opens, loading).await.unwrap_or_else(|_| {
            Err("the rows of feeds for the arrivals of missing workers were not read in time".to_owned())
        })
    }

    /// Polls the store's clock while the uncertainty of this clock is large and time is left. Only the worker of a
    /// later slice needs these polls, because it reads the object `start` at its first poll.
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
            // Only the date of the answer is used here. The content of the stop key is read later.
            let _ = self.store.get(&keys::stop(&self.assignment.run)).await;
        }
    }

    /// Follows the load to its end. During the load, stores snapshots, polls the stop key, and starts the worker of the
    /// next slice at the planned time.
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
        let mut next_poll = Instant::now();
        let stop_at = self.host.before_deadline(DEADLINE_RESERVE + self.plan.wait_max());
        let drain_until = self.host.before_deadline(DEADLINE_RESERVE);
        let host = self.host.clone();
        let wait_max = self.plan.wait_max();
        let _stopping = StopAtNotice::new(host.notice.clone(), threads.commands.clone(), move || {
            Some(
                host.before(Instant::now() + wait_max)
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
                    LoadEvent::Ready(_) => {}
                    LoadEvent::Snapshot(interval) => self.snapshot(interval).await,
                    LoadEvent::Ended(interval, summary) => {
                        // If all arrivals were sent, the notice of the host has not shortened the slice.
                        let cut = summary.paced_until < self.plan.slices[slice].to;
                        if end == SliceEnd::Finished && cut && self.host.notice.end().is_some() {
                            end = SliceEnd::HostStopped;
                        }
                        self.snapshot(interval).await;
                        return Ok((end, summary));
                    }
                },
                // After each of the following stops, the loop only waits for the end of the load.
                () = self.host.notice.given(), if running => {
                    info!(target: TARGET, by = "the notice of its host", "stop received");
                }
                () = deadline, if running => {
                    info!(target: TARGET, by = "the deadline of its host", "stop received");
                    end = SliceEnd::Deadline;
                    threads.commands.send_replace(Command::Stop { drain_until });
                }
                () = wait_until(hand_at), if running && next.is_some() && self.handing.is_none() => {
                    let assignment = Assignment { slice: self.assignment.slice + 1, ..self.assignment.clone() };
                    let until = self.host.before(next_opens + HANDOVER_PATIENCE);
                    self.handing = next.clone().map(|host| Handing::begin(host, assignment, until));
                }
                () = wait_until(next_poll), if running => {
                    let stopped = matches!(self.store.get(&keys::stop(&self.assignment.run)).await, Ok(Some(_)));
                    let abandoned = !stopped && self.is_abandoned(&mut watched).await;
                    if stopped || abandoned {
                        let by = if stopped { "the stop key" } else { "no process follows the run" };
                        info!(target: TARGET, by, "stop received");
                        end = SliceEnd::Stopped;
                        let latest = Instant::now() + self.plan.wait_max();
                        let drain_until = Some(drain_until.map_or(latest, |until| until.min(latest)));
                        threads.commands.send_replace(Command::Stop { drain_until });
                    }
                    next_poll = Instant::now() + STOP_POLL;
                }
            }
        }
    }

    /// Returns whether no process has followed the run for longer than the plan allows. If so, also writes the stop
    /// key, so that all workers stop.
    async fn is_abandoned(&self, watched: &mut Watched) -> bool {
        let Some(limit) = watched.limit.filter(|_| Instant::now() >= watched.next_poll) else {
            return false;
        };
        watched.next_poll = Instant::now() + (limit / 4).max(STOP_POLL);
        let Ok(beat) = self.store.get(&keys::heartbeat(&self.assignment.run)).await else {
            // A failure of the store does not prove that no process follows the run.
            return false;
        };
        if beat != watched.beat {
            (watched.beat, watched.since) = (beat, Instant::now());
        }
        if watched.since.elapsed() < limit {
            return false;
        }
        let reason = format!("no process has followed the run for {}", plan::span::show(limit));
        let stop = Stop::new(reason, self.host.clock.now());
        // If this write fails, each worker detects without the stop key that no process follows the run.
        let _ = self
            .store
            .put_new(&keys::stop(&self.assignment.run), stop.encode())
            .await;
        true
    }

    /// Stores an interval as a snapshot. If the store fails, the interval is included in the next snapshot.
    async fn snapshot(&mut self, interval: RecordedInterval) {
        let RecordedInterval {
            from,
            to,
            connections,
            recorder,
        } = interval;
        self.health.descriptors_max = self.health.descriptors_max.max(descriptors::open().unwrap_or(0));
        self.total.add(&recorder.tally);
        self.pending = Some(match self.pending.take() {
            Some(mut pending) => {
                pending.recorder.add(&recorder);
                // The histograms are packed to save memory, because the store may fail for a long time.
                pending.recorder.seconds.pack();
                Snapshot {
                    to,
                    connections: pending.connections.max(Some(connections)),
                    ..pending
                }
            }
            None => Snapshot {
                n: self.health.snapshots + 1,
                from,
                to,
                connections: Some(connections),
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

    /// Returns the labels of all snapshots and results that this worker stores.
    fn labels(&self) -> SnapshotLabels<'_> {
        SnapshotLabels {
            provenance: &self.provenance,
            requests: &self.names,
            start: self.t0_wall,
        }
    }

    async fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let Assignment { run, shard, slice } = self.assignment;
        let key = keys::live(run, *shard, *slice, snapshot.n);
        self.store.put(&key, snapshot.encode(self.labels())).await
    }

    /// Stores the object that shows that this attempt has prepared.
    async fn put_prepared(&self, ready: &Snapshot) -> Result<(), StoreError> {
        let Assignment { run, shard, slice } = self.assignment;
        let key = keys::prepared(run, *shard, *slice, self.attempt);
        // If the object already exists, an earlier write of this attempt has created the object.
        self.store.put_new(&key, ready.encode(self.labels())).await.map(drop)
    }

    async fn fail(self, threads: &Threads, problem: String) -> Result<Ended, ShardError> {
        self.leave(threads, SliceEnd::Failed(problem)).await
    }

    async fn leave(self, threads: &Threads, end: SliceEnd) -> Result<Ended, ShardError> {
        threads.commands.send_replace(Command::Leave);
        let paced_until = self.plan.slices[self.assignment.slice as usize].from;
        self.depart(end, paced_until).await
    }

    /// Ends this attempt, which has not sent anything. In the first slice, the reason is stored only for this attempt,
    /// so that another attempt can replace it before the start. If the object `start` names this attempt, the reason is
    /// stored as the result of the slice.
    async fn depart(mut self, end: SliceEnd, paced_until: u64) -> Result<Ended, ShardError> {
        let until = self.host.before(Instant::now() + RESULT_PATIENCE);
        let start_key = keys::start(&self.assignment.run);
        let is_named = match self.assignment.slice {
            0 => {
                let start = retry_store_call(until, |_| true, || self.store.get(&start_key)).await?;
                let start = start.and_then(|bytes| Start::decode(&bytes).ok());
                start.is_some_and(|start| claiming::is_named(&start, self.assignment, self.attempt))
            }
            _ => true,
        };
        if is_named {
            return self.finish(end, paced_until).await;
        }
        let bytes = Bytes::from(self.result(&end, paced_until));
        let Assignment { run, shard, slice } = self.assignment;
        let key = keys::left(run, *shard, *slice, self.attempt);
        retry_store_call(until, |_| true, || self.store.put_new(&key, bytes.clone())).await?;
        info!(target: TARGET, end = end.word(), "left before the start");
        Ok(Ended::Left(end))
    }

    /// Stores the result, after all other objects, in one write. Before this write, tries to store a pending snapshot.
    async fn finish(mut self, end: SliceEnd, paced_until: u64) -> Result<Ended, ShardError> {
        if let Some(handing) = self.handing.take().filter(|_| end == SliceEnd::Finished) {
            let latest = Instant::now() + HANDOVER_PATIENCE;
            let until = self
                .host
                .before_deadline(DEADLINE_RESERVE)
                .map_or(latest, |deadline| deadline.min(latest));
            self.health.hand_over_problem = handing.end(until).await;
        }
        let bytes = Bytes::from(self.result(&end, paced_until));
        let Assignment { run, shard, slice } = self.assignment;
        let key = keys::result(run, *shard, *slice);
        let until = self.host.before(Instant::now() + RESULT_PATIENCE);
        let (worker, key, bytes) = (&self, &key, &bytes);
        let put = || async move {
            if let Some(snapshot) = &worker.pending {
                // The counts of this snapshot are also in the result. If the snapshot cannot be stored, only the time
                // series of the report has a gap.
                let _ = worker.put_snapshot(snapshot).await;
            }
            worker.store.put_new(key, bytes.clone()).await
        };
        // The result is written create-only, so workers do not need the permission to overwrite a result.
        if retry_store_call(until, |_| true, put).await? == Created::AlreadyThere {
            let stored = retry_store_call(until, |_| true, || self.store.get(key)).await?;
            // If the answer to an earlier write was lost, the stored result is this worker's own result.
            if stored.as_ref() != Some(bytes) {
                return Err(ShardError::ResultTaken { key: key.clone() });
            }
        }
        info!(target: TARGET, end = end.word(), "result stored");
        Ok(Ended::Done(end))
    }

    /// Returns the encoded result of this worker.
    fn result(&mut self, end: &SliceEnd, paced_until: u64) -> Vec<u8> {
        if let SliceEnd::Failed(problem) = end {
            warn!(target: TARGET, problem, "failed");
        }
        self.health.cpu = gauges::process_cpu().saturating_sub(self.cpu_before);
        self.health.tokens = self.renewal.as_ref().map(Renewal::record);
        self.health.ran = Some(self.host.began.elapsed().as_nanos() as u64);
        // The write of the result is counted in advance. The size of the result is not counted, because the result
        // cannot contain its own size.
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
        result.encode(self.labels())
    }
}
