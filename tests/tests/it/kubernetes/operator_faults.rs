//! Tests of an operator with faults of its process, of the API server, of watches and of requests.

use super::load_tests::{LoadTests, NAME, condition};
use super::shop::RATE;
use serde_json::json;
use std::time::Duration;
use whole_runs::kubernetes::{OrderedReply, PodFate};

#[test]
fn the_next_operator_adopts_the_run_of_one_that_was_killed() {
    let Some(tests) = LoadTests::open() else { return };
    let operator = tests.operator();
    tests.create(&tests.scenario(5, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE);
    operator.kill();
    let _next = tests.operator();
    tests.assert_passed(&tests.wait_until_finished(), 5);
    assert_eq!(tests.event_reasons(), ["Accepted", "Started", "Passed"]);
}

#[test]
fn a_run_whose_operator_was_killed_before_the_start_is_started_by_the_next() {
    let Some(tests) = LoadTests::open() else { return };
    tests.shop.stand_in().on_pod(|pod| PodFate {
        start_after: Duration::from_secs(if pod.index == Some(3) { 4 } else { 0 }),
        ..PodFate::default()
    });
    let operator = tests.operator();
    tests.create(&tests.scenario(2, ""), &json!({}));
    tests.wait_for_phase("Starting");
    tests
        .shop
        .wait("the Job", |cluster| (!cluster.list("jobs").is_empty()).then_some(()));
    operator.kill();
    let _next = tests.operator();
    tests.assert_passed(&tests.wait_until_finished(), 2);
}

#[test]
fn a_run_that_ends_without_an_operator_is_reported_by_the_next() {
    let Some(tests) = LoadTests::open() else { return };
    let operator = tests.operator();
    tests.create(&tests.scenario(2, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE / 2);
    operator.kill();
    tests.shop.wait("the end of the Job", |cluster| {
        (cluster.list("jobs").pop()?["status"]["succeeded"] == 4).then_some(())
    });
    let _next = tests.operator();
    tests.assert_passed(&tests.wait_until_finished(), 2);
}

#[test]
fn two_operators_do_nothing_twice() {
    let Some(tests) = LoadTests::open() else { return };
    let _operators = [tests.operator(), tests.operator()];
    tests.create(&tests.scenario(3, ""), &json!({}));
    tests.assert_passed(&tests.wait_until_finished(), 3);
    assert_eq!(tests.event_reasons(), ["Accepted", "Started", "Passed"]);
    let budgets = tests.shop.cluster.list("poddisruptionbudgets");
    assert_eq!((budgets.len(), tests.shop.cluster.list("pods").len()), (1, 4));
}

#[test]
fn of_two_operators_with_a_lease_one_works() {
    let Some(tests) = LoadTests::open() else { return };
    let operators = [tests.operator_with(&[]), tests.operator_with(&[])];
    tests.create(&tests.scenario(1, ""), &json!({}));
    tests.assert_passed(&tests.wait_until_finished(), 1);
    let leading =
        |operator: &super::load_tests::Operator| operator.get("/metrics").contains("vajra_operator_leading 1\n");
    assert_eq!(operators.iter().filter(|operator| leading(operator)).count(), 1);
}

#[test]
fn failures_of_the_api_server_delay_a_test() {
    let Some(tests) = LoadTests::open() else { return };
    let stand_in = tests.shop.stand_in();
    stand_in.fail(1, "GET", "/loadtests", OrderedReply::Failed(503));
    let _operator = tests.operator();
    stand_in.fail(1, "PATCH", "/loadtests", OrderedReply::Conflict);
    stand_in.fail(
        1,
        "PATCH",
        "/loadtests",
        OrderedReply::TooManyRequests { retry_after: 1 },
    );
    stand_in.fail(1, "PATCH", "/loadtests", OrderedReply::Failed(500));
    stand_in.fail(1, "PATCH", "/loadtests", OrderedReply::LostAnswer);
    stand_in.fail(1, "POST", "/events", OrderedReply::LostAnswer);
    stand_in.fail(1, "POST", "/jobs", OrderedReply::LostAnswer);
    tests.create(&tests.scenario(2, ""), &json!({}));
    tests.assert_passed(&tests.wait_until_finished(), 2);
    assert_eq!(tests.event_reasons(), ["Accepted", "Started", "Passed"]);
}

#[test]
fn watches_that_are_dropped_or_too_old_lose_nothing() {
    let Some(tests) = LoadTests::open() else { return };
    let stand_in = tests.shop.stand_in();
    let _operator = tests.operator();
    stand_in.drop_watches();
    stand_in.compact_history();
    tests.create(&tests.scenario(60, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE);
    stand_in.compact_history();
    stand_in.drop_watches();
    tests.merge(&json!({ "spec": { "stop": true } })).expect(200);
    let test = tests.wait_until_finished();
    assert_eq!(condition(&test, "Passed").1, "Incomplete");
    assert_eq!(test["status"]["arrivals"]["sent"], tests.shop.target.requests());
}

#[test]
fn a_run_does_not_need_the_api_server_once_its_pods_run() {
    let Some(tests) = LoadTests::open() else { return };
    let _operator = tests.operator();
    tests.create(&tests.scenario(4, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE);
    tests.shop.stand_in().stop_server();
    tests.shop.target.wait_for_more_than(RATE * 3);
    tests.shop.stand_in().start_server();
    tests.assert_passed(&tests.wait_until_finished(), 4);
}

#[test]
fn a_test_that_is_deleted_without_an_operator_is_released_by_the_next() {
    let Some(tests) = LoadTests::open() else { return };
    let operator = tests.operator();
    tests.create(&tests.scenario(60, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE);
    operator.kill();
    tests
        .shop
        .cluster
        .kubectl(&["delete", "loadtest", NAME, "--wait=false"])
        .expect(0, &[]);
    let _next = tests.operator();
    tests.shop.wait("the removal", |cluster| {
        cluster.get("loadtests", NAME).is_none().then_some(())
    });
    assert_eq!(whole_runs::machine::sent(&tests.report()), tests.shop.target.requests());
}
