//! Why requests failed, counted by request, kind of failure, cause and origin.
//!
//! A table keeps at most [`Reasons::KEPT_MAX`] reasons of each request and kind: the first ones in their
//! own order, which no count has a part in. So merging is exact and gives the same table in any
//! order: a reason that is kept in the end was kept in every part, with all of its counts. Failures
//! whose reason is not kept are the rest of the failed count of their kind.

use crate::cause::Cause;
use crate::format::FormatError;
use crate::interval_log::damaged;
use crate::outcome::Failure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// One reason of failures of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    pub cause: Cause,
    /// A fact about the cause, such as an address, a status or the number of a line; may be empty.
    pub detail: String,
    /// Scheme, host and port of the request; empty where they are not known.
    pub origin: String,
}

/// How often something was seen, and the first arrivals of which it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub count: u64,
    /// The lowest numbers of arrivals, upwards, at most [`Seen::FIRST_MAX`].
    pub first: Vec<u64>,
}

impl Seen {
    /// How many arrivals are named.
    pub const FIRST_MAX: usize = 3;

    /// Counts arrival `k`.
    pub fn count(&mut self, k: u64) {
        self.count += 1;
        self.name(k);
    }

    /// Adds everything of `other`.
    pub fn add(&mut self, other: &Seen) {
        self.count += other.count;
        other.first.iter().for_each(|k| self.name(*k));
    }

    fn name(&mut self, k: u64) {
        let at = self.first.partition_point(|known| *known < k);
        if at < Seen::FIRST_MAX && self.first.get(at) != Some(&k) {
            self.first.truncate(Seen::FIRST_MAX - 1);
            self.first.insert(at, k);
        }
    }
}

/// The reasons of failures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// By the request's place in the plan, and the kind of failure.
    groups: BTreeMap<(usize, Failure), BTreeMap<Reason, Seen>>,
}

impl Reasons {
    /// How many reasons of each request and kind are kept.
    pub const KEPT_MAX: usize = 16;
    /// The longest detail and the longest origin, in bytes: a host has at most 253.
    pub const DETAIL_MAX: usize = 120;
    pub const ORIGIN_MAX: usize = 300;

    /// Adds what was seen of a reason. A detail or origin that is too long is cut.
    pub fn record(&mut self, request: usize, kind: Failure, mut reason: Reason, seen: &Seen) {
        cut(&mut reason.detail, Reasons::DETAIL_MAX);
        cut(&mut reason.origin, Reasons::ORIGIN_MAX);
        self.insert(request, kind, &reason, seen);
    }

    /// Adds everything of `other`.
    pub fn add(&mut self, other: &Reasons) {
        for ((request, kind), group) in &other.groups {
            for (reason, seen) in group {
                self.insert(*request, *kind, reason, seen);
            }
        }
    }

    fn insert(&mut self, request: usize, kind: Failure, reason: &Reason, seen: &Seen) {
        let group = self.groups.entry((request, kind)).or_default();
        match group.get_mut(reason) {
            Some(known) => known.add(seen),
            None => {
                group.insert(reason.clone(), seen.clone());
                if group.len() > Reasons::KEPT_MAX {
                    group.pop_last();
                }
            }
        }
    }

    /// Every reason that is kept, by request and kind.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Failure, &Reason, &Seen)> {
        self.groups.iter().flat_map(|((request, kind), group)| {
            let reasons = group.iter();
            reasons.map(move |(reason, seen)| (*request, *kind, reason, seen))
        })
    }

    /// How many failures of a request and kind have a reason that is kept.
    pub fn known(&self, request: usize, kind: Failure) -> u64 {
        let group = self.groups.get(&(request, kind));
        group.map_or(0, |group| group.values().map(|seen| seen.count).sum())
    }

    pub(crate) fn stored(&self) -> Vec<StoredReason> {
        let stored = |(request, kind, reason, seen): (usize, Failure, &Reason, &Seen)| StoredReason {
            request,
            kind,
            cause: reason.cause.code().to_owned(),
            detail: reason.detail.clone(),
            origin: reason.origin.clone(),
            count: seen.count,
            first: seen.first.clone(),
        };
        self.iter().map(stored).collect()
    }

    /// Reads stored reasons, and holds them against how many requests of a name `failed` in a way.
    pub(crate) fn read(
        document: &'static str,
        stored: Vec<StoredReason>,
        failed: &dyn Fn(usize, Failure) -> u64,
    ) -> Result<Reasons, FormatError> {
        let mut reasons = Reasons::default();
        for stored in stored {
            let problem = stored.problem(failed(stored.request, stored.kind));
            if let Some(problem) = problem {
                return Err(damaged(document, problem));
            }
            let (request, kind, seen) = (stored.request, stored.kind, stored.seen());
            let group = reasons.groups.entry((request, kind)).or_default();
            match group.entry(stored.into_reason()) {
                // Causes of a newer version may become one.
                Entry::Occupied(mut known) if known.key().cause == Cause::Unknown => known.get_mut().add(&seen),
                Entry::Occupied(_) => return Err(damaged(document, "it has a reason of failures twice")),
                Entry::Vacant(free) => drop(free.insert(seen)),
            }
            if group.len() > Reasons::KEPT_MAX {
                return Err(damaged(
                    document,
                    "it has more reasons of failures than any worker keeps",
                ));
            }
            if reasons.known(request, kind) > failed(request, kind) {
                return Err(damaged(document, "its reasons of failures are more than its failures"));
            }
        }
        Ok(reasons)
    }
}

/// Cuts a text to so many bytes, between characters.
fn cut(text: &mut String, max: usize) {
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max));
    }
}

/// A reason as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredReason {
    request: usize,
    kind: Failure,
    cause: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    detail: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    origin: String,
    count: u64,
    first: Vec<u64>,
}

impl StoredReason {
    fn problem(&self, failed: u64) -> Option<&'static str> {
        let first = &self.first;
        let sound = first.len() <= Seen::FIRST_MAX
            && first.len() as u64 <= self.count
            && first.is_sorted_by(|one, next| one < next)
            && Cause::of_code(&self.cause).fits(self.kind)
            && self.detail.len() <= Reasons::DETAIL_MAX
            && self.origin.len() <= Reasons::ORIGIN_MAX;
        // So sums of what fits cannot overflow.
        match sound && self.count > 0 && self.count <= failed {
            true => None,
            false => Some("a reason of its failures is not one that a worker stores"),
        }
    }

    fn seen(&self) -> Seen {
        Seen {
            count: self.count,
            first: self.first.clone(),
        }
    }

    fn into_reason(self) -> Reason {
        let cause = Cause::of_code(&self.cause);
        Reason {
            cause,
            detail: match cause {
                Cause::Unknown => String::new(),
                _ => self.detail,
            },
            origin: self.origin,
        }
    }
}

#[cfg(test)]
mod tests;
