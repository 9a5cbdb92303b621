//! The documents that are sent to a Lambda function and returned by the function. An invocation of a worker names a
//! slice of a shard of a run, and the store that contains the run's plan. Before a run, an inquiry asks for the
//! function's version, limits and permissions.

use crate::allow::{Allow, Refusal};
use crate::assignment::Assignment;
use crate::dial::resolver;
use crate::endpoint::Endpoint;
use crate::shard::Ended;
use plan::hosts::Hosts;
use plan::plan::PLAN;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use tally::snapshot::{RESULT, SliceEnd};

/// The format of invocations and inquiries that this version writes. This version reads this format and all earlier
/// formats.
pub const FORMAT: u32 = 1;
/// The newest format of plans that workers of this version read. The next constant is the format of results that they
/// write.
pub const PLANS_READ: u32 = PLAN.format;
pub const RESULTS_WRITTEN: u32 = RESULT.format;

/// An invocation of a function to run a slice. An invocation names the run, but never contains the run's plan. The
/// function never sends a request to the address in `store`. The function only compares `store` with its own store
/// ([`crate::own_store`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invocation {
    pub format: u32,
    /// The location of the store, in the form that the caller uses.
    pub store: String,
    pub run: String,
    pub shard: u32,
    #[serde(default)]
    pub slice: u32,
}

impl Invocation {
    /// Checks that this version can read the invocation.
    ///
    /// # Errors
    /// Returns a sentence with both formats, if this version cannot read the invocation.
    pub fn check(&self) -> Result<(), String> {
        if self.format <= FORMAT {
            return Ok(());
        }
        Err(format!(
            "the invocation has format {}, and this function reads up to {FORMAT}: deploy the function again",
            self.format
        ))
    }
}

/// The answer to an invocation: how the worker ended. The measurements of the worker are in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvocationAnswer {
    pub shard: u32,
    pub slice: u32,
    pub ended: WorkerEnd,
    /// Why the worker failed, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The way in which the worker of an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerEnd {
    Finished,
    Stopped,
    Deadline,
    HostStopped,
    Failed,
    /// Another worker had already claimed the slice. This worker sent nothing.
    #[serde(rename = "already claimed")]
    AlreadyClaimed,
}

impl InvocationAnswer {
    /// Returns the answer to the invocation with this assignment.
    pub fn of(assignment: &Assignment, ended: Ended) -> InvocationAnswer {
        let (ended, why) = match ended {
            Ended::AlreadyClaimed => (WorkerEnd::AlreadyClaimed, None),
            Ended::Done(SliceEnd::Finished) | Ended::Left(SliceEnd::Finished) => (WorkerEnd::Finished, None),
            Ended::Done(SliceEnd::Stopped) | Ended::Left(SliceEnd::Stopped) => (WorkerEnd::Stopped, None),
            Ended::Done(SliceEnd::Deadline) | Ended::Left(SliceEnd::Deadline) => (WorkerEnd::Deadline, None),
            Ended::Done(SliceEnd::HostStopped) | Ended::Left(SliceEnd::HostStopped) => (WorkerEnd::HostStopped, None),
            Ended::Done(SliceEnd::Failed(why)) | Ended::Left(SliceEnd::Failed(why)) => (WorkerEnd::Failed, Some(why)),
        };
        InvocationAnswer {
            shard: assignment.shard,
            slice: assignment.slice,
            ended,
            why,
        }
    }
}

/// The questions to a function before a run. To answer them, the function sends no load, and leaves no object in the
/// store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The base URLs of targets. The function answers whether it may send to them.
    #[serde(default)]
    pub targets: Vec<String>,
    /// The addresses that the scenario itself specifies for the hosts of these targets.
    #[serde(default, skip_serializing_if = "Hosts::is_empty", with = "plan::wire::hosts")]
    pub hosts: Hosts,
    /// The location of a store. The function answers whether this store is the function's own store, and whether the
    /// function can write to this store.
    #[serde(default)]
    pub store: Option<String>,
}

/// An invocation with a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inquiry {
    pub format: u32,
    pub question: Question,
}

/// The answer of a function to an inquiry. Later versions may add fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knowledge {
    /// The version of vajra-cloud from which the function was built.
    pub version: String,
    /// The newest format of plans that the function reads.
    pub format: u32,
    /// The format of results that the function writes. `None` for an older function, which reports one number for both
    /// formats.
    #[serde(default)]
    pub results: Option<u32>,
    pub memory_mb: u32,
    /// The longest duration of an invocation, if the platform reports it.
    pub lifetime: Option<Duration>,
    /// The targets to which the function must not send.
    pub refused: BTreeMap<String, RefusedTarget>,
    /// The problem with the store of the question. Either the store is not the function's own store, or the function
    /// cannot write to the store.
    pub store_problem: Option<String>,
}

impl Knowledge {
    /// Returns the format of results that the function writes.
    pub fn results(&self) -> u32 {
        self.results.unwrap_or(self.format)
    }
}

/// An error for a target that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedTarget {
    pub problem: String,
    pub hint: String,
}

/// Checks the host of a target and the current addresses of the host. A name that does not resolve is accepted, because
/// the run itself shows this failure.
///
/// # Errors
/// Fails if the target is not allowed.
pub fn judge_target(allow: &Allow, target: &str, hosts: &Hosts) -> Result<(), RefusedTarget> {
    let refused = |refusal: Refusal| RefusedTarget {
        problem: refusal.problem,
        hint: refusal.hint,
    };
    let Some(endpoint) = Endpoint::of(target) else {
        return Err(RefusedTarget {
            problem: format!("`{target}` is not an http or https URL with a host"),
            hint: "write it as https://api.example.com".to_owned(),
        });
    };
    allow.host(&endpoint.host).map_err(refused)?;
    let addresses = hosts
        .addresses(&endpoint.host, endpoint.port)
        .unwrap_or_else(|| (resolver::system())(&endpoint.host, endpoint.port).unwrap_or_default());
    addresses
        .into_iter()
        .try_for_each(|address| allow.permit(&endpoint.host, address).map(drop))
        .map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_newer_invocation_asks_to_deploy_again() {
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
    fn a_question_keeps_its_json() {
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
    fn a_target_is_checked_at_the_addresses_of_the_scenario() {
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
