//! Tests that a stored plan is rejected if the planner of this version could not have created it.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue must fail")]

use plan::plan::Plan;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use test_plans::Planned;

/// A scenario with an open load. Its plan contains most of the fields that a plan may have.
const RATES: &str = r#"
name: whole
target: http://127.0.0.1:1/base
load:
  - warm_up: { rate: 10/s, duration: 1s }
  - ramp: { from: 1/s, to: 20/s, ramp_duration: 5s }
  - ramp_sustain: { from: 1/s, to: 20/s, ramp_duration: 5s, sustain_duration: 2s }
  - step: { steps: "50/s:3s, 100/s:3s" }
  - sine: { mean_rate: 10/s, amplitude: 5/s, period: 2s, duration: 5s }
  - spike: { base_rate: 5/s, spike_rate: 50/s, spike_interval: 5s, spike_duration: 1s, duration: 10s }
  - constant: { rate: 20/s, duration: 10s }
arrivals: poisson
feeds: { users: users.csv, more: { file: users.csv, delimiter: "," } }
requests:
  - { name: home, url: "/{{ feed users.id }}", query: { k: "{{ secret \"ssm:/b\" }}" }, headers: { X-Id: "{{ uuid }}" } }
  - { name: order, weight: 3, method: POST, body: "{{ random 1 5 }}", success: { statuses: [200-299], body_contains: ok } }
  - { name: file, method: PUT, body: { file: body.txt }, timeout: 2s, follow_redirects: 2 }
  - { name: forms, url: "http://a.example/{{ feed more.id raw }}", headers: { X: [ "{{ run }}", b ], Host: c, Y: '{{ feed users.id ":" secret "ssm:/b" base64 }}' }, body: "{{ feed users.name json }}" }
  - { name: itself, query: { q: "{{ arrival }}" } }
thresholds: [ latency p99 < 250ms, errors of order < 1% ]
abort_if: errors > 20% for 10s
hosts: { shop.example: ["10.1.2.3", "[::1]:8443"] }
tls: { ca: ca.pem, cert: '{{ secret "ssm:/cert" }}', key: '{{ secret "ssm:/key" }}' }
regions: { us-east-1: 60%, eu-west-1: 40% }
"#;
const USERS: &str = "
name: users
target: http://127.0.0.1:1
load: [ ramp_users: { from: 0, to: 8, duration: 5s }, users: { users: 8, duration: 5s } ]
think_time: { min: 10ms, max: 20ms }
requests: [ { name: home } ]
";

fn planned(scenario: &str) -> Plan {
    Planned::of(scenario)
        .file("users.csv", "id,name\n7,a\n8,b\n")
        .file("body.txt", "hello")
        .file("ca.pem", "-----BEGIN CERTIFICATE-----")
        .run("whole-20260102-030405-k3f9")
        .workers(4)
        .slice_max(Duration::from_secs(9))
        .dead_man(Duration::from_secs(60))
        .plan()
}

fn document(plan: &Plan) -> Value {
    serde_json::from_slice(&plan.encode()).unwrap()
}

/// Decodes a changed plan, and calls the functions that a worker and a report call. Returns the error if the plan is
/// rejected.
fn used(document: &Value) -> Result<(), String> {
    let plan = Plan::decode(document.to_string().as_bytes()).map_err(|error| error.to_string())?;
    let length = plan.length();
    if let Some(schedules) = plan.schedules() {
        assert!(plan.arrivals().is_none_or(|arrivals| arrivals == schedules.arrivals()));
        let own = plan.stripe(0);
        let owed: u64 = (0..plan.slices.len()).map(|slice| plan.owed(0, slice)).sum();
        assert!(owed <= schedules.arrivals() && plan.owed_measured(&plan.measured(), own, 0) <= owed);
    }
    assert!(plan.measured_length() <= length && length <= plan::limits::RUN_MAX.as_nanos() as u64);
    assert!(plan.wait_max() <= Duration::from_secs(1_200));
    plan.cautions();
    for (index, population) in plan.populations.iter().enumerate() {
        plan::description::describe(&population.load);
        plan.alone(index).sessions();
    }
    Ok(())
}

/// Collects the positions of all values in a document, as JSON pointers.
pub(super) fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let below: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(key, value)| (key.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, value) in below {
        pointers(value, &format!("{at}/{key}"), found);
    }
}

/// Returns replacements for a value: extreme values, and values of other types.
fn replacements(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(_) => [0u64, 1, 999, 1 << 31, u64::from(u32::MAX), 1 << 53, 1 << 63, u64::MAX]
            .iter()
            .map(|number| json!(number))
            .chain([json!(-1), json!(1.5), Value::Null])
            .collect(),
        Value::String(text) => vec![
            json!(""),
            json!("a\r\nb"),
            json!("\u{9b}31m"),
            json!("../x"),
            json!(format!("{text}x")),
            json!("x".repeat(100_000)),
            json!(5),
        ],
        Value::Array(items) => {
            let twice: Vec<Value> = items.iter().chain(items).cloned().collect();
            vec![json!([]), json!(twice), json!(items.iter().rev().collect::<Vec<_>>())]
        }
        Value::Object(fields) => fields
            .keys()
            .map(|key| {
                let mut less = fields.clone();
                less.remove(key);
                Value::Object(less)
            })
            .collect(),
        Value::Bool(flag) => vec![json!(!flag), Value::Null],
        Value::Null => vec![json!(0), json!(u64::MAX)],
    }
}

#[test]
fn plans_of_the_planner_are_accepted() {
    for scenario in [RATES, USERS] {
        assert_eq!(used(&document(&planned(scenario))), Ok(()));
    }
}

#[test]
fn a_plan_with_any_field_at_an_extreme_is_rejected_or_harmless() {
    let mut tried = 0;
    for scenario in [RATES, USERS] {
        let whole = document(&planned(scenario));
        let mut all = Vec::new();
        pointers(&whole, "", &mut all);
        for pointer in all {
            for value in replacements(whole.pointer(&pointer).unwrap()) {
                let mut changed = whole.clone();
                *changed.pointer_mut(&pointer).unwrap() = value.clone();
                let began = Instant::now();
                let _ = used(&changed);
                let took = began.elapsed();
                assert!(took < Duration::from_secs(5), "{pointer} = {value} took {took:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 2_000, "{tried} changes");
}

/// A plan of format 2 contains neither forms that the scenario sets, nor delimiters. The path of every request is
/// written out.
#[test]
fn a_plan_of_format_2_is_still_read() {
    let mut older = document(&planned(USERS));
    older["format"] = json!(2);
    older["requests"][0]["url"] = json!([{ "text": "/50%/" }, { "feed": { "feed": 0, "column": 0 } }]);
    let blob = "0".repeat(64);
    older["data"] = json!([blob]);
    older["feeds"] = json!([{ "name": "users", "columns": ["id"], "rows": 1, "blob": blob }]);
    older["thresholds"] = json!([{
        "measured": { "errors": { "limit_millionths": 0 } }, "request": null, "comparison": "<", "text": "errors < 0%"
    }]);
    assert_eq!(used(&older), Ok(()));
}

/// This version rejects a scenario with `m` for a million, and reads a stored plan with `m` for a million. A run of an
/// older version can still be reported.
#[test]
fn a_stored_plan_with_m_for_a_million_is_still_read() {
    let with_m = |text: &str, replacement: &str| {
        let scenario = RATES
            .replace("latency p99 < 250ms", text)
            .replace("errors > 20% for 10s", &format!("{text} for 10s"));
        let plan = String::from_utf8(planned(&scenario).encode()).unwrap();
        used(&serde_json::from_str(&plan.replace(text, replacement)).unwrap())
    };
    assert_eq!(with_m("rate < 1.5M/h", "rate < 1.5m/h"), Ok(()));
    assert_eq!(with_m("rate < 9/m", "rate < 9/m"), Ok(()));
    assert!(with_m("rate < 1.5M/h", "rate < 2m/h").is_err());
}

#[test]
fn plans_that_no_scenario_permits_are_rejected() {
    let whole = document(&planned(RATES));
    let check = |pointer: &str, value: Value, part: &str| {
        let mut changed = whole.clone();
        *changed.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        let problem = used(&changed).unwrap_err();
        assert!(problem.contains(part), "{pointer}: {problem}");
    };
    let time = |secs: u64| json!({ "secs": secs, "nanos": 0 });
    let phase = |at: usize, shape: &str| format!("/load/open/phases/{at}/shape/{shape}");
    check(&phase(6, "constant/duration"), time(0), "zero length");
    check(&phase(4, "sine/period"), time(0), "zero length");
    check(&phase(5, "spike/spike_interval"), time(0), "zero length");
    check(
        &phase(6, "constant/duration"),
        time(30 * 365 * 86_400),
        "longer than a run",
    );
    check(&phase(6, "constant/rate"), json!(u64::MAX), "above the largest");
    check(
        "/requests/0/timeout",
        time(u64::MAX >> 1),
        "its timeout is out of range",
    );
    check("/limits/connections", json!(u32::MAX), "its limits are out of range");
    check("/limits/max_wait", time(86_400), "its limits are out of range");
    check("/shards", json!(u32::MAX), "more than the maximum");
    check("/slices/4/arrivals/end", json!(1_000_000), "do not match the arrivals");
    check("/timing/snapshot_interval", json!({ "secs": 0, "nanos": 1 }), "timing");
    check("/requests/0/url/0/text", json!("/\r\nX: y"), "not allowed there");
    check(
        "/requests/0/headers/0/0",
        json!("X\r\nY"),
        "a header that cannot be set",
    );
    check(
        "/requests/0/headers/0/0",
        json!("Content-Length"),
        "a header that cannot be set",
    );
    check(
        "/requests/1/method",
        json!("GET / HTTP/1.1\r\nX:"),
        "its method is not valid",
    );
    check(
        "/thresholds/1/request",
        json!("nothing"),
        "a threshold does not match its text",
    );
    check(
        "/thresholds/0/measured/timing/limit",
        time(9),
        "a threshold does not match its text",
    );
    check("/regions/0/shards", json!([0, 1]), "regions do not cover");
    check("/requests/0/url/1/feed/column", json!(9), "refers to an item");
    check(
        "/requests/3/url/0/text",
        json!("http:///x"),
        "its URL has no valid host",
    );
    check(
        "/requests/3/url/0/text",
        json!("http://me:pw@a.example/"),
        "its URL has no valid host",
    );
    check("/requests/3/headers/0/0", json!("host"), "a header that cannot be set");
    check(
        "/requests/3/headers/3/1/0/base64/parts/2/secret/secret",
        json!(9),
        "refers to an item",
    );
    let nested = json!([{ "base64": { "parts": [] } }]);
    check("/requests/3/headers/3/1/0/base64/parts", nested, "refers to an item");
    check("/feeds/1/delimiter", json!("\""), "is not a delimiter");
    check("/requests/4/url/0/text", json!("q=1"), "neither a path nor a URL");
    check("/targets/0", json!("http://me@127.0.0.1/"), "a target is not a URL");
    check("/run", json!("a/../b"), "the run's name");
    check("/hosts/shop.example/0", json!("example.com"), "is not an IP address");
    check("/hosts/shop.example", json!([]), "its hosts have no names");
    check("/hosts", json!({ "a/b": ["10.1.2.3"] }), "its hosts have no names");
    check("/tls/ca/blob", json!("0".repeat(64)), "a certificate or key of `tls`");
    check("/tls/client/key", json!(99), "a certificate or key of `tls`");
    check("/created", json!(u64::MAX), "after the year 2200");
    let mut idle = document(&planned(USERS));
    idle["shards"] = json!(9);
    assert!(used(&idle).unwrap_err().contains("are idle"), "8 users");
}
