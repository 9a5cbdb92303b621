//! The small documents by which a launcher and its workers agree.

use plan::plan::{Plan, StripeOf};
use plan::scenario_file::RUN_MAX;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tally::account::{Receipt, Requests};
use tally::format::{self, FORMAT, FormatError};
use tally::provenance::Provenance;

/// The longest time from writing `start` to T0: as long as the longest run.
const LEAD_MAX: Duration = RUN_MAX;
/// The latest T0, in nanoseconds since the Unix epoch: the year 2200, far from where sums of times overflow.
const TIME_MAX: u64 = 7_258_118_400 * 1_000_000_000;

/// A worker has taken a slice of a shard: whoever comes later, leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub format: u32,
    /// Which worker it is, for people: where it runs and as what.
    pub worker: String,
    /// The worker's wall time, in nanoseconds since the Unix epoch.
    pub claimed: u64,
    /// A number that no other claim has, so that a worker knows its own.
    #[serde(default)]
    pub mark: u64,
}

/// The run begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    pub format: u32,
    /// T0 in the launcher's wall time, in nanoseconds since the Unix epoch.
    pub t0: u64,
    /// When this was written, in the same time.
    pub written: u64,
    /// What the store's clock showed then, at least and at most: a worker sees by it whether its own
    /// clock is off.
    #[serde(default)]
    pub store_time: Option<(u64, u64)>,
    /// The shards that are in; the others are missing.
    pub shards: Vec<u32>,
    /// Whether those share all arrivals among themselves, or leave out the stripes of the missing.
    #[serde(default)]
    pub restriped: bool,
}

impl Start {
    /// Checks that a launcher of this plan could have written it.
    ///
    /// # Errors
    /// A fragment that says what is wrong.
    pub fn check(&self, plan: &Plan) -> Result<(), &'static str> {
        if self.shards.is_empty() || !self.shards.is_sorted_by(|a, b| a < b) {
            return Err("its shards are not in order");
        }
        if self.shards.last().is_some_and(|last| *last >= plan.shards) {
            return Err("it names a shard that the plan does not have");
        }
        let lead = u128::from(self.t0.saturating_sub(self.written));
        if self.t0 < self.written || lead > LEAD_MAX.as_nanos() || self.t0 > TIME_MAX {
            return Err("T0 is not soon after it was written");
        }
        match self.store_time.is_none_or(|(earliest, latest)| earliest <= latest) {
            true => Ok(()),
            false => Err("the time of the store that it gives is none"),
        }
    }

    /// The stripe of a shard of `shards` that were planned; `None` if it is not in.
    pub fn stripe(&self, shard: u32, shards: u32) -> Option<StripeOf> {
        let place = self.shards.iter().position(|inside| *inside == shard)?;
        Some(match self.restriped {
            true => StripeOf {
                stripe: place as u32,
                stripes: self.shards.len() as u32,
            },
            false => StripeOf {
                stripe: shard,
                stripes: shards,
            },
        })
    }
}

/// The run ends now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    pub format: u32,
    /// Why, for people.
    pub reason: String,
    /// The writer's wall time, in nanoseconds since the Unix epoch.
    pub written: u64,
    /// The rule of the scenario's `abort_if` that was broken, if that is why.
    #[serde(default)]
    pub rule: Option<String>,
}

/// Somebody follows the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    pub format: u32,
    /// Another number at every beat.
    pub beat: u64,
}

/// What the launcher alone knows of the cost of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub format: u32,
    /// What the platform said of each invocation that it answered.
    pub receipts: Vec<Receipt>,
    /// What the launcher asked of the store.
    pub launcher: Requests,
}

/// A document of this module.
pub trait Document: Serialize + DeserializeOwned {
    /// What people call it.
    const NAME: &'static str;

    /// The stored form.
    fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_else(|_| unreachable!("our own documents are always JSON"))
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When it is newer than this version, or damaged.
    fn decode(json: &[u8]) -> Result<Self, FormatError> {
        format::read(Self::NAME, json)
    }
}

impl Claim {
    /// Where everything comes from that the worker of this claim stores.
    pub fn provenance(&self, run: &str, shard: u32, slice: u32) -> Provenance {
        Provenance {
            run: run.to_owned(),
            shard,
            slice,
            mark: self.mark,
        }
    }
}

impl Document for Claim {
    const NAME: &'static str = "claim";
}

impl Document for Start {
    const NAME: &'static str = "start";
}

impl Document for Stop {
    const NAME: &'static str = "stop";
}

impl Document for Heartbeat {
    const NAME: &'static str = "heartbeat";
}

impl Document for Account {
    const NAME: &'static str = "account";
}

impl Stop {
    /// A stop with its reason.
    pub fn new(reason: impl Into<String>, written: u64) -> Stop {
        Stop {
            format: FORMAT,
            reason: reason.into(),
            written,
            rule: None,
        }
    }
}
