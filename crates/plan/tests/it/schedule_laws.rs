//! Tests of the invariants of due times. Each result is compared with a slow and simple computation.

use plan::plan::{Slice, StripeOf, owed, stripe};
use plan::rate::Rate;
use plan::scenario::{OpenPhase, Sampling, Shape, Spacing};
use plan::schedule::Schedule;
use proptest::prelude::*;
use std::time::Duration;

fn seconds(s: u64) -> Duration {
    Duration::from_secs(s)
}

fn per_second(rate: u64) -> Rate {
    Rate::per_second(rate)
}

fn measured(shape: Shape) -> OpenPhase {
    OpenPhase {
        shape,
        sampling: Sampling::Measured,
    }
}

fn check_arrivals(shape: Shape, expected: u64) {
    let schedule = Schedule::new(&[measured(shape.clone())], Spacing::Even, 1);
    assert_eq!(schedule.arrivals(), expected, "{shape:?}");
    assert!(
        schedule.due(expected - 1) < schedule.length(),
        "{shape:?}: the last arrival is due before the end"
    );
}

#[test]
fn every_shape_sends_its_area() {
    check_arrivals(
        Shape::Constant {
            rate: per_second(7_000),
            duration: seconds(3_600),
        },
        25_200_000,
    );
    check_arrivals(
        Shape::Ramp {
            from: Rate::ZERO,
            to: per_second(200),
            ramp_duration: seconds(30),
        },
        3_000,
    );
    check_arrivals(
        Shape::Ramp {
            from: per_second(200),
            to: Rate::ZERO,
            ramp_duration: seconds(30),
        },
        3_000,
    );
    let sustain = Shape::RampSustain {
        from: Rate::ZERO,
        to: per_second(200),
        ramp_duration: seconds(30),
        sustain_duration: seconds(60),
    };
    check_arrivals(sustain, 3_000 + 12_000);
    let steps = vec![
        (per_second(50), seconds(30)),
        (Rate::ZERO, seconds(5)),
        (per_second(100), seconds(60)),
    ];
    check_arrivals(Shape::Step { steps }, 1_500 + 6_000);
    let sine = Shape::Sine {
        mean_rate: per_second(100),
        amplitude: per_second(100),
        period: seconds(60),
        duration: seconds(600),
    };
    check_arrivals(sine, 60_000);
    // The load has twelve spikes of 5 s. The rate is 50/s for 295 s and 500/s for 60 s, because the last interval is
    // cut off.
    let spike = Shape::Spike {
        base_rate: per_second(50),
        spike_rate: per_second(500),
        spike_interval: seconds(30),
        spike_duration: seconds(5),
        duration: seconds(355),
    };
    check_arrivals(spike, 50 * 295 + 500 * 60);
    check_arrivals(
        Shape::Constant {
            rate: Rate::parse("100/min").unwrap(),
            duration: seconds(90),
        },
        150,
    );
    check_arrivals(
        Shape::Constant {
            rate: Rate::MAX,
            duration: seconds(86_400),
        },
        864_000_000_000,
    );
}

#[test]
fn seven_thousand_a_second_for_an_hour_does_not_drift() {
    let shape = Shape::Constant {
        rate: per_second(7_000),
        duration: seconds(3_600),
    };
    let schedule = Schedule::new(&[measured(shape)], Spacing::Even, 1);
    let mut cursor = schedule.cursor();
    for k in (0..25_200_000u64).step_by(9_973).chain([25_199_999]) {
        assert_eq!(
            cursor.at(k).due,
            (u128::from(k) * 1_000_000_000).div_ceil(7_000) as u64,
            "arrival {k}"
        );
    }
    assert!(schedule.due(25_199_999) < 3_600_000_000_000);
}

#[test]
fn the_first_arrival_is_due_when_the_load_begins() {
    for from in [0, 10] {
        let shape = Shape::Ramp {
            from: per_second(from),
            to: per_second(200),
            ramp_duration: seconds(30),
        };
        assert_eq!(Schedule::new(&[measured(shape)], Spacing::Even, 1).due(0), 0);
    }
    let pause = vec![(Rate::ZERO, seconds(3)), (per_second(10), seconds(1))];
    assert_eq!(
        Schedule::new(&[measured(Shape::Step { steps: pause })], Spacing::Even, 1).due(0),
        3_000_000_000
    );
}

#[test]
fn warm_up_and_cool_down_are_not_measured() {
    let unmeasured = |shape| OpenPhase {
        shape,
        sampling: Sampling::Unmeasured,
    };
    let phases = [
        unmeasured(Shape::Ramp {
            from: Rate::ZERO,
            to: per_second(100),
            ramp_duration: seconds(10),
        }),
        measured(Shape::Constant {
            rate: per_second(100),
            duration: seconds(20),
        }),
        unmeasured(Shape::Ramp {
            from: per_second(100),
            to: Rate::ZERO,
            ramp_duration: seconds(2),
        }),
    ];
    let schedule = Schedule::new(&phases, Spacing::Even, 1);
    assert_eq!(schedule.arrivals(), 500 + 2_000 + 100);
    assert_eq!(schedule.measured(), vec![500..2_500]);
    assert_eq!(schedule.measured_length(), 20_000_000_000);
    let slow = schedule_arrivals(&schedule)
        .iter()
        .filter(|arrival| arrival.sampling == Sampling::Measured)
        .count();
    assert_eq!(slow, 2_000);
}

fn schedule_arrivals(schedule: &Schedule) -> Vec<plan::schedule::Arrival> {
    let mut cursor = schedule.cursor();
    (0..schedule.arrivals()).map(|k| cursor.at(k)).collect()
}

fn rate() -> impl Strategy<Value = Rate> {
    prop_oneof![
        Just(Rate::ZERO),
        (1u64..600_000_000).prop_map(Rate::per_1000_hours),
        (1u64..300).prop_map(per_second)
    ]
}

fn length() -> impl Strategy<Value = Duration> {
    (1u64..4_000_000_000).prop_map(Duration::from_nanos)
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        (rate(), length()).prop_map(|(rate, duration)| Shape::Constant { rate, duration }),
        (rate(), rate(), length()).prop_map(|(from, to, ramp_duration)| Shape::Ramp {
            from,
            to,
            ramp_duration
        }),
        (rate(), rate(), length(), length()).prop_map(|(from, to, ramp_duration, sustain_duration)| {
            Shape::RampSustain {
                from,
                to,
                ramp_duration,
                sustain_duration,
            }
        }),
        prop::collection::vec((rate(), length()), 1..4).prop_map(|steps| Shape::Step { steps }),
        (rate(), 0u64..=100, length(), length()).prop_map(|(mean_rate, percent, period, duration)| Shape::Sine {
            mean_rate,
            amplitude: Rate::per_1000_hours(mean_rate.arrivals_per_1000_hours() * percent / 100),
            period,
            duration,
        }),
        (rate(), rate(), length(), 1u64..100, length()).prop_map(
            |(base_rate, spike_rate, interval, percent, duration)| {
                Shape::Spike {
                    base_rate,
                    spike_rate,
                    spike_interval: interval + Duration::from_nanos(100),
                    spike_duration: (interval + Duration::from_nanos(100)) * percent as u32 / 100,
                    duration,
                }
            }
        ),
    ]
}

fn phases() -> impl Strategy<Value = Vec<OpenPhase>> {
    prop::collection::vec((shape(), any::<bool>()), 1..4).prop_map(|phases| {
        phases
            .into_iter()
            .map(|(shape, measured)| OpenPhase {
                shape,
                sampling: if measured {
                    Sampling::Measured
                } else {
                    Sampling::Unmeasured
                },
            })
            .collect()
    })
}

fn spacing() -> impl Strategy<Value = Spacing> {
    prop_oneof![Just(Spacing::Even), Just(Spacing::Poisson)]
}

/// Returns the rate in arrivals per second after `t` seconds. The rate is computed from the definition of the shape.
fn rate_at(shape: &Shape, t: f64) -> f64 {
    let s = |d: &Duration| d.as_secs_f64();
    let r = |rate: &Rate| rate.as_per_second();
    match shape {
        Shape::Constant { rate, .. } => r(rate),
        Shape::Ramp {
            from,
            to,
            ramp_duration,
        } => r(from) + (r(to) - r(from)) * t / s(ramp_duration),
        Shape::RampSustain {
            from,
            to,
            ramp_duration,
            ..
        } => r(from) + (r(to) - r(from)) * (t / s(ramp_duration)).min(1.0),
        Shape::Step { steps } => {
            let mut end = 0.0;
            for (rate, length) in steps {
                end += s(length);
                if t < end {
                    return r(rate);
                }
            }
            0.0
        }
        Shape::Sine {
            mean_rate,
            amplitude,
            period,
            ..
        } => r(mean_rate) + r(amplitude) * (2.0 * std::f64::consts::PI * t / s(period)).sin(),
        Shape::Spike {
            base_rate,
            spike_rate,
            spike_interval,
            spike_duration,
            ..
        } => {
            if t % s(spike_interval) < s(spike_duration) {
                r(spike_rate)
            } else {
                r(base_rate)
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn arrivals_match_a_numerical_integral_of_the_rate(shape in shape()) {
        let schedule = Schedule::new(&[measured(shape.clone())], Spacing::Even, 1);
        let steps = 40_000u32;
        let step = shape.duration().as_secs_f64() / f64::from(steps);
        let mut sum = 0.0;
        for i in 0..steps {
            sum += rate_at(&shape, (f64::from(i) + 0.5) * step) * step;
            if i % 4_001 == 0 || i == steps - 1 {
                let t = (f64::from(i + 1) * step * 1e9) as u64;
                let due = schedule.due_before(t);
                // If the rate jumps within a step of the sum, the error of this step is at most the higher rate times
                // the step.
                let slack = 1.01 + 20.0 * 300.0 * step + sum * 1e-6;
                prop_assert!((due as f64 - sum).abs() <= slack, "{} due before {}, the sum is {}", due, t, sum);
            }
        }
    }

    #[test]
    fn shards_and_slices_tile_the_arrivals(
        phases in phases(),
        spacing in spacing(),
        seed in any::<u64>(),
        shards in 1u32..9,
        cuts in prop::collection::vec(0u64..1_000, 0..4),
    ) {
        let schedule = Schedule::new(&phases, spacing, seed);
        let total = schedule.arrivals();
        let all = schedule_arrivals(&schedule);
        for pair in all.windows(2) {
            prop_assert!(pair[0].due <= pair[1].due, "due times go up: {:?}", pair);
        }
        prop_assert!(all.last().is_none_or(|arrival| arrival.due <= schedule.length()));

        let mut edges: Vec<u64> = cuts.iter().map(|cut| schedule.length() * cut / 1_000).collect();
        edges.extend([0, schedule.length() + 1]);
        edges.sort_unstable();
        let mut seen = vec![false; total as usize];
        for window in edges.windows(2) {
            let arrivals = schedule.due_before(window[0])..schedule.due_before(window[1]);
            let slice = Slice { from: window[0], to: window[1], arrivals: vec![arrivals] };
            for shard in 0..shards {
                let stripe: Vec<_> = stripe(&schedule, &slice, shard, shards).collect();
                prop_assert_eq!(stripe.len() as u64, owed(&slice.arrivals[0], StripeOf { stripe: shard, stripes: shards }));
                for arrival in stripe {
                    prop_assert_eq!(arrival.k % u64::from(shards), u64::from(shard));
                    prop_assert!((window[0]..window[1]).contains(&arrival.due));
                    prop_assert_eq!(arrival, all[arrival.k as usize]);
                    prop_assert!(!std::mem::replace(&mut seen[arrival.k as usize], true), "{} twice", arrival.k);
                }
            }
        }
        prop_assert!(seen.iter().all(|seen| *seen), "every arrival belongs to a shard");
        let slow = all.iter().filter(|arrival| arrival.sampling == Sampling::Measured).count() as u64;
        prop_assert_eq!(schedule.measured().iter().map(|range| range.end - range.start).sum::<u64>(), slow);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arrivals_before_any_instant_match_a_scan(
        phases in phases(),
        spacing in spacing(),
        seed in any::<u64>(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 20),
    ) {
        let schedule = Schedule::new(&phases, spacing, seed);
        let all = schedule_arrivals(&schedule);
        let scan = |t: u64| all.iter().filter(|arrival| arrival.due < t).count() as u64;
        // The tested instants are next to arrivals. There, an error of the integral would change the count by one.
        let dues = places.iter().filter(|_| !all.is_empty()).map(|place| all[place.index(all.len())].due);
        let mut instants: Vec<u64> = dues.flat_map(|due| [due.saturating_sub(1), due, due + 1]).collect();
        instants.extend([0, 1, schedule.length() / 2, schedule.length(), schedule.length() + 1, u64::MAX]);
        let mut counter = schedule.counter();
        for t in &instants {
            prop_assert_eq!(schedule.due_before(*t), scan(*t), "before {}", t);
            prop_assert_eq!(counter.due_before(*t), scan(*t), "before {} with a counter", t);
        }
        instants.sort_unstable();
        for t in &instants {
            prop_assert_eq!(counter.due_before(*t), scan(*t), "before {} in order", t);
        }
        let second = 1_000_000_000;
        let busiest = (0..schedule.length().div_ceil(second)).map(|at| scan((at + 1) * second) - scan(at * second));
        prop_assert_eq!(schedule.busiest_second(), busiest.max().unwrap_or(0));
    }
}

#[test]
fn poisson_gaps_are_exponential_and_the_total_is_exact() {
    let shape = Shape::Constant {
        rate: per_second(1_000),
        duration: seconds(100),
    };
    let schedule = Schedule::new(&[measured(shape)], Spacing::Poisson, 42);
    let all = schedule_arrivals(&schedule);
    assert_eq!(all.len(), 100_000);
    let gaps: Vec<f64> = all
        .windows(2)
        .map(|pair| (pair[1].due - pair[0].due) as f64 / 1e6)
        .collect();
    let n = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / n;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / n;
    assert!((mean - 1.0).abs() < 0.001, "mean gap {mean} ms");
    assert!((variance - 1.0).abs() < 0.03, "variance {variance}");
    for (below, share) in [(0.1, 0.0952), (0.5, 0.3935), (1.0, 0.6321), (3.0, 0.9502)] {
        let seen = gaps.iter().filter(|gap| **gap < below).count() as f64 / n;
        assert!(
            (seen - share).abs() < 0.005,
            "{seen} of the gaps are below {below} ms, {share} expected"
        );
    }
    // In a Poisson process, the variance of the counts per second equals their mean.
    let mut counts = [0f64; 100];
    all.iter()
        .for_each(|arrival| counts[(arrival.due / 1_000_000_000) as usize] += 1.0);
    let dispersion = counts.iter().map(|count| (count - 1_000.0).powi(2)).sum::<f64>() / 100.0 / 1_000.0;
    assert!((0.6..1.6).contains(&dispersion), "index of dispersion {dispersion}");
}
