//! Tests of faults of the Lambda API. The invocations are rejected, lost, repeated or late.

use super::cloud::{Cloud, function};
use std::time::Duration;
use whole_runs::lambda::{Fate, Refusal, Reply};
use whole_runs::s3_proxy::Trouble;

const S: Duration = Duration::from_secs(1);

#[test]
fn without_faults_the_report_matches_the_count_of_the_target() {
    let cloud = Cloud::with_fates(|_| Fate::default());
    let ran = cloud.launch(2, &[]);
    cloud.assert_whole(&ran, 200);
    assert_eq!(cloud.lambda.invocations().len(), 4);
    assert!(cloud.proxy.requests() > 20);
    let deliveries = cloud.lambda.deliveries();
    assert!(
        deliveries.iter().all(|delivery| !delivery.error && delivery.billed > S),
        "{deliveries:?}"
    );
}

#[test]
fn throttled_invocations_wait_for_their_retry_after() {
    let cloud = Cloud::with_fates(|call| match (call.shard, call.earlier) {
        (1, 0) => Fate::throttled("CallerRateLimitExceeded", Some(2)),
        (2, 0..3) => Fate::throttled("ConcurrentInvocationLimitExceeded", None),
        (3, 0) => Fate::throttled("FunctionInvocationRateLimitExceeded", Some(1)),
        _ => Fate::default(),
    });
    let ran = cloud.launch(2, &[]);
    cloud.assert_whole(&ran, 200);
    let invocations = cloud.lambda.invocations();
    let of_one: Vec<Duration> = invocations
        .iter()
        .filter(|invocation| invocation.shard == 1)
        .map(|invocation| invocation.at)
        .collect();
    assert_eq!(of_one.len(), 2, "{invocations:?}");
    assert!(of_one[1] - of_one[0] >= 2 * S, "{of_one:?}");
    assert_eq!(invocations.len(), 4 + 1 + 3 + 1);
}

#[test]
fn a_permanent_concurrency_limit_aborts_the_run_and_is_named() {
    let mut settings = function();
    (settings.concurrency, settings.reserved) = (2, true);
    let cloud = Cloud::new(settings, |_| Fate::default(), |_| Trouble::None);
    let ran = cloud.launch(2, &["--start-timeout", "4s"]);
    let limit = "by the limit ReservedFunctionConcurrentInvocationLimitExceeded";
    cloud.assert_aborted(&ran, &["2 of 4 workers were ready", "throttled", limit, "--workers"]);
    ran.within(15);
}

#[test]
fn a_throttle_longer_than_the_start_timeout_aborts_at_once() {
    let cloud = Cloud::with_fates(|call| match call.shard {
        0 => Fate::throttled("ConcurrentInvocationLimitExceeded", Some(3_600)),
        _ => Fate::default(),
    });
    let ran = cloud.launch(2, &["--start-timeout", "30s"]);
    cloud.assert_aborted(&ran, &["worker 0: throttled", "ConcurrentInvocationLimitExceeded"]);
    ran.within(10);
}

#[test]
fn temporary_failures_of_the_service_are_retried() {
    let cloud = Cloud::with_fates(|call| match (call.shard, call.earlier) {
        // The service fails before it starts the functions of the shards 0, 1 and 2.
        (0, 0..2) => Fate::failed(500),
        (1, 0) => Fate::failed(502),
        (2, 0) => Fate {
            refusal: Some(Refusal::HungUp),
            ..Fate::default()
        },
        // The service fails after it has started the function of shard 3. The slice is claimed when the function of the
        // second invocation starts, so this function exits.
        (3, 0) => Fate::heard(Reply::Failed(500, Duration::ZERO)),
        _ => Fate::default(),
    });
    let ran = cloud.launch(2, &[]);
    cloud.assert_whole(&ran, 200);
    let claimed = cloud.lambda.deliveries();
    let left: Vec<u32> = claimed
        .iter()
        .filter(|delivery| delivery.answer.contains("already claimed"))
        .map(|delivery| delivery.shard)
        .collect();
    assert_eq!(left, [3], "{claimed:?}");
}

#[test]
fn a_permanent_failure_of_the_service_is_reported() {
    let cloud = Cloud::with_fates(|call| match call.shard {
        2 => Fate::failed(500),
        _ => Fate::default(),
    });
    let ran = cloud.launch(2, &["--start-timeout", "40s"]);
    cloud.assert_aborted(
        &ran,
        &[
            "3 of 4 workers were ready",
            "worker 2: the Lambda API failed repeatedly: the service failed on purpose",
            "try again later",
        ],
    );
    ran.within(30);
    // With a lower minimum number of workers, the run starts. The report names the missing worker.
    let ran = cloud.launch_named("s", 2, &["--min-workers", "3", "--start-timeout", "5s"]);
    cloud.assert_lost(&ran, 200, &[2], &[]);
}

#[test]
fn a_lost_response_of_an_invocation_loses_no_requests() {
    let cloud = Cloud::with_fates(|call| match (call.shard, call.earlier) {
        // The service closes the connection of shard 0 before the load, and the connection of shard 1 during the load.
        // The invocation of shard 2 gets no answer. The invocation of shard 3 gets an error during the load.
        (0, _) => Fate::heard(Reply::HungUp(S / 10)),
        (1, _) => Fate::heard(Reply::HungUp(3 * S)),
        (2, _) => Fate::heard(Reply::Silence),
        (3, _) => Fate::heard(Reply::Failed(502, 3 * S)),
        _ => Fate::default(),
    });
    let ran = cloud.launch(5, &[]);
    cloud.assert_whole(&ran, 500);
    ran.within(30);
}

#[test]
fn an_invocation_that_never_starts_is_reported() {
    let cloud = Cloud::with_fates(|call| match call.shard {
        1 => Fate {
            delay: 600 * S,
            ..Fate::default()
        },
        _ => Fate::default(),
    });
    let ran = cloud.launch(2, &["--start-timeout", "4s"]);
    cloud.assert_aborted(
        &ran,
        &["worker 1: it had not claimed its shard when the start timeout of 4s passed"],
    );
    ran.within(12);
}

#[test]
fn invocations_that_are_delivered_twice_run_once() {
    let cloud = Cloud::with_fates(|call| Fate {
        // The second delivery is immediate for shard 0, during the preparation for shard 1, during the load for shard
        // 2, and after the run for shard 3.
        again: Some([Duration::ZERO, S / 2, 3 * S, 6 * S][call.shard as usize]),
        ..Fate::default()
    });
    let ran = cloud.launch(4, &[]);
    cloud.assert_whole(&ran, 400);
    std::thread::sleep(4 * S);
    cloud.assert_whole(&ran, 400);
    let deliveries = cloud.lambda.deliveries();
    assert_eq!(deliveries.len(), 8);
    let claimed = |delivery: &&whole_runs::lambda::Delivery| delivery.answer.contains("already claimed");
    assert_eq!(deliveries.iter().filter(claimed).count(), 4, "{deliveries:?}");
}

#[test]
fn a_delivery_after_the_start_sends_nothing_and_is_reported() {
    let cloud = Cloud::with_fates(|call| Fate {
        delay: if call.shard == 2 { 6 * S } else { Duration::ZERO },
        ..Fate::default()
    });
    let ran = cloud.launch(6, &["--start-timeout", "4s", "--min-workers", "3"]);
    cloud.assert_lost(&ran, 600, &[2], &[]);
    assert_eq!(cloud.report().sent, 450);
    assert_eq!(cloud.target.requests(), 450);
    let late = cloud
        .lambda
        .deliveries()
        .into_iter()
        .find(|delivery| delivery.shard == 2)
        .unwrap();
    assert!(late.answer.contains("started without this shard"), "{late:?}");
}

#[test]
fn a_delivery_after_the_run_was_aborted_sends_nothing() {
    let cloud = Cloud::with_fates(|call| Fate {
        delay: if call.shard == 2 { 6 * S } else { Duration::ZERO },
        ..Fate::default()
    });
    let ran = cloud.launch(2, &["--start-timeout", "3s"]);
    cloud.assert_aborted(&ran, &["worker 2: it had not claimed its shard"]);
    // When the function of the late delivery starts, the launcher has exited. The function finds the stop in the store.
    whole_runs::machine::wait_for("the late delivery", 15 * S, || {
        (cloud
            .lambda
            .deliveries()
            .iter()
            .filter(|delivery| delivery.ended.is_some())
            .count()
            == 4)
            .then_some(())
    });
    assert_eq!(cloud.target.requests(), 0);
}

#[test]
fn late_duplicate_or_lost_hand_overs_lose_no_requests() {
    let cloud = Cloud::with_fates(|call| match (call.event, call.shard) {
        (true, 0) => Fate {
            again: Some(S),
            ..Fate::default()
        },
        // The invocation by the previous worker is delayed by ten minutes. No worker claims the slice, so the launcher
        // starts a worker for the slice.
        (true, 1) => Fate {
            delay: 600 * S,
            ..Fate::default()
        },
        (true, 2) => Fate::failed(500),
        _ => Fate::default(),
    });
    let ran = cloud.launch(12, &["--slice", "6s"]);
    cloud.assert_whole(&ran, 1_200);
    let events = cloud
        .lambda
        .invocations()
        .iter()
        .filter(|invocation| invocation.event)
        .count();
    assert!(events >= 4, "workers started only {events} of the next slices");
}
