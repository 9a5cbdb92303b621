//! The snapshots of one slice, reduced to a few numbers. A chart over time shows these numbers as the line of one
//! worker.
//!
//! A run of a thousand workers has hundreds of thousands of snapshots. The snapshots are merged into the totals of the
//! run, and then only a few numbers of each snapshot are kept. In a long run, only the sums of these numbers over
//! several consecutive snapshots are kept.

use crate::histogram::Histogram;
use crate::ranges::Ranges;
use crate::seconds::SecondCounts;
use crate::snapshot::Snapshot;
use std::collections::BTreeMap;

/// The counts of one worker between two of its snapshots. Requests of warm-up and cool-down are included.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The start and the end of the period between the two snapshots, in nanoseconds since T0, the start of the run.
    pub from: u64,
    pub to: u64,
    pub counts: SecondCounts,
    /// The p99 latency of finished requests, in nanoseconds; `None` if no request finished. If several snapshots are
    /// merged, the value is the largest p99 of these snapshots.
    pub p99: Option<u64>,
    /// The p99 lag of measured requests, in nanoseconds; `None` if no measured request finished. If several snapshots
    /// are merged, the value is the largest p99 of these snapshots.
    pub lag_p99: Option<u64>,
}

impl Stretch {
    /// Returns the counts and percentiles of one snapshot.
    pub fn of(snapshot: &Snapshot) -> Stretch {
        let (mut counts, mut latency, mut lag) = (SecondCounts::default(), Histogram::default(), Histogram::default());
        for (_, second) in snapshot.recorder.seconds.iter() {
            counts.add(&second.counts);
            latency.add(&second.latency);
        }
        for request in &snapshot.recorder.tally.requests {
            lag.add(&request.completed.lag);
            lag.add(&request.failed.lag);
        }
        let p99 = |histogram: &Histogram| (!histogram.is_empty()).then(|| histogram.quantile(990_000));
        Stretch {
            from: snapshot.from,
            to: snapshot.to,
            counts,
            p99: p99(&latency),
            lag_p99: p99(&lag),
        }
    }

    /// Adds the counts of `other` to the counts of `self`. For each percentile, the larger of the two values is kept,
    /// so that outliers remain visible.
    fn add(&mut self, other: &Stretch) {
        (self.from, self.to) = (self.from.min(other.from), self.to.max(other.to));
        self.counts.add(&other.counts);
        self.p99 = self.p99.max(other.p99);
        self.lag_p99 = self.lag_p99.max(other.lag_p99);
    }
}

/// All snapshots of a slice, reduced to a limited number of points. A point is one snapshot, or the sum of several
/// consecutive snapshots. The points do not depend on the order in which the snapshots are added.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    points_max: u32,
    /// The number of snapshots in each point. This number is a power of two.
    together: u32,
    points: BTreeMap<u32, Stretch>,
    numbers: Ranges,
    known: Ranges,
    /// The number and the contents of the snapshot with the highest number.
    last: Option<(u32, Stretch)>,
}

impl Outline {
    /// Returns an empty outline of at most `points_max` points.
    pub fn new(points_max: u32) -> Outline {
        Outline {
            points_max: points_max.max(1),
            together: 1,
            points: BTreeMap::new(),
            numbers: Ranges::default(),
            known: Ranges::default(),
            last: None,
        }
    }

    /// Adds snapshot `n`. Each snapshot must be added once.
    pub fn add(&mut self, n: u32, stretch: Stretch) {
        self.numbers.add(u64::from(n)..u64::from(n) + 1);
        self.known.add(stretch.from..stretch.to);
        if self.last.as_ref().is_none_or(|(last, _)| n > *last) {
            self.last = Some((n, stretch.clone()));
        }
        self.put(n / self.together, stretch);
        // Points are numbered from the first snapshot. The number of snapshots in each point depends only on the
        // highest number of a snapshot.
        while u64::from(self.points_max) * u64::from(self.together) < self.numbers.end() {
            self.together *= 2;
            for (number, point) in std::mem::take(&mut self.points) {
                self.put(number / 2, point);
            }
        }
    }

    fn put(&mut self, number: u32, stretch: Stretch) {
        match self.points.get_mut(&number) {
            Some(point) => point.add(&stretch),
            None => drop(self.points.insert(number, stretch)),
        }
    }

    /// Returns the number of snapshots.
    pub fn len(&self) -> usize {
        self.numbers.count() as usize
    }

    /// Returns whether the outline has no snapshot.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Returns the numbers of the snapshots.
    pub fn numbers(&self) -> &Ranges {
        &self.numbers
    }

    /// Returns the periods that the snapshots cover, in nanoseconds since T0, the start of the run.
    pub fn known(&self) -> &Ranges {
        &self.known
    }

    /// Returns the snapshot with the highest number; `None` if the outline has no snapshot.
    pub fn last(&self) -> Option<&Stretch> {
        self.last.as_ref().map(|(_, stretch)| stretch)
    }

    /// Returns the points in ascending order of time. Each point is one snapshot, or the sum of several consecutive
    /// snapshots.
    pub fn points(&self) -> impl ExactSizeIterator<Item = &Stretch> + Clone {
        self.points.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stretch(n: u32) -> Stretch {
        let counts = SecondCounts {
            sent: u64::from(n),
            ..SecondCounts::default()
        };
        Stretch {
            from: u64::from(n) * 5,
            to: u64::from(n) * 5 + 5,
            counts,
            p99: (!n.is_multiple_of(7)).then(|| u64::from(n * 7919 % 1_000)),
            lag_p99: None,
        }
    }

    proptest! {
        #[test]
        fn an_outline_is_the_same_in_any_order_and_has_few_points(
            numbers in prop::collection::btree_set(1u32..5_000, 1..200),
            points_max in 1u32..40,
        ) {
            let (mut forwards, mut backwards) = (Outline::new(points_max), Outline::new(points_max));
            numbers.iter().for_each(|n| forwards.add(*n, stretch(*n)));
            numbers.iter().rev().for_each(|n| backwards.add(*n, stretch(*n)));
            prop_assert_eq!(&forwards, &backwards);
            prop_assert!(forwards.points().len() <= points_max as usize);
            prop_assert_eq!(forwards.len(), numbers.len());
            prop_assert_eq!(forwards.points().map(|point| point.counts.sent).sum::<u64>(), numbers.iter().copied().map(u64::from).sum::<u64>());
            prop_assert_eq!(forwards.last().cloned(), numbers.last().map(|n| stretch(*n)));
            prop_assert_eq!(forwards.points().filter_map(|point| point.p99).max(), numbers.iter().filter_map(|n| stretch(*n).p99).max());
            // The period of a missing snapshot is not counted as known, even if a point covers this period.
            prop_assert!(numbers.iter().all(|n| forwards.known().has(u64::from(*n) * 5 + 2)));
            prop_assert_eq!(forwards.known().count(), numbers.len() as u64 * 5);
        }
    }
}
