//! What is compared: a number that a run has, as a whole or for one of its requests.

use plan::threshold::Statistic;
use tally::interval::Brief;

/// What is asked of both runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Completed requests over the measured time.
    Rate,
    /// Failed as a share of sent.
    Errors,
    /// Done minus due, of completed and failed requests; never the maximum, which is one value and
    /// has no interval.
    Latency(Statistic),
    /// What the run cost.
    Cost,
}

/// What is asked of every run and every request.
pub(super) const ALWAYS: [Subject; 8] = [
    Subject::Rate,
    Subject::Errors,
    Subject::Latency(Statistic::Mean),
    Subject::Latency(Statistic::Quantile { millionths: 500_000 }),
    Subject::Latency(Statistic::Quantile { millionths: 900_000 }),
    Subject::Latency(Statistic::Quantile { millionths: 950_000 }),
    Subject::Latency(Statistic::Quantile { millionths: 990_000 }),
    Subject::Latency(Statistic::Quantile { millionths: 999_000 }),
];

/// A tail quantile stands on the values beyond it. The root of their number is how far its rank is
/// off by chance alone, so with fewer than these it is off by more than a third, and where it is
/// then is next to the largest values, of which resampling says nothing (Bickel and Freedman, Some
/// Asymptotic Theory for the Bootstrap, 1981).
const BEYOND_MIN: u64 = 10;
/// Requests without which a rate, a mean or a share of failures is an anecdote.
const REQUESTS_MIN: u64 = 20;

/// A change within this share of A is none that matters, and two runs that show it are the same; of
/// errors it is a difference of shares.
const MARGIN: f64 = 0.05;
const MARGIN_OF_ERRORS: f64 = 0.005;

impl Subject {
    /// The change on either side within which two runs are the same.
    pub(super) fn margin(self) -> f64 {
        match self {
            Subject::Errors => MARGIN_OF_ERRORS,
            Subject::Rate | Subject::Latency(_) | Subject::Cost => MARGIN,
        }
    }

    /// What people call it: `latency p99`.
    pub fn name(self) -> String {
        match self {
            Subject::Rate => "rate".to_owned(),
            Subject::Errors => "errors".to_owned(),
            Subject::Cost => "cost".to_owned(),
            Subject::Latency(Statistic::Mean) => "latency mean".to_owned(),
            Subject::Latency(Statistic::Max) => "latency max".to_owned(),
            Subject::Latency(Statistic::Quantile { millionths }) => {
                format!("latency p{}", f64::from(millionths) / 10_000.0)
            }
        }
    }

    /// Where it is shown among the others.
    pub(super) fn place(self) -> u32 {
        match self {
            Subject::Rate => 0,
            Subject::Errors => 1,
            Subject::Latency(Statistic::Mean) => 2,
            Subject::Latency(Statistic::Quantile { millionths }) => 3 + millionths,
            Subject::Latency(Statistic::Max) => u32::MAX - 1,
            Subject::Cost => u32::MAX,
        }
    }

    /// Whether a larger number is better.
    pub(super) fn more_is_better(self) -> bool {
        self == Subject::Rate
    }

    /// Why a run has too little of it to say anything; `None` where it has enough.
    pub(super) fn too_little(self, brief: &Brief) -> Option<String> {
        let few = |number: u64, least: u64, what: &str| {
            (number < least).then(|| format!("only {number} of the {least} {what} that are needed"))
        };
        match self {
            Subject::Rate => few(brief.completed, REQUESTS_MIN, "completed requests"),
            Subject::Errors => few(brief.sent, REQUESTS_MIN, "sent requests"),
            Subject::Latency(Statistic::Quantile { millionths }) => {
                let count = u128::from(brief.latency.len());
                let above = count * u128::from(1_000_000 - millionths) / 1_000_000;
                let below = count * u128::from(millionths) / 1_000_000;
                few(above.min(below) as u64, BEYOND_MIN, "values beyond it")
            }
            Subject::Latency(_) => few(brief.latency.len(), REQUESTS_MIN, "values"),
            Subject::Cost => None,
        }
    }

    /// Its value in the unit of reports: milliseconds, a share of 1, or requests a second. Latencies
    /// are those of the merged histogram. `None` where there is nothing to take it from.
    pub(super) fn value(self, brief: &Brief, measured: u64) -> Option<f64> {
        match self {
            Subject::Rate => (measured > 0).then(|| brief.completed as f64 / (measured as f64 / 1e9)),
            Subject::Errors => (brief.sent > 0).then(|| brief.failed as f64 / brief.sent as f64),
            Subject::Latency(_) if brief.latency.is_empty() => None,
            Subject::Latency(Statistic::Mean) => Some(brief.latency.mean() / 1e6),
            Subject::Latency(statistic) => Some(statistic.of(&brief.latency) as f64 / 1e6),
            Subject::Cost => None,
        }
    }
}
