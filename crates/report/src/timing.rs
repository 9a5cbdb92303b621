//! Percentiles of a histogram, in milliseconds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;
use tally::histogram::Histogram;

/// A histogram of times, and its statistics in milliseconds. The statistics of an empty histogram are null.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct TimingReport {
    pub count: u64,
    #[serde(flatten)]
    pub quantiles: Quantiles,
    pub max_ms: Option<f64>,
    pub mean_ms: Option<f64>,
    /// The histogram in the compressed V2 encoding of HdrHistogram, in base64, with values in nanoseconds. The text is
    /// empty for an empty histogram.
    pub histogram: String,
    #[serde(skip)]
    pub values: Histogram,
}

/// Percentiles in milliseconds; null for an empty histogram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Quantiles {
    #[serde(rename = "p50_ms")]
    pub p50: Option<f64>,
    #[serde(rename = "p75_ms")]
    pub p75: Option<f64>,
    #[serde(rename = "p90_ms")]
    pub p90: Option<f64>,
    #[serde(rename = "p95_ms")]
    pub p95: Option<f64>,
    #[serde(rename = "p99_ms")]
    pub p99: Option<f64>,
    #[serde(rename = "p99_9_ms")]
    pub p99_9: Option<f64>,
    #[serde(rename = "p99_99_ms")]
    pub p99_99: Option<f64>,
}

pub(crate) fn ms(nanos: u64) -> f64 {
    nanos as f64 / 1e6
}

impl Quantiles {
    pub(crate) fn of(histogram: &Histogram) -> Quantiles {
        let at = |millionths| (!histogram.is_empty()).then(|| ms(histogram.quantile(millionths)));
        Quantiles {
            p50: at(500_000),
            p75: at(750_000),
            p90: at(900_000),
            p95: at(950_000),
            p99: at(990_000),
            p99_9: at(999_000),
            p99_99: at(999_900),
        }
    }
}

impl TimingReport {
    pub(crate) fn of(histogram: &Histogram) -> TimingReport {
        let empty = histogram.is_empty();
        TimingReport {
            count: histogram.len(),
            quantiles: Quantiles::of(histogram),
            max_ms: (!empty).then(|| ms(histogram.max())),
            mean_ms: (!empty).then(|| histogram.mean() / 1e6),
            histogram: if empty {
                String::new()
            } else {
                STANDARD.encode(tally::encoding::encode(histogram))
            },
            values: histogram.clone(),
        }
    }
}
