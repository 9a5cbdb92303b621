//! Why requests failed, counted by request, kind of failure, cause and origin.
//!
//! A table keeps at most [`Reasons::KEPT_MAX`] reasons of each request and kind: the first ones in their
//! own order, which no count has a part in. So merging is exact and gives the same table in any
//! order: a reason that is kept in the end was kept in every part, with all of its counts. Failures
//! whose reason is not kept are the rest of the failed count of their kind.

use crate::cause::Cause;
use crate::outcome::Failure;
use crate::request::RequestIndex;
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
pub struct Occurrences {
    pub count: u64,
    /// The lowest numbers of arrivals, upwards, at most [`Occurrences::FIRST_MAX`].
    pub first: Vec<u64>,
}

impl Occurrences {
    /// How many arrivals are named.
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
    /// By the request's place in the plan, and the kind of failure.
    groups: BTreeMap<(RequestIndex, Failure), BTreeMap<Reason, Occurrences>>,
}

impl Reasons {
    /// How many reasons of each request and kind are kept.
    pub const KEPT_MAX: usize = 16;
    /// The longest detail and the longest origin, in bytes: a host has at most 253.
    pub const DETAIL_MAX: usize = 120;
    pub const ORIGIN_MAX: usize = 300;

    /// Adds what was seen of a reason. A detail or origin that is too long is cut.
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

    /// Every reason that is kept, by request and kind.
    pub fn iter(&self) -> impl Iterator<Item = (RequestIndex, Failure, &Reason, &Occurrences)> {
        self.groups.iter().flat_map(|((request, kind), group)| {
            let reasons = group.iter();
            reasons.map(move |(reason, seen)| (*request, *kind, reason, seen))
        })
    }

    /// How many failures of a request and kind have a reason that is kept.
    pub fn known(&self, request: RequestIndex, kind: Failure) -> u64 {
        let group = self.groups.get(&(request, kind));
        group.map_or(0, |group| group.values().map(|seen| seen.count).sum())
    }

    /// Takes in a reason that was stored, or says why no worker stores it.
    pub(crate) fn restore(
        &mut self,
        request: RequestIndex,
        kind: Failure,
        reason: Reason,
        seen: Occurrences,
    ) -> Result<(), &'static str> {
        let group = self.groups.entry((request, kind)).or_default();
        match group.entry(reason) {
            // Causes of a newer version may become one.
            Entry::Occupied(mut known) if known.key().cause == Cause::Unknown => known.get_mut().add(&seen),
            Entry::Occupied(_) => return Err("it has a reason of failures twice"),
            Entry::Vacant(free) => drop(free.insert(seen)),
        }
        match group.len() > Reasons::KEPT_MAX {
            true => Err("it has more reasons of failures than any worker keeps"),
            false => Ok(()),
        }
    }
}

/// Cuts a text to so many bytes, between characters.
fn cut(text: &mut String, max: usize) {
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max));
    }
}

#[cfg(test)]
mod tests;
