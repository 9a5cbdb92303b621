//! Tests of the waits of a request: the wait before the request is sent, and the wait before its answer begins.

use super::target::{Reply, Target, Tls};
use crate::certificates::{INSECURE, config};
use crate::rig::{Rig, ok, outcome, send, until};
use plan::scenario::Protocol;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tally::histogram::Histogram;
use tally::waits::Openings;
use test_servers::ClosedPort;
use worker::engine::Engine;
use worker::http::Lookup;

for_each_engine! {
    a_slow_handshake_counts_as_opening,
    a_slow_resolver_counts_as_opening,
    connections_opened_before_the_start_are_counted_but_cause_no_wait,
    the_first_byte_is_earlier_than_the_last,
    a_request_without_an_answer_has_no_first_byte,
    the_largest_number_of_open_connections_is_returned_once,
}

/// The duration of each slow operation in these tests, and the minimum duration that an engine measures for it. A
/// histogram has a precision of three digits.
const SLOW: Duration = Duration::from_millis(150);
const SLOW_MEASURED: Duration = Duration::from_millis(149);
/// The maximum duration of each fast operation in these tests. The maximum allows for a busy machine.
const FAST: Duration = Duration::from_millis(100);

/// Returns a resolver that is slow.
fn slow_resolver(port: u16) -> Lookup {
    Arc::new(move |_, _| {
        std::thread::sleep(SLOW);
        Ok(vec![SocketAddr::from(([127, 0, 0, 1], port))])
    })
}

fn times(histogram: &Histogram) -> (u64, Duration) {
    (histogram.len(), Duration::from_nanos(histogram.max()))
}

/// Returns the only origin to which connections were opened, and the counts and durations of resolve, connect and TLS.
fn only(openings: &Openings) -> (String, [(u64, Duration); 3]) {
    let all: Vec<_> = openings.iter().collect();
    let [(origin, opening)] = all.as_slice() else {
        panic!("{openings:?}");
    };
    (
        (*origin).to_owned(),
        [&opening.resolve, &opening.connect, &opening.tls].map(times),
    )
}

fn a_slow_handshake_counts_as_opening(protocol: Protocol) {
    let tls = Tls::new(config("127.0.0.1", None)).late(SLOW);
    let server = Target::secure(protocol, tls, |_| Reply::ok("hello"));
    let target = format!("https://127.0.0.1:{}", server.port);
    Rig::at(protocol, &target, INSECURE).run(async |http| {
        let due = tokio::time::Instant::now();
        let first = send(http, 0).await;
        assert_eq!(outcome(&first), ok(200));
        assert!(first.opening >= SLOW && first.waiting.is_zero(), "{first:?}");
        let (lag, service) = (first.sent - due, first.done - first.sent);
        assert!(lag >= SLOW && service < SLOW, "{first:?}");
        let (origin, [resolve, connect, tls]) = only(&http.take_openings());
        assert_eq!(
            (origin.as_str(), resolve.0),
            (target.as_str(), 0),
            "an address is not looked up"
        );
        assert!(connect.0 == 1 && connect.1 < FAST, "{connect:?}");
        assert!(tls.0 == 1 && tls.1 >= SLOW_MEASURED, "{tls:?}");
        // The second request uses the connection that is open, so it opens no connection.
        let second = send(http, 1).await;
        assert_eq!((outcome(&second), second.opening), (ok(200), Duration::ZERO));
        assert_eq!(
            http.take_openings(),
            Openings::default(),
            "each opening is returned once"
        );
    });
}

fn a_slow_resolver_counts_as_opening(protocol: Protocol) {
    let server = Target::start(protocol, |_| Reply::ok("hello"));
    let target = format!("http://shop.example:{}", server.port);
    let kept = Duration::from_secs(60);
    Rig::at(protocol, &target, "").run_with(slow_resolver(server.port), kept, 1, async |http| {
        let first = send(http, 0).await;
        assert_eq!(outcome(&first), ok(200));
        assert!(first.opening >= SLOW, "{first:?}");
        let (origin, [resolve, connect, tls]) = only(&http.take_openings());
        assert_eq!((origin.as_str(), tls.0), (target.as_str(), 0));
        assert!(resolve.0 == 1 && resolve.1 >= SLOW_MEASURED, "{resolve:?}");
        assert!(connect.0 == 1 && connect.1 < FAST, "{connect:?}");
    });
}

fn connections_opened_before_the_start_are_counted_but_cause_no_wait(protocol: Protocol) {
    let target = Target::start(protocol, |_| Reply::ok("hello"));
    Rig::new(protocol, target.port, "").run(async |http| {
        http.prepare().await.unwrap();
        let first = send(http, 0).await;
        assert_eq!((outcome(&first), first.opening), (ok(200), Duration::ZERO));
        assert_eq!(only(&http.take_openings()).1[1].0, 1);
    });
    assert_eq!(target.connections(), 1);
}

fn the_first_byte_is_earlier_than_the_last(protocol: Protocol) {
    let target = Target::start(protocol, |_| Reply::ok("hello").late(SLOW).late_body(SLOW));
    let answer = Rig::new(protocol, target.port, "").send();
    assert_eq!(outcome(&answer), ok(200));
    let first_byte = answer.first_byte.unwrap();
    assert!(first_byte - answer.sent >= SLOW, "{answer:?}");
    // The engine may have read the first byte late.
    assert!(answer.done - first_byte >= SLOW / 2, "{answer:?}");
}

fn a_request_without_an_answer_has_no_first_byte(protocol: Protocol) {
    let target = Target::start(protocol, |_| Reply::broken());
    let answer = Rig::new(protocol, target.port, "").send();
    assert!(answer.result.is_err());
    assert_eq!(answer.first_byte, None);
}

fn the_largest_number_of_open_connections_is_returned_once(protocol: Protocol) {
    let target = Target::start(protocol, |_| Reply::ok("hello"));
    Rig::new(protocol, target.port, "").run(async |http| {
        assert_eq!(http.take_open_max(), 0);
        assert_eq!(outcome(&send(http, 0).await), ok(200));
        target.close_connections();
        until(http, || target.open() == 0).await;
        assert_eq!(outcome(&send(http, 1).await), ok(200));
        assert_eq!(
            http.take_open_max(),
            1,
            "the two connections were not open at the same time"
        );
        assert_eq!(http.take_open_max(), 1, "the second one is still open");
    });
    assert_eq!(target.connections(), 2);
    let closed = ClosedPort::new().unwrap();
    Rig::new(protocol, closed.port, "").run(async |http| {
        assert!(send(http, 0).await.result.is_err());
        assert_eq!(http.take_open_max(), 0, "it did not open");
    });
}
