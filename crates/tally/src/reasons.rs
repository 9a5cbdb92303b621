//! The reasons of failed requests, counted by request, kind of failure, cause and origin.
//!
//! A table keeps at most [`Reasons::KEPT_MAX`] reasons for each request and kind: the smallest reasons in the order of
//! [`Reason`]. This order does not depend on counts. Merging tables is exact, and merging in any order gives the same
//! table. If a reason is in the final table, each merged table in which this reason occurred has kept the reason with
//! its whole count. The number of failures without a kept reason is the number of all failures of the request and kind,
//! minus the sum of the counts of the kept reasons.

use crate::cause::Cause;
use crate::outcome::Failure;
use crate::request::RequestIndex;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The reason for one or more failures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    pub cause: Cause,
    /// A fact about the cause, such as an address, a status or a line number. The text may be empty.
    pub detail: String,
    /// The scheme, host and port of the request; empty if the origin is unknown.
    pub origin: String,
}

/// The number of failures with one reason, and the numbers of the first arrivals that failed for this reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occurrences {
    pub count: u64,
    /// The lowest numbers of arrivals that failed, in ascending order, at most [`Occurrences::FIRST_MAX`] of them.
    pub first: Vec<u64>,
}

impl Occurrences {
    /// The maximum number of arrivals whose numbers are kept for each reason.
    pub const FIRST_MAX: usize = 3;

    /// Counts a failure of the arrival with the number `k`.
    pub fn count(&mut self, k: u64) {
        self.count += 1;
        self.name(k);
    }

    /// Adds the count and the arrivals of `other` to the occurrences of `self`.
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

/// A table of the reasons for failures, with the number of failures for each reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// The reasons for each kind of failure of each request.
    groups: BTreeMap<(RequestIndex, Failure), BTreeMap<Reason, Occurrences>>,
}

impl Reasons {
    /// The maximum number of reasons that are kept for each kind of failure of each request.
    pub const KEPT_MAX: usize = 16;
    /// The maximum length of a detail in bytes, and the maximum length of an origin in bytes. A host name has at most
    /// 253 bytes.
    pub const DETAIL_MAX: usize = 120;
    pub const ORIGIN_MAX: usize = 300;

    /// Adds the occurrences of a reason. A detail or an origin that is too long is truncated.
    pub fn record(&mut self, request: RequestIndex, kind: Failure, mut reason: Reason, seen: &Occurrences) {
        cut(&mut reason.detail, Reasons::DETAIL_MAX);
        cut(&mut reason.origin, Reasons::ORIGIN_MAX);
        self.insert(request, kind, &reason, seen);
    }

    /// Adds the occurrences of all reasons of `other` to this table.
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

    /// Adds `first` to the index of every request.
    pub(crate) fn number_requests_from(&mut self, first: usize) {
        let groups = std::mem::take(&mut self.groups).into_iter();
        self.groups = groups
            .map(|((request, kind), group)| ((request.after(first), kind), group))
            .collect();
    }

    /// Returns every kept reason with its request, its kind and its occurrences.
    pub fn iter(&self) -> impl Iterator<Item = (RequestIndex, Failure, &Reason, &Occurrences)> {
        self.groups.iter().flat_map(|((request, kind), group)| {
            let reasons = group.iter();
            reasons.map(move |(reason, seen)| (*request, *kind, reason, seen))
        })
    }

    /// Returns how many failures of this kind of a request have a kept reason.
    pub fn known(&self, request: RequestIndex, kind: Failure) -> u64 {
        let group = self.groups.get(&(request, kind));
        group.map_or(0, |group| group.values().map(|seen| seen.count).sum())
    }

    /// Adds a reason that was read from a document. Fails if a worker cannot have stored this reason.
    pub(crate) fn restore(
        &mut self,
        request: RequestIndex,
        kind: Failure,
        reason: Reason,
        seen: Occurrences,
    ) -> Result<(), &'static str> {
        let group = self.groups.entry((request, kind)).or_default();
        match group.entry(reason) {
            // All causes of newer versions are read as `Unknown`. Two reasons of a document can become equal in this
            // way, and their occurrences are added.
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

/// Truncates a text to at most `max` bytes. The cut is at a character boundary.
fn cut(text: &mut String, max: usize) {
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max));
    }
}

#[cfg(test)]
mod tests;
