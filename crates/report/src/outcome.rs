//! What a list of runs says of a report.

use crate::verdict::Verdict;
use serde::Deserialize;

/// The least that a report says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    pub verdict: Verdict,
    /// Completed requests over the measured time.
    pub rate_per_s: Option<f64>,
    /// The 99th percentile of latency; `None` when nothing was measured.
    pub p99_ms: Option<f64>,
}

impl Outcome {
    /// Reads it from a report's JSON; `None` for a text that is not a report.
    pub fn of_report(json: &[u8]) -> Option<Outcome> {
        #[derive(Deserialize)]
        struct Told {
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
        let told: Told = serde_json::from_slice(json).ok()?;
        Some(Outcome {
            verdict: told.verdict,
            rate_per_s: told.total.as_ref().and_then(|total| total.rate_per_s),
            p99_ms: told
                .total
                .and_then(|total| total.latency)
                .and_then(|latency| latency.p99_ms),
        })
    }
}
