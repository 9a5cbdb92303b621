//! Tests of the faults that a test can order from the stand-in.

use super::*;
use std::time::Instant;
use whole_runs::kubernetes::{OrderedReply, PodFate};
use whole_runs::machine::wait_for;

const LOOP: &str = "trap 'exit 143' TERM; while true; do sleep 0.05; done";

fn map(name: &str) -> Value {
    json!({"metadata": {"name": name}})
}

/// Starts a Job with one pod, and waits until the pod runs.
fn running(cluster: &Cluster, script: &str) -> String {
    cluster.create("jobs", &indexed_job("run", 1, script));
    name_of(&wait_for_pods(cluster, "run", "Running", 1)[0])
}

fn first_pod(cluster: &Cluster, name: &str, test: impl Fn(&Value) -> bool) -> Value {
    cluster.wait_until("the pod", PATIENCE, |cluster| cluster.get("pods", name).filter(&test))
}

#[test]
fn ordered_failures_hit_the_next_matching_requests_only() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    let path = cluster.path("configmaps", "");
    let api = cluster.api();
    stand_in.fail(
        1,
        "POST",
        "configmaps",
        OrderedReply::TooManyRequests { retry_after: 3 },
    );
    stand_in.fail(1, "POST", "configmaps", OrderedReply::Failed(503));
    api.get(&path).expect(200);
    let limited = api.post(&path, &map("a"));
    limited.expect_failure(429, "TooManyRequests", "the server has received too many requests");
    assert!(limited.head.contains("retry-after: 3"), "{}", limited.head);
    api.post(&path, &map("a"))
        .expect_failure(503, "ServiceUnavailable", "unable to handle the request");
    stand_in.fail(1, "POST", "configmaps", OrderedReply::Failed(500));
    api.post(&path, &map("a"))
        .expect_failure(500, "InternalError", "Internal error occurred");
    stand_in.fail(1, "POST", "configmaps", OrderedReply::HungUp);
    assert!(api.try_send("POST", &path, "application/json", &map("a")).is_err());
    assert_eq!(cluster.get("configmaps", "a"), None);
    stand_in.fail(1, "POST", "configmaps", OrderedReply::LostAnswer);
    assert!(api.try_send("POST", &path, "application/json", &map("a")).is_err());
    assert!(cluster.get("configmaps", "a").is_some(), "the request was carried out");
    let own = cluster.path("configmaps", "a");
    stand_in.fail(1, "PATCH", &own, OrderedReply::Conflict);
    api.merge(&own, &json!({}))
        .expect_failure(409, "Conflict", "configmaps \"a\": the object has been modified");
    api.merge(&own, &json!({})).expect(200);
}

#[test]
fn a_held_request_is_carried_out_when_it_is_released() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    let path = cluster.path("configmaps", "");
    stand_in.fail(1, "POST", "configmaps", OrderedReply::Held);
    std::thread::scope(|scope| {
        let held = scope.spawn(|| cluster.api().post(&path, &map("a")).status);
        wait_for("the request", PATIENCE, || {
            stand_in
                .seen()
                .iter()
                .any(|seen| seen.verb == "create" && seen.resource == "configmaps")
                .then_some(())
        });
        assert_eq!(cluster.get("configmaps", "a"), None);
        assert!(!held.is_finished());
        stand_in.release_held();
        assert_eq!(held.join().unwrap(), 201);
    });
}

#[test]
fn the_server_goes_down_and_comes_back_while_pods_run() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    let pod = running(&cluster, LOOP);
    let mut watch = cluster.api().watch(&format!(
        "{}?watch=true&fieldSelector=metadata.name%3D{pod}",
        cluster.path("pods", "")
    ));
    assert_eq!(watch.next_change().0, "ADDED");
    stand_in.stop_server();
    while watch.next_event().is_some() {}
    assert!(cluster.api().try_send("GET", "/version", "", &Value::Null).is_err());
    assert_eq!(stand_in.processes().len(), 1);
    stand_in.start_server();
    let same = cluster.get("pods", &pod).unwrap();
    assert_eq!(same["status"]["phase"], "Running");
}

#[test]
fn requests_are_counted_by_verb_and_resource() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    let mark = stand_in.seen().len();
    cluster.create("configmaps", &map("a"));
    cluster.list("configmaps");
    cluster.list("configmaps");
    let job = cluster.path("jobs", "a/status");
    cluster.api().merge(&job, &json!({}));
    let counts: Vec<((String, String), usize)> = stand_in.requests_since(mark).into_iter().collect();
    let count = |verb: &str, resource: &str, count| ((verb.to_owned(), resource.to_owned()), count);
    assert_eq!(
        counts,
        [
            count("create", "configmaps", 1),
            count("list", "configmaps", 2),
            count("patch", "jobs/status", 1)
        ]
    );
}

#[test]
fn a_pod_can_start_late_or_never() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    stand_in.on_pod(|pod| match pod.index {
        Some(0) => PodFate {
            start_after: Duration::from_secs(1),
            ..PodFate::default()
        },
        Some(1) => PodFate {
            unschedulable: Some("0/1 nodes are available: 1 Insufficient cpu.".to_owned()),
            ..PodFate::default()
        },
        Some(2) => PodFate {
            image_pull_error: Some("not found".to_owned()),
            ..PodFate::default()
        },
        _ => PodFate::default(),
    });
    let begin = Instant::now();
    cluster.create("jobs", &indexed_job("run", 4, LOOP));
    wait_for_pods(&cluster, "run", "Running", 2);
    assert!(begin.elapsed() >= Duration::from_secs(1), "{:?}", begin.elapsed());
    let pods = pods_of(&cluster, "run");
    let scheduled = pods[1]["status"]["conditions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["type"] == "PodScheduled");
    assert_eq!(
        scheduled.unwrap()["message"],
        "0/1 nodes are available: 1 Insufficient cpu."
    );
    let waiting = &pods[2]["status"]["containerStatuses"][0]["state"]["waiting"];
    assert_eq!(
        (&waiting["reason"], &waiting["message"]),
        (&json!("ImagePullBackOff"), &json!("not found"))
    );
    assert_eq!(stand_in.processes().len(), 2);
    // Pods that have never started are deleted together with their Job.
    let options = json!({"propagationPolicy": "Background"});
    cluster.api().delete(&cluster.path("jobs", "run"), &options).expect(200);
    cluster.wait_until("the end of the pods", PATIENCE, |cluster| {
        pods_of(cluster, "run").is_empty().then_some(())
    });
}

#[test]
fn an_index_can_have_two_pods() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    cluster.create("jobs", &indexed_job("run", 2, LOOP));
    wait_for_pods(&cluster, "run", "Running", 2);
    let second = stand_in.double(cluster.namespace(), "run", 0);
    let pods = wait_for_pods(&cluster, "run", "Running", 3);
    let index = |pod: &Value| pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"].clone();
    assert_eq!(pods.iter().filter(|pod| index(pod) == "0").count(), 2);
    assert!(second.starts_with("run-0-"), "{second}");
}

#[test]
fn an_evicted_pod_fails_with_its_reason_and_is_replaced() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    let pod = running(&cluster, LOOP);
    stand_in.evict(cluster.namespace(), &pod);
    let evicted = first_pod(&cluster, &pod, |pod| pod["status"]["phase"] == "Failed");
    assert_eq!(evicted["status"]["reason"], "Evicted");
    assert_eq!(condition(&evicted, "DisruptionTarget").as_deref(), Some("True"));
    assert_eq!(
        evicted["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"],
        143
    );
    let replaced = wait_for_pods(&cluster, "run", "Running", 1);
    let annotations = &replaced[0]["metadata"]["annotations"];
    assert_eq!(annotations["batch.kubernetes.io/job-index-failure-count"], "0");
    assert_eq!(annotations["batch.kubernetes.io/job-index-ignored-failure-count"], "1");
}

#[test]
fn a_pod_without_memory_is_killed_and_its_failure_counts() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    let pod = running(&cluster, LOOP);
    stand_in.kill_out_of_memory(cluster.namespace(), &pod);
    let killed = first_pod(&cluster, &pod, |pod| pod["status"]["phase"] == "Failed");
    let terminated = &killed["status"]["containerStatuses"][0]["state"]["terminated"];
    assert_eq!(
        (&terminated["exitCode"], &terminated["reason"]),
        (&json!(137), &json!("OOMKilled"))
    );
    let replaced = wait_for_pods(&cluster, "run", "Running", 1);
    assert_eq!(
        replaced[0]["metadata"]["annotations"]["batch.kubernetes.io/job-index-failure-count"],
        "1"
    );
}

#[test]
fn a_pod_of_a_lost_node_is_replaced_and_vanishes() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    let pod = running(&cluster, LOOP);
    let processes = stand_in.processes();
    stand_in.lose_node(cluster.namespace(), &pod);
    let lost = first_pod(&cluster, &pod, |pod| pod["status"]["phase"] == "Failed");
    assert_eq!(lost["status"]["reason"], "NodeLost");
    assert_eq!(condition(&lost, "DisruptionTarget").as_deref(), Some("True"));
    cluster.wait_until("the end of the pod", PATIENCE, |cluster| {
        cluster.get("pods", &pod).is_none().then_some(())
    });
    let replaced = wait_for_pods(&cluster, "run", "Running", 1);
    assert_eq!(
        replaced[0]["metadata"]["annotations"]["batch.kubernetes.io/job-index-ignored-failure-count"],
        "1"
    );
    assert!(!stand_in.processes().contains(&processes[0]));
}

#[test]
fn refused_pods_are_reported_by_the_job_and_created_later() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    stand_in.refuse_pods(
        1,
        "exceeded quota: team, requested: pods=1, used: pods=9, limited: pods=9",
    );
    cluster.create("jobs", &indexed_job("run", 1, LOOP));
    cluster.wait_until("the event", PATIENCE, |cluster| {
        let mut events = cluster.list("events").into_iter();
        events.find(|event| {
            let message = event["message"].as_str().unwrap_or_default();
            event["reason"] == "FailedCreate" && message.contains("is forbidden: exceeded quota: team")
        })
    });
    wait_for_pods(&cluster, "run", "Running", 1);
}

#[test]
fn the_end_of_a_cluster_ends_all_its_processes() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    running(&cluster, "sleep 61 & trap '' TERM; while true; do sleep 0.05; done");
    let [process] = stand_in.processes()[..] else {
        panic!("{:?}", stand_in.processes())
    };
    let alive = |group: u32| {
        let listed = std::process::Command::new("ps")
            .args(["-eo", "pgid="])
            .output()
            .unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        listed.lines().any(|line| line.trim() == group.to_string())
    };
    assert!(alive(process));
    drop(cluster);
    wait_for("the end of the processes", PATIENCE, || (!alive(process)).then_some(()));
}
