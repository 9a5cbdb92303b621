//! The reasons of failed requests, counted by request, kind of failure, cause and origin.
//!
//! A table keeps at most [`Reasons::KEPT_MAX`] reasons of each request and kind: the smallest ones in their own order,
//! which does not depend on counts. So merging is exact and gives the same table in any order: a reason that is kept in
//! the end was kept in every part, with all of its counts. Failures without a kept reason are the rest of the failed
//! count of their kind.

use crate::cause::Cause;
use crate::outcome::Failure;
use crate::request::RequestIndex;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// One reason of failures of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    pub cause: Cause,
    /// A fact about the cause, such as an address, a status or a line number; may be empty.
    pub detail: String,
    /// Scheme, host and port of the request; empty if unknown.
    pub origin: String,
}

/// The number of occurrences, and the first arrivals that had one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occurrences {
    pub count: u64,
    /// The lowest arrival numbers in ascending order, at most [`Occurrences::FIRST_MAX`].
    pub first: Vec<u64>,
}

impl Occurrences {
    /// The maximum number of arrivals that are listed.
    pub const FIRST_MAX: usize = 3;

    /// Counts arrival `k`.
    pub fn count(&mut self, k: u64) {
        self.count += 1;
        self.name(k);
    }

    /// Adds everything of `other`.
    pub fn add(&mut self, other: &Occurrences) {
        self.count += other.count;
        other.first.iter().for_each(|k| self.name(*k));
    }

    fn name(&mut self, k: u64) {
        let at = self.first.partition_point(|known| *known < k);
        if at < Occurrences::FIRST_MAX && self.first.get(at) != Some(&k) {
            self.first.truncate(Occurrences::FIRST_MAX - 1);
            self.first.insert(at, k);
        }
    }
}

/// The reasons of failures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// By the request's index in the plan, and the kind of failure.
    groups: BTreeMap<(RequestIndex, Failure), BTreeMap<Reason, Occurrences>>,
}

impl Reasons {
    /// The maximum number of reasons kept for each request and kind.
    pub const KEPT_MAX: usize = 16;
    /// The maximum lengths of detail and origin, in bytes; a host has at most 253.
    pub const DETAIL_MAX: usize = 120;
    pub const ORIGIN_MAX: usize = 300;

    /// Adds the occurrences of a reason. A longer detail or origin is truncated.
    pub fn record(&mut self, request: RequestIndex, kind: Failure, mut reason: Reason, seen: &Occurrences) {
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

    fn insert(&mut self, request: RequestIndex, kind: Failure, reason: &Reason, seen: &Occurrences) {
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

    /// Numbers the requests from `first` on instead of from 0.
    pub(crate) fn number_requests_from(&mut self, first: usize) {
        let groups = std::mem::take(&mut self.groups).into_iter();
        self.groups = groups
            .map(|((request, kind), group)| ((request.after(first), kind), group))
            .collect();
    }

    /// Returns every kept reason, by request and kind.
    pub fn iter(&self) -> impl Iterator<Item = (RequestIndex, Failure, &Reason, &Occurrences)> {
        self.groups.iter().flat_map(|((request, kind), group)| {
            let reasons = group.iter();
            reasons.map(move |(reason, seen)| (*request, *kind, reason, seen))
        })
    }

    /// The number of failures of a request and kind that have a kept reason.
    pub fn known(&self, request: RequestIndex, kind: Failure) -> u64 {
        let group = self.groups.get(&(request, kind));
        group.map_or(0, |group| group.values().map(|seen| seen.count).sum())
    }

    /// Adds a stored reason; fails if no worker stores such a reason.
    pub(crate) fn restore(
        &mut self,
        request: RequestIndex,
        kind: Failure,
        reason: Reason,
        seen: Occurrences,
    ) -> Result<(), &'static str> {
        let group = self.groups.entry((request, kind)).or_default();
        match group.entry(reason) {
            // Several causes of a newer version are all read as `Unknown`.
            Entry::Occupied(mut known) if known.key().cause == Cause::Unknown => known.get_mut().add(&seen),
            Entry::Occupied(_) => return Err("it has the same reason of failures twice"),
            Entry::Vacant(free) => drop(free.insert(seen)),
        }
        match group.len() > Reasons::KEPT_MAX {
            true => Err("it has more reasons of failures than any worker keeps"),
            false => Ok(()),
        }
    }
}

/// Truncates a text to at most `max` bytes, at a character boundary.
fn cut(text: &mut String, max: usize) {
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max));
    }
}

#[cfg(test)]
mod tests;
