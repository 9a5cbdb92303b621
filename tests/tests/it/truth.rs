//! Are the reported times true? A target that stalls has latencies that can be worked out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "machine/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod machine;

use machine::{Desk, sent};
use serde_json::Value;
use std::sync::Mutex;

/// Two cores are too few to tell the truth twice at the same time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// 1,000/s at a target that answers nothing for the last second of every five.
fn stalled(connections: u32) -> Value {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let desk = Desk::new();
    desk.write(
        "s.yaml",
        &format!(
            "name: stall\ntarget: {{ builtin: stall 1s every 5s }}\n\
             load: {{ constant: {{ rate: 1000/s, duration: 20s }} }}\nrequests: [ {{ name: home }} ]\n\
             limits: {{ connections: {connections} }}\n"
        ),
    );
    desk.run(&["launch", "s.yaml", "--workers", "2", "--out", "summary.json"])
        .expect(0, &[]);
    let report = desk.json("summary.json");
    assert_eq!(sent(&report), 20_000);
    report["total"].clone()
}

/// A fifth of all arrivals falls into a stall, and waits for what is left of its second: above the
/// 80th percentile latency grows in a straight line from 0 to 1 s.
/// Each percentile with its true value in milliseconds. The true values are those of a target that
/// answers all it has held back in no time.
const TRUE_MS: [(&str, f64); 5] = [
    ("p90_ms", 500.0),
    ("p95_ms", 750.0),
    ("p99_ms", 950.0),
    ("p99_9_ms", 995.0),
    ("max_ms", 1_000.0),
];

/// How far from the truth a report may be.
const BOUND: f64 = 0.02;

/// What is further from the truth than it may be.
fn untrue(total: &Value) -> Vec<String> {
    let reported = |name: &str| total["latency"][name].as_f64().unwrap();
    let mut untrue: Vec<String> = TRUE_MS
        .into_iter()
        .filter(|(name, true_ms)| (reported(name) / true_ms - 1.0).abs() >= BOUND)
        .map(|(name, true_ms)| format!("{name} is {}, {true_ms} is true", reported(name)))
        .collect();
    if reported("p75_ms") >= 20.0 {
        untrue.push(format!(
            "p75 is {} ms, though most arrivals meet no stall",
            reported("p75_ms")
        ));
    }
    if (reported("mean_ms") - 100.0).abs() >= 5.0 {
        untrue.push(format!(
            "the mean is {} ms, a fifth of 500 ms is true",
            reported("mean_ms")
        ));
    }
    untrue
}

/// The thousand answers after a stall take the two processors some milliseconds, and another
/// process on them makes it more; what the tool itself gets wrong, it gets wrong every time.
#[test]
fn latency_through_a_stall_is_close_to_the_analytic_values() {
    let mut found = Vec::new();
    for _ in 0..3 {
        found = untrue(&stalled(600));
        if found.is_empty() {
            return;
        }
    }
    panic!("three runs, and in the last: {found:?}");
}

/// With 16 connections a worker, 32 requests meet each of four stalls; all others wait unsent.
#[test]
fn service_shows_the_stall_as_the_few_slow_requests_it_is() {
    let total = stalled(16);
    let reported = |timing: &str, percentile: &str| total[timing][percentile].as_f64().unwrap();
    assert!(
        reported("service", "p99_ms") < 50.0,
        "128 of 20,000 are slow: {}",
        reported("service", "p99_ms")
    );
    assert!(reported("service", "max_ms") > 950.0);
    // What service cannot see, latency does, and lag says where it was.
    assert!(reported("latency", "p90_ms") > 450.0 && reported("latency", "p99_ms") > 920.0);
    assert!(reported("lag", "p99_ms") > 800.0);
}
