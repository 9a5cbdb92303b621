//! Tests of a TLS session whose end arrives together with the last bytes of an answer.

use super::server::Server;
use crate::certificates;
use crate::rig::{Expected, Rig, failed, ok, outcome, send};
use plan::scenario::Protocol::Http1;
use rustls::ServerConnection;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use tally::outcome::Failure;

/// Completes the handshake, reads a request, and writes an answer and a close_notify alert. One write sends the first
/// `cut` bytes of the answer and the alert, and another write sends the remaining bytes. After both writes, waits until
/// the client has closed the connection.
fn answer_and_end(config: Arc<rustls::ServerConfig>, mut socket: TcpStream, answer: &[u8], cut: usize) -> Option<()> {
    let mut session = ServerConnection::new(config).ok()?;
    while session.is_handshaking() {
        session.complete_io(&mut socket).ok()?;
    }
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut bytes = [0; 1024];
        match session.reader().read(&mut bytes) {
            Ok(0) => return None,
            Ok(read) => request.extend_from_slice(&bytes[..read]),
            Err(_) => drop(session.complete_io(&mut socket).ok()?),
        }
    }
    session.writer().write_all(answer).ok()?;
    session.send_close_notify();
    let mut records = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut records).ok()?;
    }
    let cut = cut.min(records.len());
    socket.write_all(&records[..cut]).ok()?;
    socket.write_all(&records[cut..]).ok()?;
    while socket.read(&mut [0; 1024]).ok()? > 0 {}
    Some(())
}

/// Sends arrivals one after another to a target that answers one request on each connection. Returns the outcomes.
fn send_to(answer: &'static str, cut: usize, arrivals: u64) -> Vec<Expected> {
    let config = Arc::new(certificates::config("127.0.0.1", None));
    let server = Server::with_wire(
        move |socket| {
            answer_and_end(config.clone(), socket, answer.as_bytes(), cut);
            None
        },
        |_| {},
    );
    let snippet = format!("{}\ntimeout: 2s", certificates::INSECURE);
    Rig::at(Http1, &format!("https://127.0.0.1:{}", server.port), &snippet).run(async |http| {
        let mut outcomes = Vec::new();
        for k in 0..arrivals {
            outcomes.push(outcome(&send(http, k).await));
        }
        outcomes
    })
}

const UNTIL_END: &str = "HTTP/1.1 200 OK\r\n\r\nhello";
const WITH_LENGTH: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

#[test]
fn an_answer_that_ends_with_its_session_completes() {
    assert_eq!(send_to(UNTIL_END, usize::MAX, 10), [ok(200); 10]);
}

#[test]
fn a_session_that_ended_with_an_answer_of_known_length_carries_no_other_request() {
    assert_eq!(send_to(WITH_LENGTH, usize::MAX, 10), [ok(200); 10]);
}

#[test]
fn the_end_of_a_session_is_detected_however_its_bytes_are_split() {
    // The answer and the alert are two TLS records of about 80 bytes in total. Each record has a header of 5 bytes.
    for cut in (1..100).step_by(7) {
        assert_eq!(send_to(UNTIL_END, cut, 1), [ok(200)], "cut at {cut}");
        let outcomes = send_to(WITH_LENGTH, cut, 2);
        assert_eq!(outcomes[0], ok(200), "cut at {cut}");
        // The client may have sent the second request before it received the end of the session.
        assert!(
            [ok(200), failed(Failure::Reset, None), failed(Failure::Closed, None)].contains(&outcomes[1]),
            "cut at {cut}: {outcomes:?}"
        );
    }
}
