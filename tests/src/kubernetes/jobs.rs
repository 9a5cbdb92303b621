//! The Job controller: a pure function that computes actions from a Job and its pods.
//!
//! Each pod is counted once, at the time when its finalizer `batch.kubernetes.io/job-tracking` is removed. A failed pod
//! that will be replaced keeps this finalizer until the replacement exists, because the replacement continues the count
//! of failures of the failed pod.

use super::conditions;
use super::storage::{parse_timestamp, timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use time::OffsetDateTime;

pub(super) const TRACKING: &str = "batch.kubernetes.io/job-tracking";
pub(super) const INDEX: &str = "batch.kubernetes.io/job-completion-index";
pub(super) const FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";
pub(super) const IGNORED: &str = "batch.kubernetes.io/job-index-ignored-failure-count";

/// The maximum pause before a failed pod is replaced.
const BACKOFF_MAX: Duration = Duration::from_secs(600);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    Create(NewPod),
    Delete(String),
    /// Removes the finalizer of a pod that has been counted.
    Release(String),
    Status(Value),
    Event(&'static str, String, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NewPod {
    /// The completion index of the pod; `None` if the Job is not indexed.
    pub index: Option<u32>,
    /// The numbers of failures and of ignored failures of the index; `None` if the Job does not count the failures of
    /// each index.
    pub failures: Option<(u32, u32)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Decision {
    pub actions: Vec<Action>,
    /// The time after which the Job must be reconciled again, even if nothing changes.
    pub again: Option<Duration>,
}

/// A pod of the Job.
#[derive(Debug)]
struct Pod<'a> {
    object: &'a Value,
    name: &'a str,
    index: Option<u32>,
    phase: &'a str,
    is_deleted: bool,
    is_tracked: bool,
    failures: u32,
    ignored: u32,
}

impl<'a> Pod<'a> {
    fn new(object: &'a Value) -> Pod<'a> {
        let metadata = &object["metadata"];
        let number = |name: &str| {
            metadata["annotations"][name]
                .as_str()
                .and_then(|text| text.parse().ok())
        };
        let finalizers = metadata["finalizers"].as_array();
        Pod {
            object,
            name: metadata["name"].as_str().unwrap_or_default(),
            index: number(INDEX),
            phase: object["status"]["phase"].as_str().unwrap_or("Pending"),
            is_deleted: metadata["deletionTimestamp"].is_string(),
            is_tracked: finalizers.is_some_and(|list| list.iter().any(|one| one == TRACKING)),
            failures: number(FAILURES).unwrap_or(0),
            ignored: number(IGNORED).unwrap_or(0),
        }
    }

    fn is_over(&self) -> bool {
        self.phase == "Succeeded" || self.phase == "Failed"
    }

    fn is_active(&self) -> bool {
        !self.is_over() && !self.is_deleted
    }

    fn ended(&self) -> Option<OffsetDateTime> {
        let containers = self.object["status"]["containerStatuses"]
            .as_array()
            .into_iter()
            .flatten();
        let last = containers
            .filter_map(|status| parse_timestamp(&status["state"]["terminated"]["finishedAt"]))
            .max();
        let disruption = conditions::get(&self.object["status"], "DisruptionTarget");
        last.or_else(|| disruption.and_then(|one| parse_timestamp(&one["lastTransitionTime"])))
            .or_else(|| parse_timestamp(&self.object["metadata"]["creationTimestamp"]))
    }
}

/// The action of a failure policy for a failed pod.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Ignore,
    Count,
    FailIndex,
    FailJob(String),
}

/// Returns the action of the first rule that matches the pod.
fn judge(spec: &Value, pod: &Pod) -> Verdict {
    let rules = spec["podFailurePolicy"]["rules"].as_array().into_iter().flatten();
    for (at, rule) in rules.enumerate() {
        let reason = match rule["onExitCodes"].is_object() {
            true => exit_code_matches(&rule["onExitCodes"], pod).map(|(container, code)| {
                let namespace = pod.object["metadata"]["namespace"].as_str().unwrap_or_default();
                format!(
                    "Container {container} for pod {namespace}/{} failed with exit code {code} matching FailJob rule \
                     at index {at}",
                    pod.name
                )
            }),
            false => condition_matches(&rule["onPodConditions"], pod).map(|kind| {
                let namespace = pod.object["metadata"]["namespace"].as_str().unwrap_or_default();
                format!(
                    "Pod {namespace}/{} has condition {kind} matching FailJob rule at index {at}",
                    pod.name
                )
            }),
        };
        if let Some(reason) = reason {
            return match rule["action"].as_str() {
                Some("Ignore") => Verdict::Ignore,
                Some("FailIndex") => Verdict::FailIndex,
                Some("FailJob") => Verdict::FailJob(reason),
                _ => Verdict::Count,
            };
        }
    }
    Verdict::Count
}

fn exit_code_matches(requirement: &Value, pod: &Pod) -> Option<(String, i64)> {
    let values: Vec<i64> = requirement["values"]
        .as_array()?
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    let statuses = pod.object["status"]["containerStatuses"].as_array()?;
    statuses.iter().find_map(|status| {
        let name = status["name"].as_str().unwrap_or_default();
        // A container that ended with exit code 0 never matches.
        let code = status["state"]["terminated"]["exitCode"]
            .as_i64()
            .filter(|code| *code != 0)?;
        let is_wanted = requirement["containerName"]
            .as_str()
            .is_none_or(|wanted| wanted == name);
        let is_listed = values.contains(&code) == (requirement["operator"] == "In");
        (is_wanted && is_listed).then(|| (name.to_owned(), code))
    })
}

fn condition_matches(patterns: &Value, pod: &Pod) -> Option<String> {
    patterns.as_array()?.iter().find_map(|pattern| {
        let kind = pattern["type"].as_str()?;
        let wanted = pattern["status"].as_str().unwrap_or("True");
        let found = conditions::get(&pod.object["status"], kind)?;
        (found["status"] == wanted).then(|| kind.to_owned())
    })
}

/// Parses a list of indexes such as `0-3,5`.
pub(super) fn parse_indexes(text: &str) -> BTreeSet<u32> {
    let ranges = text.split(',').filter(|part| !part.is_empty()).filter_map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?)
    });
    ranges.flatten().collect()
}

pub(super) fn show_indexes(indexes: &BTreeSet<u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for index in indexes {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => ranges.push((*index, *index)),
        }
    }
    let shown = ranges.iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        // Two consecutive indexes are written as `1,2` and not as `1-2`, as in a real server.
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    });
    shown.collect::<Vec<_>>().join(",")
}

/// The settings and the state of a Job while it is reconciled.
struct Reconciler<'a> {
    job: &'a Value,
    spec: &'a Value,
    pods: Vec<Pod<'a>>,
    now: OffsetDateTime,
    backoff: Duration,
    completed: BTreeSet<u32>,
    failed: BTreeSet<u32>,
    status: Value,
    decision: Decision,
}

/// Decides what the Job controller does. `backoff` is the pause before the first replacement of a failed pod.
pub(super) fn reconcile(job: &Value, pods: &[&Value], now: OffsetDateTime, backoff: Duration) -> Decision {
    let status = &job["status"];
    let indexes = |member: &str| parse_indexes(status[member].as_str().unwrap_or_default());
    let mut reconciler = Reconciler {
        job,
        spec: &job["spec"],
        pods: pods.iter().map(|pod| Pod::new(pod)).collect(),
        now,
        backoff,
        completed: indexes("completedIndexes"),
        failed: indexes("failedIndexes"),
        status: if status.is_object() { status.clone() } else { json!({}) },
        decision: Decision::default(),
    };
    reconciler.run();
    reconciler.decision
}

impl Reconciler<'_> {
    fn run(&mut self) {
        if conditions::is_true(&self.status, "Complete") || conditions::is_true(&self.status, "Failed") {
            let over = self.pods.iter().filter(|pod| pod.is_tracked && pod.is_over());
            let releases = over.map(|pod| Action::Release(pod.name.to_owned()));
            self.decision.actions.extend(releases);
            return;
        }
        self.record_indexes();
        self.suspend_or_start();
        let target = self.target();
        self.count(target.is_some());
        if self.job["metadata"]["deletionTimestamp"].is_null() {
            if target.is_some() || self.is_suspended() {
                self.delete_active();
            } else {
                self.scale();
            }
        }
        self.finish(target);
        self.write_status();
    }

    fn number(&self, member: &str) -> Option<u64> {
        self.spec[member].as_u64()
    }

    fn is_indexed(&self) -> bool {
        self.spec["completionMode"] == "Indexed"
    }

    fn counts_each_index(&self) -> bool {
        self.number("backoffLimitPerIndex").is_some()
    }

    fn is_suspended(&self) -> bool {
        self.spec["suspend"] == true
    }

    /// Returns whether a pod is replaced only after it has failed. Otherwise, a pod is already replaced while it is
    /// terminating.
    fn replaces_only_failed(&self) -> bool {
        self.spec["podReplacementPolicy"] == "Failed"
    }

    fn has_failed(&self, pod: &Pod) -> bool {
        pod.phase == "Failed" || (pod.is_deleted && !pod.is_over() && !self.replaces_only_failed())
    }

    fn has_failed_for_good(&self, pod: &Pod) -> bool {
        let Some(limit) = self.number("backoffLimitPerIndex") else {
            return false;
        };
        self.has_failed(pod)
            && match judge(self.spec, pod) {
                Verdict::Ignore => false,
                Verdict::FailIndex => true,
                _ => u64::from(pod.failures) >= limit,
            }
    }

    /// Adds the indexes of the pods that have ended.
    fn record_indexes(&mut self) {
        if !self.is_indexed() {
            return;
        }
        for pod in self.pods.iter().filter(|pod| pod.is_tracked) {
            let Some(index) = pod.index else { continue };
            if pod.phase == "Succeeded" && !self.failed.contains(&index) {
                self.completed.insert(index);
            } else if self.has_failed_for_good(pod) && !self.completed.contains(&index) {
                self.failed.insert(index);
            }
        }
    }

    fn suspend_or_start(&mut self) {
        let was_suspended = conditions::is_true(&self.status, "Suspended");
        if self.is_suspended() {
            if !was_suspended {
                conditions::set(&mut self.status, "Suspended", "True", "JobSuspended", "Job suspended");
                self.event("Normal", "Suspended", "Job suspended");
            }
            self.status.as_object_mut().unwrap().remove("startTime");
            return;
        }
        if was_suspended {
            conditions::set(&mut self.status, "Suspended", "False", "JobResumed", "Job resumed");
            self.event("Normal", "Resumed", "Job resumed");
        }
        if self.status["startTime"].is_null() {
            self.status["startTime"] = timestamp(self.now);
        }
    }

    fn event(&mut self, kind: &'static str, reason: &str, message: &str) {
        let event = Action::Event(kind, reason.to_owned(), message.to_owned());
        self.decision.actions.push(event);
    }

    /// Returns the condition that ends the Job, with its reason and its message.
    fn target(&mut self) -> Option<(&'static str, String, String)> {
        for kind in ["FailureTarget", "SuccessCriteriaMet"] {
            if let Some(found) = conditions::get(&self.status, kind).filter(|one| one["status"] == "True") {
                let text = |member: &str| found[member].as_str().unwrap_or_default().to_owned();
                return Some((kind, text("reason"), text("message")));
            }
        }
        let (kind, reason, message) = self.new_target()?;
        conditions::set(&mut self.status, kind, "True", reason, &message);
        Some((kind, reason.to_owned(), message))
    }

    fn new_target(&mut self) -> Option<(&'static str, &'static str, String)> {
        let failed: Vec<&Pod> = self
            .pods
            .iter()
            .filter(|pod| pod.is_tracked && self.has_failed(pod))
            .collect();
        for pod in &failed {
            if let Verdict::FailJob(message) = judge(self.spec, pod) {
                return Some(("FailureTarget", "PodFailurePolicy", message));
            }
        }
        let counted = failed
            .iter()
            .filter(|pod| judge(self.spec, pod) != Verdict::Ignore)
            .count() as u64;
        let failures = self.status["failed"].as_u64().unwrap_or(0) + counted;
        if failures > self.number("backoffLimit").unwrap_or(u64::MAX) {
            let message = "Job has reached the specified backoff limit";
            return Some(("FailureTarget", "BackoffLimitExceeded", message.to_owned()));
        }
        if let (Some(limit), Some(start)) = (
            self.number("activeDeadlineSeconds"),
            parse_timestamp(&self.status["startTime"]),
        ) {
            let deadline = start + Duration::from_secs(limit);
            if self.now >= deadline {
                let message = "Job was active longer than specified deadline";
                return Some(("FailureTarget", "DeadlineExceeded", message.to_owned()));
            }
            self.look_again(deadline - self.now);
        }
        if self
            .number("maxFailedIndexes")
            .is_some_and(|most| self.failed.len() as u64 > most)
        {
            let message = "Job has exceeded the specified maximal number of failed indexes";
            return Some(("FailureTarget", "MaxFailedIndexesExceeded", message.to_owned()));
        }
        let completions = self.number("completions").unwrap_or(u64::MAX);
        let is_active = self.pods.iter().any(Pod::is_active);
        if self.is_indexed()
            && (self.completed.len() + self.failed.len()) as u64 >= completions
            && !self.failed.is_empty()
        {
            return Some(("FailureTarget", "FailedIndexes", "Job has failed indexes".to_owned()));
        }
        if self.succeeded() >= completions && !is_active {
            let message = "Reached expected number of succeeded pods";
            return Some(("SuccessCriteriaMet", "CompletionsReached", message.to_owned()));
        }
        None
    }

    fn succeeded(&self) -> u64 {
        if self.is_indexed() {
            return self.completed.len() as u64;
        }
        let new = self
            .pods
            .iter()
            .filter(|pod| pod.is_tracked && pod.phase == "Succeeded")
            .count();
        self.status["succeeded"].as_u64().unwrap_or(0) + new as u64
    }

    fn look_again(&mut self, after: time::Duration) {
        let after = Duration::try_from(after).unwrap_or_default();
        self.decision.again = Some(self.decision.again.map_or(after, |again| again.min(after)));
    }

    /// Counts the pods that have ended, and removes the finalizers of these pods.
    fn count(&mut self, is_ending: bool) {
        let is_deleted = self.job["metadata"]["deletionTimestamp"].is_string();
        let succeeded = self.succeeded();
        let mut failed = self.status["failed"].as_u64().unwrap_or(0);
        for pod in self.pods.iter().filter(|pod| pod.is_tracked) {
            let has_failed = self.has_failed(pod) || (is_deleted && pod.is_deleted && !pod.is_over());
            if pod.phase != "Succeeded" && (!has_failed || (!is_ending && !is_deleted && self.is_awaited(pod))) {
                continue;
            }
            // A failed pod that the policy ignores is not counted as failed.
            failed += u64::from(pod.phase != "Succeeded" && judge(self.spec, pod) != Verdict::Ignore);
            self.decision.actions.push(Action::Release(pod.name.to_owned()));
        }
        self.status["failed"] = failed.into();
        self.status["succeeded"] = succeeded.into();
    }

    /// Returns whether a failed pod must keep its finalizer until its replacement exists.
    fn is_awaited(&self, pod: &Pod) -> bool {
        let Some(index) = pod.index.filter(|_| self.counts_each_index()) else {
            return false;
        };
        let is_newer =
            |other: &Pod| other.index == Some(index) && other.failures + other.ignored > pod.failures + pod.ignored;
        !self.completed.contains(&index) && !self.failed.contains(&index) && !self.pods.iter().any(is_newer)
    }

    fn delete_active(&mut self) {
        let active = self.pods.iter().filter(|pod| pod.is_active());
        let deletes = active.map(|pod| Action::Delete(pod.name.to_owned()));
        self.decision.actions.extend(deletes);
    }

    /// Creates missing pods, and deletes surplus pods.
    fn scale(&mut self) {
        let parallelism = self.number("parallelism").unwrap_or(1);
        let missing = match self.number("completions") {
            Some(completions) => completions.saturating_sub(self.succeeded()),
            None => parallelism,
        };
        let mut active: Vec<&Pod> = self.pods.iter().filter(|pod| pod.is_active()).collect();
        let mut taken = BTreeSet::new();
        let mut deletes = Vec::new();
        active.retain(|pod| {
            let is_first = pod.index.is_none_or(|index| taken.insert(index));
            if !is_first {
                deletes.push(Action::Delete(pod.name.to_owned()));
            }
            is_first
        });
        let wanted = parallelism.min(missing) as usize;
        let surplus = active.len().saturating_sub(wanted);
        deletes.extend(
            active
                .iter()
                .rev()
                .take(surplus)
                .map(|pod| Action::Delete(pod.name.to_owned())),
        );
        let ending = self.pods.iter().filter(|pod| pod.is_deleted && !pod.is_over());
        let mut busy = active.len();
        if self.replaces_only_failed() {
            for pod in ending {
                busy += 1;
                taken.extend(pod.index);
            }
        }
        self.decision.actions.extend(deletes);
        let mut room = wanted.saturating_sub(busy);
        if !self.is_indexed() {
            let pod = NewPod {
                index: None,
                failures: None,
            };
            self.decision
                .actions
                .extend(std::iter::repeat_n(Action::Create(pod), room));
            return;
        }
        for index in 0..self.number("completions").unwrap_or(0) as u32 {
            if room == 0 {
                break;
            }
            if taken.contains(&index) || self.completed.contains(&index) || self.failed.contains(&index) {
                continue;
            }
            // As in a real server, an index counts towards the parallelism even while its next pod must wait.
            room -= 1;
            if let Some(failures) = self.new_failures(index) {
                let pod = NewPod {
                    index: Some(index),
                    failures: self.counts_each_index().then_some(failures),
                };
                self.decision.actions.push(Action::Create(pod));
            }
        }
    }

    /// Returns the numbers of failures and ignored failures for the next pod of an index; `None` if the backoff of the
    /// index has not passed yet.
    fn new_failures(&mut self, index: u32) -> Option<(u32, u32)> {
        let last = self
            .pods
            .iter()
            .filter(|pod| pod.index == Some(index) && pod.is_tracked && self.has_failed(pod))
            .max_by_key(|pod| pod.failures + pod.ignored);
        let Some(last) = last.filter(|_| self.counts_each_index()) else {
            return Some((0, 0));
        };
        let before = last.failures + last.ignored;
        let pause = self.backoff.saturating_mul(1 << before.min(16)).min(BACKOFF_MAX);
        let numbers = match judge(self.spec, last) {
            Verdict::Ignore => (last.failures, last.ignored + 1),
            _ => (last.failures + 1, last.ignored),
        };
        let due = last.ended().unwrap_or(self.now) + pause;
        if self.now < due {
            self.look_again(due - self.now);
            return None;
        }
        Some(numbers)
    }

    /// Ends the Job when all of its pods have ended.
    fn finish(&mut self, target: Option<(&'static str, String, String)>) {
        let Some((kind, reason, message)) = target else { return };
        if self.pods.iter().any(|pod| !pod.is_over()) {
            return;
        }
        if kind == "SuccessCriteriaMet" {
            conditions::set(&mut self.status, "Complete", "True", &reason, &message);
            self.status["completionTime"] = timestamp(self.now);
            self.event("Normal", "Completed", "Job completed");
        } else {
            conditions::set(&mut self.status, "Failed", "True", &reason, &message);
            self.event("Warning", &reason, &message);
        }
    }

    fn write_status(&mut self) {
        let count = |test: &dyn Fn(&Pod) -> bool| self.pods.iter().filter(|pod| test(pod)).count();
        let active = count(&|pod| pod.is_active());
        let ready = count(&|pod| pod.is_active() && conditions::is_true(&pod.object["status"], "Ready"));
        let terminating = count(&|pod| pod.is_deleted && !pod.is_over());
        let status = self.status.as_object_mut().unwrap();
        for (member, number) in [("active", active), ("ready", ready), ("terminating", terminating)] {
            status.insert(member.to_owned(), number.into());
        }
        status.insert("uncountedTerminatedPods".to_owned(), json!({}));
        for member in ["active", "succeeded", "failed"] {
            // A real server omits these members if they are 0.
            if status[member] == 0 {
                status.remove(member);
            }
        }
        for (member, indexes) in [("completedIndexes", &self.completed), ("failedIndexes", &self.failed)] {
            if !indexes.is_empty() {
                status.insert(member.to_owned(), show_indexes(indexes).into());
            }
        }
        if self.status != self.job["status"] {
            let status = self.status.clone();
            self.decision.actions.push(Action::Status(status));
        }
    }
}

#[cfg(test)]
mod tests;
