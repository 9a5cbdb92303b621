//! The stored form of the reasons for failures.

use super::counts::Word;
use crate::cause::Cause;
use crate::format::FormatError;
use crate::interval_log::damaged;
use crate::outcome::Failure;
use crate::reasons::{Occurrences, Reason, Reasons};
use crate::request::RequestIndex;
use serde::{Deserialize, Serialize};

/// The stored form of a reason and of the number of its occurrences.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredReason {
    request: usize,
    kind: Word,
    cause: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    detail: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    origin: String,
    count: u64,
    first: Vec<u64>,
}

pub(super) fn stored(reasons: &Reasons) -> Vec<StoredReason> {
    let stored = |(request, kind, reason, seen): (RequestIndex, Failure, &Reason, &Occurrences)| StoredReason {
        request: request.into(),
        kind: Word(kind),
        cause: reason.cause.code().to_owned(),
        detail: reason.detail.clone(),
        origin: reason.origin.clone(),
        count: seen.count,
        first: seen.first.clone(),
    };
    reasons.iter().map(stored).collect()
}

/// Reads stored reasons. `failed` returns the number of failed requests by request and kind. The counts of all reasons
/// of one request and kind must not add up to more than this number.
pub(super) fn read(
    document: &'static str,
    stored: Vec<StoredReason>,
    failed: &dyn Fn(RequestIndex, Failure) -> u64,
) -> Result<Reasons, FormatError> {
    let mut reasons = Reasons::default();
    for stored in stored {
        let (request, kind) = (RequestIndex::from(stored.request), stored.kind.0);
        let failed = failed(request, kind);
        if !stored.is_sound(failed) {
            return Err(damaged(document, "it has a reason of failures that no worker stores"));
        }
        let (reason, seen) = stored.into_reason();
        let restored = reasons.restore(request, kind, reason, seen);
        restored.map_err(|problem| damaged(document, problem))?;
        if reasons.known(request, kind) > failed {
            return Err(damaged(document, "its reasons count more failures than it has"));
        }
    }
    Ok(reasons)
}

impl StoredReason {
    /// Returns whether a worker could have stored this reason. A reason with more occurrences than `failed` is
    /// rejected, so that a damaged document cannot make a sum of counts overflow.
    fn is_sound(&self, failed: u64) -> bool {
        let first = &self.first;
        first.len() <= Occurrences::FIRST_MAX
            && first.len() as u64 <= self.count
            && first.is_sorted_by(|one, next| one < next)
            && Cause::of_code(&self.cause).fits(self.kind.0)
            && self.detail.len() <= Reasons::DETAIL_MAX
            && self.origin.len() <= Reasons::ORIGIN_MAX
            && self.count > 0
            && self.count <= failed
    }

    fn into_reason(self) -> (Reason, Occurrences) {
        let cause = Cause::of_code(&self.cause);
        let reason = Reason {
            cause,
            detail: match cause {
                Cause::Unknown => String::new(),
                _ => self.detail,
            },
            origin: self.origin,
        };
        let seen = Occurrences {
            count: self.count,
            first: self.first,
        };
        (reason, seen)
    }
}
