//! Flows against a scripted server. Each test answers a question that users of other load generators asked.
//!
//! | question | test |
//! | --- | --- |
//! | log in, then list pages with the token; page numbers from a CSV | `pages_come_from_a_feed_and_the_token_from_the_login` |
//! | a new id and a timestamp in every POST | `every_post_has_its_own_id_and_time` |
//! | form login with a CSRF token, polling, a cookie in later requests | `flows::a_shop_counts_every_step_that_the_report_counts` |
//! | redirects that set a cookie | `real_inputs::redirects_are_followed_as_in_browsers` |
//! | random ids without an explosion of names | `every_post_has_its_own_id_and_time` |
//! | a journey with pauses, timed without them | `pauses_do_not_count_in_the_latency_of_steps` |
//! | GraphQL by named queries, an error in a 200 | `a_graphql_error_in_a_200_fails_the_request` |
//! | upload of a file with a generated field | `a_file_is_uploaded_with_fields` |
//! | 1,000 users at once, each with its own credentials | `a_thousand_users_log_in_with_their_own_credentials` |
//! | web and API users with separate loads | `populations::each_population_sends_its_own_load_and_is_reported_as_the_server_counts_it` |
//! | basic auth from a user column and a secret | `basic_auth_joins_a_cell_and_a_secret` |
//! | a value of one answer in the next query | `pages_come_from_a_feed_and_the_token_from_the_login` |
//! | nine of ten browse, one buys | `nine_of_ten_browse_and_one_buys` |
//! | each user keeps one connection and one session | `flows::users_of_a_closed_load_keep_their_session_or_begin_a_new_one` |
//! | retry a 503 twice with a pause | `flows::a_step_is_sent_again_after_a_failure_with_the_same_content` |
//! | a JSON array that is not empty | `an_empty_array_fails_its_check` |
//! | a header twice | `real_inputs::a_header_is_sent_twice_if_its_value_is_a_list` |
//! | a new server under the old name | `real_inputs::hosts_overrides_the_address_but_keeps_the_server_name` |

use super::flows::{header, run, scenario, step};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use test_servers::{ScriptedAnswer, ScriptedServer, WireRequest};
use whole_runs::machine::{Desk, Ran};

fn ok(body: &str) -> ScriptedAnswer {
    ScriptedAnswer::new("200 OK", "content-type: application/json\r\n", body)
}

fn body(request: &WireRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

#[test]
fn pages_come_from_a_feed_and_the_token_from_the_login() {
    let server = ScriptedServer::start(|request| match (request.path(), header(request, "authorization")) {
        ("/login", _) => ok(r#"{"token": "a b&c", "next": "/list?from=7"}"#),
        (path, Some("Bearer a b&c")) if path.starts_with("/list") => ok("{}"),
        _ => ScriptedAnswer::new("403 Forbidden", "", ""),
    });
    let desk = Desk::new();
    desk.write("pages.csv", "page\r\n10\r\n20\r\n30\r\n");
    desk.write(
        "s.yaml",
        &scenario(
            &server.url(),
            "6/s",
            "feeds: { pages: pages.csv }\ndefaults: { headers: { Accept: a/b } }\nflows:\n- name: f\n  steps:\n\
             \x20 - { name: login, post: /login, json: {}, capture: { token: json $.token, next: json $.next } }\n\
             \x20 - { name: list, get: /list, query: { page: '{{ feed pages.page }}', token: '{{ token }}' }, \
             headers: { Authorization: 'Bearer {{ token }}' } }\n\
             \x20 - { name: next, get: '{{ next raw }}', headers: { Authorization: 'Bearer {{ token }}' } }\n",
        ),
    );
    let mut command = desk.command(&["launch", "s.yaml", "--workers", "2", "--out", "r.json"]);
    Ran::new(&command.output().unwrap()).expect(0, &[]);
    assert_eq!(desk.json("r.json")["balance"]["completed"], 18);
    let requests = server.requests();
    let count = |path: &str| requests.iter().filter(|request| request.path() == path).count();
    for page in [10, 20, 30] {
        assert_eq!(count(&format!("/list?page={page}&token=a%20b%26c")), 2, "{page}");
    }
    assert_eq!(count("/list?from=7"), 6);
    assert!(requests.iter().all(|request| header(request, "accept") == Some("a/b")));
}

#[test]
fn every_post_has_its_own_id_and_time() {
    let server = ScriptedServer::start(|_| ok("{}"));
    let rest = "requests:\n- { name: order, post: '/orders/{{ random 1 1000000 }}', \
                json: { id: '{{ uuid }}', at: '{{ due }}', unix: '{{ due unix_ms raw }}', number: 1.5, list: [a, true, null] } }\n";
    let (_, report) = run(&scenario(&server.url(), "20/s", rest), "1", 0);
    assert_eq!(report["requests"].as_array().unwrap().len(), 1, "one name");
    let t0 = chrono_millis(report["started"].as_str().unwrap());
    let mut ids = BTreeSet::new();
    let mut times = Vec::new();
    for request in server.requests() {
        let body = body(&request);
        assert_eq!(header(&request, "content-type"), Some("application/json"));
        assert_eq!(
            (&body["number"], &body["list"]),
            (&json!(1.5), &json!(["a", true, null]))
        );
        assert!(ids.insert(body["id"].to_string()));
        let unix = body["unix"].as_u64().unwrap();
        assert_eq!(chrono_millis(body["at"].as_str().unwrap()), unix);
        times.push(unix);
    }
    times.sort_unstable();
    // Twenty arrivals per second are due from T0 on. The due times do not depend on the workers.
    let expected: Vec<u64> = (0..20).map(|k| t0 + k * 50).collect();
    let off = times
        .iter()
        .zip(&expected)
        .map(|(got, wanted)| got.abs_diff(*wanted))
        .max();
    assert!(off.is_some_and(|off| off <= 50), "{times:?} {expected:?}");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 50), "{times:?}");
}

/// Converts a time in RFC 3339 format to milliseconds since the Unix epoch. The time must be in UTC and in this
/// century.
fn chrono_millis(text: &str) -> u64 {
    let parsed = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap();
    (parsed.unix_timestamp_nanos() / 1_000_000) as u64
}

#[test]
fn pauses_do_not_count_in_the_latency_of_steps() {
    let server = ScriptedServer::start(|_| ok("{}").late(Duration::from_millis(5)));
    let rest =
        "flows:\n- name: f\n  steps:\n  - { name: a, get: /a }\n  - { pause: 400ms }\n  - { name: b, get: /b }\n";
    let (_, report) = run(&scenario(&server.url(), "10/s", rest), "1", 0);
    for name in ["f/a", "f/b"] {
        let median = step(&report, name)["latency"]["p50_ms"].as_f64().unwrap();
        assert!((5.0..200.0).contains(&median), "{name} {median}");
    }
}

#[test]
fn a_graphql_error_in_a_200_fails_the_request() {
    let server = ScriptedServer::start(|request| {
        let body = body(request);
        let good = body["operationName"] == "Cart" && body["query"] == "query Cart { cart { id } }\n";
        match (good, body["variables"]["n"].as_u64()) {
            (true, Some(n)) if n % 2 == 0 => ok(r#"{"data": {"cart": {"id": 1}}}"#),
            (true, Some(_)) => ok(r#"{"errors": [{"message": "no"}], "data": null}"#),
            _ => ScriptedAnswer::new("400 Bad Request", "", ""),
        }
    });
    let desk = Desk::new();
    desk.write("cart.graphql", "query Cart { cart { id } }\n");
    desk.write(
        "s.yaml",
        &scenario(
            &server.url(),
            "20/s",
            "requests:\n- name: cart\n  post: /graphql\n  graphql: { file: cart.graphql, operation: Cart, \
             variables: { n: '{{ arrival raw }}' } }\n",
        ),
    );
    let mut command = desk.command(&["launch", "s.yaml", "--workers", "1", "--out", "r.json"]);
    Ran::new(&command.output().unwrap()).expect(0, &[]);
    let report = desk.json("r.json");
    assert_eq!(step(&report, "cart")["failures"], json!({ "check": 10 }));
    assert_eq!(step(&report, "cart")["completed"], 10);
    assert!(
        report["failures"].to_string().contains("not met: no json $.errors"),
        "{}",
        report["failures"]
    );
}

#[test]
fn a_file_is_uploaded_with_fields() {
    let server = ScriptedServer::start(|_| ok("{}"));
    let desk = Desk::new();
    std::fs::write(desk.path("photo.png"), [0, 159, 146, 150, b'\r', b'\n']).unwrap();
    desk.write(
        "s.yaml",
        &scenario(
            &server.url(),
            "5/s",
            "requests:\n- { name: up, post: /up, multipart: { title: 'n {{ arrival }}', photo: { file: photo.png, type: image/png } } }\n",
        ),
    );
    let mut command = desk.command(&["launch", "s.yaml", "--workers", "1", "--out", "r.json"]);
    Ran::new(&command.output().unwrap()).expect(0, &[]);
    let mut titles = BTreeSet::new();
    for request in server.requests() {
        let boundary = header(&request, "content-type")
            .unwrap()
            .strip_prefix("multipart/form-data; boundary=")
            .unwrap();
        let (begin, end) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}--\r\n"));
        let file = [
            b"Content-Disposition: form-data; name=\"photo\"; filename=\"photo.png\"\r\nContent-Type: image/png\r\n\r\n".as_slice(),
            &[0, 159, 146, 150, b'\r', b'\n'],
            end.as_bytes(),
        ]
        .concat();
        assert!(request.body.starts_with(begin.as_bytes()) && request.body.ends_with(&file));
        let text = String::from_utf8_lossy(&request.body).into_owned();
        titles.insert(
            text.split("\r\n\r\n")
                .nth(1)
                .unwrap()
                .split("\r\n")
                .next()
                .unwrap()
                .to_owned(),
        );
    }
    let expected: BTreeSet<String> = (0..5).map(|k| format!("n {k}")).collect();
    assert_eq!(titles, expected);
}

#[test]
fn a_thousand_users_log_in_with_their_own_credentials() {
    let users = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = users.clone();
    let server = ScriptedServer::start(move |request| {
        let login = body(request);
        let (name, password) = (
            login["name"].as_str().unwrap_or_default(),
            login["password"].as_str().unwrap_or_default(),
        );
        match name.strip_prefix('u').zip(password.strip_prefix("secret-")) {
            Some((user, secret)) if user == secret => {
                seen.lock().unwrap().insert(name.to_owned());
                ok("{}")
            }
            _ => ScriptedAnswer::new("401 Unauthorized", "", ""),
        }
    });
    let desk = Desk::new();
    let rows: String = (0..1_000).map(|user| format!("u{user},secret-{user}\n")).collect();
    desk.write("users.csv", &format!("name,password\n{rows}"));
    let text = format!(
        "name: s\ntarget: {}\nload: {{ users: {{ users: 1000, duration: 3s }} }}\nthink_time: 1s\nlimits: {{ max_wait: 20s }}\n\
         feeds: {{ users: {{ file: users.csv, pick: user }} }}\n\
         requests: [ {{ name: login, post: /login, json: {{ name: '{{{{ feed users.name }}}}', password: '{{{{ feed users.password }}}}' }} }} ]\n",
        server.url()
    );
    desk.write("s.yaml", &text);
    desk.run(&["launch", "s.yaml", "--workers", "3", "--out", "r.json"])
        .expect(0, &[]);
    assert_eq!(users.lock().unwrap().len(), 1_000);
    assert_eq!(desk.json("r.json")["balance"]["failed"], 0);
}

#[test]
fn basic_auth_joins_a_cell_and_a_secret() {
    // The server accepts "ada:pass word" and "bob:pass word" in base64.
    let server = ScriptedServer::start(|request| match header(request, "authorization") {
        Some("Basic YWRhOnBhc3Mgd29yZA==" | "Basic Ym9iOnBhc3Mgd29yZA==") => ok("{}"),
        _ => ScriptedAnswer::new("401 Unauthorized", "", ""),
    });
    let desk = Desk::new();
    desk.write("users.csv", "name\nada\nbob\n");
    desk.write(
        "s.yaml",
        &scenario(
            &server.url(),
            "6/s",
            "feeds: { users: users.csv }\nrequests:\n- { name: a, get: /, headers: { Authorization: \
             'Basic {{ feed users.name \":\" secret \"env:PASSWORD\" base64 }}' } }\n",
        ),
    );
    let mut command = desk.command(&["launch", "s.yaml", "--workers", "2", "--out", "r.json"]);
    command.env("PASSWORD", "pass word");
    Ran::new(&command.output().unwrap()).expect(0, &[]);
    assert_eq!(desk.json("r.json")["balance"]["completed"], 6);
}

#[test]
fn nine_of_ten_browse_and_one_buys() {
    let server = ScriptedServer::start(|_| ok("{}"));
    let rest = "flows:\n- name: f\n  steps:\n  - { name: home, get: / }\n\
                \x20 - choose:\n    - { weight: 9, steps: [ { name: browse, get: /browse } ] }\n\
                \x20   - { weight: 1, steps: [ { name: buy, get: /buy } ] }\n\
                \x20 - { name: end, get: /end }\n";
    let (_, report) = run(&scenario(&server.url(), "300/s", rest), "2", 0);
    let sent = |name: &str| step(&report, name)["sent"].as_u64().unwrap();
    assert_eq!(
        (sent("f/home"), sent("f/end"), sent("f/browse") + sent("f/buy")),
        (300, 300, 300)
    );
    assert!((15..50).contains(&sent("f/buy")), "{}", sent("f/buy"));
}

#[test]
fn an_empty_array_fails_its_check() {
    let server = ScriptedServer::start(|request| match request.path() {
        "/0" => ok(r#"{"items": []}"#),
        "/1" => ok(r#"{"items": [1]}"#),
        "/2" => ok("not JSON"),
        _ => ok(r#"{"other": 1}"#),
    });
    let rest = "requests:\n- { name: a, get: '/{{ arrival }}', expect: { json: { $.items: not empty } } }\n";
    let (_, report) = run(&scenario(&server.url(), "4/s", rest), "1", 0);
    assert_eq!(step(&report, "a")["failures"], json!({ "check": 3 }));
    assert!(
        report["failures"]
            .to_string()
            .contains("not met: json $.items: not empty")
    );
}
