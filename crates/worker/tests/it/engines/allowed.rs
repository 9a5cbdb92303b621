//! Tests of engines with an allow-list. An engine must connect only to allowed addresses, in every way in which a
//! request can name another address.

use super::target::{Reply, Seen, Target};
use crate::rig::{Rig, failed, ok, outcome, send};
use plan::scenario::Protocol;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tally::outcome::Failure;
use tokio::time::Instant;
use worker::engine::Engine;
use worker::http::Lookup;

for_each_engine! {
    a_plan_with_a_target_that_is_not_allowed_is_refused_before_the_start,
    a_name_that_resolves_to_another_address_gets_no_connection,
    redirects_to_hosts_that_are_not_allowed_fail,
    drawn_hosts_are_checked_for_each_arrival,
}

const KEPT: Duration = Duration::from_millis(20);
/// The address of the targets in these tests. The next constant is another loopback address, which is not on any list.
const NAMED: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1));
const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

/// A listener that must not receive a connection.
struct Bystander(TcpListener);

impl Bystander {
    fn at(address: IpAddr, port: u16) -> Bystander {
        let listener = TcpListener::bind((address, port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Bystander(listener)
    }

    #[track_caller]
    fn check_unused(&self) {
        assert!(self.0.accept().is_err(), "the engine has connected");
    }
}

fn greets(_: &Seen) -> Reply {
    Reply::ok("hello")
}

/// Returns a resolver that resolves these names.
fn names(known: &'static [(&'static str, &'static [&'static str])]) -> Lookup {
    Arc::new(move |host, port| {
        let found = known.iter().find(|(name, _)| *name == host);
        let (_, addresses) = found.ok_or_else(|| std::io::Error::other(format!("{host} was looked up")))?;
        Ok(addresses
            .iter()
            .map(|address| SocketAddr::new(address.parse().unwrap(), port))
            .collect())
    })
}

#[track_caller]
fn prepares(protocol: Protocol, target: &str, snippet: &str, list: &str, lookup: Lookup, expected: Result<(), &str>) {
    let rig = Rig::at(protocol, target, snippet).allowing(list);
    let prepared = rig.run_with(lookup, KEPT, 1, async |http| http.prepare().await);
    match (prepared, expected) {
        (Ok(()), Ok(())) => {}
        (Err(problem), Err(part)) => assert!(problem.contains(part), "{problem}"),
        (prepared, _) => panic!("{target} {list}: {prepared:?}, expected {expected:?}"),
    }
}

fn a_plan_with_a_target_that_is_not_allowed_is_refused_before_the_start(protocol: Protocol) {
    let known = || {
        names(&[
            ("shop.example", &["127.0.0.1", "10.0.0.9"]),
            ("inner.example", &["10.0.0.9", "fd00::9"]),
            ("keys.example", &["169.254.169.254"]),
        ])
    };
    let shop = "http://shop.example:1";
    prepares(protocol, shop, "", "shop.example 127.0.0.1", known(), Ok(()));
    // A name that is not on the list is not looked up.
    prepares(
        protocol,
        "http://evil.example:1",
        "",
        "shop.example",
        known(),
        Err("evil.example is not an allowed target: VAJRA_ALLOW"),
    );
    prepares(
        protocol,
        "http://evil.example:1",
        "",
        "",
        known(),
        Err("VAJRA_ALLOW is empty or not set"),
    );
    let inner = "http://inner.example:1";
    let problem =
        "inner.example resolves to an address that is not allowed: 10.0.0.9 is a private address (10.0.0.0/8)";
    prepares(protocol, inner, "", "inner.example", known(), Err(problem));
    prepares(
        protocol,
        inner,
        "",
        "inner.example",
        known(),
        Err("add `10.0.0.9` or a range within 10.0.0.0/8 to VAJRA_ALLOW"),
    );
    let keys = "http://keys.example:1";
    prepares(
        protocol,
        keys,
        "",
        "keys.example 0.0.0.0/0",
        known(),
        Err("cannot allow this address"),
    );
    prepares(
        protocol,
        "http://127.0.0.1:1",
        "",
        "shop.example",
        known(),
        Err("127.0.0.1 is a loopback address"),
    );
    prepares(
        protocol,
        "http://[::ffff:127.0.0.1]:1",
        "",
        "shop.example",
        known(),
        Err("a form of 127.0.0.1"),
    );
    // The list must also allow the second of two targets, and a host in the URL of a single request.
    let two = "targets: [\"http://shop.example:1\", \"http://evil.example:1\"]";
    prepares(
        protocol,
        "",
        two,
        "shop.example 127.0.0.1",
        known(),
        Err("evil.example is not an allowed target"),
    );
    prepares(
        protocol,
        shop,
        "url: http://evil.example/x",
        "shop.example 127.0.0.1",
        known(),
        Err("evil.example is not an allowed target"),
    );
}

fn a_name_that_resolves_to_another_address_gets_no_connection(protocol: Protocol) {
    let server = Target::start(protocol, greets);
    let bystander = Bystander::at(OTHER, server.port);
    let resolved = Arc::new(Mutex::new(vec![NAMED]));
    let current = resolved.clone();
    let lookup: Lookup = Arc::new(move |_, port| {
        let addresses = current.lock().unwrap();
        Ok(addresses
            .iter()
            .map(|address| SocketAddr::new(*address, port))
            .collect())
    });
    let kinds: &[&str] = match protocol {
        Protocol::Http1 => &["connections: fresh", "connections: kept"],
        Protocol::Http2 => &["connections: kept"],
    };
    for snippet in kinds {
        let rig = Rig::at(protocol, &format!("http://shop.example:{}", server.port), snippet);
        let rig = rig.allowing("shop.example, 127.0.0.1");
        *resolved.lock().unwrap() = vec![NAMED];
        rig.run_with(lookup.clone(), KEPT, 1, async |http| {
            http.prepare().await.unwrap();
            assert_eq!(outcome(&send(http, 0).await), ok(200));
            for elsewhere in [
                OTHER,
                "169.254.169.254".parse().unwrap(),
                "::ffff:127.0.0.2".parse().unwrap(),
                "fd00:ec2::254".parse().unwrap(),
            ] {
                *resolved.lock().unwrap() = vec![elsewhere];
                let patience = Instant::now() + Duration::from_secs(20);
                let mut k = 0;
                let refused = loop {
                    assert!(Instant::now() < patience, "{elsewhere} was not detected");
                    k += 1;
                    let answer = send(http, k).await;
                    if answer.result.is_err() {
                        break answer;
                    }
                };
                assert_eq!(outcome(&refused), failed(Failure::NotAllowed, None), "{elsewhere}");
                // Later requests are refused too. If a name has several addresses, the engine uses the allowed address.
                assert_eq!(outcome(&send(http, k + 1).await), failed(Failure::NotAllowed, None));
                *resolved.lock().unwrap() = vec![elsewhere, NAMED];
                while outcome(&send(http, k).await) != ok(200) {
                    assert!(Instant::now() < patience, "the allowed address was not used again");
                }
                for k in 0..8 {
                    assert_eq!(outcome(&send(http, k).await), ok(200), "{elsewhere} was tried");
                }
            }
        });
    }
    bystander.check_unused();
}

fn redirects_to_hosts_that_are_not_allowed_fail(protocol: Protocol) {
    let known = names(&[
        ("shop.example", &["127.0.0.1"]),
        ("good.example", &["127.0.0.1"]),
        ("trap.example", &["127.0.0.2"]),
        ("keys.example", &["169.254.169.254"]),
    ]);
    let end = Target::start(protocol, greets);
    let bystander = Bystander::at(OTHER, end.port);
    for (host, expected) in [
        ("good.example", ok(200)),
        ("GOOD.example", ok(200)),
        ("127.0.0.1", ok(200)),
        ("evil.example", failed(Failure::NotAllowed, None)),
        ("trap.example", failed(Failure::NotAllowed, None)),
        ("keys.example", failed(Failure::NotAllowed, None)),
        ("127.0.0.2", failed(Failure::NotAllowed, None)),
        ("2130706434", failed(Failure::NotAllowed, None)),
        ("0x7f.2", failed(Failure::NotAllowed, None)),
        ("[::ffff:127.0.0.2]", failed(Failure::NotAllowed, None)),
        ("[::1]", failed(Failure::NotAllowed, None)),
        ("localhost", failed(Failure::NotAllowed, None)),
        ("good.example@evil.example", failed(Failure::NotAllowed, None)),
    ] {
        let location = format!("http://{host}:{}/", end.port);
        let server = Target::start(protocol, move |_| Reply::redirect(307, &location));
        let rig = Rig::at(
            protocol,
            &format!("http://shop.example:{}", server.port),
            "follow_redirects: 1",
        );
        let rig = rig.allowing("shop.example good.example trap.example keys.example 127.0.0.1");
        let answer = rig.run_with(known.clone(), Duration::from_secs(60), 1, async |http| {
            http.prepare().await.unwrap();
            send(http, 0).await
        });
        assert_eq!(outcome(&answer), expected, "{host}");
    }
    bystander.check_unused();
    assert_eq!(end.seen().len(), 3);
}

fn drawn_hosts_are_checked_for_each_arrival(protocol: Protocol) {
    let server = Target::start(protocol, greets);
    let url = format!("url: \"http://shop{{{{ random 1 2 }}}}.example:{}/\"", server.port);
    let rig = Rig::new(protocol, server.port, &url).allowing("127.0.0.1 shop1.example");
    let known = names(&[("shop1.example", &["127.0.0.1"])]);
    let outcomes = rig.run_with(known, Duration::from_secs(60), 1, async |http| {
        http.prepare().await.unwrap();
        let mut outcomes = Vec::new();
        for k in 0..20 {
            outcomes.push(outcome(&send(http, k).await));
        }
        outcomes
    });
    let allowed = outcomes.iter().filter(|outcome| **outcome == ok(200)).count();
    let refused = outcomes
        .iter()
        .filter(|outcome| **outcome == failed(Failure::NotAllowed, None));
    assert_eq!(allowed + refused.count(), 20, "{outcomes:?}");
    assert!((1..20).contains(&allowed));
    let hosts: Vec<_> = server.seen().into_iter().map(|seen| seen.host).collect();
    assert!(hosts.iter().all(|host| host.starts_with("shop1.example")), "{hosts:?}");
}
