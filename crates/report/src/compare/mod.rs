//! Compares two runs: computes the change of each statistic from run A to run B, with a confidence interval.
//!
//! Invariant: the values of a run are computed from its merged histograms and counts, as in its report. The uncertainty
//! of a change is computed from the intervals of both runs (`bootstrap`), never by a formula that assumes independent
//! requests.
//!
//! The error rate applies to a whole comparison: at most [`ERROR_RATE`] of the comparisons of two equal runs contain a
//! `better` or `worse`. Half of the error rate is divided evenly among the statistics of all requests together. The
//! other half is divided evenly among the statistics of single requests (Bonferroni). In a comparison without single
//! requests, the whole error rate is divided among the statistics of all requests together. With this division, a
//! larger number of request names does not widen the intervals of all requests together. The error rate of a single
//! rule is far lower than [`ERROR_RATE`].

mod bootstrap;
mod caution;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod overlay;
pub mod row;
pub mod rule;
pub mod sample;
mod statistic;
mod student;
pub mod text;

use crate::verdict::Verdict;
use bootstrap::{Draws, INTERVALS_MIN, IntervalSums};
use caution::{cautions, too_few_intervals};
use overlay::{Overlay, overlays};
use row::{ComparisonRow, Judgement};
use rule::{RegressionRule, Ruled, Ruling};
use sample::{Arrivals, RunSample};
use schemars::JsonSchema;
use serde::Serialize;
use statistic::{ALWAYS, Subject};
use tally::interval::{Brief, Interval};

/// The format number of the JSON comparison.
const FORMAT: u32 = 1;

/// The maximum share of comparisons of equal runs that wrongly contain a `better` or `worse`.
pub const ERROR_RATE: f64 = 0.05;

/// The comparison of two runs; its JSON is for programs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Comparison {
    pub format: u32,
    pub a: Side,
    pub b: Side,
    /// The maximum share of comparisons of two equal runs in which a row contains `better` or `worse`.
    pub error_rate: f64,
    /// Whether both runs have the same timeline. With the same timeline, the same intervals are drawn from both runs.
    pub paired: bool,
    /// The number of consecutive intervals in a block of the bootstrap; null if the runs have too few intervals.
    pub block: Option<usize>,
    /// Possible causes of a difference, other than the target.
    pub cautions: Vec<String>,
    /// The statistics of all requests together, of each request, and of each flow, in this order.
    pub rows: Vec<ComparisonRow>,
    pub rules: Vec<Ruled>,
    /// The charts of the page.
    #[serde(skip)]
    pub overlays: Vec<Overlay>,
}

/// One of the two compared runs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Side {
    pub run: String,
    pub scenario: String,
    pub fleet: String,
    /// T0, the start time of the load, as RFC 3339 in UTC; null if the run never started.
    pub started: Option<String>,
    pub verdict: Verdict,
    pub measured_s: f64,
    pub planned: u64,
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    pub missing: u64,
    pub intervals: usize,
}

/// The reason why two runs cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    #[error("`{rule}`: the request or flow {request} is not in both runs")]
    NoRequest {
        rule: String,
        request: String,
        /// A sentence on how to correct the rule.
        hint: String,
    },
}

/// A statistic to compare, either of all requests together, or of one request or flow. For one request or flow, the
/// field `request` contains its name, and its position in each run.
#[derive(Clone, Copy)]
struct Comparand<'a> {
    subject: Subject,
    request: Option<(&'a str, usize, usize)>,
}

impl Comparison {
    /// Compares run B with run A, and checks the rules.
    ///
    /// # Errors
    /// Fails if a rule names a request or flow that is not in both runs.
    pub fn new(a: &RunSample, b: &RunSample, rules: &[RegressionRule]) -> Result<Comparison, CompareError> {
        // A name may be the name of a request in one run and the name of a flow in the other run. Such names are not
        // compared.
        let alike = |at: usize, other: usize| (at < a.requests.len()) == (other < b.requests.len());
        let common: Vec<(&str, usize, usize)> = a
            .names()
            .enumerate()
            .filter_map(|(at, name)| Some((name.as_str(), at, b.names().position(|other| other == name)?)))
            .filter(|(_, at, other)| alike(*at, *other))
            .collect();
        let asked = asked(a, b, &common, rules)?;
        let paired = a.loads == b.loads && lengths(a) == lengths(b);
        let enough = a.intervals.len().min(b.intervals.len()) >= INTERVALS_MIN;
        let draws = enough.then(|| Draws::new(a.intervals.len(), b.intervals.len(), paired));
        let confidence = confidences(&asked);
        let mut rows = Vec::with_capacity(asked.len());
        // The list groups the statistics by request, so the prefix sums of each request are computed once.
        for group in asked.chunk_by(|one, next| one.request == next.request) {
            rows.extend(rows_of(a, b, group, draws.as_ref(), confidence));
        }
        let rules = rules.iter().filter_map(|rule| {
            let of_rule = |row: &&ComparisonRow| row.subject == rule.subject && row.request == rule.request;
            rows.iter().find(of_rule).map(|row| rule.judge(row))
        });
        Ok(Comparison {
            format: FORMAT,
            a: Side::of(a),
            b: Side::of(b),
            error_rate: ERROR_RATE,
            paired,
            block: draws.as_ref().map(|draws| draws.block),
            cautions: cautions(a, b),
            rules: rules.collect(),
            rows,
            overlays: overlays(a, b, &common),
        })
    }

    /// Returns whether a rule is broken.
    pub fn regressed(&self) -> bool {
        self.rules.iter().any(|ruled| ruled.ruling == Ruling::Broken)
    }

    /// Returns whether one of the runs is incomplete.
    pub fn incomplete(&self) -> bool {
        [&self.a, &self.b]
            .iter()
            .any(|side| side.verdict == Verdict::Incomplete)
    }

    /// Returns the number of rows with this judgement.
    pub fn number(&self, word: Judgement) -> usize {
        self.rows.iter().filter(|row| row.word == word).count()
    }

    /// Returns the comparison as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_else(|_| unreachable!("a comparison is always JSON"))
    }

    /// Returns the JSON Schema of [`Comparison::json`].
    pub fn schema() -> String {
        let schema = schemars::schema_for!(Comparison);
        serde_json::to_string_pretty(&schema).unwrap_or_else(|_| unreachable!("a schema is always JSON"))
    }
}

impl Side {
    fn of(sample: &RunSample) -> Side {
        let Arrivals {
            planned,
            sent,
            completed,
            failed,
            dropped,
            missing,
        } = sample.counts;
        Side {
            run: sample.run.clone(),
            scenario: sample.scenario.clone(),
            fleet: sample.fleet.clone(),
            started: sample.started.clone(),
            verdict: sample.verdict,
            measured_s: sample.measured as f64 / 1e9,
            planned,
            sent,
            completed,
            failed,
            dropped,
            missing,
            intervals: sample.intervals.len(),
        }
    }
}

fn lengths(sample: &RunSample) -> Vec<u64> {
    sample.intervals.iter().map(|interval| interval.length).collect()
}

/// Returns the statistics to compare, in the order of the rows.
fn asked<'a>(
    a: &RunSample,
    b: &RunSample,
    common: &[(&'a str, usize, usize)],
    rules: &[RegressionRule],
) -> Result<Vec<Comparand<'a>>, CompareError> {
    let mut all: Vec<Subject> = ALWAYS.to_vec();
    let costs = a.cost.is_some() || b.cost.is_some();
    // If a run has a single request and no flow, the statistics of the request equal the statistics of all requests.
    let several = a.names().count().max(b.names().count()) > 1;
    let mut of_each: Vec<Vec<Subject>> = vec![if several { ALWAYS.to_vec() } else { Vec::new() }; common.len()];
    for rule in rules {
        let place = match &rule.request {
            None => None,
            Some(request) => {
                let place = common.iter().position(|(name, ..)| name == request);
                Some(place.ok_or_else(|| no_request(rule, request, common))?)
            }
        };
        let subjects = place.map_or(&mut all, |place| &mut of_each[place]);
        if !subjects.contains(&rule.subject) && rule.subject != Subject::Cost {
            subjects.push(rule.subject);
        }
    }
    let cost_asked = rules.iter().any(|rule| rule.subject == Subject::Cost);
    if costs || cost_asked {
        all.push(Subject::Cost);
    }
    all.sort_by_key(|subject| subject.place());
    of_each
        .iter_mut()
        .for_each(|subjects| subjects.sort_by_key(|subject| subject.place()));
    let whole = all.into_iter().map(|subject| Comparand { subject, request: None });
    let each = common.iter().zip(of_each).flat_map(|(request, subjects)| {
        subjects.into_iter().map(|subject| Comparand {
            subject,
            request: Some(*request),
        })
    });
    Ok(whole.chain(each).collect())
}

fn no_request(rule: &RegressionRule, request: &str, common: &[(&str, usize, usize)]) -> CompareError {
    let names: Vec<&str> = common.iter().map(|(name, ..)| *name).collect();
    CompareError::NoRequest {
        rule: rule.to_string(),
        request: request.to_owned(),
        hint: match names.is_empty() {
            true => "leave out `of`: the runs have no request in common".to_owned(),
            false => format!("use one of: {}", names.join(", ")),
        },
    }
}

/// Returns two confidence levels: for the statistics of all requests together, and for the statistics of a single
/// request.
fn confidences(asked: &[Comparand<'_>]) -> (f64, f64) {
    let sampled = |of_one: bool| {
        let number = asked
            .iter()
            .filter(|asked| asked.request.is_some() == of_one && asked.subject != Subject::Cost);
        number.count().max(1) as f64
    };
    let shared = asked.iter().any(|asked| asked.request.is_some());
    let rate = if shared { ERROR_RATE / 2.0 } else { ERROR_RATE };
    (1.0 - rate / sampled(false), 1.0 - rate / sampled(true))
}

fn rows_of(
    a: &RunSample,
    b: &RunSample,
    group: &[Comparand<'_>],
    draws: Option<&Draws>,
    confidence: (f64, f64),
) -> Vec<ComparisonRow> {
    let request = group.first().and_then(|asked| asked.request);
    fn brief(sample: &RunSample, place: Option<usize>) -> impl Fn(&Interval) -> Brief {
        move |interval| match place {
            None => interval.whole(),
            Some(place) => sample.at(interval, place).cloned().unwrap_or_default(),
        }
    }
    let (of_a, of_b) = (
        brief(a, request.map(|(_, a, _)| a)),
        brief(b, request.map(|(_, _, b)| b)),
    );
    let sum = |sample: &RunSample, brief: &dyn Fn(&Interval) -> Brief| {
        let mut sum = Brief::default();
        sample.intervals.iter().for_each(|interval| sum.add(&brief(interval)));
        sum
    };
    let (sum_a, sum_b) = (sum(a, &of_a), sum(b, &of_b));
    let (length_a, length_b) = (
        a.length_of(request.map(|(_, a, _)| a)),
        b.length_of(request.map(|(_, _, b)| b)),
    );
    let (measured_a, measured_b): (u64, u64) = (
        a.intervals.iter().map(&length_a).sum(),
        b.intervals.iter().map(&length_b).sum(),
    );
    let columns = draws.map(|draws| {
        (
            draws,
            IntervalSums::new(&a.intervals, draws.block, of_a, length_a),
            IntervalSums::new(&b.intervals, draws.block, of_b, length_b),
        )
    });
    group
        .iter()
        .map(|asked| {
            let subject = asked.subject;
            let mut row = ComparisonRow::new(subject, request.map(|(name, ..)| name));
            if subject == Subject::Cost {
                row.counted(a.cost, b.cost);
                return row;
            }
            row.values(subject.value(&sum_a, measured_a), subject.value(&sum_b, measured_b));
            let few = |name: &str, brief: &Brief| subject.too_little(brief).map(|why| format!("{name} has {why}"));
            row.why = too_few_intervals(a, b).or_else(|| few("A", &sum_a));
            let confidence = if request.is_none() { confidence.0 } else { confidence.1 };
            if subject == Subject::Rate && row.why.is_none() && sum_b.completed == 0 {
                // If no request of B completed, the rate of B is 0 in every draw. So the change is exactly -100%.
                row.judge((-1.0, -1.0), confidence);
                return row;
            }
            row.why = row.why.or_else(|| few("B", &sum_b));
            let (Some((draws, columns_a, columns_b)), None) = (&columns, &row.why) else {
                return row;
            };
            match draws.interval(subject, columns_a, columns_b, confidence) {
                Some(interval) => row.judge(interval, confidence),
                None => row.why = Some("it is zero, or missing in some intervals".to_owned()),
            }
            row
        })
        .collect()
}
