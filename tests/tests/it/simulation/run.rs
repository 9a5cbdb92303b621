//! Lets a run happen on a paused clock, from its plan to its report.

use super::hosts::{Ground, Life};
use super::truth::{Sent, Truth};
use super::weather::Weather;
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

/// No simulated run takes this long.
const FOR_EVER: Duration = Duration::from_secs(3_600);

/// How the launcher, or the one who took the run up, ended.
#[derive(Debug)]
pub(crate) enum Launched {
    Followed(Losses),
    Aborted(Abort),
}

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Ran {
    pub world: World,
    /// When the run's last follower was done; `None` if it never was.
    pub ended: Option<Duration>,
    pub launched: Option<Launched>,
    /// What that follower knew, and the report that it made of it.
    pub record: RunRecord,
    pub report: RunReport,
    /// What the store tells when every worker has gone, and the report of that.
    pub after: RunRecord,
    pub report_after: RunReport,
    /// The same, read again in another order.
    pub json_shuffled: String,
    /// Everything that the store has in the end.
    pub objects: BTreeMap<String, Bytes>,
    pub truth: Vec<Sent>,
    pub lives: Vec<Life>,
    /// What the follower saw, and when, if the world is watched.
    pub looks: Vec<(u64, RunRecord)>,
    /// T0 in time of the simulation.
    pub t0: Option<Duration>,
    /// How wrong the clock was that T0 was written by.
    pub launcher_skew: Skew,
    pub stopped: Option<Duration>,
}

impl Ran {
    /// The due time of arrival `k`, in time of the simulation.
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

/// Lets a world's run happen.
pub(crate) fn simulate(world: World) -> Ran {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without any input or output can be built");
    LocalSet::new().block_on(&runtime, happen(world))
}

async fn happen(world: World) -> Ran {
    let epoch = Instant::now();
    let (weather, faults) = Weather::new(world.seed, &world.outages);
    let ground = Ground {
        world: Rc::new(world.clone()),
        store: RunStore::memory_with(faults),
        truth: Truth::default(),
        epoch,
        clock: Clock::tie(0),
        lives: Rc::new(RefCell::new(Vec::new())),
        looks: Rc::default(),
        relay: Rc::default(),
    };
    let stopped = Rc::new(Cell::new(None));
    if let Some(at) = world.stop {
        tokio::task::spawn_local(press_stop(ground.clone(), at, stopped.clone()));
    }
    let seen = tokio::time::timeout(FOR_EVER, see_through(&ground)).await.ok();
    let ended = seen.is_some().then(|| epoch.elapsed());
    let all_gone = || ground.lives.borrow().iter().all(|life| life.to.is_some());
    let patience = epoch.elapsed() + Duration::from_secs(300);
    while !all_gone() && epoch.elapsed() < patience {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    weather.set(Weather::CALM);
    let after = read(&ground.store).await;
    let objects = objects(&ground.store).await;
    weather.set(Weather::SHUFFLED);
    let shuffled = read(&ground.store).await;
    let (launched, record) = seen.unzip();
    let record = record.unwrap_or_else(|| after.clone());
    let report = match &launched {
        Some(Launched::Followed(losses)) => summary::report(&record, losses, None),
        _ => summary::report(&record, &Losses::new(), None),
    };
    let report_after = summary::report(&after, &losses(&after), None);
    let (t0, launcher_skew) = match (&after.start, weather.started()) {
        (Some(start), Some(written)) => {
            let right = ground.clock.now() - (epoch.elapsed() - written).as_nanos() as u64;
            let t0 = written + Duration::from_nanos(start.t0 - start.written);
            (Some(t0), start.written as i64 - right as i64)
        }
        _ => (None, 0),
    };
    let lives = ground.lives.borrow().clone();
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
        truth: ground.truth.sent(),
        lives,
        looks: ground.looks.take(),
        t0,
        launcher_skew,
        stopped: stopped.get(),
    }
}

async fn press_stop(ground: Ground, at: Duration, stopped: Rc<Cell<Option<Duration>>>) {
    tokio::time::sleep(at).await;
    while stop(&ground.store, RUN, "pressed", &ground.clock).await.is_err() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stopped.set(Some(ground.epoch.elapsed()));
}

/// Everything in a store that does not fail.
async fn objects(store: &RunStore) -> BTreeMap<String, Bytes> {
    let mut objects = BTreeMap::new();
    for key in store.list("").await.expect("the weather is calm") {
        if let Some(bytes) = store.get(&key).await.expect("the weather is calm") {
            objects.insert(key, bytes);
        }
    }
    objects
}

/// Reads a run until all of it has been read.
async fn read(store: &RunStore) -> RunRecord {
    let mut gatherer = loop {
        if let Ok(gatherer) = Gatherer::open(store, RUN).await {
            break gatherer;
        }
    };
    while gatherer.look().await.is_err() {}
    gatherer.record
}

/// The launcher, until it has ended, or until it is killed and another has taken up what it left.
async fn see_through(ground: &Ground) -> (Launched, RunRecord) {
    let clock = ground.clock.skewed(ground.world.launcher_skew);
    let launcher = launch(ground, &clock);
    let mut clock = clock;
    match &ground.world.attach {
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
            tokio::time::sleep_until(ground.epoch + attach.taken_up).await;
            clock = ground.clock.skewed(attach.skew);
        }
    }
    loop {
        // A person who sees that the store cannot be reached tries again.
        if let Ok(gatherer) = Gatherer::open(&ground.store, RUN).await
            && let Some(seen) = follow_through(ground, gatherer, None, &clock).await
        {
            return seen;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn launch(ground: &Ground, clock: &Clock) -> Option<(Launched, RunRecord)> {
    let plan = ground.world.plan(clock.now());
    publish(&ground.store, &plan, &ground.world.planned().scenario())
        .await
        .expect("a store that works takes a plan");
    let gatherer = Gatherer::open(&ground.store, RUN).await.expect("the plan is there");
    let mut crew = Crew::new(Arc::new(ground.hosts()), gatherer.record.plan.clone());
    follow_through(ground, gatherer, Some(&mut crew), clock).await
}

/// `None` when the store failed for longer than it was borne with.
async fn follow_through(
    ground: &Ground,
    mut gatherer: Gatherer,
    mut crew: Option<&mut Crew>,
    clock: &Clock,
) -> Option<(Launched, RunRecord)> {
    let _beating = heartbeat::begin(&ground.store, &gatherer.record.plan);
    let mut look = |record: &RunRecord| {
        if ground.world.watched {
            ground.looks.borrow_mut().push((clock.now(), record.clone()));
        }
    };
    let started = start(&ground.store, &mut gatherer, crew.as_deref_mut(), clock, &mut look).await;
    let launched = match started {
        Ok(()) => match follow(&mut gatherer, crew, clock, &mut look).await {
            Ok(losses) => Launched::Followed(losses),
            Err(error) => return gave_up(ground, &error),
        },
        Err(StartError::Aborted(abort)) => Launched::Aborted(abort),
        Err(error) => return gave_up(ground, &error),
    };
    Some((launched, gatherer.record))
}

/// Nobody gives up on a store that does not fail for half a minute.
fn gave_up<T>(ground: &Ground, error: &impl std::error::Error) -> Option<T> {
    let outages = &ground.world.outages;
    let (from, to) = (
        outages.iter().map(|outage| outage.from).min(),
        outages.iter().map(|outage| outage.to).max(),
    );
    let long = from
        .zip(to)
        .is_some_and(|(from, to)| to - from > Duration::from_secs(30));
    // A start that cannot be written before its timeout is given up at once.
    let start = outages.iter().any(|outage| outage.hits(store::Op::PutNew, "/start"));
    assert!(long || start, "given up: {error}");
    None
}
