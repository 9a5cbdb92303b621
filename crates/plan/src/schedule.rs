//! The due time of each arrival of an open load.
//!
//! A run is a numbered list of arrivals. Arrival k is due at the time at which the integral of the rate reaches k. The
//! first arrival is due at the beginning of the load. A load of area A has ⌈A⌉ arrivals, and the last arrival is due
//! before the end of the load. The integral continues across the phases of a load, so nothing is rounded at the end of
//! a phase.
//!
//! With Poisson spacing, the arrivals are the order statistics of uniform draws over the area, with one draw for each
//! arrival. The result is a Poisson process whose intensity is the rate of the load, conditioned on its exact number of
//! arrivals. Arrival k is found by halving the range of arrivals repeatedly. The median of n uniform draws is Beta
//! distributed, so each halving needs one draw. The seed and the numbers of the two ends of the range determine this
//! draw. A range of at most [`BLOCK`] arrivals is not halved further, and its arrivals are spaced by normalised
//! exponentials.

use crate::curve::{Curve, QUANTA};
use crate::draw::Stream;
use crate::scenario::{OpenPhase, Sampling, Shape, Spacing};
use std::ops::Range;
use std::time::Duration;

/// The maximum number of arrivals between two neighbouring split points of a schedule with Poisson spacing.
const BLOCK: u64 = 64;

#[derive(Clone, Debug)]
struct Segment {
    curve: Curve,
    sampling: Sampling,
    /// The start of the segment, in nanoseconds since T0, the start of the run.
    start: u64,
    /// The number of quanta before the segment, and the number of quanta before the end of the segment.
    base: u128,
    end: u128,
}

/// The due times of all arrivals of an open load.
#[derive(Clone, Debug)]
pub struct Schedule {
    segments: Vec<Segment>,
    length: u64,
    area: u128,
    spacing: Spacing,
    seed: u64,
}

impl Schedule {
    /// Returns the schedule of a load with these phases.
    pub fn new(phases: &[OpenPhase], spacing: Spacing, seed: u64) -> Schedule {
        let (mut segments, mut start, mut base) = (Vec::new(), 0, 0);
        for phase in phases {
            for curve in curves(&phase.shape) {
                let (length, end) = (curve.length(), base + curve.area());
                segments.push(Segment {
                    curve,
                    sampling: phase.sampling,
                    start,
                    base,
                    end,
                });
                start += length;
                base = end;
            }
        }
        Schedule {
            segments,
            length: start,
            area: base,
            spacing,
            seed,
        }
    }

    /// Returns the number of arrivals.
    pub fn arrivals(&self) -> u64 {
        self.area.div_ceil(QUANTA) as u64
    }

    /// Returns the end of the load, in nanoseconds since T0, the start of the run.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns the total length of the measured phases, in nanoseconds.
    pub fn measured_length(&self) -> u64 {
        self.segments
            .iter()
            .filter(|segment| segment.sampling == Sampling::Measured)
            .map(|segment| segment.curve.length())
            .sum()
    }

    /// Returns the time spans of the measured phases, in nanoseconds since T0, the start of the run.
    pub(crate) fn measured_spans(&self) -> Vec<Range<u64>> {
        self.segments
            .iter()
            .filter(|segment| segment.sampling == Sampling::Measured)
            .map(|segment| segment.start..segment.start + segment.curve.length())
            .collect()
    }

    /// Returns the due time of arrival `k`, in nanoseconds since T0, the start of the run. For many consecutive
    /// arrivals, [`Schedule::cursor`] is faster.
    pub fn due(&self, k: u64) -> u64 {
        self.cursor().at(k).due
    }

    /// Returns the maximum number of arrivals that are due in one second. The seconds are counted from T0, the start of
    /// the run.
    pub fn busiest_second(&self) -> u64 {
        let second = 1_000_000_000;
        let mut counter = self.counter();
        let (mut before, mut most) = (0, 0);
        for edge in 1..=self.length().div_ceil(second) {
            let due = counter.due_before(edge * second);
            most = most.max(due - before);
            before = due;
        }
        most
    }

    /// Returns the number of arrivals that are due before `t`. `t` is in nanoseconds since T0, the start of the run.
    /// For many consecutive times, [`Schedule::counter`] is faster.
    pub fn due_before(&self, t: u64) -> u64 {
        self.counter().due_before(t)
    }

    /// Returns the ranges of the numbers of the measured arrivals.
    pub fn measured(&self) -> Vec<Range<u64>> {
        let mut counter = self.counter();
        let (mut measured, mut from) = (Vec::<Range<u64>>::new(), 0);
        for phases in self.segments.chunk_by(|one, next| one.sampling == next.sampling) {
            let last = &phases[phases.len() - 1];
            let end = counter.within(last.end);
            if last.sampling == Sampling::Measured && from < end {
                match measured.last_mut() {
                    Some(last) if last.end == from => last.end = end,
                    _ => measured.push(from..end),
                }
            }
            from = end;
        }
        measured
    }

    /// Returns a counter of arrivals that is fast for times in ascending order.
    pub fn counter(&self) -> Counter<'_> {
        Counter {
            schedule: self,
            path: vec![self.root()],
            block: 0..0,
            positions: Vec::new(),
        }
    }

    /// Returns a reader of due times that is fast for arrivals with nearby numbers.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor {
            schedule: self,
            block: 0..0,
            positions: Vec::new(),
            segment: 0,
        }
    }

    /// Returns a number of quanta that separates the arrivals: the arrivals due before `t` are below this number, and
    /// all later arrivals are not.
    fn quanta_before(&self, t: u64) -> u128 {
        // Due times are whole nanoseconds, so an arrival that is due before `t` is due at `last` or earlier.
        let Some(last) = t.checked_sub(1) else { return 0 };
        if last >= self.length {
            return self.area;
        }
        let index = self.segments.partition_point(|segment| segment.start <= last);
        let Some(segment) = index.checked_sub(1).and_then(|index| self.segments.get(index)) else {
            return 0;
        };
        let within = last - segment.start;
        let reached = segment.curve.integral(within);
        let base = segment.base + reached;
        // An arrival at exactly `reached` quanta is due at `within` or earlier, unless the rate is zero at this time.
        // If the rate is zero, the arrival is due when the rate rises again, which may be in a later segment.
        if base < segment.end && segment.curve.reach(reached) <= within {
            base + 1
        } else {
            base
        }
    }

    /// Returns the gap that contains all arrivals of a schedule with Poisson spacing.
    fn root(&self) -> ArrivalGap {
        ArrivalGap {
            low: (0, 0.0),
            high: (self.arrivals() + 1, 1.0),
        }
    }

    /// Returns the number of quanta at a position. The position is a share of the area.
    fn quanta_at(&self, position: f64) -> u128 {
        ((position * self.area as f64) as u128).min(self.area - 1)
    }

    /// Returns the number of the order statistic in the middle of a gap, and its position. The position is a share of
    /// the area.
    fn split(&self, interval: &ArrivalGap) -> (u64, f64) {
        let ArrivalGap { low, high } = *interval;
        let middle = low.0 + (high.0 - low.0) / 2;
        let share = Stream::new(self.seed, low.0, high.0).beta((middle - low.0) as f64, (high.0 - middle) as f64);
        (middle, low.1 + (high.1 - low.1) * share)
    }

    /// Computes the block of Poisson arrivals that contains arrival `k`. Returns the numbers of these arrivals, and
    /// writes their positions to `positions`. The positions are shares of the area.
    fn poisson_block(&self, k: u64, positions: &mut Vec<f64>) -> Range<u64> {
        let mut interval = self.root();
        while interval.is_split() {
            let split = self.split(&interval);
            interval = interval.half(split, k + 1 >= split.0);
        }
        self.fill(&interval, positions)
    }

    /// Computes the Poisson arrivals in a gap that is not split further. Returns the numbers of these arrivals, and
    /// writes their positions to `positions`.
    fn fill(&self, interval: &ArrivalGap, positions: &mut Vec<f64>) -> Range<u64> {
        let ArrivalGap { low, high } = *interval;
        let mut stream = Stream::new(self.seed ^ 1, low.0, high.0);
        positions.clear();
        // The split point at the lower end of the gap is an arrival, unless it is the beginning of the load.
        let first = if low.0 > 0 {
            positions.push(low.1);
            low.0 - 1
        } else {
            0
        };
        let gaps: Vec<f64> = (low.0..high.0).map(|_| stream.exponential()).collect();
        let whole: f64 = gaps.iter().sum();
        let mut sum = 0.0;
        for gap in &gaps[..gaps.len() - 1] {
            sum += gap;
            positions.push(low.1 + (high.1 - low.1) * (sum / whole));
        }
        first..first + positions.len() as u64
    }
}

/// The gap between two known Poisson arrivals. Each end of the gap is the number of an order statistic, and its
/// position as a share of the area. The order statistics are numbered from 1. The numbers 0 and n + 1 mean the
/// beginning and the end of the load.
#[derive(Clone, Copy, Debug)]
struct ArrivalGap {
    low: (u64, f64),
    high: (u64, f64),
}

impl ArrivalGap {
    fn is_split(&self) -> bool {
        self.high.0 - self.low.0 > BLOCK
    }

    fn half(&self, split: (u64, f64), upper: bool) -> ArrivalGap {
        if upper {
            ArrivalGap { low: split, ..*self }
        } else {
            ArrivalGap { high: split, ..*self }
        }
    }
}

/// Counts the arrivals before a given time. The counter keeps the halvings of the previous count, so that a count for a
/// nearby time is fast.
#[derive(Debug)]
pub struct Counter<'a> {
    schedule: &'a Schedule,
    /// The gaps that contain the time of the last count. Each gap is one half of the previous gap.
    path: Vec<ArrivalGap>,
    block: Range<u64>,
    positions: Vec<f64>,
}

impl Counter<'_> {
    /// Returns the number of arrivals that are due before `t`. `t` is in nanoseconds since T0, the start of the run.
    pub fn due_before(&mut self, t: u64) -> u64 {
        self.within(self.schedule.quanta_before(t))
    }

    /// Returns the number of arrivals below this number of quanta.
    fn within(&mut self, quanta: u128) -> u64 {
        let schedule = self.schedule;
        match schedule.spacing {
            Spacing::Even => quanta.div_ceil(QUANTA) as u64,
            _ if quanta == 0 => 0,
            _ if quanta >= schedule.area => schedule.arrivals(),
            Spacing::Poisson => self.poisson_within(quanta),
        }
    }

    fn poisson_within(&mut self, quanta: u128) -> u64 {
        let schedule = self.schedule;
        let below = |position: f64| schedule.quanta_at(position) < quanta;
        // Check whether the number of quanta is within the gap. The beginning and the end of the load are not arrivals.
        let arrivals = schedule.arrivals();
        let around = |interval: &ArrivalGap| {
            (interval.low.0 == 0 || below(interval.low.1)) && (interval.high.0 > arrivals || !below(interval.high.1))
        };
        while self.path.len() > 1 && self.path.last().is_some_and(|interval| !around(interval)) {
            self.path.pop();
        }
        let mut interval = self.path.last().copied().unwrap_or_else(|| schedule.root());
        while interval.is_split() {
            let split = schedule.split(&interval);
            interval = interval.half(split, below(split.1));
            self.path.push(interval);
        }
        // A block begins with the arrival at the lower end of its gap, or with the first arrival of the load.
        if self.block.is_empty() || self.block.start != interval.low.0.saturating_sub(1) {
            self.block = schedule.fill(&interval, &mut self.positions);
        }
        self.block.start + self.positions.partition_point(|position| below(*position)) as u64
    }
}

/// One arrival of an open load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The number of the arrival. The first arrival has the number 0.
    pub k: u64,
    /// The due time of the arrival, in nanoseconds since T0, the start of the run.
    pub due: u64,
    pub sampling: Sampling,
}

/// Reads arrivals. The cursor keeps its last position, so that reading an arrival with a nearby number is fast.
#[derive(Debug)]
pub struct Cursor<'a> {
    schedule: &'a Schedule,
    block: Range<u64>,
    positions: Vec<f64>,
    segment: usize,
}

impl Cursor<'_> {
    /// Returns arrival `k`. `k` must be less than the number of arrivals.
    pub fn at(&mut self, k: u64) -> Arrival {
        let schedule = self.schedule;
        debug_assert!(k < schedule.arrivals());
        let quanta = match schedule.spacing {
            Spacing::Even => u128::from(k) * QUANTA,
            Spacing::Poisson => {
                if !self.block.contains(&k) {
                    self.block = schedule.poisson_block(k, &mut self.positions);
                }
                schedule.quanta_at(self.positions[(k - self.block.start) as usize])
            }
        };
        let last = &schedule.segments[self.segment];
        if quanta < last.base || quanta >= last.end {
            // Take the last segment that begins at or before `quanta`. Earlier segments that begin at the same number
            // of quanta are empty.
            self.segment = schedule.segments.partition_point(|segment| segment.base <= quanta) - 1;
        }
        let segment = &schedule.segments[self.segment];
        let due = segment.start + segment.curve.reach(quanta - segment.base);
        Arrival {
            k,
            due,
            sampling: segment.sampling,
        }
    }
}

/// The arrivals of one shard in one slice, in ascending order.
#[derive(Debug)]
pub struct Stripe<'a> {
    cursor: Cursor<'a>,
    next: u64,
    end: u64,
    step: u64,
}

impl<'a> Stripe<'a> {
    /// Returns the arrivals k of `range` with k ≡ `shard` (mod `shards`).
    pub fn new(schedule: &'a Schedule, range: Range<u64>, shard: u32, shards: u32) -> Stripe<'a> {
        let (shard, step) = (u64::from(shard), u64::from(shards));
        let ahead = (shard + step - range.start % step) % step;
        Stripe {
            cursor: schedule.cursor(),
            next: range.start + ahead,
            end: range.end,
            step,
        }
    }
}

impl Iterator for Stripe<'_> {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        if self.next >= self.end {
            return None;
        }
        let arrival = self.cursor.at(self.next);
        self.next += self.step;
        Some(arrival)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end.saturating_sub(self.next).div_ceil(self.step) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Stripe<'_> {}

pub(crate) fn nanos(span: Duration) -> u64 {
    span.as_nanos() as u64
}

fn curves(shape: &Shape) -> Vec<Curve> {
    let line = |from: crate::rate::Rate, to: crate::rate::Rate, length| Curve::Line {
        from: from.arrivals_per_1000_hours(),
        to: to.arrivals_per_1000_hours(),
        length: nanos(length),
    };
    match shape {
        Shape::Constant { rate, duration } => vec![line(*rate, *rate, *duration)],
        Shape::Ramp {
            from,
            to,
            ramp_duration,
        } => vec![line(*from, *to, *ramp_duration)],
        Shape::RampSustain {
            from,
            to,
            ramp_duration,
            sustain_duration,
        } => {
            vec![line(*from, *to, *ramp_duration), line(*to, *to, *sustain_duration)]
        }
        Shape::Step { steps } => steps.iter().map(|(rate, length)| line(*rate, *rate, *length)).collect(),
        Shape::Sine {
            mean_rate,
            amplitude,
            period,
            duration,
        } => vec![Curve::Sine {
            mean: mean_rate.arrivals_per_1000_hours(),
            amplitude: amplitude.arrivals_per_1000_hours(),
            period: nanos(*period),
            length: nanos(*duration),
        }],
        Shape::Spike {
            base_rate,
            spike_rate,
            spike_interval,
            spike_duration,
            duration,
        } => vec![Curve::Spike {
            low: base_rate.arrivals_per_1000_hours(),
            high: spike_rate.arrivals_per_1000_hours(),
            interval: nanos(*spike_interval),
            high_length: nanos(*spike_duration),
            length: nanos(*duration),
        }],
    }
}

impl Shape {
    /// Returns the duration of the shape.
    pub fn duration(&self) -> Duration {
        curves(self)
            .iter()
            .map(|curve| Duration::from_nanos(curve.length()))
            .sum()
    }
}
