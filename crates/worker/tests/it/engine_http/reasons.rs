//! Why a request failed: each cause with its kind, its words and its origin.

use super::rig::{Rig, send};
use super::server::{Peer, Server, leaves_after, says};
use super::tls::{INSECURE, config, server, wants_certificate};
use std::os::fd::AsRawFd;
use std::time::Duration;
use tally::cause::Cause;
use test_servers::ClosedPort;
use worker::engine::{Engine, Reported};
use worker::http::Lookup;

/// Sends arrival 0, which fails; returns what is reported of it.
fn failing(rig: &Rig) -> Reported {
    rig.run(async |http| {
        let answer = send(http, 0).await;
        let reported = http.reported(0.into()).unwrap();
        assert_eq!(answer.result, Err(reported.why.kind()), "{reported:?}");
        reported
    })
}

#[track_caller]
fn check(rig: &Rig, cause: Cause, detail: &str, origin: &str) {
    let reported = failing(rig);
    assert_eq!(
        (
            reported.why.cause,
            reported.why.detail.to_string().as_str(),
            &*reported.origin
        ),
        (cause, detail, origin)
    );
}

/// A target that behaves like this fails arrival 0 with this cause.
#[track_caller]
fn fails(behaviour: impl Fn(&mut Peer) + Send + Sync + 'static, snippet: &str, cause: Cause, detail: &str) {
    let server = Server::start(behaviour);
    let origin = format!("http://127.0.0.1:{}", server.port);
    check(&Rig::new(server.port, snippet), cause, detail, &origin);
}

const STALLED: &str = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234";

#[test]
fn a_refused_connection_names_its_address() {
    let closed = ClosedPort::new().unwrap();
    let address = format!("127.0.0.1:{}", closed.port);
    let origin = format!("http://{address}");
    check(&Rig::new(closed.port, ""), Cause::Refused, &address, &origin);
}

#[test]
fn a_timeout_names_its_phase() {
    const SHORT: &str = "timeout: 150ms";
    fails(says(""), SHORT, Cause::Timeout, "while waiting for the first byte");
    fails(
        says("HTTP/1.1 200 OK\r\n"),
        SHORT,
        Cause::Timeout,
        "while reading the head",
    );
    fails(says(STALLED), SHORT, Cause::Timeout, "while reading the body");
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let server = Server::start(move |peer| {
        peer.head();
        // Nothing more is read until the request has failed.
        assert!(released.lock().unwrap().recv().is_err());
    });
    let rig = Rig::new(server.port, "timeout: 150ms\nbody: { file: big.bin }");
    let origin = format!("http://127.0.0.1:{}", server.port);
    check(&rig, Cause::Timeout, "while sending the request", &origin);
    drop(release);
}

#[test]
fn a_timeout_while_connecting_is_told_from_one_while_waiting() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // SAFETY: the descriptor is open, and `listen` takes no memory.
    assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
    let mut waiting = Vec::new();
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
        waiting.push(stream);
        assert!(waiting.len() < 1000, "the queue of the listener does not fill up");
    }
    let origin = format!("http://{address}");
    let rig = Rig::new(address.port(), "timeout: 100ms\nlimits: { connect_timeout: 10s }");
    check(&rig, Cause::Timeout, "while connecting", &origin);
    let rig = Rig::new(address.port(), "limits: { connect_timeout: 150ms }");
    check(&rig, Cause::ConnectTimeout, &address.to_string(), &origin);
}

#[test]
fn an_end_of_the_connection_names_its_phase() {
    fails(leaves_after(""), "", Cause::Closed, "while waiting for the first byte");
    fails(
        leaves_after("HTTP/1.1 200 OK\r\nconte"),
        "",
        Cause::Closed,
        "while reading the head",
    );
    fails(leaves_after(STALLED), "", Cause::Closed, "while reading the body");
    let resets = |peer: &mut Peer| {
        peer.request();
        peer.reset();
    };
    fails(resets, "", Cause::Reset, "while waiting for the first byte");
}

#[test]
fn a_malformed_answer_names_the_line() {
    fails(says("SSH-2.0-OpenSSH\r\n"), "", Cause::StatusLine, "");
    let third = "HTTP/1.1 200 OK\r\na: b\r\nc: d\r\nno colon\r\n\r\n";
    fails(says(third), "", Cause::HeaderLine, "3");
    let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n";
    fails(says(chunks), "", Cause::Chunk, "");
}

#[test]
fn an_answer_that_is_no_success_names_the_rule() {
    fails(|peer| peer.answer_all("503 Busy", ""), "", Cause::Status, "503");
    let rule = "success: { body_contains: bye }";
    fails(|peer| peer.answer_all("200 OK", "hello"), rule, Cause::TextNotFound, "");
    let large = "limits: { body_bytes_max: 2 }";
    fails(
        |peer| peer.answer_all("200 OK", "hello"),
        large,
        Cause::BodyTooLarge,
        "",
    );
    let round = "HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n";
    fails(
        move |peer| peer.write_all(round),
        "follow_redirects: 2",
        Cause::TooManyRedirects,
        "",
    );
    let ftp = "HTTP/1.1 302 Found\r\nlocation: ftp://a.example/\r\ncontent-length: 0\r\n\r\n";
    fails(
        move |peer| peer.write_all(ftp),
        "follow_redirects: 2",
        Cause::RedirectNotFollowed,
        "",
    );
}

#[test]
fn a_refused_handshake_names_the_fault() {
    let answers = |peer: &mut Peer| peer.answer_all("200 OK", "hello");
    let at = |server: &Server, snippet: &str| Rig::at(&format!("https://127.0.0.1:{}", server.port), snippet);
    let https = |server: &Server| format!("https://127.0.0.1:{}", server.port);

    let own = server(config("127.0.0.1", None), answers);
    check(&at(&own, ""), Cause::UnknownIssuer, "", &https(&own));
    // The same target, asked without TLS.
    let plain = failing(&Rig::new(own.port, "")).why;
    assert!(matches!(plain.cause, Cause::TlsAnswer | Cause::Reset), "{plain:?}");

    let wanting = server(wants_certificate(), answers);
    check(
        &at(&wanting, INSECURE),
        Cause::ClientCertificateRequired,
        "",
        &https(&wanting),
    );

    let plain = Server::start(|peer| {
        peer.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        peer.until_closed();
    });
    check(&at(&plain, INSECURE), Cause::NotTls, "", &https(&plain));

    // An alert of a server that speaks TLS 1.0 only: fatal, protocol_version.
    let old = Server::start(|peer| {
        peer.write([21, 3, 1, 0, 2, 2, 70]);
        peer.until_closed();
    });
    check(&at(&old, INSECURE), Cause::TlsVersion, "", &https(&old));
    // A server that answers with TLS 1.0 all the same.
    let older = Server::start(|peer| {
        let mut hello = vec![22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
        hello.extend([7; 32]);
        hello.extend([0, 0, 47, 0]);
        peer.write(hello);
        peer.until_closed();
    });
    check(&at(&older, INSECURE), Cause::TlsVersion, "", &https(&older));
    // Fatal, handshake_failure.
    let refusing = Server::start(|peer| {
        peer.write([21, 3, 3, 0, 2, 2, 40]);
        peer.until_closed();
    });
    check(
        &at(&refusing, INSECURE),
        Cause::TlsAlert,
        "HandshakeFailure",
        &https(&refusing),
    );
    let silent = Server::start(|peer| {
        peer.until_closed();
    });
    let address = format!("127.0.0.1:{}", silent.port);
    let short = "limits: { insecure_tls: true, connect_timeout: 150ms }";
    check(&at(&silent, short), Cause::HandshakeTimeout, &address, &https(&silent));
}

#[test]
fn what_the_worker_lacks_is_a_failure_of_its_own() {
    let server = Server::start(|peer| peer.answer_all("200 OK", ""));
    let rig = Rig::new(server.port, "");
    let all = rig.run(async |http| {
        // Every descriptor that this process may have is taken until the request has failed.
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

#[test]
fn a_name_without_addresses_names_the_cause() {
    let lookup = |words: &'static str| -> Lookup { std::sync::Arc::new(move |_, _| Err(std::io::Error::other(words))) };
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
        let rig = Rig::at("http://shop.invalid", "");
        let why = rig.run_with(lookup(words), Duration::from_secs(30), 0, async |http| {
            send(http, 0).await;
            http.reported(0.into()).unwrap().why.cause
        });
        assert_eq!(why, cause, "{words}");
    }
}

/// A target may answer with what it was sent: the host of a redirect may be a secret.
#[test]
fn no_origin_of_a_redirect_has_a_secret_in_it() {
    let echo = |peer: &mut Peer| {
        while let Some(seen) = peer.read() {
            let host = seen.header("x-id")[0].to_lowercase();
            peer.write(format!(
                "HTTP/1.1 302 Found\r\nlocation: http://x{host}x.invalid/\r\ncontent-length: 0\r\n\r\n"
            ));
        }
    };
    let server = Server::start(echo);
    let snippet = "follow_redirects: 1\nheaders: { x-id: '{{ secret \"env:HIDDEN_HOST\" }}' }";
    let lookup: Lookup = std::sync::Arc::new(|_, _| Err(std::io::Error::other("Name or service not known")));
    let rig = Rig::new(server.port, snippet);
    let reported = rig.run_with(lookup, Duration::from_secs(30), 0, async |http| {
        send(http, 0).await;
        http.reported(0.into()).unwrap()
    });
    assert_eq!((reported.why.cause, &*reported.origin), (Cause::NoSuchName, ""));
    let words = format!("{reported:?}").to_lowercase();
    assert!(!words.contains("hidden_host"), "{words}");
}
