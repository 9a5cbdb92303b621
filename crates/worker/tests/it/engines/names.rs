//! Tests of host names, and of the addresses to which the names resolve.

use super::target::{Reply, Target};
use crate::rig::{Rig, failed, ok, outcome, send, send_all, until};
use plan::scenario::Protocol;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tally::outcome::Failure;
use worker::engine::Engine;
use worker::http::Lookup;

for_each_engine! {
    connections_before_the_start_use_all_addresses_of_a_name,
    a_name_is_looked_up_again_and_connections_follow_it,
    requests_on_a_connection_to_an_old_address_complete,
    a_name_keeps_its_addresses_when_a_later_look_up_fails,
    a_failed_look_up_is_shared_by_all_waiting_requests,
}

const LONG: Duration = Duration::from_secs(60);

fn ip(last: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, last])
}

/// Starts two targets with the same port at different addresses.
fn two(protocol: Protocol, script: fn() -> Reply) -> (Target, Target) {
    let first = Target::start(protocol, move |_| script());
    let second = Target::at((ip(3), first.port), protocol, move |_| script());
    (first, second)
}

fn connections_before_the_start_use_all_addresses_of_a_name(protocol: Protocol) {
    let (first, second) = two(protocol, || Reply::ok(""));
    let lookup: Lookup = Arc::new(|_, port| Ok([1, 3].map(|last| SocketAddr::new(ip(last), port)).into()));
    let rig = Rig::at(protocol, &format!("http://two.example:{}", first.port), "");
    rig.run_with(lookup, LONG, 6, async |http| {
        http.prepare().await.unwrap();
        until(http, || first.connections() == 3 && second.connections() == 3).await;
    });
}

fn a_name_is_looked_up_again_and_connections_follow_it(protocol: Protocol) {
    let (first, second) = two(protocol, || Reply::ok(""));
    let rig = Rig::at(protocol, &format!("http://moving.example:{}", first.port), "");
    let address = Arc::new(Mutex::new(ip(1)));
    let current = address.clone();
    let lookup: Lookup = Arc::new(move |_, port| Ok(vec![SocketAddr::new(*current.lock().unwrap(), port)]));
    rig.run_with(lookup, Duration::from_millis(20), 2, async |http| {
        http.prepare().await.unwrap();
        assert_eq!(outcome(&send(http, 0).await), ok(200));
        assert_eq!((first.connections(), second.connections()), (2, 0));
        *address.lock().unwrap() = ip(3);
        // The engine closes idle connections to the old address without waiting for a request.
        until(http, || first.open() == 0).await;
        assert_eq!(outcome(&send(http, 1).await), ok(200));
        assert_eq!((first.connections(), second.connections()), (2, 1));
    });
}

fn requests_on_a_connection_to_an_old_address_complete(protocol: Protocol) {
    let (first, _second) = two(protocol, || Reply::ok("").late(Duration::from_millis(400)));
    let address = Arc::new(Mutex::new(ip(1)));
    let (current, asked) = (address.clone(), Arc::new(AtomicUsize::new(0)));
    let count = asked.clone();
    let lookup: Lookup = Arc::new(move |_, port| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(vec![SocketAddr::new(*current.lock().unwrap(), port)])
    });
    let rig = Rig::at(protocol, &format!("http://moving.example:{}", first.port), "");
    rig.run_with(lookup, Duration::from_millis(20), 1, async |http| {
        http.prepare().await.unwrap();
        let before = asked.load(Ordering::SeqCst);
        *address.lock().unwrap() = ip(3);
        // The engine sends this request before it handles the new address, so the request uses the old connection.
        let answer = send_all(http, 0..1).await.remove(0).1;
        assert_eq!(outcome(&answer), ok(200));
        assert!(asked.load(Ordering::SeqCst) > before);
        until(http, || first.open() == 0).await;
    });
    assert_eq!(first.seen().len(), 1);
}

fn a_name_keeps_its_addresses_when_a_later_look_up_fails(protocol: Protocol) {
    let target = Target::start(protocol, |_| Reply::ok(""));
    let rig = Rig::at(protocol, &format!("http://lost.example:{}", target.port), "");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let lookup: Lookup = Arc::new(move |_, port| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(vec![SocketAddr::new(ip(1), port)]),
        _ => Err(std::io::Error::other("no answer")),
    });
    rig.run_with(lookup, Duration::from_millis(10), 1, async |http| {
        http.prepare().await.unwrap();
        until(http, || asked.load(Ordering::SeqCst) > 3).await;
        assert_eq!(outcome(&send(http, 0).await), ok(200));
    });
    assert_eq!(target.connections(), 1);
}

fn a_failed_look_up_is_shared_by_all_waiting_requests(protocol: Protocol) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let lookup: Lookup = Arc::new(move |_, _| {
        count.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(50));
        Err(std::io::Error::other("no answer"))
    });
    let rig = Rig::at(protocol, "http://lost.example", "limits: { connections: 40 }");
    rig.run_with(lookup, LONG, 1, async |http| {
        for (_, answer) in send_all(http, 0..40).await {
            assert_eq!(outcome(&answer), failed(Failure::Resolve, None));
        }
    });
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
