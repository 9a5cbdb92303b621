//! Tests of the certificates that an engine accepts, and of the failures for all other certificates.

use super::target::{Reply, Seen, Target, Tls, writes};
use crate::certificates::{INSECURE, config, wants_certificate};
use crate::rig::{Rig, failed, ok, outcome, send, until};
use plan::scenario::Protocol;
use tally::outcome::Failure;

for_each_engine! {
    a_self_signed_certificate_is_a_tls_failure,
    insecure_tls_accepts_a_certificate_for_any_name,
    plain_http_from_a_tls_port_is_a_tls_failure,
    plain_http_to_a_tls_port_fails,
    a_missing_client_certificate_is_a_tls_failure,
    a_handshake_timeout_is_a_connect_failure,
    connections_are_reused_and_closing_an_idle_one_causes_no_failure,
}

fn hello(_: &Seen) -> Reply {
    Reply::ok("hello")
}

fn rig(protocol: Protocol, port: u16, snippet: &str) -> Rig {
    Rig::at(protocol, &format!("https://127.0.0.1:{port}"), snippet)
}

fn a_self_signed_certificate_is_a_tls_failure(protocol: Protocol) {
    let target = Target::secure(protocol, Tls::new(config("127.0.0.1", None)), hello);
    let strict = rig(protocol, target.port, "").send();
    assert_eq!(outcome(&strict), failed(Failure::Tls, None));
    assert_eq!(outcome(&rig(protocol, target.port, INSECURE).send()), ok(200));
}

fn insecure_tls_accepts_a_certificate_for_any_name(protocol: Protocol) {
    let target = Target::secure(protocol, Tls::new(config("other.example", None)), hello);
    assert_eq!(outcome(&rig(protocol, target.port, INSECURE).send()), ok(200));
}

fn plain_http_from_a_tls_port_is_a_tls_failure(protocol: Protocol) {
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

fn a_missing_client_certificate_is_a_tls_failure(protocol: Protocol) {
    let target = Target::secure(protocol, Tls::new(wants_certificate()), hello);
    let answer = rig(protocol, target.port, INSECURE).send();
    assert_eq!(outcome(&answer), failed(Failure::Tls, None));
}

fn a_handshake_timeout_is_a_connect_failure(protocol: Protocol) {
    let limits = "limits: { insecure_tls: true, connect_timeout: 150ms }";
    let answer = rig(protocol, writes(b"", false), limits).send();
    assert_eq!(outcome(&answer), failed(Failure::Connect, None));
}

fn connections_are_reused_and_closing_an_idle_one_causes_no_failure(protocol: Protocol) {
    let target = Target::secure(protocol, Tls::new(config("127.0.0.1", None)), hello);
    rig(protocol, target.port, INSECURE).run(async |http| {
        for k in 0..3 {
            assert_eq!(outcome(&send(http, k).await), ok(200));
        }
        assert_eq!(target.connections(), 1);
        // The target closes its connections without the TLS alert close_notify.
        target.close_connections();
        until(http, || target.open() == 0).await;
        assert_eq!(outcome(&send(http, 3).await), ok(200));
    });
    assert_eq!(target.connections(), 2);
}
