//! Descriptions of loads as text for people.

use crate::scenario::Load;
use crate::scenario::{OpenPhase, Sampling, Shape};
use crate::{rate, span};
use std::time::Duration;

/// The suffix for the description of a phase that is not measured.
pub const NOT_MEASURED: &str = " (not measured)";

/// Describes a load as text for people. Each phase has one line.
pub fn describe(load: &Load) -> Vec<String> {
    match load {
        Load::Open { phases, .. } => phases.iter().map(describe_open).collect(),
        Load::Closed { phases, .. } => phases
            .iter()
            .map(|phase| match phase.from == phase.to {
                true if phase.to == 0 => format!("no users for {}", span::show(phase.duration)),
                true => format!("{} users for {}", phase.to, span::show(phase.duration)),
                false => format!("{} to {} users in {}", phase.from, phase.to, span::show(phase.duration)),
            })
            .collect(),
    }
}

fn describe_open(phase: &OpenPhase) -> String {
    let between = |from: &rate::Rate, to: &rate::Rate, d: &Duration| format!("{from} to {to} in {}", span::show(*d));
    let shape = match &phase.shape {
        Shape::Constant {
            rate: rate::Rate::ZERO,
            duration,
        } => format!("nothing for {}", span::show(*duration)),
        Shape::Constant { rate, duration } => format!("constant {rate} for {}", span::show(*duration)),
        Shape::Ramp {
            from,
            to,
            ramp_duration,
        } => format!("ramp {}", between(from, to, ramp_duration)),
        Shape::RampSustain {
            from,
            to,
            ramp_duration,
            sustain_duration,
        } => {
            format!(
                "ramp {}, held for {}",
                between(from, to, ramp_duration),
                span::show(*sustain_duration)
            )
        }
        Shape::Step { steps } => {
            let steps: Vec<_> = steps
                .iter()
                .map(|(rate, d)| format!("{rate} for {}", span::show(*d)))
                .collect();
            format!("steps {}", steps.join(", "))
        }
        Shape::Sine {
            mean_rate,
            amplitude,
            period,
            duration,
        } => {
            format!(
                "sine {mean_rate} ± {amplitude} every {} for {}",
                span::show(*period),
                span::show(*duration)
            )
        }
        Shape::Spike {
            base_rate,
            spike_rate,
            spike_interval,
            spike_duration,
            duration,
        } => format!(
            "{base_rate} with spikes of {spike_rate} for {} every {}, for {}",
            span::show(*spike_duration),
            span::show(*spike_interval),
            span::show(*duration)
        ),
    };
    match phase.sampling {
        Sampling::Measured => shape,
        Sampling::Unmeasured => format!("{shape}{NOT_MEASURED}"),
    }
}
