//! The stored form of the generator's health.

use super::account::Requests;
use crate::snapshot;
use serde::{Deserialize, Serialize};

/// The stored measurements of the load generator itself. Documents of older versions do not contain the fields that
/// have a default.
#[derive(Serialize, Deserialize)]
pub(super) struct Health {
    start_skew: u64,
    clock_offset: Option<i64>,
    #[serde(default)]
    clock_uncertainty: Option<u64>,
    snapshots: u32,
    cpu: u64,
    in_flight_max: u64,
    #[serde(default)]
    load_cpu: u64,
    #[serde(default)]
    load_wall: u64,
    #[serde(default)]
    run_queue: u64,
    #[serde(default)]
    throttled: Option<u64>,
    #[serde(default)]
    descriptors_max: u64,
    #[serde(default)]
    hand_over_problem: Option<String>,
    #[serde(default)]
    ran: Option<u64>,
    #[serde(default)]
    requests: Option<Requests>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokens: Option<TokenRequests>,
}

#[derive(Serialize, Deserialize)]
struct TokenRequests {
    sent: u64,
    failed: u64,
    problem: Option<String>,
}

impl From<snapshot::TokenRequests> for TokenRequests {
    fn from(tokens: snapshot::TokenRequests) -> TokenRequests {
        let snapshot::TokenRequests { sent, failed, problem } = tokens;
        TokenRequests { sent, failed, problem }
    }
}

impl From<TokenRequests> for snapshot::TokenRequests {
    fn from(stored: TokenRequests) -> snapshot::TokenRequests {
        snapshot::TokenRequests {
            sent: stored.sent,
            failed: stored.failed,
            problem: stored.problem,
        }
    }
}

impl From<snapshot::Health> for Health {
    fn from(health: snapshot::Health) -> Health {
        let snapshot::Health {
            start_skew,
            clock_offset,
            clock_uncertainty,
            snapshots,
            cpu,
            in_flight_max,
            load_cpu,
            load_wall,
            run_queue,
            throttled,
            descriptors_max,
            hand_over_problem,
            ran,
            requests,
            tokens,
        } = health;
        Health {
            start_skew,
            clock_offset,
            clock_uncertainty,
            snapshots,
            cpu,
            in_flight_max,
            load_cpu,
            load_wall,
            run_queue,
            throttled,
            descriptors_max,
            hand_over_problem,
            ran,
            requests: requests.map(Requests::from),
            tokens: tokens.map(TokenRequests::from),
        }
    }
}

impl From<Health> for snapshot::Health {
    fn from(stored: Health) -> snapshot::Health {
        snapshot::Health {
            start_skew: stored.start_skew,
            clock_offset: stored.clock_offset,
            clock_uncertainty: stored.clock_uncertainty,
            snapshots: stored.snapshots,
            cpu: stored.cpu,
            in_flight_max: stored.in_flight_max,
            load_cpu: stored.load_cpu,
            load_wall: stored.load_wall,
            run_queue: stored.run_queue,
            throttled: stored.throttled,
            descriptors_max: stored.descriptors_max,
            hand_over_problem: stored.hand_over_problem,
            ran: stored.ran,
            requests: stored.requests.map(Into::into),
            tokens: stored.tokens.map(Into::into),
        }
    }
}
