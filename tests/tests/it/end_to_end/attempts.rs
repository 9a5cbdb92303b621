//! Tests of runs in which several workers attempt the same shard, and of the options with which platforms start
//! workers.

use std::time::Duration;
use whole_runs::machine::{Desk, Ran, Running, Target, constant, wait_for};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Launches a run of two seconds without starting its workers. The caller starts the workers.
fn launched(target: &Target) -> (Desk, Running) {
    let desk = Desk::new();
    let load = constant(&target.url(), "100/s", "2s");
    let launch = desk.launch(&load, &["--fleet", "none", "--workers", "2", "--out", "summary.json"]);
    wait_for("the plan", TIMEOUT, || {
        desk.path("runs/r/plan.json").exists().then_some(())
    });
    (desk, launch)
}

/// Starts a worker of shard 0 of the run `r`. Returns when this worker is prepared and has the attempt number
/// `attempt`.
fn prepared(desk: &Desk, attempt: u32) -> Running {
    let worker = desk.spawn(&["worker", "--run", "r", "--shard", "0"]);
    let object = desk.path(&format!("runs/r/shards/00000/00000/prepared/{attempt:05}"));
    wait_for("the attempt", TIMEOUT, || object.exists().then_some(()));
    worker
}

/// Starts a worker of the run `r`. The worker gets one additional environment variable.
fn worker_with(desk: &Desk, options: &[&str], (name, value): (&str, &str)) -> Running {
    let mut command = desk.command(&[&["worker", "--run", "r"], options].concat());
    Running::start(command.env(name, value))
}

#[test]
fn another_attempt_takes_the_place_of_a_worker_that_its_host_stopped_before_the_start() {
    let target = Target::start("latency 1ms");
    let (desk, launch) = launched(&target);
    let slice = desk.path("runs/r/shards/00000/00000");
    let first = prepared(&desk, 1);
    first.signal("TERM");
    first
        .finish()
        .expect(75, &["was stopped by its host before the start; nothing was sent"]);
    assert!(slice.join("left/00001").exists() && !slice.join("result").exists());
    let second = desk.spawn(&["worker", "--run", "r", "--shard", "0"]);
    desk.run(&["worker", "--run", "r", "--shard", "1"])
        .expect(0, &["is done"]);
    second.finish().expect(0, &["is done"]);
    launch.finish().expect(0, &[]);
    assert_eq!(target.requests(), 200);
    assert_eq!(desk.json("runs/r/start")["attempts"], serde_json::json!([2, 1]));
}

/// Returns the number of TCP sockets on which a process accepts connections.
fn listening(pid: u32) -> usize {
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let links = descriptors.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let own: Vec<String> = links.map(|link| link.display().to_string()).collect();
    let tables = ["tcp", "tcp6"].map(|table| std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap());
    let sockets = tables.iter().flat_map(|table| table.lines().skip(1));
    sockets
        .filter(|socket| {
            // The fourth field is the state, in which 0A means listening. The tenth field is the inode of the socket.
            let fields: Vec<&str> = socket.split_whitespace().collect();
            fields[3] == "0A" && own.contains(&format!("socket:[{}]", fields[9]))
        })
        .count()
}

#[test]
fn a_worker_listens_on_no_port() {
    let target = Target::start("latency 1ms");
    let (desk, launch) = launched(&target);
    let first = prepared(&desk, 1);
    let second = desk.spawn(&["worker", "--run", "r", "--shard", "1"]);
    target.wait_for_more_than(20);
    assert_eq!((listening(first.pid()), listening(second.pid())), (0, 0));
    let own = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    assert_eq!(listening(std::process::id()), 1, "{own:?} is found");
    first.finish().expect(0, &["is done"]);
    second.finish().expect(0, &["is done"]);
    launch.finish().expect(0, &[]);
}

#[test]
fn a_worker_of_flows_that_leaves_before_the_start_is_replaced() {
    let target = Target::start("latency 1ms");
    let desk = Desk::new();
    let scenario = format!(
        "name: visits\ntarget: {}\nload: {{ constant: {{ rate: 50/s, duration: 2s }} }}\n\
         flows: [ {{ name: visit, steps: [ {{ name: home, get: /home }}, {{ name: item, get: /item }} ] }} ]\n",
        target.url()
    );
    let launch = desk.launch(&scenario, &["--fleet", "none", "--workers", "2"]);
    wait_for("the plan", TIMEOUT, || {
        desk.path("runs/r/plan.json").exists().then_some(())
    });
    let first = prepared(&desk, 1);
    first.signal("TERM");
    first.finish().expect(75, &["nothing was sent"]);
    let second = desk.spawn(&["worker", "--run", "r", "--shard", "0"]);
    desk.run(&["worker", "--run", "r", "--shard", "1"])
        .expect(0, &["is done"]);
    second.finish().expect(0, &["is done"]);
    launch.finish().expect(0, &[]);
    assert_eq!(target.requests(), 200);
}

#[test]
fn of_two_workers_of_a_shard_one_sends_and_the_other_exits_with_76() {
    let target = Target::start("latency 1ms");
    let (desk, launch) = launched(&target);
    let (first, second) = (prepared(&desk, 1), prepared(&desk, 2));
    desk.run(&["worker", "--run", "r", "--shard", "1"])
        .expect(0, &["is done"]);
    first
        .finish()
        .expect(76, &["is claimed by another worker; nothing was sent"]);
    second.finish().expect(0, &["is done"]);
    launch.finish().expect(0, &[]);
    assert_eq!(target.requests(), 200);
}

#[test]
fn a_worker_takes_its_shard_from_the_index_of_its_platform() {
    let target = Target::start("latency 1ms");
    let (desk, launch) = launched(&target);
    let gitlab = ["--index-env", "CI_NODE_INDEX", "--index-base", "1"];
    let first = worker_with(&desk, &gitlab, ("CI_NODE_INDEX", "1"));
    let listed = ["--index-env", "JOB_COMPLETION_INDEX", "--shards", "0,1"];
    let second = worker_with(&desk, &listed, ("JOB_COMPLETION_INDEX", "1"));
    first.finish().expect(0, &["shard 0 slice 0 is done"]);
    second.finish().expect(0, &["shard 1 slice 0 is done"]);
    launch.finish().expect(0, &[]);
    assert_eq!(target.requests(), 200);
}

#[test]
fn a_wrong_index_is_an_error_that_names_the_variable() {
    let desk = Desk::new();
    let run = |options: &[&str], variable| -> Ran {
        let options = [&["--store", ".", "--index-env", "INDEX"], options].concat();
        worker_with(&desk, &options, variable).finish()
    };
    run(&[], ("OTHER", "1")).expect(2, &["--index-env INDEX: the variable is not set"]);
    run(&[], ("INDEX", "one")).expect(2, &["`one` is not a whole number"]);
    run(&["--index-base", "1"], ("INDEX", "0")).expect(2, &["0 is below the first index 1"]);
    run(&["--shards", "4,5"], ("INDEX", "2")).expect(2, &["--shards has 2 entries, and none for index 2"]);
    desk.run(&["worker", "--run", "r"]).expect(2, &["--shard"]);
}

#[test]
fn a_worker_waits_for_the_plan_of_its_run() {
    let target = Target::start("latency 1ms");
    let desk = Desk::new();
    desk.run(&[
        "worker",
        "--run",
        "small-planned",
        "--shard",
        "0",
        "--wait-for-plan",
        "1s",
    ])
    .expect(2, &["there is no run small-planned"]);
    let worker = desk.spawn(&[
        "worker",
        "--run",
        "small-planned",
        "--shard",
        "0",
        "--wait-for-plan",
        "30s",
    ]);
    desk.write("s.yaml", &constant(&target.url(), "50/s", "2s"));
    desk.publish("small-planned", 1);
    worker.finish().expect(0, &["is done"]);
    assert_eq!(target.requests(), 100);
}

#[test]
fn a_worker_that_is_stopped_while_it_waits_for_its_plan_may_be_retried() {
    let desk = Desk::new();
    let args = ["worker", "--run", "unplanned", "--shard", "0", "--wait-for-plan", "60s"];
    let worker = desk.spawn(&args);
    let status = format!("/proc/{}/status", worker.pid());
    wait_for("the worker handles SIGTERM", Duration::from_secs(20), || {
        let status = std::fs::read_to_string(&status).ok()?;
        let handled = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
        let handled = u64::from_str_radix(handled.trim(), 16).ok()?;
        (handled & (1 << (libc::SIGTERM - 1)) != 0).then_some(())
    });
    worker.signal("TERM");
    worker
        .finish()
        .expect(75, &["before its plan is read", "nothing was sent"]);
}

#[test]
fn a_worker_that_denies_by_default_sends_only_to_listed_targets() {
    let target = Target::start("latency 1ms");
    let desk = Desk::new();
    desk.write("s.yaml", &constant(&target.url(), "50/s", "2s"));
    let options = ["--shard", "0", "--deny-by-default"];
    let publish = |run| {
        desk.publish(run, 1);
        [&["worker", "--run", run], &options[..]].concat()
    };
    desk.run(&publish("denied")).expect(3, &["failed", "VAJRA_ALLOW"]);
    assert_eq!(target.requests(), 0);
    let mut allowed = desk.command(&publish("allowed"));
    let allowed = Running::start(allowed.env("VAJRA_ALLOW", "127.0.0.1"));
    allowed.finish().expect(0, &["is done"]);
    assert_eq!(target.requests(), 100);
}
