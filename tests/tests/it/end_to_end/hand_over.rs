//! Tests a run that is longer than the maximum duration of a function. The run uses the local emulator of Lambda.
//!
//! The worker of each slice starts the worker of the next slice. A hand-over does not need the launcher.

use super::lambda::{BUILT, Cloud};
use std::process::Stdio;
use std::time::Duration;
use whole_runs::machine::{Desk, Process, Target, aws, sent, wait_for};

const RATE: u64 = 400;
const SECONDS: u64 = 180;
const SLICE: u64 = 20;
const WORKERS: u64 = 8;

#[test]
fn slices_on_functions_are_handed_over_without_the_launcher() {
    // During a hand-over, two functions of each shard run at the same time, so the emulator allows 16 functions.
    let (cloud, desk, target) = (
        Cloud::start(WORKERS as u32 * 2),
        Desk::new(),
        Target::start("latency 2ms"),
    );
    desk.write(
        "long.yaml",
        &format!(
            "name: long\ntarget: {}\nload: {{ constant: {{ rate: {RATE}/s, duration: {SECONDS}s }} }}\n\
             requests: [ {{ name: home }} ]\nthresholds: [ errors < 0.1% ]\n",
            target.url()
        ),
    );
    let (store, lambda, workers) = (cloud.store(), cloud.lambda(), WORKERS.to_string());
    let slice = format!("{SLICE}s");
    let launch = [
        "launch",
        "long.yaml",
        "--run",
        "long",
        "--fleet",
        "lambda",
        "--workers",
        &workers,
    ];
    let places = ["--store", &store, "--lambda-endpoint", &lambda];
    let rest = ["--slice", &slice, "--snapshot-interval", "1s", "--start-timeout", "3m"];
    let mut command = aws(&mut desk.command(&[&launch[..], &places, &rest].concat()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(Process)
        .unwrap();
    // The run has nine slices. The launcher is killed in the third slice.
    wait_for("the third window", BUILT, || {
        (target.requests() > RATE * SLICE * 5 / 2).then_some(())
    });
    command.0.kill().unwrap();
    command.0.wait().unwrap();
    wait_for("the last window", Duration::from_secs(SECONDS), || {
        (target.requests() >= RATE * SECONDS).then_some(())
    });

    let attach = ["attach", "long", "--store", &store, "--out", "summary.json"];
    let output = aws(&mut desk.command(&attach)).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let report = desk.json("summary.json");
    assert_eq!(report["verdict"], "passed", "{:#?}", report["reasons"]);
    assert_eq!(sent(&report), RATE * SECONDS);
    assert_eq!(target.requests(), RATE * SECONDS, "the target's count differs");
    let parts = report["workers"].as_array().unwrap();
    assert_eq!(parts.len() as u64, WORKERS * SECONDS / SLICE);
    assert!(
        parts
            .iter()
            .all(|part| part["state"] == "finished" && part["missing"] == 0)
    );
    // The report plans the full rate for every second. The full rate is also planned for a second in which one slice
    // ends and the next slice begins.
    let seconds = report["seconds"].as_array().unwrap();
    for second in &seconds[..SECONDS as usize] {
        assert_eq!(second["planned"].as_u64(), Some(RATE));
    }
    let deviations: Vec<(u64, u64)> = (1..SECONDS / SLICE)
        .map(|slice| slice * SLICE)
        .map(|edge| {
            let around = &seconds[edge as usize - 1..=edge as usize];
            let sent: u64 = around.iter().map(|second| second["sent"].as_u64().unwrap()).sum();
            (edge, sent.abs_diff(RATE * 2))
        })
        .collect();
    // If the machine pauses, the rate may deviate at one hand-over, but not at several hand-overs.
    let beyond = |share: u64| {
        deviations
            .iter()
            .filter(move |(_, deviation)| *deviation > RATE * 2 * share / 100)
            .count()
    };
    assert!(
        beyond(5) <= 1 && beyond(15) == 0,
        "off by (second, arrivals): {deviations:?}"
    );
}
