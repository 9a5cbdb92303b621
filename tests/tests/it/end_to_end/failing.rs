//! Tests of runs in which requests fail. Every report contains the reasons of the failures.

use serde_json::{Value, json};
use whole_runs::machine::{Desk, Target};

/// Returns the failures that a report lists, each as a list of kind, reason, request, origin, count and first arrivals.
fn reasons(report: &Value) -> Vec<Value> {
    let listed = report["failures"].as_array().unwrap().iter();
    listed
        .map(|failure| {
            json!([
                failure["kind"],
                failure["reason"],
                failure["request"],
                failure["origin"],
                failure["count"],
                failure["first"]
            ])
        })
        .collect()
}

#[test]
fn refused_connections_are_reported_with_the_address_and_the_first_arrivals() {
    let desk = Desk::new();
    desk.write(
        "s.yaml",
        "name: small\ntarget: http://127.0.0.1:9\nload: { constant: { rate: 50/s, duration: 2s } }\nrequests: [ { name: home } ]\n",
    );
    let args = ["launch", "s.yaml", "--workers", "2", "--out", "summary.json"];
    let others = ["--junit", "r.xml", "--markdown", "r.md", "--html", "r.html"];
    let ran = desk.run(&[&args[..], &others].concat()).expect(99, &[]);
    let lines = [
        "failed     100 by connect",
        "  100 refused by 127.0.0.1:9 · home · http://127.0.0.1:9 · first at arrival 0, 1, 2",
        "    check that the target listens on this port",
    ]
    .join("\n");
    assert!(ran.stdout.contains(&lines), "{}", ran.stdout);
    assert_eq!(
        reasons(&desk.json("summary.json")),
        [json!([
            "connect",
            "refused by 127.0.0.1:9",
            "home",
            "http://127.0.0.1:9",
            100,
            [0, 1, 2]
        ])]
    );
    for file in ["r.xml", "r.md", "r.html"] {
        let text = std::fs::read_to_string(desk.path(file)).unwrap();
        assert!(text.contains("refused by 127.0.0.1:9"), "{file}: {text}");
    }
}

#[test]
fn the_failure_counts_by_reason_add_up_to_all_failures() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let requests: String = ["reset", "garbage", "truncated", "hang"]
        .map(|fault| format!("  - {{ name: {fault}, url: /fault/{fault}, timeout: 500ms }}\n"))
        .concat();
    desk.write(
        "s.yaml",
        &format!(
            "name: faults\ntarget: {}\nload: {{ constant: {{ rate: 60/s, duration: 2s }} }}\nrequests:\n  - {{ name: missing, url: /status/404 }}\n{requests}",
            target.url()
        ),
    );
    let args = ["launch", "s.yaml", "--workers", "2", "--out", "summary.json"];
    desk.run(&args).expect(99, &[]);
    let report = desk.json("summary.json");
    let failed: u64 = report["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failure| failure["count"].as_u64().unwrap())
        .sum();
    assert_eq!(report["balance"]["failed"], failed);
    for (request, reason) in [
        ("missing", "status 404"),
        ("garbage", "the status line is malformed: the answer is not HTTP/1.1"),
        ("truncated", "the server closed the connection while reading the body"),
        ("hang", "timeout while waiting for the first byte"),
    ] {
        let found = reasons(&report);
        let found = found.iter().find(|found| found[2] == request && found[1] == reason);
        let found = found.unwrap_or_else(|| panic!("{request} has no failure with the reason {reason}: {report:#}"));
        assert_eq!(found[3], target.url(), "{found}");
        assert_eq!(found[5].as_array().unwrap().len(), 3, "{found}");
    }
}
