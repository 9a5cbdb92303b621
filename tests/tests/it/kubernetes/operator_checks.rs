//! The checks of the operator before it publishes a run. They are the checks of `doctor`.

use super::load_tests::{LoadTests, NAME, condition};
use serde_json::{Value, json};
use whole_runs::machine::Running;

/// Waits until the test is not accepted for this reason. Returns the message of the condition.
#[track_caller]
fn wait_for_refusal(tests: &LoadTests, reason: &str) -> String {
    let test = tests.shop.wait(reason, |cluster| {
        let test = cluster.get("loadtests", NAME)?;
        let conditions = test["status"]["conditions"].as_array()?;
        let refused = conditions.iter().find(|condition| condition["type"] == "Accepted")?;
        (refused["status"] == "False" && refused["reason"] == reason).then_some(test)
    });
    let (status, stalled, message) = condition(&test, "Stalled");
    assert_eq!((&*status, &*stalled), ("True", reason));
    let (_, _, refused) = condition(&test, "Accepted");
    assert_eq!(refused, message);
    assert_eq!(condition(&test, "Finished").0, "False");
    assert_eq!(test["status"]["phase"], "Pending");
    assert_eq!(tests.runs(), [""; 0], "a run was published");
    message
}

/// Asserts that `doctor` prints the same sentences.
#[track_caller]
fn assert_doctor_prints(tests: &LoadTests, message: &str) {
    let mut doctor = tests.shop.on_fleet("doctor", 3, &["--workers", "4"]);
    let ran = Running::start(&mut doctor).finish().expect(1, &[]);
    for sentence in message.split("; ") {
        assert!(ran.stdout.contains(sentence), "no `{sentence}` in {}", ran.stdout);
    }
}

/// Asserts that the test passes after it was refused for this reason.
#[track_caller]
fn assert_passes(tests: &LoadTests, reason: &str) {
    let test = tests.wait_until_finished();
    tests.assert_passed(&test, 2);
    assert_eq!(condition(&test, "Accepted").0, "True");
    assert_eq!(condition(&test, "Stalled").0, "False");
    assert_eq!(tests.event_reasons(), [reason, "Accepted", "Started", "Passed"]);
}

fn quota(pods: &str) -> Value {
    json!({ "metadata": { "name": "team" }, "spec": { "hard": { "pods": pods } } })
}

/// Creates a quota with room for two pods, and waits until the cluster counts its use.
fn create_quota(tests: &LoadTests) {
    tests.shop.cluster.create("resourcequotas", &quota("2"));
    tests.shop.wait("the quota", |cluster| {
        cluster.get("resourcequotas", "team")?.get("status").map(drop)
    });
}

#[test]
fn a_test_waits_until_the_quota_has_room() {
    let Some(tests) = LoadTests::open() else { return };
    create_quota(&tests);
    let _operator = tests.operator();
    tests.create(&tests.scenario(2, ""), &json!({}));
    let message = wait_for_refusal(&tests, "QuotaExceeded");
    let expected = "the quota has no room for 4 pods: 0 of 2 pods are used; raise the ResourceQuota";
    assert!(message.starts_with(expected), "{message}");
    assert_doctor_prints(&tests, &message);
    let cluster = &tests.shop.cluster;
    let path = cluster.path("resourcequotas", "team");
    cluster.api().merge(&path, &quota("10")).expect(200);
    assert_passes(&tests, "QuotaExceeded");
}

#[test]
fn a_test_waits_until_its_target_is_allowed() {
    let Some(tests) = LoadTests::open() else { return };
    let cluster = &tests.shop.cluster;
    let path = cluster.path("configmaps", "vajra-cloud-allow");
    let allow = |targets: &str| {
        let change = json!({ "data": { "targets": targets } });
        cluster.api().merge(&path, &change).expect(200);
    };
    allow("shop.example.com");
    let _operator = tests.operator();
    tests.create(&tests.scenario(2, ""), &json!({}));
    let message = wait_for_refusal(&tests, "TargetsNotAllowed");
    assert!(message.contains("is refused"), "{message}");
    assert_doctor_prints(&tests, &message);
    allow("shop.example.com, 127.0.0.1");
    assert_passes(&tests, "TargetsNotAllowed");
}

#[test]
fn an_operator_that_may_not_create_jobs_names_the_permission() {
    let Some(tests) = LoadTests::open() else { return };
    tests.shop.stand_in().forbid("create", "jobs");
    let _operator = tests.operator();
    tests.create(&tests.scenario(2, ""), &json!({}));
    let message = wait_for_refusal(&tests, "PermissionDenied");
    assert!(
        message.starts_with("you may not create jobs in the namespace"),
        "{message}"
    );
    assert_doctor_prints(&tests, &message);
}

#[test]
fn a_test_whose_problem_stays_is_aborted_after_its_start_timeout() {
    let Some(tests) = LoadTests::open() else { return };
    create_quota(&tests);
    let _operator = tests.operator();
    tests.create(&tests.scenario(2, ""), &json!({ "startTimeout": "3s" }));
    let test = tests.wait_until_finished();
    assert_eq!(test["status"]["phase"], "Aborted");
    let (_, reason, message) = condition(&test, "Passed");
    assert_eq!(reason, "Aborted");
    let expected = "it could not be planned within 3s: the quota has no room for 4 pods";
    assert!(message.starts_with(expected), "{message}");
    assert!(tests.shop.cluster.list("jobs").is_empty());
    assert_eq!(tests.event_reasons(), ["QuotaExceeded", "Aborted"]);
}

#[test]
fn a_test_waits_for_an_operator_with_correct_options() {
    let Some(tests) = LoadTests::open() else { return };
    let operator = tests.operator_by(&["--no-lease"], |_| {});
    tests.create(&tests.scenario(2, ""), &json!({}));
    let message = wait_for_refusal(&tests, "OperatorMisconfigured");
    assert!(message.contains("--store-claim"), "{message}");
    operator.kill();
    let _next = tests.operator();
    assert_passes(&tests, "OperatorMisconfigured");
}
