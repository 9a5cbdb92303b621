//! The stored form of flow counts.

use super::counts::is_zero;
use crate::flow;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The stored counts of the flows with the same name. A step is stored as the index of its request in the document.
#[derive(Serialize, Deserialize)]
pub(super) struct Flow {
    started: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    dropped: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    completed: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    failed: BTreeMap<u32, u64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    starved: BTreeMap<u32, u64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    stopped: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    in_flight: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    not_reached: BTreeMap<u32, u64>,
}

type Steps = BTreeMap<crate::request::RequestIndex, u64>;

fn numbers(steps: Steps) -> BTreeMap<u32, u64> {
    let number = |(step, count)| (usize::from(step) as u32, count);
    steps.into_iter().map(number).collect()
}

fn steps(numbers: BTreeMap<u32, u64>) -> Steps {
    let step = |(number, count)| ((number as usize).into(), count);
    numbers.into_iter().map(step).collect()
}

impl From<flow::FlowTally> for Flow {
    /// Converts the counts. The log contains each histogram on a separate line.
    fn from(tally: flow::FlowTally) -> Flow {
        let flow::FlowTally {
            started,
            dropped,
            completed,
            failed,
            starved,
            stopped,
            in_flight,
            not_reached,
            latency: _,
            session: _,
        } = tally;
        Flow {
            started,
            dropped,
            completed,
            failed: numbers(failed),
            starved: numbers(starved),
            stopped,
            in_flight,
            not_reached: numbers(not_reached),
        }
    }
}

impl From<Flow> for flow::FlowTally {
    fn from(stored: Flow) -> flow::FlowTally {
        flow::FlowTally {
            started: stored.started,
            dropped: stored.dropped,
            completed: stored.completed,
            failed: steps(stored.failed),
            starved: steps(stored.starved),
            stopped: stored.stopped,
            in_flight: stored.in_flight,
            not_reached: steps(stored.not_reached),
            ..flow::FlowTally::default()
        }
    }
}
