//! Abort rules. An abort rule stops a run to protect an overloaded or failing target.
//!
//! ```text
//! rule      = threshold "for" duration      (of the grammar in [`crate::threshold`], without "of")
//! ```
//! A rule is a comparison and a duration. The rule is broken if the comparison is true in every second of this
//! duration. For example, ten seconds with more than 20% of errors break the rule `errors > 20% for 10s`. The
//! comparison uses the values of one second. A rule about latency compares the latency of finished requests. A rule
//! about errors compares the share of failed requests among finished requests. A rule about dropped arrivals compares
//! their share among due arrivals, or their number. A rule about the rate compares the number of requests that
//! completed in one second.

use crate::span;
use crate::threshold::{LatencyKind, Measured, Threshold};
use std::fmt;
use std::time::Duration;

/// A rule under the key `abort_if` of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbortRule {
    /// The comparison of the rule.
    pub line: Threshold,
    /// The number of consecutive seconds in which the comparison must be true.
    pub seconds: u32,
    /// The text of the rule as written in the scenario.
    pub text: String,
}

/// The maximum duration after `for`, in seconds.
const SECONDS_MAX: u64 = 3_600;

impl AbortRule {
    /// Parses a rule in the grammar that the module describes.
    ///
    /// # Errors
    /// Returns an error text that names the expected form.
    pub fn parse(text: &str) -> Result<AbortRule, String> {
        AbortRule::read(text, Threshold::parse)
    }

    /// Parses a rule of a stored plan. An older version may have written the plan.
    ///
    /// # Errors
    /// Returns an error text that names the expected form.
    pub(crate) fn parse_stored(text: &str) -> Result<AbortRule, String> {
        AbortRule::read(text, Threshold::parse_stored)
    }

    fn read(text: &str, threshold: fn(&str) -> Result<Threshold, String>) -> Result<AbortRule, String> {
        const WANTED: &str = "write `errors > 20% for 10s` or `latency p99 > 2s for 30s`";
        let (line, over) = text
            .rsplit_once(" for ")
            .ok_or_else(|| format!("no `for` with a duration; {WANTED}"))?;
        let line = threshold(line)?;
        let over = span::parse(over.trim())?;
        let seconds = over.as_secs();
        if over.subsec_nanos() != 0 || !(1..=SECONDS_MAX).contains(&seconds) {
            return Err(format!("`for` takes whole seconds, from 1s to 1h; {WANTED}"));
        }
        if matches!(&line.measured, Measured::Timing { timing, .. } if *timing != LatencyKind::Latency) {
            return Err(format!("latency is the only timing with values per second; {WANTED}"));
        }
        if line.request.is_some() {
            return Err(format!(
                "seconds are counted for all requests together; remove `of`; {WANTED}"
            ));
        }
        Ok(AbortRule {
            line,
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
            text: text.trim().to_owned(),
        })
    }

    /// Returns a text of the form `problem; hint` for a rule that would stop every run, or that could not stop any run;
    /// `None` for a useful rule.
    pub(crate) fn judges_nothing(&self) -> Option<String> {
        let fault = self.line.judges_nothing()?;
        let (_, help) = fault.split_once("; ").unwrap_or((&fault, ""));
        let what = match fault.starts_with("every run") {
            true => "every second breaks",
            false => "no second can break",
        };
        Some(format!("{what} `{}`; {help}", self.line))
    }

    /// Returns the value for which the comparison is true in `second`, as a text for people; `None` if the comparison
    /// is false in `second`. In a second without finished requests, a comparison of latency or errors is false.
    pub fn broken_by(&self, second: &ObservedSecond<'_>) -> Option<String> {
        let comparison = self.line.comparison;
        let share = |part: u64, whole: u64, limit: u32| {
            let broken =
                whole > 0 && comparison.holds(u128::from(part) * 1_000_000, u128::from(whole) * u128::from(limit));
            broken.then(|| format!("{:.1}%", part as f64 / whole as f64 * 100.0))
        };
        match self.line.measured {
            Measured::Errors { limit_millionths } => {
                share(second.failed, second.completed + second.failed, limit_millionths)
            }
            Measured::Dropped { limit_millionths } => {
                share(second.dropped, second.sent + second.dropped, limit_millionths)
            }
            Measured::DroppedCount { limit } => {
                let broken = comparison.holds(second.dropped, limit);
                broken.then(|| format!("{} arrivals", second.dropped))
            }
            Measured::Rate { limit } => {
                let broken = comparison.holds(second.completed as f64, limit.as_per_second());
                broken.then(|| format!("{}/s", second.completed))
            }
            Measured::Timing { statistic, limit, .. } => {
                let nanos = (second.latency)(statistic)?;
                let limit = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
                comparison
                    .holds(nanos, limit)
                    .then(|| span::show(Duration::from_micros(nanos / 1_000)))
            }
        }
    }
}

/// The counts of one second of a run.
pub struct ObservedSecond<'a> {
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    /// A function that returns a statistic of the latency of finished requests, in nanoseconds; `None` if no request
    /// has finished.
    pub latency: &'a dyn Fn(crate::threshold::Statistic) -> Option<u64>,
}

impl fmt::Debug for ObservedSecond<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Seen({} sent, {} completed, {} failed)",
            self.sent, self.completed, self.failed
        )
    }
}

impl fmt::Display for AbortRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(
        completed: u64,
        failed: u64,
        latency: &dyn Fn(crate::threshold::Statistic) -> Option<u64>,
    ) -> ObservedSecond<'_> {
        ObservedSecond {
            sent: completed + failed,
            completed,
            failed,
            dropped: 1,
            latency,
        }
    }

    #[test]
    fn a_rule_is_broken_by_the_counts_of_one_second() {
        let slow = |_| Some(1_500_000_000);
        let nothing = |_| None;
        let broken = |rule: &str, seen: &ObservedSecond<'_>| AbortRule::parse(rule).unwrap().broken_by(seen);
        assert_eq!(
            broken("errors > 20% for 10s", &second(79, 21, &slow)).as_deref(),
            Some("21.0%")
        );
        assert_eq!(broken("errors > 20% for 10s", &second(80, 20, &slow)), None);
        assert_eq!(broken("errors > 20% for 10s", &second(0, 0, &nothing)), None);
        assert_eq!(
            broken("dropped >= 1% for 1s", &second(90, 9, &slow)).as_deref(),
            Some("1.0%")
        );
        assert_eq!(
            broken("dropped >= 1 for 1s", &second(90, 9, &slow)).as_deref(),
            Some("1 arrivals")
        );
        assert_eq!(broken("dropped > 1 for 1s", &second(90, 9, &slow)), None);
        assert_eq!(
            broken("latency p99 > 1s for 5s", &second(5, 0, &slow)).as_deref(),
            Some("1s500ms")
        );
        assert_eq!(broken("latency p99 > 1s for 5s", &second(0, 0, &nothing)), None);
        assert_eq!(
            broken("rate < 10/s for 5s", &second(9, 0, &slow)).as_deref(),
            Some("9/s")
        );
        assert_eq!(broken("rate < 10/s for 5s", &second(10, 0, &slow)), None);
    }

    #[test]
    fn an_invalid_rule_is_rejected_with_the_expected_form() {
        let check = |text: &str, part: &str| {
            let problem = AbortRule::parse(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        };
        check("errors > 20%", "no `for`");
        check("errors > 20% for a while", "");
        check("errors > 20% for 1500ms", "whole seconds");
        check("errors > 20% for 0s", "whole seconds");
        check("errors of home > 20% for 10s", "remove `of`");
        check("lag p99 > 1s for 10s", "latency is the only timing");
        check("errors 20% for 10s", "no comparison");
        assert_eq!(AbortRule::parse("errors > 20% for 1m").unwrap().seconds, 60);
    }

    #[test]
    fn a_rule_that_stops_every_run_or_no_run_is_reported() {
        let check = |text: &str, expected: Option<&str>| {
            let fault = AbortRule::parse(text).unwrap().judges_nothing();
            assert_eq!(fault.as_deref(), expected, "{text}");
        };
        check(
            "errors > 100% for 5s",
            Some("no second can break `errors > 100%`; write `>= 100%`"),
        );
        check(
            "dropped >= 0% for 5s",
            Some("every second breaks `dropped >= 0%`; remove it or write another limit"),
        );
        check(
            "rate < 0/s for 5s",
            Some("no second can break `rate < 0/s`; write `<= 0/s`"),
        );
        check("rate <= 0/s for 5s", None);
        check("errors >= 100% for 5s", None);
    }
}
