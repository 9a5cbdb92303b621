//! Tests on a Kubernetes cluster: on the stand-in, or on a real cluster if `VAJRA_TEST_KUBECONFIG` is set.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use whole_runs::kubernetes::Cluster;

mod clusters;
mod failure_page;
mod image;
mod launching;
mod load_tests;
mod manifests;
mod operator;
mod operator_checks;
mod operator_faults;
mod operator_pod;
mod operator_recovery;
mod queues;
mod roles;
mod shop;
mod stand_in_access;
mod stand_in_apply;
mod stand_in_custom;
mod stand_in_deletion;
mod stand_in_faults;
mod stand_in_jobs;
mod stand_in_kubectl;
mod stand_in_objects;
mod stand_in_pods;
mod stand_in_watches;
mod store_server;

/// The maximum time that a test waits for one event.
const PATIENCE: Duration = Duration::from_secs(9);

/// The image of containers that run shell scripts. Only a real cluster uses the contents of this image.
const SHELL_IMAGE: &str = "busybox:1.37";

/// Returns a cluster for tests that do not run the program.
fn cluster() -> Cluster {
    Cluster::start(Path::new("/bin/false"))
}

/// Returns the template of a pod that runs a shell script in the container `worker`.
fn shell(script: &str) -> Value {
    json!({"spec": {
        "restartPolicy": "Never", "terminationGracePeriodSeconds": 2, "automountServiceAccountToken": false,
        "containers": [{"name": "worker", "image": SHELL_IMAGE, "command": ["sh", "-c", script]}],
    }})
}

/// Returns an Indexed Job whose pods run a shell script. The Job has the same failure policy as the Jobs of the
/// product.
fn indexed_job(name: &str, completions: u32, script: &str) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
        "spec": {
            "completionMode": "Indexed", "completions": completions, "parallelism": completions,
            "backoffLimitPerIndex": 3, "podReplacementPolicy": "Failed",
            "podFailurePolicy": {"rules": [
                {"action": "FailIndex", "onExitCodes": {"containerName": "worker", "operator": "In", "values": [2, 3, 76]}},
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
            ]},
            "template": shell(script),
        },
    })
}

/// Returns the status of a condition, such as `True`; `None` if the object does not have the condition.
fn condition(object: &Value, kind: &str) -> Option<String> {
    let list = object["status"]["conditions"].as_array()?;
    let found = list.iter().find(|condition| condition["type"] == kind)?;
    Some(found["status"].as_str()?.to_owned())
}

/// Waits until a Job has a condition. Returns the Job.
fn wait_for_condition(cluster: &Cluster, job: &str, kind: &str) -> Value {
    cluster.wait_until(&format!("{kind} of the Job {job}"), PATIENCE, |cluster| {
        let job = cluster.get("jobs", job)?;
        (condition(&job, kind)? == "True").then_some(job)
    })
}

/// Returns the pods of a Job in the order of their names.
fn pods_of(cluster: &Cluster, job: &str) -> Vec<Value> {
    let pods = cluster.list("pods").into_iter();
    pods.filter(|pod| pod["metadata"]["labels"]["batch.kubernetes.io/job-name"] == job)
        .collect()
}

fn name_of(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap().to_owned()
}

/// Waits until `count` pods of a Job have a phase. Returns these pods.
fn wait_for_pods(cluster: &Cluster, job: &str, phase: &str, count: usize) -> Vec<Value> {
    cluster.wait_until(&format!("{count} pods in the phase {phase}"), PATIENCE, |cluster| {
        let mut pods = pods_of(cluster, job);
        pods.retain(|pod| pod["status"]["phase"] == phase);
        (pods.len() == count).then_some(pods)
    })
}
