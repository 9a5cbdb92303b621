//! Tests of the connection that a request uses, when each connection has at most one request in flight.

use super::server::Server;
use super::tls::shake;
use crate::certificates::{INSECURE, config};
use crate::rig::{Rig, ok, outcome, send, send_all};
use plan::scenario::Protocol::Http1;
use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use worker::client::Client;
use worker::engine::Engine;

#[test]
fn fresh_connections_carry_one_request_each_with_connection_close() {
    let server = Server::start(|peer| peer.answer_all("200 OK", "x"));
    Rig::new(Http1, server.port, "connections: fresh").run(async |http| {
        http.prepare().await.unwrap();
        for k in 0..4 {
            assert_eq!(outcome(&send(http, k).await), ok(200));
        }
        assert!(matches!(http, Client::Http1(http) if http.open() == 0));
    });
    assert_eq!(
        server.connections(),
        [0, 1, 2, 3],
        "the connection that was opened before the start carries the first request"
    );
    assert!(server.seen().iter().all(|seen| seen.header("connection") == ["close"]));
}

#[test]
fn a_waiting_request_uses_the_connection_that_is_free_first() {
    let (config, accepted) = (Arc::new(config("127.0.0.1", None)), AtomicUsize::new(0));
    // The handshake of the second connection never ends, so both requests use the first connection.
    let wrap = move |mut socket: TcpStream| {
        if accepted.fetch_add(1, Ordering::SeqCst) == 0 {
            return shake(&config, socket);
        }
        while matches!(socket.read(&mut [0; 1024]), Ok(1..)) {}
        None
    };
    let server = Server::with_wire(wrap, |peer| peer.answer_all("200 OK", ""));
    let target = format!("https://127.0.0.1:{}", server.port);
    Rig::at(Http1, &target, INSECURE).run(async |http| {
        http.prepare().await.unwrap();
        let answers = send_all(http, 0..2).await;
        assert!(answers.iter().all(|(_, answer)| answer.result == Ok(())), "{answers:?}");
    });
    assert_eq!(server.connections(), [0, 0]);
}
