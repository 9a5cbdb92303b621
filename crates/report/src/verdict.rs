//! The verdict of a run: passed, crossed, incomplete, or not judged.

use plan::threshold::{LatencyKind, Measured, Statistic, Threshold};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tally::histogram::highest_equivalent;
use tally::tally::{RequestTally, Tally};

use crate::show;

/// The verdict of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All workers reported all of their work, and every threshold is met.
    Passed,
    /// All workers reported all of their work, and a threshold is not met.
    Crossed,
    /// A part of the plan is missing, so the run cannot pass.
    Incomplete,
    /// All workers reported all of their work, and the scenario has no thresholds.
    Unjudged,
}

impl Verdict {
    /// Returns the word for text.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Unjudged => "finished, nothing was judged",
            judged => judged.name(),
        }
    }

    /// Returns the name in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Crossed => "crossed",
            Verdict::Incomplete => "incomplete",
            Verdict::Unjudged => "unjudged",
        }
    }
}

/// A threshold with its measured value.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Judged {
    /// The text of the threshold.
    pub threshold: String,
    pub kept: bool,
    /// The measured value as text.
    pub measured: String,
    /// The measured value: milliseconds, a share of 1, arrivals, or arrivals per second; null if nothing was measured.
    pub value: Option<f64>,
    /// The limit in the same unit.
    pub limit: f64,
}

impl Judged {
    /// Returns the word for text, in every format of the report.
    pub fn word(&self) -> &'static str {
        if self.kept { "met" } else { "not met" }
    }

    /// Returns a sentence about a threshold that is not met, with the measured value.
    pub(crate) fn reason(&self) -> String {
        format!("{} is not met: {}", self.threshold, self.measured)
    }
}

/// The data that thresholds are checked against.
#[derive(Debug)]
pub struct Evidence<'a> {
    pub names: &'a [String],
    pub tally: &'a Tally,
    /// All measured requests together.
    pub whole: &'a RequestTally,
    /// Measured arrivals that were planned.
    pub planned: u64,
    pub measured_time: Duration,
}

/// Checks every threshold.
pub fn judge(thresholds: &[Threshold], evidence: &Evidence<'_>) -> Vec<Judged> {
    thresholds.iter().map(|threshold| check(threshold, evidence)).collect()
}

/// Returns the general rules that a run breaks, which apply with any thresholds.
///
/// A run without a completed request crosses. So does a run that dropped arrivals, because its percentiles exclude the
/// arrivals that waited longest; a threshold on `dropped` replaces this rule.
pub fn broken_rules(thresholds: &[Threshold], evidence: &Evidence<'_>) -> Vec<Judged> {
    let counts = &evidence.whole.counts;
    let anything = (counts.completed == 0).then(|| Judged {
        threshold: "at least one request completes (always checked)".to_owned(),
        kept: false,
        measured: "none completed".to_owned(),
        value: Some(0.0),
        limit: 1.0,
    });
    let limited = thresholds.iter().any(Threshold::limits_dropped);
    let dropped = (counts.dropped > 0 && !limited).then(|| Judged {
        threshold: "dropped <= 0 (by default)".to_owned(),
        kept: false,
        measured: dropped_of(counts.dropped, evidence.planned),
        value: Some(counts.dropped as f64),
        limit: 0.0,
    });
    anything.into_iter().chain(dropped).collect()
}

/// `36 of 2,400 arrivals (1.5%)`.
fn dropped_of(dropped: u64, planned: u64) -> String {
    let (part, whole) = (show::count(dropped), show::count(planned));
    format!("{part} of {whole} arrivals ({})", show::share(dropped, planned))
}

fn check(threshold: &Threshold, evidence: &Evidence<'_>) -> Judged {
    let place = threshold
        .request
        .as_ref()
        .and_then(|name| evidence.names.iter().position(|known| known == name));
    let request = place.map_or(evidence.whole, |place| &evidence.tally.requests[place]);
    let (kept, measured, value, limit): (bool, String, Option<f64>, f64) = match threshold.measured {
        Measured::Timing {
            timing,
            statistic,
            limit,
        } => {
            let nanos = statistic_of(request, timing, statistic);
            let limit = limit.as_nanos() as u64;
            // Without a measured request, no latency threshold is met.
            let some = request.counts.completed + request.counts.failed_total() > 0;
            // A quantile is the upper bound of its bucket, so the limit is rounded up to the upper bound of its own.
            let line = match statistic {
                Statistic::Mean => limit,
                Statistic::Quantile { .. } | Statistic::Max => highest_equivalent(limit),
            };
            let kept = some && threshold.comparison.holds(nanos, line);
            let shown = match (some, request.counts.dropped) {
                (false, _) => "nothing was measured".to_owned(),
                (true, 0) => show::time(nanos),
                (true, _) => format!("{} (of the requests sent)", show::time(nanos)),
            };
            (kept, shown, some.then_some(nanos as f64 / 1e6), limit as f64 / 1e6)
        }
        Measured::Errors { limit_millionths } => {
            let (failed, sent) = (request.counts.failed_total(), request.counts.sent);
            share(threshold, failed, sent, limit_millionths)
        }
        Measured::Dropped { limit_millionths } => share(
            threshold,
            evidence.whole.counts.dropped,
            evidence.planned,
            limit_millionths,
        ),
        Measured::DroppedCount { limit } => {
            let dropped = evidence.whole.counts.dropped;
            let kept = threshold.comparison.holds(dropped, limit);
            let shown = dropped_of(dropped, evidence.planned);
            (kept, shown, Some(dropped as f64), limit as f64)
        }
        Measured::Rate { limit } => {
            let rate = per_second(request.counts.completed, evidence.measured_time);
            let limit = limit.as_per_second();
            match evidence.measured_time.is_zero() {
                true => (false, "nothing was measured".to_owned(), None, limit),
                false => (
                    threshold.comparison.holds(rate, limit),
                    show::rate(rate),
                    Some(rate),
                    limit,
                ),
            }
        }
    };
    Judged {
        threshold: threshold.text.clone(),
        kept,
        measured,
        value,
        limit,
    }
}

/// Returns completed requests divided by the measured time.
pub fn per_second(completed: u64, time: Duration) -> f64 {
    if time.is_zero() {
        0.0
    } else {
        completed as f64 / time.as_secs_f64()
    }
}

fn share(threshold: &Threshold, part: u64, whole: u64, limit_millionths: u32) -> (bool, String, Option<f64>, f64) {
    // Compared as whole numbers: part / whole against limit / 1,000,000.
    let kept = whole > 0
        && threshold.comparison.holds(
            u128::from(part) * 1_000_000,
            u128::from(whole) * u128::from(limit_millionths),
        );
    let value = (whole > 0).then(|| part as f64 / whole as f64);
    let shown = if whole == 0 {
        "nothing was sent".to_owned()
    } else {
        show::share(part, whole)
    };
    (kept, shown, value, f64::from(limit_millionths) / 1e6)
}

fn statistic_of(request: &RequestTally, timing: LatencyKind, statistic: Statistic) -> u64 {
    let all = request.all();
    let histogram = match timing {
        LatencyKind::Latency => &all.latency,
        LatencyKind::Service => &all.service,
        LatencyKind::Lag => &all.lag,
    };
    statistic.of(histogram)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tally::outcome::{Failure, Outcome};
    use tally::tally::{Recorder, SampleKind};

    /// 1,000 requests of 1..=1,000 ms; every hundredth failed, and half are `home`.
    fn tally() -> Tally {
        let mut recorder = Recorder::new(2);
        for k in 1..=1_000u64 {
            let sample = SampleKind::Measured {
                request: ((k % 2) as usize).into(),
            };
            recorder.sent(sample, 0);
            let result = if k % 100 == 0 { Err(Failure::Status) } else { Ok(()) };
            let outcome = Outcome {
                due: 0,
                sent: 0,
                done: k * 1_000_000,
                result,
                code: None,
                body_bytes: 0,
                ..Outcome::default()
            };
            recorder.finished(sample, &outcome);
        }
        recorder.tally
    }

    fn check(threshold: &str, kept: bool, measured: &str) {
        let tally = tally();
        let names = ["home".to_owned(), "cart".to_owned()];
        let whole = tally.whole();
        let evidence = Evidence {
            names: &names,
            tally: &tally,
            whole: &whole,
            planned: 1_000,
            measured_time: Duration::from_secs(10),
        };
        let judged = judge(&[Threshold::parse(threshold).unwrap()], &evidence);
        assert_eq!(judged.len(), 1);
        assert_eq!(
            (judged[0].kept, judged[0].measured.as_str()),
            (kept, measured),
            "{threshold}"
        );
    }

    #[test]
    fn thresholds_are_checked_against_the_merged_tally() {
        check("latency p99 < 1s", true, "990ms");
        check("latency p99 < 990ms", false, "990ms");
        check("latency max of cart <= 999ms", true, "999ms");
        check("latency max of cart < 999ms", false, "999ms");
        check("latency max of cart <= 998ms", false, "999ms");
        check("errors < 1%", false, "1%");
        check("errors <= 1%", true, "1%");
        check("errors of cart <= 0%", true, "0%");
        check("errors of home <= 1%", false, "2%");
        check("rate >= 99/s", true, "99.00/s");
        check("rate > 99/s", false, "99.00/s");
        check("dropped <= 0%", true, "0%");
        check("dropped <= 0", true, "0 of 1,000 arrivals (0%)");
    }

    /// The same with 40 dropped arrivals.
    fn with_drops() -> Tally {
        let mut recorder = Recorder {
            tally: tally(),
            ..Recorder::new(2)
        };
        (0..40).for_each(|_| recorder.dropped(SampleKind::Measured { request: 0.into() }, 0));
        recorder.tally
    }

    #[test]
    fn dropped_arrivals_break_a_rule_unless_a_threshold_limits_them() {
        let tally = with_drops();
        let whole = tally.whole();
        let evidence = Evidence {
            names: &["home".to_owned(), "cart".to_owned()],
            tally: &tally,
            whole: &whole,
            planned: 1_040,
            measured_time: Duration::from_secs(10),
        };
        let check = |line: &str, kept: bool, measured: &str, broken: usize| {
            let thresholds = [Threshold::parse(line).unwrap()];
            let judged = judge(&thresholds, &evidence);
            let got = (judged[0].kept, judged[0].measured.as_str());
            assert_eq!(got, (kept, measured), "{line}");
            assert_eq!(broken_rules(&thresholds, &evidence).len(), broken, "{line}");
        };
        check("latency max <= 1s", true, "1s (of the requests sent)", 1);
        check("latency max of cart <= 1s", true, "999ms", 1);
        check("dropped < 4%", true, "3.85%", 0);
        check("dropped <= 40", true, "40 of 1,040 arrivals (3.85%)", 0);
        check("dropped < 40", false, "40 of 1,040 arrivals (3.85%)", 0);
        let broken = broken_rules(&[], &evidence);
        assert_eq!(broken[0].measured, "40 of 1,040 arrivals (3.85%)");
        assert!(!broken[0].kept && broken[0].threshold.starts_with("dropped <= 0 "));
    }

    #[test]
    fn a_run_without_completed_requests_does_not_pass() {
        let tally = Tally::new(1);
        let whole = tally.whole();
        let evidence = Evidence {
            names: &["home".to_owned()],
            tally: &tally,
            whole: &whole,
            planned: 0,
            measured_time: Duration::from_secs(1),
        };
        let thresholds = [Threshold::parse("latency p99 < 1s").unwrap()];
        let judged: Vec<Judged> = [broken_rules(&thresholds, &evidence), judge(&thresholds, &evidence)].concat();
        assert!(judged.iter().all(|judged| !judged.kept), "{judged:?}");
        assert_eq!(judged.len(), 2);
        assert_eq!(judged[1].value, None);
    }
}
