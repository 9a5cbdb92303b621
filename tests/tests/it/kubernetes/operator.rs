//! Tests of an operator that runs load tests. The stand-in for a cluster starts a real worker process for each pod.

use super::load_tests::{LoadTests, NAME, condition, printed_definition};
use super::manifests::{assert_in_tree, assert_valid};
use super::shop::RATE;
use serde_json::json;
use std::time::Duration;
use whole_runs::kubernetes::PodFate;

#[test]
fn a_load_test_passes_and_its_counts_equal_those_of_the_target() {
    let Some(tests) = LoadTests::open() else { return };
    let operator = tests.operator();
    let created = tests.create(&tests.scenario(3, "thresholds: [ 'errors < 1%' ]\n"), &json!({}));
    let test = tests.wait_until_finished();
    tests.assert_passed(&test, 3);
    assert_eq!(condition(&test, "Accepted").0, "True");
    assert_eq!(condition(&test, "Started").0, "True");
    assert_eq!(condition(&test, "Stalled").0, "False");
    let (status, reason, _) = condition(&test, "Passed");
    assert_eq!((&*status, &*reason), ("True", "Passed"));
    assert_eq!(test["status"]["observedGeneration"], 1);
    assert_eq!(tests.event_reasons(), ["Accepted", "Started", "Passed"]);
    let columns = tests.shop.cluster.kubectl(&["get", "loadtests"]).expect(0, &[]).stdout;
    let words: Vec<&str> = columns.split_whitespace().collect();
    assert_eq!(
        words[..7],
        ["NAME", "PHASE", "WORKERS", "SENT", "MISSING", "VERDICT", "AGE"]
    );
    assert_eq!(words[7..13], [NAME, "Passed", "4", "240", "0", "Passed"]);
    let job = tests.shop.cluster.list("jobs").pop().unwrap();
    let owner = &job["metadata"]["ownerReferences"][0];
    assert_eq!(
        (&owner["kind"], &owner["uid"]),
        (&json!("LoadTest"), &created["metadata"]["uid"])
    );
    assert_eq!(tests.report()["verdict"], "passed");
    let metrics = operator.get("/metrics");
    assert!(
        metrics.contains("vajra_operator_runs{phase=\"Passed\"} 1\n"),
        "{metrics}"
    );
    assert!(metrics.contains("vajra_operator_errors_total 0\n"), "{metrics}");
    assert_eq!(operator.get("/healthz"), "ok\n");
    // The operator does not change the status of a load test that has finished.
    let before = test["metadata"]["resourceVersion"].clone();
    tests
        .shop
        .cluster
        .kubectl(&["annotate", "loadtest", NAME, "a=b"])
        .expect(0, &[]);
    let after = tests.get();
    assert_eq!(after["status"], test["status"]);
    assert_ne!(after["metadata"]["resourceVersion"], before);
}

#[test]
fn a_threshold_that_is_not_met_is_the_verdict() {
    let Some(tests) = LoadTests::open() else { return };
    let _operator = tests.operator();
    tests.create(&tests.scenario(2, "thresholds: [ 'latency p99 < 1us' ]\n"), &json!({}));
    let test = tests.wait_until_finished();
    assert_eq!(test["status"]["phase"], "Crossed");
    let (status, reason, message) = condition(&test, "Passed");
    assert_eq!((&*status, &*reason), ("False", "Crossed"));
    assert!(message.contains("p99") && message.contains("is not met"), "{message}");
    assert_eq!(tests.event_reasons(), ["Accepted", "Started", "Crossed"]);
}

#[test]
fn the_problems_of_a_scenario_are_the_message_of_a_condition() {
    let Some(tests) = LoadTests::open() else { return };
    let _operator = tests.operator();
    tests.create(
        "name: shop\ntarget: 7\nload: { constant: { rate: x, duration: 1s } }\nrequests: [ { name: a } ]\n",
        &json!({}),
    );
    let test = tests.wait_until_finished();
    let (status, reason, message) = condition(&test, "Accepted");
    assert_eq!((&*status, &*reason), ("False", "ScenarioInvalid"));
    assert!(message.contains("2 problems in spec.scenario.inline"), "{message}");
    assert_eq!(test["status"]["phase"], "Aborted");
    assert_eq!(condition(&test, "Passed").1, "Aborted");
    assert!(tests.shop.cluster.list("jobs").is_empty() && tests.runs().is_empty());
}

#[test]
fn a_stopped_test_reports_what_was_sent() {
    let Some(tests) = LoadTests::open() else { return };
    let _operator = tests.operator();
    tests.create(&tests.scenario(60, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE);
    tests.merge(&json!({ "spec": { "stop": true } })).expect(200);
    let test = tests.wait_until_finished();
    assert_eq!(test["status"]["phase"], "Incomplete", "{test}");
    assert_eq!(test["status"]["observedGeneration"], 2);
    let (status, reason, message) = condition(&test, "Passed");
    assert_eq!((&*status, &*reason), ("False", "Incomplete"));
    assert!(message.contains("its LoadTest was stopped"), "{message}");
    assert_eq!(test["status"]["arrivals"]["sent"], tests.shop.target.requests());
    let again = tests.merge(&json!({ "spec": { "stop": false } }));
    again.expect_failure(422, "Invalid", "a run that is stopped cannot continue");
}

#[test]
fn a_test_that_is_deleted_while_it_runs_is_stopped_and_reported_and_then_removed() {
    let Some(tests) = LoadTests::open() else { return };
    let _operator = tests.operator();
    tests.create(&tests.scenario(60, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE);
    tests
        .shop
        .cluster
        .kubectl(&["delete", "loadtest", NAME, "--timeout=30s"])
        .expect(0, &[]);
    let report = tests.report();
    assert_eq!(report["verdict"], "incomplete");
    assert_eq!(whole_runs::machine::sent(&report), tests.shop.target.requests());
    tests.shop.wait("the end of the Job", |cluster| {
        (cluster.list("jobs").is_empty() && cluster.list("pods").is_empty()).then_some(())
    });
}

#[test]
fn workers_that_cannot_be_scheduled_abort_the_test_with_the_reason() {
    let Some(tests) = LoadTests::open() else { return };
    tests.shop.stand_in().on_pod(|pod| PodFate {
        unschedulable: (pod.index == Some(2)).then(|| "0/3 nodes are available: 3 Insufficient cpu.".to_owned()),
        ..PodFate::default()
    });
    let _operator = tests.operator();
    tests.create(&tests.scenario(2, ""), &json!({ "startTimeout": "4s" }));
    let test = tests.wait_until_finished();
    assert_eq!(test["status"]["phase"], "Aborted");
    let (status, reason, message) = condition(&test, "Passed");
    assert_eq!((&*status, &*reason), ("False", "Aborted"));
    assert!(
        message.contains("worker 2") && message.contains("Insufficient cpu"),
        "{message}"
    );
    assert_eq!(condition(&test, "Started").0, "False");
    assert_eq!(tests.shop.target.requests(), 0);
    tests.shop.wait("the end of the Job", |cluster| {
        cluster.list("jobs").is_empty().then_some(())
    });
}

#[test]
fn a_test_waits_for_its_config_map() {
    let Some(tests) = LoadTests::open() else { return };
    let _operator = tests.operator();
    let source = json!({ "scenario": { "configMap": { "name": "shop", "key": "scenario.yaml" } } });
    tests.create("", &source);
    tests.shop.wait("the missing ConfigMap", |cluster| {
        let test = cluster.get("loadtests", NAME)?;
        let conditions = test["status"]["conditions"].as_array()?;
        let accepted = conditions.iter().find(|condition| condition["type"] == "Accepted")?;
        let named = accepted["message"] == "the ConfigMap shop does not exist";
        (named && accepted["reason"] == "ScenarioMissing").then_some(())
    });
    let text = tests.scenario(2, "");
    tests.shop.cluster.create(
        "configmaps",
        &json!({ "metadata": { "name": "shop" }, "data": { "scenario.yaml": text } }),
    );
    tests.assert_passed(&tests.wait_until_finished(), 2);
    assert_eq!(
        tests.event_reasons(),
        ["ScenarioMissing", "Accepted", "Started", "Passed"]
    );
}

#[test]
fn a_finished_test_is_removed_after_its_time_to_live() {
    let Some(tests) = LoadTests::open() else { return };
    let _operator = tests.operator();
    tests.create(&tests.scenario(1, ""), &json!({ "ttlAfterFinished": "2s" }));
    tests.wait_until_finished();
    tests.shop.wait("the removal", |cluster| {
        cluster.get("loadtests", NAME).is_none().then_some(())
    });
    assert_eq!(tests.report()["verdict"], "unjudged");
}

#[test]
fn only_the_stop_of_a_spec_can_change() {
    let Some(tests) = LoadTests::open() else { return };
    let ttl = json!({ "ttlAfterFinished": "1h", "minWorkers": 3 });
    tests.create("x", &ttl);
    let refused = |change: serde_json::Value, why: &str| {
        let reply = tests.merge(&json!({ "spec": change }));
        reply.expect_failure(422, "Invalid", why);
    };
    refused(json!({ "workers": 5 }), "workers is immutable");
    refused(json!({ "store": "s3://other" }), "store is immutable");
    refused(json!({ "scenario": { "inline": "y" } }), "scenario is immutable");
    refused(json!({ "minWorkers": null }), "minWorkers is immutable");
    refused(json!({ "startTimeout": "1m" }), "startTimeout is immutable");
    refused(json!({ "ttlAfterFinished": "2h" }), "ttlAfterFinished is immutable");
    refused(json!({ "pod": { "serviceAccountName": "a" } }), "pod is immutable");
    tests.merge(&json!({ "spec": { "stop": true } })).expect(200);
}

#[test]
fn a_spec_that_is_not_valid_is_refused() {
    let Some(tests) = LoadTests::open() else { return };
    let refused = |spec: serde_json::Value, why: &str| {
        let test = json!({
            "apiVersion": "vajra-cloud.io/v1alpha1", "kind": "LoadTest", "metadata": { "name": "b" }, "spec": spec,
        });
        let cluster = &tests.shop.cluster;
        let reply = cluster.api().post(&cluster.path("loadtests", ""), &test);
        reply.expect_failure(422, "Invalid", why);
    };
    let scenario = json!({ "inline": "x" });
    refused(json!({ "scenario": scenario }), "spec.store: Required value");
    refused(json!({ "store": "s" }), "spec.scenario: Required value");
    refused(
        json!({ "store": "s", "scenario": {} }),
        "set either configMap or inline",
    );
    refused(
        json!({ "store": "s", "scenario": scenario, "workers": 0 }),
        "should be greater than or equal to 1",
    );
    refused(
        json!({ "store": "s", "scenario": scenario, "workers": 2, "minWorkers": 3 }),
        "minWorkers exceeds workers",
    );
    refused(
        json!({ "store": "s", "scenario": scenario, "startTimeout": "5 minutes" }),
        "spec.startTimeout in body should match",
    );
}

#[test]
fn an_operator_needs_only_the_role_in_the_tree() {
    let Some(mut tests) = LoadTests::open() else { return };
    become_operator(&mut tests);
    let operator = tests.operator_with(&[]);
    tests.create(&tests.scenario(1, ""), &json!({ "ttlAfterFinished": "2s" }));
    let test = tests.wait_until_finished();
    tests.assert_passed(&test, 1);
    tests.shop.wait("the removal", |cluster| {
        cluster.get("loadtests", NAME).is_none().then_some(())
    });
    operator.process.signal("TERM");
    let ran = operator.process.finish().expect(0, &["its runs continue"]);
    assert!(!ran.stderr.contains("forbidden"), "{}", ran.stderr);
}

/// Lets the operator use a service account whose only permissions are in the Role of the operator.
pub(super) fn become_operator(tests: &mut LoadTests) {
    let cluster = &tests.shop.cluster;
    tests.shop.desk.write("role.yaml", &run::operator::role());
    let path = tests.shop.desk.path("role.yaml").display().to_string();
    cluster.kubectl(&["apply", "-f", &path]).expect(0, &[]);
    cluster.create("serviceaccounts", &json!({ "metadata": { "name": "operator" } }));
    let binding = json!({
        "metadata": { "name": "operators" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "vajra-cloud-operator" },
        "subjects": [{ "kind": "ServiceAccount", "name": "operator", "namespace": cluster.namespace() }],
    });
    cluster.create("rolebindings", &binding);
    tests.shop.use_account("operator");
}

#[test]
fn the_definition_and_the_role_in_the_tree_are_those_of_the_program() {
    let definition = printed_definition();
    assert_in_tree("infra/kubernetes/operator/base/crd.yaml", &definition);
    assert_in_tree("infra/kubernetes/chart/crd.yaml", &definition);
    let role = run::operator::role();
    assert_valid(&role);
    assert_in_tree("infra/kubernetes/operator/base/role.yaml", &role);
}

/// The maximum time between SIGTERM and the end of an operator.
const END_TIMEOUT: Duration = Duration::from_secs(3);

#[test]
fn an_operator_that_ends_leaves_its_run_alone() {
    let Some(tests) = LoadTests::open() else { return };
    let operator = tests.operator_with(&[]);
    tests.create(&tests.scenario(5, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE);
    let asked = std::time::Instant::now();
    operator.process.signal("TERM");
    operator.process.finish().expect(0, &["SIGTERM"]);
    assert!(asked.elapsed() < END_TIMEOUT);
    // The operator has released its Lease, so the next operator begins immediately.
    let _next = tests.operator_with(&[]);
    tests.assert_passed(&tests.wait_until_finished(), 5);
    assert_eq!(tests.event_reasons(), ["Accepted", "Started", "Passed"]);
}
