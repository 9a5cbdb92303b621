//! The origin of a stored snapshot or result, and the limits of its contents.
//!
//! Anyone who can write an object to the bucket can copy the result of one shard to the key of another shard, or forge
//! a result. Each snapshot and each result contains its origin. A reader compares this origin with the key, the claim
//! and the plan. The reader adds the counts of the document only if the origin is correct.

use crate::flow::FlowTally;
use crate::format::FormatError;
use crate::interval_log;
use crate::seconds::{SecondCounts, Seconds};
use crate::tally::{Counts, Tally};
use std::ops::Range;

/// The first format in which snapshots and results contain their origin.
pub const FORMAT_WITH_PROVENANCE: u32 = 2;
/// The maximum memory in bytes that the seconds of one snapshot may take after the seconds are decoded and packed.
/// While the store fails, a worker collects all seconds for one snapshot. The limit is enough for many hours of seconds
/// with usual latencies.
pub const SECONDS_BYTES_MAX: usize = 64 << 20;
/// The maximum number of body bytes that one slice can read: one pebibyte.
const BODY_BYTES_MAX: u64 = 1 << 50;
/// The maximum number of retries of the requests of one arrival. Ten redirects cause eleven requests. Each of these
/// requests may be retried once on its own, and once because of an answer that was received.
const RETRIES_MAX: u128 = 2 * 11;

/// The origin of a snapshot or result: the run, the shard, the slice, and the claim of the worker that wrote the
/// document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    pub run: String,
    pub shard: u32,
    pub slice: u32,
    /// The number that identifies the claim of the worker.
    pub mark: u64,
}

/// The facts that a reader has about a snapshot or a result before it reads the document.
#[derive(Clone, Debug)]
pub struct ExpectedSnapshot<'a> {
    pub provenance: &'a Provenance,
    /// Whether the document must contain its origin. If the launcher of the run has an older version, the workers do
    /// not write the origin.
    pub stated: bool,
    /// The names of the plan's requests, in the order of the plan.
    pub requests: &'a [String],
    /// The number of flows in the plan.
    pub flows: usize,
    /// The maximum number of arrivals that the slice can start or drop.
    pub arrivals_max: u64,
    /// The maximum number of requests of one arrival.
    pub requests_max: u64,
    /// The time span of the slice, in nanoseconds since T0, the start of the run. Every event of the slice is within
    /// this span.
    pub span: Range<u64>,
}

pub(crate) fn damaged<T>(document: &'static str, problem: &str) -> Result<T, FormatError> {
    Err(interval_log::damaged(document, problem))
}

impl ExpectedSnapshot<'_> {
    /// Checks the origin in the document and the names of the requests in the document.
    pub(crate) fn check_origin<'n>(
        &self,
        document: &'static str,
        stated: Option<&Provenance>,
        names: impl ExactSizeIterator<Item = &'n str>,
    ) -> Result<(), FormatError> {
        match stated {
            Some(stated) if stated != self.provenance => {
                return damaged(document, "it belongs to another slice or to another worker's claim");
            }
            None if self.stated => return damaged(document, "it does not state its provenance"),
            _ => {}
        }
        match names.eq(self.requests.iter().map(String::as_str)) {
            true => Ok(()),
            false => damaged(document, "its requests are not those of the plan"),
        }
    }

    /// Checks that the counts of a tally are possible for the number of requests that the slice can send. The check
    /// prevents overflows of sums.
    pub(crate) fn check_counts(&self, document: &'static str, tally: &Tally) -> Result<(), FormatError> {
        let all = || {
            tally
                .requests
                .iter()
                .map(|request| &request.counts)
                .chain([&tally.unmeasured])
        };
        let arrivals = u128::from(self.arrivals_max);
        let most = arrivals * u128::from(self.requests_max);
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
            && all().all(|counts| counts.body_bytes <= BODY_BYTES_MAX)
            && self.flows_fit(&tally.flows, arrivals);
        match fits {
            true => Ok(()),
            false => damaged(document, "its counts exceed the arrivals of its slice"),
        }
    }

    /// Returns whether the tally has at most as many flows as the plan. The function also checks that the numbers of
    /// started and ended flows do not exceed the number of arrivals that were due.
    fn flows_fit(&self, flows: &[FlowTally], arrivals: u128) -> bool {
        let started: u128 = flows
            .iter()
            .map(|flow| u128::from(flow.started) + u128::from(flow.dropped))
            .sum();
        let ended = |flow: &FlowTally| {
            [flow.completed, flow.stopped, flow.in_flight]
                .map(u128::from)
                .iter()
                .sum::<u128>()
                + total(flow.failed.values())
        };
        let steps = |flow: &FlowTally| {
            let all = flow.failed.iter().chain(&flow.starved).chain(&flow.not_reached);
            all.map(|(step, count)| (usize::from(*step), u128::from(*count)))
                .all(|(step, count)| step < self.requests.len() && count <= arrivals)
        };
        flows.len() <= self.flows
            && started <= arrivals
            && flows.iter().map(ended).sum::<u128>() <= arrivals
            && flows.iter().all(steps)
            && flows
                .iter()
                .all(|flow| total(flow.starved.values()) <= total(flow.failed.values()))
    }

    /// Checks that the seconds of a snapshot are within the span of the slice. Memory for the seconds is allocated only
    /// after this check.
    pub(crate) fn check_seconds(
        &self,
        document: &'static str,
        mut seconds: impl Iterator<Item = u32>,
    ) -> Result<(), FormatError> {
        const SECOND: u64 = 1_000_000_000;
        let within = (self.span.start / SECOND).saturating_sub(1)..=self.span.end / SECOND;
        match seconds.all(|second| within.contains(&u64::from(second))) {
            true => Ok(()),
            false => damaged(document, "its seconds are outside its slice"),
        }
    }
}

fn total<'a>(counts: impl Iterator<Item = &'a u64>) -> u128 {
    counts.map(|count| u128::from(*count)).sum()
}

/// Checks that the sums of the seconds of a snapshot equal the counts of its tally. The seconds and the tally count the
/// same events.
pub(crate) fn check_sums(document: &'static str, tally: &Tally, seconds: &Seconds) -> Result<(), FormatError> {
    let named = |second: &SecondCounts| total(second.failures.values()) <= u128::from(second.failed);
    if !seconds.iter().all(|(_, second)| named(&second.counts)) {
        return damaged(document, "a second has more failures by kind than failures in total");
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

/// Checks that every sent request of the tally has an outcome or is in flight, and that the counts of flows are
/// balanced.
pub(crate) fn check_balance(document: &'static str, tally: &Tally) -> Result<(), FormatError> {
    let balances = |counts: &Counts| counts.sent == counts.completed + counts.failed_total() + counts.in_flight;
    if !tally.requests.iter().all(|request| balances(&request.counts)) || !balances(&tally.unmeasured) {
        return damaged(document, "its sent requests are not all completed, failed or in flight");
    }
    match tally.flows.iter().all(FlowTally::is_balanced) {
        true => Ok(()),
        false => damaged(
            document,
            "its started flows are not all completed, failed, stopped or in flight",
        ),
    }
}
