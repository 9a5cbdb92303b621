//! Tests that a request reuses a connection if the connection can be reused, and that it otherwise uses another one.

use super::server::{Peer, Server};
use crate::rig::{Rig, failed, ok, outcome, send};
use plan::scenario::Protocol::Http1;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tally::cause::Cause;
use tally::outcome::Failure;
use test_engines::plans::BIG;
use tokio::time::Instant;
use worker::engine::{Engine, FlowState};

/// Sends three arrivals one after another, checks that they succeed, and checks which connections they used.
#[track_caller]
fn check(behaviour: impl Fn(&mut Peer) + Send + Sync + 'static, snippet: &str, expected: [usize; 3]) {
    let server = Server::start(behaviour);
    Rig::new(Http1, server.port, snippet).run(async |http| {
        for k in 0..3 {
            let answer = send(http, k).await;
            assert_eq!(answer.result, Ok(()), "{snippet}");
        }
    });
    assert_eq!(server.connections(), expected, "{snippet}");
}

/// Waits for a signal from the script of the target, without blocking the engine.
async fn receive<T: Send + 'static>(receiver: &Arc<Mutex<Receiver<T>>>) -> T {
    let receiver = receiver.clone();
    let signal = tokio::task::spawn_blocking(move || receiver.lock().unwrap().recv_timeout(Duration::from_secs(20)))
        .await
        .unwrap()
        .expect("the script sends its signal");
    // After this call, the engine has the events of all bytes that arrived before.
    tokio::task::yield_now().await;
    signal
}

fn signal<T>() -> (Sender<T>, Arc<Mutex<Receiver<T>>>) {
    let (sender, receiver) = channel();
    (sender, Arc::new(Mutex::new(receiver)))
}

#[test]
fn connections_are_reused() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n0\r\nx: y\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 4\r\n\r\n1234",
    ] {
        check(move |peer| peer.write_all(answer), "", [0, 0, 0]);
        check(move |peer| peer.write_all(answer), "body: \"{{ uuid }}\"", [0, 0, 0]);
    }
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n";
    check(move |peer| peer.write_all(announced), "method: HEAD", [0, 0, 0]);
    // A connection is reused after any status of an answer.
    let accepts_503 = "success: { statuses: 503 }";
    check(
        |peer| peer.answer_all("503 Service Unavailable", "down"),
        accepts_503,
        [0, 0, 0],
    );
}

#[test]
fn an_answer_in_pieces_leaves_its_connection_usable() {
    check(
        |peer| {
            while peer.request() {
                for byte in "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n0\r\n\r\n".bytes() {
                    peer.write([byte]);
                }
            }
        },
        "",
        [0, 0, 0],
    );
}

#[test]
fn a_connection_that_the_answer_ends_is_replaced_without_a_failure() {
    let each = [0, 1, 2];
    check(
        |peer| {
            peer.request();
            peer.write("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\n1234");
            peer.until_closed();
        },
        "",
        each,
    );
    for answer in ["HTTP/1.0 200 OK\r\n\r\n1234", "HTTP/1.1 200 OK\r\n\r\n1234"] {
        check(
            move |peer| {
                peer.request();
                peer.write(answer);
            },
            "",
            each,
        );
    }
}

#[test]
fn a_connection_that_closes_while_idle_causes_no_failure() {
    for parting in ["", "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n"] {
        for reset in [false, true] {
            let (closed, closings) = signal();
            let server = Server::start(move |peer| {
                peer.request();
                peer.answer("200 OK", "");
                // The target keeps the second connection open.
                if peer.number == 1 {
                    return peer.answer_all("200 OK", "");
                }
                peer.write(parting);
                peer.shut(reset);
                closed.send(()).unwrap();
            });
            Rig::new(Http1, server.port, "").run(async |http| {
                assert_eq!(outcome(&send(http, 0).await), ok(200));
                receive(&closings).await;
                assert_eq!(outcome(&send(http, 1).await), ok(200), "{parting} {reset}");
            });
            assert_eq!(server.connections(), [0, 1]);
        }
    }
}

#[test]
fn a_request_that_the_target_may_have_received_is_not_sent_again() {
    let server = Server::start(|peer| {
        if peer.number == 0 {
            peer.request();
            peer.answer("200 OK", "");
            // Close the connection without an answer, after the request was read.
            peer.request();
            return;
        }
        peer.answer_all("200 OK", "");
    });
    Rig::new(Http1, server.port, "").run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), ok(200));
        let cut = send(http, 1).await;
        assert_eq!(outcome(&cut), failed(Failure::Reset, None));
        assert_eq!(outcome(&send(http, 2).await), ok(200));
    });
    assert_eq!(server.connections(), [0, 0, 1]);
}

#[test]
fn a_kept_connection_that_closes_before_the_request_arrives_has_its_own_cause() {
    let ((go, gone), (closed, closings)) = (signal(), signal());
    let server = Server::start(move |peer| {
        peer.request();
        peer.answer("200 OK", "");
        if peer.number == 0 {
            gone.lock().unwrap().recv().unwrap();
            peer.shut(false);
            return closed.send(()).unwrap();
        }
        peer.until_closed();
    });
    Rig::new(Http1, server.port, "").run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), ok(200));
        go.send(()).unwrap();
        receive(&closings).await;
        // The engine has not polled the connection since the target closed the connection.
        let mut answers = Vec::new();
        http.send(0.into(), 1, 0.into(), FlowState::default());
        while answers.is_empty() {
            http.wait(Instant::now() + Duration::from_secs(20), &mut answers).await;
        }
        assert_eq!(outcome(&answers[0].1), failed(Failure::Closed, None));
        let why = http.reported(0.into()).unwrap().why;
        let detail = why.detail.to_string();
        assert_eq!(
            (why.cause, detail.as_str()),
            (Cause::KeptClosed, "while waiting for the first byte")
        );
        assert_eq!(outcome(&send(http, 2).await), ok(200));
    });
    assert_eq!(
        server.connections(),
        [0, 1],
        "the target did not read the request in between"
    );
}

#[test]
fn a_late_answer_is_not_used_for_the_next_request() {
    let (gone, leavings) = signal();
    let server = Server::start(move |peer| {
        if peer.number == 0 {
            peer.request();
            peer.until_closed();
            peer.answer("200 OK", "late");
            return gone.send(()).unwrap();
        }
        peer.answer_all("200 OK", "fresh");
    });
    let snippet = "timeout: 150ms\nsuccess: { body_contains: fresh }";
    Rig::new(Http1, server.port, snippet).run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), failed(Failure::Timeout, None));
        // The engine closes the connection when the timeout passes, and does not wait for the late answer.
        receive(&leavings).await;
        assert_eq!(outcome(&send(http, 1).await), ok(200));
    });
    assert_eq!(server.connections(), [0, 1]);
}

#[test]
fn a_connection_whose_answer_was_not_read_to_its_end_is_not_reused() {
    let server = Server::start(|peer| {
        while peer.request() {
            let length = if peer.number == 0 { 4096 } else { 10 };
            peer.answer("200 OK", &"x".repeat(length));
        }
    });
    Rig::new(Http1, server.port, "limits: { body_bytes_max: 1KiB }").run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), failed(Failure::BodyTooLarge, 200));
        assert_eq!(outcome(&send(http, 1).await), ok(200));
    });
    assert_eq!(server.connections(), [0, 1]);
}

/// Reads the head of a request, and writes `answer`. Waits for `go`, before which the client must have closed the
/// connection. Then sends the number of received bytes of the body to `arrived`.
fn reads_no_body(peer: &mut Peer, answer: &str, go: &Arc<Mutex<Receiver<()>>>, arrived: &Sender<usize>) {
    peer.head().unwrap();
    peer.write(answer);
    go.lock().unwrap().recv().unwrap();
    arrived.send(peer.until_closed()).unwrap();
}

#[test]
fn a_connection_whose_request_was_not_read_is_not_reused() {
    let ((go, gone), (arrived, arrivals)) = (signal(), signal());
    let server = Server::start(move |peer| {
        if peer.number > 0 {
            return peer.answer_all("200 OK", "");
        }
        let refusal = "HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n";
        reads_no_body(peer, refusal, &gone, &arrived);
    });
    Rig::new(Http1, server.port, "body: { file: big.bin }\ntimeout: 5s").run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), failed(Failure::Status, 413));
        assert_eq!(outcome(&send(http, 1).await), ok(200));
        go.send(()).unwrap();
        assert!(receive(&arrivals).await < BIG, "the rest of the body is not sent");
    });
    assert_eq!(server.connections(), [1]);
}

#[test]
fn a_target_that_reads_nothing_does_not_keep_the_connection() {
    let ((go, gone), (arrived, arrivals)) = (signal(), signal());
    let server = Server::start(move |peer| reads_no_body(peer, "", &gone, &arrived));
    Rig::new(Http1, server.port, "body: { file: big.bin }\ntimeout: 200ms").run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), failed(Failure::Timeout, None));
        go.send(()).unwrap();
        assert!(receive(&arrivals).await < BIG, "the rest of the body is not sent");
    });
}

#[test]
fn a_connection_whose_target_closed_its_side_is_not_reused() {
    let (ended, endings) = signal();
    let server = Server::start(move |peer| {
        peer.request();
        peer.answer("200 OK", "last");
        peer.end_own_side();
        ended.send(()).unwrap();
        peer.until_closed();
    });
    Rig::new(Http1, server.port, "").run(async |http| {
        for k in 0..3 {
            assert_eq!(outcome(&send(http, k).await), ok(200));
            receive(&endings).await;
        }
    });
    assert_eq!(server.connections(), [0, 1, 2]);
}
