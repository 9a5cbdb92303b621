//! The stored form of request counts.

use super::Text;
use crate::outcome::{Code, Failure};
use crate::{seconds, tally};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A kind of failure, stored as its name, such as `resolve`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word(pub(super) Failure);

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
        let word = Cow::<str>::deserialize(deserializer)?;
        let known = Failure::ALL.into_iter().find(|kind| kind.name() == word);
        known.map(Word).ok_or_else(|| D::Error::unknown_variant(&word, &[]))
    }
}

fn words(failures: BTreeMap<Failure, u64>) -> BTreeMap<Word, u64> {
    failures.into_iter().map(|(kind, count)| (Word(kind), count)).collect()
}

fn failures(words: BTreeMap<Word, u64>) -> BTreeMap<Failure, u64> {
    words.into_iter().map(|(word, count)| (word.0, count)).collect()
}

/// The stored form of the numbers of requests.
#[derive(Serialize, Deserialize)]
pub(super) struct Counts {
    sent: u64,
    completed: u64,
    failed: BTreeMap<Word, u64>,
    dropped: u64,
    in_flight: u64,
    statuses: BTreeMap<Text<Code>, u64>,
    body_bytes: u64,
    /// This field is absent in documents of older versions.
    #[serde(default)]
    retries: u64,
}

impl From<tally::Counts> for Counts {
    fn from(counts: tally::Counts) -> Counts {
        let tally::Counts {
            sent,
            completed,
            failed,
            dropped,
            in_flight,
            statuses,
            body_bytes,
            retries,
        } = counts;
        Counts {
            sent,
            completed,
            failed: words(failed),
            dropped,
            in_flight,
            statuses: statuses.into_iter().map(|(code, count)| (Text(code), count)).collect(),
            body_bytes,
            retries,
        }
    }
}

impl From<Counts> for tally::Counts {
    fn from(stored: Counts) -> tally::Counts {
        let statuses = stored.statuses.into_iter();
        tally::Counts {
            sent: stored.sent,
            completed: stored.completed,
            failed: failures(stored.failed),
            dropped: stored.dropped,
            in_flight: stored.in_flight,
            statuses: statuses.map(|(code, count)| (code.0, count)).collect(),
            body_bytes: stored.body_bytes,
            retries: stored.retries,
        }
    }
}

/// The stored form of the numbers of requests in one second.
#[derive(Serialize, Deserialize)]
pub(super) struct SecondCounts {
    sent: u64,
    completed: u64,
    failed: u64,
    dropped: u64,
    /// This field is absent in documents of older versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    failures: BTreeMap<Word, u64>,
    /// This field is absent in documents of older versions.
    #[serde(default, skip_serializing_if = "is_zero")]
    retries: u64,
}

pub(super) fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl From<seconds::SecondCounts> for SecondCounts {
    fn from(counts: seconds::SecondCounts) -> SecondCounts {
        let seconds::SecondCounts {
            sent,
            completed,
            failed,
            dropped,
            failures,
            retries,
        } = counts;
        SecondCounts {
            sent,
            completed,
            failed,
            dropped,
            failures: words(failures),
            retries,
        }
    }
}

impl From<SecondCounts> for seconds::SecondCounts {
    fn from(stored: SecondCounts) -> seconds::SecondCounts {
        seconds::SecondCounts {
            sent: stored.sent,
            completed: stored.completed,
            failed: stored.failed,
            dropped: stored.dropped,
            failures: failures(stored.failures),
            retries: stored.retries,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_http_code_is_stored_as_its_plain_status() {
        let before = BTreeMap::from([(200u16, 3u64), (404, 1)]);
        let now = BTreeMap::from([(Text(Code::Http(200)), 3u64), (Text(Code::Http(404)), 1)]);
        let stored = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::to_string(&now).unwrap(), stored);
        assert_eq!(serde_json::from_str::<BTreeMap<Text<Code>, u64>>(&stored).unwrap(), now);
        assert!(serde_json::from_str::<BTreeMap<Text<Code>, u64>>(r#"{"70000":1}"#).is_err());
    }

    /// Later versions append kinds of failures. The stored name of an existing kind never changes.
    #[test]
    fn kinds_of_failures_have_stable_stored_words() {
        let stored = Failure::ALL.map(|kind| serde_json::to_value(Word(kind)).unwrap());
        let words = [
            "resolve",
            "not_allowed",
            "connect",
            "tls",
            "timeout",
            "reset",
            "protocol",
            "body_too_large",
            "status",
            "check",
            "local",
            "closed",
        ];
        assert_eq!(stored[..], words);
        for (kind, word) in Failure::ALL.into_iter().zip(words) {
            assert_eq!(serde_json::from_value::<Word>(word.into()).unwrap().0, kind);
        }
        let unknown = serde_json::from_str::<Word>(r#""bored""#).map(|_| ()).unwrap_err();
        assert!(unknown.to_string().contains("unknown variant `bored`"), "{unknown}");
    }
}
