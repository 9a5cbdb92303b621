//! Tests of the command `try`. `try` sends one arrival exactly as a run sends this arrival. `try` prints the requests
//! and the answers, and hides secrets.

use super::flows::{header, scenario};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use test_servers::{ScriptedAnswer, ScriptedServer, WireRequest};
use whole_runs::machine::{Desk, Ran};

/// A scenario with requests of every kind. Each request contains the number of its arrival.
const MIXED: &str = r#"
feeds: { users: users.csv }
requests:
- name: plain
  weight: 3
  post: '/plain/{{ uuid }}?n={{ random 1 1000000 }}'
  headers: { X-Arrival: '{{ arrival }}', X-User: '{{ feed users.name }}' }
  body: 'id={{ uuid }}'
- name: moved
  weight: 3
  get: /moved
  headers: { X-Arrival: '{{ arrival }}' }
  follow_redirects: 2
flows:
- name: buy
  weight: 3
  steps:
  - name: login
    post: /login
    headers: { X-Arrival: '{{ arrival }}' }
    form: { user: '{{ feed users.name }}' }
    capture: { token: json $.token, item: 'json $.items[*] any' }
  - pause: 5ms to 20ms
  - repeat: 2
    steps:
    - name: item
      get: '/items/{{ item }}/{{ loop }}'
      headers: { X-Arrival: '{{ arrival }}', X-Token: '{{ token }}', X-Id: '{{ uuid }}', X-Seen: 'is {{ token }}' }
  - choose:
    - { weight: 1, steps: [ { name: pay, post: /pay, headers: { X-Arrival: '{{ arrival }}' }, json: { id: '{{ uuid }}' } } ] }
    - { weight: 1, steps: [ { name: leave, delete: /cart, headers: { X-Arrival: '{{ arrival }}' } } ] }
"#;

fn answer(request: &WireRequest) -> ScriptedAnswer {
    let arrival = header(request, "X-Arrival").unwrap_or_default();
    match request.path() {
        "/moved" => {
            let headers = format!("location: /landed/{arrival}\r\nset-cookie: hop=h{arrival}\r\n");
            ScriptedAnswer::new("302 Found", &headers, "")
        }
        "/login" => {
            let body = json!({ "token": format!("t{arrival}"), "items": ["a", "b", "c", "d"] });
            ScriptedAnswer::new("200 OK", &format!("set-cookie: sid=s{arrival}\r\n"), body.to_string())
        }
        _ => ScriptedAnswer::new("200 OK", "", "fine"),
    }
}

/// Returns the requests of one arrival, in the order in which they were received.
fn of_arrival(requests: &[WireRequest], k: u64) -> Vec<String> {
    let k = k.to_string();
    let own = requests
        .iter()
        .filter(|request| header(request, "X-Arrival") == Some(&k));
    own.map(WireRequest::text).collect()
}

fn try_json(desk: &Desk, args: &[&str], code: i32) -> Vec<Value> {
    let ran = desk
        .run(&[&["try", "s.yaml", "--json"], args].concat())
        .expect(code, &[]);
    ran.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn try_sends_the_bytes_that_a_run_sends_for_the_same_arrival() {
    let server = ScriptedServer::start(answer);
    let desk = Desk::new();
    desk.write("users.csv", "name\nann\nbob\ncy\n");
    desk.write("s.yaml", &scenario(&server.url(), "40/s", MIXED));
    desk.run(&["launch", "s.yaml", "--workers", "2"]).expect(0, &[]);
    let run = server.requests();
    let mut lengths = std::collections::BTreeSet::new();
    for k in 0..16 {
        let wanted = of_arrival(&run, k);
        assert!(!wanted.is_empty(), "the run did not send arrival {k}");
        let before = server.requests().len();
        let steps = try_json(&desk, &["--arrival", &k.to_string()], 0);
        let tried: Vec<String> = server.requests()[before..].iter().map(WireRequest::text).collect();
        assert_eq!(tried, wanted, "arrival {k}");
        // The printed requests equal the sent requests, except that secret values are hidden.
        let exchanges: Vec<&Value> = steps
            .iter()
            .flat_map(|step| step["exchanges"].as_array().unwrap())
            .collect();
        assert_eq!(exchanges.len(), wanted.len());
        for (exchange, sent) in exchanges.iter().zip(&wanted) {
            let shown = exchange["request"]["head"].as_array().unwrap();
            let (head, body) = sent.split_once("\r\n\r\n").unwrap();
            for (shown, sent) in shown.iter().zip(head.split("\r\n")) {
                let shown = shown.as_str().unwrap();
                let hides = ["cookie", "X-Token"].iter().any(|name| sent.starts_with(name));
                let expected = if hides {
                    format!("{}: …", sent.split(": ").next().unwrap())
                } else {
                    sent.to_owned()
                };
                assert_eq!(shown, expected);
            }
            assert_eq!(shown.len(), head.split("\r\n").count(), "{head}");
            assert_eq!(exchange["request"]["body"], body);
            assert!(exchange["response"]["status"].is_u64(), "{exchange}");
        }
        lengths.insert((steps.len(), wanted.len()));
    }
    // The tested arrivals include a request, a request with a redirect, and a flow.
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [(1, 1), (1, 2), (4, 4)]);
}

#[test]
fn a_flow_is_shown_step_by_step_with_its_captured_values_and_pauses() {
    let server = ScriptedServer::start(answer);
    let desk = Desk::new();
    desk.write("users.csv", "name\nann\nbob\ncy\n");
    desk.write("s.yaml", &scenario(&server.url(), "40/s", MIXED));
    let ran = desk.run(&["try", "s.yaml", "--of", "buy"]).expect(0, &[]);
    let shown = &ran.stdout;
    for part in [
        "of shop: buy, seed 7\n",
        "\nbuy/login\n> POST /login HTTP/1.1\n> host: ",
        "\n< HTTP/1.1 200\n< set-cookie: …\n",
        "  captured   token = t",
        "  check      status 200-399: met\n  outcome    completed\n  pause      ",
        "\nflow buy: completed\n",
        " · first byte ",
    ] {
        assert!(shown.contains(part), "no `{part}` in:\n{shown}");
    }
    assert_eq!(shown.matches("\nbuy/item\n").count(), 2, "{shown}");
    let first = shown.split([' ', '\n']).nth(1).unwrap();
    let by_step = desk.run(&["try", "s.yaml", "--of", "buy/item"]).expect(0, &[]);
    assert!(
        by_step.stdout.starts_with(&format!("arrival {first} ")),
        "{}",
        by_step.stdout
    );
}

#[test]
fn a_failing_check_is_shown_by_its_name() {
    let server = ScriptedServer::start(|request| match request.path() {
        "/wrong" => ScriptedAnswer::new("200 OK", "", "{\"state\": \"queued\"}"),
        _ => ScriptedAnswer::new("503 Service Unavailable", "", "busy"),
    });
    let desk = Desk::new();
    let steps = "flows:\n- name: f\n  steps:\n  \
        - { name: busy, get: /busy, on_failure: retry 1 after 20ms then continue }\n  \
        - { name: wrong, get: /wrong, expect: { header: { X-Id: not empty }, json: { '$.state': done } } }\n  \
        - { name: never, get: /never }\n";
    desk.write("s.yaml", &scenario(&server.url(), "5/s", steps));
    let ran = desk.run(&["try", "s.yaml"]).expect(99, &[]);
    for part in [
        "\nf/busy\n",
        "  check      status 200-399: not met\n  outcome    failed by status: status 503\n  pause      20ms\n",
        "\nf/busy, attempt 2\n",
        "  check      status 200-399: met\n",
        ": not met\n  check      ",
        ": not checked\n  outcome    failed by check: not met: ",
        "\nflow f: failed at f/wrong\n",
    ] {
        assert!(ran.stdout.contains(part), "no `{part}` in:\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("f/never"), "{}", ran.stdout);
    // The report of a run names the same failed check.
    desk.run(&["launch", "s.yaml", "--workers", "1", "--out", "r.json"])
        .expect(99, &[]);
    let failures = desk.json("r.json")["failures"].clone();
    let reported = failures
        .as_array()
        .unwrap()
        .iter()
        .find(|failure| failure["kind"] == "check");
    let reason = reported.unwrap()["reason"].as_str().unwrap().to_owned();
    assert!(
        ran.stdout.contains(&format!("failed by check: {reason}\n")),
        "{reason}\n{}",
        ran.stdout
    );
    let steps = try_json(&desk, &[], 99);
    assert_eq!(steps[2]["failure"]["reason"], *reason);
    assert_eq!(steps[2]["pause"], Value::Null);
    assert!(steps[1]["pause"].as_f64() >= Some(0.02), "{}", steps[1]);
}

const TOKEN: &str = "t0ken-Vt3/+=\"x";
const LITERAL: &str = "l1teral-Zq9";

#[test]
fn secrets_do_not_appear_in_the_output() {
    // The answer of the target contains the request.
    let server = ScriptedServer::start(|request| {
        let path = request.path().to_owned();
        ScriptedAnswer::new(
            "200 OK",
            &format!("x-echo: {path}\r\n"),
            format!("{}\n{path}", request.text()),
        )
    });
    let desk = Desk::new();
    let requests = format!(
        r#"requests:
- name: all
  post: '/all/{{{{ secret "env:SHOP_TOKEN" }}}}'
  headers:
    Authorization: 'Basic {{{{ "me:" secret "env:SHOP_TOKEN" base64 }}}}'
    X-Api-Key: {LITERAL}
    X-Note: 'n-{{{{ secret "env:SHOP_TOKEN" }}}}-n'
  body: '{{"token": "{{{{ secret "env:SHOP_TOKEN" }}}}"}}'
"#
    );
    desk.write("s.yaml", &scenario(&server.url(), "5/s", &requests));
    for options in [&[][..], &["--full"], &["--json", "--full"]] {
        let mut command = desk.command(&[&["try", "s.yaml"], options].concat());
        command.env("SHOP_TOKEN", TOKEN).env("RUST_LOG", "trace");
        let ran = Ran::new(&command.output().unwrap()).expect(0, &[]);
        let output = format!("{}{}", ran.stdout, ran.stderr);
        let json = Value::from(TOKEN).to_string();
        for hidden in [
            TOKEN,
            json.trim_matches('"'),
            &plan::form::percent_encoded(TOKEN),
            "t0ken",
        ] {
            assert!(!output.contains(hidden), "`{hidden}` is in:\n{output}");
        }
        assert!(output.contains("X-Note: n-…-n"), "{output}");
        assert!(output.contains("X-Api-Key: …"), "{output}");
        assert!(output.contains("/all/…"), "{output}");
        assert!(!ran.stderr.contains(LITERAL));
    }
    let sent = server.requests();
    assert_eq!(sent.len(), 3);
    assert!(
        sent.iter().all(|request| request.text().contains(TOKEN)),
        "{}",
        sent[0].text()
    );
}

/// A request over HTTP/2: the method, the path, the headers and the body.
type Seen = (String, String, Vec<(String, String)>, Bytes);

/// Starts an HTTP/2 server. Returns its address, and the list to which the server adds each request.
pub(super) fn http2_server() -> (String, Arc<Mutex<Vec<Seen>>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let requests = seen.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let requests = requests.clone();
                let service = service_fn(move |request: Request<Incoming>| {
                    let requests = requests.clone();
                    async move {
                        let (head, body) = request.into_parts();
                        let fields = head.headers.iter();
                        let fields = fields.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
                        let path = head.uri.path().to_owned();
                        let body = body.collect().await.unwrap().to_bytes();
                        let seen = (head.method.to_string(), path, fields.collect(), body);
                        requests.lock().unwrap().push(seen);
                        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"hello"))))
                    }
                });
                tokio::spawn(async move {
                    let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
    });
    (url, seen)
}

#[test]
fn a_request_over_http2_is_sent_and_shown_as_in_a_run() {
    let (url, seen) = http2_server();
    let desk = Desk::new();
    let requests = "protocol: http2\nrequests: [ { name: r, post: '/r/{{ uuid }}', headers: { X-K: 'k{{ arrival }}' }, \
                    body: 'n={{ random 1 99 }}' } ]";
    desk.write("s.yaml", &scenario(&url, "9/s", requests));
    desk.run(&["launch", "s.yaml", "--workers", "1"]).expect(0, &[]);
    let is_seventh = |(_, _, fields, _): &&Seen| fields.iter().any(|field| *field == ("x-k".into(), "k7".into()));
    let wanted = seen.lock().unwrap().iter().find(is_seventh).cloned().unwrap();
    let ran = desk.run(&["try", "s.yaml", "--arrival", "7"]).expect(0, &[]);
    let (method, path, fields, body) = seen.lock().unwrap().last().cloned().unwrap();
    assert_eq!(
        (&method, &path, &fields, &body),
        (&wanted.0, &wanted.1, &wanted.2, &wanted.3)
    );
    let shown = &ran.stdout;
    assert!(
        shown.contains(&format!("> POST {path} HTTP/2\n> :scheme: http\n> :authority: ")),
        "{shown}"
    );
    for (name, value) in &fields {
        assert!(
            shown.contains(&format!("\n> {name}: {value}\n")),
            "no {name} in:\n{shown}"
        );
    }
    let body = String::from_utf8_lossy(&body);
    assert!(shown.contains(&format!("\n>\n> {body}\n< HTTP/2 200\n")), "{shown}");
    assert!(shown.contains("\n<\n< hello\n"), "{shown}");
}

#[test]
fn pauses_are_kept_unless_they_are_skipped() {
    let server = ScriptedServer::start(|_| ScriptedAnswer::new("200 OK", "", "x".repeat(5_000)));
    let desk = Desk::new();
    let steps = "flows:\n- name: f\n  steps: [ { name: a, get: /a }, { pause: 3s }, { name: b, get: /b } ]\n";
    desk.write("s.yaml", &scenario(&server.url(), "5/s", steps));
    let took = |options: &[&str]| {
        let began = Instant::now();
        let ran = desk.run(&[&["try", "s.yaml"], options].concat()).expect(0, &[]);
        (began.elapsed(), ran.stdout)
    };
    let (kept, shown) = took(&[]);
    assert!(
        kept >= Duration::from_secs(3) && shown.contains("  pause      3s\n"),
        "{kept:?}\n{shown}"
    );
    assert!(shown.contains("… 3000 more bytes; --full shows all"), "{shown}");
    let (_, shown) = took(&["--skip-pauses", "--full"]);
    assert!(
        !shown.contains("pause") && shown.contains(&"x".repeat(5_000)),
        "{shown}"
    );
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn an_arrival_that_a_run_does_not_have_is_refused() {
    let desk = Desk::new();
    desk.write(
        "s.yaml",
        &scenario("http://127.0.0.1:9", "5/s", "requests: [ { name: r, get: / } ]"),
    );
    desk.run(&["try", "s.yaml", "--arrival", "5"])
        .expect(2, &["--arrival 5: the run has 5 arrivals", "use 0 to 4"]);
    desk.run(&["try", "s.yaml", "--of", "x"])
        .expect(2, &["--of x: no arrival sends it", "name one of: r"]);
    // Port 9 is closed, so the request of this arrival fails.
    let ran = desk.run(&["try", "s.yaml", "--arrival", "4"]).expect(99, &[]);
    assert!(
        ran.stdout
            .contains("outcome    failed by connect: refused by 127.0.0.1:9\n"),
        "{}",
        ran.stdout
    );
    let mut command = desk.command(&["try", "s.yaml"]);
    command.env("VAJRA_ALLOW", "10.0.0.1");
    Ran::new(&command.output().unwrap()).expect(2, &["VAJRA_ALLOW"]);
}

#[test]
fn a_url_and_the_quickstart_need_no_file() {
    let server = ScriptedServer::start(|_| ScriptedAnswer::new("200 OK", "", "{}"));
    let desk = Desk::new();
    let url = format!("{}/orders", server.url());
    let ran = desk.run(&["try", &url, "-d", "{\"id\": 1}"]).expect(0, &["no seed"]);
    assert!(!ran.stderr.contains("sending"), "{}", ran.stderr);
    assert!(ran.stdout.contains("> POST /orders HTTP/1.1\n"), "{}", ran.stdout);
    let requests = server.requests();
    assert_eq!((requests.len(), requests[0].body.as_slice()), (1, &b"{\"id\": 1}"[..]));
    let ran = desk.run(&["try", "quickstart"]).expect(0, &[]);
    assert!(ran.stdout.contains("< HTTP/1.1 200\n"), "{}", ran.stdout);
    // `try` writes no files.
    assert_eq!(std::fs::read_dir(desk.path("")).unwrap().count(), 0);
}
