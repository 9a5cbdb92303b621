//! A histogram of the values from 1 ns to 1 h with three significant digits.
//!
//! The layout is the layout of HdrHistogram: half-buckets of 1,024 linear steps. The first two half-buckets have the
//! same width. Each later half-bucket is twice as wide as the half-bucket before it. The bounds are constants, so all
//! histograms have the same bounds. Adding two histograms therefore adds their counts, exactly and commutatively. The
//! empty histogram is the identity. Percentiles are read from a sum of histograms. Percentiles are never averaged.
//!
//! This type replaces the `hdrhistogram` crate for three reasons. The bounds are part of the type, so a merge cannot
//! fail. A stored histogram can be added to a sum while the stored bytes are decoded. The memory use is low: it is
//! proportional to the spread of the values, or a few bytes per distinct value when the histogram is packed. The tests
//! compare this type with the `hdrhistogram` crate.
//!
//! The source of the layout and of the encoding is HdrHistogram's description of its V2 format.

use crate::payload;

/// The largest value that can be recorded, in nanoseconds: one hour. The limits of timeouts and waits are far below one
/// hour, so the latency of one request never exceeds this maximum. A larger value, such as the session of a long flow,
/// is counted as this maximum.
pub const HIGHEST_NS: u64 = 3_600_000_000_000;
/// The number of significant decimal digits to which a recorded value is exact.
pub const SIGNIFICANT_DIGITS: u8 = 3;

const HALF_BUCKET_BITS: u32 = 10;
const HALF_BUCKET: usize = 1 << HALF_BUCKET_BITS;
/// The number of linear steps in one bucket, and the number of buckets, as HdrHistogram counts them. Each bucket
/// contains the range of the bucket before it, and is twice as wide.
pub const SLOTS_PER_DOUBLING: usize = 2 * HALF_BUCKET;
pub const DOUBLINGS: usize = SLOTS / HALF_BUCKET - 1;
const SUB_BUCKET_MASK: u64 = (2 * HALF_BUCKET as u64) - 1;
/// The number of slots in a histogram: enough whole half-buckets to contain the index of [`HIGHEST_NS`].
pub(crate) const SLOTS: usize = (index_of(HIGHEST_NS) / HALF_BUCKET + 1) * HALF_BUCKET;

/// Returns the index of the slot that counts `value`.
pub(crate) const fn index_of(value: u64) -> usize {
    let bucket = 63 - HALF_BUCKET_BITS - (value | SUB_BUCKET_MASK).leading_zeros();
    ((bucket as usize) << HALF_BUCKET_BITS) + (value >> bucket) as usize
}

/// Returns the smallest value that the slot at `index` counts, and the number of values that share this slot.
const fn range_of(index: usize) -> (u64, u64) {
    if index < 2 * HALF_BUCKET {
        return (index as u64, 1);
    }
    let bucket = (index >> HALF_BUCKET_BITS) - 1;
    let step = (index - (bucket << HALF_BUCKET_BITS)) as u64;
    (step << bucket, 1 << bucket)
}

/// A histogram of values in nanoseconds: a count for each range of values.
#[derive(Clone, Default)]
pub struct Histogram {
    /// The counts, beginning at the index `base`. Memory is allocated only for the range of the recorded values. A
    /// thousand histograms that contain only values of a few milliseconds take little memory.
    counts: Vec<u64>,
    base: usize,
    total: u64,
    /// The counts as an encoded payload. The payload is empty while the counts are in `counts`, that is, while the
    /// histogram is unpacked.
    packed: Box<[u8]>,
}

/// The granularity of the allocated range, in slots. The allocated range starts and ends at a multiple of this number.
const GRAIN: usize = 64;

impl std::fmt::Debug for Histogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Histogram({} values, {}..={} ns)",
            self.total,
            self.min(),
            self.max()
        )
    }
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Histogram) -> bool {
        self.total == other.total && self.buckets().eq(other.buckets())
    }
}

impl Histogram {
    /// Returns the memory that the counts take, in bytes.
    pub fn bytes(&self) -> usize {
        std::mem::size_of_val(self.counts.as_slice()) + self.packed.len()
    }

    /// Packs the counts into their smallest form. A packed histogram takes a few bytes for each distinct value. The
    /// next change of the histogram unpacks the counts.
    pub fn pack(&mut self) {
        if self.counts.is_empty() {
            return;
        }
        let mut packed = Vec::new();
        payload::payload(self.buckets(), &mut packed);
        *self = Histogram {
            packed: packed.into(),
            total: self.total,
            ..Histogram::default()
        };
    }

    /// Returns whether memory for unpacked counts is allocated. Adding a value to a packed histogram first unpacks the
    /// counts.
    pub(crate) fn is_open(&self) -> bool {
        !self.counts.is_empty()
    }

    fn unpack(&mut self) {
        let packed = std::mem::take(&mut self.packed);
        if let Some((first, last)) = ends(&packed) {
            self.reach(first, last);
        }
        for (index, count) in unpacked(&packed) {
            self.counts[index - self.base] = count;
        }
    }

    /// Counts the value `value` once. The value is in nanoseconds. A value above [`HIGHEST_NS`] is counted as
    /// [`HIGHEST_NS`].
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.add_at(index_of(value.min(HIGHEST_NS)), 1);
    }

    #[inline]
    pub(crate) fn add_at(&mut self, index: usize, count: u64) {
        // If `index` is less than `base`, the subtraction wraps to an index far beyond the end.
        let mut slot = index.wrapping_sub(self.base);
        if slot >= self.counts.len() {
            self.reach(index, index);
            slot = index - self.base;
        }
        self.counts[slot] += count;
        self.total += count;
    }

    /// Allocates the counts from index `first` to index `last`.
    pub(crate) fn reach(&mut self, first: usize, last: usize) {
        if !self.packed.is_empty() {
            self.unpack();
        }
        let old = self.base..self.base + self.counts.len();
        let (low, high) = (first / GRAIN * GRAIN, (last / GRAIN + 1) * GRAIN);
        if old.is_empty() {
            (self.base, self.counts) = (low, vec![0; high - low]);
            return;
        }
        if low >= old.start && high <= old.end {
            return;
        }
        // Allocate additional slots on the side that grows, so that later values rarely need a new allocation. The
        // number of additional slots is half the old number of slots.
        let spare = old.len() / 2 / GRAIN * GRAIN;
        let low = if low < old.start {
            low.saturating_sub(spare)
        } else {
            old.start
        };
        let high = if high > old.end {
            (high + spare).min(SLOTS)
        } else {
            old.end
        };
        let mut counts = vec![0; high - low];
        counts[old.start - low..old.end - low].copy_from_slice(&self.counts);
        (self.base, self.counts) = (low, counts);
    }

    /// Adds every count of `other` to this histogram.
    pub fn add(&mut self, other: &Histogram) {
        if other.total == 0 {
            return;
        }
        if let Some((first, last)) = ends(&other.packed) {
            self.reach(first, last);
            for (index, count) in unpacked(&other.packed) {
                self.counts[index - self.base] += count;
            }
            self.total += other.total;
            return;
        }
        self.reach(other.base, other.base + other.counts.len() - 1);
        let offset = other.base - self.base;
        for (mine, theirs) in self.counts[offset..].iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
    }

    /// Returns this histogram minus `other`; `None` if any count of `other` is higher than the same count of this
    /// histogram.
    pub fn less(&self, other: &Histogram) -> Option<Histogram> {
        let mut left = self.clone();
        left.unpack();
        for (index, count) in other.buckets() {
            let slot = left.counts.get_mut(index.checked_sub(left.base)?)?;
            *slot = slot.checked_sub(count)?;
            left.total = left.total.checked_sub(count)?;
        }
        // A default histogram takes no memory for counts.
        Some(if left.is_empty() { Histogram::default() } else { left })
    }

    /// Sets all counts to zero and keeps the allocated memory.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.packed = Box::default();
        self.total = 0;
    }

    /// Returns the number of recorded values.
    pub fn len(&self) -> u64 {
        self.total
    }

    /// Returns whether no value was recorded.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Returns the indices of the slots whose counts are not zero, with these counts, in ascending order of index.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (usize, u64)> {
        let base = self.base;
        self.counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(move |(slot, count)| (base + slot, *count))
            .chain(unpacked(&self.packed))
    }

    /// Returns the highest value of each non-empty bucket in nanoseconds, with the count of the bucket, in ascending
    /// order.
    pub fn values(&self) -> impl Iterator<Item = (u64, u64)> {
        self.buckets().map(|(index, count)| (highest_in(index), count))
    }

    /// Returns the value, in nanoseconds and with three significant digits, that the share `millionths` of all values
    /// does not exceed; 0 if the histogram is empty.
    ///
    /// HdrHistogram defines the quantile in the same way: the result is the highest value of the bucket that contains
    /// the ⌈quantile × count⌉-th value. The quantile 0 is the minimum.
    pub fn quantile(&self, millionths: u32) -> u64 {
        if millionths == 0 {
            return self.min();
        }
        self.at_rank(rank(self.total, millionths))
    }

    /// Returns a quantile of `all` values in nanoseconds. If this histogram has fewer than `all` values, each missing
    /// value counts as 0.
    pub fn quantile_among(&self, all: u64, millionths: u32) -> u64 {
        let others = all.saturating_sub(self.total);
        match rank(all, millionths).checked_sub(u128::from(others)) {
            None | Some(0) => 0,
            Some(rank) => self.at_rank(rank),
        }
    }

    /// Returns the highest value of the bucket that contains the value of this rank; 0 if no value has this rank. Ranks
    /// begin at 1.
    fn at_rank(&self, wanted: u128) -> u64 {
        let mut seen = 0;
        for (index, count) in self.buckets() {
            seen += count;
            if u128::from(seen) >= wanted {
                return highest_in(index);
            }
        }
        0
    }

    /// Returns the sum of all values in nanoseconds. Each value counts as the middle of its bucket. The arithmetic is
    /// exact, so the sum never decreases when values are added.
    pub fn sum(&self) -> u128 {
        self.buckets()
            .map(|(index, count)| {
                let (lowest, width) = range_of(index);
                u128::from(lowest + width / 2) * u128::from(count)
            })
            .sum()
    }

    /// Returns the mean in nanoseconds; 0 if the histogram is empty. Each value counts as the middle of its bucket.
    pub fn mean(&self) -> f64 {
        if self.total == 0 {
            return 0.0;
        }
        self.sum() as f64 / self.total as f64
    }

    /// Returns the largest value in nanoseconds, with three significant digits; 0 if the histogram is empty.
    pub fn max(&self) -> u64 {
        let last = match self.counts.iter().rposition(|count| *count > 0) {
            Some(slot) => Some(self.base + slot),
            None => ends(&self.packed).map(|(_, last)| last),
        };
        last.map_or(0, highest_in)
    }

    /// Returns the smallest value in nanoseconds, with three significant digits; 0 if the histogram is empty.
    pub fn min(&self) -> u64 {
        self.buckets().next().map_or(0, |(index, _)| range_of(index).0)
    }
}

/// Returns the slot indices and the counts of a payload that [`Histogram::pack`] wrote.
fn unpacked(packed: &[u8]) -> impl Iterator<Item = (usize, u64)> {
    payload::counts(packed, SLOTS).map_while(Result::ok)
}

/// Returns the first and the last slot index of a packed payload; `None` if the payload is empty.
fn ends(packed: &[u8]) -> Option<(usize, usize)> {
    unpacked(packed).fold(None, |ends: Option<(usize, usize)>, (index, _)| {
        Some((ends.map_or(index, |(first, _)| first), index))
    })
}

/// Returns the highest value in nanoseconds that is in the same bucket as `value`. The maximum of a histogram and every
/// quantile above 0 are the highest value of a bucket. A limit must be converted with this function before it is
/// compared with a quantile.
pub fn highest_equivalent(value: u64) -> u64 {
    highest_in(index_of(value.min(HIGHEST_NS)))
}

const fn highest_in(index: usize) -> u64 {
    let (lowest, width) = range_of(index);
    lowest + width - 1
}

/// Returns the rank of the value that the share `millionths` of `count` values does not exceed. Ranks begin at 1.
fn rank(count: u64, millionths: u32) -> u128 {
    (u128::from(count) * u128::from(millionths.min(1_000_000))).div_ceil(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram as Oracle;
    use proptest::prelude::*;

    fn oracle() -> Oracle<u64> {
        Oracle::new_with_bounds(1, HIGHEST_NS, SIGNIFICANT_DIGITS).unwrap()
    }

    proptest! {
        #[test]
        fn every_value_equals_the_oracles(values in prop::collection::vec(0..=HIGHEST_NS, 1..200), scale in 0u32..42) {
            let (mut ours, mut theirs) = (Histogram::default(), oracle());
            for value in values {
                ours.record(value >> scale);
                theirs.record(value >> scale).unwrap();
            }
            prop_assert_eq!(ours.len(), theirs.len());
            prop_assert_eq!(ours.max(), theirs.max());
            prop_assert_eq!(ours.min(), theirs.min());
            prop_assert!((ours.mean() - theirs.mean()).abs() <= theirs.mean() * 1e-9);
            for millionths in [0, 1, 500_000, 750_000, 900_000, 990_000, 999_000, 999_900, 1_000_000] {
                prop_assert_eq!(ours.quantile(millionths), theirs.value_at_quantile(f64::from(millionths) / 1e6), "{}", millionths);
            }
        }

        #[test]
        fn adding_in_any_order_equals_recording_the_whole(parts in prop::collection::vec(prop::collection::vec(0..10_000_000_000u64, 0..30), 1..8)) {
            let mut whole = Histogram::default();
            let mut histograms = Vec::new();
            for part in &parts {
                let mut histogram = Histogram::default();
                for value in part {
                    histogram.record(*value);
                    whole.record(*value);
                }
                histograms.push(histogram);
            }
            let (mut forwards, mut backwards) = (Histogram::default(), Histogram::default());
            histograms.iter().for_each(|h| forwards.add(h));
            histograms.iter().rev().for_each(|h| backwards.add(h));
            prop_assert_eq!(&forwards, &whole);
            prop_assert_eq!(&backwards, &whole);
        }

        #[test]
        fn a_packed_histogram_equals_the_unpacked_one(
            mine in prop::collection::vec(0..=HIGHEST_NS, 0..60),
            theirs in prop::collection::vec(0..=HIGHEST_NS, 0..60),
            scale in 0u32..42,
        ) {
            let of = |values: &[u64]| {
                let mut histogram = Histogram::default();
                values.iter().for_each(|value| histogram.record(value >> scale));
                histogram
            };
            let (mine, theirs) = (of(&mine), of(&theirs));
            let packed = |histogram: &Histogram| {
                let mut packed = histogram.clone();
                packed.pack();
                packed
            };
            prop_assert_eq!(&packed(&mine), &mine);
            prop_assert_eq!(&packed(&packed(&mine)), &mine);
            prop_assert!(packed(&mine).bytes() <= 7 * mine.len() as usize);
            for millionths in [0, 500_000, 990_000, 1_000_000] {
                prop_assert_eq!(packed(&mine).quantile(millionths), mine.quantile(millionths));
            }
            let read = |histogram: &Histogram| (histogram.min(), histogram.max(), histogram.sum(), histogram.len());
            prop_assert_eq!(read(&packed(&mine)), read(&mine));
            prop_assert_eq!(crate::encoding::encode(&packed(&mine)), crate::encoding::encode(&mine));
            let mut sum = mine.clone();
            sum.add(&theirs);
            for (mut mine, theirs) in [(packed(&mine), theirs.clone()), (mine.clone(), packed(&theirs)), (packed(&mine), packed(&theirs))] {
                mine.add(&theirs);
                prop_assert_eq!(&mine, &sum);
            }
            prop_assert_eq!(packed(&sum).less(&packed(&mine)), Some(theirs.clone()));
            prop_assert_eq!(mine.less(&packed(&sum)), mine.less(&sum));
            let (mut recorded, mut cleared) = (packed(&mine), packed(&mine));
            theirs.values().for_each(|(value, count)| (0..count).for_each(|_| recorded.record(value)));
            prop_assert_eq!(&recorded, &sum);
            cleared.clear();
            prop_assert_eq!(&cleared, &Histogram::default());
        }
    }

    #[test]
    fn values_keep_three_digits_over_the_whole_range() {
        for exponent in 0..42 {
            let value = (1u64 << exponent) + 1;
            let mut histogram = Histogram::default();
            histogram.record(value.min(HIGHEST_NS));
            let error = histogram.max().abs_diff(value.min(HIGHEST_NS)) as f64 / value as f64;
            assert!(error <= 0.001, "{value}: {error}");
        }
    }

    #[test]
    fn a_value_above_the_range_counts_as_the_highest_value() {
        let mut histogram = Histogram::default();
        histogram.record(u64::MAX);
        assert_eq!(histogram.len(), 1);
        assert!(histogram.max() >= HIGHEST_NS);
    }

    #[test]
    fn a_cleared_histogram_is_the_identity() {
        let mut histogram = Histogram::default();
        histogram.record(5);
        histogram.record(50_000_000);
        histogram.clear();
        assert_eq!(histogram, Histogram::default());
        assert_eq!(histogram.quantile(990_000), 0);
        histogram.record(7);
        assert_eq!(histogram.max(), 7);
    }
}
