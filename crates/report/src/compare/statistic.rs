//! The statistics that a comparison compares, either of a whole run or of one of its requests.

use plan::threshold::Statistic;
use tally::interval::Brief;

/// A statistic of a run or of one of its requests or flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The number of completed requests or flows, divided by the measured time. For a request or flow, this is the
    /// measured time of its population.
    Rate,
    /// The share of the sent requests, or of the started flows, that failed.
    Errors,
    /// The latency of completed and failed requests, which is done minus due. For completed flows, the latency is the
    /// sum of the latencies of their steps. The statistic is never the maximum, because the maximum is a single value
    /// without a confidence interval.
    Latency(Statistic),
    /// The cost of the run.
    Cost,
}

/// The statistics that every comparison contains, of the run and of each request.
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

/// The minimum number of values beyond a tail quantile.
///
/// The rank of a quantile is uncertain by the square root of the number of values beyond the quantile. With fewer than
/// 10 values beyond the quantile, this uncertainty is at least a third of their number. The quantile is then close to
/// the largest values, for which resampling is not valid (Bickel and Freedman, Some Asymptotic Theory for the
/// Bootstrap, 1981).
const BEYOND_MIN: u64 = 10;
/// The minimum number of requests for comparing a rate, a mean or a share of failures.
const REQUESTS_MIN: u64 = 20;

/// The largest change that counts as no change, relative to A. For errors, the limit is a difference of shares.
const MARGIN: f64 = 0.05;
const MARGIN_OF_ERRORS: f64 = 0.005;

impl Subject {
    /// Returns the largest change in either direction that counts as no change.
    pub(super) fn margin(self) -> f64 {
        match self {
            Subject::Errors => MARGIN_OF_ERRORS,
            Subject::Rate | Subject::Latency(_) | Subject::Cost => MARGIN,
        }
    }

    /// Returns the name of the statistic, such as `latency p99`.
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

    /// Returns the position of the statistic in the order of the rows.
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

    /// Returns whether a larger value of the statistic is better.
    pub(super) fn more_is_better(self) -> bool {
        self == Subject::Rate
    }

    /// Returns text about the values that the run lacks for this statistic; `None` if the run has enough values.
    pub(super) fn too_little(self, brief: &Brief) -> Option<String> {
        let few = |number: u64, least: u64, what: &str| {
            (number < least).then(|| format!("only {number} of the {least} required {what}"))
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

    /// Returns the value in the unit of reports: milliseconds, a share of 1, or requests per second. Latencies are
    /// computed from the merged histogram. `None` if the run has no data for the statistic.
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
