//! Reads a load: phases of arrivals, or phases of users.

use super::document::Value;
use super::fields::{Fields, KeyValue};
use super::phase::{self, AnyPhase};
use super::reading::ScenarioReader;
use crate::limits::RUN_MAX;
use crate::scenario::{Load, OpenPhase, Sampling, Spacing, ThinkTime};
use crate::schedule::Schedule;
use crate::span;
use std::time::Duration;

/// Reads the key `load`, together with `arrivals` or `think_time`.
pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Load> {
    let spacing = spacing(reading, fields);
    let think = think_time(reading, fields);
    let entry = fields.get("load")?;
    let items = entry.items(reading);
    let phases: Vec<Option<AnyPhase>> = items.iter().map(|item| phase::read(reading, item)).collect();
    let phases: Vec<AnyPhase> = phases.into_iter().collect::<Option<_>>()?;
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for (phase, item) in phases.into_iter().zip(items) {
        match phase {
            AnyPhase::Open(phase) if closed.is_empty() => open.push(phase),
            AnyPhase::Closed(phase) if open.is_empty() => closed.push(phase),
            _ => {
                let help = "use two scenarios: a load has either rates or users";
                return reading.problem(item, "a load cannot contain both users and rates", help);
            }
        }
    }
    let total = open
        .iter()
        .map(|phase| phase.shape.duration())
        .chain(closed.iter().map(|phase| phase.duration))
        .sum();
    if total > RUN_MAX {
        let message = format!(
            "this load takes {}, longer than {}",
            span::show(total),
            span::show(RUN_MAX)
        );
        return reading.problem(entry.written, message, "use shorter phases");
    }
    if closed.is_empty() {
        misplaced(
            reading,
            fields.get("think_time"),
            "users",
            "users: { users: 50, duration: 2m }",
        );
        sends_something(reading, entry, &open)?;
        Some(Load::Open {
            phases: open,
            spacing: spacing?,
        })
    } else {
        misplaced(
            reading,
            fields.get("arrivals"),
            "rates",
            "constant: { rate: 100/s, duration: 2m }",
        );
        if closed.iter().all(|phase| phase.from == 0 && phase.to == 0) {
            return reading.problem(entry.written, "this load sends nothing", "use at least one user");
        }
        Some(Load::Closed {
            phases: closed,
            think: think?,
        })
    }
}

fn misplaced(reading: &mut ScenarioReader<'_>, entry: Option<KeyValue<'_>>, of: &str, example: &str) {
    if let Some(entry) = entry {
        let help = format!("remove it, or write `load: {{ {example} }}`");
        reading.problem::<()>(
            entry.written,
            format!("`{}` is for a load of {of}", entry.key.name),
            help,
        );
    }
}

/// Checks that at least one arrival is measured. The check uses even spacing. The spacing does not change the number of
/// arrivals, and evenly spaced arrivals can be counted fast.
fn sends_something(reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>, phases: &[OpenPhase]) -> Option<()> {
    if !phases.iter().any(|phase| phase.sampling == Sampling::Measured) {
        let help = "add a phase such as `constant`: warm-up and cool-down are not measured";
        return reading.problem(entry.written, "this load has no measured phase", help);
    }
    let schedule = Schedule::new(phases, Spacing::Even, 0);
    if schedule.measured().iter().all(std::ops::Range::is_empty) {
        let help = "use a higher rate or a longer duration: no arrival is due in a measured phase";
        return reading.problem(entry.written, "this load sends nothing", help);
    }
    Some(())
}

fn spacing(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Spacing> {
    let Some(entry) = fields.get("arrivals") else {
        return Some(Spacing::Even);
    };
    match entry.choice(reading, "a spacing of arrivals")? {
        "poisson" => Some(Spacing::Poisson),
        _ => Some(Spacing::Even),
    }
}

fn think_time(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<ThinkTime> {
    let Some(entry) = fields.get("think_time") else {
        return Some(ThinkTime {
            min: Duration::ZERO,
            max: Duration::ZERO,
        });
    };
    if !matches!(entry.value.value, Value::Map(_)) {
        let pause = reading.wait("think_time", entry.value)?;
        return Some(ThinkTime { min: pause, max: pause });
    }
    let fields = entry.map(reading)?;
    let mut bound = |name| fields.get(name).and_then(|entry| reading.wait(name, entry.value));
    let (min, max) = (bound("min"), bound("max"));
    let (min, max) = (min?, max?);
    if min > max {
        return reading.problem(entry.value, "`min` is longer than `max`", "swap them");
    }
    Some(ThinkTime { min, max })
}
