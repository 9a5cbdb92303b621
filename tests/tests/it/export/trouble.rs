//! Tests of receivers of metrics that are down, slow or failing. A faulty receiver does not affect the run.
//!
//! The launcher reports the faults of the receivers at the end of the run.

use serde_json::Value;
use std::time::{Duration, Instant};
use test_servers::{ScriptedAnswer, ScriptedServer};
use whole_runs::machine::{Desk, Ran, free_port};

/// Returns the URL to which a receiver accepts remote write.
fn url(receiver: &ScriptedServer) -> String {
    format!("{}/api/v1/write", receiver.url())
}

/// Returns a receiver that answers every request with this status.
fn answering(status: &'static str) -> ScriptedServer {
    ScriptedServer::start(move |_| answer(status))
}

fn answer(status: &str) -> ScriptedAnswer {
    ScriptedAnswer::new(status, "Connection: close\r\n", "no room")
}

const SCENARIO: &str = "\
name: shop
target: { builtin: latency 1ms }
load: { constant: { rate: 200/s, duration: 4s } }
requests: [ { name: home } ]
";

/// The maximum duration of a launch: the sum of the start, the load, the end of the load, and the final exports.
const LONGEST: Duration = Duration::from_secs(1 + 4 + 10 + 15);

/// Runs a load with a receiver at `url`. Asserts that the receiver does not affect the run. Returns the output and the
/// report.
fn unharmed(url: &str, more: &[&str]) -> (Ran, Value) {
    let desk = Desk::new();
    desk.write("shop.yaml", SCENARIO);
    let launch = [
        "launch",
        "shop.yaml",
        "--workers",
        "2",
        "--store",
        "runs",
        "--out",
        "shop.json",
    ];
    let began = Instant::now();
    let mut command = desk.command(&[&launch[..], &["--prometheus", url], more].concat());
    let ran = Ran::new(&command.env("SECRET_OF_TEST", "Bearer unused").output().unwrap()).expect(0, &[]);
    assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
    let report = desk.json("shop.json");
    let balance = &report["balance"];
    assert_eq!(
        (&balance["sent"], &balance["completed"]),
        (&800.into(), &800.into()),
        "{balance}"
    );
    let seconds = report["seconds"].as_array().unwrap();
    // The rate is 200 requests per second. On a busy machine, some of the requests of a second are sent in the next
    // second.
    let paced = |second: &Value| (150..=250).contains(&second["sent"].as_u64().unwrap());
    assert!(seconds[..4].iter().all(paced), "{seconds:?}");
    (ran, report)
}

#[test]
fn an_absent_receiver_does_not_change_the_run() {
    let url = format!("http://127.0.0.1:{}/api/v1/write", free_port());
    let (ran, _) = unharmed(&url, &[]);
    ran.expect(
        0,
        &[
            "caution: prometheus",
            "0 of",
            "final counts did not arrive",
            "Connection refused",
        ],
    );
}

#[test]
fn a_hanging_receiver_does_not_change_the_run() {
    let receiver = ScriptedServer::start(|_| ScriptedAnswer::never());
    let (ran, _) = unharmed(&url(&receiver), &[]);
    ran.expect(
        0,
        &[
            "caution: prometheus",
            "skipped",
            "did not arrive",
            "no answer within 5 s",
        ],
    );
}

#[test]
fn a_failing_receiver_does_not_change_the_run() {
    let receiver = answering("500 Internal Server Error");
    let (ran, _) = unharmed(&url(&receiver), &[]);
    ran.expect(
        0,
        &[
            "caution: prometheus",
            "the final counts did not arrive",
            "answered 500 Internal Server Error: no room",
        ],
    );
}

#[test]
fn a_slow_receiver_gets_fewer_exports_but_the_final_counts() {
    let receiver = ScriptedServer::start(|_| answer("204 No Content").late(Duration::from_millis(2_500)));
    let (ran, _) = unharmed(&url(&receiver), &[]);
    let ran = ran.expect(0, &["skipped because the receiver was slow"]);
    assert!(!ran.stderr.contains("caution"), "{}", ran.stderr);
}

#[test]
fn a_failing_receiver_does_not_affect_another_one() {
    let receiver = answering("200 OK");
    let otlp = format!("grpc://127.0.0.1:{}", free_port());
    let (ran, _) = unharmed(&url(&receiver), &["--otlp", &otlp]);
    let ran = ran.expect(
        0,
        &["caution: otlp by gRPC", "0 of", "did not arrive", "Connection refused"],
    );
    assert!(!ran.stderr.contains("caution: prometheus"), "{}", ran.stderr);
}

#[test]
fn export_headers_reach_only_the_receiver() {
    let receiver = answering("200 OK");
    let headers = [
        "--export-header",
        "Authorization: env:SECRET_OF_TEST",
        "--export-header",
        "X-Scope-OrgID: team",
    ];
    let (ran, _) = unharmed(&url(&receiver), &headers);
    assert!(!(ran.stderr + &ran.stdout).contains("unused"));
    let requests = receiver.requests();
    assert!(requests.len() >= 4, "{requests:?}");
    for request in requests {
        let head = request.head.to_lowercase();
        for line in [
            "post /api/v1/write http/1.1",
            "authorization: bearer unused",
            "x-scope-orgid: team",
            "content-encoding: snappy",
            "content-type: application/x-protobuf",
            "x-prometheus-remote-write-version: 0.1.0",
        ] {
            assert!(head.lines().any(|own| own == line), "no `{line}` in {head}");
        }
    }
}
