//! Tests of failed and retried requests on the page of a run, and of the layout of the page.

use super::{CRAMPED, assert_no_foreign_requests, browser, launched, open, table};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use test_servers::{ScriptedAnswer, ScriptedServer};
use whole_runs::machine::Desk;

#[test]
fn the_page_lists_the_reasons_of_failures_from_the_report() {
    let desk = Desk::new();
    let server = ScriptedServer::start(|request| match request.path() {
        "/missing" => ScriptedAnswer::new("404 Not Found", "", ""),
        "/closed" => ScriptedAnswer::hang_up(),
        _ => ScriptedAnswer::new("200 OK", "", "fine"),
    });
    desk.write(
        "s.yaml",
        &format!(
            "name: failing\ntarget: {}\nload: {{ constant: {{ rate: 60/s, duration: 2s }} }}\nrequests:\n\
             \x20 - {{ name: fine, url: /fine }}\n  - {{ name: missing, url: /missing }}\n  - {{ name: closed, url: /closed }}\n",
            server.url()
        ),
    );
    launched(&desk, "s.yaml", "2", 0);
    let Some(mut browser) = browser(&desk, "reasons", 1280, 900) else {
        return;
    };
    open(&mut browser, &desk.path("r.html"));
    let (head, rows) = table(&mut browser, "Reasons of failures");
    let columns = [
        "reason",
        "failed by",
        "count",
        "request",
        "origin",
        "first arrivals",
        "what to do",
    ];
    assert_eq!(head, columns);
    let report = desk.json("r.json");
    let failures = report["failures"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut expected: Vec<Vec<String>> = failures
        .iter()
        .map(|failure| {
            let first = failure["first"].as_array().unwrap().iter();
            let first: Vec<String> = first.map(ToString::to_string).collect();
            vec![
                text(&failure["reason"]),
                text(&failure["kind"]),
                failure["count"].to_string(),
                text(&failure["request"]),
                text(&failure["origin"]),
                first.join(", "),
                text(&failure["advice"]),
            ]
        })
        .collect();
    let mut shown = rows.clone();
    shown.sort();
    expected.sort();
    assert_eq!(shown, expected);
    let again = browser.eval("[...document.querySelectorAll('p')].map(p => p.textContent).join('\\n')");
    let first = failures
        .iter()
        .find_map(|failure| failure["first"][0].as_u64())
        .unwrap();
    let again = again.as_str().unwrap().to_owned();
    assert!(
        again.contains(&format!("vajra-cloud try SCENARIO --arrival {first}")),
        "{again}"
    );
    let reasons: Vec<(&str, &str)> = rows.iter().map(|row| (row[0].as_str(), row[3].as_str())).collect();
    assert!(reasons.contains(&("status 404", "missing")), "{reasons:?}");
    assert!(reasons.iter().any(|(_, request)| *request == "closed"), "{reasons:?}");
    // The page shows these values from the snapshots: the latency of each kind of failure, and the number of open
    // connections.
    let kinds = browser.eval(
        "Object.fromEntries(vajraPage.model.kinds.map(({ name, seconds }) => \
        [name, seconds.failed.reduce((sum, failed) => sum + (failed ?? 0), 0)]))",
    );
    assert_eq!(kinds, report["total"]["failures"]);
    let latency = report["failure_latency"].as_object().unwrap();
    let counts: Value = latency
        .iter()
        .map(|(kind, timing)| (kind.clone(), timing["count"].clone()))
        .collect();
    assert_eq!(counts, kinds);
    let open = browser.eval("Math.max(...vajraPage.model.seconds.connections)");
    assert!(open.as_u64() >= Some(2), "each of two workers has a connection: {open}");
    assert_no_foreign_requests(&mut browser, "file://");
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const ACK: u8 = 1;
const END_OF_ALL: u8 = 5;
/// The header `:status: 200`, encoded as an index in the static table of HPACK (RFC 7541, 6.1).
const OK: &[u8] = b"\x88";
const REFUSED_STREAM: [u8; 4] = [0, 0, 0, 7];

fn frame(kind: u8, flags: u8, stream: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], stream, payload].concat()
}

/// Serves HTTP/2 and refuses every fifth stream. A client may send the request of a refused stream again.
fn serve_http2(mut socket: TcpStream, requests: &AtomicU64, refused: &AtomicU64) -> std::io::Result<()> {
    socket.read_exact(&mut [0; 24])?;
    socket.write_all(&frame(SETTINGS, 0, &[0; 4], &[]))?;
    loop {
        let mut head = [0; 9];
        socket.read_exact(&mut head)?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        socket.read_exact(&mut payload)?;
        let stream = &head[5..];
        let answer = match (head[3], head[4] & ACK) {
            (SETTINGS, 0) => frame(SETTINGS, ACK, &[0; 4], &[]),
            (PING, 0) => frame(PING, ACK, &[0; 4], &payload),
            (HEADERS, _) if requests.fetch_add(1, Ordering::SeqCst).is_multiple_of(5) => {
                refused.fetch_add(1, Ordering::SeqCst);
                frame(RST_STREAM, 0, stream, &REFUSED_STREAM)
            }
            (HEADERS, _) => frame(HEADERS, END_OF_ALL, stream, OK),
            _ => continue,
        };
        socket.write_all(&answer)?;
    }
}

#[test]
fn the_page_counts_retried_requests() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (requests, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let counts = (requests.clone(), refused.clone());
    std::thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            let (requests, refused) = counts.clone();
            // If the client closes the connection, an error is expected and ignored.
            std::thread::spawn(move || drop(serve_http2(socket, &requests, &refused)));
        }
    });
    let desk = Desk::new();
    desk.write(
        "s.yaml",
        &format!(
            "name: again\ntarget: http://127.0.0.1:{port}\nprotocol: http2\n\
             load: {{ constant: {{ rate: 40/s, duration: 2s }} }}\nrequests: [ {{ name: home }} ]\n"
        ),
    );
    launched(&desk, "s.yaml", "1", 0);
    let report = desk.json("r.json");
    let total = |name: &str| report["total"][name].as_u64().unwrap();
    let (retries, refused) = (total("retries"), refused.load(Ordering::SeqCst));
    assert!(retries > 0, "{} requests", requests.load(Ordering::SeqCst));
    // A retried request that the server refuses again counts as failed.
    assert_eq!(refused, retries + total("failed"));
    let Some(mut browser) = browser(&desk, "retries", 1280, 900) else {
        return;
    };
    open(&mut browser, &desk.path("r.html"));
    let words = browser.eval("document.body.innerText");
    let line =
        format!("retries: {retries} of requests that the target had not processed; no other number includes them.");
    assert!(words.as_str().unwrap().contains(&line), "{words}");
    let (head, rows) = table(&mut browser, "Requests by name");
    let column = head.iter().position(|name| name == "retries").unwrap();
    assert_eq!(rows[0][column], retries.to_string(), "{rows:?}");
    assert_no_foreign_requests(&mut browser, "file://");
}

#[test]
fn badges_keep_a_distance_from_the_text_above_and_below() {
    let desk = Desk::new();
    let thresholds =
        "thresholds: [ latency p99 < 5s, errors < 1%, errors of a_request_with_a_rather_long_name < 0.5% ]";
    for (file, more) in [("passed", thresholds), ("unjudged", "")] {
        desk.write(
            &format!("{file}.yaml"),
            &format!(
                "name: {file}\ntarget: {{ builtin: latency 1ms }}\nload: {{ constant: {{ rate: 40/s, duration: 2s }} }}\n\
                 requests: [ {{ name: a_request_with_a_rather_long_name }} ]\n{more}\n"
            ),
        );
        let (scenario, page) = (format!("{file}.yaml"), format!("{file}.html"));
        desk.run(&["launch", &scenario, "--workers", "1", "--html", &page])
            .expect(0, &[]);
    }
    for (name, width) in [("wide", 1280), ("narrow", 320)] {
        let Some(mut browser) = browser(&desk, name, width, 900) else {
            return;
        };
        for page in ["passed.html", "unjudged.html"] {
            open(&mut browser, &desk.path(page));
            assert_eq!(browser.eval(CRAMPED), json!([]), "{page}, {width} pixels wide");
        }
    }
}
