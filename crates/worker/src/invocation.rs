//! What a function is told: which slice of which shard of which run, and where the plan is. Or what it
//! is asked before a run: who it is, and whether it could.

use crate::allow::{Allow, Refusal};
use crate::assignment::Assignment;
use crate::dial::names;
use crate::place::Place;
use crate::shard::Ended;
use plan::hosts::Hosts;
use plan::plan::PLAN;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use tally::snapshot::{RESULT, SliceEnd};

/// The format of what a function is told that this version writes; it reads all up to that.
pub const FORMAT: u32 = 1;
/// The newest format of plans that workers of this version read, and the format of results that they write.
pub const PLANS_READ: u32 = PLAN.format;
pub const RESULTS_WRITTEN: u32 = RESULT.format;

/// A reference to a plan, never the plan. It has no address that a function would follow: `store` is
/// held against the function's own ([`crate::own_store`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invocation {
    pub format: u32,
    /// The store's location, as whoever invokes knows it.
    pub store: String,
    pub run: String,
    pub shard: u32,
    #[serde(default)]
    pub slice: u32,
}

impl Invocation {
    /// Checks that this version understands it.
    ///
    /// # Errors
    /// A sentence that says what to deploy.
    pub fn check(&self) -> Result<(), String> {
        if self.format <= FORMAT {
            return Ok(());
        }
        Err(format!(
            "the invocation is in format {}, and this function reads up to {FORMAT}: deploy the function again",
            self.format
        ))
    }
}

/// What an invocation answers: how the worker ended. What it measured is in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub shard: u32,
    pub slice: u32,
    pub ended: WorkerEnd,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// How the worker of an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerEnd {
    Finished,
    Stopped,
    Deadline,
    HostStopped,
    Failed,
    /// Another worker had the slice already; nothing was sent.
    #[serde(rename = "already claimed")]
    AlreadyClaimed,
}

impl Answer {
    /// What the invocation of this assignment answers.
    pub fn of(assignment: &Assignment, ended: Ended) -> Answer {
        let (ended, why) = match ended {
            Ended::AlreadyClaimed => (WorkerEnd::AlreadyClaimed, None),
            Ended::Done(SliceEnd::Finished) => (WorkerEnd::Finished, None),
            Ended::Done(SliceEnd::Stopped) => (WorkerEnd::Stopped, None),
            Ended::Done(SliceEnd::Deadline) => (WorkerEnd::Deadline, None),
            Ended::Done(SliceEnd::HostStopped) => (WorkerEnd::HostStopped, None),
            Ended::Done(SliceEnd::Failed(why)) => (WorkerEnd::Failed, Some(why)),
        };
        Answer {
            shard: assignment.shard,
            slice: assignment.slice,
            ended,
            why,
        }
    }
}

/// What a function is asked before a run. It sends no load and stores nothing that stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Whether it may send to these: base URLs.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Hosts among them that are connected to elsewhere.
    #[serde(default, skip_serializing_if = "Hosts::is_empty", with = "plan::wire::hosts")]
    pub hosts: Hosts,
    /// Whether its store is this one, and whether it can write there: a store's location.
    #[serde(default)]
    pub store: Option<String>,
}

/// A call that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inquiry {
    pub format: u32,
    pub question: Question,
}

/// What a function answers. Later versions may say more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knowledge {
    /// The version of vajra-cloud that it was built from.
    pub version: String,
    /// The newest format of plans that it reads.
    pub format: u32,
    /// The format of results that it writes; older functions have one number for both.
    #[serde(default)]
    pub results: Option<u32>,
    pub memory_mb: u32,
    /// How long an invocation may live, where the platform tells.
    pub lifetime: Option<Duration>,
    /// The targets that it refuses, with what would be right.
    pub refused: BTreeMap<String, Refused>,
    /// Why the store is not its own, or why it cannot write there, if it was asked.
    pub store_problem: Option<String>,
}

impl Knowledge {
    /// The format of results that it writes.
    pub fn results(&self) -> u32 {
        self.results.unwrap_or(self.format)
    }
}

/// Why a target is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub problem: String,
    pub hint: String,
}

/// Whether a host may be sent to at the addresses that it has now. A name that does not resolve is
/// refused by nobody: the run will show it.
///
/// # Errors
/// Why not.
pub fn judge_target(allow: &Allow, target: &str, hosts: &Hosts) -> Result<(), Refused> {
    let refused = |refusal: Refusal| Refused {
        problem: refusal.problem,
        hint: refusal.hint,
    };
    let Some(place) = Place::of(target) else {
        return Err(Refused {
            problem: format!("{target} is not a URL that can be sent to"),
            hint: "write it as https://api.example.com".to_owned(),
        });
    };
    allow.host(&place.host).map_err(refused)?;
    let addresses = hosts
        .addresses(&place.host, place.port)
        .unwrap_or_else(|| (names::system())(&place.host, place.port).unwrap_or_default());
    addresses
        .into_iter()
        .try_for_each(|address| allow.permit(&place.host, address).map(drop))
        .map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_invocation_says_what_to_deploy() {
        let invocation = |format| Invocation {
            format,
            store: "s3://bucket/prefix".to_owned(),
            run: "r".to_owned(),
            shard: 0,
            slice: 0,
        };
        assert_eq!(invocation(FORMAT).check(), Ok(()));
        assert!(
            invocation(FORMAT + 1)
                .check()
                .unwrap_err()
                .contains("deploy the function again")
        );
    }

    #[test]
    fn a_question_is_asked_as_it_was() {
        let addresses = ["10.1.2.3", "[::1]:80"].map(|text| plan::hosts::Address::parse(text).unwrap());
        let asked = Question {
            targets: vec!["http://a.example".to_owned()],
            hosts: Hosts([("a.example".to_owned(), addresses.to_vec())].into()),
            store: None,
        };
        let check = |question: Question, json: &str| {
            assert_eq!(serde_json::to_string(&question).unwrap(), json);
            assert_eq!(serde_json::from_str::<Question>(json).unwrap(), question);
        };
        check(Question::default(), r#"{"targets":[],"store":null}"#);
        check(
            asked,
            r#"{"targets":["http://a.example"],"hosts":{"a.example":["10.1.2.3","[::1]:80"]},"store":null}"#,
        );
    }

    #[test]
    fn a_host_is_judged_where_the_scenario_connects_to_it() {
        let allow = Allow::parse("shop.invalid").unwrap();
        let hosts = |address: &str| {
            let address = plan::hosts::Address::parse(address).unwrap();
            Hosts([("shop.invalid".to_owned(), vec![address])].into())
        };
        let judged = |address| judge_target(&allow, "https://shop.invalid", &hosts(address));
        assert!(judged("10.1.2.3").unwrap_err().problem.contains("10.1.2.3"));
        assert_eq!(judged("8.8.8.8"), Ok(()));
    }
}
