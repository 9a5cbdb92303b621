//! Tests of flows that send requests to a small shop.
//!
//! The shop checks sessions, tokens, CSRF values and orders, and counts every request.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use test_servers::{ScriptedAnswer, ScriptedServer, WireRequest};
use whole_runs::machine::{Desk, Ran};

/// The state of the shop.
#[derive(Default)]
struct Shop {
    /// The number of correct requests of each step.
    counts: BTreeMap<&'static str, u64>,
    /// The requests that contain a wrong session, token, CSRF value, item or key.
    wrong: Vec<String>,
    sessions: u64,
    /// For each order, the number of requests that asked whether the order is ready.
    polls: BTreeMap<u64, u32>,
    orders: u64,
    /// The bodies of the requests that placed orders.
    bodies: BTreeSet<String>,
    keys: BTreeSet<String>,
}

pub(super) fn header<'a>(request: &'a WireRequest, name: &str) -> Option<&'a str> {
    request.head.lines().find_map(|line| {
        let (known, value) = line.split_once(": ")?;
        known.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// Returns the number of the session in the cookie of a request; `None` if the request has no such cookie.
fn session(request: &WireRequest) -> Option<u64> {
    header(request, "cookie")?.strip_prefix("sid=s")?.parse().ok()
}

fn json(status: &str, headers: &str, value: &Value) -> ScriptedAnswer {
    let headers = format!("content-type: application/json\r\n{headers}");
    ScriptedAnswer::new(status, &headers, value.to_string())
}

impl Shop {
    fn count(&mut self, step: &'static str) {
        *self.counts.entry(step).or_default() += 1;
    }

    fn refuse(&mut self, request: &WireRequest) -> ScriptedAnswer {
        self.wrong.push(request.text());
        ScriptedAnswer::new("403 Forbidden", "", "")
    }

    fn answer(&mut self, request: &WireRequest) -> ScriptedAnswer {
        let line = request.head.lines().next().unwrap_or_default().to_owned();
        let (method, path) = (line.split(' ').next().unwrap_or_default(), request.path());
        let own = session(request);
        let token = own.map(|own| format!("Bearer t/{own}\"x"));
        let is_logged_in = token.is_some() && header(request, "authorization") == token.as_deref();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        match (method, path) {
            ("GET", "/form") if own.is_none() => {
                self.count("form");
                self.sessions += 1;
                let number = self.sessions;
                let cookie = format!("set-cookie: sid=s{number}; Path=/; HttpOnly\r\n");
                ScriptedAnswer::new("200 OK", &cookie, format!("<input name=csrf value=\"c {number}&\">"))
            }
            ("POST", "/login") if own.is_some_and(|own| body.ends_with(&format!("&csrf=c%20{own}%26"))) => {
                self.count("login");
                let own = own.unwrap_or_default();
                json(
                    "200 OK",
                    "",
                    &serde_json::json!({ "session": { "token": format!("t/{own}\"x") } }),
                )
            }
            ("GET", path) if is_logged_in && path.starts_with("/items?page=") => {
                self.count("list");
                let items: Vec<Value> = (0..10)
                    .map(|id| serde_json::json!({ "id": format!("i{id}") }))
                    .collect();
                json("200 OK", "", &serde_json::json!({ "items": items }))
            }
            ("POST", "/orders") if is_logged_in => {
                let order: Value = serde_json::from_str(&body).unwrap_or_default();
                let key = order["key"].as_str().unwrap_or_default().to_owned();
                let item = order["item"].as_str().unwrap_or_default();
                if !item.starts_with('i') || key.len() != 36 || !self.keys.insert(key) {
                    return self.refuse(request);
                }
                self.count("order");
                self.bodies.insert(body.clone());
                self.orders += 1;
                let location = format!("location: /orders/{}\r\n", self.orders);
                json("201 Created", &location, &serde_json::json!({ "state": "queued" }))
            }
            ("GET", path) if is_logged_in && path.starts_with("/orders/") => {
                let order = path["/orders/".len()..].parse().unwrap_or(0);
                self.count("poll");
                let polls = self.polls.entry(order).or_default();
                *polls += 1;
                let state = if *polls < 3 { "queued" } else { "done" };
                json("200 OK", "", &serde_json::json!({ "state": state, "errors": null }))
            }
            ("DELETE", "/session") if is_logged_in => {
                self.count("leave");
                ScriptedAnswer::new("204 No Content", "", "")
            }
            _ => self.refuse(request),
        }
    }
}

/// Starts a shop.
fn shop() -> (ScriptedServer, Arc<Mutex<Shop>>) {
    let shop = Arc::new(Mutex::new(Shop::default()));
    let answering = shop.clone();
    let server = ScriptedServer::start(move |request| answering.lock().unwrap().answer(request));
    (server, shop)
}

const BUY: &str = r#"
flows:
- name: buy
  steps:
  - { name: form, get: /form, capture: { csrf: "regex 'value=\"([^\"]+)\"'" }, expect: { contains: csrf } }
  - name: login
    post: /login
    form: { user: 'u{{ arrival }}', csrf: '{{ csrf }}' }
    capture: { token: json $.session.token }
  - pause: 1ms to 20ms
  - repeat: 3
    steps:
    - name: list
      get: /items
      query: { page: '{{ loop }}' }
      headers: { Authorization: 'Bearer {{ token }}' }
      capture: { item: 'json $.items[*].id any' }
      expect: { status: 200, json: { '$.items': not empty, '$.items[0].id': i0 }, header: { Content-Type: contains json } }
  - name: order
    post: /orders
    headers: { Authorization: 'Bearer {{ token }}' }
    json: { user: 'u{{ arrival }}', item: '{{ item }}', key: '{{ uuid }}' }
    expect: { status: 201 }
    capture: { order: header Location }
  - repeat: { times: 10, every: 5ms, until: state == done }
    steps:
    - name: poll
      get: '{{ order raw }}'
      headers: { Authorization: 'Bearer {{ token }}' }
      expect: { no: json $.errors }
      capture: { state: json $.state }
  - { name: leave, delete: /session, headers: { Authorization: 'Bearer {{ token }}' } }
"#;

pub(super) fn scenario(target: &str, rate: &str, rest: &str) -> String {
    format!("name: shop\nseed: 7\ntarget: {target}\nload: {{ constant: {{ rate: {rate}, duration: 1s }} }}\n{rest}\n")
}

/// Runs a scenario. Returns the output of the command and the report. Asserts that the counts of the report balance.
pub(super) fn run(text: &str, workers: &str, code: i32) -> (Ran, Value) {
    run_with(text, &["--workers", workers], code)
}

fn run_with(text: &str, options: &[&str], code: i32) -> (Ran, Value) {
    let desk = Desk::new();
    desk.write("s.yaml", text);
    let mut command = desk.command(&[&["launch", "s.yaml", "--out", "r.json"], options].concat());
    let ran = Ran::new(&command.output().unwrap()).expect(code, &[]);
    let report = desk.json("r.json");
    assert_eq!(report["balance"]["holds"], true, "{}", report["balance"]);
    (ran, report)
}

/// Returns the counts of a step in a report.
pub(super) fn step<'a>(report: &'a Value, name: &str) -> &'a Value {
    let requests = report["requests"].as_array().unwrap();
    let found = requests.iter().find(|request| request["name"] == name);
    found.unwrap_or_else(|| panic!("{name} is not in {report}"))
}

#[test]
fn a_shop_counts_every_step_that_the_report_counts() {
    let (server, shop) = shop();
    let (_, report) = run(&scenario(&server.url(), "60/s", BUY), "2", 0);
    let shop = shop.lock().unwrap();
    assert_eq!(shop.wrong, Vec::<String>::new());
    let flows = 60;
    let expected = [
        ("form", 1),
        ("login", 1),
        ("list", 3),
        ("order", 1),
        ("poll", 3),
        ("leave", 1),
    ];
    for (name, times) in expected {
        assert_eq!(shop.counts[name], flows * times, "{name}");
        let step = step(&report, &format!("buy/{name}"));
        assert_eq!(
            (&step["sent"], &step["failed"]),
            (&(flows * times).into(), &0.into()),
            "{name}"
        );
    }
    assert_eq!(report["balance"]["planned"], flows);
    assert_eq!(report["balance"]["begun"], flows);
    // Each flow opens one connection, and uses this connection until the flow ends.
    let opened = &report["openings"][0]["connect"]["count"];
    assert_eq!(opened, flows, "{}", report["openings"]);
}

#[test]
fn workers_slices_and_connections_change_nothing_that_flows_send() {
    let orders = |options: &[&str], connections: &str| {
        let (server, shop) = shop();
        let text = scenario(&server.url(), "15/s", &format!("connections: {connections}\n{BUY}"));
        let text = text.replace("duration: 1s", "duration: 2s");
        run_with(&text, options, 0);
        let mut shop = shop.lock().unwrap();
        assert_eq!(shop.wrong, Vec::<String>::new());
        std::mem::take(&mut shop.bodies)
    };
    let one = orders(&["--workers", "1"], "user");
    assert_eq!(one.len(), 30);
    assert_eq!(orders(&["--workers", "3"], "user"), one);
    assert_eq!(orders(&["--workers", "2", "--slice", "1s"], "kept"), one);
    let items: BTreeSet<&str> = one
        .iter()
        .filter_map(|body| body.split("\"item\":").nth(1)?.split(',').next())
        .collect();
    assert!(items.len() > 3, "the draws differ: {items:?}");
}

#[test]
fn a_failed_step_ends_its_flow_and_a_missing_value_fails_its_step() {
    let steps = "flows:\n- name: f\n  steps:\n\
                 \x20 - { name: a, get: '/a/{{ arrival }}', capture: { t: json $.t } }\n\
                 \x20 - { name: b, get: '/b/{{ t }}' }\n";
    // Of every three flows, one flow fails at step `a` because of the status of the answer. Another flow fails at step
    // `a` because the body of the answer lacks a value.
    let server = ScriptedServer::start(|request| match request.path().rsplit('/').next() {
        Some(k) if request.path().starts_with("/a/") => match k.parse::<u64>().unwrap_or(0) % 3 {
            0 => ScriptedAnswer::new("500 Broken", "", ""),
            1 => ScriptedAnswer::new("200 OK", "", "{}"),
            _ => ScriptedAnswer::new("200 OK", "", "{\"t\": 5}"),
        },
        _ => ScriptedAnswer::new("200 OK", "", ""),
    });
    let (_, report) = run(&scenario(&server.url(), "30/s", steps), "1", 0);
    let (a, b) = (step(&report, "f/a"), step(&report, "f/b"));
    assert_eq!(
        (&a["sent"], &a["completed"], &b["sent"]),
        (&30.into(), &10.into(), &10.into())
    );
    assert_eq!(a["failures"], serde_json::json!({ "status": 10, "check": 10 }));
    let reasons = report["failures"].to_string();
    assert!(reasons.contains("found nothing: capture json $.t"), "{reasons}");
    assert!(
        server
            .requests()
            .iter()
            .all(|request| !request.path().starts_with("/b/") || request.path() == "/b/5")
    );
}

#[test]
fn a_step_is_sent_again_after_a_failure_with_the_same_content() {
    let steps = "flows:\n- name: f\n  steps:\n\
                 \x20 - { name: a, post: '/{{ arrival }}', body: '{{ uuid }}', on_failure: retry 2 after 10ms }\n\
                 \x20 - { name: b, get: /b }\n";
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let server = ScriptedServer::start(move |request| {
        let times = seen.entry(request.path().to_owned()).or_default();
        *times += 1;
        // Every request of arrival 3 fails. For all other arrivals, the third request succeeds.
        match (*times, request.path()) {
            (_, "/b") => ScriptedAnswer::new("200 OK", "", ""),
            (3, path) if path != "/3" => ScriptedAnswer::new("200 OK", "", ""),
            _ => ScriptedAnswer::new("503 Busy", "", ""),
        }
    });
    let (_, report) = run(&scenario(&server.url(), "10/s", steps), "1", 0);
    let (a, b) = (step(&report, "f/a"), step(&report, "f/b"));
    assert_eq!(
        (&a["sent"], &a["completed"], &a["retries"]),
        (&10.into(), &9.into(), &20.into())
    );
    assert_eq!(b["sent"], 9);
    // The latency of a retried step begins with the first request of the step.
    assert!(a["latency"]["p50_ms"].as_f64().unwrap() >= 20.0, "{}", a["latency"]);
    let requests = server.requests();
    let mut bodies: BTreeMap<&str, BTreeSet<&[u8]>> = BTreeMap::new();
    for request in requests.iter().filter(|request| request.path() != "/b") {
        bodies.entry(request.path()).or_default().insert(&request.body);
    }
    assert_eq!(bodies.len(), 10);
    assert!(
        bodies.values().all(|bodies| bodies.len() == 1),
        "a retry sends the same content"
    );
}

#[test]
fn a_step_that_finds_no_connection_is_the_generators_fault() {
    let steps = "limits: { connections: 1, max_wait: 50ms }\nconnections: kept\nflows:\n- name: f\n  steps:\n\
                 \x20 - { name: a, get: /a }\n  - { pause: 5ms }\n  - { name: b, get: /b }\n";
    let server =
        ScriptedServer::start(|_| ScriptedAnswer::new("200 OK", "", "").late(std::time::Duration::from_millis(40)));
    let (ran, report) = run(&scenario(&server.url(), "40/s", steps), "1", 99);
    let balance = &report["balance"];
    assert_eq!(balance["planned"], 40);
    assert!(
        balance["starved"].as_u64().unwrap() > 0 && balance["dropped"].as_u64().unwrap() > 0,
        "{balance}"
    );
    assert_eq!(balance["failed"], 0, "no failure is the target's");
    assert!(ran.stdout.contains("crossed"), "{}", ran.stdout);
}

#[test]
fn users_of_a_closed_load_keep_their_session_or_begin_a_new_one() {
    for (session, expected) in [("kept", 3), ("fresh", 6)] {
        let steps = format!(
            "session: {session}\nflows:\n- name: f\n  steps:\n\
             \x20 - {{ name: a, get: /a }}\n  - {{ name: b, get: /b, expect: {{ status: 200 }} }}\n"
        );
        let mut sessions = 0;
        let server = ScriptedServer::start(move |request| match (request.path(), session_of(request)) {
            ("/a", None) => {
                sessions += 1;
                ScriptedAnswer::new("200 OK", &format!("set-cookie: sid={sessions}; Path=/\r\n"), "")
            }
            (_, Some(_)) => ScriptedAnswer::new("200 OK", "", ""),
            _ => ScriptedAnswer::new("403 Forbidden", "", ""),
        });
        let text = format!(
            "name: t\ntarget: {}\nload: {{ users: {{ users: 3, duration: 1s }} }}\nthink_time: 600ms\n{steps}",
            server.url()
        );
        let (_, report) = run(&text, "1", 0);
        assert_eq!(report["balance"]["failed"], 0);
        assert_eq!(step(&report, "f/b")["sent"], 6, "each user has two flows");
        let new = server
            .requests()
            .iter()
            .filter(|request| session_of(request).is_none())
            .count();
        assert_eq!(new, expected, "{session}");
        assert_eq!(report["openings"][0]["connect"]["count"], expected, "{session}");
    }
}

fn session_of(request: &WireRequest) -> Option<&str> {
    header(request, "cookie")?.strip_prefix("sid=")
}

#[test]
fn the_connections_of_ended_flows_make_room_for_others() {
    let steps = "limits: { connections: 2, max_wait: 5s }\nflows:\n- name: f\n  steps:\n\
                 \x20 - { name: a, get: /a }\n  - { name: b, get: /b }\n";
    let server = ScriptedServer::start(|_| ScriptedAnswer::new("200 OK", "", ""));
    let (_, report) = run(&scenario(&server.url(), "40/s", steps), "1", 0);
    assert_eq!(step(&report, "f/b")["completed"], 40);
    assert_eq!(report["balance"]["starved"], 0);
    assert_eq!(
        report["openings"][0]["connect"]["count"], 40,
        "each visitor opens its own"
    );
}

#[test]
fn a_stop_ends_flows_between_their_steps() {
    let steps = "connections: kept\nflows:\n- name: f\n  steps:\n  - { name: a, get: /a }\n  - { pause: 60s }\n  - { name: b, get: /b }\n";
    let server = ScriptedServer::start(|_| ScriptedAnswer::new("200 OK", "", ""));
    let desk = Desk::new();
    desk.write(
        "s.yaml",
        &scenario(&server.url(), "20/s", steps).replace("duration: 1s", "duration: 60s"),
    );
    let running = desk.spawn(&["launch", "s.yaml", "--workers", "1", "--out", "r.json"]);
    let patience = std::time::Duration::from_secs(20);
    whole_runs::machine::wait_for("ten flows", patience, || (server.requests().len() >= 10).then_some(()));
    running.signal("INT");
    let began = std::time::Instant::now();
    running.finish();
    assert!(
        began.elapsed() < std::time::Duration::from_secs(20),
        "a pause does not delay the stop"
    );
    let report = desk.json("r.json");
    assert_eq!(report["balance"]["holds"], true, "{}", report["balance"]);
    assert_eq!(step(&report, "f/b")["sent"], 0);
    assert_eq!(step(&report, "f/a")["sent"], server.requests().len() as u64);
}

#[test]
fn flows_and_requests_share_a_mix() {
    let rest = "requests:\n- { name: ping, weight: 3, get: /ping }\nflows:\n- name: f\n  steps:\n\
                \x20 - { name: a, get: /a }\n  - { name: b, get: /b }\n";
    let server = ScriptedServer::start(|_| ScriptedAnswer::new("200 OK", "", ""));
    let (_, report) = run(&scenario(&server.url(), "200/s", rest), "2", 0);
    let sent = |name: &str| step(&report, name)["sent"].as_u64().unwrap();
    assert_eq!(sent("f/a"), sent("f/b"));
    assert_eq!(sent("ping") + sent("f/a"), 200);
    assert!((130..170).contains(&sent("ping")), "{}", sent("ping"));
    assert_eq!(report["balance"]["begun"], 200);
    let count = |path: &str| {
        server
            .requests()
            .iter()
            .filter(|request| request.path() == path)
            .count() as u64
    };
    assert_eq!((count("/ping"), count("/a")), (sent("ping"), sent("f/a")));
}

#[test]
fn flows_find_connections_when_kept_ones_fill_the_pool() {
    let rest = "limits: { connections: 2, max_wait: 5s }\nrequests: [ { name: ping, get: /ping } ]\nflows:\n- name: f\n  \
                steps:\n  - { name: a, get: /a }\n  - { name: b, get: /b }\n";
    let server = ScriptedServer::start(|_| ScriptedAnswer::new("200 OK", "", ""));
    let (_, report) = run(&scenario(&server.url(), "40/s", rest), "1", 0);
    assert_eq!(report["balance"]["begun"], 40);
    assert_eq!(report["balance"]["failed"], 0, "{}", report["failures"]);
    assert_eq!(report["balance"]["starved"], 0);
}
