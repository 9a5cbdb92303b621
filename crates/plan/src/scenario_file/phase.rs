//! Reads one phase of a load: a shape of rates or of users.

use super::document::Node;
use super::fields::Fields;
use super::keys::PHASE;
use super::reading::ScenarioReader;
use crate::limits::LIST_MAX;
use crate::rate::Rate;
use crate::rules;
use crate::scenario::{OpenPhase, Sampling, Shape, UserPhase};
use crate::span;
use std::time::Duration;

/// A phase of an open load or of a closed load.
pub(super) enum AnyPhase {
    Open(OpenPhase),
    Closed(UserPhase),
}

/// Reads one phase of a load.
pub(super) fn read(reading: &mut ScenarioReader<'_>, item: &Node) -> Option<AnyPhase> {
    let fields = Fields::read(reading, &PHASE, item)?;
    let [entry] = fields.entries() else { return None };
    let name = entry.key.name;
    if name == "step" && entry.value.text().is_some() {
        return steps(reading, entry.value).map(measured);
    }
    let inner = entry.map(reading)?;
    let mut keys = Keys {
        reading,
        fields: &inner,
    };
    match name {
        "warm_up" => keys.ramp("from", "rate", "duration").map(unmeasured),
        "constant" => keys.constant().map(measured),
        "ramp" => keys.ramp("from", "to", "ramp_duration").map(measured),
        "ramp_sustain" => keys.ramp_sustain().map(measured),
        "step" => steps(reading, inner.get("steps")?.value).map(measured),
        "sine" => keys.sine().map(measured),
        "spike" => keys.spike().map(measured),
        "cool_down" => keys.ramp("rate", "to", "duration").map(unmeasured),
        "users" => keys.user_phase("users", "users"),
        "ramp_users" => keys.user_phase("from", "to"),
        _ => unreachable!("the table of phases has no other key"),
    }
}

fn measured(shape: Shape) -> AnyPhase {
    AnyPhase::Open(OpenPhase {
        shape,
        sampling: Sampling::Measured,
    })
}

fn unmeasured(shape: Shape) -> AnyPhase {
    AnyPhase::Open(OpenPhase {
        shape,
        sampling: Sampling::Unmeasured,
    })
}

/// The keys of one shape, and the reader that reads their values.
struct Keys<'r, 'a, 'n> {
    reading: &'r mut ScenarioReader<'a>,
    fields: &'r Fields<'n>,
}

impl Keys<'_, '_, '_> {
    /// Reads a rate; returns zero if the key is optional and absent.
    fn rate(&mut self, name: &str) -> Option<Rate> {
        match self.fields.get(name) {
            Some(entry) => self.reading.rate(name, entry.value),
            None => self.fields.may_lack(name).then_some(Rate::ZERO),
        }
    }

    fn rate_above_zero(&mut self, name: &str) -> Option<Rate> {
        match self.rate(name)? {
            Rate::ZERO => self.problem(
                name,
                format!("`{name}` is zero"),
                "write a rate above zero, such as `1/s`",
            ),
            rate => Some(rate),
        }
    }

    fn length(&mut self, name: &str) -> Option<Duration> {
        self.reading.length(name, self.fields.get(name)?.value)
    }

    /// Reads a number of users; returns zero if the key is optional and absent.
    fn users(&mut self, name: &str) -> Option<u32> {
        match self.fields.get(name) {
            Some(entry) => entry.whole(self.reading).map(|users| users as u32),
            None => self.fields.may_lack(name).then_some(0),
        }
    }

    fn problem<T>(&mut self, name: &str, message: String, help: &str) -> Option<T> {
        let at = self.fields.get(name).map_or(self.fields.node, |entry| entry.value);
        self.reading.problem(at, message, help)
    }

    fn constant(&mut self) -> Option<Shape> {
        let (rate, duration) = (self.rate_above_zero("rate"), self.length("duration"));
        Some(Shape::Constant {
            rate: rate?,
            duration: duration?,
        })
    }

    fn ramp(&mut self, from: &str, to: &str, duration: &str) -> Option<Shape> {
        let (from, to, ramp_duration) = (self.rate(from), self.rate(to), self.length(duration));
        Some(Shape::Ramp {
            from: from?,
            to: to?,
            ramp_duration: ramp_duration?,
        })
    }

    fn ramp_sustain(&mut self) -> Option<Shape> {
        let (from, to) = (self.rate("from"), self.rate("to"));
        let (ramp, sustain) = (self.length("ramp_duration"), self.length("sustain_duration"));
        Some(Shape::RampSustain {
            from: from?,
            to: to?,
            ramp_duration: ramp?,
            sustain_duration: sustain?,
        })
    }

    fn user_phase(&mut self, from: &str, to: &str) -> Option<AnyPhase> {
        let from = self.users(from);
        let (to, duration) = (
            if to == "users" { from } else { self.users(to) },
            self.length("duration"),
        );
        let sampling = Sampling::Measured;
        Some(AnyPhase::Closed(UserPhase {
            from: from?,
            to: to?,
            duration: duration?,
            sampling,
        }))
    }

    fn sine(&mut self) -> Option<Shape> {
        let (mean_rate, amplitude) = (self.rate_above_zero("mean_rate"), self.rate("amplitude"));
        let (period, duration) = (self.length("period"), self.length("duration"));
        self.sound(Shape::Sine {
            mean_rate: mean_rate?,
            amplitude: amplitude?,
            period: period?,
            duration: duration?,
        })
    }

    /// Returns the shape if [`rules::shape`] accepts the shape. Otherwise, reports the fault.
    fn sound(&mut self, shape: Shape) -> Option<Shape> {
        match rules::shape(&shape) {
            Ok(()) => Some(shape),
            Err(fault) => self.problem(fault.key, fault.message, fault.help),
        }
    }

    fn spike(&mut self) -> Option<Shape> {
        let (base_rate, spike_rate) = (self.rate("base_rate"), self.rate("spike_rate"));
        let (interval, spike) = (self.length("spike_interval"), self.length("spike_duration"));
        let duration = self.length("duration");
        self.sound(Shape::Spike {
            base_rate: base_rate?,
            spike_rate: spike_rate?,
            spike_interval: interval?,
            spike_duration: spike?,
            duration: duration?,
        })
    }
}

/// Reads `steps`. The grammar is `steps = step { "," step }` and `step = rate ":" duration`.
fn steps(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<Shape> {
    const WANTED: &str = "write steps as `50/s:30s, 100/s:30s`";
    let text = reading.text("steps", node)?;
    let count = text.split(',').count();
    if count > LIST_MAX {
        let message = format!("`steps` has {count} steps, more than {LIST_MAX}");
        return reading.problem(node, message, "use a ramp, or several phases");
    }
    // The position of the text in the source. If the text is not written literally, this is the position of the whole
    // node.
    let whole = reading.within(node, text, 0..text.len());
    let mut steps = Vec::new();
    let mut faults = 0;
    let mut start = 0;
    for step in text.split(',') {
        let begins = start + step.len() - step.trim_start().len();
        let range = match whole.len() == text.len() {
            true => whole.start + begins..whole.start + begins + step.trim().len(),
            false => whole.clone(),
        };
        start += step.len() + 1;
        let read = match step.split_once(':') {
            Some((rate, length)) => Rate::parse(rate).and_then(|rate| Ok((rate, span::parse(length)?))),
            None => Err(format!("`{}` is not a step; {WANTED}", step.trim())),
        };
        let fault = match read {
            Ok((_, Duration::ZERO)) => format!("the step `{}` has no duration; {WANTED}", step.trim()),
            Ok(read) => {
                steps.push(read);
                continue;
            }
            Err(fault) => fault,
        };
        faults += 1;
        let (message, help) = fault.split_once("; ").unwrap_or((&fault, WANTED));
        reading.problem_at::<()>(range, message, help);
    }
    (faults == 0).then_some(Shape::Step { steps })
}
