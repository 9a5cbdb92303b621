//! The small documents by which a launcher and its workers agree.

use plan::limits::RUN_MAX;
use plan::plan::{Plan, StripeOf};
use plan::rules::TIME_MAX;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tally::account::{Receipt, Requests};
use tally::format::{DocumentKind, FormatError};
use tally::provenance::Provenance;
use tally::wire::account as wire;

/// The longest time from writing `start` to T0: as long as the longest run.
const LEAD_MAX: Duration = RUN_MAX;
/// How far a T0 that is still to be waited for lies ahead at most, by a clock that may be wrong by a day.
const WAIT_MAX: Duration = Duration::from_secs(RUN_MAX.as_secs() + 86_400);
/// The longest of these documents: none of them has more than a number for each shard, or a text.
const BYTES_MAX: usize = 1 << 20;
/// The longest account: an entry of some 80 bytes for each invocation.
const ACCOUNT_BYTES_MAX: usize = 32 << 20;

/// A worker has taken a slice of a shard: whoever comes later, leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Which worker it is, for people: where it runs and as what.
    pub worker: String,
    /// The worker's wall time, in nanoseconds since the Unix epoch.
    pub claimed: u64,
    /// A number that no other claim has, so that a worker knows its own.
    #[serde(default)]
    pub mark: u64,
    /// The plan that the worker has read, by [`Plan::digest`]: its results are of no other. Older workers do not say.
    #[serde(default)]
    pub plan: Option<String>,
}

/// The run begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
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
        let is_time = |(earliest, latest): (u64, u64)| earliest <= latest && latest <= TIME_MAX;
        match self.store_time.is_none_or(is_time) {
            true => Ok(()),
            false => Err("the time of the store that it gives is none"),
        }
    }

    /// Checks that a worker whose clock shows `now` can wait for T0: no worker waits for years.
    ///
    /// # Errors
    /// A fragment that says what is wrong.
    pub fn check_wait(&self, now: u64) -> Result<(), &'static str> {
        match u128::from(self.t0.saturating_sub(now)) <= WAIT_MAX.as_nanos() {
            true => Ok(()),
            false => Err("T0 is longer than any run ahead of this worker's clock"),
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
    /// Another number at every beat.
    pub beat: u64,
}

/// What the launcher alone knows of the cost of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredAccount", into = "StoredAccount")]
pub struct Account {
    /// What the platform said of each invocation that it answered.
    pub receipts: Vec<Receipt>,
    /// What the launcher asked of the store.
    pub launcher: Requests,
}

#[derive(Serialize, Deserialize)]
struct StoredAccount {
    receipts: Vec<wire::Receipt>,
    launcher: wire::Requests,
}

impl From<Account> for StoredAccount {
    fn from(account: Account) -> StoredAccount {
        StoredAccount {
            receipts: account.receipts.into_iter().map(Into::into).collect(),
            launcher: account.launcher.into(),
        }
    }
}

impl From<StoredAccount> for Account {
    fn from(stored: StoredAccount) -> Account {
        Account {
            receipts: stored.receipts.into_iter().map(Into::into).collect(),
            launcher: stored.launcher.into(),
        }
    }
}

/// What one worker can send of a mix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    /// Arrivals a second.
    pub rate: u64,
    /// Whether it was as much as was tried.
    pub at_least: bool,
}

/// A document of this module.
pub trait Document: Serialize + DeserializeOwned {
    /// What it is called, and its format.
    const KIND: DocumentKind;
    /// The longest stored form that is read.
    const BYTES_MAX: usize = BYTES_MAX;

    /// The stored form.
    fn encode(&self) -> Vec<u8> {
        Self::KIND.write(self)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When it is newer than this version, or damaged.
    fn decode(json: &[u8]) -> Result<Self, FormatError> {
        if json.len() > Self::BYTES_MAX {
            return Err(Self::KIND.damaged(format!("it takes more than {} bytes", Self::BYTES_MAX)));
        }
        let document: Self = Self::KIND.read(json)?;
        match document.problem() {
            None => Ok(document),
            Some(problem) => Err(Self::KIND.damaged(problem)),
        }
    }

    /// What of it nobody could have written.
    fn problem(&self) -> Option<&'static str> {
        None
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
    const KIND: DocumentKind = DocumentKind::new("claim", 1);
}

impl Document for Start {
    const KIND: DocumentKind = DocumentKind::new("start", 1);
}

impl Document for Stop {
    const KIND: DocumentKind = DocumentKind::new("stop", 1);
}

impl Document for Heartbeat {
    const KIND: DocumentKind = DocumentKind::new("heartbeat", 1);
}

impl Document for Account {
    const KIND: DocumentKind = DocumentKind::new("account", 1);
    const BYTES_MAX: usize = ACCOUNT_BYTES_MAX;
}

impl Document for Calibration {
    const KIND: DocumentKind = DocumentKind::new("calibration", 1);

    fn problem(&self) -> Option<&'static str> {
        (self.rate == 0).then_some("nobody needs workers that send nothing")
    }
}

impl Stop {
    /// A stop with its reason.
    pub fn new(reason: impl Into<String>, written: u64) -> Stop {
        Stop {
            reason: reason.into(),
            written,
            rule: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600 * 1_000_000_000;

    fn start(t0: u64) -> Start {
        Start {
            t0,
            written: t0,
            shards: vec![0],
            ..Start::default()
        }
    }

    #[test]
    fn a_worker_waits_for_days_at_most() {
        let now = 1_000_000 * HOUR;
        let check = |t0, sound: bool| assert_eq!(start(t0).check_wait(now).is_ok(), sound, "{t0}");
        check(0, true);
        check(now + 2 * HOUR, true);
        check(now + RUN_MAX.as_nanos() as u64, true);
        check(now + RUN_MAX.as_nanos() as u64 + 25 * HOUR, false);
        check(TIME_MAX, false);
    }

    #[test]
    fn an_account_is_stored_as_it_was() {
        let receipt = |billed| Receipt {
            shard: 1,
            slice: 2,
            billed,
            left: true,
        };
        let billed = tally::account::Billed {
            milliseconds: 3,
            memory_mb: 4,
        };
        let account = Account {
            receipts: vec![receipt(None), receipt(Some(billed))],
            launcher: Requests {
                writes: 5,
                lists: 6,
                reads: 7,
                written_bytes: 8,
                read_bytes: 9,
            },
        };
        let stored = String::from_utf8(account.encode()).unwrap();
        let expected = concat!(
            r#"{"format":1,"receipts":[{"shard":1,"slice":2,"billed":null,"left":true},"#,
            r#"{"shard":1,"slice":2,"billed":{"milliseconds":3,"memory_mb":4},"left":true}],"#,
            r#""launcher":{"writes":5,"lists":6,"reads":7,"written_bytes":8,"read_bytes":9}}"#,
        );
        assert_eq!(stored, expected);
        assert_eq!(Account::decode(stored.as_bytes()), Ok(account));
    }

    #[test]
    fn a_document_that_nobody_could_have_written_is_damaged() {
        let long = [b" ".repeat(BYTES_MAX), start(1).encode()].concat();
        let problem = Start::decode(&long).unwrap_err().to_string();
        assert!(problem.contains("it takes more than"), "{problem}");
        let calibration = |rate| Calibration { rate, at_least: false };
        assert_eq!(Calibration::decode(&calibration(7).encode()), Ok(calibration(7)));
        assert!(Calibration::decode(&calibration(0).encode()).is_err());
    }
}
