//! Flows, counted. A flow is an arrival of several steps; each step is also counted as a request.
//!
//! The balance of every tally of a finished slice: started = completed + failed + stopped + in flight. Each part is
//! counted on its own.

use crate::histogram::Histogram;
use crate::maps::less;
use crate::request::RequestIndex;
use std::collections::BTreeMap;

/// The index of a flow in its plan, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowIndex(usize);

impl From<usize> for FlowIndex {
    fn from(index: usize) -> FlowIndex {
        FlowIndex(index)
    }
}

impl From<FlowIndex> for usize {
    fn from(flow: FlowIndex) -> usize {
        flow.0
    }
}

/// How a flow ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowEnd {
    /// Its last step ended.
    Completed,
    /// It ended at this step, which failed.
    Failed(RequestIndex),
    /// It ended before this step, which no connection could send within the maximum wait.
    Starved(RequestIndex),
    /// The run was stopped between two of its steps.
    Stopped,
    /// It was still running when the worker had to leave.
    InFlight,
}

/// The measured flows of one name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowTally {
    /// Flows whose first request was sent, and those that ended without any request.
    pub started: u64,
    /// Flows that never started: no connection or session became free within the maximum wait.
    pub dropped: u64,
    pub completed: u64,
    /// By the step that failed; steps that did not fail a flow are absent.
    pub failed: BTreeMap<RequestIndex, u64>,
    /// The part of the failed flows that ended before this step because no connection was free for it.
    pub starved: BTreeMap<RequestIndex, u64>,
    pub stopped: u64,
    pub in_flight: u64,
    /// The flows that ended early, by each step that they would have sent later with any answers.
    pub not_reached: BTreeMap<RequestIndex, u64>,
    /// The sum of the latencies of the steps of a completed flow: without its pauses.
    pub latency: Histogram,
    /// From the due time of a completed flow to the end of its last step, pauses included.
    pub session: Histogram,
}

impl FlowTally {
    /// All failed flows, starved ones included.
    pub fn failed_total(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Counts the end of a flow that was counted as started. `latency` and `session` are in nanoseconds.
    pub fn ended(&mut self, end: FlowEnd, latency: u64, session: u64) {
        match end {
            FlowEnd::Completed => {
                self.completed += 1;
                self.latency.record(latency);
                self.session.record(session);
            }
            FlowEnd::Failed(step) => *self.failed.entry(step).or_default() += 1,
            FlowEnd::Starved(step) => {
                *self.failed.entry(step).or_default() += 1;
                *self.starved.entry(step).or_default() += 1;
            }
            FlowEnd::Stopped => self.stopped += 1,
            FlowEnd::InFlight => self.in_flight += 1,
        }
    }

    /// Adds everything of `other`.
    pub fn add(&mut self, other: &FlowTally) {
        self.started += other.started;
        self.dropped += other.dropped;
        self.completed += other.completed;
        self.stopped += other.stopped;
        self.in_flight += other.in_flight;
        add(&mut self.failed, &other.failed);
        add(&mut self.starved, &other.starved);
        add(&mut self.not_reached, &other.not_reached);
        self.latency.add(&other.latency);
        self.session.add(&other.session);
    }

    /// Numbers the steps from request `first` on instead of from 0.
    pub(crate) fn number_requests_from(&mut self, first: usize) {
        for counts in [&mut self.failed, &mut self.starved, &mut self.not_reached] {
            let steps = std::mem::take(counts).into_iter();
            *counts = steps.map(|(step, count)| (step.after(first), count)).collect();
        }
    }

    /// Returns the difference to `other`; `None` if any count of `other` is higher.
    pub(crate) fn less(&self, other: &FlowTally) -> Option<FlowTally> {
        Some(FlowTally {
            started: self.started.checked_sub(other.started)?,
            dropped: self.dropped.checked_sub(other.dropped)?,
            completed: self.completed.checked_sub(other.completed)?,
            failed: less(&self.failed, &other.failed)?,
            starved: less(&self.starved, &other.starved)?,
            stopped: self.stopped.checked_sub(other.stopped)?,
            in_flight: self.in_flight.checked_sub(other.in_flight)?,
            not_reached: less(&self.not_reached, &other.not_reached)?,
            latency: self.latency.less(&other.latency)?,
            session: self.session.less(&other.session)?,
        })
    }

    /// Whether every started flow has exactly one end.
    pub fn is_balanced(&self) -> bool {
        self.started == self.completed + self.failed_total() + self.stopped + self.in_flight
    }
}

fn add(counts: &mut BTreeMap<RequestIndex, u64>, other: &BTreeMap<RequestIndex, u64>) {
    for (step, count) in other {
        *counts.entry(*step).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn end() -> impl Strategy<Value = FlowEnd> {
        let step = (0usize..4).prop_map(RequestIndex::from);
        prop_oneof![
            Just(FlowEnd::Completed),
            step.clone().prop_map(FlowEnd::Failed),
            step.prop_map(FlowEnd::Starved),
            Just(FlowEnd::Stopped),
            Just(FlowEnd::InFlight),
        ]
    }

    proptest! {
        #[test]
        fn merging_parts_of_flows_equals_recording_the_whole(
            ends in prop::collection::vec((end(), 0..9_000_000_000u64, 0..9_000_000_000u64), 0..60),
            parts in 1usize..5,
        ) {
            let mut whole = FlowTally::default();
            let mut shards = vec![FlowTally::default(); parts];
            for (k, (end, latency, pauses)) in ends.iter().enumerate() {
                for tally in [&mut whole, &mut shards[k % parts]] {
                    tally.started += 1;
                    tally.ended(*end, *latency, latency + pauses);
                }
            }
            prop_assert!(whole.is_balanced());
            let mut merged = FlowTally::default();
            shards.iter().rev().for_each(|shard| merged.add(shard));
            prop_assert_eq!(&merged, &whole);
            let mut others = FlowTally::default();
            shards[1..].iter().for_each(|shard| others.add(shard));
            let left = whole.less(&shards[0]).expect("it is a part");
            prop_assert_eq!((left.started, left.failed_total()), (others.started, others.failed_total()));
            prop_assert_eq!(left.session, others.session);
            if others.started > 0 {
                prop_assert_eq!(shards[0].less(&whole), None);
            }
        }
    }
}
