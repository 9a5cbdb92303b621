//! Explains why a worker is not ready or has ended. The explanation is computed from the status of the worker's pod,
//! and from Events.

use super::pods;
use crate::fleet::{FailureKind, FleetError};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};

/// The maximum number of characters of a message that an explanation quotes from the cluster or from a worker.
const MESSAGE_CHARS_MAX: usize = 300;

/// Shortens a message to one line.
fn short(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MESSAGE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Returns `: ` and the message, or an empty text if `message` is `None`.
fn behind(message: Option<&str>) -> String {
    match message.map(short).filter(|message| !message.is_empty()) {
        Some(message) => format!(": {message}"),
        None => String::new(),
    }
}

/// Returns the error with which the worker of a pod ended.
pub(super) fn of_ended(pod: &Pod) -> FleetError {
    let name = pods::name(pod);
    let terminated = pods::terminated(pod);
    let died = |problem: String| FleetError::new(FailureKind::Died, problem).on(name);
    if terminated.is_some_and(|ended| ended.reason.as_deref() == Some("OOMKilled")) {
        return died(format!(
            "its pod {name} was killed because it exceeded its memory limit (OOMKilled)"
        ))
        .hint("use a larger --memory, or more --workers");
    }
    if let Some(condition) = pods::condition(pod, "DisruptionTarget", "True") {
        let reason = condition.reason.as_deref().unwrap_or("DisruptionTarget");
        let what = match reason {
            "PreemptionByScheduler" => "was preempted by a pod with a higher priority",
            "DeletionByTaintManager" => "was removed, because its node is not available",
            "DeletionByPodGC" => "was lost with its node",
            "TerminationByKubelet" => "was evicted by its node",
            _ => "was evicted",
        };
        let message = behind(condition.message.as_deref());
        return died(format!("its pod {name} {what} ({reason}{message})"));
    }
    let status = pod.status.as_ref();
    if let Some(reason) = status.and_then(|status| status.reason.as_deref()) {
        let message = behind(status.and_then(|status| status.message.as_deref()));
        return died(format!("its pod {name} failed ({reason}{message})"));
    }
    let Some(ended) = terminated else {
        return died(format!("its pod {name} failed, and its status contains no reason"));
    };
    // The last line that is not JSON is the error. The lines of JSON are the log records of the worker.
    let message = ended.message.as_deref().and_then(|message| {
        let mut lines = message.lines().rev().map(str::trim);
        lines.find(|line| !line.is_empty() && !line.starts_with('{'))
    });
    let message = behind(message);
    match ended.signal {
        Some(signal) => died(format!("its pod {name} was killed by signal {signal}{message}")),
        None => died(format!(
            "its pod {name} ended with exit code {}{message}",
            ended.exit_code
        )),
    }
}

/// Returns the reason why the worker of an index is not ready; `None` if the cluster shows no reason.
pub(super) fn of_absent(index: usize, job: Option<&Job>, pods: &[Pod], warnings: &[Event]) -> Option<FleetError> {
    let Some(job) = job else {
        return Some(FleetError::new(FailureKind::Refused, "its Job does not exist"));
    };
    match pods::newest(pods, index) {
        None => Some(of_missing_pod(job, warnings)),
        Some(pod) if pods::has_failed(pod) => Some(of_ended(pod)),
        Some(pod) if pods::is_running(pod) => {
            let problem = format!("its pod {} is running", pods::name(pod));
            Some(FleetError::new(FailureKind::Lost, problem))
        }
        Some(pod) if pods::has_ended(pod) => None,
        Some(pod) => Some(of_pending(pod, warnings)),
    }
}

fn of_missing_pod(job: &Job, warnings: &[Event]) -> FleetError {
    let throttled = |problem: String| FleetError::new(FailureKind::Throttled, problem);
    let spec = job.spec.as_ref();
    if spec.and_then(|spec| spec.suspend) == Some(true) {
        return throttled("its Job is suspended, and waits for its queue".to_owned())
            .hint("use a longer --start-timeout, or look at `kubectl get workloads`");
    }
    let of_job = |event: &&Event| {
        event.reason.as_deref() == Some("FailedCreate") && event.involved_object.name == job.metadata.name
    };
    let Some(event) = warnings.iter().rev().find(of_job) else {
        return throttled("its pod was not created yet".to_owned());
    };
    let message = event.message.as_deref().unwrap_or_default();
    let problem = format!("its pod could not be created{}", behind(Some(message)));
    match message.contains("exceeded quota") {
        true => throttled(problem)
            .hint("raise the ResourceQuota of the namespace, or use fewer --workers, --cpu or --memory"),
        false => FleetError::new(FailureKind::Refused, problem),
    }
}

fn of_pending(pod: &Pod, warnings: &[Event]) -> FleetError {
    let name = pods::name(pod);
    let throttled = |problem: String| FleetError::new(FailureKind::Throttled, problem);
    let refused = |problem: String| FleetError::new(FailureKind::Refused, problem);
    if let Some(condition) = pods::condition(pod, "PodScheduled", "False") {
        let message = behind(condition.message.as_deref());
        return throttled(format!("its pod {name} cannot be scheduled{message}"))
            .hint("add nodes, or use a smaller --cpu or --memory; check --node-selector");
    }
    let waiting = pods::waiting(pod);
    let reason = waiting
        .and_then(|waiting| waiting.reason.as_deref())
        .unwrap_or_default();
    let message = behind(waiting.and_then(|waiting| waiting.message.as_deref()));
    match reason {
        "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" | "RegistryUnavailable" => {
            return refused(format!("its pod {name} cannot pull its image ({reason}{message})"))
                .hint("check --image, and the pull secret of the service account");
        }
        "CreateContainerConfigError" => {
            return refused(format!(
                "its pod {name} lacks a part of its configuration ({reason}{message})"
            ))
            .hint("check the Secrets of --pod-env");
        }
        _ => {}
    }
    let of_pod = |event: &&Event| event.involved_object.name.as_deref() == Some(name);
    if let Some(event) = warnings.iter().rev().find(of_pod) {
        let kind = event.reason.as_deref().unwrap_or("Warning");
        let message = behind(event.message.as_deref());
        return throttled(format!("its pod {name} does not start ({kind}{message})"));
    }
    match reason {
        "" => throttled(format!("its pod {name} is pending")),
        reason => throttled(format!("its pod {name} does not run yet ({reason}{message})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn job(suspend: bool) -> Job {
        serde_json::from_value(json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "shop" },
            "spec": { "suspend": suspend, "template": {} }
        }))
        .unwrap()
    }

    fn pod(name: &str, status: Value) -> Pod {
        let index = name.split('-').nth(1).unwrap();
        serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": name, "annotations": { "batch.kubernetes.io/job-completion-index": index } },
            "status": status
        }))
        .unwrap()
    }

    fn warning(kind: &str, name: &str, reason: &str, message: &str) -> Event {
        serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "Event", "metadata": { "name": "e" }, "type": "Warning",
            "involvedObject": { "kind": kind, "name": name }, "reason": reason, "message": message
        }))
        .unwrap()
    }

    #[track_caller]
    fn check(job: Option<Job>, pods: &[Pod], warnings: &[Event], kind: FailureKind, words: &[&str]) {
        let error = of_absent(1, job.as_ref(), pods, warnings).expect("a reason");
        let text = format!("{}; {}", error.problem, error.hint.clone().unwrap_or_default());
        assert_eq!(error.kind, kind, "{text}");
        for word in words {
            assert!(text.contains(word), "no `{word}` in: {text}");
        }
    }

    #[test]
    fn a_pod_that_is_not_created_is_explained_by_the_job() {
        check(None, &[], &[], FailureKind::Refused, &["its Job does not exist"]);
        check(
            Some(job(true)),
            &[],
            &[],
            FailureKind::Throttled,
            &["suspended", "--start-timeout"],
        );
        check(
            Some(job(false)),
            &[],
            &[],
            FailureKind::Throttled,
            &["was not created yet"],
        );
        let quota =
            "pods \"shop-1-\" is forbidden: exceeded quota: team, requested: cpu=1, used: cpu=4, limited: cpu=4";
        let events = [warning("Job", "shop", "FailedCreate", quota)];
        check(
            Some(job(false)),
            &[],
            &events,
            FailureKind::Throttled,
            &["exceeded quota: team", "ResourceQuota"],
        );
        let account = "error looking up service account team/load: serviceaccount \"load\" not found";
        let events = [warning("Job", "shop", "FailedCreate", account)];
        check(
            Some(job(false)),
            &[],
            &events,
            FailureKind::Refused,
            &["serviceaccount \"load\" not found"],
        );
        let other = [warning("Job", "another", "FailedCreate", quota)];
        check(
            Some(job(false)),
            &[],
            &other,
            FailureKind::Throttled,
            &["was not created yet"],
        );
    }

    #[test]
    fn a_pending_pod_is_explained_by_its_status() {
        let waiting = |reason: &str, message: &str| {
            let state = json!({ "waiting": { "reason": reason, "message": message } });
            let status = json!({ "name": "worker", "ready": false, "restartCount": 0, "image": "", "imageID": "", "state": state });
            pod("shop-1-a", json!({ "phase": "Pending", "containerStatuses": [status] }))
        };
        let condition = json!({ "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient cpu." });
        let unschedulable = pod("shop-1-a", json!({ "phase": "Pending", "conditions": [condition] }));
        check(
            Some(job(false)),
            &[unschedulable],
            &[],
            FailureKind::Throttled,
            &["shop-1-a cannot be scheduled: 0/3 nodes", "--cpu"],
        );
        for reason in ["ErrImagePull", "ImagePullBackOff"] {
            let pods = [waiting(reason, "Back-off pulling image \"x:1\"")];
            check(
                Some(job(false)),
                &pods,
                &[],
                FailureKind::Refused,
                &["cannot pull its image", "x:1", "--image"],
            );
        }
        let pods = [waiting("CreateContainerConfigError", "secret \"shop\" not found")];
        check(
            Some(job(false)),
            &pods,
            &[],
            FailureKind::Refused,
            &["secret \"shop\" not found", "--pod-env"],
        );
        let pods = [waiting("ContainerCreating", "")];
        check(
            Some(job(false)),
            &pods,
            &[],
            FailureKind::Throttled,
            &["does not run yet (ContainerCreating)"],
        );
        let events = [warning("Pod", "shop-1-a", "FailedMount", "claim \"runs\" not found")];
        check(
            Some(job(false)),
            &pods,
            &events,
            FailureKind::Throttled,
            &["FailedMount: claim \"runs\""],
        );
    }

    #[test]
    fn a_failed_pod_is_explained_by_how_it_ended() {
        let ended = |state: Value, more: Value| {
            let status = json!({ "name": "worker", "ready": false, "restartCount": 0, "image": "", "imageID": "", "state": { "terminated": state } });
            let mut all = json!({ "phase": "Failed", "containerStatuses": [status] });
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            pod("shop-1-a", all)
        };
        let memory = ended(json!({ "exitCode": 137, "reason": "OOMKilled" }), json!({}));
        check(
            Some(job(false)),
            &[memory],
            &[],
            FailureKind::Died,
            &["exceeded its memory limit", "--memory"],
        );
        let evicted = |reason: &str| {
            let condition = json!({ "type": "DisruptionTarget", "status": "True", "reason": reason, "message": "why" });
            ended(json!({ "exitCode": 75 }), json!({ "conditions": [condition] }))
        };
        for (reason, words) in [
            ("EvictionByEvictionAPI", "was evicted (EvictionByEvictionAPI: why)"),
            ("PreemptionByScheduler", "was preempted"),
            ("DeletionByTaintManager", "its node is not available"),
            ("DeletionByPodGC", "was lost with its node"),
        ] {
            check(Some(job(false)), &[evicted(reason)], &[], FailureKind::Died, &[words]);
        }
        let log = "{\"level\":\"INFO\"}\nerror: no such option\n{\"level\":\"ERROR\"}\n";
        let crashed = ended(json!({ "exitCode": 2, "reason": "Error", "message": log }), json!({}));
        check(
            Some(job(false)),
            &[crashed],
            &[],
            FailureKind::Died,
            &["ended with exit code 2: error: no such option"],
        );
        let signal = ended(json!({ "exitCode": 139, "signal": 11 }), json!({}));
        check(Some(job(false)), &[signal], &[], FailureKind::Died, &["signal 11"]);
    }

    #[test]
    fn only_the_newest_pod_of_the_index_is_explained() {
        let at = |name: &str, second: u32, phase: &str| {
            let mut pod = pod(name, json!({ "phase": phase }));
            let time = json!({ "creationTimestamp": format!("2026-01-02T03:04:{second:02}Z") });
            let time: k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta =
                serde_json::from_value(time).unwrap();
            pod.metadata.creation_timestamp = time.creation_timestamp;
            pod
        };
        let pods = [
            at("shop-1-old", 1, "Failed"),
            at("shop-1-new", 2, "Running"),
            at("shop-2-x", 3, "Failed"),
        ];
        check(
            Some(job(false)),
            &pods,
            &[],
            FailureKind::Lost,
            &["its pod shop-1-new is running"],
        );
        assert_eq!(
            of_absent(1, Some(&job(false)), &[at("shop-1-z", 4, "Succeeded")], &[]),
            None
        );
    }
}
