//! Counts of flows. An arrival of a flow sends several requests, called steps, one after another. The counts of
//! requests include each request of a flow.
//!
//! Every tally of a finished slice is balanced: started = completed + failed + stopped + in flight. Each of these five
//! numbers is counted separately.

use crate::histogram::Histogram;
use crate::maps::less;
use crate::request::RequestIndex;
use std::collections::BTreeMap;

/// The index of a flow in the plan that contains the flow. The first flow has the index 0.
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
    /// The last step of the flow completed.
    Completed,
    /// The flow ended because this step failed.
    Failed(RequestIndex),
    /// The flow ended before this step because no connection became free within the maximum wait.
    Starved(RequestIndex),
    /// The flow ended between two steps because the run was stopped.
    Stopped,
    /// The flow was still in progress when the worker ended.
    InFlight,
}

/// The counts and times of all measured flows with the same name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowTally {
    /// The number of flows that sent their first request, or that ended without sending any request.
    pub started: u64,
    /// The number of flows that never started because no connection or session became free within the maximum wait.
    pub dropped: u64,
    pub completed: u64,
    /// For each step, the number of flows that failed because this step failed. A step that did not fail any flow is
    /// absent.
    pub failed: BTreeMap<RequestIndex, u64>,
    /// For each step, the number of flows that ended because no connection became free for this step. `failed` includes
    /// these flows.
    pub starved: BTreeMap<RequestIndex, u64>,
    pub stopped: u64,
    pub in_flight: u64,
    /// For each step, the number of flows that ended before they sent this step. A flow is counted only if it would
    /// have sent the step with every possible answer to its earlier steps.
    pub not_reached: BTreeMap<RequestIndex, u64>,
    /// For each completed flow, the sum of the latencies of its steps. Pauses between steps are not included.
    pub latency: Histogram,
    /// For each completed flow, the time from its due time to the end of its last step. Pauses between steps are
    /// included.
    pub session: Histogram,
}

impl FlowTally {
    /// Returns the number of failed flows. Flows that ended because no connection became free are included.
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

    /// Adds all counts and histograms of `other` to this tally.
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

    /// Adds `first` to the request index of every step.
    pub(crate) fn number_requests_from(&mut self, first: usize) {
        for counts in [&mut self.failed, &mut self.starved, &mut self.not_reached] {
            let steps = std::mem::take(counts).into_iter();
            *counts = steps.map(|(step, count)| (step.after(first), count)).collect();
        }
    }

    /// Returns this tally minus `other`; `None` if any count of `other` is higher than the same count of this tally.
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

    /// Returns whether the number of started flows equals the sum of the completed, failed, stopped and unfinished
    /// flows.
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
