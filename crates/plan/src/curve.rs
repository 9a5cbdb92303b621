//! The integral of a rate over time, and the inverse of this integral. Both results are integers.
//!
//! Times are in nanoseconds. Integrals are in *quanta*, and one arrival equals [`QUANTA`] quanta. With this number of
//! quanta, the area under a straight line between two rates is a whole number of quanta, if the line is a whole number
//! of nanoseconds long. For lines and spikes, the function `integral` returns the exact value rounded down. For a sine,
//! `integral` uses floating-point numbers, with the same result on every machine. The function `reach(y)` returns the
//! smallest time whose integral is at least y. No value is accumulated step by step, so rounding errors do not add up.

use crate::rate::Rate;

/// The number of quanta of one arrival: the number of nanoseconds in the unit of a rate, times two. The factor two
/// exists because the area of a triangle is half the area of a rectangle.
pub(crate) const QUANTA: u128 = 2 * Rate::UNIT_SECONDS as u128 * 1_000_000_000;

/// The rate of one part of the load as a function of time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Curve {
    /// The rate changes linearly from `from` to `to`. If both rates are equal, the rate is constant.
    Line { from: u64, to: u64, length: u64 },
    /// The rate at time t is `mean + amplitude * sin(2 pi t / period)`.
    Sine {
        mean: u64,
        amplitude: u64,
        period: u64,
        length: u64,
    },
    /// Each interval begins with the rate `high` for the time `high_length`. The remaining part of the interval has the
    /// rate `low`.
    Spike {
        low: u64,
        high: u64,
        interval: u64,
        high_length: u64,
        length: u64,
    },
}

impl Curve {
    pub(crate) fn length(&self) -> u64 {
        match *self {
            Curve::Line { length, .. } | Curve::Sine { length, .. } | Curve::Spike { length, .. } => length,
        }
    }

    /// Returns the integral of the rate over the whole curve.
    pub(crate) fn area(&self) -> u128 {
        self.integral(self.length())
    }

    /// Returns the integral of the rate from the start of the curve to the time `t`.
    pub(crate) fn integral(&self, t: u64) -> u128 {
        match *self {
            Curve::Line { from, to, length } if to >= from => {
                2 * wide(from) * wide(t) + square_over(to - from, t, length).0
            }
            Curve::Line { from, to, length } => {
                let (floor, rest) = square_over(from - to, t, length);
                2 * wide(from) * wide(t) - floor - u128::from(rest)
            }
            Curve::Sine {
                mean,
                amplitude,
                period,
                ..
            } => 2 * wide(mean) * wide(t) + swing(amplitude, period, t % period),
            Curve::Spike {
                low,
                high,
                interval,
                high_length,
                ..
            } => {
                let cycles = wide(t / interval) * spike_cycle(low, high, interval, high_length);
                let within = t % interval;
                cycles
                    + 2 * wide(high) * wide(within.min(high_length))
                    + 2 * wide(low) * wide(within.saturating_sub(high_length))
            }
        }
    }

    /// Returns the smallest time whose integral is at least `quanta`. `quanta` must be less than the area of the curve.
    pub(crate) fn reach(&self, quanta: u128) -> u64 {
        match *self {
            Curve::Line { from, to, .. } if from == to => divide_up(quanta, 2 * wide(from)),
            Curve::Line { from, to, length } => {
                let (b, y) = (2.0 * from as f64, quanta as f64);
                let slope = (to as f64 - from as f64) / length as f64;
                let root = (b * b + 4.0 * slope * y).max(0.0).sqrt();
                let estimate = if b + root > 0.0 { 2.0 * y / (b + root) } else { 0.0 };
                self.refine((estimate as u64).min(length), quanta)
            }
            Curve::Sine {
                mean, period, length, ..
            } => {
                // The area of a whole period equals the mean rate times the period. Bisection finds the time within the
                // period in which the integral reaches `quanta`.
                let cycle = 2 * wide(mean) * wide(period);
                let start = (quanta / cycle) as u64 * period;
                self.bisect(start, length.min(start + period), quanta)
            }
            Curve::Spike {
                low,
                high,
                interval,
                high_length,
                ..
            } => {
                let cycle = spike_cycle(low, high, interval, high_length);
                let start = (quanta / cycle) as u64 * interval;
                let (rest, high_area) = (quanta % cycle, 2 * wide(high) * wide(high_length));
                if rest < high_area {
                    start + divide_up(rest, 2 * wide(high))
                } else {
                    start + high_length + divide_up(rest - high_area, 2 * wide(low))
                }
            }
        }
    }

    /// Returns the exact result of [`Curve::reach`]. `estimate` is a floating-point estimate of this result.
    fn refine(&self, estimate: u64, quanta: u128) -> u64 {
        let mut step = 1;
        if self.integral(estimate) >= quanta {
            let mut reached = estimate;
            while reached > 0 {
                let below = reached.saturating_sub(step);
                if self.integral(below) < quanta {
                    return self.bisect(below, reached, quanta);
                }
                reached = below;
                step *= 2;
            }
            return 0;
        }
        let mut below = estimate;
        loop {
            let reached = (below + step).min(self.length());
            if reached == self.length() || self.integral(reached) >= quanta {
                return self.bisect(below, reached, quanta);
            }
            below = reached;
            step *= 2;
        }
    }

    /// Searches `low..=high` by bisection for the smallest time whose integral is at least `quanta`. The integral of
    /// `high` must be at least `quanta`.
    fn bisect(&self, mut low: u64, mut high: u64, quanta: u128) -> u64 {
        while low < high {
            let middle = low + (high - low) / 2;
            if self.integral(middle) >= quanta {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        high
    }
}

fn wide(value: u64) -> u128 {
    u128::from(value)
}

fn divide_up(quanta: u128, quanta_per_ns: u128) -> u64 {
    quanta.div_ceil(quanta_per_ns) as u64
}

/// Returns `rate * t * t / length` rounded down, and whether the division had a remainder. The result is computed with
/// two divisions, which keep every intermediate result within 128 bits for every permitted rate and length.
fn square_over(rate: u64, t: u64, length: u64) -> (u128, bool) {
    let (t, length) = (wide(t), wide(length));
    let product = wide(rate) * t;
    let (whole, rest) = (product / length, product % length);
    let tail = rest * t;
    (whole * t + tail / length, tail % length != 0)
}

fn spike_cycle(low: u64, high: u64, interval: u64, high_length: u64) -> u128 {
    2 * (wide(high) * wide(high_length) + wide(low) * wide(interval - high_length))
}

/// Returns the part of the integral that the sine contributes up to the time `t` of a period. This part is `amplitude *
/// period / 2 pi * (1 - cos(2 pi t / period))`. The library libm returns the same bits on every machine, so all workers
/// compute the same due times.
fn swing(amplitude: u64, period: u64, t: u64) -> u128 {
    use std::f64::consts::PI;
    let turn = 1.0 - libm::cos(2.0 * PI * (t as f64 / period as f64));
    (2.0 * amplitude as f64 * period as f64 / (2.0 * PI) * turn) as u128
}
