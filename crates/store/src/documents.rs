//! The small documents through which a launcher and its workers coordinate.

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

/// The maximum time between the writing of the document `start` and the start of the run (T0). The value is the maximum
/// duration of a run.
const LEAD_MAX: Duration = RUN_MAX;
/// The maximum wait for the start of the run (T0), by the worker's clock. The maximum allows for a clock that is wrong
/// by a day.
const WAIT_MAX: Duration = Duration::from_secs(RUN_MAX.as_secs() + 86_400);
/// The maximum size of a document of this module in bytes, except the account. Each of these documents contains only
/// some texts, or at most two numbers for each shard.
const BYTES_MAX: usize = 1 << 20;
/// The maximum size of an account in bytes. An account has about 80 bytes for each invocation.
const ACCOUNT_BYTES_MAX: usize = 32 << 20;

/// The claim of an attempt at a slice of a shard. The document [`Start`] names the attempt that sends. All other
/// attempts end without sending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// A description of the worker for people: where the worker runs, and on which kind of host.
    pub worker: String,
    /// When the worker claimed the slice, by the worker's wall clock, in nanoseconds since the Unix epoch.
    pub claimed: u64,
    /// A random number by which a worker recognises its own claim.
    #[serde(default)]
    pub mark: u64,
    /// The digest ([`Plan::digest`]) of the plan that the worker read. The results of the worker are valid only for
    /// this plan. Older workers do not store the digest.
    #[serde(default)]
    pub plan: Option<String>,
}

/// The document that starts a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The start of the run (T0) by the launcher's wall clock, in nanoseconds since the Unix epoch.
    pub t0: u64,
    /// When the launcher wrote this document, by the launcher's wall clock, in nanoseconds since the Unix epoch.
    pub written: u64,
    /// The lower and upper bound of the store's clock at the time when the launcher wrote this document. A worker uses
    /// these bounds to detect an error of its own clock.
    #[serde(default)]
    pub store_time: Option<(u64, u64)>,
    /// The shards that take part in the run. All other shards are missing.
    pub shards: Vec<u32>,
    /// For each shard in `shards`, the number of the attempt that sends. The list is empty if an older version wrote
    /// the document, or if the document was written before any claim. In this case, the first attempt that claims a
    /// shard sends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<u32>,
    /// Whether the arrivals of missing shards are divided among the shards that take part. If not, no worker sends the
    /// arrivals of missing shards.
    #[serde(default)]
    pub restriped: bool,
}

impl Start {
    /// Checks that this document can come from a launcher of this plan.
    ///
    /// # Errors
    /// Returns a lower-case text that names the problem.
    pub fn check(&self, plan: &Plan) -> Result<(), &'static str> {
        if self.shards.is_empty() || !self.shards.is_sorted_by(|a, b| a < b) {
            return Err("its shards are empty or not in ascending order");
        }
        if self.shards.last().is_some_and(|last| *last >= plan.shards) {
            return Err("it names a shard that the plan does not have");
        }
        if !self.attempts.is_empty() && self.attempts.len() != self.shards.len() {
            return Err("it does not name one attempt for each of its shards");
        }
        let lead = u128::from(self.t0.saturating_sub(self.written));
        if self.t0 < self.written || lead > LEAD_MAX.as_nanos() || self.t0 > TIME_MAX {
            return Err("its T0 is not within the maximum lead after it was written");
        }
        let is_time = |(earliest, latest): (u64, u64)| earliest <= latest && latest <= TIME_MAX;
        match self.store_time.is_none_or(is_time) {
            true => Ok(()),
            false => Err("its store time is not valid"),
        }
    }

    /// Checks that the start of the run (T0) is not too far ahead of a worker's clock. The clock shows `now`.
    ///
    /// # Errors
    /// Returns a lower-case text that names the problem.
    pub fn check_wait(&self, now: u64) -> Result<(), &'static str> {
        match u128::from(self.t0.saturating_sub(now)) <= WAIT_MAX.as_nanos() {
            true => Ok(()),
            false => Err("its T0 is further ahead of this worker's clock than any run is long"),
        }
    }

    /// Returns the number of the attempt that sends the first slice of a shard. Returns `None` if the shard does not
    /// take part, or if the document names no attempt. If the document names no attempt, the first attempt that claims
    /// the shard sends.
    pub fn attempt(&self, shard: u32) -> Option<u32> {
        let index = self.shards.iter().position(|inside| *inside == shard)?;
        self.attempts.get(index).copied()
    }

    /// Returns the stripe that a shard sends, for a plan with `shards` shards. Returns `None` if the shard does not
    /// take part.
    pub fn stripe(&self, shard: u32, shards: u32) -> Option<StripeOf> {
        let index = self.shards.iter().position(|inside| *inside == shard)?;
        Some(match self.restriped {
            true => StripeOf {
                stripe: index as u32,
                stripes: self.shards.len() as u32,
            },
            false => StripeOf {
                stripe: shard,
                stripes: shards,
            },
        })
    }
}

/// The document that asks all workers to end a run now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The reason for the stop, in words for people.
    pub reason: String,
    /// When the document was written, by the writer's wall clock, in nanoseconds since the Unix epoch.
    pub written: u64,
    /// The rule of the scenario's `abort_if` that stopped the run. `None` if the run was stopped for another reason.
    #[serde(default)]
    pub rule: Option<String>,
}

/// A heartbeat, which shows that a process follows the run. This process is the launcher, or a viewer such as `attach`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// A different number at every beat.
    pub beat: u64,
}

/// The data from which the cost of a run is computed. Only the launcher has this data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredAccount", into = "StoredAccount")]
pub struct Account {
    /// The platform's answer to each invocation.
    pub receipts: Vec<Receipt>,
    /// The numbers of requests that the launcher sent to the store.
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

/// The measured capacity of one worker, for one mix of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    /// The number of arrivals per second that the worker can send.
    pub rate: u64,
    /// Whether `rate` is only a lower bound of the capacity, because no higher rate was tried.
    pub at_least: bool,
}

/// A document that this module reads and writes.
pub trait Document: Serialize + DeserializeOwned {
    /// The name and the newest format number of this kind of document.
    const KIND: DocumentKind;
    /// The maximum size of the encoded document, in bytes.
    const BYTES_MAX: usize = BYTES_MAX;

    /// Encodes the document as it is stored.
    fn encode(&self) -> Vec<u8> {
        Self::KIND.write(self)
    }

    /// Decodes a stored document.
    ///
    /// # Errors
    /// Fails if the document is damaged, or if a newer version wrote it in a newer format.
    fn decode(json: &[u8]) -> Result<Self, FormatError> {
        if json.len() > Self::BYTES_MAX {
            return Err(Self::KIND.damaged(format!("it is longer than {} bytes", Self::BYTES_MAX)));
        }
        let document: Self = Self::KIND.read(json)?;
        match document.problem() {
            None => Ok(document),
            Some(problem) => Err(Self::KIND.damaged(problem)),
        }
    }

    /// Returns the rule that the content of the document breaks. Returns `None` for a valid document.
    fn problem(&self) -> Option<&'static str> {
        None
    }
}

impl Claim {
    /// Returns the provenance that every snapshot and result of the claim's worker must contain.
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
    const KIND: DocumentKind = DocumentKind::new("start", 2);
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
        (self.rate == 0).then_some("its rate is 0")
    }
}

impl Stop {
    /// Returns a stop document with this reason.
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
    fn a_t0_beyond_the_maximum_wait_is_rejected() {
        let now = 1_000_000 * HOUR;
        let check = |t0, sound: bool| assert_eq!(start(t0).check_wait(now).is_ok(), sound, "{t0}");
        check(0, true);
        check(now + 2 * HOUR, true);
        check(now + RUN_MAX.as_nanos() as u64, true);
        check(now + RUN_MAX.as_nanos() as u64 + 25 * HOUR, false);
        check(TIME_MAX, false);
    }

    #[test]
    fn the_stored_form_of_an_account_is_stable() {
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
    fn a_document_that_is_too_long_or_has_a_rate_of_zero_is_damaged() {
        let long = [b" ".repeat(BYTES_MAX), start(1).encode()].concat();
        let problem = Start::decode(&long).unwrap_err().to_string();
        assert!(problem.contains("it is longer than"), "{problem}");
        let calibration = |rate| Calibration { rate, at_least: false };
        assert_eq!(Calibration::decode(&calibration(7).encode()), Ok(calibration(7)));
        assert!(Calibration::decode(&calibration(0).encode()).is_err());
    }
}
