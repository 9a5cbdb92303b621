//! Collects the reasons of the failures in an interval. A reason that repeats is counted, and is not formatted again
//! for each failure. So the load stays fast even if every request fails.

use crate::engine::Reported;
use crate::why::Detail;
use plan::plan::Plan;
use std::sync::Arc;
use tally::cause::Cause;
use tally::outcome::Failure;
use tally::reasons::{Occurrences, Reason, Reasons};
use tally::request::RequestIndex;

/// The maximum number of different reasons that are noted before the noted reasons are formatted.
const NOTED_MAX: usize = 64;

/// The reasons of failures that were noted in an interval.
#[derive(Debug, Default)]
pub(crate) struct FailureLog {
    noted: Vec<Noted>,
    /// The formatted reasons.
    reasons: Reasons,
    /// The plan, which contains the names of the checks and captures.
    plan: Option<Arc<Plan>>,
}

#[derive(Debug)]
struct Noted {
    request: RequestIndex,
    kind: Failure,
    reported: Option<Reported>,
    seen: Occurrences,
}

impl FailureLog {
    pub(crate) fn new(plan: &Arc<Plan>) -> FailureLog {
        FailureLog {
            plan: Some(plan.clone()),
            ..FailureLog::default()
        }
    }

    /// Notes that arrival `k` failed. `reported` is the engine's report of the failure.
    pub(crate) fn note(&mut self, k: u64, request: RequestIndex, kind: Failure, reported: Option<Reported>) {
        // Most failures of a load have the same reason as an earlier failure.
        let known = self
            .noted
            .iter_mut()
            .find(|noted| (noted.request, noted.kind) == (request, kind) && noted.reported == reported);
        if let Some(known) = known {
            return known.seen.count(k);
        }
        if self.noted.len() == NOTED_MAX {
            self.settle();
        }
        let mut seen = Occurrences::default();
        seen.count(k);
        self.noted.push(Noted {
            request,
            kind,
            reported,
            seen,
        });
    }

    /// Returns all noted reasons, and clears the log. Checks and captures are written with the names that the plan
    /// contains.
    pub(crate) fn take(&mut self) -> Reasons {
        self.settle();
        std::mem::take(&mut self.reasons)
    }

    fn settle(&mut self) {
        for noted in self.noted.drain(..) {
            let reason = reason(self.plan.as_deref(), noted.request, noted.reported);
            self.reasons.record(noted.request, noted.kind, reason, &noted.seen);
        }
    }
}

/// Returns the reason of a failure, in the form that reports contain.
pub(crate) fn reason(plan: Option<&Plan>, request: RequestIndex, reported: Option<Reported>) -> Reason {
    match reported {
        Some(Reported { why, origin }) => Reason {
            cause: why.cause,
            detail: detail(plan, request, why.detail),
            origin: origin.to_string(),
        },
        None => Reason {
            cause: Cause::Unknown,
            detail: String::new(),
            origin: String::new(),
        },
    }
}

/// Formats a detail of a failure as text. A check or capture is written as in the plan.
fn detail(plan: Option<&Plan>, request: RequestIndex, detail: Detail) -> String {
    let planned = plan.map(|plan| &plan.requests[usize::from(request)]);
    let named = match (detail, planned) {
        (Detail::Check(number), Some(planned)) => {
            let check = planned.success.checks.get(usize::from(number));
            check.map(ToString::to_string)
        }
        (Detail::Capture(number), Some(planned)) => {
            let capture = planned.captures.get(usize::from(number));
            capture.map(|capture| capture.text.clone())
        }
        _ => None,
    };
    named.unwrap_or_else(|| detail.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::why::Why;

    #[test]
    fn the_number_of_noted_reasons_is_bounded_and_each_failure_is_counted() {
        let mut log = FailureLog::default();
        let statuses = NOTED_MAX as u32 * 4;
        for k in 0..u64::from(statuses) * 3 {
            let status = k as u32 % statuses;
            let why = Why::new(Cause::Status, Detail::Number(status));
            let origin = "http://a.example:80".into();
            // Each request has only a few different reasons, so all reasons are kept.
            log.note(
                k,
                (status as usize / 4).into(),
                Failure::Status,
                Some(Reported { why, origin }),
            );
            assert!(log.noted.len() <= NOTED_MAX);
        }
        let reasons = log.take();
        assert_eq!(reasons.iter().count(), statuses as usize);
        for (request, _, reason, seen) in reasons.iter() {
            assert_eq!(seen.count, 3, "{reason:?}");
            let status: u64 = reason.detail.parse().unwrap();
            assert_eq!(RequestIndex::from(status as usize / 4), request);
            let first = [0, 1, 2].map(|round| status + round * u64::from(statuses));
            assert_eq!(seen.first, first);
        }
        assert_eq!(log.take(), Reasons::default());
    }
}
