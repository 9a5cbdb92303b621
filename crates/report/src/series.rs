//! The counts of a run over time: an entry for each second, or for each longer interval of a long run
//! ([`tally::series`]).

use crate::part::{SliceReport, SliceState};
use crate::timing::{Quantiles, ms};
use plan::plan::Plan;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use tally::histogram::Histogram;
use tally::seconds::Second;
use tally::series::Series;

const SECOND: u64 = 1_000_000_000;

/// The counts of one interval. A request counts as sent in the interval in which it was sent, and as completed or
/// failed in the interval in which it ended.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SecondReport {
    /// The start of the interval, in seconds since T0.
    pub second: u32,
    /// The length of the interval in seconds: 1 in a run of up to 2,000 seconds. The last interval may be shorter.
    pub length_s: u32,
    /// Arrivals that are due in the interval; null if any population has users.
    pub planned: Option<u64>,
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    /// The retries of the requests that finished in the interval.
    pub retries: u64,
    /// Failures by kind.
    pub failures: BTreeMap<String, u64>,
    pub latency: Quantiles,
    pub latency_max_ms: Option<f64>,
    /// Workers that should have reported the interval.
    pub workers: u32,
    /// The workers in `workers` that did not report the interval. Their requests are missing from the other numbers.
    pub workers_missing: u32,
    #[serde(skip)]
    pub values: Histogram,
}

impl SecondReport {
    /// Returns the end of the interval, in seconds since T0.
    pub(crate) fn end(&self) -> u32 {
        self.second + self.length_s
    }

    /// Returns whether the counts of the interval are known: a worker reported the interval, or no worker had to report
    /// it.
    pub(crate) fn is_known(&self) -> bool {
        self.workers == 0 || self.workers_missing < self.workers || self.sent > 0 || !self.values.is_empty()
    }
}

/// Returns the intervals of a run. The last interval contains the end of the load (`load_end`, in nanoseconds since T0)
/// or the last event, whichever is later.
pub(crate) fn series(plan: &Plan, merged: &Series, parts: &[SliceReport<'_>], load_end: u64) -> Vec<SecondReport> {
    // The plan of a load of users does not contain the number of arrivals.
    let schedules = plan.schedules().filter(|_| plan.arrivals().is_some());
    let last = merged.end().max(load_end.div_ceil(SECOND) as u32);
    let merged = merged.over(last);
    let length = merged.length();
    let attendance = attendance(plan, parts, last.div_ceil(length), u64::from(length) * SECOND);
    let empty = Second::default();
    let mut before = 0;
    let attended = (0..).zip(attendance);
    attended
        .map(|(number, (workers, workers_missing))| {
            let second = merged.interval(number).unwrap_or(&empty);
            let (from, to) = (number * length, ((number + 1) * length).min(last));
            let planned = schedules.as_ref().map(|schedules| {
                let until = schedules.due_before(u64::from(to) * SECOND);
                until - std::mem::replace(&mut before, until)
            });
            SecondReport {
                second: from,
                length_s: to - from,
                planned,
                sent: second.counts.sent,
                completed: second.counts.completed,
                failed: second.counts.failed,
                dropped: second.counts.dropped,
                retries: second.counts.retries,
                failures: second
                    .counts
                    .failures
                    .iter()
                    .map(|(kind, count)| (kind.name().to_owned(), *count))
                    .collect(),
                latency: Quantiles::of(&second.latency),
                latency_max_ms: (!second.latency.is_empty()).then(|| ms(second.latency.max())),
                workers,
                workers_missing,
                values: second.latency.clone(),
            }
        })
        .collect()
}

/// Returns two numbers for each of `number` intervals of `length` nanoseconds: the number of workers whose window
/// overlaps the interval, and the number of these workers that have no snapshot of the interval.
fn attendance(plan: &Plan, parts: &[SliceReport<'_>], number: u32, length: u64) -> Vec<(u32, u32)> {
    let mut changes = vec![(0i64, 0i64); number as usize + 1];
    let mut between = |range: Range<usize>, change: fn(&mut (i64, i64), i64)| {
        if !range.is_empty() {
            change(&mut changes[range.start], 1);
            change(&mut changes[range.end], -1);
        }
    };
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(number as usize);
    let within = |range: Range<u64>| place(range.start / length)..place(range.end.div_ceil(length));
    for part in parts {
        let window = &plan.slices[part.slice as usize];
        between(within(window.from..window.to), |at, by| at.0 += by);
        let mut counted = 0;
        for gap in gaps(plan, part) {
            // One interval may overlap several gaps.
            let range = within(gap);
            between(range.start.max(counted)..range.end, |at, by| at.1 += by);
            counted = range.end;
        }
    }
    let mut sum = (0, 0);
    let sums = changes[..number as usize].iter().map(|change| {
        sum = (sum.0 + change.0, sum.1 + change.1);
        (sum.0 as u32, sum.1 as u32)
    });
    sums.collect()
}

/// Returns the spans of time in a slice's window that no snapshot covers, in nanoseconds since T0, in ascending order.
///
/// If the slice has no result, all time after its last snapshot is a gap. A result contains the number of snapshots
/// that the worker wrote. If the store has all of these snapshots, no time is a gap, even if the worker was stopped
/// before the end of the window. Otherwise, all times without a snapshot are gaps.
pub(crate) fn gaps(plan: &Plan, part: &SliceReport<'_>) -> Vec<Range<u64>> {
    let window = &plan.slices[part.slice as usize];
    let is_lost = matches!(part.state, SliceState::Lost(_));
    let stored = part.health.as_ref().map_or(0, |health| health.snapshots as usize);
    if !is_lost && part.snapshots.len() >= stored {
        return Vec::new();
    }
    let mut gaps = Vec::new();
    let mut from = window.from;
    let known = part.snapshots.known().iter();
    for range in known.chain(std::iter::once(window.to..window.to)) {
        let until = range.start.min(window.to);
        if from < until {
            gaps.push(from..until);
        }
        from = from.max(range.end);
    }
    gaps
}
