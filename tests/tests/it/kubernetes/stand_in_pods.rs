//! Tests of pods in the stand-in: the environment and volumes of a container, and the status after its end.

use super::*;

fn pod(name: &str, script: &str) -> Value {
    let mut pod = shell(script);
    pod["metadata"] = json!({"name": name, "labels": {"app": name}});
    pod
}

/// Creates a pod, waits until the pod has ended, and returns the pod.
fn run(cluster: &Cluster, pod: &Value) -> Value {
    cluster.create("pods", pod);
    let name = name_of(pod);
    cluster.wait_until("the end of the pod", PATIENCE, |cluster| {
        let pod = cluster.get("pods", &name)?;
        ["Succeeded", "Failed"]
            .contains(&pod["status"]["phase"].as_str()?)
            .then_some(pod)
    })
}

#[test]
fn an_exit_code_is_reported_in_the_status_of_the_container() {
    let cluster = cluster();
    let ended = run(&cluster, &pod("a", "echo out; echo err >&2; exit 75"));
    assert_eq!(ended["status"]["phase"], "Failed");
    let status = &ended["status"]["containerStatuses"][0];
    let terminated = &status["state"]["terminated"];
    assert_eq!(
        (&status["name"], &terminated["exitCode"], &terminated["reason"]),
        (&json!("worker"), &json!(75), &json!("Error"))
    );
    assert!(
        terminated["finishedAt"].is_string() && ended["spec"]["nodeName"].is_string(),
        "{ended}"
    );
    assert_eq!(condition(&ended, "Ready").as_deref(), Some("False"));
    let log = cluster.log("a");
    assert!(log.contains("out\n") && log.contains("err\n"), "{log}");
    let tail = cluster.api().get(&cluster.path("pods", "a/log?tailLines=1"));
    assert_eq!(tail.text.lines().count(), 1, "{}", tail.text);
}

#[test]
fn a_container_gets_values_secrets_and_fields_and_nothing_of_the_test() {
    let cluster = cluster();
    cluster.create(
        "secrets",
        &json!({"metadata": {"name": "shop"}, "stringData": {"token": "t0"}}),
    );
    cluster.create(
        "configmaps",
        &json!({"metadata": {"name": "shop"}, "data": {"MODE": "fast", "s.yaml": "name: s"}}),
    );
    let mut pod = pod(
        "a",
        "env; cat /scenario/s.yaml; cat $FILE; echo kept > /scratch/x; cat /scratch/x",
    );
    let container = &mut pod["spec"]["containers"][0];
    container["env"] = json!([
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "shop", "key": "token"}}},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "LABEL", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "SUM", "value": "$(POD)-$(TOKEN)"},
        {"name": "FILE", "value": "/secret/token"},
    ]);
    container["envFrom"] = json!([{"configMapRef": {"name": "shop"}}]);
    container["volumeMounts"] = json!([
        {"name": "scenario", "mountPath": "/scenario"},
        {"name": "secret", "mountPath": "/secret"},
        {"name": "scratch", "mountPath": "/scratch"},
    ]);
    pod["spec"]["volumes"] = json!([
        {"name": "scenario", "configMap": {"name": "shop"}},
        {"name": "secret", "secret": {"secretName": "shop"}},
        {"name": "scratch", "emptyDir": {}},
    ]);
    let ended = run(&cluster, &pod);
    let log = cluster.log("a");
    assert_eq!(ended["status"]["phase"], "Succeeded", "{log}");
    for line in ["TOKEN=t0", "POD=a", "LABEL=a", "SUM=a-t0", "MODE=fast"] {
        assert!(log.lines().any(|found| found == line), "{line} is not in:\n{log}");
    }
    assert!(log.contains("name: s") && log.contains("t0kept"), "{log}");
    assert!(
        log.lines().any(|line| line.starts_with("IP=") && line.len() > 4),
        "{log}"
    );
    assert!(
        !log.contains("CARGO"),
        "the environment of the test is inherited:\n{log}"
    );
}

#[test]
fn a_pod_waits_for_a_missing_secret_and_starts_when_it_exists() {
    let cluster = cluster();
    let mut pod = pod("a", "echo $TOKEN");
    pod["spec"]["containers"][0]["env"] =
        json!([{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "late", "key": "token"}}}]);
    cluster.create("pods", &pod);
    cluster.wait_until("the reason", PATIENCE, |cluster| {
        let pod = cluster.get("pods", "a")?;
        let waiting = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
        (waiting["reason"] == "CreateContainerConfigError" && waiting["message"] == "secret \"late\" not found")
            .then_some(())
    });
    let log = cluster.api().get(&cluster.path("pods", "a/log"));
    log.expect_failure(
        400,
        "BadRequest",
        "container \"worker\" in pod \"a\" is waiting to start: CreateContainerConfigError",
    );
    cluster.create(
        "secrets",
        &json!({"metadata": {"name": "late"}, "stringData": {"token": "t1"}}),
    );
    cluster.wait_until("the output", PATIENCE, |cluster| {
        (cluster.log("a") == "t1\n").then_some(())
    });
}

#[test]
fn an_unschedulable_pod_and_a_missing_image_are_named() {
    let cluster = cluster();
    let mut nowhere = pod("a", "true");
    nowhere["spec"]["nodeSelector"] = json!({"zone": "none"});
    cluster.create("pods", &nowhere);
    let mut missing = pod("b", "true");
    missing["spec"]["containers"][0]["image"] = "registry.invalid/x:1".into();
    cluster.create("pods", &missing);
    cluster.wait_until("the condition", PATIENCE, |cluster| {
        let pod = cluster.get("pods", "a")?;
        let list = pod["status"]["conditions"].as_array()?;
        let found = list.iter().find(|one| one["type"] == "PodScheduled")?;
        (found["status"] == "False" && found["reason"] == "Unschedulable").then_some(())
    });
    cluster.wait_until("the reason", PATIENCE, |cluster| {
        let pod = cluster.get("pods", "b")?;
        let waiting = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
        ["ErrImagePull", "ImagePullBackOff"]
            .contains(&waiting["reason"].as_str()?)
            .then_some(())
    });
}

#[test]
fn a_budget_refuses_an_eviction_and_then_allows_it() {
    let cluster = cluster();
    cluster.create(
        "jobs",
        &indexed_job("run", 2, "trap 'exit 0' TERM; while true; do sleep 0.05; done"),
    );
    let budget = json!({
        "metadata": {"name": "run"},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": {"batch.kubernetes.io/job-name": "run"}}},
    });
    cluster.create("poddisruptionbudgets", &budget);
    let pods = wait_for_pods(&cluster, "run", "Running", 2);
    cluster.wait_until("two healthy pods", PATIENCE, |cluster| {
        (cluster.get("poddisruptionbudgets", "run")?["status"]["currentHealthy"] == 2).then_some(())
    });
    let path = cluster.path("pods", &format!("{}/eviction", name_of(&pods[0])));
    let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name_of(&pods[0])}});
    let refused = cluster.api().post(&path, &eviction);
    refused.expect_failure(
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
    );
    let one = json!({"spec": {"minAvailable": 1}});
    cluster
        .api()
        .merge(&cluster.path("poddisruptionbudgets", "run"), &one)
        .expect(200);
    cluster.wait_until("an allowed eviction", PATIENCE, |cluster| {
        (cluster.api().post(&path, &eviction).status == 201).then_some(())
    });
    // The index of the evicted pod is complete, because the container ended with the exit code 0.
    cluster.wait_until("the completed index", PATIENCE, |cluster| {
        cluster.get("jobs", "run")?["status"]["completedIndexes"]
            .is_string()
            .then_some(())
    });
}

#[test]
fn a_quota_refuses_pods_and_the_job_reports_it() {
    let cluster = cluster();
    let quota = json!({"metadata": {"name": "small"}, "spec": {"hard": {"pods": "1"}}});
    cluster.create("resourcequotas", &quota);
    cluster.wait_until("the status of the quota", PATIENCE, |cluster| {
        cluster.get("resourcequotas", "small")?["status"]["hard"]
            .is_object()
            .then_some(())
    });
    cluster.create("jobs", &indexed_job("run", 2, "sleep 30"));
    let message = cluster.wait_until("the event", PATIENCE, |cluster| {
        let events = cluster.list("events").into_iter();
        let mut failed =
            events.filter(|event| event["reason"] == "FailedCreate" && event["involvedObject"]["kind"] == "Job");
        failed.next().map(|event| event["message"].as_str().unwrap().to_owned())
    });
    for part in [
        "Error creating: pods \"run-",
        "is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(
        cluster.get("resourcequotas", "small").unwrap()["status"]["used"]["pods"],
        "1"
    );
}

#[test]
fn two_pods_share_the_volume_of_a_claim() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    std::fs::write(
        stand_in.claim_folder(cluster.namespace(), "store").join("x"),
        "from the test\n",
    )
    .unwrap();
    let mut pod = pod("a", "cat /store/x; echo more >> /store/x");
    pod["spec"]["volumes"] = json!([{"name": "store", "persistentVolumeClaim": {"claimName": "store"}}]);
    pod["spec"]["containers"][0]["volumeMounts"] = json!([{"name": "store", "mountPath": "/store"}]);
    run(&cluster, &pod);
    pod["metadata"]["name"] = "b".into();
    run(&cluster, &pod);
    assert_eq!(cluster.log("b"), "from the test\nmore\n");
}

#[test]
fn the_command_of_the_image_runs_the_given_program() {
    let cluster = Cluster::start(Path::new("/bin/echo"));
    if cluster.stand_in().is_none() {
        return;
    }
    let spec = |command: Value| {
        json!({"restartPolicy": "Never", "containers": [{
            "name": "worker", "image": cluster.image(), "command": command, "args": ["worker", "$(HOSTNAME)"],
        }]})
    };
    run(&cluster, &json!({"metadata": {"name": "a"}, "spec": spec(Value::Null)}));
    run(
        &cluster,
        &json!({"metadata": {"name": "b"}, "spec": spec(json!(["/usr/bin/vajra-cloud"]))}),
    );
    assert_eq!(
        (cluster.log("a"), cluster.log("b")),
        ("worker a\n".to_owned(), "worker b\n".to_owned())
    );
}
