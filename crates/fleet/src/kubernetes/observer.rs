//! Converts the state of a Job and its pods to events of workers. [`Observer`] is a pure state machine: each call takes
//! the Job and its pods, and returns the observations since the previous call.

use super::{pods, reasons};
use crate::fleet::{FailureKind, FleetError};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use std::collections::{BTreeMap, BTreeSet};
use worker::exit::WorkerExit;

/// A change of the pods of one index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Observation {
    /// The index has succeeded, or another attempt sends the shard of this index.
    Ended(usize),
    /// A pod has died. The Job then starts another pod in its place, or the index fails later.
    Died(usize, FleetError),
    /// The index has failed, and the Job starts no more pods for this index.
    Failed(usize, FleetError),
}

/// The changes of a Job that an observer has already reported.
#[derive(Debug, Default)]
pub(super) struct Observer {
    indexes: usize,
    /// The indexes whose end was reported.
    settled: BTreeSet<usize>,
    /// The pods whose death was reported.
    dead: BTreeSet<String>,
    /// The index and the name of each pod that has not ended, by the UID of the pod.
    alive: BTreeMap<String, (usize, String)>,
    /// The last error of each index.
    errors: BTreeMap<usize, FleetError>,
}

impl Observer {
    /// Returns an observer of a Job with this number of indexes.
    pub(super) fn new(indexes: usize) -> Observer {
        Observer {
            indexes,
            ..Observer::default()
        }
    }

    /// Returns whether the end of every index was reported.
    pub(super) fn is_done(&self) -> bool {
        self.settled.len() == self.indexes
    }

    /// Returns the observations since the previous call. `job` is `None` if the Job was deleted. The caller must read
    /// the pods before the Job.
    pub(super) fn observe(&mut self, job: Option<&Job>, pods: &[Pod]) -> Vec<Observation> {
        let status = job.and_then(|job| job.status.as_ref());
        let completed = pods::indexes(status.and_then(|status| status.completed_indexes.as_deref()));
        let failed = pods::indexes(status.and_then(|status| status.failed_indexes.as_deref()));
        let over = match job {
            Some(job) => finished(job),
            // When a Job is deleted, its pods receive SIGTERM and store their results.
            None => Some(FleetError::new(FailureKind::Lost, "its Job was deleted")),
        };
        let mut new = Vec::new();
        self.see_pods(pods, &completed, &mut new);
        for index in completed {
            if self.settle(index) {
                new.push(Observation::Ended(index));
            }
        }
        for index in failed {
            if self.settle(index) {
                new.push(self.failure(index));
            }
        }
        if let Some(why) = over {
            for index in 0..self.indexes {
                if self.settle(index) {
                    new.push(Observation::Failed(index, why.clone()));
                }
            }
        }
        new
    }

    fn see_pods(&mut self, pods: &[Pod], completed: &[usize], new: &mut Vec<Observation>) {
        let mut alive = BTreeMap::new();
        for pod in pods {
            let Some(index) = pods::index(pod).filter(|index| *index < self.indexes) else {
                continue;
            };
            let uid = pods::uid(pod);
            if !pods::has_ended(pod) {
                alive.insert(uid.to_owned(), (index, pods::name(pod).to_owned()));
            } else if pods::has_failed(pod) && self.dead.insert(uid.to_owned()) {
                let error = reasons::of_ended(pod);
                if is_duplicate(pod) {
                    continue;
                }
                self.errors.insert(index, error.clone());
                new.push(Observation::Died(index, error));
            }
        }
        let here: BTreeSet<&str> = pods.iter().map(pods::uid).collect();
        for (uid, (index, name)) in std::mem::replace(&mut self.alive, alive) {
            // A missing pod does not always mean a lost node, because a pod that succeeded may also be removed between
            // two calls.
            if !here.contains(uid.as_str()) && !completed.contains(&index) && !self.settled.contains(&index) {
                let problem = format!("its pod {name} was removed from the cluster");
                let error = FleetError::new(FailureKind::Died, problem).on(&name);
                self.errors.insert(index, error.clone());
                new.push(Observation::Died(index, error));
            }
        }
    }

    /// Records that the end of an index is reported. Returns whether this is the first report of this end.
    fn settle(&mut self, index: usize) -> bool {
        index < self.indexes && self.settled.insert(index)
    }

    fn failure(&mut self, index: usize) -> Observation {
        match self.errors.remove(&index) {
            // Every pod of the index that ended was a duplicate. The worker that sends the shard stores the result.
            None => Observation::Ended(index),
            Some(error) => Observation::Failed(
                index,
                FleetError {
                    kind: FailureKind::Failed,
                    ..error
                },
            ),
        }
    }
}

/// Returns whether the worker of a pod ended because another attempt sends the shard.
fn is_duplicate(pod: &Pod) -> bool {
    let code = pods::terminated(pod).map(|ended| ended.exit_code);
    code == Some(WorkerExit::AlreadyClaimed.code().into())
}

/// Returns the reason why a Job starts no more pods; `None` if the Job may start more pods.
fn finished(job: &Job) -> Option<FleetError> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    let condition = conditions
        .iter()
        .find(|condition| condition.status == "True" && matches!(condition.type_.as_str(), "Failed" | "Complete"))?;
    let reason = condition.reason.as_deref().unwrap_or(&condition.type_);
    let problem = match reason {
        "DeadlineExceeded" => "its Job exceeded its deadline (DeadlineExceeded)".to_owned(),
        reason => format!("its Job has ended ({reason})"),
    };
    Some(FleetError::new(FailureKind::Failed, problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn job(status: Value) -> Job {
        serde_json::from_value(json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "j" },
            "spec": { "template": {} }, "status": status
        }))
        .unwrap()
    }

    /// Returns a pod of an index. The pod has ended with the exit code `code`, or is running if `code` is `None`.
    fn pod(name: &str, index: u32, code: Option<i32>) -> Pod {
        let (phase, state) = match code {
            None => ("Running", json!({ "running": {} })),
            Some(0) => ("Succeeded", json!({ "terminated": { "exitCode": 0 } })),
            Some(code) => ("Failed", json!({ "terminated": { "exitCode": code } })),
        };
        let index = index.to_string();
        serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": name, "uid": name, "annotations": { "batch.kubernetes.io/job-completion-index": index } },
            "status": { "phase": phase, "containerStatuses": [
                { "name": "worker", "ready": false, "restartCount": 0, "image": "", "imageID": "", "state": state }
            ] }
        }))
        .unwrap()
    }

    /// Returns the text of each observation: the kind, the index and the host.
    fn shown(new: &[Observation]) -> Vec<String> {
        let host = |error: &FleetError| error.host.clone().unwrap_or_default();
        new.iter()
            .map(|one| match one {
                Observation::Ended(index) => format!("ended {index}"),
                Observation::Died(index, error) => format!("died {index} {}", host(error)),
                Observation::Failed(index, error) => format!("failed {index} {}", host(error)),
            })
            .collect()
    }

    #[test]
    fn a_replaced_pod_is_reported_once_and_its_index_when_it_succeeds() {
        let mut observer = Observer::new(2);
        let running = [pod("a", 0, None), pod("b", 1, None)];
        assert_eq!(shown(&observer.observe(Some(&job(json!({}))), &running)), [""; 0]);
        let died = [pod("a", 0, Some(75)), pod("b", 1, None)];
        assert_eq!(shown(&observer.observe(Some(&job(json!({}))), &died)), ["died 0 a"]);
        let replaced = [pod("a", 0, Some(75)), pod("c", 0, None), pod("b", 1, None)];
        assert_eq!(shown(&observer.observe(Some(&job(json!({}))), &replaced)), [""; 0]);
        let done = [pod("a", 0, Some(75)), pod("c", 0, Some(0)), pod("b", 1, Some(0))];
        let status = job(json!({ "completedIndexes": "0-1" }));
        assert_eq!(shown(&observer.observe(Some(&status), &done)), ["ended 0", "ended 1"]);
        assert!(observer.is_done());
        assert_eq!(shown(&observer.observe(None, &[])), [""; 0]);
    }

    #[test]
    fn an_index_fails_with_the_reason_of_its_last_pod() {
        let mut observer = Observer::new(1);
        let failed = job(json!({ "failedIndexes": "0" }));
        let new = observer.observe(Some(&failed), &[pod("a", 0, Some(3))]);
        assert_eq!(shown(&new), ["died 0 a", "failed 0 a"]);
        let Observation::Failed(_, error) = &new[1] else {
            panic!("{new:?}")
        };
        assert_eq!(error.kind, FailureKind::Failed);
        assert!(error.problem.contains("exit code 3"), "{error}");
    }

    #[test]
    fn a_duplicate_is_not_a_failure() {
        let mut observer = Observer::new(1);
        let running = [pod("a", 0, None), pod("b", 0, Some(76))];
        let failed = job(json!({ "failedIndexes": "0" }));
        assert_eq!(shown(&observer.observe(Some(&failed), &running)), ["ended 0"]);
    }

    #[test]
    fn a_pod_that_is_gone_has_died_unless_its_index_is_complete() {
        let mut observer = Observer::new(2);
        observer.observe(Some(&job(json!({}))), &[pod("a", 0, None), pod("b", 1, None)]);
        let status = job(json!({ "completedIndexes": "1" }));
        assert_eq!(shown(&observer.observe(Some(&status), &[])), ["died 0 a", "ended 1"]);
        assert_eq!(shown(&observer.observe(Some(&status), &[])), [""; 0]);
    }

    #[test]
    fn a_deleted_job_and_a_passed_deadline_end_every_index() {
        let mut observer = Observer::new(2);
        let pods = [pod("a", 0, None), pod("b", 1, None)];
        observer.observe(Some(&job(json!({}))), &pods);
        let new = observer.observe(None, &pods);
        assert_eq!(shown(&new), ["failed 0 ", "failed 1 "]);
        let Observation::Failed(_, error) = &new[0] else {
            panic!("{new:?}")
        };
        assert!(error.leaves_doubt(), "its workers still store their results");
        let mut observer = Observer::new(1);
        let late = json!({ "conditions": [ { "type": "Failed", "status": "True", "reason": "DeadlineExceeded" } ] });
        let new = observer.observe(Some(&job(late)), &[]);
        let Observation::Failed(0, error) = &new[0] else {
            panic!("{new:?}")
        };
        assert!(error.problem.contains("deadline"), "{error}");
    }
}
