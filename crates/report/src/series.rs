//! A run second by second.

use crate::run_report::{Part, PartState, Quantiles, ms};
use plan::plan::Plan;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use tally::histogram::Histogram;
use tally::seconds::{Second, Seconds};

const SECOND: u64 = 1_000_000_000;

/// What happened in one second; sent, completed and failed by the second in which they happened.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SecondReport {
    pub second: u32,
    /// Arrivals due in it; null for a closed load.
    pub planned: Option<u64>,
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    /// How often the requests that finished in it had been sent again.
    pub retries: u64,
    /// Failures by kind.
    pub failures: BTreeMap<String, u64>,
    pub latency: Quantiles,
    pub latency_max_ms: Option<f64>,
    /// Workers whose window it lies in, and those of them that never told of it: what these did is
    /// missing from the other numbers.
    pub workers: u32,
    pub workers_missing: u32,
    #[serde(skip)]
    pub values: Histogram,
}

impl SecondReport {
    /// Whether anybody told of it.
    pub(crate) fn is_known(&self) -> bool {
        self.workers == 0 || self.workers_missing < self.workers || self.sent > 0 || !self.values.is_empty()
    }
}

/// The seconds of a run, to the end of its load (`load_end`, in nanoseconds since T0) and of what happened.
pub(crate) fn series(plan: &Plan, seconds: &Seconds, parts: &[Part<'_>], load_end: u64) -> Vec<SecondReport> {
    let schedule = plan.schedule();
    let load = load_end.div_ceil(SECOND) as u32;
    let last = seconds.end().max(load);
    let attendance = attendance(plan, parts, last);
    let empty = Second::default();
    let mut before = 0;
    (0..last)
        .map(|at| {
            let second = seconds.get(at).unwrap_or(&empty);
            let planned = schedule.as_ref().map(|schedule| {
                let until = schedule.due_before(u64::from(at + 1) * SECOND);
                until - std::mem::replace(&mut before, until)
            });
            let (workers, workers_missing) = attendance[at as usize];
            SecondReport {
                second: at,
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

/// For each second, how many workers have it in their window, and how many of these never told of
/// all of it.
fn attendance(plan: &Plan, parts: &[Part<'_>], last: u32) -> Vec<(u32, u32)> {
    let mut changes = vec![(0i64, 0i64); last as usize + 1];
    let mut between = |from: u64, to: u64, change: fn(&mut (i64, i64), i64)| {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(last as usize);
        let (from, to) = (place(from), place(to));
        if from < to {
            change(&mut changes[from], 1);
            change(&mut changes[to], -1);
        }
    };
    for part in parts {
        let window = &plan.slices[part.slice as usize];
        let (from, to) = (window.from / SECOND, window.to.div_ceil(SECOND));
        between(from, to, |at, by| at.0 += by);
        for gap in gaps(plan, part) {
            between(gap.start / SECOND, gap.end.div_ceil(SECOND), |at, by| at.1 += by);
        }
    }
    let mut sum = (0, 0);
    let sums = changes[..last as usize].iter().map(|change| {
        sum = (sum.0 + change.0, sum.1 + change.1);
        (sum.0 as u32, sum.1 as u32)
    });
    sums.collect()
}

/// Times of its window that no snapshot of a part tells of, in nanoseconds since T0, upwards.
///
/// Of a part without a result everything after its snapshots is missing. One with a result may have
/// told of less than its window, if it was stopped; but it says how many snapshots there are, and if
/// some of them are not, what lies between the others is missing.
pub(crate) fn gaps(plan: &Plan, part: &Part<'_>) -> Vec<Range<u64>> {
    let window = &plan.slices[part.slice as usize];
    let is_lost = matches!(part.state, PartState::Lost(_));
    let stored = part.health.as_ref().map_or(0, |health| health.snapshots as usize);
    if !is_lost && part.stretches.len() >= stored {
        return Vec::new();
    }
    let mut known: Vec<Range<u64>> = part.stretches.iter().map(|stretch| stretch.from..stretch.to).collect();
    known.sort_by_key(|range| range.start);
    let mut gaps = Vec::new();
    let mut from = window.from;
    for range in known.into_iter().chain(std::iter::once(window.to..window.to)) {
        let until = range.start.min(window.to);
        if from < until {
            gaps.push(from..until);
        }
        from = from.max(range.end);
    }
    gaps
}
