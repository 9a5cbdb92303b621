//! The stored form of loads.

use super::each;
use crate::{rate, scenario};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The stored form of a load.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Load {
    Open {
        phases: Vec<OpenPhase>,
        #[serde(with = "Spacing")]
        spacing: scenario::Spacing,
    },
    Closed {
        phases: Vec<UserPhase>,
        think: ThinkTime,
    },
}

impl From<scenario::Load> for Load {
    fn from(load: scenario::Load) -> Load {
        match load {
            scenario::Load::Open { phases, spacing } => Load::Open {
                phases: each(phases),
                spacing,
            },
            scenario::Load::Closed { phases, think } => Load::Closed {
                phases: each(phases),
                think: think.into(),
            },
        }
    }
}

impl From<Load> for scenario::Load {
    fn from(stored: Load) -> scenario::Load {
        match stored {
            Load::Open { phases, spacing } => scenario::Load::Open {
                phases: each(phases),
                spacing,
            },
            Load::Closed { phases, think } => scenario::Load::Closed {
                phases: each(phases),
                think: think.into(),
            },
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "scenario::Spacing", rename_all = "snake_case")]
enum Spacing {
    Even,
    Poisson,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "scenario::Sampling", rename_all = "snake_case")]
enum Sampling {
    Measured,
    Unmeasured,
}

/// The stored form of a rate: the number of arrivals per 1,000 hours.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(u64);

impl From<rate::Rate> for Rate {
    fn from(rate: rate::Rate) -> Rate {
        Rate(rate.arrivals_per_1000_hours())
    }
}

impl From<Rate> for rate::Rate {
    fn from(stored: Rate) -> rate::Rate {
        rate::Rate::per_1000_hours(stored.0)
    }
}

/// The stored form of a phase of an open load: its shape, and whether its requests are measured.
#[derive(Debug, Serialize, Deserialize)]
pub struct OpenPhase {
    shape: Shape,
    #[serde(with = "Sampling")]
    sampling: scenario::Sampling,
}

impl From<scenario::OpenPhase> for OpenPhase {
    fn from(phase: scenario::OpenPhase) -> OpenPhase {
        let scenario::OpenPhase { shape, sampling } = phase;
        OpenPhase {
            shape: shape.into(),
            sampling,
        }
    }
}

impl From<OpenPhase> for scenario::OpenPhase {
    fn from(stored: OpenPhase) -> scenario::OpenPhase {
        scenario::OpenPhase {
            shape: stored.shape.into(),
            sampling: stored.sampling,
        }
    }
}

/// The stored form of the rate of a phase as a function of time.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Constant {
        rate: Rate,
        duration: Duration,
    },
    Ramp {
        from: Rate,
        to: Rate,
        ramp_duration: Duration,
    },
    RampSustain {
        from: Rate,
        to: Rate,
        ramp_duration: Duration,
        sustain_duration: Duration,
    },
    Step {
        steps: Vec<(Rate, Duration)>,
    },
    Sine {
        mean_rate: Rate,
        amplitude: Rate,
        period: Duration,
        duration: Duration,
    },
    Spike {
        base_rate: Rate,
        spike_rate: Rate,
        spike_interval: Duration,
        spike_duration: Duration,
        duration: Duration,
    },
}

fn each_step<A, B: From<A>>(steps: Vec<(A, Duration)>) -> Vec<(B, Duration)> {
    steps
        .into_iter()
        .map(|(rate, duration)| (rate.into(), duration))
        .collect()
}

impl From<scenario::Shape> for Shape {
    fn from(shape: scenario::Shape) -> Shape {
        use scenario::Shape as Of;
        match shape {
            Of::Constant { rate, duration } => Shape::Constant {
                rate: rate.into(),
                duration,
            },
            Of::Ramp {
                from,
                to,
                ramp_duration,
            } => Shape::Ramp {
                from: from.into(),
                to: to.into(),
                ramp_duration,
            },
            Of::RampSustain {
                from,
                to,
                ramp_duration,
                sustain_duration,
            } => Shape::RampSustain {
                from: from.into(),
                to: to.into(),
                ramp_duration,
                sustain_duration,
            },
            Of::Step { steps } => Shape::Step {
                steps: each_step(steps),
            },
            Of::Sine {
                mean_rate,
                amplitude,
                period,
                duration,
            } => Shape::Sine {
                mean_rate: mean_rate.into(),
                amplitude: amplitude.into(),
                period,
                duration,
            },
            Of::Spike {
                base_rate,
                spike_rate,
                spike_interval,
                spike_duration,
                duration,
            } => Shape::Spike {
                base_rate: base_rate.into(),
                spike_rate: spike_rate.into(),
                spike_interval,
                spike_duration,
                duration,
            },
        }
    }
}

impl From<Shape> for scenario::Shape {
    fn from(stored: Shape) -> scenario::Shape {
        use scenario::Shape as To;
        match stored {
            Shape::Constant { rate, duration } => To::Constant {
                rate: rate.into(),
                duration,
            },
            Shape::Ramp {
                from,
                to,
                ramp_duration,
            } => To::Ramp {
                from: from.into(),
                to: to.into(),
                ramp_duration,
            },
            Shape::RampSustain {
                from,
                to,
                ramp_duration,
                sustain_duration,
            } => To::RampSustain {
                from: from.into(),
                to: to.into(),
                ramp_duration,
                sustain_duration,
            },
            Shape::Step { steps } => To::Step {
                steps: each_step(steps),
            },
            Shape::Sine {
                mean_rate,
                amplitude,
                period,
                duration,
            } => To::Sine {
                mean_rate: mean_rate.into(),
                amplitude: amplitude.into(),
                period,
                duration,
            },
            Shape::Spike {
                base_rate,
                spike_rate,
                spike_interval,
                spike_duration,
                duration,
            } => To::Spike {
                base_rate: base_rate.into(),
                spike_rate: spike_rate.into(),
                spike_interval,
                spike_duration,
                duration,
            },
        }
    }
}

/// The stored form of a phase of a closed load, in which the number of users changes linearly.
#[derive(Debug, Serialize, Deserialize)]
pub struct UserPhase {
    from: u32,
    to: u32,
    duration: Duration,
    #[serde(with = "Sampling")]
    sampling: scenario::Sampling,
}

impl From<scenario::UserPhase> for UserPhase {
    fn from(phase: scenario::UserPhase) -> UserPhase {
        let scenario::UserPhase {
            from,
            to,
            duration,
            sampling,
        } = phase;
        UserPhase {
            from,
            to,
            duration,
            sampling,
        }
    }
}

impl From<UserPhase> for scenario::UserPhase {
    fn from(stored: UserPhase) -> scenario::UserPhase {
        scenario::UserPhase {
            from: stored.from,
            to: stored.to,
            duration: stored.duration,
            sampling: stored.sampling,
        }
    }
}

/// The stored form of the pause between an answer and the next request.
#[derive(Debug, Serialize, Deserialize)]
pub struct ThinkTime {
    min: Duration,
    max: Duration,
}

impl From<scenario::ThinkTime> for ThinkTime {
    fn from(think: scenario::ThinkTime) -> ThinkTime {
        let scenario::ThinkTime { min, max } = think;
        ThinkTime { min, max }
    }
}

impl From<ThinkTime> for scenario::ThinkTime {
    fn from(stored: ThinkTime) -> scenario::ThinkTime {
        scenario::ThinkTime {
            min: stored.min,
            max: stored.max,
        }
    }
}
