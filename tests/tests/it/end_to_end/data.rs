//! Tests of rows of feeds, and of exact mixes.
//!
//! With any number of workers, the server receives each row as often as the scenario specifies.

use serde_json::Value;
use std::collections::BTreeMap;
use test_servers::{ScriptedAnswer, ScriptedServer};
use whole_runs::machine::{Desk, Ran};

fn server() -> ScriptedServer {
    ScriptedServer::start(|_| ScriptedAnswer::new("200 OK", "", ""))
}

/// Returns a folder with a scenario and a feed. The feed has `rows` rows, and the column `id` contains the number of
/// the row.
fn desk(rows: usize, scenario: &str) -> Desk {
    let desk = Desk::new();
    let ids: String = (0..rows).map(|row| format!("{row}\r\n")).collect();
    desk.write("ids.csv", &format!("\u{feff}id\r\n{ids}"));
    desk.write("s.yaml", scenario);
    desk
}

/// Launches the scenario with three workers. Returns the output of the command and the report. Asserts that the counts
/// of the report balance.
fn launch(desk: &Desk) -> (Ran, Value) {
    let ran = desk
        .run(&["launch", "s.yaml", "--workers", "3", "--out", "r.json"])
        .expect(0, &[]);
    let report = desk.json("r.json");
    assert_eq!(report["balance"]["holds"], true, "{}", report["balance"]);
    (ran, report)
}

/// Returns the number of requests for each path below a folder of the server.
fn seen(server: &ScriptedServer, folder: &str) -> BTreeMap<String, u32> {
    let mut seen = BTreeMap::new();
    for request in server.requests() {
        if let Some(name) = request.path().strip_prefix(folder) {
            *seen.entry(name.to_owned()).or_default() += 1;
        }
    }
    seen
}

/// Returns the expected numbers of requests if each of `rows` rows is requested once.
fn once(rows: usize) -> BTreeMap<String, u32> {
    (0..rows).map(|row| (row.to_string(), 1)).collect()
}

#[test]
fn two_hundred_serials_are_enrolled_once_each_by_three_workers_in_a_mix() {
    let server = server();
    let scenario = format!(
        "name: enrol\ntarget: {}\nload: {{ constant: {{ rate: 400/s, duration: 2s }} }}\nmix: exact\n\
         feeds: {{ ids: {{ file: ids.csv, pick: once }} }}\nrequests:\n- {{ name: browse, weight: 60, url: /items }}\n\
         - {{ name: enrol, weight: 20, url: '/enrol/{{{{ feed ids.id }}}}' }}\n",
        server.url()
    );
    let desk = desk(200, &scenario);
    let rows = "feed ids: rows 1 to 200 of 200, each once";
    assert!(desk.run(&["check", "s.yaml"]).expect(0, &[]).stdout.contains(rows));
    let plan = desk.run(&["plan", "s.yaml", "--workers", "3"]).expect(0, &[]).stdout;
    assert!(
        plan.contains("sockets    at most 128 on each worker at a time"),
        "{plan}"
    );
    assert!(
        plan.contains("feed       ids: rows 1 to 200 of 200, each once"),
        "{plan}"
    );
    let (_, report) = launch(&desk);
    assert_eq!(seen(&server, "/enrol/"), once(200));
    assert_eq!(seen(&server, "/items").values().sum::<u32>(), 600);
    let sent: Vec<u64> = report["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["sent"].as_u64().unwrap())
        .collect();
    assert_eq!(sent, [600, 200]);
    // A feed with 199 rows has too few rows for this run. The launch is rejected before any request is sent.
    desk.write("ids.csv", &format!("id\n{}", "1\n".repeat(199)));
    let refused = ["the feed `ids` has 199 rows, and the run needs 200", "add rows"];
    desk.run(&["launch", "s.yaml", "--workers", "3"]).expect(2, &refused);
    assert_eq!(server.requests().len(), 800);
}

#[test]
fn three_thousand_users_log_in_once_each_over_three_workers() {
    let server = server();
    let scenario = format!(
        "name: users\ntarget: {}\nload: {{ constant: {{ rate: 1000/s, duration: 3s }} }}\nconnections: kept\n\
         feeds: {{ ids: {{ file: ids.csv, pick: once }} }}\nflows:\n- name: visit\n  steps:\n\
         \x20 - {{ name: login, get: '/login/{{{{ feed ids.id }}}}' }}\n  - {{ name: home, get: '/home/{{{{ feed ids.id }}}}' }}\n",
        server.url()
    );
    let desk = desk(3_000, &scenario);
    launch(&desk);
    assert_eq!(seen(&server, "/login/"), once(3_000));
    assert_eq!(seen(&server, "/home/"), once(3_000));
}

#[test]
fn every_user_keeps_its_own_row_in_all_steps_and_iterations() {
    let server = server();
    let scenario = format!(
        "name: users\ntarget: {}\nload: {{ users: {{ users: 20, duration: 1s }} }}\nthink_time: 50ms\nsession: kept\n\
         feeds: {{ ids: {{ file: ids.csv, pick: user }} }}\nflows:\n- name: visit\n  steps:\n\
         \x20 - {{ name: login, get: '/login/{{{{ feed ids.id }}}}' }}\n  - {{ name: home, get: '/home/{{{{ feed ids.id }}}}' }}\n",
        server.url()
    );
    let desk = desk(25, &scenario);
    launch(&desk);
    for folder in ["/login/", "/home/"] {
        let seen = seen(&server, folder);
        assert_eq!(seen.keys().collect::<Vec<_>>(), once(20).keys().collect::<Vec<_>>());
        assert!(seen.values().all(|times| *times > 1), "{seen:?}");
    }
}

#[test]
fn a_calibration_repeats_the_rows_that_a_run_uses_once() {
    let server = server();
    let scenario = format!(
        "name: once\ntarget: {}\nload: {{ constant: {{ rate: 200/s, duration: 1s }} }}\n\
         feeds: {{ ids: {{ file: ids.csv, pick: once }} }}\nrequests: [ {{ name: a, url: '/a/{{{{ feed ids.id }}}}' }} ]\n",
        server.url()
    );
    let desk = desk(200, &scenario);
    desk.run(&["calibrate", "s.yaml", "--max-lag", "100ms", "--up-to", "200/s"])
        .expect(0, &[]);
    assert!(seen(&server, "/a/").values().any(|times| *times > 1));
}
