//! The confidence interval of a change, computed from the intervals of both runs.
//!
//! The seconds of a run are not independent, because slow seconds follow each other. So this file draws blocks of
//! consecutive intervals, with replacement, until a draw has as many intervals as the run. The blocks are drawn from a
//! ring, in which the last interval of the run is followed by the first. This method is the circular block bootstrap
//! (Politis and Romano, A Circular Block-Resampling Procedure for Stationary Data, 1992, after Künsch, 1989). The
//! counts of a draw are merged, and the statistic is computed from the merged counts. The change from run A to run B is
//! computed from the statistics of both runs. The standard error of the change is its standard deviation over
//! [`RESAMPLES`] draws. The confidence interval is computed from the standard error:
//!
//! ```text
//! n intervals, l = min(⌈√n⌉, ⌊n/4⌋) in a block, k = n / l blocks
//! half width = t(confidence, ⌊3/2 (k - 1)⌋ degrees) · √(k / (k - 1)) · standard error
//! ```
//! The factor √(k / (k - 1)) widens the interval, because a bootstrap of few blocks gives an interval that is too
//! narrow. The factor t widens the interval because the standard error is itself uncertain (Hesterberg, What Teachers
//! Should Know About the Bootstrap, 2015). Overlapping blocks contain 3/2 times as much information as separate blocks
//! (Meketon and Schmeiser, Overlapping Batch Means, 1984), hence the factor 3/2.
//!
//! Blocks of about √n intervals are longer than the best length for weak dependence. The blocks are long so that a slow
//! period of several intervals does not count as several independent observations. A slow period that is longer than a
//! block still counts as several observations. The rate of false positives was measured in simulations of equal runs.
//! With a correlation of 0.5 between the intervals, false positives were far rarer than the stated rate. The rate was
//! up to 8 in 100 with a correlation of 0.8, and up to 18 in 100 with a correlation of 0.9.
//!
//! If two runs have the same load, they have the same timeline, so the same blocks are drawn from both runs. The error
//! then does not contain changes of the load over time, such as a ramp. The draws are computed by a hash function, so a
//! comparison of the same two runs always gives the same result.

use super::statistic::Subject;
use super::student;
use plan::draw;
use plan::threshold::Statistic;
use std::collections::BTreeSet;
use tally::interval::{Brief, Interval};

/// The minimum number of intervals of a run: four blocks of two intervals.
pub(super) const INTERVALS_MIN: usize = 8;
/// The number of draws. With 2,000 draws, the relative error of a standard error is 1.6 %, the square root of 1 / (2 ·
/// draws).
const RESAMPLES: usize = 2_000;
/// The seed of the draws, an arbitrary constant. The same seed gives the same draws.
const SEED: u64 = 0x7369_6465_2d62_7973;
/// The relative width of a bucket of the histograms, which is the error of a quantile.
const RESOLUTION: f64 = 1.0 / 1_024.0;

/// The draws of a comparison. Every statistic uses the same draws.
#[derive(Debug)]
pub(super) struct Draws {
    /// The first interval of each block, draw after draw, for each of the two runs.
    a: Vec<u32>,
    b: Vec<u32>,
    /// The number of intervals in a block.
    pub block: usize,
    /// The number of blocks in the shorter run.
    blocks: f64,
}

impl Draws {
    /// Returns the draws for two runs with `a` and `b` intervals, each at least [`INTERVALS_MIN`]. If `paired` is true,
    /// both runs get the same draws, and must have the same number of intervals.
    pub(super) fn new(a: usize, b: usize, paired: bool) -> Draws {
        let block = block(a.min(b));
        Draws {
            a: drawn(a, block, 0),
            b: drawn(b, block, u32::from(!paired)),
            block,
            blocks: a.min(b) as f64 / block as f64,
        }
    }

    /// Returns the confidence interval of the change from A to B; `None` if the statistic has no value in one of the
    /// runs or draws. The change of a rate or a latency is relative to A. The change of errors is the difference
    /// between the shares of failed requests.
    pub(super) fn interval(
        &self,
        subject: Subject,
        a: &IntervalSums,
        b: &IntervalSums,
        confidence: f64,
    ) -> Option<(f64, f64)> {
        let center = change(subject, a.value(subject, &a.itself()), b.value(subject, &b.itself()));
        let draws = self.a.chunks_exact(a.intervals.div_ceil(self.block));
        let changes: Vec<f64> = draws
            .zip(self.b.chunks_exact(b.intervals.div_ceil(self.block)))
            .map(|(of_a, of_b)| change(subject, a.value(subject, of_a), b.value(subject, of_b)))
            .collect();
        if !center.is_finite() || changes.iter().any(|change| !change.is_finite()) {
            return None;
        }
        let narrow = (self.blocks / (self.blocks - 1.0)).sqrt();
        let error = (deviation(&changes) * narrow).max(counting_error(subject, a, b));
        let degrees = (1.5 * (self.blocks - 1.0)) as u32;
        let half = student::quantile(confidence, degrees.max(1)) * error;
        Some(match subject {
            Subject::Latency(statistic) => {
                let half = match statistic {
                    Statistic::Quantile { .. } | Statistic::Max => half + RESOLUTION,
                    Statistic::Mean => half,
                };
                ((center - half).exp_m1(), (center + half).exp_m1())
            }
            Subject::Rate | Subject::Errors | Subject::Cost => (center - half, center + half),
        })
    }
}

fn block(intervals: usize) -> usize {
    let root = (intervals as f64).sqrt().ceil() as usize;
    root.min(intervals / 4).max(1)
}

/// Returns, for every draw, the first interval of each block of a run. Two runs with the same `slot` get the same
/// draws.
fn drawn(intervals: usize, block: usize, slot: u32) -> Vec<u32> {
    let blocks = intervals.div_ceil(block);
    let start = |number: usize| {
        let (draw, block) = (number / blocks, number % blocks);
        draw::below(draw::bits(SEED ^ draw as u64, block as u64, slot), intervals as u64) as u32
    };
    (0..blocks * RESAMPLES).map(start).collect()
}

/// Returns the change on a scale on which its error is nearly symmetric. For latencies, this scale is the logarithm of
/// the ratio.
fn change(subject: Subject, a: f64, b: f64) -> f64 {
    match subject {
        Subject::Latency(_) => (b / a).ln(),
        Subject::Errors => b - a,
        Subject::Rate | Subject::Cost => b / a - 1.0,
    }
}

fn deviation(changes: &[f64]) -> f64 {
    let number = changes.len() as f64;
    let mean = changes.iter().sum::<f64>() / number;
    let squares: f64 = changes.iter().map(|change| (change - mean).powi(2)).sum();
    (squares / (number - 1.0)).sqrt()
}

/// Returns the binomial standard error of the shares of failures; zero for other statistics. Without this error, a few
/// failures that are evenly distributed by chance would give an interval that is too narrow.
fn counting_error(subject: Subject, a: &IntervalSums, b: &IntervalSums) -> f64 {
    if subject != Subject::Errors {
        return 0.0;
    }
    let variance = |columns: &IntervalSums| {
        let (failed, sent) = (columns.failed.whole(columns), columns.sent.whole(columns).max(1));
        let share = failed as f64 / sent as f64;
        share * (1.0 - share) / sent as f64
    };
    (variance(a) + variance(b)).sqrt()
}

/// The counts of some requests of a run, as prefix sums over the ring of intervals.
///
/// The sum of a block is the difference of two prefix sums, so a draw is evaluated without merging histograms.
#[derive(Debug)]
pub(super) struct IntervalSums {
    intervals: usize,
    block: usize,
    lengths: Sums,
    sent: Sums,
    completed: Sums,
    failed: Sums,
    /// The prefix sums of the number of latencies, and of the latencies in nanoseconds.
    latencies: Sums,
    added: Sums,
    /// The distinct latencies in nanoseconds, in ascending order.
    values: Vec<u64>,
    /// For each of `values`, the prefix sums of the number of latencies that do not exceed the value.
    up_to: Vec<u64>,
}

/// The prefix sums of a count over the ring of intervals. The sums extend beyond the end of the run by the length of a
/// block.
#[derive(Debug)]
struct Sums(Vec<u64>);

impl Sums {
    fn whole(&self, columns: &IntervalSums) -> u64 {
        self.0[columns.intervals]
    }
}

impl IntervalSums {
    /// Returns the prefix sums of two values of each interval: the counts that `brief` returns, and the measured time
    /// that `length` returns. `block` is the number of intervals of a block.
    pub(super) fn new(
        intervals: &[Interval],
        block: usize,
        brief: impl Fn(&Interval) -> Brief,
        length: impl Fn(&Interval) -> u64,
    ) -> IntervalSums {
        let briefs: Vec<Brief> = intervals.iter().map(brief).collect();
        let sums = |count: &dyn Fn(usize) -> u64| Sums(added_up(briefs.len(), block, count).collect());
        let used: BTreeSet<u64> = briefs
            .iter()
            .flat_map(|brief| brief.latency.values().map(|(value, _)| value))
            .collect();
        let values: Vec<u64> = used.into_iter().collect();
        let mut counted: Vec<_> = briefs.iter().map(|brief| brief.latency.values().peekable()).collect();
        let mut seen = vec![0; briefs.len()];
        let mut up_to = Vec::with_capacity(values.len() * (briefs.len() + block + 1));
        for value in &values {
            for (counted, seen) in counted.iter_mut().zip(&mut seen) {
                if let Some((_, count)) = counted.next_if(|(next, _)| next == value) {
                    *seen += count;
                }
            }
            up_to.extend(added_up(briefs.len(), block, &|at| seen[at]));
        }
        IntervalSums {
            intervals: briefs.len(),
            block,
            lengths: sums(&|at| length(&intervals[at])),
            sent: sums(&|at| briefs[at].sent),
            completed: sums(&|at| briefs[at].completed),
            failed: sums(&|at| briefs[at].failed),
            latencies: sums(&|at| briefs[at].latency.len()),
            added: sums(&|at| (briefs[at].latency.mean() * briefs[at].latency.len() as f64).round() as u64),
            values,
            up_to,
        }
    }

    /// Returns a draw that contains each interval of the run exactly once.
    fn itself(&self) -> Vec<u32> {
        (0..self.intervals as u32).step_by(self.block).collect()
    }

    /// Returns the value of a statistic in a draw. If the draw has no data, the value is zero or not finite.
    fn value(&self, subject: Subject, draw: &[u32]) -> f64 {
        let of = |sums: &Sums| self.total(&sums.0, draw) as f64;
        match subject {
            Subject::Rate => of(&self.completed) / of(&self.lengths),
            Subject::Errors => of(&self.failed) / of(&self.sent),
            Subject::Latency(Statistic::Quantile { millionths }) => self.quantile(millionths, draw) as f64,
            Subject::Latency(Statistic::Max) => self.quantile(1_000_000, draw) as f64,
            Subject::Latency(Statistic::Mean) => of(&self.added) / of(&self.latencies),
            Subject::Cost => f64::NAN,
        }
    }

    /// Returns the ⌈quantile × count⌉-th value of a draw, which is also the definition of a quantile of a histogram in
    /// `tally`.
    fn quantile(&self, millionths: u32, draw: &[u32]) -> u64 {
        let count = u128::from(self.total(&self.latencies.0, draw));
        let wanted = ((count * u128::from(millionths)).div_ceil(1_000_000) as u64).max(1);
        let width = self.intervals + self.block + 1;
        let (mut low, mut high) = (0, self.values.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.total(&self.up_to[middle * width..][..width], draw) < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        self.values.get(low).copied().unwrap_or(0)
    }

    /// Returns the sum over the blocks of a draw. The last block is shortened so that the draw has as many intervals as
    /// the run.
    fn total(&self, sums: &[u64], draw: &[u32]) -> u64 {
        let mut missing = self.intervals;
        let mut total = 0;
        for start in draw {
            let (start, length) = (*start as usize, self.block.min(missing));
            total += sums[start + length] - sums[start];
            missing -= length;
        }
        total
    }
}

/// Returns the prefix sums of `count` over a ring of intervals. The sums extend beyond the end of the run by the length
/// of a block.
fn added_up<'a>(intervals: usize, block: usize, count: &'a dyn Fn(usize) -> u64) -> impl Iterator<Item = u64> + 'a {
    let mut sum = 0;
    (0..=intervals + block).map(move |place| {
        let before = sum;
        sum += count(place % intervals);
        before
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tally::histogram::Histogram;

    fn interval(at: u64) -> Interval {
        let mut latency = Histogram::default();
        (0..50 + 3 * at).for_each(|k| latency.record((k * k + 7 * at) * 10_000));
        let brief = Brief {
            sent: latency.len(),
            completed: latency.len() - at % 3,
            failed: at % 3,
            latency,
        };
        Interval {
            length: 1_000_000_000 + at,
            population_lengths: Vec::new(),
            requests: vec![brief],
            flows: Vec::new(),
        }
    }

    /// The slow but obvious implementation: merges the drawn intervals one by one.
    fn merged(intervals: &[Interval], block: usize, draw: &[u32]) -> Interval {
        let mut merged = Interval::new(1);
        let (mut missing, number) = (intervals.len(), intervals.len());
        for start in draw {
            for place in 0..block.min(missing) {
                merged.add(&intervals[(*start as usize + place) % number]);
            }
            missing = missing.saturating_sub(block);
        }
        merged
    }

    #[test]
    fn a_draw_has_the_values_of_its_merged_intervals() {
        for number in [8, 13, 30] {
            let intervals: Vec<Interval> = (0..number).map(interval).collect();
            let draws = Draws::new(intervals.len(), intervals.len(), true);
            let columns = IntervalSums::new(&intervals, draws.block, Interval::whole, |interval| interval.length);
            let blocks = intervals.len().div_ceil(draws.block);
            let some = draws.a.chunks_exact(blocks).take(20).map(<[u32]>::to_vec);
            for draw in some.chain([columns.itself()]) {
                let merged = merged(&intervals, draws.block, &draw);
                let brief = &merged.requests[0];
                for millionths in [0, 500_000, 990_000, 1_000_000] {
                    let found = columns.quantile(millionths, &draw);
                    // In `tally`, the quantile 0 is the lowest value of its bucket; here it is the highest value of the
                    // bucket.
                    let expected = brief.latency.quantile(millionths.max(1));
                    assert_eq!(found, expected, "{number} {draw:?} {millionths}");
                }
                let near = |subject: Subject, expected: f64| {
                    let found = columns.value(subject, &draw);
                    assert!((found / expected - 1.0).abs() < 1e-9, "{subject:?}: {found} {expected}");
                };
                near(Subject::Latency(Statistic::Mean), brief.latency.mean());
                near(Subject::Rate, brief.completed as f64 / merged.length as f64);
                near(Subject::Errors, brief.failed as f64 / brief.sent as f64);
            }
        }
    }

    #[test]
    fn the_length_of_blocks_follows_the_formula() {
        for (intervals, expected) in [(8, 2), (12, 3), (16, 4), (20, 5), (30, 6), (60, 8), (64, 8)] {
            assert_eq!(block(intervals), expected, "{intervals}");
        }
    }

    #[test]
    fn all_intervals_are_drawn_equally_often() {
        let starts = drawn(30, 6, 0);
        let mut times = [0u32; 30];
        starts.iter().for_each(|start| times[*start as usize] += 1);
        let expected = starts.len() as f64 / 30.0;
        for times in times {
            // The tolerance is five standard deviations of a count whose distribution is nearly Poisson.
            assert!((f64::from(times) - expected).abs() < 5.0 * expected.sqrt(), "{times}");
        }
    }
}
