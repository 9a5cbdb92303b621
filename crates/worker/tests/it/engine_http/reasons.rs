//! Tests of the reasons of failures for which every byte of the answer is scripted. A reason has a cause, a detail and
//! an origin.

use super::server::{Peer, Server, writes, writes_and_closes};
use super::tls::server;
use crate::certificates::config;
use crate::rig::{Rig, send};
use plan::scenario::Protocol::Http1;
use tally::cause::Cause;
use worker::engine::Engine;

#[track_caller]
fn check(rig: &Rig, cause: Cause, detail: &str, origin: &str) {
    let reported = rig.fail();
    assert_eq!(
        (
            reported.why.cause,
            reported.why.detail.to_string().as_str(),
            &*reported.origin
        ),
        (cause, detail, origin)
    );
}

/// Checks the cause, the detail and the origin with which arrival 0 fails.
#[track_caller]
fn fails(behaviour: impl Fn(&mut Peer) + Send + Sync + 'static, snippet: &str, cause: Cause, detail: &str) {
    let server = Server::start(behaviour);
    let origin = format!("http://127.0.0.1:{}", server.port);
    check(&Rig::new(Http1, server.port, snippet), cause, detail, &origin);
}

const STALLED: &str = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234";

#[test]
fn a_timeout_names_its_phase() {
    const SHORT: &str = "timeout: 150ms";
    fails(writes(""), SHORT, Cause::Timeout, "while waiting for the first byte");
    fails(
        writes("HTTP/1.1 200 OK\r\n"),
        SHORT,
        Cause::Timeout,
        "while reading the head",
    );
    fails(writes(STALLED), SHORT, Cause::Timeout, "while reading the body");
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let server = Server::start(move |peer| {
        peer.head();
        // The target reads only the head until the request has failed.
        assert!(released.lock().unwrap().recv().is_err());
    });
    let rig = Rig::new(Http1, server.port, "timeout: 150ms\nbody: { file: big.bin }");
    let origin = format!("http://127.0.0.1:{}", server.port);
    check(&rig, Cause::Timeout, "while sending the request", &origin);
    drop(release);
}

#[test]
fn the_end_of_a_connection_names_its_phase() {
    fails(
        writes_and_closes(""),
        "",
        Cause::Closed,
        "while waiting for the first byte",
    );
    fails(
        writes_and_closes("HTTP/1.1 200 OK\r\nconte"),
        "",
        Cause::Closed,
        "while reading the head",
    );
    fails(writes_and_closes(STALLED), "", Cause::Closed, "while reading the body");
    let resets = |peer: &mut Peer| {
        peer.request();
        peer.reset();
    };
    fails(resets, "", Cause::Reset, "while waiting for the first byte");
}

#[test]
fn a_malformed_answer_names_the_line() {
    fails(writes("SSH-2.0-OpenSSH\r\n"), "", Cause::StatusLine, "");
    let third = "HTTP/1.1 200 OK\r\na: b\r\nc: d\r\nno colon\r\n\r\n";
    fails(writes(third), "", Cause::HeaderLine, "3");
    let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n";
    fails(writes(chunks), "", Cause::Chunk, "");
}

#[test]
fn plain_http_to_a_tls_port_is_a_tls_answer_or_a_reset() {
    let secure = server(config("127.0.0.1", None), |peer| peer.answer_all("200 OK", "hello"));
    let plain = Rig::new(Http1, secure.port, "").fail().why;
    assert!(matches!(plain.cause, Cause::TlsAnswer | Cause::Reset), "{plain:?}");
}

#[test]
fn a_lack_of_descriptors_is_a_local_failure() {
    let server = Server::start(|peer| peer.answer_all("200 OK", ""));
    let rig = Rig::new(Http1, server.port, "");
    let all = rig.run(async |http| {
        // Until the request has failed, all descriptors of this process are in use.
        let limit = libc::rlimit {
            rlim_cur: 100,
            rlim_max: 100,
        };
        // SAFETY: `limit` is a valid limit.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
        let mut taken = Vec::new();
        while let Ok(file) = std::fs::File::open("/dev/null") {
            taken.push(file);
        }
        let answer = send(http, 0).await;
        drop(taken);
        (
            answer.result,
            http.reported(0.into()).map(|reported| reported.why.cause),
        )
    });
    assert_eq!(all, (Err(tally::outcome::Failure::Local), Some(Cause::NoDescriptor)));
}
