//! The flows of one thread that are in progress. A flow in progress is called a session.

use crate::engine::{FlowState, Reported};
use plan::flow::{NextStep, Program, Walk};
use plan::plan::Plan;
use plan::scenario::{Sampling, SessionKind};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use tally::flow::FlowIndex;
use tally::outcome::Outcome;
use tally::request::RequestIndex;

/// The number of a session among the sessions of its thread.
pub(super) type SessionNumber = u32;

/// The flows of one thread that are in progress. Instants are in nanoseconds since the start of the run (T0).
pub(super) struct Sessions {
    /// The programs of the flows, by the number of the flow.
    programs: Vec<Program>,
    seed: u64,
    slots: Vec<Session>,
    vacant: Vec<SessionNumber>,
    most: usize,
    /// The sessions whose next requests are due later, with the due times.
    due: BinaryHeap<Reverse<(u64, SessionNumber)>>,
    /// The states that users keep from one flow to the next, by the number of the user. `None` if users keep no state.
    kept: Option<BTreeMap<u32, FlowState>>,
}

/// A flow in progress, and its state.
pub(super) struct Session {
    pub flow: FlowIndex,
    pub k: u64,
    pub user: u32,
    /// When the arrival of this flow was due.
    pub due: u64,
    pub sampling: Sampling,
    pub state: FlowState,
    /// The request of the flow that is in flight, waits for a connection, or is due next.
    pub step: NextStep,
    pub position: SessionPosition,
    /// Whether the first request of the flow was sent.
    pub has_started: bool,
    /// The number of failed attempts at the current request. `failed` contains the outcome of the last failed attempt,
    /// and the report of this failure.
    pub attempts: u32,
    pub failed: Option<(Outcome, Option<Reported>)>,
    /// The sum of the latencies of the flow's requests.
    pub latency: u64,
    walk: Walk,
}

/// The current activity of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionPosition {
    /// The slot is free: no flow uses it.
    Vacant,
    /// The next request of the flow, or the next attempt at a request, is due later.
    Pausing,
    /// The request of the flow waits for a connection.
    Waiting,
    InFlight,
}

impl Sessions {
    /// Creates the sessions of one thread. `in_flight_max` is the maximum number of requests of this thread that are in
    /// flight. `share` is the number of the worker's sessions that this thread may use.
    pub(super) fn new(plan: &Plan, in_flight_max: usize, share: usize) -> Sessions {
        let keeps = plan.only().transport.session == SessionKind::Kept && !plan.flows.is_empty();
        Sessions {
            programs: plan.flows.iter().map(Program::new).collect(),
            seed: plan.seed,
            slots: Vec::new(),
            vacant: Vec::new(),
            // With HTTP/1.1, each connection has at most one request in flight. With HTTP/2, users share the
            // connections.
            most: plan.session_room(share, in_flight_max).max(1),
            due: BinaryHeap::new(),
            kept: keeps.then(BTreeMap::new),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.vacant.is_empty() && self.slots.len() >= self.most
    }

    /// Returns whether no flow is in progress.
    pub(super) fn is_idle(&self) -> bool {
        self.vacant.len() == self.slots.len()
    }

    pub(super) fn get(&mut self, number: SessionNumber) -> &mut Session {
        &mut self.slots[number as usize]
    }

    /// Begins the flow of arrival `k`, and moves on to the first request of the flow. Returns `None` if the flow has no
    /// request to send.
    pub(super) fn begin(
        &mut self,
        flow: FlowIndex,
        (k, user): (u64, u32),
        due: u64,
        sampling: Sampling,
    ) -> Option<SessionNumber> {
        let state = self.kept.as_mut().and_then(|kept| kept.remove(&user));
        let mut session = Session {
            flow,
            k,
            user,
            due,
            sampling,
            state: state.unwrap_or_default(),
            step: NextStep::default(),
            position: SessionPosition::Vacant,
            has_started: false,
            attempts: 0,
            failed: None,
            latency: 0,
            walk: Walk::default(),
        };
        if !session.advance(&self.programs, self.seed, due) {
            self.keep(user, &mut session.state);
            return None;
        }
        let number = self.vacant.pop().unwrap_or(self.slots.len() as SessionNumber);
        match self.slots.get_mut(number as usize) {
            Some(slot) => *slot = session,
            None => self.slots.push(session),
        }
        self.pause(number, self.slots[number as usize].step.due);
        Some(number)
    }

    /// Moves a session on to its next request. The previous request ended at `at`. Returns `false` at the end of the
    /// flow.
    pub(super) fn advance(&mut self, number: SessionNumber, at: u64) -> bool {
        self.slots[number as usize].advance(&self.programs, self.seed, at)
    }

    /// Puts a session in a pause until its next request is due.
    pub(super) fn pause(&mut self, number: SessionNumber, until: u64) {
        self.slots[number as usize].position = SessionPosition::Pausing;
        self.due.push(Reverse((until, number)));
    }

    /// Returns the due time of the next request of any session.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.due.peek().map(|Reverse((due, _))| *due)
    }

    /// Takes the next session whose request is due by `now`. Also returns when this request was due to be sent.
    pub(super) fn next(&mut self, now: u64) -> Option<(u64, SessionNumber)> {
        let Reverse((due, number)) = *self.due.peek()?;
        if due > now {
            return None;
        }
        self.due.pop();
        self.slots[number as usize].position = SessionPosition::Waiting;
        Some((due, number))
    }

    /// Takes all sessions that are in a pause.
    pub(super) fn take_pausing(&mut self) -> Vec<SessionNumber> {
        std::mem::take(&mut self.due)
            .into_iter()
            .map(|Reverse((_, number))| number)
            .collect()
    }

    /// Returns the requests that the remaining steps of a session's flow would send. These requests do not depend on
    /// the answers.
    pub(super) fn rest(&self, number: SessionNumber) -> impl Iterator<Item = RequestIndex> + use<'_> {
        let session = &self.slots[number as usize];
        session.walk.rest(&self.programs[usize::from(session.flow)])
    }

    /// Frees the session of a flow that has ended. If the state of the user is not kept, `close` closes the connections
    /// of this state.
    pub(super) fn end(&mut self, number: SessionNumber, close: impl FnOnce(&mut FlowState)) {
        let session = &mut self.slots[number as usize];
        session.position = SessionPosition::Vacant;
        session.failed = None;
        let (user, mut state) = (session.user, std::mem::take(&mut session.state));
        self.vacant.push(number);
        if !self.keep(user, &mut state) {
            close(&mut state);
        }
    }

    /// Keeps the state of a user for the user's next flow, if users keep their states. Returns whether the state was
    /// kept.
    fn keep(&mut self, user: u32, state: &mut FlowState) -> bool {
        let Some(kept) = &mut self.kept else { return false };
        let mut state = std::mem::take(state);
        state.end_flow();
        kept.insert(user, state);
        true
    }

    /// Returns the sessions that flows use. The current request of such a flow is in flight, waits for a connection, or
    /// is due later.
    pub(super) fn numbers(&self) -> Vec<SessionNumber> {
        (0..)
            .zip(&self.slots)
            .filter(|(_, session)| session.position != SessionPosition::Vacant)
            .map(|(number, _)| number)
            .collect()
    }
}

impl Session {
    fn advance(&mut self, programs: &[Program], seed: u64, at: u64) -> bool {
        let values = &self.state.values;
        let program = &programs[usize::from(self.flow)];
        let next = self
            .walk
            .next(program, (seed, self.k), at, &|variable| values.get(variable));
        let Some(step) = next else { return false };
        self.step = step;
        (self.attempts, self.failed) = (0, None);
        true
    }

    /// Returns the state of the flow for the current request. `epoch` is the start of the run (T0) in nanoseconds since
    /// the Unix epoch.
    pub(super) fn take_state(&mut self, epoch: u64) -> FlowState {
        self.position = SessionPosition::InFlight;
        let mut state = std::mem::take(&mut self.state);
        (state.visit, state.turn) = (self.step.visit, self.step.turn);
        state.due = epoch + self.step.due;
        state
    }
}
