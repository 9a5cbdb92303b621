//! Tests of an operator that adopts runs, and of runs that continue while the store, the API server or the operator
//! fails.

use super::load_tests::{LoadTests, NAME, condition};
use super::shop::RATE;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use whole_runs::kubernetes::{OrderedReply, PodFate};
use whole_runs::machine::{sent, wait_for};
use whole_runs::store_server::{ACCESS_KEY, SECRET, StoreServer, with_key};

/// The duration of the outage of the store. After 30 seconds, an attempt to follow a run fails.
const OUTAGE: Duration = Duration::from_secs(42);

#[test]
fn an_outage_of_the_store_does_not_stop_the_run() {
    let Some(tests) = LoadTests::open() else { return };
    let folder = tests.shop.desk.path("served");
    let server = StoreServer::start(&folder);
    let location = server.location.clone();
    let listen = server.endpoint.trim_start_matches("http://").to_owned();
    let keys = json!({ "access-key": ACCESS_KEY, "secret-key": SECRET });
    let secret = json!({ "metadata": { "name": "vajra-store" }, "stringData": keys });
    tests.shop.cluster.create("secrets", &secret);
    let variable = |name: &str, key: &str| {
        let of = json!({ "secretKeyRef": { "name": "vajra-store", "key": key } });
        json!({ "name": name, "valueFrom": of })
    };
    let env = [
        variable("AWS_ACCESS_KEY_ID", "access-key"),
        variable("AWS_SECRET_ACCESS_KEY", "secret-key"),
    ];
    let _operator = tests.operator_by(&["--no-lease"], |command| {
        with_key(command);
    });
    tests.create(&tests.scenario(60, ""), &json!({ "store": location, "env": env }));
    tests.shop.target.wait_for_more_than(RATE);
    let down = Instant::now();
    server.end("KILL");
    wait_for("the end of the outage", OUTAGE * 2, || {
        (down.elapsed() >= OUTAGE).then_some(())
    });
    let _server = StoreServer::start_with(&folder, &["--listen", &listen]);
    let test = tests.wait_until_finished();
    assert_eq!(test["status"]["phase"], "Passed", "{test}");
    assert_eq!(test["status"]["arrivals"]["sent"], RATE * 60);
    assert_eq!(tests.shop.target.requests(), RATE * 60);
}

#[test]
fn a_deletion_that_is_seen_late_is_stopped_and_reported() {
    let Some(tests) = LoadTests::open() else { return };
    let operator = tests.operator();
    tests.create(&tests.scenario(60, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE);
    operator.kill();
    let cluster = &tests.shop.cluster;
    let delete = ["delete", "loadtest", NAME, "--wait=false"];
    cluster.kubectl(&delete).expect(0, &[]);
    let stand_in = tests.shop.stand_in();
    stand_in.modify("loadtests.vajra-cloud.io", cluster.namespace(), NAME, |test| {
        test["metadata"]["deletionTimestamp"] = "2026-01-02T03:04:05Z".into();
    });
    let _next = tests.operator();
    tests.shop.wait("the removal", |cluster| {
        cluster.get("loadtests", NAME).is_none().then_some(())
    });
    let report = tests.report();
    assert_eq!(report["verdict"], "incomplete");
    assert_eq!(sent(&report), tests.shop.target.requests());
}

#[test]
fn a_failed_read_of_the_scenario_delays_the_job_of_an_adopted_run() {
    let Some(tests) = LoadTests::open() else { return };
    let text = tests.scenario(2, "");
    let config_map = json!({ "metadata": { "name": "shop" }, "data": { "s.yaml": text } });
    tests.shop.cluster.create("configmaps", &config_map);
    let stand_in = tests.shop.stand_in();
    stand_in.fail(1, "POST", "/jobs", OrderedReply::Held);
    let mark = stand_in.seen().len();
    let operator = tests.operator();
    let source = json!({ "configMap": { "name": "shop", "key": "s.yaml" } });
    tests.create("", &json!({ "scenario": source, "startTimeout": "15s" }));
    tests.wait_for_phase("Starting");
    let create = ("create".to_owned(), "jobs".to_owned());
    tests.shop.wait("the request for a Job", |_| {
        stand_in.requests_since(mark).contains_key(&create).then_some(())
    });
    operator.kill();
    assert!(tests.shop.cluster.list("jobs").is_empty());
    stand_in.fail(1, "GET", "/configmaps/shop", OrderedReply::Failed(503));
    let _next = tests.operator();
    tests.assert_passed(&tests.wait_until_finished(), 2);
}

#[test]
fn the_start_timeout_counts_from_the_publication_of_the_run() {
    let Some(tests) = LoadTests::open() else { return };
    tests.shop.stand_in().on_pod(|pod| PodFate {
        unschedulable: (pod.index == Some(2)).then(|| "no node fits".to_owned()),
        ..PodFate::default()
    });
    let mut operator = tests.operator();
    tests.create(&tests.scenario(2, ""), &json!({ "startTimeout": "10s" }));
    tests.wait_for_phase("Starting");
    let published = Instant::now();
    for _ in 0..2 {
        std::thread::sleep(Duration::from_secs(4));
        operator.kill();
        operator = tests.operator();
    }
    let test = tests.wait_until_finished();
    assert_eq!(test["status"]["phase"], "Aborted", "{test}");
    assert!(
        published.elapsed() < Duration::from_secs(16),
        "{:?}",
        published.elapsed()
    );
    tests.shop.wait("the end of the Job", |cluster| {
        cluster.list("jobs").is_empty().then_some(())
    });
}

#[test]
fn an_adopted_run_names_the_reason_of_a_worker_that_was_killed() {
    let Some(tests) = LoadTests::open() else { return };
    let operator = tests.operator();
    tests.create(&tests.scenario(8, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE);
    operator.kill();
    let _next = tests.operator();
    let pod = tests.shop.pods(1).pop().unwrap();
    tests
        .shop
        .stand_in()
        .kill_out_of_memory(tests.shop.cluster.namespace(), &pod);
    let test = tests.wait_until_finished();
    let (_, reason, message) = condition(&test, "Passed");
    assert_eq!(reason, "Incomplete");
    for words in ["worker 1", "exceeded its memory limit (OOMKilled)"] {
        assert!(message.contains(words), "no `{words}` in {message}");
    }
    assert_eq!(tests.shop.cluster.list("jobs").len(), 1);
}

#[test]
fn the_stop_of_an_adopted_run_withdraws_pods_that_never_began() {
    let Some(tests) = LoadTests::open() else { return };
    tests.shop.stand_in().on_pod(|pod| PodFate {
        unschedulable: (pod.index == Some(2)).then(|| "no node fits".to_owned()),
        ..PodFate::default()
    });
    let operator = tests.operator();
    let spec = json!({ "minWorkers": 3, "startTimeout": "5s" });
    tests.create(&tests.scenario(60, ""), &spec);
    tests.shop.target.wait_for_more_than(RATE);
    let deadline = |job: &Value| job["spec"]["activeDeadlineSeconds"].as_i64().unwrap();
    let before = deadline(&tests.shop.cluster.list("jobs")[0]);
    operator.kill();
    let _next = tests.operator();
    tests.merge(&json!({ "spec": { "stop": true } })).expect(200);
    tests.wait_until_finished();
    tests.shop.wait("the withdrawal", |cluster| {
        let jobs = cluster.list("jobs");
        jobs.iter().all(|job| deadline(job) < before).then_some(())
    });
}

#[test]
fn refused_events_delay_neither_the_status_nor_the_run() {
    let Some(tests) = LoadTests::open() else { return };
    tests.shop.stand_in().forbid("create", "events");
    let operator = tests.operator();
    tests.create(&tests.scenario(2, ""), &json!({}));
    let wait = ["wait", "--for=condition=Finished", "loadtest/checkout", "--timeout=40s"];
    tests.shop.cluster.kubectl(&wait).expect(0, &[]);
    tests.assert_passed(&tests.get(), 2);
    operator.process.signal("TERM");
    let ran = operator.process.finish().expect(0, &[]);
    let refused = ran.stderr.matches("the Event could not be sent").count();
    // The last Event may still be in progress when the operator ends.
    assert!((2..=3).contains(&refused), "{}", ran.stderr);
}

#[test]
fn a_test_with_regions_is_refused() {
    let Some(tests) = LoadTests::open() else { return };
    let _operator = tests.operator();
    let scenario = tests.scenario(2, "regions: { here: 50%, there: 50% }\n");
    tests.create(&scenario, &json!({}));
    let test = tests.wait_until_finished();
    let (accepted, reason, message) = condition(&test, "Accepted");
    assert_eq!((&*accepted, &*reason), ("False", "ScenarioInvalid"));
    assert!(message.contains("`regions` cannot be used in a LoadTest"), "{message}");
    assert!(tests.shop.cluster.list("jobs").is_empty());
}

#[test]
fn the_next_operator_works_after_the_lease_of_a_killed_operator_has_expired() {
    let Some(tests) = LoadTests::open() else { return };
    let first = tests.operator_with(&[]);
    let leads = |operator: &super::load_tests::Operator| operator.get("/metrics").contains("_leading 1\n");
    tests.shop.wait("the Lease", |_| leads(&first).then_some(()));
    let second = tests.operator_with(&[]);
    tests.create(&tests.scenario(2, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE / 2);
    assert!(!leads(&second));
    first.kill();
    tests.assert_passed(&tests.wait_until_finished(), 2);
    assert!(leads(&second));
}
