//! Tests of runs whose workers are started by a program other than the launcher.

use std::time::Duration;
use whole_runs::machine::{Desk, Ran, Running, Target};

fn scenario(target: &Target) -> String {
    format!(
        "name: small\ntarget: {}\nload: {{ constant: {{ rate: 100/s, duration: 3s }} }}\n\
         requests: [ {{ name: home }} ]\nthresholds: [ errors <= 0% ]\n",
        target.url()
    )
}

/// Starts workers of a run, one for each of these shards.
fn workers(desk: &Desk, run: &str, shards: std::ops::Range<u32>) -> Vec<Running> {
    let start = |shard: u32| desk.spawn(&["worker", "--run", run, "--shard", &shard.to_string()]);
    shards.map(start).collect()
}

fn ended(workers: Vec<Running>) {
    for worker in workers {
        worker.finish().expect(0, &[]);
    }
}

/// Prepares a run with the command `prepare`. Returns the only line on stdout, which is the name of the run.
fn prepared(desk: &Desk, more: &[&str]) -> String {
    let arguments = [&["prepare", "s.yaml", "--workers", "2"], more].concat();
    let ran = desk
        .run(&arguments)
        .expect(0, &["vajra-cloud worker --store", "N from 0 to 1"]);
    let run = ran.stdout.strip_suffix('\n').unwrap().to_owned();
    assert!(run.starts_with("small-") && !run.contains('\n'), "{run}");
    run
}

fn passed(ran: Ran) {
    let ran = ran.expect(0, &[]);
    for words in [
        "small: passed",
        "arrivals   300 planned = 300 sent + 0 dropped + 0 missing",
    ] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
}

#[test]
fn a_prepared_run_starts_at_its_time_without_a_launcher() {
    let (desk, target) = (Desk::new(), Target::start("latency 2ms"));
    desk.write("s.yaml", &scenario(&target));
    let run = prepared(&desk, &["--start-at", "+4s"]);
    ended(workers(&desk, &run, 0..2));
    passed(desk.run(&["report", &run]));
    assert_eq!(target.requests(), 300);
}

#[test]
fn a_prepared_run_starts_when_all_workers_are_in_and_attach_follows_it() {
    let (desk, target) = (Desk::new(), Target::start("latency 2ms"));
    desk.write("s.yaml", &scenario(&target));
    let run = prepared(&desk, &[]);
    let started = workers(&desk, &run, 0..2);
    passed(desk.run(&["attach", &run]));
    ended(started);
}

#[test]
fn a_launch_without_a_fleet_waits_for_workers_started_elsewhere() {
    let (desk, target) = (Desk::new(), Target::start("latency 2ms"));
    desk.write("s.yaml", &scenario(&target));
    let launch = ["launch", "s.yaml", "--fleet", "none", "--workers", "2"];
    std::thread::scope(|scope| {
        let late = scope.spawn(|| {
            let plan = desk.path("runs/by-others/plan.json");
            while !plan.exists() {
                std::thread::sleep(Duration::from_millis(50));
            }
            ended(workers(&desk, "by-others", 0..2));
        });
        passed(desk.run(&[&launch[..], &["--run", "by-others"]].concat()));
        late.join().unwrap();
    });
    // No program starts the workers of this run, so the launch fails at its start timeout.
    desk.run(&[&launch[..], &["--start-timeout", "5s"]].concat())
        .expect(3, &["0 of 2 workers were ready", "it had not claimed its shard"]);
}

#[test]
fn invalid_preparations_are_rejected_and_nothing_is_stored() {
    let desk = Desk::new();
    let refused = |more: &[&str], words: &[&str]| {
        desk.run(&[&["prepare"], more].concat()).expect(2, words);
        assert!(!desk.path("runs").exists());
    };
    refused(&["quickstart"], &["built-in target", "set `target:` to a URL"]);
    desk.write("s.yaml", "name: s\ntarget: http://127.0.0.1:1\nload: { constant: { rate: 10/s, duration: 1s } }\nrequests: [ { name: a } ]\n");
    refused(
        &["s.yaml", "--start-at", "2020-01-01T00:00:00Z"],
        &["in the past", "--start-at +3m"],
    );
    refused(&["s.yaml", "--start-at", "soon"], &["write `+3m`"]);
    desk.run(&["calibrate", "s.yaml", "--fleet", "none"])
        .expect(2, &["a calibration starts its worker itself"]);
}
