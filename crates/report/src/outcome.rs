//! The values of a report that the list of runs shows.

use crate::verdict::Verdict;
use serde::Deserialize;

/// The values of a report that the list of runs shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Headline {
    pub verdict: Verdict,
    /// The number of completed requests divided by the measured time.
    pub rate_per_s: Option<f64>,
    /// The 99th percentile of latency in milliseconds; `None` if no request was measured.
    pub p99_ms: Option<f64>,
}

impl Headline {
    /// Reads a headline from a report in JSON; `None` if the text is not a report.
    pub fn of_report(json: &[u8]) -> Option<Headline> {
        #[derive(Deserialize)]
        struct Report {
            verdict: Verdict,
            total: Option<Total>,
        }
        #[derive(Deserialize)]
        struct Total {
            rate_per_s: Option<f64>,
            latency: Option<Latency>,
        }
        #[derive(Deserialize)]
        struct Latency {
            p99_ms: Option<f64>,
        }
        let report: Report = serde_json::from_slice(json).ok()?;
        Some(Headline {
            verdict: report.verdict,
            rate_per_s: report.total.as_ref().and_then(|total| total.rate_per_s),
            p99_ms: report
                .total
                .and_then(|total| total.latency)
                .and_then(|latency| latency.p99_ms),
        })
    }
}
