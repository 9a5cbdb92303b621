//! Tests that the times in a report equal the times that the target has recorded.
//!
//! The target stalls, and records the time of every arrival and of every answer. Each percentile of the report is
//! compared with the latencies that are computed from these times.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

use serde_json::Value;
use whole_runs::machine::{Desk, Target, sent};

const RATE: u64 = 1_000;
const SECONDS: u64 = 20;
/// The maximum relative error of a percentile in a report.
const BOUND: f64 = 0.02;

/// Runs a load of 1,000 requests per second against a target that stalls in the last second of every five seconds.
/// Returns the values of the report for all requests, and the target.
fn stalled(connections: u32) -> (Value, Target) {
    let target = Target::recording("stall 1s every 5s");
    let desk = Desk::new();
    desk.write(
        "s.yaml",
        &format!(
            "name: stall\ntarget: {}\n\
             load: {{ constant: {{ rate: {RATE}/s, duration: {SECONDS}s }} }}\nrequests: [ {{ name: home }} ]\n\
             limits: {{ connections: {connections} }}\n",
            target.url()
        ),
    );
    desk.run(&["launch", "s.yaml", "--workers", "2", "--out", "summary.json"])
        .expect(0, &[]);
    let report = desk.json("summary.json");
    assert_eq!(sent(&report), RATE * SECONDS);
    (report["total"].clone(), target)
}

/// Returns the true latencies in ms in ascending order. A true latency is the time from the due time of a request to
/// the target's answer.
///
/// Request k was due k ms after request 0, and no request arrives before it is due. Request 0 was therefore due at the
/// minimum of `arrival(k) - k ms` over all k.
fn true_latencies(target: &Target) -> Vec<f64> {
    let times = |page: &str| -> Vec<u64> { serde_json::from_value(target.page(page)).unwrap() };
    let mut exchanges: Vec<(u64, u64)> = times("arrivals").into_iter().zip(times("answers")).collect();
    assert_eq!(exchanges.len() as u64, RATE * SECONDS);
    exchanges.sort_unstable();
    let due = |k: usize| k as u64 * 1_000_000_000 / RATE;
    let begin = (0..exchanges.len()).map(|k| exchanges[k].0 - due(k)).min().unwrap();
    let latencies = exchanges.iter().enumerate();
    let mut latencies: Vec<f64> = latencies
        .map(|(k, (_, answered))| (answered - begin - due(k)) as f64 / 1e6)
        .collect();
    latencies.sort_unstable_by(f64::total_cmp);
    latencies
}

/// A fifth of all arrivals is due during a stall, and each of them waits until the stall ends. Above the 80th
/// percentile, the latency rises linearly from 0 to 1 s. While the target answers the backlog, the latency is slightly
/// higher.
#[test]
fn latency_during_a_stall_matches_the_record_of_the_target() {
    let (total, target) = stalled(600);
    let truth = true_latencies(&target);
    let reported = |name: &str| total["latency"][name].as_f64().unwrap();
    for (name, share) in [
        ("p90_ms", 0.9),
        ("p95_ms", 0.95),
        ("p99_ms", 0.99),
        ("p99_9_ms", 0.999),
        ("max_ms", 1.0),
    ] {
        let rank = (truth.len() as f64 * share).ceil() as usize - 1;
        let (reported, true_ms) = (reported(name), truth[rank]);
        assert!(
            (reported / true_ms - 1.0).abs() < BOUND,
            "{name} is {reported}, the target recorded {true_ms}"
        );
        // The times that the target has recorded must show the stall. `ideal` is the percentile for a target that
        // answers the whole backlog immediately.
        let ideal = (share - 0.8) / 0.2 * 1_000.0;
        assert!((0.95..1.5).contains(&(true_ms / ideal)), "{name}: {true_ms} of {ideal}");
    }
    assert!(
        reported("p75_ms") < 20.0,
        "p75 is {} ms, although most arrivals meet no stall",
        reported("p75_ms")
    );
    let mean = truth.iter().sum::<f64>() / truth.len() as f64;
    assert!(
        (reported("mean_ms") - mean).abs() < 5.0,
        "the reported mean is {}, the recorded one {mean}",
        reported("mean_ms")
    );
}

/// Each of the two workers has 16 connections, so 32 requests are sent during each of the four stalls. The other
/// requests that are due during a stall wait for a connection.
#[test]
fn service_time_counts_a_stall_as_a_few_slow_requests() {
    let (total, _target) = stalled(16);
    let reported = |timing: &str, percentile: &str| total[timing][percentile].as_f64().unwrap();
    assert!(
        reported("service", "p99_ms") < 50.0,
        "128 of 20,000 are slow: {}",
        reported("service", "p99_ms")
    );
    assert!(reported("service", "max_ms") > 950.0);
    // Latency includes the wait for a connection, and service time does not. Lag is the time that a request waited
    // before it was sent.
    assert!(reported("latency", "p90_ms") > 450.0 && reported("latency", "p99_ms") > 920.0);
    assert!(reported("lag", "p99_ms") > 800.0);
}
