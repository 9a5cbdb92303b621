//! Converts the histograms of vajra-cloud to histograms with fewer and wider buckets, for other systems. In this file,
//! a fine bucket is a bucket of vajra-cloud, and an exported bucket is a bucket of the converted histogram.
//!
//! Invariant: the count of a fine bucket is added to the exported bucket that contains the highest value of the fine
//! bucket. In the report, each quantile is the highest value of a fine bucket. So the exported bucket that
//! `histogram_quantile` selects for a quantile always contains the quantile of the report. A recorded value below a
//! bound is counted above this bound only if the value and the bound agree to three digits.

use tally::histogram::Histogram;

/// The inclusive upper bounds of the exported buckets, in nanoseconds. One additional bucket contains the values above
/// the last bound.
///
/// All histograms have the same bounds, so the exported buckets of several runs, requests and regions can be added.
/// Each bound is at most 1.7 times the previous bound. This ratio limits the error of an interpolated quantile. Each
/// additional bucket would cost a receiver one more series for each request, region and outcome. The first bound is 100
/// us, because answers over a network rarely arrive faster. The last bound is one hour, because vajra-cloud's
/// histograms do not distinguish longer times.
pub const BOUNDS_NS: [u64; 47] = [
    100_000,
    150_000,
    200_000,
    300_000,
    500_000,
    700_000,
    1_000_000,
    1_500_000,
    2_000_000,
    3_000_000,
    5_000_000,
    7_000_000,
    10_000_000,
    15_000_000,
    20_000_000,
    30_000_000,
    50_000_000,
    70_000_000,
    100_000_000,
    150_000_000,
    200_000_000,
    300_000_000,
    500_000_000,
    700_000_000,
    1_000_000_000,
    1_500_000_000,
    2_000_000_000,
    3_000_000_000,
    5_000_000_000,
    7_000_000_000,
    10_000_000_000,
    15_000_000_000,
    20_000_000_000,
    30_000_000_000,
    50_000_000_000,
    70_000_000_000,
    100_000_000_000,
    150_000_000_000,
    200_000_000_000,
    300_000_000_000,
    500_000_000_000,
    700_000_000_000,
    1_000_000_000_000,
    1_500_000_000_000,
    2_000_000_000_000,
    3_000_000_000_000,
    3_600_000_000_000,
];

/// The number of exported buckets: one for each bound, and one above the last bound.
pub const BUCKETS: usize = BOUNDS_NS.len() + 1;

/// Returns the number of values in each exported bucket. The numbers are not cumulative.
pub fn bucket_counts(histogram: &Histogram) -> [u64; BUCKETS] {
    let mut counts = [0; BUCKETS];
    let mut bucket = 0;
    for (highest, count) in histogram.values() {
        while bucket < BOUNDS_NS.len() && highest > BOUNDS_NS[bucket] {
            bucket += 1;
        }
        counts[bucket] += count;
    }
    counts
}

/// Converts a bound from nanoseconds to seconds.
pub fn seconds(bound: u64) -> f64 {
    bound as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tally::histogram::{HIGHEST_NS, highest_equivalent};

    /// Returns the bucket that Prometheus's `histogram_quantile` selects. `histogram_quantile` selects the first bucket
    /// whose cumulative count reaches quantile × count.
    fn picked(counts: &[u64; BUCKETS], quantile: f64) -> usize {
        let rank = quantile * counts.iter().sum::<u64>() as f64;
        let mut seen = 0;
        counts
            .iter()
            .position(|count| {
                seen += count;
                seen as f64 >= rank
            })
            .unwrap()
    }

    proptest! {
        #[test]
        fn every_quantile_of_the_report_is_in_the_bucket_that_prometheus_selects(
            values in prop::collection::vec((0..=HIGHEST_NS, 0u32..24, 1usize..40), 1..120),
        ) {
            let mut histogram = Histogram::default();
            for (value, scale, times) in values {
                (0..times).for_each(|_| histogram.record(value >> scale));
            }
            let counts = bucket_counts(&histogram);
            prop_assert_eq!(counts.iter().sum::<u64>(), histogram.len());
            for millionths in [1, 10_000, 500_000, 750_000, 900_000, 950_000, 990_000, 999_000, 999_900, 1_000_000] {
                let bucket = picked(&counts, f64::from(millionths) / 1e6);
                let value = histogram.quantile(millionths);
                prop_assert!(bucket == 0 || value > BOUNDS_NS[bucket - 1], "{value} in {bucket}");
                prop_assert!(bucket == BOUNDS_NS.len() || value <= BOUNDS_NS[bucket], "{value} in {bucket}");
            }
        }

        #[test]
        fn a_value_is_in_its_own_bucket_or_equals_the_next_to_three_digits(value in 0..=HIGHEST_NS, scale in 0u32..42) {
            let value = value >> scale;
            let mut histogram = Histogram::default();
            histogram.record(value);
            let bucket = bucket_counts(&histogram).iter().position(|count| *count > 0).unwrap();
            let own = BOUNDS_NS.iter().position(|bound| value <= *bound).unwrap();
            prop_assert!(bucket == own || bucket == own + 1 && highest_equivalent(value) > BOUNDS_NS[own]);
            prop_assert!(bucket == own || BOUNDS_NS[own] as f64 <= value as f64 * 1.001);
        }

        #[test]
        fn adding_histograms_adds_their_buckets(left in prop::collection::vec(0..HIGHEST_NS, 0..60), right in prop::collection::vec(0..10_000_000u64, 0..60)) {
            let of = |values: &[u64]| {
                let mut histogram = Histogram::default();
                values.iter().for_each(|value| histogram.record(*value));
                histogram
            };
            let (left, right) = (of(&left), of(&right));
            let mut both = left.clone();
            both.add(&right);
            let added: Vec<u64> = bucket_counts(&left).iter().zip(bucket_counts(&right)).map(|(l, r)| l + r).collect();
            prop_assert_eq!(&bucket_counts(&both)[..], &added[..]);
        }
    }

    #[test]
    fn neighbouring_bounds_differ_by_a_factor_of_at_most_1_7() {
        assert!(
            BOUNDS_NS
                .windows(2)
                .all(|pair| pair[0] < pair[1] && pair[1] * 10 <= pair[0] * 17)
        );
        assert_eq!(BOUNDS_NS.last(), Some(&HIGHEST_NS));
    }
}
