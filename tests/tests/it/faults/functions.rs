//! Tests of functions that are killed, that fail to start, or that time out.

use super::cloud::{Cloud, function};
use std::time::Duration;
use whole_runs::lambda::Fate;
use whole_runs::s3_proxy::Trouble;

const S: Duration = Duration::from_secs(1);

#[test]
fn a_killed_function_is_reported_with_its_missing_requests() {
    let cloud = Cloud::with_fates(|call| Fate {
        kill: (call.shard == 1).then_some(5 * S),
        // Lambda delivers the invocation a second time after the function was killed. The function of this delivery
        // sends nothing.
        again: (call.shard == 1).then_some(6 * S),
        ..Fate::default()
    });
    let ran = cloud.launch(8, &[]);
    let words = [
        "worker 1: the function failed with Runtime.ExitError",
        "its arrivals from",
    ];
    cloud.assert_lost(&ran, 800, &[1], &words);
    let report = cloud.report();
    let kept = report.json["workers"][1]["sent"].as_u64().unwrap();
    assert!(kept > 0, "stored snapshots are missing");
    // The worker stores a snapshot every second, and sends about 25 requests in each second. The requests after its
    // last snapshot are not in the report.
    let unreported = cloud.target.requests() - report.sent;
    assert!(
        unreported <= 60,
        "{unreported} requests were sent and are not in the report"
    );
    ran.within(30);
    let again = &cloud.lambda.deliveries()[4];
    assert!(
        again.shard == 1 && again.answer.contains("already claimed"),
        "{again:?}"
    );
}

#[test]
fn a_function_killed_before_the_start_aborts_the_run() {
    let cloud = Cloud::with_fates(|call| Fate {
        kill: (call.shard == 1).then_some(S / 2),
        delay: if call.shard == 3 { 2 * S } else { Duration::ZERO },
        ..Fate::default()
    });
    let ran = cloud.launch(2, &[]);
    cloud.assert_aborted(
        &ran,
        &["worker 1: the function failed with Runtime.ExitError", "signal: killed"],
    );
    ran.within(15);
}

#[test]
fn a_function_that_fails_to_start_is_reported() {
    let cloud = Cloud::with_fates(|call| Fate {
        broken: call.shard == 0,
        ..Fate::default()
    });
    let ran = cloud.launch(2, &[]);
    cloud.assert_aborted(
        &ran,
        &[
            "worker 0: the function failed with Runtime.ExitError",
            "exit status: 1",
            "log",
        ],
    );
    ran.within(15);
}

#[test]
fn a_function_near_its_timeout_stores_its_result() {
    let mut settings = function();
    // From its timeout of 14 s, a function reserves five seconds for storing its result and two seconds for requests in
    // flight.
    settings.timeout = 14 * S;
    let cloud = Cloud::new(settings, |_| Fate::default(), |_| Trouble::None);
    let ran = cloud.launch(30, &[]);
    cloud.assert_lost(
        &ran,
        3_000,
        &[0, 1, 2, 3],
        &["workers 0-3: its host's time limit was reached"],
    );
    assert_eq!(
        cloud.report().sent,
        cloud.target.requests(),
        "sent requests are missing from the report"
    );
    assert!(cloud.lambda.deliveries().iter().all(|delivery| !delivery.error));
}

#[test]
fn a_function_that_the_platform_times_out_is_reported() {
    let mut settings = function();
    settings.timeout = 14 * S;
    // The store does not answer when a result is written, so every function runs until its timeout.
    let cloud = Cloud::new(
        settings,
        |_| Fate::default(),
        |asked| match asked.puts("/result") {
            true => Trouble::Swallowed(60 * S),
            false => Trouble::None,
        },
    );
    let ran = cloud.launch(2, &[]);
    assert_eq!(ran.code, Some(3), "{}", ran.output);
    ran.assert_output(&["worker 0", "Task timed out after 14.00 seconds"]);
    cloud.settle();
    let report = cloud.report();
    assert_eq!(report.sent, 200, "snapshots are missing");
    assert_eq!(cloud.target.requests(), 200);
    ran.within(40);
}

#[test]
fn functions_log_their_state_changes_with_run_shard_and_slice() {
    let cloud = Cloud::with_fates(|_| Fate::default());
    let ran = cloud.launch(2, &["--workers", "2"]);
    assert_eq!(ran.code, Some(0), "{}", ran.output);
    cloud.settle();
    let log = cloud.lambda.log();
    let events: Vec<serde_json::Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|event: &serde_json::Value| event["span"]["run"] == "r" && event["span"]["slice"] == 0)
        .collect();
    for shard in 0..2 {
        let own = events.iter().filter(|event| event["span"]["shard"] == shard);
        let words: Vec<_> = own.filter_map(|event| event["message"].as_str()).collect();
        assert_eq!(
            words,
            ["claimed", "prepared", "started", "drained", "result stored"],
            "{log}"
        );
    }
}
