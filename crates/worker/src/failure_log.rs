//! The reasons of the failures of an interval, as the load notes them: words are only made of them
//! when the interval ends, so a load of which every request fails stays fast.

use crate::engine::Reported;
use tally::cause::Cause;
use tally::outcome::Failure;
use tally::reasons::{Occurrences, Reason, Reasons};
use tally::request::RequestIndex;

/// How many different reasons are noted before words are made of them.
const NOTED_MAX: usize = 64;

/// Reasons of failures, noted.
#[derive(Debug, Default)]
pub(crate) struct FailureLog {
    noted: Vec<Noted>,
    /// Those of which words were made.
    reasons: Reasons,
}

#[derive(Debug)]
struct Noted {
    request: RequestIndex,
    kind: Failure,
    reported: Option<Reported>,
    seen: Occurrences,
}

impl FailureLog {
    /// Notes that arrival `k` failed, with what the engine reports of it.
    pub(crate) fn note(&mut self, k: u64, request: RequestIndex, kind: Failure, reported: Option<Reported>) {
        // A load that fails does so again and again in the same way.
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

    /// Takes everything that was noted.
    pub(crate) fn take(&mut self) -> Reasons {
        self.settle();
        std::mem::take(&mut self.reasons)
    }

    fn settle(&mut self) {
        for noted in self.noted.drain(..) {
            let reason = match noted.reported {
                Some(Reported { why, origin }) => Reason {
                    cause: why.cause,
                    detail: why.detail.to_string(),
                    origin: origin.to_string(),
                },
                None => Reason {
                    cause: Cause::Unknown,
                    detail: String::new(),
                    origin: String::new(),
                },
            };
            self.reasons.record(noted.request, noted.kind, reason, &noted.seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::why::{Detail, Why};

    #[test]
    fn however_many_reasons_there_are_few_are_noted_and_each_failure_is_counted() {
        let mut log = FailureLog::default();
        let statuses = NOTED_MAX as u32 * 4;
        for k in 0..u64::from(statuses) * 3 {
            let status = k as u32 % statuses;
            let why = Why::new(Cause::Status, Detail::Number(status));
            let origin = "http://a.example:80".into();
            // Each of so many requests has few reasons, so all of them are kept.
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
