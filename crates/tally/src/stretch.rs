//! The snapshots of one slice in a few numbers: the points of one worker's line over time.
//!
//! A run of a thousand workers has hundreds of thousands of snapshots. They are added up, and of each
//! only this is kept, and of many in a row only their sum.

use crate::histogram::Histogram;
use crate::ranges::Ranges;
use crate::seconds::SecondCounts;
use crate::snapshot::Snapshot;
use std::collections::BTreeMap;

/// What one worker did between two of its snapshots, measured or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The interval in nanoseconds since T0.
    pub from: u64,
    pub to: u64,
    pub counts: SecondCounts,
    /// Latency of what finished in it, in nanoseconds, the largest of its snapshots' own; `None` where nothing did.
    pub p99: Option<u64>,
    /// The same of how late measured requests were sent.
    pub lag_p99: Option<u64>,
}

impl Stretch {
    /// The few numbers of a snapshot.
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

    /// Adds what happened in `other`. Of percentiles the larger stays, which is what stands out.
    fn add(&mut self, other: &Stretch) {
        (self.from, self.to) = (self.from.min(other.from), self.to.max(other.to));
        self.counts.add(&other.counts);
        self.p99 = self.p99.max(other.p99);
        self.lag_p99 = self.lag_p99.max(other.lag_p99);
    }
}

/// All snapshots of a slice, outlined, however many there are. It does not depend on the order in which they come.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    points_max: u32,
    /// How many snapshots are one point, a power of two.
    together: u32,
    points: BTreeMap<u32, Stretch>,
    numbers: Ranges,
    known: Ranges,
    /// The one with the highest number.
    last: Option<(u32, Stretch)>,
}

impl Outline {
    /// An empty outline of at most so many points.
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

    /// Adds snapshot `n`, each once.
    pub fn add(&mut self, n: u32, stretch: Stretch) {
        self.numbers.add(u64::from(n)..u64::from(n) + 1);
        self.known.add(stretch.from..stretch.to);
        if self.last.as_ref().is_none_or(|(last, _)| n > *last) {
            self.last = Some((n, stretch.clone()));
        }
        self.put(n / self.together, stretch);
        // Points are numbered from the first on, so that their number depends on the last alone.
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

    /// How many snapshots there are.
    pub fn len(&self) -> usize {
        self.numbers.count() as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The numbers of the snapshots.
    pub fn numbers(&self) -> &Ranges {
        &self.numbers
    }

    /// The times that they tell of, in nanoseconds since T0.
    pub fn known(&self) -> &Ranges {
        &self.known
    }

    /// The snapshot with the highest number.
    pub fn last(&self) -> Option<&Stretch> {
        self.last.as_ref().map(|(_, stretch)| stretch)
    }

    /// Snapshots in their order, several in a row as one where there are many.
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
            // A gap stays one, in whatever point it lies.
            prop_assert!(numbers.iter().all(|n| forwards.known().has(u64::from(*n) * 5 + 2)));
            prop_assert_eq!(forwards.known().count(), numbers.len() as u64 * 5);
        }
    }
}
