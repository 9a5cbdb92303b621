//! How connections are opened, found, and given up.

use super::rig::{Rig, failed, ok, outcome, send};
use super::server::{Peer, Server, Silent};
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tally::outcome::Failure;
use test_servers::ClosedPort;
use tokio::time::Instant;
use worker::engine::{Engine, FlowState};
use worker::http::Http;

/// Answers every request at an address, and counts connections and those that are still open.
struct Host {
    connections: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Host {
    fn start(address: SocketAddr) -> (Host, u16) {
        let listener = TcpListener::bind(address).unwrap();
        let port = listener.local_addr().unwrap().port();
        let host = Host {
            connections: Arc::default(),
            open: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, open, requests) = (host.connections.clone(), host.open.clone(), host.requests.clone());
        // It is left behind when the test ends; nobody else has its port.
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                connections.fetch_add(1, Ordering::SeqCst);
                open.fetch_add(1, Ordering::SeqCst);
                let (open, requests) = (open.clone(), requests.clone());
                std::thread::spawn(move || {
                    serve(socket.unwrap(), &requests);
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        (host, port)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn serve(mut socket: TcpStream, requests: &AtomicUsize) {
    let mut buffer = [0; 4096];
    while matches!(socket.read(&mut buffer), Ok(1..)) {
        requests.fetch_add(1, Ordering::SeqCst);
        socket
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .unwrap();
    }
}

/// Lets an engine do what it has to do until something holds.
async fn until(http: &mut Http, holds: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < patience, "it does not come to hold");
        let soon = Instant::now() + Duration::from_millis(5);
        http.wait(soon, &mut Vec::new()).await;
    }
}

fn ip(last: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, last])
}

#[test]
fn fresh_connections_carry_one_request_each_and_say_so() {
    let server = Server::start(|peer: &mut Peer| peer.answer_all("200 OK", "x"));
    Rig::new(server.port, "connections: fresh").run(async |http| {
        http.prepare().await.unwrap();
        for k in 0..4 {
            assert_eq!(outcome(&send(http, k).await), ok(200));
        }
        assert_eq!(http.open(), 0);
    });
    assert_eq!(
        server.connections(),
        [0, 1, 2, 3],
        "the one that was opened ahead carries the first"
    );
    assert!(server.seen().iter().all(|seen| seen.header("connection") == ["close"]));
}

#[test]
fn connections_are_opened_ahead_over_all_addresses_of_a_name() {
    let (first, port) = Host::start((ip(1), 0).into());
    let (second, _) = Host::start((ip(2), port).into());
    let rig = Rig::at(&format!("http://two.example:{port}"), "");
    let lookup = move |_: &str, port: u16| Ok(vec![SocketAddr::new(ip(1), port), SocketAddr::new(ip(2), port)]);
    rig.run_with(Arc::new(lookup), Duration::from_secs(60), 6, async |http| {
        http.prepare().await.unwrap();
        assert_eq!(http.open(), 6);
        until(http, || first.connections() == 3 && second.connections() == 3).await;
    });
}

#[test]
fn a_name_is_looked_up_again_and_connections_follow_it() {
    let (first, port) = Host::start((ip(1), 0).into());
    let (second, _) = Host::start((ip(3), port).into());
    let rig = Rig::at(&format!("http://moving.example:{port}"), "");
    let leads_to = Arc::new(Mutex::new(ip(1)));
    let said = leads_to.clone();
    let lookup = move |_: &str, port: u16| Ok(vec![SocketAddr::new(*said.lock().unwrap(), port)]);
    rig.run_with(Arc::new(lookup), Duration::from_millis(20), 2, async |http| {
        http.prepare().await.unwrap();
        assert_eq!(outcome(&send(http, 0).await), ok(200));
        assert_eq!((first.connections(), second.connections()), (2, 0));
        *leads_to.lock().unwrap() = ip(3);
        until(http, || first.open.load(Ordering::SeqCst) == 0).await;
        assert_eq!(outcome(&send(http, 1).await), ok(200));
        assert_eq!((first.connections(), second.connections()), (2, 1));
    });
}

#[test]
fn a_name_that_is_lost_meanwhile_keeps_its_addresses() {
    let (host, port) = Host::start((ip(1), 0).into());
    let rig = Rig::at(&format!("http://lost.example:{port}"), "");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let lookup = move |_: &str, port: u16| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(vec![SocketAddr::new(ip(1), port)]),
        _ => Err(std::io::Error::other("no answer")),
    };
    rig.run_with(Arc::new(lookup), Duration::from_millis(10), 1, async |http| {
        http.prepare().await.unwrap();
        until(http, || asked.load(Ordering::SeqCst) > 3).await;
        assert_eq!(outcome(&send(http, 0).await), ok(200));
    });
    assert_eq!(host.connections(), 1);
}

#[test]
fn a_target_that_refuses_is_tried_again_but_not_as_fast_as_requests_come() {
    let closed = ClosedPort::new().unwrap();
    let port = closed.port;
    Rig::new(port, "").run(async |http| {
        let began = Instant::now();
        let mut failures = 0;
        while began.elapsed() < Duration::from_millis(700) {
            assert_eq!(outcome(&send(http, failures).await), failed(Failure::Connect, None));
            failures += 1;
        }
        assert!((5..80).contains(&failures), "{failures} connections were tried");
        drop(closed);
        let (_host, _) = Host::start((ip(1), port).into());
        let back = Instant::now();
        while outcome(&send(http, 1_000).await) != ok(200) {
            assert!(
                back.elapsed() < Duration::from_secs(5),
                "a target that is back is found"
            );
        }
    });
}

#[test]
fn a_request_that_waits_for_a_connection_takes_the_one_that_is_free_first() {
    // The second connection is never accepted by anybody: both requests go over the first.
    let (host, port) = Host::start((ip(1), 0).into());
    let _silent = Silent::at((ip(4), port));
    let rig = Rig::at(&format!("http://half.example:{port}"), "");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let lookup = move |_: &str, port: u16| {
        let silent = count.fetch_add(1, Ordering::SeqCst) > 0;
        Ok(vec![SocketAddr::new(ip(if silent { 4 } else { 1 }), port)])
    };
    rig.run_with(Arc::new(lookup), Duration::from_secs(60), 1, async |http| {
        http.prepare().await.unwrap();
        let mut answers = Vec::new();
        http.send(0.into(), 0, 0.into(), FlowState::default());
        http.send(1.into(), 1, 0.into(), FlowState::default());
        let patience = Instant::now() + Duration::from_secs(4);
        while answers.len() < 2 {
            assert!(Instant::now() < patience, "{answers:?}");
            http.wait(patience, &mut answers).await;
        }
        assert!(answers.iter().all(|(_, answer)| answer.result == Ok(())), "{answers:?}");
    });
    assert_eq!(host.requests.load(Ordering::SeqCst), 2);
}
