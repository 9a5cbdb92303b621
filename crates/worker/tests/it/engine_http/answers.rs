//! Tests of the outcome of a request, for different behaviours of the target.

use super::server::{Peer, Seen, Server, writes, writes_and_closes};
use crate::rig::{Expected, Rig, failed, ok, outcome, send};
use plan::scenario::Protocol::Http1;
use std::time::Duration;
use tally::outcome::Failure;
use worker::engine::Answer;

/// Sends arrival 0 to a target with this behaviour, and checks the outcome.
#[track_caller]
fn check(
    behaviour: impl Fn(&mut Peer) + Send + Sync + 'static,
    snippet: &str,
    expected: Expected,
) -> (Answer, Vec<Seen>) {
    let server = Server::start(behaviour);
    let answer = Rig::new(Http1, server.port, snippet).send();
    assert_eq!(outcome(&answer), expected, "{snippet}");
    let seen = server.seen();
    (answer, seen)
}

/// Returns a target that reads a request, writes these bytes and resets the connection.
fn resets_after(bytes: &'static str) -> impl Fn(&mut Peer) + Send + Sync {
    move |peer| {
        peer.request();
        peer.write(bytes);
        peer.reset();
    }
}

#[test]
fn an_answer_that_is_cut_off_is_a_reset() {
    for cut in ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\ncontent-le"] {
        check(writes_and_closes(cut), "", failed(Failure::Reset, None));
        check(resets_after(cut), "", failed(Failure::Reset, None));
    }
    for cut in [
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n1234",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n",
    ] {
        let (answer, _) = check(writes_and_closes(cut), "", failed(Failure::Reset, 200));
        assert_eq!(answer.body_bytes, 4);
    }
    check(
        |peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\n\r\n1234");
            peer.reset();
        },
        "body: x",
        failed(Failure::Reset, 200),
    );
    check(|_| {}, "", failed(Failure::Reset, None));
}

#[test]
fn a_connection_that_is_reset_at_once_is_a_failure_either_way() {
    let server = Server::start(Peer::reset);
    let answer = Rig::new(Http1, server.port, "").send();
    // The kind of failure depends on whether the reset arrives before the client has detected that it is connected.
    assert!(
        matches!(answer.result, Err(Failure::Connect | Failure::Reset)),
        "{answer:?}"
    );
    assert_eq!(answer.code, None);
}

#[test]
fn silence_is_a_timeout() {
    let limit = Duration::from_millis(150);
    let (answer, _) = check(writes(""), "timeout: 150ms", failed(Failure::Timeout, None));
    let took = answer.done - answer.sent;
    assert!(took > limit / 2 && took < 20 * limit, "{took:?}");
    check(
        writes("HTTP/1.1 200 OK\r\n"),
        "timeout: 150ms",
        failed(Failure::Timeout, None),
    );
    let stalled = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234";
    let (answer, _) = check(writes(stalled), "timeout: 150ms", failed(Failure::Timeout, 200));
    assert_eq!(answer.body_bytes, 4);
}

#[test]
fn bytes_that_are_not_http_are_a_protocol_failure() {
    for garbage in [
        "garbage\r\n\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        "\x15\x03\x03\x00\x02\x02\x46",
    ] {
        check(writes(garbage), "", failed(Failure::Protocol, None));
        check(writes_and_closes(garbage), "", failed(Failure::Protocol, None));
    }
    let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\nzz\r\n";
    check(writes(chunks), "", failed(Failure::Protocol, 200));
    check(
        |peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\n");
            while peer.write(format!("x: {}\r\n", "y".repeat(4096))) {}
        },
        "",
        failed(Failure::Protocol, None),
    );
}

#[test]
fn a_body_without_end_is_cut_off_at_the_limit() {
    let endless = |peer: &mut Peer| {
        peer.request();
        peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        while peer.write(format!("400\r\n{}\r\n", "x".repeat(1024))) {}
    };
    let limit = 100 << 10;
    let (answer, _) = check(
        endless,
        "limits: { body_bytes_max: 100KiB }",
        failed(Failure::BodyTooLarge, 200),
    );
    assert!(
        answer.body_bytes > limit && answer.body_bytes < 10 * limit,
        "{}",
        answer.body_bytes
    );
    check(
        endless,
        "timeout: 100ms\nlimits: { body_bytes_max: 256MiB }\nsuccess: { statuses: 200 }",
        {
            // The size limit is so large that the timeout passes first, even on a fast machine.
            failed(Failure::Timeout, 200)
        },
    );
}

#[test]
fn the_success_rule_checks_status_and_body() {
    let down = |peer: &mut Peer| peer.answer_all("503 Service Unavailable", "down for maintenance");
    check(down, "", failed(Failure::Status, 503));
    check(down, "success: { statuses: [200, 500-599] }", ok(503));
    check(
        down,
        "success: { body_contains: maintenance }",
        failed(Failure::Status, 503),
    );
    let up = |peer: &mut Peer| peer.answer_all("200 OK", "all is well");
    check(up, "success: { body_contains: is well }", ok(200));
    check(
        up,
        "success: { body_contains: maintenance }",
        failed(Failure::Check, 200),
    );
    let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nall is\r\n5\r\n well\r\n0\r\n\r\n";
    check(writes(chunks), "success: { body_contains: is well }", ok(200));
}

#[test]
fn the_bytes_of_a_body_are_counted_without_its_framing() {
    let bodies = [
        ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n1234", 4),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\n123\r\n1\r\n4\r\n0\r\n\r\n",
            4,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n4\r\n1234\r\n0\r\nx: y\r\n\r\n",
            4,
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 0),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1",
            1,
        ),
    ];
    for (bytes, length) in bodies {
        let (answer, _) = check(writes(bytes), "", ok(200));
        assert_eq!(answer.body_bytes, length, "{bytes}");
    }
    for until_close in ["HTTP/1.1 200 OK\r\n\r\n1234", "HTTP/1.0 200 OK\r\n\r\n1234"] {
        let (answer, _) = check(writes_and_closes(until_close), "", ok(200));
        assert_eq!(answer.body_bytes, 4, "{until_close}");
    }
}

#[test]
fn an_answer_without_a_body_ends_with_its_head() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    let (answer, seen) = check(writes(announced), "method: HEAD", ok(200));
    assert_eq!((answer.body_bytes, seen[0].line.as_str()), (0, "HEAD / HTTP/1.1"));
    check(writes("HTTP/1.1 204 No Content\r\n\r\n"), "", ok(204));
    check(
        writes("HTTP/1.1 304 Not Modified\r\ncontent-length: 1000\r\n\r\n"),
        "",
        ok(304),
    );
}

#[test]
fn a_reset_in_any_state_is_a_failure_of_that_request_alone() {
    let states: [(&'static str, &str, Option<u16>); 6] = [
        ("HTTP/1.1 100 Continue\r\n\r\n", "", None),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234", "", Some(200)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9", "", Some(200)),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n0\r\nx: y",
            "",
            Some(200),
        ),
        ("HTTP/1.1 200 OK\r\n\r\n1234", "", Some(200)),
        ("", "method: HEAD", None),
    ];
    for (written, snippet, status) in states {
        let server = Server::start(move |peer| {
            if peer.number > 0 {
                return peer.answer_all("200 OK", "fine");
            }
            peer.request();
            peer.write(written);
            peer.reset();
        });
        Rig::new(Http1, server.port, snippet).run(async |http| {
            assert_eq!(
                outcome(&send(http, 0).await),
                failed(Failure::Reset, status),
                "{written:?}"
            );
            assert_eq!(outcome(&send(http, 1).await), ok(200), "{written:?}");
        });
    }
}

#[test]
fn a_reset_while_the_request_is_being_written_is_a_failure_of_that_request_alone() {
    let server = Server::start(|peer: &mut Peer| {
        if peer.number > 0 {
            return peer.answer_all("200 OK", "fine");
        }
        peer.head();
        peer.reset();
    });
    Rig::new(Http1, server.port, "body: { file: big.bin }\ntimeout: 10s").run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), failed(Failure::Reset, None));
        assert_eq!(outcome(&send(http, 1).await), ok(200));
    });
}
