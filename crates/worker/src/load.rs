//! The load of one slice: paces its arrivals, hands them to an engine, and records what becomes of them.
//!
//! Everything here runs on one thread, so nothing is locked. An arrival becomes a task when it is
//! due; it waits for one of the plan's connections, at most `max_wait`, and its latency has been
//! running since it was due.

use crate::engine::Engine;
use crate::pacer::{Pacer, Precision};
use plan::plan::{Plan, PlannedLoad, Slice, stripe};
use plan::scenario::{Sampling, ThinkTime};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::Outcome;
use tally::tally::{Recorder, Sample};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Which part of which plan this is.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub plan: Arc<Plan>,
    pub shard: u32,
    pub slice: usize,
    pub precision: Precision,
}

/// What the worker tells its load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Wait,
    /// T0 of the run.
    Start(Instant),
    /// Send nothing more; wait for what is in flight until the given instant.
    Stop {
        drain_until: Option<Instant>,
    },
    /// Leave without having begun.
    Leave,
}

/// What the load tells its worker.
#[derive(Debug)]
pub(crate) enum Event {
    Ready(Result<(), String>),
    Snapshot {
        from: u64,
        to: u64,
        recorder: Recorder,
    },
    /// The last interval, and nothing will follow.
    Ended {
        from: u64,
        to: u64,
        recorder: Recorder,
        summary: Summary,
    },
}

/// What is known once the load has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    /// Until when arrivals were paced, in nanoseconds since T0.
    pub paced_until: u64,
    pub start_skew: u64,
    pub in_flight_max: u64,
}

/// What a request may take beyond its own timeouts before it is given up on.
const DRAIN_SLACK: Duration = Duration::from_secs(1);

/// Runs the load of a part from preparing to draining.
pub(crate) async fn run<E: Engine>(
    part: Part,
    engine: E,
    mut commands: watch::Receiver<Command>,
    events: mpsc::UnboundedSender<Event>,
) {
    // A worker that no longer listens is gone: its load has nobody to report to.
    let ready = tokio::select! {
        ready = engine.prepare() => ready,
        _ = commands.wait_for(|command| *command != Command::Wait) => return,
    };
    let usable = ready.is_ok();
    let _ = events.send(Event::Ready(ready));
    if !usable {
        return;
    }
    let window = part.plan.slices[part.slice].clone();
    let Some(t0) = started(&mut commands).await else {
        // A stop may overtake the start: nothing was sent, and that is said too.
        let _ = events.send(Event::Ended {
            from: window.from,
            to: window.from,
            recorder: Recorder::new(part.plan.requests.len()),
            summary: Summary {
                paced_until: window.from,
                start_skew: 0,
                in_flight_max: 0,
            },
        });
        return;
    };
    let opens = t0 + Duration::from_nanos(window.from);
    let pacer = Pacer::new(part.precision);
    tokio::select! {
        _ = commands.wait_for(|command| !matches!(command, Command::Start(_))) => {}
        () = pacer.sleep_until(opens) => {}
    }
    let stage = Rc::new(Stage::new(&part, engine, t0, commands));
    let start_skew = Instant::now().saturating_duration_since(opens).as_nanos() as u64;

    let (from, to) = {
        let snapshots = snapshots(
            stage.clone(),
            part.plan.timing.snapshot_interval,
            window.from,
            events.clone(),
        );
        let pacing = pace(stage.clone(), &part, &window);
        let mut snapshots = std::pin::pin!(snapshots);
        let paced_until = tokio::select! {
            paced_until = pacing => paced_until,
            () = &mut snapshots => unreachable!("snapshots are taken until they are dropped"),
        };
        stage.paced_until.set(paced_until);
        let paced = Instant::now().max(t0 + Duration::from_nanos(window.to));
        let drained = paced + part.plan.wait_max() + DRAIN_SLACK;
        tokio::select! {
            () = stage.drain(drained) => {}
            () = &mut snapshots => unreachable!("snapshots are taken until they are dropped"),
        }
        (stage.snapshot_from.get(), stage.since_t0(Instant::now()))
    };
    stage.abandon();
    let in_flight_max = stage.under_way.borrow().sent_max;
    let summary = Summary {
        paced_until: stage.paced_until.get(),
        start_skew,
        in_flight_max,
    };
    let _ = events.send(Event::Ended {
        from,
        to: to.max(from),
        recorder: stage.take(),
        summary,
    });
}

async fn started(commands: &mut watch::Receiver<Command>) -> Option<Instant> {
    loop {
        match *commands.borrow_and_update() {
            Command::Start(t0) => return Some(t0),
            Command::Leave | Command::Stop { .. } => return None,
            Command::Wait => {}
        }
        commands.changed().await.ok()?;
    }
}

/// Takes what was recorded, every interval, for as long as it is polled.
async fn snapshots<E: Engine>(
    stage: Rc<Stage<E>>,
    interval: Duration,
    window_from: u64,
    events: mpsc::UnboundedSender<Event>,
) {
    let pacer = Pacer::new(Precision::Runtime);
    let mut from = window_from;
    stage.snapshot_from.set(from);
    for n in 1.. {
        pacer
            .sleep_until(stage.t0 + Duration::from_nanos(window_from) + interval * n)
            .await;
        let to = stage.since_t0(Instant::now());
        let _ = events.send(Event::Snapshot {
            from,
            to,
            recorder: stage.take(),
        });
        from = to;
        stage.snapshot_from.set(from);
    }
}

/// What the tasks of one load share.
struct Stage<E> {
    engine: E,
    plan: Arc<Plan>,
    t0: Instant,
    mix: plan::mix::Mix,
    connections: Semaphore,
    recorder: RefCell<Recorder>,
    under_way: RefCell<UnderWay>,
    tasks: RefCell<JoinSet<()>>,
    commands: watch::Receiver<Command>,
    paced_until: Cell<u64>,
    snapshot_from: Cell<u64>,
}

impl<E: Engine> Stage<E> {
    fn new(part: &Part, engine: E, t0: Instant, commands: watch::Receiver<Command>) -> Stage<E> {
        let requests = part.plan.requests.len();
        Stage {
            engine,
            plan: part.plan.clone(),
            t0,
            mix: part.plan.mix(),
            connections: Semaphore::new(part.plan.limits.connections as usize),
            recorder: RefCell::new(Recorder::new(requests)),
            under_way: RefCell::new(UnderWay::new(requests + 1)),
            tasks: RefCell::new(JoinSet::new()),
            commands,
            paced_until: Cell::new(0),
            snapshot_from: Cell::new(0),
        }
    }

    fn since_t0(&self, instant: Instant) -> u64 {
        instant.saturating_duration_since(self.t0).as_nanos() as u64
    }

    fn take(&self) -> Recorder {
        self.recorder.replace(Recorder::new(self.plan.requests.len()))
    }

    /// Whether nothing more may be sent: said so, or nobody is left to say.
    fn stopped(&self) -> bool {
        matches!(*self.commands.borrow(), Command::Stop { .. } | Command::Leave) || self.commands.has_changed().is_err()
    }

    /// Sends the arrival `k` that was due at `due`: the whole of its life.
    async fn arrive(&self, k: u64, due: u64, sampling: Sampling) {
        let request = self.mix.request(k);
        let sample = match sampling {
            Sampling::Measured => Sample::Measured { request },
            Sampling::Unmeasured => Sample::Unmeasured,
        };
        self.under_way.borrow_mut().waiting[self.place(sample)] += 1;
        let connection = self.connection(due).await;
        let now = self.since_t0(Instant::now());
        self.under_way.borrow_mut().waiting[self.place(sample)] -= 1;
        // What still waits when the run is stopped is not sent any more.
        if connection.is_none() || self.stopped() {
            self.recorder.borrow_mut().dropped(sample, now);
            return;
        }
        self.recorder.borrow_mut().sent(sample, now);
        self.under_way.borrow_mut().begin(self.place(sample));
        let answer = self.engine.send(k, request).await;
        self.under_way.borrow_mut().end(self.place(sample));
        let outcome = Outcome {
            due,
            sent: self.since_t0(answer.sent),
            done: self.since_t0(answer.done),
            result: answer.result,
            status: answer.status,
            body_bytes: answer.body_bytes,
        };
        self.recorder.borrow_mut().finished(sample, &outcome);
    }

    /// A connection to send on, waited for until the arrival has to be dropped.
    async fn connection(&self, due: u64) -> Option<tokio::sync::SemaphorePermit<'_>> {
        if let Ok(permit) = self.connections.try_acquire() {
            return Some(permit);
        }
        let until = self.t0 + Duration::from_nanos(due) + self.plan.limits.max_wait;
        tokio::time::timeout_at(until, self.connections.acquire())
            .await
            .ok()?
            .ok()
    }

    fn place(&self, sample: Sample) -> usize {
        match sample {
            Sample::Measured { request } => request,
            Sample::Unmeasured => self.plan.requests.len(),
        }
    }

    /// Waits for every task, but not beyond `latest`; after a stop, no longer than it allows.
    async fn drain(&self, latest: Instant) {
        let mut commands = self.commands.clone();
        let pacer = Pacer::new(Precision::Runtime);
        loop {
            let command = *commands.borrow_and_update();
            let until = match command {
                Command::Stop {
                    drain_until: Some(until),
                } => until.min(latest),
                _ => latest,
            };
            let mut tasks = self.tasks.take();
            let all = async { while tasks.join_next().await.is_some() {} };
            tokio::select! {
                () = all => return,
                () = pacer.sleep_until(until) => {
                    tasks.abort_all();
                    return;
                }
                changed = commands.changed() => if changed.is_err() { return },
            }
            *self.tasks.borrow_mut() = tasks;
        }
    }

    /// Counts what the drain gave up on: sent without an outcome, or never sent.
    fn abandon(&self) {
        let mut recorder = self.recorder.borrow_mut();
        let now = self.since_t0(Instant::now());
        let under_way = self.under_way.borrow();
        for (place, (sent, waiting)) in under_way.sent.iter().zip(&under_way.waiting).enumerate() {
            let measured = place < self.plan.requests.len();
            let sample = if measured {
                Sample::Measured { request: place }
            } else {
                Sample::Unmeasured
            };
            (0..*sent).for_each(|_| recorder.abandoned(sample));
            (0..*waiting).for_each(|_| recorder.dropped(sample, now));
        }
    }
}

/// Arrivals that are due and have no outcome yet, by the place of their sample: the requests of the
/// plan, and last what is not measured.
struct UnderWay {
    /// Waiting for a connection.
    waiting: Vec<u64>,
    sent: Vec<u64>,
    sent_now: u64,
    sent_max: u64,
}

impl UnderWay {
    fn new(places: usize) -> UnderWay {
        UnderWay {
            waiting: vec![0; places],
            sent: vec![0; places],
            sent_now: 0,
            sent_max: 0,
        }
    }

    fn begin(&mut self, place: usize) {
        self.sent[place] += 1;
        self.sent_now += 1;
        self.sent_max = self.sent_max.max(self.sent_now);
    }

    fn end(&mut self, place: usize) {
        self.sent[place] -= 1;
        self.sent_now -= 1;
    }
}

/// Sends what the part owes, and returns until when (nanoseconds since T0) it was paced.
async fn pace<E: Engine>(stage: Rc<Stage<E>>, part: &Part, window: &Slice) -> u64 {
    match &part.plan.load {
        PlannedLoad::Open { .. } => pace_arrivals(stage, part, window).await,
        PlannedLoad::Closed { think, .. } => release_users(&stage, part, window, *think),
    }
}

async fn pace_arrivals<E: Engine>(stage: Rc<Stage<E>>, part: &Part, window: &Slice) -> u64 {
    let Some(schedule) = part.plan.schedule() else {
        return window.to;
    };
    let pacer = Pacer::new(part.precision);
    let mut commands = stage.commands.clone();
    for arrival in stripe(&schedule, window, part.shard, part.plan.shards) {
        let due = stage.t0 + Duration::from_nanos(arrival.due);
        if Instant::now() < due {
            tokio::select! {
                biased;
                _ = commands.wait_for(|command| !matches!(command, Command::Start(_))) => {}
                () = pacer.sleep_until(due) => {}
            }
        } else {
            // Behind: let those that are on their way move before the next one is added.
            tokio::task::yield_now().await;
        }
        if stage.stopped() {
            return arrival.due;
        }
        let task = stage.clone();
        let mut tasks = stage.tasks.borrow_mut();
        tasks.spawn_local(async move { task.arrive(arrival.k, arrival.due, arrival.sampling).await });
        while tasks.try_join_next().is_some() {}
    }
    window.to
}

fn release_users<E: Engine>(stage: &Rc<Stage<E>>, part: &Part, window: &Slice, think: ThinkTime) -> u64 {
    let Some(population) = part.plan.population() else {
        return window.to;
    };
    let population = Rc::new(population);
    let mut tasks = stage.tasks.borrow_mut();
    for user in (part.shard..population.users()).step_by(part.plan.shards as usize) {
        let stretches: Vec<Range<u64>> = population
            .presence(user)
            .into_iter()
            .map(|there| there.start.max(window.from)..there.end.min(window.to))
            .filter(|there| !there.is_empty())
            .collect();
        if stretches.is_empty() {
            continue;
        }
        let life = User {
            stage: stage.clone(),
            population: population.clone(),
            user: u64::from(user),
            slice: part.slice as u64,
            think,
        };
        tasks.spawn_local(life.live(stretches));
    }
    // The users are waited for like all that is in flight; one that is stopped takes this back.
    window.to
}

/// One user of a closed load.
struct User<E> {
    stage: Rc<Stage<E>>,
    population: Rc<plan::users::Population>,
    user: u64,
    slice: u64,
    think: ThinkTime,
}

impl<E: Engine> User<E> {
    /// Asks, waits, thinks and asks again in each stretch.
    async fn live(self, stretches: Vec<Range<u64>>) {
        let pacer = Pacer::new(Precision::Runtime);
        let mut commands = self.stage.commands.clone();
        let (min, max) = (self.think.min.as_nanos() as u64, self.think.max.as_nanos() as u64);
        let mut iteration = self.slice << 32;
        for stretch in stretches {
            let mut due = stretch.start;
            while due < stretch.end {
                tokio::select! {
                    biased;
                    _ = commands.wait_for(|command| !matches!(command, Command::Start(_))) => {}
                    () = pacer.sleep_until(self.stage.t0 + Duration::from_nanos(due)) => {}
                }
                if self.stage.since_t0(Instant::now()) >= stretch.end {
                    // Too late to be there at all.
                    break;
                }
                if self.stage.stopped() {
                    self.stage.paced_until.set(self.stage.paced_until.get().min(due));
                    return;
                }
                let k = iteration * u64::from(self.population.users()) + self.user;
                self.stage.arrive(k, due, self.population.sampling_at(due)).await;
                let pause = min + self.stage.mix.pause(k, max - min);
                due = self.stage.since_t0(Instant::now()) + pause;
                iteration += 1;
                if pause == 0 {
                    // An answer that takes no time must not keep the thread from everybody else.
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}
