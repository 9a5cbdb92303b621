//! The load of a part of a slice: paces its arrivals, hands them to an engine, and records what
//! becomes of them.
//!
//! Everything here runs on one thread, in one loop, so nothing is locked, and nothing is allocated
//! for a request. An arrival that is due takes one of the part's connections; when all are busy it
//! waits for one, at most `max_wait`, and its latency has been running since it was due.

use crate::crowd::Crowd;
use crate::engine::{Answer, Engine, FlowState, Ticket};
use crate::failure_log::FailureLog;
use crate::gauges::ThreadTime;
use crate::index::Table;
use plan::mix::Mix;
use plan::plan::{Plan, PlannedLoad, Slice, StripeOf};
use plan::scenario::{Pacing, Sampling};
use plan::schedule::{Arrival, Schedule, Stripe};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::Outcome;
use tally::request::RequestIndex;
use tally::tally::{Recorder, SampleKind};
use tokio::sync::watch;
use tokio::time::Instant;

/// Which part of which plan this is: of its shard's stripe of a slice, that of one of its threads.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub plan: Arc<Plan>,
    pub slice: usize,
    pub thread: u32,
    pub threads: u32,
    /// How many requests may be under way at once.
    pub in_flight_max: usize,
}

/// What the worker tells its load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Wait,
    /// T0 of the run, and what the worker sends of it.
    Start(Instant, StripeOf),
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
    Snapshot(Interval),
    /// The last interval, and nothing will follow.
    Ended(Interval, Summary),
}

/// What was recorded in an interval, in nanoseconds since T0.
#[derive(Debug)]
pub(crate) struct Interval {
    pub from: u64,
    pub to: u64,
    pub recorder: Recorder,
}

/// What is known once the load has ended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    /// Until when arrivals were paced, in nanoseconds since T0.
    pub paced_until: u64,
    pub start_skew: u64,
    pub in_flight_max: u64,
    /// Processor time of the load's threads while they ran, how long they waited for a processor,
    /// and how long they ran, in nanoseconds.
    pub cpu: u64,
    pub run_queue: u64,
    pub wall: u64,
}

/// What a request may take beyond its own timeouts before it is given up on.
const DRAIN_SLACK: Duration = Duration::from_secs(1);
/// How long an engine may keep the load from hearing a command, before the start and after it.
const LISTEN_WAITING: Duration = Duration::from_millis(10);
const LISTEN_RUNNING: Duration = Duration::from_millis(100);
/// How many arrivals are sent before answers are looked at: a load that is behind must still notice
/// what comes back.
const BURST: usize = 64;
/// When arrivals are batched, at whole multiples of this, in nanoseconds since T0.
const TICK: u64 = 1_000_000;

/// Runs the load of a part from preparing to draining.
pub(crate) async fn run<E: Engine>(
    part: Part,
    engine: Result<E, String>,
    mut commands: watch::Receiver<Command>,
    tell: impl Fn(Event),
) {
    let mut engine = match engine {
        Ok(engine) => engine,
        Err(problem) => return tell(Event::Ready(Err(problem))),
    };
    let ready = tokio::select! {
        biased;
        ready = engine.prepare() => ready,
        _ = commands.wait_for(|command| *command != Command::Wait) => return,
    };
    let usable = ready.is_ok();
    tell(Event::Ready(ready));
    if !usable {
        return;
    }
    let window = part.plan.slices[part.slice].clone();
    let Some((t0, whole)) = started(&mut engine, &mut commands).await else {
        // A stop may overtake the start: nothing was sent, and that is said too.
        let nothing = Interval {
            from: window.from,
            to: window.from,
            recorder: Recorder::new(part.plan.requests.len()),
        };
        let summary = Summary {
            paced_until: window.from,
            ..Summary::default()
        };
        tell(Event::Ended(nothing, summary));
        return;
    };
    let opens = t0 + Duration::from_nanos(window.from);
    while Instant::now() < opens && matches!(*commands.borrow(), Command::Start(..)) {
        listen(&mut engine, &mut commands, opens, &mut Vec::new()).await;
        if commands.has_changed().is_err() {
            return;
        }
    }
    let before = ThreadTime::now();
    let start_skew = Instant::now().saturating_duration_since(opens).as_nanos() as u64;
    let schedule = part.plan.schedule();
    let source = Source::new(&part, part.stripe(whole), &window, schedule.as_ref());
    let mut load = Load::new(&part, engine, t0, window, source);
    load.go_on(&mut commands, &tell).await;
    let (last, summary) = load.end();
    let time = ThreadTime::now().since(before);
    let summary = Summary {
        start_skew,
        cpu: time.cpu,
        run_queue: time.run_queue,
        wall: opens.elapsed().as_nanos() as u64,
        ..summary
    };
    tell(Event::Ended(last, summary));
}

impl Part {
    /// This part of what the worker sends: thread t of T is stripe i + N·t of N·T.
    pub(crate) fn stripe(&self, whole: StripeOf) -> StripeOf {
        StripeOf {
            stripe: whole.stripe + whole.stripes * self.thread,
            stripes: whole.stripes * self.threads,
        }
    }
}

/// Waits for T0; `None` when there is nothing to wait for any more.
async fn started<E: Engine>(engine: &mut E, commands: &mut watch::Receiver<Command>) -> Option<(Instant, StripeOf)> {
    loop {
        match *commands.borrow_and_update() {
            Command::Start(t0, whole) => return Some((t0, whole)),
            Command::Leave | Command::Stop { .. } => return None,
            Command::Wait => {}
        }
        commands.has_changed().ok()?;
        // Connections that were opened ahead are looked after meanwhile.
        listen(engine, commands, Instant::now() + LISTEN_WAITING, &mut Vec::new()).await;
    }
}

/// Lets an engine wait, until a command comes.
async fn listen<E: Engine>(
    engine: &mut E,
    commands: &mut watch::Receiver<Command>,
    until: Instant,
    answers: &mut Vec<(Ticket, Answer)>,
) {
    // An engine that holds up its thread is never interrupted: it is asked for short waits.
    tokio::select! {
        biased;
        () = engine.wait(until, answers) => {}
        _ = commands.changed() => {}
    }
}

/// Where arrivals come from.
enum Source<'a> {
    Open { stripe: Stripe<'a>, next: Option<Arrival> },
    Closed(Crowd),
}

impl<'a> Source<'a> {
    fn new(part: &Part, own: StripeOf, window: &Slice, schedule: Option<&'a Schedule>) -> Source<'a> {
        let StripeOf { stripe, stripes } = own;
        match (&part.plan.load, schedule, part.plan.population()) {
            (PlannedLoad::Closed { think, .. }, _, Some(population)) => Source::Closed(Crowd::new(
                population,
                *think,
                (stripe, stripes),
                (part.slice, window.from..window.to),
            )),
            (_, Some(schedule), _) => {
                let mut stripe = Stripe::new(schedule, window.arrivals.clone(), stripe, stripes);
                let next = stripe.next();
                Source::Open { stripe, next }
            }
            _ => unreachable!("a load has a schedule or a population"),
        }
    }

    fn next_due(&self) -> Option<u64> {
        match self {
            Source::Open { next, .. } => next.map(|arrival| arrival.due),
            Source::Closed(crowd) => crowd.next_due(),
        }
    }

    /// The next arrival that is due by `now`: its number, the request's user, when it was due.
    fn next(&mut self, now: u64) -> Option<(u64, u32, u64, Sampling)> {
        match self {
            Source::Open { stripe, next } => {
                let arrival = next.filter(|arrival| arrival.due <= now)?;
                *next = stripe.next();
                Some((arrival.k, 0, arrival.due, arrival.sampling))
            }
            Source::Closed(crowd) => {
                let asking = crowd.next(now)?;
                Some((asking.k, asking.user, asking.due, asking.sampling))
            }
        }
    }
}

/// An arrival that has been due, and has no outcome yet.
#[derive(Clone, Copy, Debug)]
struct Flight {
    k: u64,
    due: u64,
    request: RequestIndex,
    user: u32,
    sampling: Sampling,
    /// When it began to wait for a free connection; once it is sent, how long it has waited. In nanoseconds.
    waiting: u64,
    under_way: bool,
}

impl Flight {
    fn sample(&self) -> SampleKind {
        match self.sampling {
            Sampling::Measured => SampleKind::Measured { request: self.request },
            Sampling::Unmeasured => SampleKind::Unmeasured,
        }
    }
}

struct Load<'a, E> {
    engine: E,
    t0: Instant,
    window: Slice,
    mix: Mix,
    requests: usize,
    pacing: Pacing,
    max_wait: u64,
    /// What a request may take after the last one was due.
    drain: Duration,
    source: Source<'a>,
    /// Arrivals that were sent, by ticket, and the tickets that are free.
    flights: Table<Ticket, Flight>,
    vacant: Vec<Ticket>,
    /// The states of their flows. An engine has the state of a request that is under way.
    flows: Table<Ticket, FlowState>,
    in_flight_max: usize,
    /// Arrivals that wait for a connection, in the order in which they were due.
    waiting: VecDeque<Flight>,
    recorder: Recorder,
    failures: FailureLog,
    answers: Vec<(Ticket, Answer)>,
    snapshot_interval: u64,
    snapshot_from: u64,
    snapshot_due: u64,
    paced_until: u64,
    stopped: bool,
    /// When the load ends, whatever is still in flight.
    latest: Option<Instant>,
}

impl<'a, E: Engine> Load<'a, E> {
    fn new(part: &Part, engine: E, t0: Instant, window: Slice, source: Source<'a>) -> Load<'a, E> {
        let plan = &part.plan;
        let nobody = Flight {
            k: 0,
            due: 0,
            request: RequestIndex::default(),
            user: 0,
            sampling: Sampling::Unmeasured,
            waiting: 0,
            under_way: false,
        };
        let interval = plan.timing.snapshot_interval.as_nanos() as u64;
        Load {
            engine,
            t0,
            mix: plan.mix(),
            requests: plan.requests.len(),
            pacing: plan.pacing(),
            max_wait: plan.limits.max_wait.as_nanos() as u64,
            drain: plan.wait_max() + DRAIN_SLACK,
            source,
            flights: std::iter::repeat_n(nobody, part.in_flight_max).collect(),
            vacant: (0..part.in_flight_max).rev().map(Ticket::from).collect(),
            flows: (0..part.in_flight_max).map(|_| FlowState::default()).collect(),
            in_flight_max: 0,
            waiting: VecDeque::new(),
            recorder: Recorder::new(plan.requests.len()),
            failures: FailureLog::default(),
            answers: Vec::with_capacity(part.in_flight_max),
            snapshot_interval: interval,
            snapshot_from: window.from,
            snapshot_due: window.from + interval,
            paced_until: window.to,
            stopped: false,
            latest: None,
            window,
        }
    }

    /// Sends what is owed, and returns when nothing is left to wait for.
    async fn go_on(&mut self, commands: &mut watch::Receiver<Command>, tell: &impl Fn(Event)) {
        loop {
            let instant = Instant::now();
            let now = self.since_t0(instant);
            if self.heed(commands, now).is_none() {
                return;
            }
            self.send_due(now);
            if now >= self.snapshot_due {
                tell(Event::Snapshot(self.snapshot(now)));
            }
            let idle = self.vacant.len() == self.flights.len() && self.waiting.is_empty();
            let next_due = self.source.next_due();
            if next_due.is_none() && idle {
                return;
            }
            let latest = self.latest(next_due, instant);
            if instant >= latest {
                return;
            }
            let until = self
                .next_instant(next_due, now)
                .min(latest)
                .min(instant + LISTEN_RUNNING);
            let mut answers = std::mem::take(&mut self.answers);
            listen(&mut self.engine, commands, until, &mut answers).await;
            for (ticket, answer) in answers.drain(..) {
                self.finish(ticket, answer);
            }
            self.answers = answers;
        }
    }

    fn since_t0(&self, instant: Instant) -> u64 {
        instant.saturating_duration_since(self.t0).as_nanos() as u64
    }

    /// Does what the worker says; `None` when nobody is left to say anything.
    fn heed(&mut self, commands: &mut watch::Receiver<Command>, now: u64) -> Option<()> {
        commands.has_changed().ok()?;
        let drain_until = match *commands.borrow_and_update() {
            Command::Stop { drain_until } => drain_until,
            Command::Leave => Some(self.t0),
            Command::Wait | Command::Start(..) => return Some(()),
        };
        if !self.stopped {
            self.stopped = true;
            self.latest = drain_until;
            if let Some(due) = self.source.next_due() {
                self.paced_until = self.paced_until.min(due);
            }
            match &mut self.source {
                Source::Open { next, .. } => *next = None,
                Source::Closed(crowd) => crowd.dismiss(),
            }
            // What still waits is not sent any more.
            for flight in std::mem::take(&mut self.waiting) {
                self.recorder.dropped(flight.sample(), now);
            }
        } else if let Some(until) = drain_until {
            // A second word, such as that of a host that ends the worker, can only shorten the drain.
            self.latest = Some(self.latest.map_or(until, |latest| latest.min(until)));
        }
        Some(())
    }

    /// Sends what waits and what is due, as far as there are connections; drops what has waited
    /// for too long.
    fn send_due(&mut self, now: u64) {
        while let Some(flight) = self.waiting.front().copied() {
            if flight.due + self.max_wait <= now {
                self.waiting.pop_front();
                self.recorder.dropped(flight.sample(), now);
                self.come_back(&flight, now);
            } else if !self.vacant.is_empty() {
                self.waiting.pop_front();
                let waiting = now - flight.waiting;
                self.send(Flight { waiting, ..flight }, now);
            } else {
                break;
            }
        }
        for _ in 0..BURST {
            let Some((k, user, due, sampling)) = self.source.next(now) else {
                break;
            };
            let request = match self.requests {
                1 => RequestIndex::default(),
                _ => self.mix.request(k),
            };
            let flight = Flight {
                k,
                due,
                request,
                user,
                sampling,
                waiting: 0,
                under_way: true,
            };
            if self.vacant.is_empty() {
                self.waiting.push_back(Flight { waiting: now, ..flight });
            } else {
                self.send(flight, now);
            }
        }
    }

    fn send(&mut self, flight: Flight, now: u64) {
        let Some(ticket) = self.vacant.pop() else { return };
        self.recorder.sent(flight.sample(), now);
        self.flights[ticket] = flight;
        self.in_flight_max = self.in_flight_max.max(self.flights.len() - self.vacant.len());
        let flow = std::mem::take(&mut self.flows[ticket]);
        self.engine.send(ticket, flight.k, flight.request, flow);
    }

    fn finish(&mut self, ticket: Ticket, answer: Answer) {
        let flight = self.flights[ticket];
        self.flights[ticket].under_way = false;
        self.vacant.push(ticket);
        // The arrival ends with its only request.
        self.flows[ticket] = answer.flow;
        self.flows[ticket].reset();
        let outcome = Outcome {
            due: flight.due,
            sent: self.since_t0(answer.sent),
            first_byte: answer.first_byte.map(|instant| self.since_t0(instant)),
            done: self.since_t0(answer.done),
            result: answer.result,
            code: answer.code,
            body_bytes: answer.body_bytes,
            waiting: flight.waiting + answer.waiting.as_nanos() as u64,
            opening: answer.opening.as_nanos() as u64,
        };
        self.recorder.finished(flight.sample(), &outcome);
        if let (Err(kind), SampleKind::Measured { request }) = (answer.result, flight.sample()) {
            self.failures
                .note(flight.k, request, kind, self.engine.reported(ticket));
        }
        if answer.retries > 0 {
            self.recorder.retried(flight.sample(), answer.retries, outcome.done);
        }
        self.come_back(&flight, outcome.done);
    }

    /// The user of a closed load, if it was one, goes on.
    fn come_back(&mut self, flight: &Flight, done: u64) {
        if let Source::Closed(crowd) = &mut self.source {
            let due = crowd.answered(flight.user, flight.k, done, &self.mix);
            if self.stopped {
                self.paced_until = self.paced_until.min(due);
                crowd.dismiss();
            }
        }
    }

    fn snapshot(&mut self, now: u64) -> Interval {
        let interval = self.take(now);
        self.snapshot_from = now;
        while self.snapshot_due <= now {
            self.snapshot_due += self.snapshot_interval;
        }
        interval
    }

    fn take(&mut self, now: u64) -> Interval {
        self.recorder.tally.reasons = self.failures.take();
        self.recorder.tally.openings = self.engine.take_openings();
        Interval {
            from: self.snapshot_from,
            to: now.max(self.snapshot_from),
            recorder: std::mem::replace(&mut self.recorder, Recorder::new(self.requests)),
        }
    }

    /// When the load ends, whatever is still in flight.
    fn latest(&mut self, next_due: Option<u64>, now: Instant) -> Instant {
        let closes = self.t0 + Duration::from_nanos(self.window.to);
        match (&self.source, self.latest) {
            (_, Some(latest)) => latest,
            // While arrivals are left, the end lies ahead.
            (Source::Open { .. }, None) if next_due.is_some() => now.max(closes) + self.drain,
            (Source::Open { .. }, None) => *self.latest.insert(now.max(closes) + self.drain),
            (Source::Closed(_), None) => closes + self.drain,
        }
    }

    /// When there is something to do next, if no answer comes before.
    fn next_instant(&self, next_due: Option<u64>, now: u64) -> Instant {
        let expiry = self.waiting.front().map(|flight| flight.due + self.max_wait);
        let next = [next_due, expiry].into_iter().flatten().min().unwrap_or(u64::MAX);
        let mut next = next.min(self.snapshot_due);
        if self.pacing == Pacing::Batched && next > now {
            // Answers are taken in at the ticks too, as long as there are any to come.
            if self.vacant.len() < self.flights.len() {
                next = now + 1;
            }
            next = next.div_ceil(TICK) * TICK;
        }
        self.t0 + Duration::from_nanos(next)
    }

    /// Counts what the drain gave up on: sent without an outcome, or never sent.
    fn end(mut self) -> (Interval, Summary) {
        let now = self.since_t0(Instant::now());
        for flight in self.flights.rows().iter().filter(|flight| flight.under_way) {
            self.recorder.abandoned(flight.sample());
        }
        for flight in &self.waiting {
            self.recorder.dropped(flight.sample(), now);
        }
        let summary = Summary {
            paced_until: self.paced_until,
            in_flight_max: self.in_flight_max as u64,
            ..Summary::default()
        };
        (self.take(now), summary)
    }
}

#[cfg(test)]
mod tests;
