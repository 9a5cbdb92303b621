//! A set of whole numbers that is stored as contiguous ranges. The set takes little memory if the numbers have few
//! gaps.

use std::ops::Range;

/// A set of whole numbers as ranges in ascending order. No two of the ranges overlap or touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges(Vec<Range<u64>>);

impl Ranges {
    /// Adds all numbers of a range to the set.
    pub fn add(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let first = self.0.partition_point(|other| other.end < range.start);
        let after = self.0.partition_point(|other| other.start <= range.end);
        let met = &self.0[first..after];
        let start = met.first().map_or(range.start, |other| other.start.min(range.start));
        let end = met.last().map_or(range.end, |other| other.end.max(range.end));
        self.0.splice(first..after, std::iter::once(start..end));
    }

    /// Returns whether the set contains a number.
    pub fn has(&self, number: u64) -> bool {
        let after = self.0.partition_point(|other| other.end <= number);
        self.0.get(after).is_some_and(|other| other.start <= number)
    }

    /// Returns how many numbers the set contains.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// Returns whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns one more than the largest number of the set; 0 if the set is empty.
    pub fn end(&self) -> u64 {
        self.0.last().map_or(0, |last| last.end)
    }

    /// Returns the ranges in ascending order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Range<u64>> {
        self.0.iter().cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn ranges_equal_an_ordered_set(added in prop::collection::vec((0u64..60, 0u64..6), 0..40)) {
            let (mut ours, mut set) = (Ranges::default(), BTreeSet::new());
            for (start, length) in added {
                ours.add(start..start + length);
                set.extend(start..start + length);
            }
            prop_assert_eq!(ours.iter().flatten().collect::<Vec<_>>(), set.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(ours.count(), set.len() as u64);
            prop_assert_eq!(ours.is_empty(), set.is_empty());
            prop_assert_eq!(ours.end(), set.last().map_or(0, |last| last + 1));
            prop_assert!((0..70).all(|number| ours.has(number) == set.contains(&number)));
            let ranges: Vec<Range<u64>> = ours.iter().collect();
            prop_assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start));
        }
    }
}
