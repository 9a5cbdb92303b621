//! The stored form of thresholds and of abort rules.

use super::load::Rate;
use crate::{abort, threshold};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The stored form of a threshold.
#[derive(Serialize, Deserialize)]
pub(super) struct Threshold {
    measured: Measured,
    request: Option<String>,
    #[serde(with = "Comparison")]
    comparison: threshold::Relation,
    text: String,
}

impl From<threshold::Threshold> for Threshold {
    fn from(threshold: threshold::Threshold) -> Threshold {
        let threshold::Threshold {
            measured,
            request,
            comparison,
            text,
        } = threshold;
        Threshold {
            measured: measured.into(),
            request,
            comparison,
            text,
        }
    }
}

impl From<Threshold> for threshold::Threshold {
    fn from(stored: Threshold) -> threshold::Threshold {
        threshold::Threshold {
            measured: stored.measured.into(),
            request: stored.request,
            comparison: stored.comparison,
            text: stored.text,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Measured {
    Timing {
        #[serde(with = "Timing")]
        timing: threshold::LatencyKind,
        #[serde(with = "Statistic")]
        statistic: threshold::Statistic,
        limit: Duration,
    },
    Errors {
        limit_millionths: u32,
    },
    Dropped {
        limit_millionths: u32,
    },
    DroppedCount {
        limit: u64,
    },
    Rate {
        limit: Rate,
    },
}

impl From<threshold::Measured> for Measured {
    fn from(measured: threshold::Measured) -> Measured {
        use threshold::Measured as Of;
        match measured {
            Of::Timing {
                timing,
                statistic,
                limit,
            } => Measured::Timing {
                timing,
                statistic,
                limit,
            },
            Of::Errors { limit_millionths } => Measured::Errors { limit_millionths },
            Of::Dropped { limit_millionths } => Measured::Dropped { limit_millionths },
            Of::DroppedCount { limit } => Measured::DroppedCount { limit },
            Of::Rate { limit } => Measured::Rate { limit: limit.into() },
        }
    }
}

impl From<Measured> for threshold::Measured {
    fn from(stored: Measured) -> threshold::Measured {
        use threshold::Measured as To;
        match stored {
            Measured::Timing {
                timing,
                statistic,
                limit,
            } => To::Timing {
                timing,
                statistic,
                limit,
            },
            Measured::Errors { limit_millionths } => To::Errors { limit_millionths },
            Measured::Dropped { limit_millionths } => To::Dropped { limit_millionths },
            Measured::DroppedCount { limit } => To::DroppedCount { limit },
            Measured::Rate { limit } => To::Rate { limit: limit.into() },
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "threshold::LatencyKind", rename_all = "snake_case")]
enum Timing {
    Latency,
    Service,
    Lag,
    Session,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "threshold::Statistic", rename_all = "snake_case")]
enum Statistic {
    Quantile { millionths: u32 },
    Mean,
    Max,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "threshold::Relation")]
enum Comparison {
    #[serde(rename = "<")]
    Below,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = ">")]
    Above,
    #[serde(rename = ">=")]
    AtLeast,
}

/// The stored form of an abort rule.
#[derive(Serialize, Deserialize)]
pub(super) struct AbortRule {
    line: Threshold,
    seconds: u32,
    text: String,
}

impl From<abort::AbortRule> for AbortRule {
    fn from(rule: abort::AbortRule) -> AbortRule {
        let abort::AbortRule { line, seconds, text } = rule;
        AbortRule {
            line: line.into(),
            seconds,
            text,
        }
    }
}

impl From<AbortRule> for abort::AbortRule {
    fn from(stored: AbortRule) -> abort::AbortRule {
        abort::AbortRule {
            line: stored.line.into(),
            seconds: stored.seconds,
            text: stored.text,
        }
    }
}
