//! Simulates a run from the plan to the report on a paused clock.

use super::hosts::{Life, Simulation};
use super::outages::FaultSwitch;
use super::truth::{Sent, Truth};
use super::world::{RUN, Skew, World};
use ::run::summary;
use bytes::Bytes;
use fleet::crew::Crew;
use fleet::follow::{Losses, follow, losses};
use fleet::gather::{Gatherer, RunRecord};
use fleet::heartbeat;
use fleet::launch::{Abort, StartError, publish, start};
use fleet::stop::stop;
use report::run_report::RunReport;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::RunStore;
use tokio::task::LocalSet;
use tokio::time::Instant;
use worker::clock::Clock;

/// The maximum duration of a simulated run in simulated time.
const RUN_MAX: Duration = Duration::from_secs(3_600);

/// How the last command that followed the run ended. This command is the launcher, or a command that attached to the
/// run.
#[derive(Debug)]
pub(crate) enum Launched {
    Followed(Losses),
    Aborted(Abort),
}

/// A run that has been simulated to its end.
#[derive(Debug)]
pub(crate) struct Ran {
    pub world: World,
    /// The time at which the last command that followed the run ended; `None` if this command did not end.
    pub ended: Option<Duration>,
    pub launched: Option<Launched>,
    /// The record that the last command read, and the report of this record.
    pub record: RunRecord,
    pub report: RunReport,
    /// The record that was read after all workers had ended, and the report of this record.
    pub after: RunRecord,
    pub report_after: RunReport,
    /// The report of the run as JSON. The objects of the run were read after all workers had ended, and in a different
    /// order.
    pub json_shuffled: String,
    /// All objects in the store at the end of the simulation.
    pub objects: BTreeMap<String, Bytes>,
    pub truth: Vec<Sent>,
    pub lives: Vec<Life>,
    /// The records that commands read during the run, each with its time. The list is empty unless the world is
    /// watched.
    pub observations: Vec<(u64, RunRecord)>,
    /// T0 in simulated time; `None` if the run did not start.
    pub t0: Option<Duration>,
    /// The error of the clock with which T0 was written.
    pub launcher_skew: Skew,
    pub stopped: Option<Duration>,
}

impl Ran {
    /// Returns the due time of arrival `k` in simulated time.
    pub(crate) fn due(&self, k: u64) -> Option<Duration> {
        let schedule = self.record.plan.schedule()?;
        Some(self.t0? + Duration::from_nanos(schedule.due(k)))
    }

    pub(crate) fn losses(&self) -> &Losses {
        match &self.launched {
            Some(Launched::Followed(losses)) => losses,
            other => panic!("the run was not followed to its end: {other:?}"),
        }
    }
}

/// Simulates the run of a world.
pub(crate) fn simulate(world: World) -> Ran {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without any input or output can be built");
    LocalSet::new().block_on(&runtime, run_world(world))
}

async fn run_world(world: World) -> Ran {
    let epoch = Instant::now();
    let (switch, faults) = FaultSwitch::new(world.seed, &world.outages);
    let simulation = Simulation {
        world: Rc::new(world.clone()),
        store: RunStore::memory_with(faults),
        truth: Truth::default(),
        epoch,
        clock: Clock::tie(0),
        lives: Rc::new(RefCell::new(Vec::new())),
        observations: Rc::default(),
        relay: Rc::default(),
        launches: Rc::default(),
    };
    let stopped = Rc::new(Cell::new(None));
    if let Some(at) = world.stop {
        tokio::task::spawn_local(request_stop(simulation.clone(), at, stopped.clone()));
    }
    let seen = tokio::time::timeout(RUN_MAX, conduct_to_the_end(&simulation))
        .await
        .ok();
    let ended = seen.is_some().then(|| epoch.elapsed());
    let all_gone = || simulation.lives.borrow().iter().all(|life| life.to.is_some());
    let deadline = epoch.elapsed() + Duration::from_secs(300);
    while !all_gone() && epoch.elapsed() < deadline {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    switch.set(FaultSwitch::NONE);
    let after = read(&simulation.store).await;
    let objects = objects(&simulation.store).await;
    switch.set(FaultSwitch::SHUFFLED);
    let shuffled = read(&simulation.store).await;
    let (launched, record) = seen.unzip();
    let record = record.unwrap_or_else(|| after.clone());
    let report = match &launched {
        Some(Launched::Followed(losses)) => summary::report(&record, losses, None),
        _ => summary::report(&record, &Losses::new(), None),
    };
    let report_after = summary::report(&after, &losses(&after), None);
    let (t0, launcher_skew) = match (&after.start, switch.started()) {
        (Some(start), Some(written)) => {
            let right = simulation.clock.now() - (epoch.elapsed() - written).as_nanos() as u64;
            let t0 = written + Duration::from_nanos(start.t0 - start.written);
            (Some(t0), start.written as i64 - right as i64)
        }
        _ => (None, 0),
    };
    let lives = simulation.lives.borrow().clone();
    Ran {
        json_shuffled: summary::report(&shuffled, &losses(&shuffled), None).json(),
        world,
        ended,
        launched,
        record,
        report,
        after,
        report_after,
        objects,
        truth: simulation.truth.sent(),
        lives,
        observations: simulation.observations.take(),
        t0,
        launcher_skew,
        stopped: stopped.get(),
    }
}

async fn request_stop(simulation: Simulation, at: Duration, stopped: Rc<Cell<Option<Duration>>>) {
    tokio::time::sleep(at).await;
    while stop(&simulation.store, RUN, "pressed", &simulation.clock)
        .await
        .is_err()
    {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stopped.set(Some(simulation.epoch.elapsed()));
}

/// Returns all objects in a store that does not fail.
async fn objects(store: &RunStore) -> BTreeMap<String, Bytes> {
    let mut objects = BTreeMap::new();
    for key in store.list("").await.expect("the store does not fail") {
        if let Some(bytes) = store.get(&key).await.expect("the store does not fail") {
            objects.insert(key, bytes);
        }
    }
    objects
}

/// Reads the record of a run. Repeats failed reads until all objects have been read.
async fn read(store: &RunStore) -> RunRecord {
    let mut gatherer = loop {
        if let Ok(gatherer) = Gatherer::open(store, RUN).await {
            break gatherer;
        }
    };
    while gatherer.poll_listing().await.is_err() {}
    gatherer.record
}

/// Runs the launcher until the run has ended. If the launcher is killed, attaches to the run and follows it to its end.
async fn conduct_to_the_end(simulation: &Simulation) -> (Launched, RunRecord) {
    let clock = simulation.clock.skewed(simulation.world.launcher_skew);
    let launcher = launch(simulation, &clock);
    let mut clock = clock;
    match &simulation.world.attach {
        None => {
            if let Some(seen) = launcher.await {
                return seen;
            }
        }
        Some(attach) => {
            tokio::select! {
                Some(seen) = launcher => return seen,
                () = tokio::time::sleep(attach.killed) => {}
            }
            tokio::time::sleep_until(simulation.epoch + attach.attached).await;
            clock = simulation.clock.skewed(attach.skew);
        }
    }
    loop {
        // A user repeats a command that failed because of the store.
        if let Ok(gatherer) = Gatherer::open(&simulation.store, RUN).await
            && let Some(seen) = follow_to_the_end(simulation, gatherer, None, &clock).await
        {
            return seen;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn launch(simulation: &Simulation, clock: &Clock) -> Option<(Launched, RunRecord)> {
    let plan = simulation.world.plan(clock.now());
    publish(&simulation.store, &plan, &simulation.world.planned().scenario())
        .await
        .expect("a working store accepts a plan");
    let gatherer = Gatherer::open(&simulation.store, RUN)
        .await
        .expect("the plan is stored");
    let mut crew = Crew::new(Arc::new(simulation.hosts()), gatherer.record.plan.clone());
    follow_to_the_end(simulation, gatherer, Some(&mut crew), clock).await
}

/// Starts a run, and follows the run until it has ended. Returns `None` if the store failed for longer than the command
/// retries.
async fn follow_to_the_end(
    simulation: &Simulation,
    mut gatherer: Gatherer,
    mut crew: Option<&mut Crew>,
    clock: &Clock,
) -> Option<(Launched, RunRecord)> {
    let _beating = heartbeat::begin(&simulation.store, &gatherer.record.plan);
    let mut look = |record: &RunRecord| {
        if simulation.world.watched {
            simulation.observations.borrow_mut().push((clock.now(), record.clone()));
        }
    };
    let started = start(&simulation.store, &mut gatherer, crew.as_deref_mut(), clock, &mut look).await;
    let launched = match started {
        Ok(()) => match follow(&mut gatherer, crew, clock, &mut look).await {
            Ok(losses) => Launched::Followed(losses),
            Err(error) => return assert_long_outage(simulation, &error),
        },
        Err(StartError::Aborted(abort)) => Launched::Aborted(abort),
        Err(error) => return assert_long_outage(simulation, &error),
    };
    Some((launched, gatherer.record))
}

/// Asserts that outages explain why a command failed. The time from the first outage to the end of the last outage must
/// exceed half a minute, or an outage must have prevented the start of the run.
fn assert_long_outage<T>(simulation: &Simulation, error: &impl std::error::Error) -> Option<T> {
    let outages = &simulation.world.outages;
    let (from, to) = (
        outages.iter().map(|outage| outage.from).min(),
        outages.iter().map(|outage| outage.to).max(),
    );
    let long = from
        .zip(to)
        .is_some_and(|(from, to)| to - from > Duration::from_secs(30));
    // A command also fails if the start of the run cannot be written before the start timeout.
    let start = outages.iter().any(|outage| outage.hits(store::Op::PutNew, "/start"));
    assert!(long || start, "the command failed: {error}");
    None
}
