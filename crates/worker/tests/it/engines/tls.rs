//! Whom an engine believes, and what it says of the others.

use super::target::{Reply, Seen, Target, Tls, writes};
use crate::certificates::{INSECURE, config, wants_certificate};
use crate::rig::{Rig, failed, ok, outcome, send, until};
use plan::scenario::Protocol;
use tally::outcome::Failure;

for_each_engine! {
    a_certificate_that_nobody_vouches_for_is_a_failure_of_tls,
    any_name_will_do_for_whoever_is_insecure,
    plain_http_from_a_tls_port_is_a_failure_of_tls,
    plain_http_to_a_tls_port_fails,
    a_target_that_wants_a_certificate_of_the_client_is_a_failure_of_tls,
    a_handshake_that_takes_too_long_is_a_failure_to_connect,
    a_connection_is_used_again_and_one_closed_while_idle_is_no_failure,
}

fn hello(_: &Seen) -> Reply {
    Reply::ok("hello")
}

fn rig(protocol: Protocol, port: u16, snippet: &str) -> Rig {
    Rig::at(protocol, &format!("https://127.0.0.1:{port}"), snippet)
}

fn a_certificate_that_nobody_vouches_for_is_a_failure_of_tls(protocol: Protocol) {
    let target = Target::secure(protocol, Tls::new(config("127.0.0.1", None)), hello);
    let believing = rig(protocol, target.port, "").send();
    assert_eq!(outcome(&believing), failed(Failure::Tls, None));
    assert_eq!(outcome(&rig(protocol, target.port, INSECURE).send()), ok(200));
}

fn any_name_will_do_for_whoever_is_insecure(protocol: Protocol) {
    let target = Target::secure(protocol, Tls::new(config("other.example", None)), hello);
    assert_eq!(outcome(&rig(protocol, target.port, INSECURE).send()), ok(200));
}

fn plain_http_from_a_tls_port_is_a_failure_of_tls(protocol: Protocol) {
    let port = writes(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", false);
    let answer = rig(protocol, port, INSECURE).send();
    assert_eq!(outcome(&answer), failed(Failure::Tls, None));
    let answer = rig(protocol, writes(b"", true), INSECURE).send();
    assert_eq!(outcome(&answer), failed(Failure::Tls, None));
}

fn plain_http_to_a_tls_port_fails(protocol: Protocol) {
    let target = Target::secure(protocol, Tls::new(config("127.0.0.1", None)), hello);
    let answer = Rig::new(protocol, target.port, "").send();
    assert!(
        matches!(answer.result, Err(Failure::Protocol | Failure::Reset)),
        "{answer:?}"
    );
    assert_eq!(answer.code, None);
}

fn a_target_that_wants_a_certificate_of_the_client_is_a_failure_of_tls(protocol: Protocol) {
    let target = Target::secure(protocol, Tls::new(wants_certificate()), hello);
    let answer = rig(protocol, target.port, INSECURE).send();
    assert_eq!(outcome(&answer), failed(Failure::Tls, None));
}

fn a_handshake_that_takes_too_long_is_a_failure_to_connect(protocol: Protocol) {
    let limits = "limits: { insecure_tls: true, connect_timeout: 150ms }";
    let answer = rig(protocol, writes(b"", false), limits).send();
    assert_eq!(outcome(&answer), failed(Failure::Connect, None));
}

fn a_connection_is_used_again_and_one_closed_while_idle_is_no_failure(protocol: Protocol) {
    let target = Target::secure(protocol, Tls::new(config("127.0.0.1", None)), hello);
    rig(protocol, target.port, INSECURE).run(async |http| {
        for k in 0..3 {
            assert_eq!(outcome(&send(http, k).await), ok(200));
        }
        assert_eq!(target.connections(), 1);
        // Without the alert that TLS would have.
        target.close_connections();
        until(http, || target.open() == 0).await;
        assert_eq!(outcome(&send(http, 3).await), ok(200));
    });
    assert_eq!(target.connections(), 2);
}
