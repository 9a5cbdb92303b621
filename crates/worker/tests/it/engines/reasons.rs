//! Tests of the reasons of failures. A reason has a cause, a detail and an origin.

use super::target::{Reply, Seen, Target, Tls, writes};
use crate::certificates::{INSECURE, config, wants_certificate};
use crate::engine_http::Silent;
use crate::rig::{Rig, send};
use plan::scenario::Protocol;
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use test_servers::ClosedPort;
use worker::engine::Engine;
use worker::http::Lookup;

for_each_engine! {
    a_refused_connection_names_its_address,
    a_timeout_names_its_phase,
    a_request_timeout_and_a_connect_timeout_have_different_causes,
    an_answer_that_breaks_the_success_rule_names_the_cause,
    a_refused_handshake_names_the_fault,
    a_name_without_addresses_names_the_cause,
    the_origin_of_a_redirect_is_hidden_if_it_contains_a_secret,
}

#[track_caller]
fn check(rig: &Rig, cause: Cause, detail: &str, origin: &str) {
    let reported = rig.fail();
    let (why, words) = (reported.why, reported.why.detail.to_string());
    assert_eq!((why.cause, words.as_str(), &*reported.origin), (cause, detail, origin));
}

/// Checks the cause, the detail and the origin with which arrival 0 fails.
#[track_caller]
fn fails(
    protocol: Protocol,
    script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    snippet: &str,
    cause: Cause,
    detail: &str,
) {
    let target = Target::start(protocol, script);
    let origin = format!("http://127.0.0.1:{}", target.port);
    check(&Rig::new(protocol, target.port, snippet), cause, detail, &origin);
}

fn a_refused_connection_names_its_address(protocol: Protocol) {
    let closed = ClosedPort::new().unwrap();
    let address = format!("127.0.0.1:{}", closed.port);
    let origin = format!("http://{address}");
    check(&Rig::new(protocol, closed.port, ""), Cause::Refused, &address, &origin);
}

fn a_timeout_names_its_phase(protocol: Protocol) {
    const SHORT: &str = "timeout: 150ms";
    let first_byte = "while waiting for the first byte";
    fails(protocol, |_| Reply::never(), SHORT, Cause::Timeout, first_byte);
    let stalled = |_: &Seen| Reply::ok("1234").stalled();
    fails(protocol, stalled, SHORT, Cause::Timeout, "while reading the body");
}

fn a_request_timeout_and_a_connect_timeout_have_different_causes(protocol: Protocol) {
    let silent = Silent::at("127.0.0.1:0");
    let (address, port) = (silent.address.to_string(), silent.address.port());
    let origin = format!("http://{address}");
    let rig = Rig::new(protocol, port, "timeout: 100ms\nlimits: { connect_timeout: 10s }");
    check(&rig, Cause::Timeout, "while connecting", &origin);
    let rig = Rig::new(protocol, port, "limits: { connect_timeout: 150ms }");
    check(&rig, Cause::ConnectTimeout, &address, &origin);
}

fn an_answer_that_breaks_the_success_rule_names_the_cause(protocol: Protocol) {
    fails(protocol, |_| Reply::new(503, ""), "", Cause::Status, "503");
    let hello = |_: &Seen| Reply::ok("hello");
    let rule = "success: { body_contains: bye }";
    fails(protocol, hello, rule, Cause::TextNotFound, "");
    let large = "limits: { body_bytes_max: 2 }";
    fails(protocol, hello, large, Cause::BodyTooLarge, "");
    let follow = "follow_redirects: 2";
    let round = |_: &Seen| Reply::redirect(302, "/");
    fails(protocol, round, follow, Cause::TooManyRedirects, "");
    let ftp = |_: &Seen| Reply::redirect(302, "ftp://a.example/");
    fails(protocol, ftp, follow, Cause::RedirectNotFollowed, "");
}

fn a_refused_handshake_names_the_fault(protocol: Protocol) {
    let at = |port: u16, snippet: &str| Rig::at(protocol, &format!("https://127.0.0.1:{port}"), snippet);
    let https = |port: u16| format!("https://127.0.0.1:{port}");
    let hello = |_: &Seen| Reply::ok("hello");

    let own = Target::secure(protocol, Tls::new(config("127.0.0.1", None)), hello);
    check(&at(own.port, ""), Cause::UnknownIssuer, "", &https(own.port));

    let wanting = Target::secure(protocol, Tls::new(wants_certificate()), hello);
    let required = Cause::ClientCertificateRequired;
    check(&at(wanting.port, INSECURE), required, "", &https(wanting.port));

    // The bytes of a ServerHello of a server with TLS 1.0.
    const HELLO: &[u8] = b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x00\x00\x2f\x00";
    for (bytes, cause, detail) in [
        (
            &b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"[..],
            Cause::NotTls,
            "",
        ),
        // The fatal alert protocol_version, as a server with only TLS 1.0 sends it.
        (&[21, 3, 1, 0, 2, 2, 70], Cause::TlsVersion, ""),
        (HELLO, Cause::TlsVersion, ""),
        // The fatal alert handshake_failure.
        (&[21, 3, 3, 0, 2, 2, 40], Cause::TlsAlert, "HandshakeFailure"),
    ] {
        let port = writes(bytes, false);
        check(&at(port, INSECURE), cause, detail, &https(port));
    }
    let silent = writes(b"", false);
    let short = "limits: { insecure_tls: true, connect_timeout: 150ms }";
    let address = format!("127.0.0.1:{silent}");
    check(&at(silent, short), Cause::HandshakeTimeout, &address, &https(silent));
}

fn a_name_without_addresses_names_the_cause(protocol: Protocol) {
    let lookup = |words: &'static str| -> Lookup { Arc::new(move |_, _| Err(std::io::Error::other(words))) };
    for (words, cause) in [
        (
            "failed to lookup address information: Name or service not known",
            Cause::NoSuchName,
        ),
        (
            "failed to lookup address information: Temporary failure in name resolution",
            Cause::ResolverFailed,
        ),
    ] {
        let rig = Rig::at(protocol, "http://shop.invalid", "");
        let why = rig.run_with(lookup(words), Duration::from_secs(30), 0, async |http| {
            send(http, 0).await;
            http.reported(0.into()).unwrap().why.cause
        });
        assert_eq!(why, cause, "{words}");
    }
}

/// The host of a redirect may be a secret, because a target may return values of the request.
fn the_origin_of_a_redirect_is_hidden_if_it_contains_a_secret(protocol: Protocol) {
    let target = Target::start(protocol, |seen| {
        let host = seen.header("x-id")[0].to_lowercase();
        Reply::redirect(302, &format!("http://x{host}x.invalid/"))
    });
    let snippet = "follow_redirects: 1\nheaders: { x-id: '{{ secret \"env:HIDDEN_HOST\" }}' }";
    let lookup: Lookup = Arc::new(|_, _| Err(std::io::Error::other("Name or service not known")));
    let rig = Rig::new(protocol, target.port, snippet);
    let reported = rig.run_with(lookup, Duration::from_secs(30), 0, async |http| {
        send(http, 0).await;
        http.reported(0.into()).unwrap()
    });
    assert_eq!((reported.why.cause, &*reported.origin), (Cause::NoSuchName, ""));
    let words = format!("{reported:?}").to_lowercase();
    assert!(!words.contains("hidden_host"), "{words}");
}
