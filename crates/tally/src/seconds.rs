//! Counts and latencies of each second of a run.
//!
//! Adding two series adds their seconds, exactly and commutatively. The empty series is the identity. Nearly all events
//! happen in the newest second, so [`Seconds::at`] tries the newest second first.

use crate::histogram::Histogram;
use crate::outcome::Failure;
use std::collections::BTreeMap;

/// The counts and latencies of one second of the run. Requests of warm-up and cool-down are included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Second {
    pub counts: SecondCounts,
    /// The latency of the requests that finished in this second.
    pub latency: Histogram,
}

/// Numbers of requests in one second. Each event is counted in the second in which it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecondCounts {
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    /// The numbers of failures by kind. A kind without failures is absent. Workers of older versions do not report
    /// failures by kind.
    pub failures: BTreeMap<Failure, u64>,
    /// The number of retries of the requests that finished in this second. Workers of older versions do not report
    /// retries per second.
    pub retries: u64,
}

impl SecondCounts {
    /// Adds every count of `other` to the same count of `self`.
    pub fn add(&mut self, other: &SecondCounts) {
        self.sent += other.sent;
        self.completed += other.completed;
        self.failed += other.failed;
        self.dropped += other.dropped;
        self.retries += other.retries;
        for (kind, count) in &other.failures {
            *self.failures.entry(*kind).or_default() += count;
        }
    }
}

impl Second {
    /// Adds the counts and latencies of `other` to this second.
    pub fn add(&mut self, other: &Second) {
        self.counts.add(&other.counts);
        self.latency.add(&other.latency);
    }
}

/// The seconds with at least one event, in ascending order. The key of a second is its start in whole seconds since T0,
/// the start of the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seconds(Vec<(u32, Second)>);

impl Seconds {
    /// Returns the second that begins `at` seconds after T0, the start of the run. If the second is absent, an empty
    /// second is inserted.
    #[inline]
    pub fn at(&mut self, at: u32) -> &mut Second {
        let slot = match self.0.last() {
            Some((last, _)) if *last == at => self.0.len() - 1,
            _ => match self.0.binary_search_by_key(&at, |(second, _)| *second) {
                Ok(slot) => slot,
                Err(slot) => {
                    self.0.insert(slot, (at, Second::default()));
                    slot
                }
            },
        };
        &mut self.0[slot].1
    }

    /// Returns the second that begins `at` seconds after T0, the start of the run; `None` if the second has no event.
    pub fn get(&self, at: u32) -> Option<&Second> {
        let slot = self.0.binary_search_by_key(&at, |(second, _)| *second).ok()?;
        Some(&self.0[slot].1)
    }

    /// Returns the second that begins `at` seconds after T0, the start of the run; `None` if the second has no event.
    /// The caller can change the returned second.
    pub(crate) fn get_mut(&mut self, at: u32) -> Option<&mut Second> {
        let slot = self.0.binary_search_by_key(&at, |(second, _)| *second).ok()?;
        Some(&mut self.0[slot].1)
    }

    /// Returns all seconds. Each second is returned with its start in seconds after T0, the start of the run.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, &Second)> {
        self.0.iter().map(|(at, second)| (*at, second))
    }

    /// Removes and returns the seconds that begin before `at` seconds after T0, the start of the run.
    pub(crate) fn take_before(&mut self, at: u32) -> Vec<(u32, Second)> {
        let before = self.0.partition_point(|(second, _)| *second < at);
        self.0.drain(..before).collect()
    }

    /// Packs the histograms of all seconds. Adding values to a packed histogram unpacks it.
    pub fn pack(&mut self) {
        self.0.iter_mut().for_each(|(_, second)| second.latency.pack());
    }

    /// Returns the end of the last second with an event, in seconds after T0, the start of the run.
    pub fn end(&self) -> u32 {
        self.0.last().map_or(0, |(last, _)| last.saturating_add(1))
    }

    /// Adds every second of `other` to the same second of `self`.
    pub fn add(&mut self, other: &Seconds) {
        for (at, second) in other.iter() {
            self.at(at).add(second);
        }
    }
}

impl IntoIterator for Seconds {
    type Item = (u32, Second);
    type IntoIter = std::vec::IntoIter<(u32, Second)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn seconds_equal_an_ordered_map(events in prop::collection::vec((0u32..40, 0u64..5), 0..100)) {
            let (mut ours, mut map) = (Seconds::default(), BTreeMap::<u32, u64>::new());
            for (at, count) in events {
                ours.at(at).counts.sent += count;
                *map.entry(at).or_default() += count;
            }
            prop_assert!(ours.iter().map(|(at, second)| (at, second.counts.sent)).eq(map.clone()));
            prop_assert_eq!(ours.end(), map.keys().next_back().map_or(0, |last| last + 1));
            for at in 0..40 {
                prop_assert_eq!(ours.get(at).map(|second| second.counts.sent), map.get(&at).copied());
            }
            let mut twice = ours.clone();
            twice.add(&ours);
            prop_assert!(twice.iter().all(|(at, second)| second.counts.sent == 2 * map[&at]));
        }
    }
}
