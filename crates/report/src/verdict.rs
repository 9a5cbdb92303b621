//! The verdict of a run: passed, crossed, incomplete, or not judged.

use plan::plan::Plan;
use plan::scenario::Population;
use plan::threshold::{LatencyKind, Measured, Statistic, Threshold};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::time::Duration;
use tally::flow::FlowTally;
use tally::histogram::{Histogram, highest_equivalent};
use tally::tally::{RequestTally, Tally};

use crate::part::within;
use crate::show;

/// The verdict of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All workers reported all of their work, and every threshold is met.
    Passed,
    /// All workers reported all of their work. A threshold or a general rule is not met, or a rule of `abort_if`
    /// stopped the run.
    Crossed,
    /// A part of the plan is missing from the result, so the run cannot pass.
    Incomplete,
    /// All workers reported all of their work, and the scenario has no thresholds.
    Unjudged,
}

impl Verdict {
    /// Returns the word for the verdict in text and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Unjudged => "finished, nothing was judged",
            judged => judged.name(),
        }
    }

    /// Returns the name of the verdict in the JSON report.
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
    /// The measured value in milliseconds, as a share of 1, as a number of arrivals, or in arrivals per second; null if
    /// nothing was measured.
    pub value: Option<f64>,
    /// The limit, in the same unit as `value`.
    pub limit: f64,
}

impl Judged {
    /// Returns the word for the result of the threshold, in every format of the report.
    pub fn word(&self) -> &'static str {
        if self.kept { "met" } else { "not met" }
    }

    /// Returns a sentence about a threshold that is not met, with the measured value.
    pub(crate) fn reason(&self) -> String {
        format!("{} is not met: {}", self.threshold, self.measured)
    }
}

/// The measurements against which thresholds are checked.
#[derive(Debug)]
pub struct Evidence<'a> {
    pub names: &'a [String],
    /// The names of the flows, in the order of the plan.
    pub flow_names: &'a [String],
    pub tally: &'a Tally,
    /// The tally of all measured requests together.
    pub whole: &'a RequestTally,
    /// The number of measured arrivals that were planned.
    pub planned: u64,
    /// The number of steps of started flows that were not sent because no connection was free. The dropped requests
    /// include these steps.
    pub starved: u64,
    pub measured_time: Duration,
    /// The populations, in the order of the plan.
    pub populations: &'a [PopulationEvidence],
}

/// The measurements of one population.
#[derive(Debug)]
pub struct PopulationEvidence {
    /// The name of the population; empty for the only population of a scenario without named populations.
    pub name: String,
    /// The range of the population's requests in the plan, and the range of its flows.
    pub requests: Range<usize>,
    pub flows: Range<usize>,
    /// The tally of all measured requests of the population together.
    pub whole: RequestTally,
    pub measured_time: Duration,
}

impl PopulationEvidence {
    /// Returns the measurements of each population of a plan. The measured time ends at `until`, in nanoseconds since
    /// T0.
    pub(crate) fn of(plan: &Plan, tally: &Tally, until: u64) -> Vec<PopulationEvidence> {
        let of = |population: &Population| {
            let mut whole = RequestTally::default();
            let own = tally.requests.iter().skip(population.requests.start);
            own.take(population.requests.len())
                .for_each(|request| whole.add(request));
            let measured = within(&population.measured_spans(), 0, until);
            PopulationEvidence {
                name: population.name.clone(),
                requests: population.requests.clone(),
                flows: population.flows.clone(),
                whole,
                measured_time: Duration::from_nanos(measured),
            }
        };
        plan.populations.iter().map(of).collect()
    }
}

impl Evidence<'_> {
    /// Returns text such as `36 of 2,400 arrivals (1.5%)`. A flow that ended because no connection was free for its
    /// next step counts as dropped, because the generator caused the end, not the target.
    fn dropped(&self) -> String {
        let dropped = self.whole.counts.dropped;
        let share = show::share(dropped, self.planned);
        let all = format!(
            "{} of {} arrivals ({share})",
            show::count(dropped),
            show::count(self.planned)
        );
        match self.starved {
            0 => all,
            starved if starved == dropped => format!("{all}, all after their first step: no connection was free"),
            starved => format!(
                "{all}, {} of them after their first step: no connection was free",
                show::count(starved)
            ),
        }
    }

    /// Returns the requests or flows with this name, and their measured time. The name in a threshold is the name of a
    /// request, of a flow or of a population; `None` for all requests.
    fn subject(&self, name: Option<&String>) -> (Subject<'_>, Duration) {
        let place = |names: &[String]| names.iter().position(|known| Some(known) == name);
        let time =
            |population: Option<&PopulationEvidence>| population.map_or(self.measured_time, |one| one.measured_time);
        let mut populations = self.populations.iter();
        if let Some(flow) = place(self.flow_names) {
            let population = populations.find(|one| one.flows.contains(&flow));
            return (Subject::Flow(self.tally.flows.get(flow)), time(population));
        }
        if let Some(request) = place(self.names) {
            let population = populations.find(|one| one.requests.contains(&request));
            return (Subject::Requests(&self.tally.requests[request]), time(population));
        }
        match populations.find(|one| Some(&one.name) == name) {
            Some(population) => (Subject::Requests(&population.whole), population.measured_time),
            None => (Subject::Requests(self.whole), self.measured_time),
        }
    }
}

/// The requests or flows that a threshold limits: the requests of one name or one population, all requests, or the
/// flows of one name. A flow is `None` if no worker reported this flow.
enum Subject<'a> {
    Requests(&'a RequestTally),
    Flow(Option<&'a FlowTally>),
}

impl Subject<'_> {
    fn values(&self, timing: LatencyKind) -> Histogram {
        match (self, timing) {
            (Subject::Requests(requests), LatencyKind::Latency) => requests.all().latency,
            (Subject::Requests(requests), LatencyKind::Service) => requests.all().service,
            (Subject::Requests(requests), LatencyKind::Lag) => requests.all().lag,
            (Subject::Flow(Some(flow)), LatencyKind::Latency) => flow.latency.clone(),
            (Subject::Flow(Some(flow)), LatencyKind::Session) => flow.session.clone(),
            // The histogram is empty. A scenario is rejected if a threshold limits a time that its requests or flows do
            // not have.
            (Subject::Requests(_), LatencyKind::Session) | (Subject::Flow(_), _) => Histogram::default(),
        }
    }

    /// Returns text that names the requests or flows whose times were recorded; empty if all times were recorded.
    fn described(&self) -> &'static str {
        match self {
            Subject::Requests(requests) if requests.counts.dropped > 0 => " (of the requests sent)",
            Subject::Flow(Some(flow)) if flow.started + flow.dropped > flow.completed => " (of the flows completed)",
            Subject::Requests(_) | Subject::Flow(_) => "",
        }
    }

    fn completed(&self) -> u64 {
        match self {
            Subject::Requests(requests) => requests.counts.completed,
            Subject::Flow(flow) => flow.map_or(0, |flow| flow.completed),
        }
    }

    /// Returns the number of failed requests or flows, and the number of sent requests or started flows.
    fn failed(&self) -> (u64, u64) {
        match self {
            Subject::Requests(requests) => (requests.counts.failed_total(), requests.counts.sent),
            Subject::Flow(flow) => flow.map_or((0, 0), |flow| (flow.failed_total(), flow.started)),
        }
    }
}

/// Checks every threshold.
pub fn judge(thresholds: &[Threshold], evidence: &Evidence<'_>) -> Vec<Judged> {
    thresholds.iter().map(|threshold| check(threshold, evidence)).collect()
}

/// Returns the general rules that a run breaks. The general rules apply to every run, with or without thresholds.
///
/// A run without a completed request gets the verdict `crossed`. A run that dropped arrivals or steps of flows also
/// gets the verdict `crossed`, because its percentiles exclude the requests that waited longest. If the scenario has a
/// threshold on `dropped`, this threshold replaces the rule about dropped arrivals and steps.
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
        measured: evidence.dropped(),
        value: Some(counts.dropped as f64),
        limit: 0.0,
    });
    anything.into_iter().chain(dropped).collect()
}

fn check(threshold: &Threshold, evidence: &Evidence<'_>) -> Judged {
    let (subject, measured_time) = evidence.subject(threshold.request.as_ref());
    let (kept, measured, value, limit): (bool, String, Option<f64>, f64) = match threshold.measured {
        Measured::Timing {
            timing,
            statistic,
            limit,
        } => {
            let values = subject.values(timing);
            let nanos = statistic.of(&values);
            let limit = limit.as_nanos() as u64;
            // If no request or flow was measured, the limit of a time is not met.
            let some = !values.is_empty();
            // A quantile is the upper bound of its bucket, so the limit is also rounded up to the upper bound of its
            // bucket.
            let line = match statistic {
                Statistic::Mean => limit,
                Statistic::Quantile { .. } | Statistic::Max => highest_equivalent(limit),
            };
            let kept = some && threshold.comparison.holds(nanos, line);
            let shown = match some {
                false => "nothing was measured".to_owned(),
                true => format!("{}{}", show::time(nanos), subject.described()),
            };
            (kept, shown, some.then_some(nanos as f64 / 1e6), limit as f64 / 1e6)
        }
        Measured::Errors { limit_millionths } => {
            let (failed, sent) = subject.failed();
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
            (kept, evidence.dropped(), Some(dropped as f64), limit as f64)
        }
        Measured::Rate { limit } => {
            let rate = per_second(subject.completed(), measured_time);
            let limit = limit.as_per_second();
            match measured_time.is_zero() {
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

/// Returns the number of completed requests per second of the measured time.
pub fn per_second(completed: u64, time: Duration) -> f64 {
    if time.is_zero() {
        0.0
    } else {
        completed as f64 / time.as_secs_f64()
    }
}

fn share(threshold: &Threshold, part: u64, whole: u64, limit_millionths: u32) -> (bool, String, Option<f64>, f64) {
    // The shares are compared as whole numbers: part / whole against limit / 1,000,000.
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

#[cfg(test)]
mod tests {
    use super::*;
    use tally::flow::FlowEnd;
    use tally::outcome::{Failure, Outcome};
    use tally::tally::{Recorder, SampleKind};

    /// Returns a tally of 1,000 requests that took 1 ms to 1,000 ms. Every hundredth request failed, and half of the
    /// requests are `home`.
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
            flow_names: &[],
            tally: &tally,
            whole: &whole,
            planned: 1_000,
            starved: 0,
            measured_time: Duration::from_secs(10),
            populations: &[],
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

    /// Returns the same tally with 40 dropped arrivals.
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
            flow_names: &[],
            tally: &tally,
            whole: &whole,
            planned: 1_040,
            starved: 0,
            measured_time: Duration::from_secs(10),
            populations: &[],
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
            flow_names: &[],
            tally: &tally,
            whole: &whole,
            planned: 0,
            starved: 0,
            measured_time: Duration::from_secs(1),
            populations: &[],
        };
        let thresholds = [Threshold::parse("latency p99 < 1s").unwrap()];
        let judged: Vec<Judged> = [broken_rules(&thresholds, &evidence), judge(&thresholds, &evidence)].concat();
        assert!(judged.iter().all(|judged| !judged.kept), "{judged:?}");
        assert_eq!(judged.len(), 2);
        assert_eq!(judged[1].value, None);
    }

    /// Returns a tally with 10 started flows `buy`, of which 6 completed, 3 failed (one of them starved) and 1 was in
    /// flight. 2 more flows were dropped.
    fn with_flows() -> Tally {
        let mut recorder = Recorder::new(2);
        let ends = [
            vec![FlowEnd::Completed; 6],
            vec![FlowEnd::Failed(1.into()); 2],
            vec![FlowEnd::Starved(1.into()), FlowEnd::InFlight],
        ];
        for (end, k) in ends.concat().into_iter().zip(1u64..) {
            recorder.flow_started(0.into());
            let times = (k * 10_000_000, k * 1_000_000_000);
            recorder.flow_ended(0.into(), end, times, std::iter::empty());
        }
        (0..2).for_each(|_| recorder.flow_dropped(0.into()));
        (0..3).for_each(|_| recorder.dropped(SampleKind::Measured { request: 1.into() }, 0));
        recorder.tally
    }

    #[test]
    fn thresholds_of_a_flow_count_flows() {
        let tally = with_flows();
        let whole = tally.whole();
        let evidence = Evidence {
            names: &["buy/login".to_owned(), "buy/order".to_owned()],
            flow_names: &["buy".to_owned(), "idle".to_owned()],
            tally: &tally,
            whole: &whole,
            planned: 12,
            starved: 1,
            measured_time: Duration::from_secs(2),
            populations: &[],
        };
        let check = |line: &str, kept: bool, measured: &str| {
            let judged = judge(&[Threshold::parse(line).unwrap()], &evidence);
            assert_eq!(
                (judged[0].kept, judged[0].measured.as_str()),
                (kept, measured),
                "{line}"
            );
        };
        check("latency max of buy <= 60ms", true, "60ms (of the flows completed)");
        check("session p50 of buy < 3s", false, "3s (of the flows completed)");
        check("errors of buy < 30%", false, "30%");
        check("rate of buy >= 3/s", true, "3.00/s");
        check("session max of idle < 1m", false, "nothing was measured");
        check("errors of idle < 1%", false, "nothing was sent");
        let shown = "3 of 12 arrivals (25%), 1 of them after their first step: no connection was free";
        check("dropped < 25%", false, "25%");
        check("dropped <= 2", false, shown);
        let broken = broken_rules(&[], &evidence);
        assert_eq!(broken[1].measured, shown);
    }
}
