//! Sends the arrivals of a slice that belong to one thread: paces the arrivals, passes them to an engine, and records
//! their outcomes.
//!
//! The load runs in one loop on one thread, so it needs no locks, and it allocates no memory for a request. When an
//! arrival is due, it takes one of the connections of its thread. If all these connections are busy, the arrival waits
//! for a connection, at most `max_wait`. The latency of the arrival starts when the arrival is due.

use crate::engine::{Answer, Engine, FlowState, Reported, Ticket};
use crate::failure_log::FailureLog;
use crate::gauges::ThreadTime;
use crate::index::Table;
use crate::trace::Trace;
use crate::why::{Detail, Why};
use plan::capture::Check;
use plan::mix::{Drawn, Mix};
use plan::plan::{Plan, Slice, StripeOf};
use plan::scenario::{Pacing, Sampling};
use sessions::{SessionNumber, SessionPosition, Sessions};
use source::ArrivalSource;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use tally::flow::FlowIndex;
use tally::outcome::{Failure, Outcome};
use tally::request::RequestIndex;
use tally::tally::{Recorder, SampleKind};
use tokio::sync::watch;
use tokio::time::Instant;

/// The part of a plan that one thread sends: the thread's share of a shard's stripe, in one slice and one population. A
/// population is a load with its own requests and flows.
#[derive(Clone, Debug)]
pub(crate) struct LoadShare {
    /// A plan that contains only this population.
    pub plan: Arc<Plan>,
    pub slice: usize,
    /// The number of the first stripe of the population ([`Plan::first_stripe`]).
    pub first_stripe: u64,
    pub thread: u32,
    pub threads: u32,
    /// The maximum number of requests of this thread that are in flight.
    pub in_flight_max: usize,
    /// The maximum number of flows of this thread that are in progress.
    pub sessions_max: usize,
    /// The number of the only arrival, and the trace of this arrival. `None` in a run.
    pub traced: Option<(u64, Trace)>,
}

/// A command from the worker to its load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Wait,
    Start(LoadStart),
    /// Send no further requests. Wait for requests in flight until the given instant.
    Stop {
        drain_until: Option<Instant>,
    },
    /// End without sending anything.
    Leave,
}

/// The start of a run, as the load needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoadStart {
    pub t0: Instant,
    /// The start of the run (T0) as it is stored in the object `start`, in nanoseconds since the Unix epoch.
    pub epoch: u64,
    /// The stripe of arrivals that the worker sends.
    pub stripe: StripeOf,
}

/// An event from the load to its worker.
#[derive(Debug)]
pub(crate) enum LoadEvent {
    Ready(Result<(), String>),
    Snapshot(RecordedInterval),
    /// The last interval of the load. No event follows.
    Ended(RecordedInterval, Summary),
}

/// The measurements of an interval. The bounds of the interval are in nanoseconds since the start of the run (T0).
#[derive(Debug)]
pub(crate) struct RecordedInterval {
    pub from: u64,
    pub to: u64,
    /// The largest number of connections that were open at the same time.
    pub connections: u64,
    pub recorder: Recorder,
}

/// The totals of a load that has ended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    /// When the load stopped sending due arrivals, in nanoseconds since the start of the run (T0).
    pub paced_until: u64,
    pub start_skew: u64,
    pub in_flight_max: u64,
    /// The processor time of the load's threads. `run_queue` is how long the threads waited for a processor, and `wall`
    /// is how long the threads ran. All three are in nanoseconds.
    pub cpu: u64,
    pub run_queue: u64,
    pub wall: u64,
}

/// The additional time of the drain. The drain lasts for the longest possible duration of an arrival, plus this time.
const DRAIN_SLACK: Duration = Duration::from_secs(1);
/// How long an engine may delay the reading of a command before the start. The next constant is this time after the
/// start.
const LISTEN_WAITING: Duration = Duration::from_millis(10);
const LISTEN_RUNNING: Duration = Duration::from_millis(100);
/// The maximum number of arrivals that are sent before answers are read. A load that is late must still read answers.
const BURST: usize = 64;
/// Batched arrivals are sent at whole multiples of this time, in nanoseconds since the start of the run (T0).
const TICK: u64 = 1_000_000;

/// Runs the load of one thread, from the preparation to the drain.
pub(crate) async fn run<E: Engine>(
    part: LoadShare,
    engine: Result<E, String>,
    mut commands: watch::Receiver<Command>,
    report: impl Fn(LoadEvent),
) {
    let mut engine = match engine {
        Ok(engine) => engine,
        Err(problem) => return report(LoadEvent::Ready(Err(problem))),
    };
    let ready = tokio::select! {
        biased;
        ready = engine.prepare() => ready,
        _ = commands.wait_for(|command| *command != Command::Wait) => return,
    };
    let usable = ready.is_ok();
    report(LoadEvent::Ready(ready));
    if !usable {
        return;
    }
    let window = part.plan.slices[part.slice].clone();
    let Some(start) = started(&mut engine, &mut commands).await else {
        // A stop may arrive before the start. In this case, the load reports that nothing was sent.
        let nothing = RecordedInterval {
            from: window.from,
            to: window.from,
            connections: 0,
            recorder: Recorder::new(part.plan.requests.len()),
        };
        let summary = Summary {
            paced_until: window.from,
            ..Summary::default()
        };
        report(LoadEvent::Ended(nothing, summary));
        return;
    };
    let LoadStart {
        t0,
        epoch,
        stripe: whole,
    } = start;
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
    let source = ArrivalSource::new(&part, part.stripe(whole), &window, schedule.as_ref());
    let mut load = Load::new(&part, engine, (t0, epoch), window, source);
    load.run_until_done(&mut commands, &report).await;
    let (last, summary) = load.end();
    let time = ThreadTime::now().since(before);
    let summary = Summary {
        start_skew,
        cpu: time.cpu,
        run_queue: time.run_queue,
        wall: opens.elapsed().as_nanos() as u64,
        ..summary
    };
    report(LoadEvent::Ended(last, summary));
}

impl LoadShare {
    /// Returns the stripe of this thread. If the worker sends stripe i of N, its thread t of T sends stripe i + N·t of
    /// N·T.
    pub(crate) fn stripe(&self, whole: StripeOf) -> StripeOf {
        let whole = whole.rotated(self.first_stripe);
        StripeOf {
            stripe: whole.stripe + whole.stripes * self.thread,
            stripes: whole.stripes * self.threads,
        }
    }
}

/// Waits for the command `Start`, which contains T0. Returns `None` if the load must end instead.
async fn started<E: Engine>(engine: &mut E, commands: &mut watch::Receiver<Command>) -> Option<LoadStart> {
    loop {
        match *commands.borrow_and_update() {
            Command::Start(start) => return Some(start),
            Command::Leave | Command::Stop { .. } => return None,
            Command::Wait => {}
        }
        commands.has_changed().ok()?;
        // Until the start, the engine handles the events of the connections that it has opened.
        listen(engine, commands, Instant::now() + LISTEN_WAITING, &mut Vec::new()).await;
    }
}

/// Waits until `until`, or until a command arrives. The engine handles its events during this wait.
async fn listen<E: Engine>(
    engine: &mut E,
    commands: &mut watch::Receiver<Command>,
    until: Instant,
    answers: &mut Vec<(Ticket, Answer)>,
) {
    // An engine that blocks its thread cannot be interrupted. So `until` must be a short time from now.
    tokio::select! {
        biased;
        () = engine.wait(until, answers) => {}
        _ = commands.changed() => {}
    }
}

/// A request that was due and has no outcome so far.
#[derive(Clone, Copy, Debug)]
struct Flight {
    k: u64,
    due: u64,
    request: RequestIndex,
    user: u32,
    sampling: Sampling,
    /// When the request was due to be sent. For a repeated attempt, this time is later than `due`.
    ready: u64,
    /// When the request began to wait for a free connection. After the request was sent, this is how long the request
    /// waited. Both values are in nanoseconds.
    waiting: u64,
    under_way: bool,
    /// The session to which the request belongs. `None` if the request is not part of a flow.
    session: Option<SessionNumber>,
}

impl Flight {
    fn sample(&self) -> SampleKind {
        sample(self.sampling, self.request)
    }
}

fn sample(sampling: Sampling, request: RequestIndex) -> SampleKind {
    match sampling {
        Sampling::Measured => SampleKind::Measured { request },
        Sampling::Unmeasured => SampleKind::Unmeasured,
    }
}

/// A flow that waits for a free session, because the maximum number of flows is in progress.
#[derive(Clone, Copy, Debug)]
struct WaitingFlow {
    flow: FlowIndex,
    k: u64,
    due: u64,
    user: u32,
    sampling: Sampling,
}

struct Load<'a, E> {
    engine: E,
    plan: Arc<Plan>,
    t0: Instant,
    /// The start of the run (T0) in nanoseconds since the Unix epoch.
    epoch: u64,
    window: Slice,
    mix: Mix,
    requests: usize,
    pacing: Pacing,
    max_wait: u64,
    /// How long requests may take to complete after the last request was due.
    drain: Duration,
    source: ArrivalSource<'a>,
    /// The arrivals that were sent, by ticket. `vacant` contains the free tickets.
    flights: Table<Ticket, Flight>,
    vacant: Vec<Ticket>,
    /// The states of the arrivals that consist of one request, by ticket. While a request is in flight, its state is in
    /// the engine, and the entry here is empty. The state of a flow is in the session of the flow.
    states: Table<Ticket, FlowState>,
    in_flight_max: usize,
    sessions: Sessions,
    /// Requests that wait for a connection, in the order of their due times.
    waiting: VecDeque<Flight>,
    /// Flows that wait for a free session, in the order of their due times.
    waiting_flows: VecDeque<WaitingFlow>,
    recorder: Recorder,
    failures: FailureLog,
    trace: Option<Trace>,
    answers: Vec<(Ticket, Answer)>,
    snapshot_interval: u64,
    snapshot_from: u64,
    snapshot_due: u64,
    paced_until: u64,
    stopped: bool,
    /// When the load ends, even if requests are in flight at this instant.
    latest: Option<Instant>,
}

impl<'a, E: Engine> Load<'a, E> {
    fn new(
        part: &LoadShare,
        engine: E,
        (t0, epoch): (Instant, u64),
        window: Slice,
        source: ArrivalSource<'a>,
    ) -> Load<'a, E> {
        let plan = &part.plan;
        let unused = Flight {
            k: 0,
            due: 0,
            request: RequestIndex::default(),
            user: 0,
            sampling: Sampling::Unmeasured,
            ready: 0,
            waiting: 0,
            under_way: false,
            session: None,
        };
        let interval = plan.timing.snapshot_interval.as_nanos() as u64;
        Load {
            engine,
            plan: plan.clone(),
            t0,
            epoch,
            mix: plan.mix(),
            requests: plan.requests.len(),
            pacing: plan.pacing(),
            max_wait: plan.limits.max_wait.as_nanos() as u64,
            drain: plan.arrival_max() + DRAIN_SLACK,
            source,
            flights: std::iter::repeat_n(unused, part.in_flight_max).collect(),
            vacant: (0..part.in_flight_max).rev().map(Ticket::from).collect(),
            states: (0..part.in_flight_max).map(|_| FlowState::default()).collect(),
            in_flight_max: 0,
            sessions: Sessions::new(plan, part.in_flight_max, part.sessions_max),
            waiting: VecDeque::new(),
            waiting_flows: VecDeque::new(),
            recorder: Recorder::new(plan.requests.len()),
            failures: FailureLog::new(plan),
            trace: part.traced.as_ref().map(|(_, trace)| trace.clone()),
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

    /// Sends the due arrivals and handles their answers. Returns when no arrival is left, or when the drain or the
    /// worker has ended.
    async fn run_until_done(&mut self, commands: &mut watch::Receiver<Command>, report: &impl Fn(LoadEvent)) {
        loop {
            let instant = Instant::now();
            let now = self.since_t0(instant);
            if self.apply_command(commands, now).is_none() {
                return;
            }
            self.send_due(now);
            if now >= self.snapshot_due {
                report(LoadEvent::Snapshot(self.snapshot(now)));
            }
            let idle = self.vacant.len() == self.flights.len()
                && self.waiting.is_empty()
                && self.waiting_flows.is_empty()
                && self.sessions.is_idle();
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

    /// Applies the command that the worker sent last. Returns `None` if the worker has ended.
    fn apply_command(&mut self, commands: &mut watch::Receiver<Command>, now: u64) -> Option<()> {
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
                ArrivalSource::Open { next, .. } => *next = None,
                ArrivalSource::Closed(users) => users.dismiss(),
                ArrivalSource::One(k) => *k = None,
            }
            // After a stop, requests that wait for a connection are not sent.
            for flight in std::mem::take(&mut self.waiting) {
                match flight.session {
                    Some(session) => self.stop_session(session, now),
                    None => self.recorder.dropped(flight.sample(), now),
                }
            }
            for waiting in std::mem::take(&mut self.waiting_flows) {
                self.drop_flow(&waiting, now);
            }
            for session in self.sessions.take_pausing() {
                self.stop_session(session, now);
            }
        } else if let Some(until) = drain_until {
            // A second stop can only shorten the drain. The worker sends a second stop when the host announces the end
            // of the worker.
            self.latest = Some(self.latest.map_or(until, |latest| latest.min(until)));
        }
        Some(())
    }

    /// Sends the waiting arrivals and the due arrivals while connections are free. Drops the arrivals that have waited
    /// longer than the maximum wait.
    fn send_due(&mut self, now: u64) {
        while let Some(flight) = self.waiting.front().copied() {
            if flight.ready + self.max_wait <= now {
                self.waiting.pop_front();
                match flight.session {
                    Some(session) => self.starve_session(session, now),
                    None => {
                        self.recorder.dropped(flight.sample(), now);
                        self.release_user(flight.user, flight.k, now);
                    }
                }
            } else if !self.vacant.is_empty() {
                self.waiting.pop_front();
                let waiting = now - flight.waiting;
                self.send(Flight { waiting, ..flight }, now);
            } else {
                break;
            }
        }
        self.begin_waiting_flows(now);
        for _ in 0..BURST {
            let Some((k, user, due, sampling)) = self.source.next(now) else {
                break;
            };
            let drawn = match self.requests {
                1 if self.plan.flows.is_empty() => Drawn::Request(RequestIndex::default()),
                _ => self.mix.drawn(k),
            };
            match drawn {
                Drawn::Request(request) => self.ask(
                    Flight {
                        k,
                        due,
                        request,
                        user,
                        sampling,
                        ready: due,
                        waiting: 0,
                        under_way: true,
                        session: None,
                    },
                    now,
                ),
                Drawn::Flow(flow) => self.begin_flow(
                    WaitingFlow {
                        flow,
                        k,
                        due,
                        user,
                        sampling,
                    },
                    now,
                ),
            }
        }
        self.send_steps(now);
    }

    /// Sends a request, or puts the request in the queue if no connection is free.
    fn ask(&mut self, flight: Flight, now: u64) {
        if self.vacant.is_empty() {
            self.waiting.push_back(Flight { waiting: now, ..flight });
        } else {
            self.send(flight, now);
        }
    }

    fn send(&mut self, flight: Flight, now: u64) {
        let Some(ticket) = self.vacant.pop() else { return };
        self.flights[ticket] = flight;
        self.in_flight_max = self.in_flight_max.max(self.flights.len() - self.vacant.len());
        let flow = match flight.session {
            None => {
                self.recorder.sent(flight.sample(), now);
                let mut flow = std::mem::take(&mut self.states[ticket]);
                flow.due = self.epoch + flight.due;
                flow
            }
            Some(session) => self.send_step(session, &flight, now),
        };
        self.engine.send(ticket, flight.k, flight.request, flow);
    }

    fn finish(&mut self, ticket: Ticket, answer: Answer) {
        let flight = self.flights[ticket];
        self.flights[ticket].under_way = false;
        self.vacant.push(ticket);
        let mut outcome = Outcome {
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
        let late = self.fails_late(&flight, &outcome);
        if late.is_some() {
            outcome.result = Err(Failure::Check);
        }
        if let Some(trace) = self.trace.clone() {
            self.note_attempt(&trace, ticket, &outcome, late, &answer.flow);
        }
        if answer.retries > 0 {
            self.recorder.retried(flight.sample(), answer.retries, outcome.done);
        }
        match flight.session {
            None => {
                // An arrival without a flow has only one request, so the state of the arrival is not needed any more.
                self.states[ticket] = answer.flow;
                self.engine.close_connections(&mut self.states[ticket]);
                self.states[ticket].reset();
                self.record(&flight, &outcome, ticket, late);
                self.release_user(flight.user, flight.k, outcome.done);
            }
            Some(session) => self.finish_step(session, answer.flow, outcome, ticket, late),
        }
    }

    /// Returns the failure of the first latency check that an answer does not meet. Returns `None` if the answer meets
    /// all latency checks, or has already failed.
    fn fails_late(&self, flight: &Flight, outcome: &Outcome) -> Option<Why> {
        let checks = &self.plan.requests[usize::from(flight.request)].success.checks;
        if checks.is_empty() || outcome.result.is_err() {
            return None;
        }
        let latency = Duration::from_nanos(outcome.done.saturating_sub(outcome.due));
        let is_late = |check: &Check| matches!(check, Check::Latency(limit) if latency >= *limit);
        let number = checks.iter().position(is_late)?;
        Some(Why::new(Cause::CheckNotMet, Detail::Check(number as u16)))
    }

    /// Records the outcome of a request. `late` is the reason if the load itself detected the failure.
    fn record(&mut self, flight: &Flight, outcome: &Outcome, ticket: Ticket, late: Option<Why>) {
        self.recorder.finished(flight.sample(), outcome);
        if let (Err(kind), SampleKind::Measured { request }) = (outcome.result, flight.sample()) {
            let reported = match late {
                Some(why) => Some(Reported::by_load(why)),
                None => self.engine.reported(ticket),
            };
            self.failures.note(flight.k, request, kind, reported);
        }
    }

    /// Schedules the next request of a user, if the load is closed. In a closed load, each user waits for an answer
    /// before the next request.
    fn release_user(&mut self, user: u32, k: u64, done: u64) {
        if let ArrivalSource::Closed(users) = &mut self.source {
            let due = users.answered(user, k, done, &self.mix);
            if self.stopped {
                self.paced_until = self.paced_until.min(due);
                users.dismiss();
            }
        }
    }

    fn snapshot(&mut self, now: u64) -> RecordedInterval {
        let interval = self.take(now);
        self.snapshot_from = now;
        while self.snapshot_due <= now {
            self.snapshot_due += self.snapshot_interval;
        }
        interval
    }

    fn take(&mut self, now: u64) -> RecordedInterval {
        self.recorder.tally.reasons = self.failures.take();
        self.recorder.tally.openings = self.engine.take_openings();
        RecordedInterval {
            from: self.snapshot_from,
            to: now.max(self.snapshot_from),
            connections: self.engine.take_open_max() as u64,
            recorder: std::mem::replace(&mut self.recorder, Recorder::new(self.requests)),
        }
    }

    /// Returns the instant at which the load ends, even if requests are in flight at this instant.
    fn latest(&mut self, next_due: Option<u64>, now: Instant) -> Instant {
        let closes = self.t0 + Duration::from_nanos(self.window.to);
        match (&self.source, self.latest) {
            (_, Some(latest)) => latest,
            // While arrivals are left, the load ends no earlier than one drain time after now.
            (ArrivalSource::Open { .. } | ArrivalSource::One(_), None) if next_due.is_some() => {
                now.max(closes) + self.drain
            }
            (ArrivalSource::Open { .. } | ArrivalSource::One(_), None) => {
                *self.latest.insert(now.max(closes) + self.drain)
            }
            (ArrivalSource::Closed(_), None) => closes + self.drain,
        }
    }

    /// Returns the instant at which the load must act next, if no answer arrives before this instant.
    fn next_instant(&self, next_due: Option<u64>, now: u64) -> Instant {
        let expiry = self.waiting.front().map(|flight| flight.ready + self.max_wait);
        let flow_expiry = self.waiting_flows.front().map(|waiting| waiting.due + self.max_wait);
        let step = self.sessions.next_due();
        let next = [next_due, expiry, flow_expiry, step]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(u64::MAX);
        let mut next = next.min(self.snapshot_due);
        if self.pacing == Pacing::Batched && next > now {
            // While requests are in flight, the load also reads answers at every tick.
            if self.vacant.len() < self.flights.len() {
                next = now + 1;
            }
            next = next.div_ceil(TICK) * TICK;
        }
        self.t0 + Duration::from_nanos(next)
    }

    /// Counts the arrivals that have no outcome after the drain. Requests in flight are counted as abandoned. Waiting
    /// requests are counted as dropped.
    fn end(mut self) -> (RecordedInterval, Summary) {
        let now = self.since_t0(Instant::now());
        for flight in self.flights.rows().iter().filter(|flight| flight.under_way) {
            self.recorder.abandoned(flight.sample());
        }
        for flight in self.waiting.iter().filter(|flight| flight.session.is_none()) {
            self.recorder.dropped(flight.sample(), now);
        }
        for waiting in std::mem::take(&mut self.waiting_flows) {
            self.drop_flow(&waiting, now);
        }
        for session in self.sessions.numbers() {
            self.abandon_session(session, now);
        }
        let summary = Summary {
            paced_until: self.paced_until,
            in_flight_max: self.in_flight_max as u64,
            ..Summary::default()
        };
        (self.take(now), summary)
    }
}

mod flows;
mod sessions;
mod source;
mod traced;

#[cfg(test)]
mod tests;
