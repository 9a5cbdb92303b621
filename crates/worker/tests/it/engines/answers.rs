//! Tests of the outcome of a request, for different behaviours of the target.

use super::target::{Reply, Seen, Target};
use crate::engine_http::Silent;
use crate::rig::{Expected, Rig, failed, ok, outcome, send, send_all};
use plan::scenario::Protocol;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tally::outcome::Failure;
use test_servers::ClosedPort;
use worker::engine::{Answer, Engine};
use worker::http::Lookup;

for_each_engine! {
    a_closed_port_is_a_connect_failure,
    unanswered_connects_are_a_connect_failure,
    an_unknown_name_fails_before_the_start,
    an_answer_that_is_cut_off_is_a_reset,
    a_request_that_is_cut_off_does_not_affect_the_others,
    silence_is_a_timeout,
    a_body_without_end_is_cut_off_at_the_limit,
    a_body_with_the_size_of_the_limit_is_accepted,
    the_success_rule_checks_status_and_body,
    the_bytes_of_a_body_are_counted,
    an_answer_without_a_body_ends_with_its_head,
    service_time_is_the_time_of_the_target,
    each_request_has_one_answer,
    a_large_head_is_accepted_up_to_the_limit,
}

/// Sends arrival 0 to a target with this behaviour, and checks the outcome.
#[track_caller]
fn check(
    protocol: Protocol,
    script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    snippet: &str,
    expected: Expected,
) -> (Answer, Vec<Seen>) {
    let target = Target::start(protocol, script);
    let answer = Rig::new(protocol, target.port, snippet).send();
    assert_eq!(outcome(&answer), expected, "{snippet}");
    (answer, target.seen())
}

fn a_closed_port_is_a_connect_failure(protocol: Protocol) {
    let closed = ClosedPort::new().unwrap();
    let rig = Rig::new(protocol, closed.port, "");
    assert_eq!(outcome(&rig.send()), failed(Failure::Connect, None));
    let prepared = rig.run(async |http| http.prepare().await);
    assert_eq!(
        prepared,
        Ok(()),
        "the target may accept connections when the run starts"
    );
}

fn unanswered_connects_are_a_connect_failure(protocol: Protocol) {
    let silent = Silent::at("127.0.0.1:0");
    let port = silent.address.port();
    let rig = Rig::new(protocol, port, "limits: { connect_timeout: 200ms }");
    let began = Instant::now();
    assert_eq!(outcome(&rig.send()), failed(Failure::Connect, None));
    assert!(began.elapsed() >= Duration::from_millis(200));
    let rig = Rig::new(protocol, port, "timeout: 100ms\nlimits: { connect_timeout: 10s }");
    assert_eq!(outcome(&rig.send()), failed(Failure::Timeout, None));
}

fn an_unknown_name_fails_before_the_start(protocol: Protocol) {
    let host = "shop.invalid";
    let unknown: Lookup = Arc::new(|_, _| Err(std::io::Error::other("there is no such name")));
    let rig = Rig::at(protocol, &format!("http://{host}"), "");
    let kept = Duration::from_secs(60);
    let prepared = rig.run_with(unknown.clone(), kept, 1, async |http| http.prepare().await);
    let problem = prepared.unwrap_err();
    assert!(problem.contains(host), "{problem}");
    let answer = rig.run_with(unknown.clone(), kept, 1, async |http| send(http, 0).await);
    assert_eq!(outcome(&answer), failed(Failure::Resolve, None));

    let rig = Rig::new(protocol, 1, &format!("url: http://{host}:81/?x=1"));
    let prepared = rig.run_with(unknown, kept, 1, async |http| http.prepare().await);
    let problem = prepared.unwrap_err();
    assert!(problem.contains(host), "{problem}");
}

fn an_answer_that_is_cut_off_is_a_reset(protocol: Protocol) {
    let (answer, _) = check(protocol, |_| Reply::broken(), "", failed(Failure::Reset, None));
    assert_eq!((answer.first_byte, answer.body_bytes), (None, 0));
    for piece in [2, usize::MAX] {
        let cut = move |_: &Seen| Reply::ok("1234").in_pieces(piece).cut();
        let (answer, _) = check(protocol, cut, "", failed(Failure::Reset, 200));
        assert_eq!(answer.body_bytes, 4);
    }
}

fn a_request_that_is_cut_off_does_not_affect_the_others(protocol: Protocol) {
    let script = |seen: &Seen| match seen.path.as_str() {
        "/0" => Reply::broken(),
        "/1" => Reply::ok("1234").cut(),
        _ => Reply::ok("fine"),
    };
    let target = Target::start(protocol, script);
    Rig::new(protocol, target.port, "url: '/{{ arrival }}'").run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), failed(Failure::Reset, None));
        assert_eq!(outcome(&send(http, 1).await), failed(Failure::Reset, 200));
        assert_eq!(outcome(&send(http, 2).await), ok(200));
    });
    assert_eq!(target.seen().len(), 3, "nothing is sent twice");
}

fn silence_is_a_timeout(protocol: Protocol) {
    let limit = Duration::from_millis(150);
    let silent = |_: &Seen| Reply::never();
    let (answer, _) = check(protocol, silent, "timeout: 150ms", failed(Failure::Timeout, None));
    let took = answer.done - answer.sent;
    assert!(took > limit / 2 && took < 20 * limit, "{took:?}");
    let stalled = |_: &Seen| Reply::ok("1234").stalled();
    let (answer, _) = check(protocol, stalled, "timeout: 150ms", failed(Failure::Timeout, 200));
    assert_eq!(answer.body_bytes, 4);
}

fn a_body_without_end_is_cut_off_at_the_limit(protocol: Protocol) {
    let large = |_: &Seen| Reply::ok(vec![b'x'; 4 << 20]).in_pieces(1024).stalled();
    let limit = 100 << 10;
    let (answer, _) = check(
        protocol,
        large,
        "limits: { body_bytes_max: 100KiB }",
        failed(Failure::BodyTooLarge, 200),
    );
    let read = answer.body_bytes;
    assert!(read > limit && read < 10 * limit, "{read}");
}

fn a_body_with_the_size_of_the_limit_is_accepted(protocol: Protocol) {
    let limit = "limits: { body_bytes_max: 1KiB }";
    let (answer, _) = check(protocol, |_| Reply::ok(vec![b'x'; 1024]), limit, ok(200));
    assert_eq!(answer.body_bytes, 1024);
    let larger = |_: &Seen| Reply::ok(vec![b'x'; 1025]);
    check(protocol, larger, limit, failed(Failure::BodyTooLarge, 200));
}

fn the_success_rule_checks_status_and_body(protocol: Protocol) {
    let down = |_: &Seen| Reply::new(503, "down for maintenance");
    check(protocol, down, "", failed(Failure::Status, 503));
    check(protocol, down, "success: { statuses: [200, 500-599] }", ok(503));
    let text = "success: { body_contains: maintenance }";
    check(protocol, down, text, failed(Failure::Status, 503));
    let up = |_: &Seen| Reply::ok("all is well");
    check(protocol, up, "success: { body_contains: is well }", ok(200));
    check(protocol, up, text, failed(Failure::Check, 200));
}

fn the_bytes_of_a_body_are_counted(protocol: Protocol) {
    for (length, piece) in [
        (0, usize::MAX),
        (4, usize::MAX),
        (4, 3),
        (5_000_000, usize::MAX),
        (100_000, 7_000),
    ] {
        let body = move |_: &Seen| Reply::ok(vec![b'x'; length]).in_pieces(piece);
        let (answer, _) = check(protocol, body, "", ok(200));
        assert_eq!(answer.body_bytes, length as u64);
    }
}

fn an_answer_without_a_body_ends_with_its_head(protocol: Protocol) {
    let announced = |_: &Seen| Reply::ok(vec![b'x'; 1000]);
    let (answer, seen) = check(protocol, announced, "method: HEAD", ok(200));
    assert_eq!((answer.body_bytes, seen[0].line().as_str()), (0, "HEAD /"));
    for status in [204, 304] {
        let (answer, _) = check(protocol, move |_| Reply::new(status, ""), "", ok(status));
        assert_eq!(answer.body_bytes, 0);
    }
}

fn service_time_is_the_time_of_the_target(protocol: Protocol) {
    let pause = Duration::from_millis(200);
    let target = Target::start(protocol, move |_| Reply::ok("").late(pause));
    Rig::new(protocol, target.port, "").run(async |http| {
        for k in 0..2 {
            let began = tokio::time::Instant::now();
            let answer = send(http, k).await;
            assert_eq!(outcome(&answer), ok(200));
            assert!(answer.sent >= began);
            let service = answer.done - answer.sent;
            assert!(service >= pause && service < 20 * pause, "{service:?}");
        }
    });
}

/// Some answers are late, some answers never arrive, and some requests are cut off.
fn each_request_has_one_answer(protocol: Protocol) {
    let target = Target::start(protocol, |seen| {
        let k: u64 = seen.path[1..].parse().unwrap();
        match k % 4 {
            0 => Reply::ok("1"),
            1 => Reply::ok("1").late(Duration::from_millis(40)),
            2 => Reply::never(),
            _ => Reply::broken(),
        }
    });
    let snippet = "url: '/{{ arrival }}'\ntimeout: 500ms\nlimits: { connections: 40 }";
    Rig::new(protocol, target.port, snippet).run(async |http| {
        for (ticket, answer) in send_all(http, 0..40).await {
            let expected = match usize::from(ticket) % 4 {
                0 | 1 => ok(200),
                2 => failed(Failure::Timeout, None),
                _ => failed(Failure::Reset, None),
            };
            assert_eq!(outcome(&answer), expected, "{ticket:?}");
        }
    });
    assert_eq!(target.seen().len(), 40);
}

fn a_large_head_is_accepted_up_to_the_limit(protocol: Protocol) {
    // Each header line is short enough for the servers.
    let wide = |bytes: usize| {
        move |_: &Seen| {
            let line = "x".repeat(10_000);
            (0..bytes / line.len()).fold(Reply::ok(""), |reply, n| reply.header(&format!("x-{n}"), &line))
        }
    };
    check(protocol, wide(200_000), "", ok(200));
    let target = Target::start(protocol, wide(600_000));
    let answer = Rig::new(protocol, target.port, "").send();
    assert!(
        matches!(answer.result, Err(Failure::Protocol | Failure::Reset)),
        "{answer:?}"
    );
}
