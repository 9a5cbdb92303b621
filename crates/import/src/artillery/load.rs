//! Reads the phases of an Artillery load.

use crate::found::Import;
use crate::model::Phase;
use crate::tree::At;
use plan::limits::{LIST_MAX, RUN_MAX};
use plan::rate::Rate;
use plan::span;
use std::time::Duration;

/// Reads the phases in `config.phases`.
pub(super) fn read(config: &At<'_>, import: &mut Import<'_>) -> Vec<Phase> {
    let (mut phases, mut total) = (Vec::new(), Duration::ZERO);
    for phase in config.items_of("phases") {
        let place = phase.place();
        if phase.get("maxVusers").is_some() {
            import.left_out.add(&place, "maxVusers");
        }
        let Some((read, length)) = phase_of(&phase) else {
            import
                .left_out
                .add(&place, "a phase without a rate and a duration that a scenario can have");
            continue;
        };
        total = total.saturating_add(length);
        if total > RUN_MAX || phases.len() >= LIST_MAX {
            import
                .left_out
                .add(&place, "the phases after the maximum length of a run");
            break;
        }
        phases.push(read);
    }
    phases
}

fn phase_of(phase: &At<'_>) -> Option<(Phase, Duration)> {
    let length = duration(&phase.get("duration")?)?;
    if length.is_zero() {
        return None;
    }
    let per_second = |key: &str| {
        let rate = phase.get(key)?.spelled()?;
        let parsed = Rate::parse(&format!("{}/s", rate.trim())).ok()?;
        Some((format!("{}/s", rate.trim()), parsed))
    };
    let shown = span::show(length);
    let phase = match (per_second("arrivalRate"), per_second("rampTo")) {
        (from, Some((to, rate))) => {
            let (from, from_rate) = from.unwrap_or_else(|| ("0/s".to_owned(), Rate::ZERO));
            if rate == Rate::ZERO && from_rate == Rate::ZERO {
                return None;
            }
            Phase::Ramp {
                from,
                to,
                duration: shown,
            }
        }
        (Some((_, Rate::ZERO)), None) => return None,
        (Some((rate, _)), None) => Phase::Constant { rate, duration: shown },
        (None, None) => {
            let count = phase.get("arrivalCount")?.whole().filter(|count| *count > 0)?;
            // The number of arrivals per hour, multiplied by one thousand.
            let thousandths = u128::from(count) * 3_600_000_000_000 * 1000 / length.as_nanos();
            let rate = format!("{}.{:03}/h", thousandths / 1000, thousandths % 1000);
            Rate::parse(&rate).ok().filter(|rate| *rate != Rate::ZERO)?;
            Phase::Constant { rate, duration: shown }
        }
    };
    Some((phase, length))
}

/// Reads a duration, which is a number of seconds or a text such as `5m` or `2 minutes`.
pub(super) fn duration(at: &At<'_>) -> Option<Duration> {
    if let Some(seconds) = at.number() {
        let duration = Duration::try_from_secs_f64(seconds).ok()?;
        return Some(Duration::from_millis(u64::try_from(duration.as_millis()).ok()?)).filter(|all| *all <= RUN_MAX);
    }
    let text = at.text()?.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "ms" | "msec" | "millisecond" | "milliseconds" => "ms",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        _ => return None,
    };
    span::parse(&format!("{number}{unit}"))
        .ok()
        .filter(|all| *all <= RUN_MAX)
}
