//! Tests of the target with real sockets. Each test starts its own server on a free port.

use super::server::{Arrivals, Settings, serve};
use super::*;
use serde_json::Value;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The maximum time of one step of a test. If a step takes longer, the test fails.
const TIMEOUT: Duration = Duration::from_secs(20);

struct Running {
    address: SocketAddr,
    started: Instant,
    server: JoinHandle<()>,
}

fn start(script: &str) -> Running {
    start_with(script, None, Arrivals::Counted)
}

fn start_with(script: &str, idle_exit: Option<Duration>, arrivals: Arrivals) -> Running {
    let script: Script = script.parse().expect("a good script");
    let listener = "127.0.0.1:0"
        .parse::<ListenAddress>()
        .expect("loopback")
        .bind()
        .expect("a free port");
    let address = listener.local_addr().expect("bound");
    let started = Instant::now();
    let server = tokio::spawn(serve(
        listener,
        Settings {
            script,
            idle_exit,
            arrivals,
        },
    ));
    Running {
        address,
        started,
        server,
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }

    /// Sends `text` on a new connection, and returns all bytes that arrive until the connection is closed.
    async fn raw(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        timeout(TIMEOUT, stream.read_to_end(&mut answer))
            .await
            .expect("in time")
            .expect("a clean end");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends a request on a new connection, and returns the head and the body of the answer.
    async fn ask(&self, method: &str, path: &str, body: &str) -> (String, String) {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: t\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let answer = self.raw(&request).await;
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("{method} {path}: {answer:?}"));
        (head.to_owned(), body.to_owned())
    }

    async fn status(&self, path: &str) -> u16 {
        let (head, _) = self.ask("GET", path, "").await;
        head.split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .expect("a status line")
    }

    async fn counts(&self) -> Value {
        serde_json::from_str(&self.ask("GET", "/_target/counts", "").await.1).expect("JSON")
    }
}

/// Reads one answer with a `content-length`. The connection stays open.
async fn read_answer(stream: &mut TcpStream) -> (String, String) {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(
            timeout(TIMEOUT, stream.read_u8())
                .await
                .expect("in time")
                .expect("a head"),
        );
    }
    let head = String::from_utf8(bytes).expect("text");
    let length = head
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.lines().next())
        .expect("its length");
    let mut body = vec![0; length.parse().expect("a number")];
    stream.read_exact(&mut body).await.expect("a body");
    (head, String::from_utf8(body).expect("text"))
}

fn sum(map: &Value) -> u64 {
    map.as_object()
        .expect("a map")
        .values()
        .map(|count| count.as_u64().expect("a count"))
        .sum()
}

#[tokio::test]
async fn the_counts_equal_the_sent_requests() {
    let target = start("");
    let mut kept = target.connect().await;
    for round in 0..20 {
        let request = format!("PUT /kept?round={round} HTTP/1.1\r\nhost: t\r\ncontent-length: 3\r\n\r\nabc");
        kept.write_all(request.as_bytes()).await.expect("sent");
        let (head, body) = read_answer(&mut kept).await;
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        assert_eq!(body, r#"{"ok":true}"#);
    }
    for _ in 0..3 {
        assert_eq!(target.status("/status/404").await, 404);
    }
    assert_eq!(target.status("/bytes/100000").await, 200);
    let chunked = "POST /c HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n\
                   4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n";
    assert!(target.raw(chunked).await.starts_with("HTTP/1.1 200 OK"));

    let counts = target.counts().await;
    assert_eq!(counts["requests"], 25);
    assert_eq!(counts["answered"], 25);
    assert_eq!(
        counts["by_path"],
        serde_json::json!({"/kept": 20, "/status/404": 3, "/bytes/100000": 1, "/c": 1})
    );
    assert_eq!(counts["by_status"], serde_json::json!({"200": 22, "404": 3}));
    assert_eq!(counts["body_bytes_in"], 65);
    assert_eq!(counts["connections_used"], 6);
    assert_eq!(counts["connections_accepted"], 7, "with the one that reads the counts");
    assert_eq!(sum(&counts["arrivals_per_second"]), 25);

    target.ask("POST", "/_target/reset", "").await;
    let counts = target.counts().await;
    assert_eq!((&counts["requests"], &counts["answered"]), (&0.into(), &0.into()));
    assert_eq!(counts["by_path"], serde_json::json!({}));
}

#[tokio::test]
async fn a_request_counts_when_its_body_is_complete() {
    let target = start("");
    let mut stream = target.connect().await;
    stream
        .write_all(b"POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 4\r\n\r\nab")
        .await
        .expect("sent");
    assert_eq!(target.counts().await["requests"], 0);
    stream.write_all(b"cd").await.expect("sent");
    read_answer(&mut stream).await;
    assert_eq!(target.counts().await["requests"], 1);
}

#[tokio::test]
async fn three_hundred_connections_are_served_at_once() {
    let target = start("");
    let mut streams = Vec::new();
    for _ in 0..300 {
        streams.push(target.connect().await);
    }
    for stream in &mut streams {
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
            .await
            .expect("sent");
    }
    for stream in &mut streams {
        read_answer(stream).await;
    }
    let counts = target.counts().await;
    assert_eq!(counts["requests"], 300);
    assert_eq!(counts["connections_used"], 300);
    assert_eq!(
        counts["connections_open_max"], 301,
        "with the one that reads the counts"
    );
}

#[tokio::test]
async fn the_requests_that_the_script_selects_fail() {
    let target = start("errors 20%");
    let script: Script = "errors 20%".parse().expect("good");
    let mut stream = target.connect().await;
    let mut failed = 0;
    for number in 1..=100 {
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
            .await
            .expect("sent");
        let (head, _) = read_answer(&mut stream).await;
        assert_eq!(
            head.starts_with("HTTP/1.1 500"),
            script.fails(number),
            "request {number}"
        );
        failed += u64::from(script.fails(number));
    }
    assert_eq!(target.counts().await["by_status"]["500"], failed);
    assert!((5..=40).contains(&failed), "{failed}");
}

#[tokio::test]
async fn latency_and_delay_add_up() {
    let target = start("latency 20ms");
    for (path, least) in [("/", 20), ("/delay/30ms", 50)] {
        let asked = Instant::now();
        assert_eq!(target.status(path).await, 200);
        assert!(
            asked.elapsed() >= Duration::from_millis(least),
            "{path}: {:?}",
            asked.elapsed()
        );
    }
}

#[tokio::test]
async fn a_stall_holds_every_answer_until_it_ends() {
    const HALF: Duration = Duration::from_millis(300);
    // The clock of the server starts a little later than the clock of the test. By the clock of the test, an answer may
    // be ready just after a stall begins. By the clock of the server, this answer may be ready before the stall, so it
    // is not delayed.
    const SLACK: Duration = Duration::from_millis(100);

    let target = Arc::new(start("stall 300ms every 600ms"));
    let mut asked = Vec::new();
    for step in 0..40 {
        let (target, delay) = (Arc::clone(&target), Duration::from_millis(step * 30));
        asked.push(tokio::spawn(async move {
            let ready = target.started.elapsed() + delay;
            assert_eq!(target.status(&format!("/delay/{}ms", delay.as_millis())).await, 200);
            (ready, target.started.elapsed())
        }));
    }
    let (mut held, mut free) = (0, 0);
    for asked in asked {
        let (ready, answered) = asked.await.expect("answered");
        let phase = Duration::from_nanos_u128(ready.as_nanos() % (2 * HALF).as_nanos());
        assert!(answered >= ready);
        if phase > HALF + SLACK {
            assert!(
                answered >= ready - phase + 2 * HALF,
                "ready at {ready:?}, answered at {answered:?}"
            );
            held += 1;
        } else if phase < HALF && answered < ready - phase + HALF {
            free += 1;
        }
    }
    assert!(held >= 8 && free >= 8, "{held} held, {free} free");
}

#[tokio::test]
async fn listed_paths_have_their_answers() {
    let target = start("");
    assert_eq!(target.status("/status/503").await, 503);
    let (head, body) = target.ask("GET", "/status/204", "").await;
    assert!(head.starts_with("HTTP/1.1 204") && body.is_empty(), "{head}{body}");

    let (head, body) = target.ask("GET", "/bytes/200000", "").await;
    assert!(head.contains("content-length: 200000"), "{head}");
    assert_eq!(body.len(), 200_000);
    assert_eq!(target.ask("GET", "/bytes/0", "").await.1, "");
    let (head, body) = target.ask("HEAD", "/bytes/70000", "").await;
    assert!(
        head.contains("content-length: 70000") && body.is_empty(),
        "{head}{body}"
    );

    let (head, body) = target.ask("GET", "/chunked/25", "").await;
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert_eq!(body, "3\r\nxxx\r\n".repeat(8) + "1\r\nx\r\n0\r\n\r\n");
    assert_eq!(target.ask("GET", "/chunked/0", "").await.1, "0\r\n\r\n");

    let (_, body) = target.ask("PATCH", "/echo?a=b%20c", "hello").await;
    let echo: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((&echo["method"], &echo["path"]), (&"PATCH".into(), &"/echo".into()));
    assert_eq!((&echo["query"], &echo["body"]), (&"a=b%20c".into(), &"hello".into()));
    assert_eq!(echo["headers"]["content-length"], "5");

    let (head, _) = target.ask("GET", "/redirect/2", "").await;
    assert!(
        head.starts_with("HTTP/1.1 302") && head.contains("location: /redirect/1"),
        "{head}"
    );
    assert_eq!(target.status("/redirect/0").await, 200);

    // The request does not ask the target to close the connection. The answer announces the close, and then the
    // connection ends.
    let answer = target.raw("GET /close HTTP/1.1\r\nhost: t\r\n\r\n").await;
    assert!(
        answer.contains("connection: close") && answer.ends_with(r#"{"ok":true}"#),
        "{answer}"
    );

    let (head, body) = target.ask("GET", "/status/9", "").await;
    assert!(
        head.starts_with("HTTP/1.1 400") && body.contains("from 200 to 599"),
        "{head}{body}"
    );
    let counts = target.counts().await;
    assert_eq!(counts["requests"], counts["answered"]);
    assert_eq!(sum(&counts["by_status"]), 12);
}

#[tokio::test]
async fn the_script_sets_the_plain_body() {
    let target = start("body 100");
    assert_eq!(target.ask("GET", "/any", "").await.1, "x".repeat(100));
    assert_eq!(target.ask("GET", "/bytes/7", "").await.1, "x".repeat(7));
    assert_eq!(target.counts().await["answered"], 2);
}

#[tokio::test]
async fn an_echo_beyond_its_limit_is_rejected_and_counted() {
    let target = start("");
    let (head, body) = target.ask("POST", "/echo", &"x".repeat((1 << 20) + 1)).await;
    assert!(
        head.starts_with("HTTP/1.1 413") && body.contains("at most 1048576"),
        "{head}{body}"
    );
    assert_eq!(target.counts().await["body_bytes_in"], (1 << 20) + 1);
}

#[tokio::test]
async fn raw_faults_break_the_connection() {
    let target = start("");
    // On each connection, a fault follows a good exchange. The answer of the good exchange must be complete.
    for fault in ["reset", "garbage", "truncated"] {
        let mut stream = target.connect().await;
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
            .await
            .expect("sent");
        read_answer(&mut stream).await;
        let request = format!("POST /fault/{fault} HTTP/1.1\r\nhost: t\r\ncontent-length: 2\r\n\r\nab");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut got = Vec::new();
        let end = timeout(TIMEOUT, stream.read_to_end(&mut got)).await.expect("in time");
        let got = String::from_utf8_lossy(&got);
        match fault {
            "reset" => assert_eq!(end.expect_err("a reset").kind(), ErrorKind::ConnectionReset),
            "garbage" => assert!(
                end.is_ok() && !got.is_empty() && !got.contains("HTTP"),
                "{end:?} {got:?}"
            ),
            _ => assert!(
                got.contains("content-length: 1000") && got.ends_with("\r\n\r\ncut short"),
                "{end:?} {got:?}"
            ),
        }
    }
    let counts = target.counts().await;
    assert_eq!((&counts["requests"], &counts["answered"]), (&6.into(), &3.into()));
    assert_eq!(counts["by_path"]["/fault/reset"], 1);
}

#[tokio::test]
async fn a_hang_sends_no_answer_and_ends_with_its_client() {
    let target = start("");
    let mut stream = target.connect().await;
    stream
        .write_all(b"GET /fault/hang HTTP/1.1\r\nhost: t\r\n\r\n")
        .await
        .expect("sent");
    assert!(timeout(Duration::from_millis(200), stream.read_u8()).await.is_err());
    assert_eq!(target.counts().await["connections_open"], 2);
    drop(stream);
    let closed = async { while target.counts().await["connections_open"] != 1 {} };
    timeout(TIMEOUT, closed)
        .await
        .expect("the hanging connection is closed");
    assert_eq!(target.counts().await["answered"], 0);
}

#[tokio::test]
async fn an_endless_body_does_not_end() {
    let target = start("");
    let mut stream = target.connect().await;
    stream
        .write_all(b"GET /fault/endless HTTP/1.1\r\nhost: t\r\n\r\n")
        .await
        .expect("sent");
    let mut got = vec![0; 500];
    timeout(TIMEOUT, stream.read_exact(&mut got))
        .await
        .expect("in time")
        .expect("it does not end");
    let got = String::from_utf8(got).expect("text");
    assert!(
        got.contains("transfer-encoding: chunked") && got.matches("5\r\nmore\n").count() > 10,
        "{got}"
    );
    assert_eq!(target.counts().await["answered"], 0);
}

#[tokio::test]
async fn control_paths_are_not_counted_and_ignore_the_script() {
    let target = start("errors 100%, latency 10s");
    assert_eq!(target.status("/_target/counts").await, 200);
    assert_eq!(target.status("/_target/reset").await, 405);
    assert_eq!(target.status("/_target/other").await, 404);
    let (head, body) = target.ask("GET", "/_target/arrivals", "").await;
    assert!(
        head.starts_with("HTTP/1.1 404") && body.contains("--record-arrivals"),
        "{head}{body}"
    );
    assert_eq!(target.counts().await["requests"], 0);
}

#[tokio::test]
async fn arrivals_are_recorded_with_record_arrivals() {
    let target = start_with("latency 30ms", None, Arrivals::Recorded);
    for _ in 0..3 {
        target.status("/").await;
    }
    let arrivals: Vec<u64> = serde_json::from_str(&target.ask("GET", "/_target/arrivals", "").await.1).expect("a list");
    assert_eq!(arrivals.len(), 3);
    assert!(
        arrivals.windows(2).all(|pair| pair[1] - pair[0] >= 30_000_000),
        "{arrivals:?}"
    );
}

#[tokio::test]
async fn an_idle_target_ends_although_connections_are_open() {
    let length = Duration::from_millis(200);
    let mut target = start_with("latency 300ms", Some(length), Arrivals::Counted);
    let mut kept = target.connect().await;
    kept.write_all(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
        .await
        .expect("sent");
    // The answer takes longer than the idle time. The target is not idle, because a request is in progress.
    read_answer(&mut kept).await;
    let answered = Instant::now();
    timeout(TIMEOUT, &mut target.server)
        .await
        .expect("it ends")
        .expect("without a panic");
    assert!(answered.elapsed() >= length / 2, "{:?}", answered.elapsed());
    let mut rest = Vec::new();
    assert!(
        matches!(kept.read_to_end(&mut rest).await, Ok(0)),
        "the connection is closed"
    );
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let target = start("");
    let mut text = String::new();
    for number in 0..5 {
        text.push_str(&format!("GET /echo?{number} HTTP/1.1\r\nhost: t\r\n\r\n"));
    }
    text.push_str("GET /fault/garbage HTTP/1.1\r\nhost: t\r\n\r\n");
    let got = target.raw(&text).await;
    let places: Vec<_> = (0..5)
        .map(|number| got.find(&format!(r#""query":"{number}""#)).expect("answered"))
        .collect();
    assert!(places.is_sorted(), "{got}");
    assert_eq!(target.counts().await["requests"], 6);
}

#[test]
fn invalid_arguments_are_rejected() {
    #[derive(clap::Parser, Debug)]
    struct Line {
        #[command(flatten)]
        target: TargetArgs,
    }

    let refused = |arguments: &[&str]| {
        <Line as clap::Parser>::try_parse_from([&["target"], arguments].concat())
            .expect_err("refused")
            .to_string()
    };
    assert!(refused(&["--listen", "0.0.0.0:8080"]).contains("not a loopback address"));
    assert!(refused(&["--script", "errors 1"]).contains("write `errors 1%`"));
    assert!(refused(&["--idle-exit", "0s"]).contains("such as `30s`"));
    let line = <Line as clap::Parser>::try_parse_from(["target"]).expect("all have defaults");
    assert_eq!(line.target.listen.to_string(), "127.0.0.1:8080");
}
