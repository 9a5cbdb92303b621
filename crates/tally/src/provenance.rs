//! What a stored snapshot or result belongs to, and what it can hold.
//!
//! Whoever can write one object into a bucket can copy the result of one shard to the key of another, or make one up.
//! So a snapshot or result states where it comes from, and its reader checks that against the key, the claim and the
//! plan before anything of it is added up.

use crate::format::FormatError;
use crate::interval_log;
use crate::seconds::{SecondCounts, Seconds};
use crate::tally::{Counts, Tally};
use std::ops::Range;

/// The format from which on snapshots and results state where they come from.
pub const FORMAT_WITH_PROVENANCE: u32 = 2;
/// The memory that the seconds of one snapshot may take once decoded and packed, in bytes: many hours of seconds with
/// usual latencies. While its store fails, a worker keeps all for one snapshot.
pub const SECONDS_BYTES_MAX: usize = 64 << 20;
/// The bytes of bodies that one slice can have read: a petabyte.
const BODY_BYTES_MAX: u64 = 1 << 50;
/// How often the requests of one arrival can have been sent again: with ten redirects there are eleven, and each may be
/// sent again once by itself, and once for an answer that came.
const RETRIES_MAX: u128 = 2 * 11;

/// Where a snapshot or result comes from: a slice of a shard of a run, and the claim of the worker that wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    pub run: String,
    pub shard: u32,
    pub slice: u32,
    /// The mark of the claim.
    pub mark: u64,
}

/// What is known of a snapshot or result before it is read.
#[derive(Clone, Debug)]
pub struct ExpectedSnapshot<'a> {
    pub provenance: &'a Provenance,
    /// Whether it must state that; runs of older launchers have workers that do not.
    pub stated: bool,
    /// The names of the plan's requests, in its order.
    pub requests: &'a [String],
    /// The most arrivals that its slice can have sent and dropped.
    pub arrivals_max: u64,
    /// When anything can have happened in its slice, in nanoseconds since T0.
    pub span: Range<u64>,
}

pub(crate) fn damaged<T>(document: &'static str, problem: &str) -> Result<T, FormatError> {
    Err(interval_log::damaged(document, problem))
}

impl ExpectedSnapshot<'_> {
    /// Checks where a document states that it comes from, and the names of its requests.
    pub(crate) fn check_origin<'n>(
        &self,
        document: &'static str,
        stated: Option<&Provenance>,
        names: impl ExactSizeIterator<Item = &'n str>,
    ) -> Result<(), FormatError> {
        match stated {
            Some(stated) if stated != self.provenance => {
                return damaged(document, "it belongs to another slice, or to another worker's claim");
            }
            None if self.stated => return damaged(document, "it does not state where it comes from"),
            _ => {}
        }
        match names.eq(self.requests.iter().map(String::as_str)) {
            true => Ok(()),
            false => damaged(document, "its requests are not those of the plan"),
        }
    }

    /// Checks that a tally holds no more than the slice can have done, so that sums cannot overflow.
    pub(crate) fn check_counts(&self, document: &'static str, tally: &Tally) -> Result<(), FormatError> {
        let all = || {
            tally
                .requests
                .iter()
                .map(|request| &request.counts)
                .chain([&tally.unmeasured])
        };
        let most = u128::from(self.arrivals_max);
        let sum = |of: &dyn Fn(&Counts) -> u128| all().map(of).sum::<u128>();
        let fits = sum(&|counts| u128::from(counts.sent) + u128::from(counts.dropped)) <= most
            && sum(&|counts| {
                u128::from(counts.completed) + u128::from(counts.in_flight) + total(counts.failed.values())
            }) <= most
            && all().all(|counts| {
                let outcomes = u128::from(counts.completed) + total(counts.failed.values());
                total(counts.statuses.values()) <= outcomes
            })
            && sum(&|counts| u128::from(counts.retries)) <= most * RETRIES_MAX
            && all().all(|counts| counts.body_bytes <= BODY_BYTES_MAX);
        match fits {
            true => Ok(()),
            false => damaged(document, "its counts are more than its slice can have sent"),
        }
    }

    /// Checks that seconds lie where the slice is, before anything is kept for them.
    pub(crate) fn check_seconds(
        &self,
        document: &'static str,
        mut seconds: impl Iterator<Item = u32>,
    ) -> Result<(), FormatError> {
        const SECOND: u64 = 1_000_000_000;
        let within = (self.span.start / SECOND).saturating_sub(1)..=self.span.end / SECOND;
        match seconds.all(|second| within.contains(&u64::from(second))) {
            true => Ok(()),
            false => damaged(document, "its seconds do not lie in its slice"),
        }
    }
}

fn total<'a>(counts: impl Iterator<Item = &'a u64>) -> u128 {
    counts.map(|count| u128::from(*count)).sum()
}

/// Checks that the seconds of a snapshot add up to its tally: both count the same events.
pub(crate) fn check_sums(document: &'static str, tally: &Tally, seconds: &Seconds) -> Result<(), FormatError> {
    let named = |second: &SecondCounts| total(second.failures.values()) <= u128::from(second.failed);
    if !seconds.iter().all(|(_, second)| named(&second.counts)) {
        return damaged(document, "a second has more failures by kind than it has failures");
    }
    let mut whole = tally.measured();
    whole.add(&tally.unmeasured);
    let sums = seconds.iter().fold([0u128; 4], |sums, (_, second)| {
        let counts = [
            second.counts.sent,
            second.counts.dropped,
            second.counts.completed,
            second.counts.failed,
        ];
        std::array::from_fn(|at| sums[at] + u128::from(counts[at]))
    });
    let wholes = [whole.sent, whole.dropped, whole.completed, whole.failed_total()].map(u128::from);
    match sums == wholes {
        true => Ok(()),
        false => damaged(document, "its seconds do not add up to its counts"),
    }
}

/// Checks that everything that a result counts as sent has an outcome.
pub(crate) fn check_balance(document: &'static str, tally: &Tally) -> Result<(), FormatError> {
    let balances = |counts: &Counts| counts.sent == counts.completed + counts.failed_total() + counts.in_flight;
    match tally.requests.iter().all(|request| balances(&request.counts)) && balances(&tally.unmeasured) {
        true => Ok(()),
        false => damaged(document, "what it counts as sent is not completed, failed or in flight"),
    }
}
