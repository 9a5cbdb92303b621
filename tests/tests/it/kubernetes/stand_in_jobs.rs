//! Tests of Indexed Jobs in the stand-in: the pods that the controller creates, and the status that the controller
//! reports.

use super::*;
use std::time::Instant;

#[test]
fn a_job_of_three_indexes_completes() {
    let cluster = cluster();
    cluster.create("jobs", &indexed_job("run", 3, "echo index $JOB_COMPLETION_INDEX"));
    let job = wait_for_condition(&cluster, "run", "Complete");
    assert_eq!(job["status"]["succeeded"], 3);
    assert_eq!(job["status"]["completedIndexes"], "0-2");
    assert!(
        job["status"]["completionTime"].is_string() && job["status"]["startTime"].is_string(),
        "{job}"
    );
    assert_eq!(condition(&job, "SuccessCriteriaMet").as_deref(), Some("True"));
    let pods = pods_of(&cluster, "run");
    assert_eq!(pods.len(), 3);
    for (index, pod) in pods.iter().enumerate() {
        let metadata = &pod["metadata"];
        let name = name_of(pod);
        assert!(name.starts_with(&format!("run-{index}-")) && name.len() == 11, "{name}");
        let label = "batch.kubernetes.io/job-completion-index";
        assert_eq!(metadata["annotations"][label], index.to_string());
        assert_eq!(metadata["labels"][label], index.to_string());
        assert_eq!(
            metadata["annotations"]["batch.kubernetes.io/job-index-failure-count"],
            "0"
        );
        assert_eq!(
            metadata["labels"]["batch.kubernetes.io/controller-uid"],
            job["metadata"]["uid"]
        );
        assert_eq!(metadata["ownerReferences"][0]["uid"], job["metadata"]["uid"]);
        assert!(metadata["finalizers"].is_null(), "the pod is counted: {pod}");
        assert_eq!(cluster.log(&name), format!("index {index}\n"));
    }
    let reasons: Vec<Value> = cluster
        .list("events")
        .iter()
        .map(|event| event["reason"].clone())
        .collect();
    for reason in ["SuccessfulCreate", "Scheduled", "Started", "Completed"] {
        assert!(reasons.contains(&reason.into()), "{reason} is not in {reasons:?}");
    }
}

#[test]
fn exit_code_75_is_replaced_and_76_fails_the_index() {
    let cluster = cluster();
    let script = "case $JOB_COMPLETION_INDEX-$FAILURES in 0-0) exit 75;; 1-*) exit 76;; esac";
    let mut job = indexed_job("run", 3, script);
    job["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{
        "name": "FAILURES",
        "valueFrom": {"fieldRef": {"fieldPath": "metadata.annotations['batch.kubernetes.io/job-index-failure-count']"}},
    }]);
    cluster.create("jobs", &job);
    let job = wait_for_condition(&cluster, "run", "Failed");
    assert_eq!(
        (&job["status"]["completedIndexes"], &job["status"]["failedIndexes"]),
        (&json!("0,2"), &json!("1"))
    );
    assert_eq!(
        (&job["status"]["succeeded"], &job["status"]["failed"]),
        (&json!(2), &json!(2))
    );
    let failed = job["status"]["conditions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["type"] == "Failed")
        .unwrap();
    assert_eq!(
        (&failed["reason"], &failed["message"]),
        (&json!("FailedIndexes"), &json!("Job has failed indexes"))
    );
    let counts: Vec<(Value, Value)> = pods_of(&cluster, "run")
        .iter()
        .map(|pod| {
            let annotations = &pod["metadata"]["annotations"];
            let of = |name: &str| annotations[format!("batch.kubernetes.io/{name}")].clone();
            (of("job-completion-index"), of("job-index-failure-count"))
        })
        .collect();
    assert_eq!(counts.len(), 4, "{counts:?}");
    assert!(counts.contains(&(json!("0"), json!("1"))), "{counts:?}");
}

#[test]
fn an_invalid_job_is_refused_with_all_its_problems() {
    let cluster = cluster();
    let mut job = indexed_job("run", 2, "true");
    job["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure".into();
    job["spec"]["podFailurePolicy"]["rules"][0]["onExitCodes"]["containerName"] = "other".into();
    let refused = cluster.api().post(&cluster.path("jobs", ""), &job);
    refused.expect_failure(
        422,
        "Invalid",
        "only \"Never\" is supported when podFailurePolicy is specified",
    );
    assert_eq!(
        refused.body["details"]["causes"].as_array().unwrap().len(),
        2,
        "{}",
        refused.text
    );
    let long = indexed_job(&"a".repeat(63), 2, "true");
    let refused = cluster.api().post(&cluster.path("jobs", ""), &long);
    refused.expect_failure(422, "Invalid", "must be no more than 63 characters");
}

#[test]
fn the_template_of_a_job_is_immutable_and_its_parallelism_is_not() {
    let cluster = cluster();
    cluster.create("jobs", &indexed_job("run", 2, "sleep 20"));
    wait_for_pods(&cluster, "run", "Running", 2);
    let path = cluster.path("jobs", "run");
    let refused = cluster
        .api()
        .merge(&path, &json!({"spec": {"template": {"spec": {"hostNetwork": true}}}}));
    refused.expect_failure(422, "Invalid", "spec.template: Invalid value");
    refused.expect_failure(422, "Invalid", "field is immutable");
    let changed = cluster
        .api()
        .merge(&path, &json!({"spec": {"parallelism": 0}}))
        .expect(200);
    assert_eq!(changed["metadata"]["generation"], 2);
    cluster.wait_until("no active pod", PATIENCE, |cluster| {
        let job = cluster.get("jobs", "run")?;
        job["status"]["active"].is_null().then_some(())
    });
}

#[test]
fn a_suspended_job_starts_when_it_is_resumed() {
    let cluster = cluster();
    let mut job = indexed_job("run", 2, "exit 0");
    job["spec"]["suspend"] = true.into();
    cluster.create("jobs", &job);
    wait_for_condition(&cluster, "run", "Suspended");
    assert_eq!(pods_of(&cluster, "run").len(), 0);
    let resumed = json!({"spec": {"suspend": false}});
    cluster.api().merge(&cluster.path("jobs", "run"), &resumed).expect(200);
    let job = wait_for_condition(&cluster, "run", "Complete");
    assert_eq!(condition(&job, "Suspended").as_deref(), Some("False"));
}

#[test]
fn suspending_a_job_ends_its_pods() {
    let cluster = cluster();
    cluster.create(
        "jobs",
        &indexed_job("run", 2, "trap 'exit 143' TERM; while true; do sleep 0.1; done"),
    );
    wait_for_pods(&cluster, "run", "Running", 2);
    let suspended = json!({"spec": {"suspend": true}});
    cluster
        .api()
        .merge(&cluster.path("jobs", "run"), &suspended)
        .expect(200);
    cluster.wait_until("no pod", PATIENCE, |cluster| {
        pods_of(cluster, "run")
            .iter()
            .all(|pod| pod["status"]["phase"] != "Running")
            .then_some(())
    });
    let job = wait_for_condition(&cluster, "run", "Suspended");
    assert!(job["status"]["startTime"].is_null(), "{job}");
}

#[test]
fn a_job_fails_at_its_deadline_and_its_pods_end() {
    let cluster = cluster();
    let mut job = indexed_job("run", 2, "sleep 60");
    job["spec"]["activeDeadlineSeconds"] = 1.into();
    job["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 1.into();
    let begin = Instant::now();
    cluster.create("jobs", &job);
    let job = wait_for_condition(&cluster, "run", "Failed");
    assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
    let failed = job["status"]["conditions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["type"] == "Failed")
        .unwrap();
    assert_eq!(failed["reason"], "DeadlineExceeded");
    assert_eq!(job["status"]["failed"], 2, "{job}");
}

#[test]
fn a_finished_job_is_deleted_after_its_time_to_live() {
    let cluster = cluster();
    let mut job = indexed_job("run", 1, "exit 0");
    job["spec"]["ttlSecondsAfterFinished"] = 1.into();
    cluster.create("jobs", &job);
    wait_for_condition(&cluster, "run", "Complete");
    cluster.wait_until("the end of the Job", PATIENCE, |cluster| {
        (cluster.get("jobs", "run").is_none() && pods_of(cluster, "run").is_empty()).then_some(())
    });
}

#[test]
fn a_job_without_indexes_retries_until_its_backoff_limit() {
    let cluster = cluster();
    let job = json!({
        "metadata": {"name": "run"},
        "spec": {"backoffLimit": 1, "template": shell("exit 1")},
    });
    cluster.create("jobs", &job);
    let job = wait_for_condition(&cluster, "run", "Failed");
    assert_eq!(job["status"]["failed"], 2);
    assert_eq!(job["status"]["conditions"][0]["reason"], "BackoffLimitExceeded");
}
