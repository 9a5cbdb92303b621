//! The confidence interval of a change, computed from the runs' own intervals.
//!
//! The seconds of a run are not independent: slow seconds follow each other. So blocks of consecutive intervals are
//! drawn with replacement from a run that is closed to a ring (the circular block bootstrap: Politis and Romano, A
//! Circular Block-Resampling Procedure for Stationary Data, 1992, after Künsch, 1989), until a draw has as many
//! intervals as the run. The statistic is computed from their merged counts, and from it the change from A to B. The
//! deviation of that change over [`RESAMPLES`] draws is its standard error, which gives the interval:
//!
//! ```text
//! n intervals, l = min(⌈√n⌉, ⌊n/4⌋) in a block, k = n / l blocks
//! half width = t(confidence, ⌊3/2 (k - 1)⌋ degrees) · √(k / (k - 1)) · standard error
//! ```
//! The root widens the interval because a bootstrap of few blocks is too narrow, and t widens it because its width is
//! itself uncertain (Hesterberg, What Teachers Should Know About the Bootstrap, 2015). Overlapping blocks contain half
//! as much information again as separate ones (Meketon and Schmeiser, Overlapping Batch Means, 1984), hence 3/2.
//!
//! Blocks of about √n are longer than the best length for weak dependence, because a slow period of several intervals
//! must not count as independent observations. A period longer than a block still does: among simulated equal runs
//! whose intervals are correlated by 0.5, false positives are far rarer than the stated rate; by 0.8, up to 8 in 100;
//! by 0.9, up to 18.
//!
//! Runs of the same load have the same timeline, so the same blocks are drawn from both: changes of the load over time,
//! such as a ramp, are then not noise. Draws are hashes, so the same two runs always give the same result.

use super::statistic::Subject;
use super::student;
use plan::draw;
use plan::threshold::Statistic;
use std::collections::BTreeSet;
use tally::interval::{Brief, Interval};

/// The minimum number of intervals: four blocks of two.
pub(super) const INTERVALS_MIN: usize = 8;
/// The number of draws. The relative error of a standard error from 2,000 draws is 1.6 %, the root of 1 / (2 · draws).
const RESAMPLES: usize = 2_000;
/// An arbitrary constant; the same seed gives the same draws.
const SEED: u64 = 0x7369_6465_2d62_7973;
/// The relative resolution of histograms, which is the error of a quantile.
const RESOLUTION: f64 = 1.0 / 1_024.0;

/// The draws of a comparison, used for every statistic.
#[derive(Debug)]
pub(super) struct Draws {
    /// The first intervals of the blocks of each run, draw by draw.
    a: Vec<u32>,
    b: Vec<u32>,
    /// The number of intervals in a block.
    pub block: usize,
    /// The number of blocks in the shorter run.
    blocks: f64,
}

impl Draws {
    /// Returns the draws for runs with `a` and `b` intervals, each at least [`INTERVALS_MIN`]. With `paired`, both runs
    /// get the same draws and must have the same number of intervals.
    pub(super) fn new(a: usize, b: usize, paired: bool) -> Draws {
        let block = block(a.min(b));
        Draws {
            a: drawn(a, block, 0),
            b: drawn(b, block, u32::from(!paired)),
            block,
            blocks: a.min(b) as f64 / block as f64,
        }
    }

    /// Returns the confidence interval of the change from A to B: for rates and latencies as a share of A, for errors
    /// as the difference of shares. `None` if a draw has no value.
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

/// Returns the first intervals of the blocks of a run, for every draw. Runs with the same `slot` get the same draws.
fn drawn(intervals: usize, block: usize, slot: u32) -> Vec<u32> {
    let blocks = intervals.div_ceil(block);
    let start = |number: usize| {
        let (draw, block) = (number / blocks, number % blocks);
        draw::below(draw::bits(SEED ^ draw as u64, block as u64, slot), intervals as u64) as u32
    };
    (0..blocks * RESAMPLES).map(start).collect()
}

/// Returns the change on a scale on which its error is nearly symmetric: for latencies, the logarithm of the ratio.
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

/// Returns the binomial standard error of the shares of failures; zero for other statistics. A few failures that are
/// evenly distributed by chance must not give a narrow interval.
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
/// A block is the difference of two sums, so a draw is evaluated without merging histograms.
#[derive(Debug)]
pub(super) struct IntervalSums {
    intervals: usize,
    block: usize,
    lengths: Sums,
    sent: Sums,
    completed: Sums,
    failed: Sums,
    /// The number of latencies, and their sum in nanoseconds.
    latencies: Sums,
    added: Sums,
    /// The distinct latencies in nanoseconds, in ascending order.
    values: Vec<u64>,
    /// For each of `values`, the prefix sums of the number of latencies up to it.
    up_to: Vec<u64>,
}

/// The prefix sums of a count over the intervals. The ring continues for the length of a block.
#[derive(Debug)]
struct Sums(Vec<u64>);

impl Sums {
    fn whole(&self, columns: &IntervalSums) -> u64 {
        self.0[columns.intervals]
    }
}

impl IntervalSums {
    /// Returns the columns of the requests that `brief` selects from each interval, for blocks of `block` intervals.
    pub(super) fn new(intervals: &[Interval], block: usize, brief: impl Fn(&Interval) -> Brief) -> IntervalSums {
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
            lengths: sums(&|at| intervals[at].length),
            sent: sums(&|at| briefs[at].sent),
            completed: sums(&|at| briefs[at].completed),
            failed: sums(&|at| briefs[at].failed),
            latencies: sums(&|at| briefs[at].latency.len()),
            added: sums(&|at| (briefs[at].latency.mean() * briefs[at].latency.len() as f64).round() as u64),
            values,
            up_to,
        }
    }

    /// Returns the draw that equals the run.
    fn itself(&self) -> Vec<u32> {
        (0..self.intervals as u32).step_by(self.block).collect()
    }

    /// Returns the value of a statistic in a draw; not finite, or zero, if the draw has no data.
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

    /// Returns a quantile as `tally`'s histograms do: the ⌈quantile × count⌉-th value.
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

    /// Returns the sum over the blocks of a draw. The last block is cut to the number of intervals.
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

/// Returns the prefix sums of `count` over a ring of intervals, up to a block beyond its end.
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
            requests: vec![brief],
            flows: Vec::new(),
        }
    }

    /// The oracle: merges intervals one by one.
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
            let columns = IntervalSums::new(&intervals, draws.block, Interval::whole);
            let blocks = intervals.len().div_ceil(draws.block);
            let some = draws.a.chunks_exact(blocks).take(20).map(<[u32]>::to_vec);
            for draw in some.chain([columns.itself()]) {
                let merged = merged(&intervals, draws.block, &draw);
                let brief = &merged.requests[0];
                for millionths in [0, 500_000, 990_000, 1_000_000] {
                    let found = columns.quantile(millionths, &draw);
                    // The quantile 0 is the lowest value of its bucket in `tally`, and the highest here.
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
            // Five standard deviations of a count that is nearly Poisson.
            assert!((f64::from(times) - expected).abs() < 5.0 * expected.sqrt(), "{times}");
        }
    }
}
