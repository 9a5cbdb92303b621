//! Sends the steps of flows. A step is sent like any other request, and each answer leads to the next step.

use super::{Flight, Load, SessionNumber, SessionPosition, WaitingFlow, sample};
use crate::engine::{Engine, FlowState, Reported, Ticket};
use crate::trace::TraceEvent;
use crate::why::Why;
use plan::scenario::Sampling;
use tally::flow::{FlowEnd, FlowIndex};
use tally::outcome::Outcome;
use tally::request::RequestIndex;

impl<E: Engine> Load<'_, E> {
    /// Begins a flow, or puts the flow in a queue if no session is free.
    pub(super) fn begin_flow(&mut self, flow: WaitingFlow, now: u64) {
        match self.sessions.is_full() {
            true => self.waiting_flows.push_back(flow),
            false => self.start_session(&flow, now),
        }
    }

    /// Begins the waiting flows while sessions are free. Drops the flows that have waited longer than the maximum wait.
    pub(super) fn begin_waiting_flows(&mut self, now: u64) {
        while let Some(flow) = self.waiting_flows.front().copied() {
            if flow.due + self.max_wait <= now {
                self.waiting_flows.pop_front();
                self.drop_flow(&flow, now);
                self.release_user(flow.user, flow.k, now);
            } else if !self.sessions.is_full() {
                self.waiting_flows.pop_front();
                self.start_session(&flow, now);
            } else {
                break;
            }
        }
    }

    fn start_session(&mut self, flow: &WaitingFlow, now: u64) {
        let begun = self
            .sessions
            .begin(flow.flow, (flow.k, flow.user), flow.due, flow.sampling);
        if begun.is_none() {
            // All steps of the flow are optional, and the arrival sends none of them.
            if flow.sampling == Sampling::Measured {
                self.recorder.flow_started(flow.flow);
                let end = FlowEnd::Completed;
                self.recorder.flow_ended(flow.flow, end, (0, 0), std::iter::empty());
            }
            self.note_flow_end(FlowEnd::Completed);
            self.release_user(flow.user, flow.k, now);
        }
    }

    /// Counts a flow as dropped, because the flow could not start. Also counts the first request of the flow as
    /// dropped.
    pub(super) fn drop_flow(&mut self, flow: &WaitingFlow, now: u64) {
        let first = self.plan.flows[usize::from(flow.flow)].requests.start.into();
        self.count_dropped(flow.flow, flow.sampling, first, now);
    }

    fn count_dropped(&mut self, flow: FlowIndex, sampling: Sampling, request: RequestIndex, now: u64) {
        self.recorder.dropped(sample(sampling, request), now);
        if sampling == Sampling::Measured {
            self.recorder.flow_dropped(flow);
        }
    }

    /// Sends the steps of flows that are due.
    pub(super) fn send_steps(&mut self, now: u64) {
        while let Some((ready, number)) = self.sessions.next(now) {
            let session = self.sessions.get(number);
            let flight = Flight {
                k: session.k,
                due: session.step.due,
                request: session.step.step.request,
                user: session.user,
                sampling: session.sampling,
                ready,
                waiting: 0,
                under_way: true,
                session: Some(number),
            };
            self.ask(flight, now);
        }
    }

    /// Counts a step when its first attempt is sent. Returns the state of the step's flow.
    pub(super) fn send_step(&mut self, number: SessionNumber, flight: &Flight, now: u64) -> FlowState {
        let session = self.sessions.get(number);
        if session.attempts == 0 {
            self.recorder.sent(flight.sample(), now);
        }
        if !session.has_started {
            session.has_started = true;
            if session.sampling == Sampling::Measured {
                self.recorder.flow_started(session.flow);
            }
        }
        session.take_state(self.epoch)
    }

    /// Processes the answer to a step. Sends the step again, continues with the next step, or ends the flow.
    pub(super) fn finish_step(
        &mut self,
        number: SessionNumber,
        state: FlowState,
        mut outcome: Outcome,
        ticket: Ticket,
        late: Option<Why>,
    ) {
        let flight = self.flights[ticket];
        let session = self.sessions.get(number);
        session.state = state;
        if let Some((first, _)) = &session.failed {
            // The waits that are recorded for a step are the waits of the first attempt.
            (outcome.sent, outcome.waiting, outcome.opening) = (first.sent, first.waiting, first.opening);
        }
        let on_failure = session.step.step.on_failure;
        if outcome.result.is_err() && session.attempts < on_failure.retries && !self.stopped {
            session.attempts += 1;
            let reported = late.map(Reported::by_load).or_else(|| self.engine.reported(ticket));
            session.failed = Some((outcome, reported));
            self.recorder.retried(flight.sample(), 1, outcome.done);
            let due = outcome.done + on_failure.after.as_nanos() as u64;
            self.sessions.pause(number, due);
            self.note_pause(outcome.done, due);
            return;
        }
        session.latency += outcome.done.saturating_sub(outcome.due);
        self.record(&flight, &outcome, ticket, late);
        let (request, done) = (flight.request, outcome.done);
        if outcome.result.is_err() && !on_failure.continues {
            return self.end_session(number, FlowEnd::Failed(request), done);
        }
        if !self.sessions.advance(number, done) {
            return self.end_session(number, FlowEnd::Completed, done);
        }
        if self.stopped {
            return self.end_session(number, FlowEnd::Stopped, done);
        }
        let due = self.sessions.get(number).step.due;
        self.sessions.pause(number, due);
        self.note_pause(done, due);
    }

    /// Ends a flow whose request got no connection within the maximum wait.
    pub(super) fn starve_session(&mut self, number: SessionNumber, now: u64) {
        let session = self.sessions.get(number);
        let (flow, sampling, request) = (session.flow, session.sampling, session.step.step.request);
        if let Some(failed) = session.failed.take() {
            // The flow has no connection for another attempt, so the result of the last attempt is recorded.
            return self.fail_session(number, failed, now);
        }
        match session.has_started {
            true => {
                self.recorder.dropped(sample(sampling, request), now);
                self.end_session(number, FlowEnd::Starved(request), now);
            }
            false => {
                self.count_dropped(flow, sampling, request, now);
                self.close_session(number, now);
            }
        }
    }

    /// Records the failure of a request that is not sent again, and ends the flow of the request.
    fn fail_session(&mut self, number: SessionNumber, (failed, reported): (Outcome, Option<Reported>), now: u64) {
        let session = self.sessions.get(number);
        let (request, k, measured) = (
            session.step.step.request,
            session.k,
            session.sampling == Sampling::Measured,
        );
        session.latency += failed.done.saturating_sub(failed.due);
        let sample = sample(session.sampling, request);
        self.recorder.finished(sample, &failed);
        if let (Err(kind), true) = (failed.result, measured) {
            self.failures.note(k, request, kind, reported);
        }
        self.end_session(number, FlowEnd::Failed(request), now);
    }

    /// Ends a flow that has no request in flight, because the run is stopped.
    pub(super) fn stop_session(&mut self, number: SessionNumber, now: u64) {
        let session = self.sessions.get(number);
        let (flow, sampling, request) = (session.flow, session.sampling, session.step.step.request);
        if let Some(failed) = session.failed.take() {
            return self.fail_session(number, failed, now);
        }
        match session.has_started {
            true => self.end_session(number, FlowEnd::Stopped, now),
            false => {
                self.count_dropped(flow, sampling, request, now);
                self.close_session(number, now);
            }
        }
    }

    /// Counts a flow that is still in progress when the load ends. The request of the flow that is in flight is counted
    /// separately.
    pub(super) fn abandon_session(&mut self, number: SessionNumber, now: u64) {
        let session = self.sessions.get(number);
        let (flow, sampling, request) = (session.flow, session.sampling, session.step.step.request);
        let (has_started, position) = (session.has_started, session.position);
        if session.failed.is_some() && position != SessionPosition::InFlight {
            self.recorder.abandoned(sample(sampling, request));
        }
        if !has_started {
            self.count_dropped(flow, sampling, request, now);
        } else if sampling == Sampling::Measured {
            self.recorder
                .flow_ended(flow, FlowEnd::InFlight, (0, 0), std::iter::empty());
        }
    }

    fn end_session(&mut self, number: SessionNumber, end: FlowEnd, now: u64) {
        self.note_flow_end(end);
        let session = self.sessions.get(number);
        let (flow, sampling) = (session.flow, session.sampling);
        let times = (session.latency, now.saturating_sub(session.due));
        // A flow that is stopped before a request has not sent this request.
        let next = match end {
            FlowEnd::Stopped => Some(session.step.step.request),
            _ => None,
        };
        if sampling == Sampling::Measured {
            let rest: Vec<RequestIndex> = match end {
                FlowEnd::Completed => Vec::new(),
                _ => next.into_iter().chain(self.sessions.rest(number)).collect(),
            };
            self.recorder.flow_ended(flow, end, times, rest.into_iter());
        }
        self.close_session(number, now);
    }

    fn note_flow_end(&self, end: FlowEnd) {
        if let Some(trace) = &self.trace {
            trace.note(TraceEvent::FlowEnded(end));
        }
    }

    fn close_session(&mut self, number: SessionNumber, now: u64) {
        let session = self.sessions.get(number);
        let (user, k) = (session.user, session.k);
        let engine = &mut self.engine;
        self.sessions.end(number, |state| engine.close_connections(state));
        self.release_user(user, k, now);
    }
}
