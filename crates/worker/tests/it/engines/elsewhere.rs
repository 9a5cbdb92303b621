//! Tests of hosts for which the scenario sets an address, and of certificates in the scenario. A request to a host with
//! such an address keeps the name of the host.

use super::target::{Handshake, Reply, Target, Tls};
use crate::certificates::{Authority, Identity, authority, config, identity, mutual};
use crate::rig::{Rig, ok, outcome, send};
use plan::scenario::Protocol;
use std::sync::Arc;
use std::time::Duration;
use worker::engine::Engine;
use worker::http::Lookup;

for_each_engine! {
    a_host_is_connected_at_the_address_of_the_scenario_and_keeps_its_name,
    an_address_of_the_scenario_is_checked_against_the_allow_list,
    an_authority_and_a_certificate_of_the_scenario_are_used,
    the_handshake_contains_the_name_and_the_certificate,
    a_certificate_for_another_name_is_a_tls_failure,
}

const LONG: Duration = Duration::from_secs(60);

/// Returns a resolver that panics if it is used.
fn unused() -> Lookup {
    Arc::new(|host, _| panic!("{host} is looked up"))
}

fn a_host_is_connected_at_the_address_of_the_scenario_and_keeps_its_name(protocol: Protocol) {
    let server = Target::start(protocol, |_| Reply::ok(""));
    let port = server.port;
    for (target, hosts) in [
        ("http://shop.example:81", format!("127.0.0.1:{port}")),
        ("http://Shop.Example:81", format!("[\"127.0.0.1:{port}\"]")),
        ("http://192.0.2.1:81", format!("127.0.0.1:{port}")),
    ] {
        let host = target
            .trim_start_matches("http://")
            .trim_end_matches(":81")
            .to_lowercase();
        let rig = Rig::at(protocol, target, &format!("hosts: {{ {host}: {hosts} }}"));
        let answer = rig.run_with(unused(), LONG, 1, async |http| {
            http.prepare().await.unwrap();
            send(http, 0).await
        });
        assert_eq!(outcome(&answer), ok(200), "{target}");
        assert_eq!(server.seen().last().unwrap().host, format!("{host}:81"));
    }
}

fn an_address_of_the_scenario_is_checked_against_the_allow_list(protocol: Protocol) {
    for (list, part) in [
        ("shop.example", "127.0.0.1 is a loopback address"),
        ("127.0.0.1", "shop.example is not an allowed target"),
    ] {
        let rig = Rig::at(protocol, "http://shop.example", "hosts: { shop.example: 127.0.0.1 }").allowing(list);
        let prepared = rig.run_with(unused(), LONG, 1, async |http| http.prepare().await);
        let problem = prepared.unwrap_err();
        assert!(problem.contains(part), "{problem}");
    }
}

/// Returns the files and the secret of a client, each with its name in scenarios.
fn pems(authority: &Authority, client: &Identity) -> Vec<(&'static str, String)> {
    vec![
        ("ca.pem", authority.pem()),
        ("client.pem", client.pem()),
        ("CLIENT_KEY", client.key_pem()),
    ]
}

fn an_authority_and_a_certificate_of_the_scenario_are_used(protocol: Protocol) {
    let authority = authority();
    let client = identity("client", Some(&authority));
    let mut ours = pems(&authority, &client);
    ours.push(("CLIENT", client.pem()));
    ours.push(("OTHER_KEY", identity("other", None).key_pem()));
    let key = "key: '{{ secret \"env:CLIENT_KEY\" }}'";
    let tls = Tls::new(mutual("shop.example", &authority));
    let server = Target::secure(protocol, tls, |_| Reply::ok(""));
    let rig = |tls: &str| {
        let snippet = format!("hosts: {{ shop.example: 127.0.0.1 }}\ntls: {{ {tls} }}");
        let target = format!("https://shop.example:{}", server.port);
        Rig::with(protocol, &target, &snippet, &ours)
    };
    for cert in ["client.pem", "'{{ secret \"env:CLIENT\" }}'"] {
        let answer = rig(&format!("ca: ca.pem, cert: {cert}, {key}")).send();
        assert_eq!(outcome(&answer), ok(200), "{cert}");
    }
    // Without `ca`, the engine does not trust the server. Without `cert`, the server refuses the engine.
    for tls in [format!("cert: client.pem, {key}"), "ca: ca.pem".to_owned()] {
        assert!(rig(&tls).send().result.is_err(), "{tls}");
    }
    let wrong = "ca: ca.pem, cert: client.pem, key: '{{ secret \"env:OTHER_KEY\" }}'";
    for (tls, part) in [
        (
            wrong,
            "`tls: cert` does not match a private key in the secret of `tls: key`",
        ),
        ("ca: '{{ secret \"env:NOTHING\" }}'", "`tls: ca` is not a certificate"),
        (
            "cert: client.pem, key: '{{ secret \"env:NOTHING\" }}'",
            "the secret of `tls: key` contains no usable private key in PEM",
        ),
    ] {
        let problem = rig(tls).run(async |http| http.prepare().await).unwrap_err();
        assert!(problem.contains(part) && !problem.contains("NOTHING"), "{problem}");
    }
}

fn the_handshake_contains_the_name_and_the_certificate(protocol: Protocol) {
    let authority = authority();
    let client = identity("client", Some(&authority));
    let tls = Tls::new(mutual("shop.example", &authority));
    let server = Target::secure(protocol, tls, |_| Reply::ok(""));
    let snippet = "hosts: { shop.example: 127.0.0.1 }\n\
                   tls: { ca: ca.pem, cert: client.pem, key: '{{ secret \"env:CLIENT_KEY\" }}' }";
    let target = format!("https://shop.example:{}", server.port);
    let rig = Rig::with(protocol, &target, snippet, &pems(&authority, &client));
    assert_eq!(outcome(&rig.send()), ok(200));
    let alpn = match protocol {
        Protocol::Http1 => "http/1.1",
        Protocol::Http2 => "h2",
    };
    let expected = Handshake {
        server_name: Some("shop.example".to_owned()),
        certificates: 1,
        protocol: Some(alpn.to_owned()),
    };
    assert_eq!(server.handshakes(), [expected]);
}

fn a_certificate_for_another_name_is_a_tls_failure(protocol: Protocol) {
    let authority = authority();
    let tls = Tls::new(config("other.example", Some(&authority)));
    let wrong = Target::secure(protocol, tls, |_| Reply::ok(""));
    let snippet = "hosts: { shop.example: 127.0.0.1 }\ntls: { ca: ca.pem }";
    let ours = [("ca.pem", authority.pem())];
    let target = format!("https://shop.example:{}", wrong.port);
    let answer = Rig::with(protocol, &target, snippet, &ours).send();
    assert_eq!(answer.result, Err(tally::outcome::Failure::Tls));
}
