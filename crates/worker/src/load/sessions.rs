//! The flows in progress of one part of a load.

use crate::engine::{FlowState, Reported};
use plan::flow::{NextStep, Program, Walk};
use plan::plan::Plan;
use plan::scenario::{Sampling, SessionKind};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use tally::flow::FlowIndex;
use tally::outcome::Outcome;
use tally::request::RequestIndex;

/// The number of a flow in progress.
pub(super) type SessionNumber = u32;

/// The flows in progress. Instants are nanoseconds since T0.
pub(super) struct Sessions {
    /// By flow.
    programs: Vec<Program>,
    seed: u64,
    slots: Vec<Session>,
    vacant: Vec<SessionNumber>,
    most: usize,
    /// The sessions whose next request is due later.
    due: BinaryHeap<Reverse<(u64, SessionNumber)>>,
    /// The states that users keep from one flow to the next; `None` if they keep none.
    kept: Option<BTreeMap<u32, FlowState>>,
}

/// A flow in progress.
pub(super) struct Session {
    pub flow: FlowIndex,
    pub k: u64,
    pub user: u32,
    /// When its arrival was due.
    pub due: u64,
    pub sampling: Sampling,
    pub state: FlowState,
    /// Its current request, or the next one.
    pub step: NextStep,
    pub position: SessionPosition,
    /// Whether its first request was sent.
    pub has_started: bool,
    /// The attempts at the current request that failed, and the outcome and the reason of the last one.
    pub attempts: u32,
    pub failed: Option<(Outcome, Option<Reported>)>,
    /// The sum of the latencies of its requests.
    pub latency: u64,
    walk: Walk,
}

/// What a session does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionPosition {
    /// No flow uses the slot.
    Vacant,
    /// Its next request, or the next attempt at one, is due later.
    Pausing,
    /// Its request waits for a connection.
    Waiting,
    InFlight,
}

impl Sessions {
    /// `in_flight_max` is the part's largest number of requests in flight, `share` its share of a worker's sessions.
    pub(super) fn new(plan: &Plan, in_flight_max: usize, share: usize) -> Sessions {
        let keeps = plan.only().transport.session == SessionKind::Kept && !plan.flows.is_empty();
        Sessions {
            programs: plan.flows.iter().map(Program::new).collect(),
            seed: plan.seed,
            slots: Vec::new(),
            vacant: Vec::new(),
            // HTTP/1.1 has a request in flight on each connection, and HTTP/2 no connections of one user.
            most: plan.session_room(share, in_flight_max).max(1),
            due: BinaryHeap::new(),
            kept: keeps.then(BTreeMap::new),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.vacant.is_empty() && self.slots.len() >= self.most
    }

    /// Whether no flow is in progress.
    pub(super) fn is_idle(&self) -> bool {
        self.vacant.len() == self.slots.len()
    }

    pub(super) fn get(&mut self, number: SessionNumber) -> &mut Session {
        &mut self.slots[number as usize]
    }

    /// Begins the flow of arrival `k`, and moves on to its first request; `None` if the flow sends none.
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

    /// Moves a session on to its next request after one that ended at `at`; `false` at the end of its flow.
    pub(super) fn advance(&mut self, number: SessionNumber, at: u64) -> bool {
        self.slots[number as usize].advance(&self.programs, self.seed, at)
    }

    /// Lets a session wait until its request is due.
    pub(super) fn pause(&mut self, number: SessionNumber, until: u64) {
        self.slots[number as usize].position = SessionPosition::Pausing;
        self.due.push(Reverse((until, number)));
    }

    /// When the next request of a session is due.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.due.peek().map(|Reverse((due, _))| *due)
    }

    /// Takes the next session whose request is due by `now`, with the time at which it was due to be sent.
    pub(super) fn next(&mut self, now: u64) -> Option<(u64, SessionNumber)> {
        let Reverse((due, number)) = *self.due.peek()?;
        if due > now {
            return None;
        }
        self.due.pop();
        self.slots[number as usize].position = SessionPosition::Waiting;
        Some((due, number))
    }

    /// Takes all sessions that pause.
    pub(super) fn take_pausing(&mut self) -> Vec<SessionNumber> {
        std::mem::take(&mut self.due)
            .into_iter()
            .map(|Reverse((_, number))| number)
            .collect()
    }

    /// The requests that the rest of a session's flow would have sent with any answers.
    pub(super) fn rest(&self, number: SessionNumber) -> impl Iterator<Item = RequestIndex> + use<'_> {
        let session = &self.slots[number as usize];
        session.walk.rest(&self.programs[usize::from(session.flow)])
    }

    /// Frees the slot of a session whose flow has ended. `close` closes the connections of a state that is not kept.
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

    /// Keeps the state of a user for its next flow, if users keep theirs.
    fn keep(&mut self, user: u32, state: &mut FlowState) -> bool {
        let Some(kept) = &mut self.kept else { return false };
        let mut state = std::mem::take(state);
        state.end_flow();
        kept.insert(user, state);
        true
    }

    /// The sessions whose request has not ended: those that wait for a connection or an answer, and those that would have
    /// sent it again.
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

    /// The state for its current request. `epoch` is T0 in nanoseconds since the Unix epoch.
    pub(super) fn take_state(&mut self, epoch: u64) -> FlowState {
        self.position = SessionPosition::InFlight;
        let mut state = std::mem::take(&mut self.state);
        (state.visit, state.turn) = (self.step.visit, self.step.turn);
        state.due = epoch + self.step.due;
        state
    }
}
