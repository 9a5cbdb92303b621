//! Simulated runs. Each request is simulated: latencies are log-normal, and the number of requests in an interval is
//! nearly Poisson. The pace of each interval is correlated with the pace of the previous interval.

use plan::draw;
use plan::rate::Rate;
use plan::scenario::{Load, OpenPhase, Sampling, Shape, Spacing};
use report::compare::sample::{Arrivals, RunSample};
use report::verdict::Verdict;
use std::f64::consts::TAU;
use std::time::Duration;
use tally::interval::{Brief, Interval};

const SECOND: u64 = 1_000_000_000;
/// The median latency. The next constant is the standard deviation of the logarithm of the latency.
const MEDIAN_NS: f64 = 8e6;
const SPREAD: f64 = 0.5;

/// A source of random numbers with a seed.
pub(crate) struct Dice {
    seed: u64,
    thrown: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice { seed, thrown: 0 }
    }

    /// Returns a random number with a uniform distribution in the open interval (0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        self.thrown += 1;
        ((draw::bits(self.seed, self.thrown, 0) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Returns a random number with a standard normal distribution.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (TAU * self.unit()).cos()
    }
}

/// The parameters of a simulated run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nature {
    pub intervals: usize,
    /// The mean number of requests in an interval.
    pub requests: f64,
    pub names: usize,
    /// The factor by which all latencies are multiplied.
    pub slower: f64,
    pub failing: f64,
    /// The standard deviation of the pace of an interval. The next field is the correlation of two successive
    /// intervals.
    pub moody: f64,
    pub lasting: f64,
    /// Whether the load rises from half of its mean to one and a half times its mean. The latency rises by the same
    /// factor.
    pub ramp: bool,
}

impl Nature {
    /// Returns the parameters of a run against a target with usual variations.
    pub(crate) fn ordinary(intervals: usize, requests: f64) -> Nature {
        Nature {
            intervals,
            requests,
            names: 1,
            slower: 1.0,
            failing: 0.005,
            moody: 0.02,
            lasting: 0.5,
            ramp: false,
        }
    }
}

/// Simulates a run, and returns its sample.
pub(crate) fn run(name: &str, nature: Nature, seed: u64) -> RunSample {
    let mut dice = Dice::new(seed);
    let mut mood = dice.normal();
    let intervals: Vec<Interval> = (0..nature.intervals)
        .map(|at| {
            mood = nature.lasting * mood + (1.0 - nature.lasting.powi(2)).sqrt() * dice.normal();
            let load = match nature.ramp {
                true => 0.5 + at as f64 / nature.intervals as f64,
                false => 1.0,
            };
            interval(&mut dice, nature, load, (nature.moody * mood).exp())
        })
        .collect();
    sample(name, nature.names, intervals)
}

fn interval(dice: &mut Dice, nature: Nature, load: f64, pace: f64) -> Interval {
    let mean = nature.requests * load;
    // For hundreds of requests or more, this number is nearly Poisson.
    let number = mean.sqrt().mul_add(dice.normal(), mean).round().max(0.0) as u64;
    let mut interval = Interval::new(nature.names);
    interval.length = SECOND;
    for _ in 0..number {
        let name = (dice.unit() * nature.names as f64) as usize;
        let nanos = MEDIAN_NS * nature.slower * load * pace * (SPREAD * dice.normal()).exp();
        let failed = dice.unit() < nature.failing;
        let brief: &mut Brief = &mut interval.requests[name];
        brief.sent += 1;
        brief.completed += u64::from(!failed);
        brief.failed += u64::from(failed);
        brief.latency.record(nanos as u64);
    }
    interval
}

/// Returns a run that consists of these intervals.
pub(crate) fn sample(name: &str, names: usize, intervals: Vec<Interval>) -> RunSample {
    let whole: Vec<Brief> = intervals.iter().map(Interval::whole).collect();
    let sum = |count: fn(&Brief) -> u64| whole.iter().map(count).sum::<u64>();
    let seconds = intervals.len() as u64;
    RunSample {
        run: name.to_owned(),
        scenario: "checkout".to_owned(),
        fleet: "local".to_owned(),
        started: Some("2026-11-21T09:34:54.989Z".to_owned()),
        verdict: Verdict::Passed,
        generator: Vec::new(),
        loads: vec![Load::Open {
            phases: vec![OpenPhase {
                shape: Shape::Constant {
                    rate: Rate::per_second(1_000),
                    duration: Duration::from_secs(seconds),
                },
                sampling: Sampling::Measured,
            }],
            spacing: Spacing::Poisson,
        }],
        measured: intervals.iter().map(|interval| interval.length).sum(),
        counts: Arrivals {
            planned: sum(|brief| brief.sent),
            sent: sum(|brief| brief.sent),
            completed: sum(|brief| brief.completed),
            failed: sum(|brief| brief.failed),
            dropped: 0,
            missing: 0,
        },
        cost: None,
        flows: Vec::new(),
        populations: Vec::new(),
        requests: (0..names).map(|at| format!("request-{at}")).collect(),
        intervals,
    }
}
