//! Records the outcomes of a single arrival in a trace, for the command `try`.

use super::{Flight, Load};
use crate::attempt::{Attempt, CheckState};
use crate::engine::{Engine, FlowState, Reported, Ticket};
use crate::failure_log;
use crate::trace::{Trace, TraceEvent};
use crate::why::{Detail, Why};
use plan::capture::Check;
use plan::plan::Plan;
use plan::scenario::Request;
use std::time::Duration;
use tally::cause::Cause;
use tally::histogram::Histogram;
use tally::outcome::Outcome;
use tally::request::RequestIndex;
use tally::waits::OpeningSteps;

impl<E: Engine> Load<'_, E> {
    /// Adds the outcome of an attempt to the trace. `late` is the reason if the load itself detected the failure.
    pub(super) fn note_attempt(
        &mut self,
        trace: &Trace,
        ticket: Ticket,
        outcome: &Outcome,
        late: Option<Why>,
        state: &FlowState,
    ) {
        let Flight { request, session, .. } = self.flights[ticket];
        let reported = late.map(Reported::by_load).or_else(|| self.engine.reported(ticket));
        let failure = outcome.result.err().map(|kind| (kind, reported));
        let why = failure.as_ref().map(|(_, reported)| {
            let why = reported.as_ref().map(|reported| reported.why);
            why.unwrap_or(Cause::Unknown.into())
        });
        let mut steps = OpeningSteps::default();
        let openings = self.engine.take_openings();
        openings.iter().for_each(|(_, origin)| steps.add(origin));
        let planned = &self.plan.requests[usize::from(request)];
        trace.note(TraceEvent::Finished(Box::new(Attempt {
            request,
            number: 1 + session.map_or(0, |session| self.sessions.get(session).attempts),
            resolve: longest(&steps.resolve),
            connect: longest(&steps.connect),
            tls: longest(&steps.tls),
            first_byte: outcome
                .first_byte
                .map(|first| Duration::from_nanos(first.saturating_sub(outcome.sent))),
            total: Duration::from_nanos(outcome.done.saturating_sub(outcome.due)),
            checks: checks(planned, why),
            captured: captured(&self.plan, request, why, state),
            failure: failure.map(|(kind, reported)| (kind, failure_log::reason(Some(&self.plan), request, reported))),
        })));
    }

    /// Adds the pause before the next request to the trace, if there is a pause.
    pub(super) fn note_pause(&self, from: u64, until: u64) {
        if let Some(trace) = &self.trace
            && until > from
        {
            trace.note(TraceEvent::Pause(Duration::from_nanos(until - from)));
        }
    }
}

fn longest(times: &Histogram) -> Option<Duration> {
    (!times.is_empty()).then(|| Duration::from_nanos(times.max()))
}

/// Returns the checks of an answer with their results. An engine applies the checks in this order, up to the first
/// check that is not met. The load then applies the checks of the latency.
fn checks(planned: &Request, why: Option<Why>) -> Vec<(String, CheckState)> {
    let success = &planned.success;
    let ranges: Vec<String> = success
        .statuses
        .iter()
        .map(|(from, to)| match from == to {
            true => from.to_string(),
            false => format!("{from}-{to}"),
        })
        .collect();
    let numbered: Vec<(u16, &Check)> = (0..).zip(&success.checks).collect();
    let is_late = |check: &Check| matches!(check, Check::Latency(_));
    let (late, early): (Vec<_>, Vec<_>) = numbered.into_iter().partition(|(_, check)| is_late(check));
    let early_count = early.len();
    let contains = success.body_contains.as_ref().map(|text| format!("contains {text}"));
    let before = 1 + usize::from(contains.is_some());
    let in_order: Vec<(u16, &Check)> = early.into_iter().chain(late).collect();
    let names = std::iter::once(format!("status {}", ranges.join(", ")))
        .chain(contains)
        .chain(in_order.iter().map(|(_, check)| check.to_string()));
    // `ended` is the position of the first check that is not met or was not applied. `is_applied` is whether this check
    // was applied.
    let (ended, is_applied) = match why {
        None => (usize::MAX, true),
        Some(Why {
            cause: Cause::Status, ..
        }) => (0, true),
        Some(Why {
            cause: Cause::TextNotFound,
            ..
        }) => (1, true),
        Some(Why {
            detail: Detail::Check(number),
            ..
        }) => {
            let at = in_order.iter().position(|(other, _)| *other == number);
            (before + at.unwrap_or(0), true)
        }
        Some(Why {
            cause: Cause::NotCaptured,
            ..
        }) => (before + early_count, false),
        Some(_) => (0, false),
    };
    let state = |at: usize| match at.cmp(&ended) {
        std::cmp::Ordering::Less => CheckState::Met,
        std::cmp::Ordering::Equal if is_applied => CheckState::NotMet,
        _ => CheckState::NotChecked,
    };
    names.enumerate().map(|(at, name)| (name, state(at))).collect()
}

/// Returns the values that a request has captured, with their names.
fn captured(plan: &Plan, request: RequestIndex, why: Option<Why>, state: &FlowState) -> Vec<(String, String)> {
    let planned = &plan.requests[usize::from(request)];
    let is_late = |why: &Why| match why.detail {
        Detail::Check(number) => matches!(planned.success.checks.get(usize::from(number)), Some(Check::Latency(_))),
        _ => false,
    };
    let count = match why {
        None => planned.captures.len(),
        Some(Why {
            detail: Detail::Capture(number),
            ..
        }) => usize::from(number),
        Some(why) if is_late(&why) => planned.captures.len(),
        Some(_) => 0,
    };
    let owner = plan.flow_of(request);
    let named = planned.captures.iter().take(count).filter_map(|capture| {
        let name = owner?.variables.get(capture.variable as usize)?;
        Some((name.clone(), state.values.get(capture.variable)?.to_owned()))
    });
    named.collect()
}
