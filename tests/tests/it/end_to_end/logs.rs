//! Tests of the log of a worker process. The log contains one event for each change of the worker's state.

use serde_json::{Value, json};
use whole_runs::machine::{Desk, Ran, Target, constant};

const RUN: &str = "small-planned";
const WORKER: [&str; 5] = ["worker", "--run", RUN, "--shard", "0"];

/// Returns a folder whose store contains a plan for one worker and a start.
fn desk(target: &Target, duration: &str) -> Desk {
    let desk = Desk::new();
    desk.write("s.yaml", &constant(&target.url(), "50/s", duration));
    desk.publish(RUN, 1);
    desk
}

/// Returns the events on stderr. Asserts that each event names its worker, and that stdout is empty.
fn events(ran: &Ran) -> Vec<Value> {
    events_of_slices(ran, 1)
}

fn events_of_slices(ran: &Ran, slices: u32) -> Vec<Value> {
    assert_eq!(ran.stdout, "");
    let lines = ran.stderr.lines().filter(|line| line.starts_with('{'));
    let events: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &events {
        let span = |slice| json!({ "name": "worker", "run": RUN, "shard": 0, "slice": slice });
        assert!((0..slices).any(|slice| event["span"] == span(slice)), "{event}");
        assert!(event["timestamp"].is_string() && event["level"].is_string(), "{event}");
    }
    events
}

fn words(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["message"].as_str().unwrap()).collect()
}

#[test]
fn a_worker_logs_each_change_of_its_state_as_json() {
    let target = Target::start("latency 1ms");
    let desk = desk(&target, "2s");
    let ran = desk
        .run(&[&WORKER[..], &["--log", "json"]].concat())
        .expect(0, &["is done"]);
    let all = events(&ran);
    assert_eq!(
        words(&all),
        ["claimed", "prepared", "started", "drained", "result stored"]
    );
    assert_eq!((&all[2]["stripe"], &all[2]["stripes"]), (&json!(0), &json!(1)));
    assert_eq!(all[4]["end"], "finished");
    // The slice is already claimed, so a second worker for this slice exits.
    let late = desk.run(&[&WORKER[..], &["--log", "json"]].concat()).expect(76, &[]);
    assert_eq!(words(&events(&late)), ["another worker has the slice"]);
}

#[test]
fn a_worker_logs_its_states_only_with_log_and_its_snapshots_only_at_debug() {
    let target = Target::start("latency 1ms");
    let quiet = desk(&target, "2s").run(&WORKER).expect(0, &["is done"]);
    assert_eq!((events(&quiet).len(), quiet.stderr.contains("claimed")), (0, false));
    let text = desk(&target, "2s").run(&[&WORKER[..], &["--log", "text:debug"]].concat());
    let text = text.expect(0, &["claimed", "shard=0", "result stored"]);
    assert!(text.stderr.matches("snapshot stored").count() >= 2, "{}", text.stderr);
    desk(&target, "2s")
        .run(&[&WORKER[..], &["--log", "loud"]].concat())
        .expect(2, &["write text, json, text:debug or json:debug"]);
}

#[test]
fn a_worker_logs_the_cause_of_its_stop() {
    let target = Target::start("latency 1ms");
    for (key, by) in [(true, "the stop key"), (false, "the notice of its host")] {
        let (desk, before) = (desk(&target, "60s"), target.requests());
        let worker = desk.spawn(&[&WORKER[..], &["--log", "json"]].concat());
        target.wait_for_more_than(before + 20);
        match key {
            true => drop(desk.run(&["stop", RUN]).expect(0, &[])),
            false => worker.signal("TERM"),
        }
        let all = events(&worker.finish());
        let stops: Vec<_> = all.iter().filter(|event| event["message"] == "stop received").collect();
        assert_eq!(stops.len(), 1, "{all:?}");
        assert_eq!(stops[0]["by"], by);
        assert_eq!(words(&all)[3..], ["stop received", "drained", "result stored"]);
    }
}

#[test]
fn a_worker_that_cannot_prepare_logs_the_reason() {
    let target = Target::start("latency 1ms");
    let desk = desk(&target, "2s");
    let mut command = desk.command(&[&WORKER[..], &["--log", "json"]].concat());
    let ran = Ran::new(&command.env("VAJRA_ALLOW", "").output().unwrap());
    let all = events(&ran);
    assert_eq!(words(&all), ["claimed", "failed", "result stored"]);
    let problem = all[1]["problem"].as_str().unwrap();
    assert!(problem.contains("VAJRA_ALLOW is set but empty"), "{problem}");
    assert_eq!(all[2]["end"], "failed");
    assert_eq!(target.requests(), 0);
}

#[test]
fn a_process_runs_the_next_slice_and_logs_the_hand_over() {
    let target = Target::start("latency 1ms");
    let desk = Desk::new();
    desk.write("s.yaml", &constant(&target.url(), "50/s", "6s"));
    desk.publish_with(RUN, 1, &["--slice", "3s"]);
    let ran = desk
        .run(&[&WORKER[..], &["--log", "json"]].concat())
        .expect(0, &["is done"]);
    let all = events_of_slices(&ran, 2);
    let given: Vec<_> = all.iter().filter(|event| event["message"] == "handed over").collect();
    assert_eq!(given.len(), 1, "{all:?}");
    assert_eq!(given[0]["next"], 1);
    // The process of the worker runs both slices. The process ends after it has stored the result of the second slice.
    assert!(desk.path(&format!("runs/{RUN}/shards/00000/00001/result")).exists());
    let stored: Vec<_> = all.iter().filter(|event| event["message"] == "result stored").collect();
    assert_eq!(stored.len(), 2, "{all:?}");
    assert_eq!(target.requests(), 300);
}
