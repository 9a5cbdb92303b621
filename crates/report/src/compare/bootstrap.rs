//! How far off a change can be, from the runs' own intervals.
//!
//! Seconds of a run are not independent: a slow one is followed by slow ones. So whole blocks of
//! consecutive intervals are drawn, with replacement, from a run closed to a ring (the circular
//! block bootstrap: Politis and Romano, A Circular Block-Resampling Procedure for Stationary Data,
//! 1992, after Künsch, 1989), until there are as many intervals as before; the statistic is asked of
//! their merged counts, and the change from A to B computed. The spread of that change over
//! [`RESAMPLES`] draws is its standard error, from which the interval is made:
//!
//! ```text
//! n intervals, l = min(⌈√n⌉, ⌊n/4⌋) in a block, k = n / l blocks
//! half width = t(confidence, ⌊3/2 (k - 1)⌋ degrees) · √(k / (k - 1)) · standard error
//! ```
//! The root undoes that a bootstrap of few blocks is too narrow, and t that its width is itself
//! uncertain (Hesterberg, What Teachers Should Know About the Bootstrap, 2015). Blocks that overlap
//! tell half as much again as blocks that do not (Meketon and Schmeiser, Overlapping Batch Means,
//! 1984), hence 3/2. Blocks of about √n are longer than would be best for weak dependence: a slow
//! stretch of several intervals must not look like several witnesses. What lasts longer than a block
//! still does: of made-up equal runs whose intervals are correlated by 0.5, far fewer are told apart
//! than the stated rate allows, by 0.8 up to 8 in 100, by 0.9 up to 18.
//!
//! Runs of the same load have the same timeline, so the same blocks are drawn of both: then what the
//! load itself does over time, such as a ramp, is no noise. Draws are hashes, so the same two runs
//! compare the same every time.

use super::statistic::Subject;
use super::student;
use plan::draw;
use plan::threshold::Statistic;
use std::collections::BTreeSet;
use tally::interval::{Brief, Interval};

/// With fewer intervals there are fewer than four blocks of two, which say nothing.
pub(super) const INTERVALS_MIN: usize = 8;
/// A standard error from so many draws is itself off by 1.6 %, the root of 1 / (2 · draws).
const RESAMPLES: usize = 2_000;
/// Any number does; the same one makes the same draws.
const SEED: u64 = 0x7369_6465_2d62_7973;
/// Histograms tell values apart that differ by this share, so quantiles are off by as much.
const RESOLUTION: f64 = 1.0 / 1_024.0;

/// The draws of a comparison: made once, and asked of every statistic.
#[derive(Debug)]
pub(super) struct Draws {
    /// Where the blocks of each run begin, draw by draw.
    a: Vec<u32>,
    b: Vec<u32>,
    /// Intervals in a block.
    pub block: usize,
    /// Blocks in a run, of the run that has fewer.
    blocks: f64,
}

impl Draws {
    /// Draws for runs of so many intervals, each at least [`INTERVALS_MIN`]; `paired` draws the same
    /// of both, which must then have as many.
    pub(super) fn new(a: usize, b: usize, paired: bool) -> Draws {
        let block = block(a.min(b));
        Draws {
            a: drawn(a, block, 0),
            b: drawn(b, block, u32::from(!paired)),
            block,
            blocks: a.min(b) as f64 / block as f64,
        }
    }

    /// The change from A to B between which limits, with this confidence: of rates and latencies as a
    /// share of A, of errors as the difference of shares. `None` where some draws have no value.
    pub(super) fn interval(&self, subject: Subject, a: &Columns, b: &Columns, confidence: f64) -> Option<(f64, f64)> {
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

/// Where the blocks of a run of so many intervals begin, for every draw. Runs with the same `slot`
/// get the same.
fn drawn(intervals: usize, block: usize, slot: u32) -> Vec<u32> {
    let blocks = intervals.div_ceil(block);
    let start = |number: usize| {
        let (draw, block) = (number / blocks, number % blocks);
        draw::below(draw::bits(SEED ^ draw as u64, block as u64, slot), intervals as u64) as u32
    };
    (0..blocks * RESAMPLES).map(start).collect()
}

/// The change on the scale on which it is about as likely to be too large as too small: of latencies
/// the logarithm of the ratio.
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

/// What a share of failures is off by for the number of requests alone: a few failures that happen
/// to lie evenly must not look certain.
fn counting_error(subject: Subject, a: &Columns, b: &Columns) -> f64 {
    if subject != Subject::Errors {
        return 0.0;
    }
    let variance = |columns: &Columns| {
        let (failed, sent) = (columns.failed.whole(columns), columns.sent.whole(columns).max(1));
        let share = failed as f64 / sent as f64;
        share * (1.0 - share) / sent as f64
    };
    (variance(a) + variance(b)).sqrt()
}

/// What happened to some requests of a run, interval by interval, laid out so that a draw is asked
/// without merging a histogram: every number as sums from the beginning of the ring, so that a block
/// is a difference of two.
#[derive(Debug)]
pub(super) struct Columns {
    intervals: usize,
    block: usize,
    lengths: Sums,
    sent: Sums,
    completed: Sums,
    failed: Sums,
    /// Latencies, and all of them added up in nanoseconds.
    latencies: Sums,
    added: Sums,
    /// Every latency that occurs, in nanoseconds, upwards.
    values: Vec<u64>,
    /// For each of `values`, one after another, the latencies up to it.
    up_to: Vec<u64>,
}

/// What each interval has of something, added up from the first on; the ring goes on for as long as
/// a block.
#[derive(Debug)]
struct Sums(Vec<u64>);

impl Sums {
    fn whole(&self, columns: &Columns) -> u64 {
        self.0[columns.intervals]
    }
}

impl Columns {
    /// Lays out what `brief` picks of each interval, for draws of `block` intervals at once.
    pub(super) fn new(intervals: &[Interval], block: usize, brief: impl Fn(&Interval) -> Brief) -> Columns {
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
        Columns {
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

    /// The draw that is the run itself.
    fn itself(&self) -> Vec<u32> {
        (0..self.intervals as u32).step_by(self.block).collect()
    }

    /// What a draw says; not a finite number, or zero, where it has nothing to say it from.
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

    /// As `tally`'s histograms read it: the value of the ⌈quantile × count⌉-th.
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

    /// What the blocks of a draw have together; the last of them is cut to what is missing.
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

/// Sums from the beginning of a ring of so many intervals, until a block beyond its end.
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
        }
    }

    /// The slow and obvious way: intervals are merged one by one.
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
    fn a_draw_says_what_its_merged_intervals_say() {
        for number in [8, 13, 30] {
            let intervals: Vec<Interval> = (0..number).map(interval).collect();
            let draws = Draws::new(intervals.len(), intervals.len(), true);
            let columns = Columns::new(&intervals, draws.block, Interval::whole);
            let blocks = intervals.len().div_ceil(draws.block);
            let some = draws.a.chunks_exact(blocks).take(20).map(<[u32]>::to_vec);
            for draw in some.chain([columns.itself()]) {
                let merged = merged(&intervals, draws.block, &draw);
                let brief = &merged.requests[0];
                for millionths in [0, 500_000, 990_000, 1_000_000] {
                    let found = columns.quantile(millionths, &draw);
                    // The quantile 0 is the lowest value of its bucket there, and the highest here.
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
    fn blocks_are_as_long_as_their_formula_says() {
        for (intervals, expected) in [(8, 2), (12, 3), (16, 4), (20, 5), (30, 6), (60, 8), (64, 8)] {
            assert_eq!(block(intervals), expected, "{intervals}");
        }
    }

    #[test]
    fn every_interval_is_drawn_as_often_as_any_other() {
        let starts = drawn(30, 6, 0);
        let mut times = [0u32; 30];
        starts.iter().for_each(|start| times[*start as usize] += 1);
        let expected = starts.len() as f64 / 30.0;
        for times in times {
            // Five deviations of a count that is nearly Poisson.
            assert!((f64::from(times) - expected).abs() < 5.0 * expected.sqrt(), "{times}");
        }
    }
}
