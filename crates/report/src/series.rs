//! A run second by second.

use crate::run_report::{Part, PartState, Quantiles, ms};
use plan::plan::Plan;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
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
    /// Failures by kind.
    pub failures: BTreeMap<String, u64>,
    pub latency: Quantiles,
    pub latency_max_ms: f64,
    /// Workers whose window it lies in, and those of them that never told of it: what these did is
    /// missing from the other numbers.
    pub workers: u32,
    pub workers_missing: u32,
    #[serde(skip)]
    pub values: Histogram,
}

/// The seconds of a run, to the end of its load and of what happened.
pub(crate) fn series(plan: &Plan, seconds: &Seconds, parts: &[Part<'_>]) -> Vec<SecondReport> {
    let schedule = plan.schedule();
    let load = plan.length().div_ceil(SECOND) as u32;
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
                failures: second
                    .counts
                    .failures
                    .iter()
                    .map(|(kind, count)| (kind.name().to_owned(), *count))
                    .collect(),
                latency: Quantiles::of(&second.latency),
                latency_max_ms: ms(second.latency.max()),
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
        if let Some(gap) = gap(plan, part) {
            between(gap.start / SECOND, to, |at, by| at.1 += by);
        }
    }
    let mut sum = (0, 0);
    let sums = changes[..last as usize].iter().map(|change| {
        sum = (sum.0 + change.0, sum.1 + change.1);
        (sum.0 as u32, sum.1 as u32)
    });
    sums.collect()
}

/// The time of which a part never told, in nanoseconds since T0; `None` for one that has its result.
pub(crate) fn gap(plan: &Plan, part: &Part<'_>) -> Option<std::ops::Range<u64>> {
    let window = &plan.slices[part.slice as usize];
    let from = part.known_until.max(window.from);
    (matches!(part.state, PartState::Lost(_)) && from < window.to).then_some(from..window.to)
}
