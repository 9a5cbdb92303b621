//! Whole runs whose store is served.

use serde_json::Value;
use whole_runs::machine::{Desk, Ran, Running, Target, constant, sent};
use whole_runs::store_server::{StoreServer, with_key};

/// Runs a command with the access key of the server.
fn run(desk: &Desk, args: &[&str]) -> Ran {
    Ran::new(&with_key(&mut desk.command(args)).output().unwrap())
}

/// The requests to the store have a price in a bucket, and none in a folder. Everything else is the same.
fn without_cost(mut report: Value) -> Value {
    let object = report.as_object_mut().unwrap();
    object.retain(|key, _| !["cost", "account"].contains(&key.as_str()));
    report
}

#[test]
fn a_run_in_a_served_folder_has_the_same_report_in_the_folder() {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms..5ms"));
    let server = StoreServer::start(&desk.path("store"));
    desk.write("s.yaml", &constant(&target.url(), "200/s", "2s"));
    let launch = [
        "launch",
        "s.yaml",
        "--run",
        "r",
        "--workers",
        "4",
        "--store",
        &server.location,
    ];
    run(&desk, &[&launch[..], &["--out", "launched.json"]].concat()).expect(0, &[]);
    assert_eq!((sent(&desk.json("launched.json")), target.requests()), (400, 400));
    run(
        &desk,
        &["report", "r", "--store", &server.location, "--out", "served.json"],
    )
    .expect(0, &[]);
    run(&desk, &["report", "r", "--store", "store", "--out", "folder.json"]).expect(0, &[]);
    assert_eq!(
        without_cost(desk.json("served.json")),
        without_cost(desk.json("folder.json"))
    );
    assert_eq!(server.end("TERM"), Some(0));
    run(&desk, &["report", "r", "--store", "store", "--out", "after.json"]).expect(0, &[]);
    assert_eq!(desk.json("after.json"), desk.json("folder.json"));
}

/// Several machines: each worker is a process that has only the location and the access key.
#[test]
fn workers_that_are_started_one_by_one_share_a_served_folder() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let server = StoreServer::start(&desk.path("store"));
    desk.write("s.yaml", &constant(&target.url(), "100/s", "3s"));
    let store = ["--store", server.location.as_str()];
    let prepare = ["prepare", "s.yaml", "--workers", "4", "--run", "r"];
    run(&desk, &[&prepare[..], &store].concat()).expect(0, &[]);
    let elsewhere: Vec<Desk> = (0..4).map(|_| Desk::new()).collect();
    let workers: Vec<Running> = elsewhere
        .iter()
        .enumerate()
        .map(|(shard, desk)| {
            let shard = shard.to_string();
            let mut worker = desk.command(&[&["worker", "--run", "r", "--shard", &shard], &store[..]].concat());
            Running::start(with_key(&mut worker))
        })
        .collect();
    run(&desk, &[&["attach", "r", "--out", "r.json"], &store[..]].concat()).expect(0, &[]);
    for worker in workers {
        worker.finish().expect(0, &[]);
    }
    assert_eq!((sent(&desk.json("r.json")), target.requests()), (300, 300));
}

#[test]
fn a_wrong_secret_is_reported_before_a_run_starts() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let server = StoreServer::start(&desk.path("store"));
    desk.write("s.yaml", &constant(&target.url(), "10/s", "1s"));
    let mut launch = desk.command(&["launch", "s.yaml", "--store", &server.location]);
    with_key(&mut launch).env("AWS_SECRET_ACCESS_KEY", "another secret 123");
    Ran::new(&launch.output().unwrap()).expect(1, &["SignatureDoesNotMatch", "the access key or its secret is wrong"]);
    assert_eq!(target.requests(), 0);
}
