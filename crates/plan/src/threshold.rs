//! Thresholds. A threshold is a limit that a run must meet, written as one line of text.
//!
//! ```text
//! threshold  = measured [ "of" name ] comparison limit
//! measured   = timing statistic | "errors" | "dropped" | "rate"
//! name       = a request, a step (`buy/order`) or a flow (`buy`)
//! timing     = "latency" | "service" | "lag" | "session"
//!              (session: flows only; service and lag: requests and steps only)
//! statistic  = "p" number | "mean" | "max"
//! comparison = "<" | "<=" | ">" | ">="
//! limit      = duration        (timing)
//!            | number "%"      (errors: share of sent requests or started flows; dropped: share of planned arrivals)
//!            | whole number    (dropped: arrivals)
//!            | rate            (rate: completed requests or flows divided by the measured time)
//! ```
//! Examples are `latency p99 < 250ms`, `errors of checkout < 0.1%`, `session p95 of buy < 30s`, `rate > 4900/s`,
//! `dropped < 1%` and `dropped < 10`.

use crate::rate::{self, Rate};
use crate::span;
use std::fmt;
use std::time::Duration;
use tally::histogram::{HIGHEST_NS, Histogram};

/// The kind of a measured duration. The kind determines the two points in time between which the duration is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatencyKind {
    /// The end of a request minus its due time.
    Latency,
    /// The end of a request minus the time when it was sent.
    Service,
    /// The time when a request was sent minus its due time.
    Lag,
    /// The end of a completed flow minus its due time. Pauses are included.
    Session,
}

impl LatencyKind {
    /// Returns the word of the grammar that names this kind.
    pub fn name(self) -> &'static str {
        match self {
            LatencyKind::Latency => "latency",
            LatencyKind::Service => "service",
            LatencyKind::Lag => "lag",
            LatencyKind::Session => "session",
        }
    }
}

/// A statistic of a histogram. Quantiles are in millionths. For example, p99.9 is 999,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    Quantile { millionths: u32 },
    Mean,
    Max,
}

impl Statistic {
    /// Parses the name of a statistic, such as `p99`, `p99.9`, `mean` or `max`.
    ///
    /// # Errors
    /// Returns an error text that names the expected form.
    pub fn parse(word: &str) -> Result<Statistic, String> {
        const WANTED: &str = "write `p99`, `p99.9`, `mean` or `max`";
        match word {
            "mean" => Ok(Statistic::Mean),
            "max" => Ok(Statistic::Max),
            _ => match word.strip_prefix('p').and_then(millionths_of_percent) {
                Some(millionths) if millionths <= 1_000_000 => Ok(Statistic::Quantile { millionths }),
                Some(_) => Err(format!("`{word}` is above p100; {WANTED}")),
                None => Err(format!("`{word}` is not a statistic; {WANTED}")),
            },
        }
    }

    /// Returns the value of this statistic for a histogram, in nanoseconds.
    pub fn of(self, histogram: &Histogram) -> u64 {
        match self {
            Statistic::Quantile { millionths } => histogram.quantile(millionths),
            Statistic::Mean => histogram.mean().round() as u64,
            Statistic::Max => histogram.max(),
        }
    }
}

/// The measured value, and the limit for this value. The unit of the limit depends on the kind of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    Timing {
        timing: LatencyKind,
        statistic: Statistic,
        limit: Duration,
    },
    /// The share of failed requests among sent requests. The limit is in millionths.
    Errors { limit_millionths: u32 },
    /// The share of dropped arrivals among planned arrivals. The limit is in millionths.
    Dropped { limit_millionths: u32 },
    /// The number of dropped arrivals.
    DroppedCount { limit: u64 },
    /// The number of completed requests or flows, divided by the measured time.
    Rate { limit: Rate },
}

/// The relation that is required between the measured value and the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Relation {
    /// Returns whether `value` and `limit` are in this relation.
    pub fn holds<T: PartialOrd>(self, value: T, limit: T) -> bool {
        match self {
            Relation::Below => value < limit,
            Relation::AtMost => value <= limit,
            Relation::Above => value > limit,
            Relation::AtLeast => value >= limit,
        }
    }
}

/// A limit that a run must meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    pub measured: Measured,
    /// The name of a request, a step or a flow; `None` if the threshold is about all requests.
    pub request: Option<String>,
    pub comparison: Relation,
    /// The text of the threshold as written in the scenario.
    pub text: String,
}

impl Threshold {
    /// Parses a threshold in the grammar that the module describes. The reader of the scenario checks later whether the
    /// name exists. [`Threshold::check_subject`] checks whether the named request or flow has the measured value.
    ///
    /// # Errors
    /// Returns an error text that names the expected form.
    pub fn parse(text: &str) -> Result<Threshold, String> {
        Threshold::read(text, Rate::parse)
    }

    /// Parses a threshold of a stored plan. An older version may have written the plan.
    ///
    /// # Errors
    /// Returns an error text that names the expected form.
    pub(crate) fn parse_stored(text: &str) -> Result<Threshold, String> {
        Threshold::read(text, Rate::parse_stored)
    }

    fn read(text: &str, rate: fn(&str) -> Result<Rate, String>) -> Result<Threshold, String> {
        const WANTED: &str = "write `latency p99 < 250ms`, `errors < 0.1%`, `rate > 4900/s`, each with `of NAME` for one request or flow";
        let at = text
            .find(['<', '>'])
            .ok_or_else(|| format!("no comparison (`<`, `<=`, `>`, `>=`); {WANTED}"))?;
        let (left, right) = text.split_at(at);
        let (comparison, limit) = match right.as_bytes() {
            [b'<', b'=', ..] => (Relation::AtMost, &right[2..]),
            [b'>', b'=', ..] => (Relation::AtLeast, &right[2..]),
            [b'<', ..] => (Relation::Below, &right[1..]),
            _ => (Relation::Above, &right[1..]),
        };
        let limit = limit.trim();
        if limit.is_empty() {
            return Err(format!("no limit after the comparison; {WANTED}"));
        }
        let mut words = left.split_whitespace();
        let subject = words
            .next()
            .ok_or_else(|| format!("no metric before the comparison; {WANTED}"))?;
        let measured = match subject {
            "latency" => timing(LatencyKind::Latency, words.next(), limit)?,
            "service" => timing(LatencyKind::Service, words.next(), limit)?,
            "lag" => timing(LatencyKind::Lag, words.next(), limit)?,
            "session" => timing(LatencyKind::Session, words.next(), limit)?,
            "errors" => Measured::Errors {
                limit_millionths: share(limit)?,
            },
            "dropped" => dropped(limit)?,
            "rate" => Measured::Rate { limit: rate(limit)? },
            other => {
                return Err(format!(
                    "`{other}` is not a metric (latency, service, lag, session, errors, dropped, rate); {WANTED}"
                ));
            }
        };
        let request = match (words.next(), words.next(), words.next()) {
            (None, ..) => None,
            (Some("of"), Some(name), None) => Some(name.to_owned()),
            (Some(word), ..) => return Err(format!("`{word}` is unexpected here; {WANTED}")),
        };
        if is_of_dropped(&measured) && request.is_some() {
            return Err("`dropped` is counted for the whole run; remove `of`".to_owned());
        }
        Ok(Threshold {
            measured,
            request,
            comparison,
            text: text.trim().to_owned(),
        })
    }

    /// Checks that the measured value of the threshold exists for a flow if `is_flow` is true, and otherwise for a
    /// request.
    ///
    /// # Errors
    /// Returns the error as a text of the form `problem; hint`.
    pub(crate) fn check_subject(&self, is_flow: bool) -> Result<(), String> {
        let Measured::Timing { timing, .. } = self.measured else {
            return Ok(());
        };
        match (timing, is_flow, &self.request) {
            (LatencyKind::Session, true, _) | (LatencyKind::Latency, ..) => Ok(()),
            (LatencyKind::Service | LatencyKind::Lag, false, _) => Ok(()),
            (LatencyKind::Session, false, None) => {
                Err("`session` is measured for one flow; write `session p95 of FLOW < 30s`".to_owned())
            }
            (LatencyKind::Session, false, Some(name)) => Err(format!(
                "`session` is measured for flows, and `{name}` is a request; \
                 write `session p95 of FLOW < 30s`, or `latency` for a request"
            )),
            (LatencyKind::Service | LatencyKind::Lag, true, name) => {
                let (metric, name) = (timing.name(), name.as_deref().unwrap_or_default());
                Err(format!(
                    "`{metric}` is not measured for the flow `{name}`; \
                     use `latency` or `session`, or name a step: `of {name}/STEP`"
                ))
            }
        }
    }

    /// Returns whether the threshold limits the dropped arrivals.
    pub fn limits_dropped(&self) -> bool {
        is_of_dropped(&self.measured)
    }
}

fn is_of_dropped(measured: &Measured) -> bool {
    matches!(measured, Measured::Dropped { .. } | Measured::DroppedCount { .. })
}

fn dropped(limit: &str) -> Result<Measured, String> {
    if limit.ends_with('%') {
        return Ok(Measured::Dropped {
            limit_millionths: share(limit)?,
        });
    }
    let count = rate::decimal(limit).filter(|exact| exact.decimals == 0);
    match count.and_then(|exact| u64::try_from(exact.digits).ok()) {
        Some(limit) => Ok(Measured::DroppedCount { limit }),
        None => Err(format!(
            "`{limit}` is neither a share nor a number of arrivals; write `dropped < 1%` or `dropped < 10`"
        )),
    }
}

impl Threshold {
    /// Returns whether the threshold permits that all arrivals are dropped. If a scenario has no threshold on
    /// `dropped`, a run with any dropped arrival does not meet the thresholds of the scenario.
    pub(crate) fn lets_all_be_dropped(&self) -> bool {
        let all = Measured::Dropped {
            limit_millionths: 1_000_000,
        };
        self.measured == all && self.comparison == Relation::AtMost
    }

    /// Returns a text of the form `problem; hint` for a threshold that every run meets, or that no run meets; `None`
    /// for a useful threshold. A stored plan may contain a threshold that is not useful.
    pub(crate) fn judges_nothing(&self) -> Option<String> {
        /// The position of the limit in the range of possible values.
        enum Edge {
            Lowest(&'static str),
            Highest(&'static str),
            Beyond,
        }
        const OTHER: &str = "remove it or write another limit";
        let edge = match self.measured {
            Measured::DroppedCount { limit: 0 } => Edge::Lowest("write `<= 0`"),
            Measured::Errors { limit_millionths } | Measured::Dropped { limit_millionths } => match limit_millionths {
                0 => Edge::Lowest("write `<= 0%`"),
                1_000_000 => Edge::Highest("write `>= 100%`"),
                _ => return None,
            },
            Measured::Rate { limit: Rate::ZERO } => Edge::Lowest("write `<= 0/s`"),
            Measured::Timing { limit, .. } if limit.is_zero() => Edge::Lowest("write a limit above zero"),
            Measured::Timing { limit, .. } if limit > Duration::from_nanos(HIGHEST_NS) => Edge::Beyond,
            _ => return None,
        };
        let never = |hint: &str| Some(format!("no run can meet `{}`; {hint}", self.text));
        let always = |hint: &str| Some(format!("every run meets `{}`; {hint}", self.text));
        const SHORTER: &str = "no measured time exceeds 1h";
        match (edge, self.comparison) {
            (Edge::Lowest(hint), Relation::Below) | (Edge::Highest(hint), Relation::Above) => never(hint),
            (Edge::Lowest(_), Relation::AtLeast) | (Edge::Highest(_), Relation::AtMost) => always(OTHER),
            (Edge::Lowest(_) | Edge::Highest(_), _) => None,
            (Edge::Beyond, Relation::Below | Relation::AtMost) => always(SHORTER),
            (Edge::Beyond, Relation::Above | Relation::AtLeast) => never(SHORTER),
        }
    }
}

fn timing(timing: LatencyKind, word: Option<&str>, limit: &str) -> Result<Measured, String> {
    let word = word.ok_or("no statistic; write `p99`, `p99.9`, `mean` or `max`")?;
    let statistic = Statistic::parse(word)?;
    Ok(Measured::Timing {
        timing,
        statistic,
        limit: span::parse(limit)?,
    })
}

/// Parses a percentage such as `0.1%`, and returns millionths.
pub(crate) fn share(limit: &str) -> Result<u32, String> {
    let problem = || format!("`{limit}` is not a share; write it as `0.1%`");
    let percent = limit.strip_suffix('%').ok_or_else(problem)?;
    match millionths_of_percent(percent.trim()) {
        Some(millionths) if millionths <= 1_000_000 => Ok(millionths),
        Some(_) => Err(format!("`{limit}` is above 100%")),
        None => Err(problem()),
    }
}

/// Parses a percentage such as `99.9`, and returns millionths, such as 999,000. The percentage has at most four
/// decimals.
pub fn millionths_of_percent(text: &str) -> Option<u32> {
    let exact = rate::decimal(text)?;
    let scaled = exact.digits.checked_mul(10_000)?;
    let divisor = 10u128.pow(exact.decimals);
    (scaled % divisor == 0).then(|| u32::try_from(scaled / divisor).ok())?
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, problem: Option<&str>) {
        match (Threshold::parse(text), problem) {
            (Ok(threshold), None) => assert_eq!(threshold.to_string(), text),
            (Err(got), Some(part)) => assert!(got.contains(part), "{text}: {got}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    #[test]
    fn a_threshold_prints_as_written() {
        for line in [
            "latency p99 < 250ms",
            "latency p99.99 of checkout <= 1s",
            "service max < 2s",
            "lag mean < 1ms",
            "errors < 0.1%",
            "errors of home <= 0%",
            "dropped < 1%",
            "dropped < 10",
            "dropped <= 1_000",
            "rate > 4900/s",
            "rate of home >= 90k/min",
            "latency p50<1ms",
            "session p95 of buy < 30s",
        ] {
            check(line, None);
        }
        assert_eq!(
            Threshold::parse("latency p99.9 < 250ms").unwrap().measured,
            Measured::Timing {
                timing: LatencyKind::Latency,
                statistic: Statistic::Quantile { millionths: 999_000 },
                limit: Duration::from_millis(250)
            }
        );
    }

    #[test]
    fn a_threshold_that_every_run_or_no_run_meets_is_reported() {
        let check = |text: &str, expected: Option<&str>| {
            let fault = Threshold::parse(text).unwrap().judges_nothing();
            match (&fault, expected) {
                (None, None) => {}
                (Some(fault), Some(part)) => assert!(fault.contains(part), "{text}: {fault}"),
                _ => panic!("{text}: {fault:?}"),
            }
        };
        for subject in ["errors", "errors of home", "dropped"] {
            check(
                &format!("{subject} < 0%"),
                Some(&format!("no run can meet `{subject} < 0%`; write `<= 0%`")),
            );
            check(&format!("{subject} >= 0.0%"), Some("every run meets"));
            check(&format!("{subject} > 100%"), Some("write `>= 100%`"));
            check(&format!("{subject} <= 100%"), Some("every run meets"));
            for kept in ["<= 0%", "> 0%", "< 100%", ">= 100%", "< 0.0001%", "> 99.9999%"] {
                check(&format!("{subject} {kept}"), None);
            }
        }
        check("dropped < 0", Some("no run can meet `dropped < 0`; write `<= 0`"));
        check("rate < 0/s", Some("no run can meet `rate < 0/s`; write `<= 0/s`"));
        check("rate of home >= 0/min", Some("every run meets"));
        check("rate > 0/s", None);
        check("latency p99 < 0ms", Some("no run can meet"));
        check("lag max >= 0s", Some("every run meets"));
        check("latency max < 2h", Some("no measured time exceeds 1h"));
        check("service mean > 61m", Some("no run can meet"));
        check("latency max < 1h", None);
        check("latency p50 > 1ns", None);
    }

    #[test]
    fn a_timing_is_accepted_only_where_it_is_measured() {
        let check = |text: &str, is_flow: bool, expected: Option<&str>| {
            let checked = Threshold::parse(text).unwrap().check_subject(is_flow);
            match (&checked, expected) {
                (Ok(()), None) => {}
                (Err(fault), Some(part)) => assert!(fault.contains(part), "{text}: {fault}"),
                _ => panic!("{text}: {checked:?}"),
            }
        };
        for text in ["latency p99 of buy < 1s", "errors of buy < 1%", "rate of buy > 1/s"] {
            check(text, true, None);
            check(text, false, None);
        }
        check("session max of buy < 1m", true, None);
        check("session max of home < 1m", false, Some("`home` is a request"));
        check("session max < 1m", false, Some("write `session p95 of FLOW < 30s`"));
        check("service p50 of home < 1s", false, None);
        check("lag max < 1s", false, None);
        check("service p50 of buy < 1s", true, Some("name a step: `of buy/STEP`"));
        check(
            "lag p50 of buy < 1s",
            true,
            Some("`lag` is not measured for the flow `buy`"),
        );
    }

    #[test]
    fn an_invalid_threshold_is_rejected_with_the_expected_form() {
        check("latency p99 250ms", Some("no comparison"));
        check("latency < 250ms", Some("no statistic"));
        check("latency p101 < 250ms", Some("above p100"));
        check("latency p99 < 250", Some("without a unit"));
        check("latency p99 <", Some("no limit"));
        check("< 5ms", Some("no metric"));
        check("speed > 5/s", Some("is not a metric"));
        check("errors < 5", Some("is not a share"));
        check("errors < 101%", Some("above 100%"));
        check("errors in home < 1%", Some("`in` is unexpected"));
        check("dropped of home < 1%", Some("remove `of`"));
        check("dropped of home < 10", Some("remove `of`"));
        check("dropped < 0.5", Some("write `dropped < 1%` or `dropped < 10`"));
        check("dropped < few", Some("neither a share nor a number"));
        check("rate > 5", Some("needs a unit"));
    }
}
