//! The intervals of a run, reduced to the data that a comparison of two runs uses.
//!
//! Adding intervals is exact and commutative, and [`Brief::less`] subtracts exactly. The sum of all intervals of a run
//! equals the totals of the run.

use crate::flow::FlowTally;
use crate::histogram::Histogram;
use crate::tally::{FailureLatency, RequestTally, Tally, add_latency};
use crate::waits::OpeningSteps;

/// The maximum number of intervals that are kept of a run. The limit bounds the memory that the intervals take. A
/// comparison draws blocks of consecutive intervals, and the length of a block is about the square root of the number
/// of intervals. More intervals of the same run would therefore make the blocks longer without adding independent
/// intervals.
pub const INTERVALS_MAX: usize = 64;

/// The measured requests or flows with the same name, reduced to counts and latency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Brief {
    /// The number of sent requests, or the number of started flows.
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    /// For completed and failed requests: the end of the request minus its due time, in nanoseconds. For completed
    /// flows: the sum of the latencies of the steps of the flow.
    pub latency: Histogram,
}

impl Brief {
    /// Returns the counts and the latency of all requests with the same name.
    pub fn of(tally: &RequestTally) -> Brief {
        let mut latency = tally.completed.latency.clone();
        latency.add(&tally.failed.latency);
        Brief {
            sent: tally.counts.sent,
            completed: tally.counts.completed,
            failed: tally.counts.failed_total(),
            latency,
        }
    }

    /// Returns the counts and the latency of all flows with the same name.
    pub fn of_flows(tally: &FlowTally) -> Brief {
        Brief {
            sent: tally.started,
            completed: tally.completed,
            failed: tally.failed_total(),
            latency: tally.latency.clone(),
        }
    }

    /// Adds every count of `other` to the same count of `self`.
    pub fn add(&mut self, other: &Brief) {
        self.sent += other.sent;
        self.completed += other.completed;
        self.failed += other.failed;
        self.latency.add(&other.latency);
    }

    /// Returns the counts of `self` minus the counts of `other`; `None` if any count of `other` is higher than the same
    /// count of `self`.
    pub fn less(&self, other: &Brief) -> Option<Brief> {
        Some(Brief {
            sent: self.sent.checked_sub(other.sent)?,
            completed: self.completed.checked_sub(other.completed)?,
            failed: self.failed.checked_sub(other.failed)?,
            latency: self.latency.less(&other.latency)?,
        })
    }
}

/// The measured requests and flows of one interval of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interval {
    /// The length of the measured part of the interval, in nanoseconds. The measured part is the time in which at least
    /// one population is measured.
    pub length: u64,
    /// For each population, in the order of the plan, the time in which the population is measured, in nanoseconds. The
    /// list is empty if the plan has only one population.
    pub population_lengths: Vec<u64>,
    /// The counts of each request, in the order of the plan's requests.
    pub requests: Vec<Brief>,
    /// The counts of each flow, in the order of the plan's flows. The list may be shorter than the plan's list of
    /// flows: the last flows may be absent.
    pub flows: Vec<Brief>,
}

impl Interval {
    /// Returns an empty interval for a plan with this number of requests.
    pub fn new(requests: usize) -> Interval {
        Interval {
            length: 0,
            population_lengths: Vec::new(),
            requests: vec![Brief::default(); requests],
            flows: Vec::new(),
        }
    }

    /// Returns an interval with the counts of a tally. The length of the interval is 0.
    pub fn of(tally: &Tally) -> Interval {
        Interval {
            length: 0,
            population_lengths: Vec::new(),
            requests: tally.requests.iter().map(Brief::of).collect(),
            flows: tally.flows.iter().map(Brief::of_flows).collect(),
        }
    }

    /// Adds the lengths and every count of `other` to this interval.
    pub fn add(&mut self, other: &Interval) {
        self.length += other.length;
        let populations = self.population_lengths.len().max(other.population_lengths.len());
        self.population_lengths.resize(populations, 0);
        for (mine, theirs) in self.population_lengths.iter_mut().zip(&other.population_lengths) {
            *mine += theirs;
        }
        let lists = [(&mut self.requests, &other.requests), (&mut self.flows, &other.flows)];
        for (sums, others) in lists {
            if sums.len() < others.len() {
                sums.resize_with(others.len(), Brief::default);
            }
            sums.iter_mut().zip(others).for_each(|(mine, theirs)| mine.add(theirs));
        }
    }

    /// Packs the histograms of the interval, as [`Histogram::pack`] describes.
    pub fn pack(&mut self) {
        let briefs = self.requests.iter_mut().chain(&mut self.flows);
        briefs.for_each(|brief| brief.latency.pack());
    }

    /// Returns the sum of the counts of all requests.
    pub fn whole(&self) -> Brief {
        let mut whole = Brief::default();
        self.requests.iter().for_each(|request| whole.add(request));
        whole
    }
}

/// Times that were measured in one interval of a run. Comparisons of runs do not use these times. All times are empty
/// if the workers of the run have an older version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IntervalTimes {
    /// For each request, in the order of the plan: the time of the first byte of the answer minus the time when the
    /// request was sent.
    pub first_byte: Vec<Histogram>,
    /// The durations of opening connections to all origins.
    pub openings: OpeningSteps,
    pub failure_latency: FailureLatency,
}

impl IntervalTimes {
    /// Returns the times that `tally` contains.
    pub fn of(tally: &Tally) -> IntervalTimes {
        let mut times = IntervalTimes::default();
        times.add(tally);
        times
    }

    /// Adds the times that `tally` contains to the times of `self`.
    pub fn add(&mut self, tally: &Tally) {
        if self.first_byte.len() < tally.requests.len() {
            self.first_byte.resize_with(tally.requests.len(), Histogram::default);
        }
        for (sum, request) in self.first_byte.iter_mut().zip(&tally.requests) {
            sum.add(&request.first_byte);
        }
        tally.openings.iter().for_each(|(_, origin)| self.openings.add(origin));
        add_latency(&mut self.failure_latency, &tally.failure_latency);
    }

    /// Packs the histograms of these times, as [`Histogram::pack`] describes.
    pub fn pack(&mut self) {
        self.first_byte.iter_mut().for_each(Histogram::pack);
        self.openings.pack();
        self.failure_latency.values_mut().for_each(Histogram::pack);
    }
}

/// The measurements of a run over time, in intervals of equal length. The first interval begins at T0, the common start
/// time of all workers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The length of each interval, in nanoseconds; 0 if no interval was kept.
    pub width: u64,
    /// The counts of each interval. The field [`Interval::length`] of these intervals is not set.
    pub intervals: Vec<Interval>,
    /// The times of each interval. Comparisons of runs do not use these times.
    pub times: Vec<IntervalTimes>,
    /// For each interval, the sum of the largest numbers of connections that each worker had open in the interval. The
    /// sum is `None` if no worker reported this number.
    pub connections: Vec<Option<u64>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn brief(values: &[u64]) -> Brief {
        let mut latency = Histogram::default();
        values.iter().for_each(|value| latency.record(*value));
        Brief {
            sent: values.len() as u64 + 1,
            completed: values.len() as u64 / 2,
            failed: values.len() as u64 - values.len() as u64 / 2,
            latency,
        }
    }

    proptest! {
        #[test]
        fn subtracting_undoes_adding(
            mine in prop::collection::vec(0..10_000_000_000u64, 0..40),
            theirs in prop::collection::vec(0..10_000_000_000u64, 0..40),
        ) {
            let (mine, theirs) = (brief(&mine), brief(&theirs));
            let mut sum = mine.clone();
            sum.add(&theirs);
            prop_assert_eq!(sum.less(&theirs), Some(mine.clone()));
            prop_assert_eq!(sum.less(&mine), Some(theirs.clone()));
            prop_assert_eq!(mine.less(&sum), None);
        }
    }

    #[test]
    fn subtracting_more_than_was_counted_fails() {
        let (low, high) = (brief(&[5, 6]), brief(&[5_000_000_000, 6]));
        assert_eq!(low.less(&high), None);
        assert_eq!(high.less(&low), None);
        assert_eq!(low.less(&Brief::default()), Some(low.clone()));
    }
}
