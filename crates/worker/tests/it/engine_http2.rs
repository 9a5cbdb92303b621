//! The HTTP/2 engine against a server on loopback that is hyper's.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of tests cannot do is a failure of the test"
)]

use crate::engine_http::plans;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tally::cause::Cause;
use tally::outcome::Failure;
use test_servers::ClosedPort;
use tokio::time::Instant;
use worker::allow::Allow;
use worker::engine::{Answer, Engine, Share, Ticket};
use worker::http::Lookup;
use worker::http2::Http2;

/// What a request was, as the server read it: method, authority, path, one header, body.
type Seen = (String, String, String, Option<String>, String);

#[derive(Clone, Default)]
struct Notes {
    connections: Arc<AtomicUsize>,
    at_once: Arc<AtomicUsize>,
    at_once_max: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

struct Server {
    address: SocketAddr,
    notes: Notes,
    runtime: tokio::runtime::Runtime,
}

/// Which protocol a server speaks, and whether within TLS.
#[derive(Clone, Copy, PartialEq)]
enum Speaks {
    Http1,
    Http2,
    TlsHttp1,
    TlsHttp2,
}

async fn answer(request: Request<Incoming>, notes: Notes) -> Result<Response<Full<Bytes>>, Infallible> {
    let now = notes.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    notes.at_once_max.fetch_max(now, Ordering::SeqCst);
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let header = head.headers.get("x-id").map(|value| value.to_str().unwrap().to_owned());
    notes.seen.lock().unwrap().push((
        head.method.to_string(),
        head.uri.authority().map(ToString::to_string).unwrap_or_default(),
        head.uri.path_and_query().unwrap().to_string(),
        header,
        String::from_utf8_lossy(&body[..body.len().min(100)]).into_owned(),
    ));
    let path = head.uri.path().to_owned();
    let words: Vec<&str> = path.split('/').collect();
    let response = Response::builder();
    let response = match words[1] {
        "slow" => {
            tokio::time::sleep(Duration::from_millis(words[2].parse().unwrap())).await;
            response.body(Full::new("late".into()))
        }
        "status" => response.status(words[2]).body(Full::default()),
        "big" => response.body(Full::new(vec![b'x'; words[2].parse().unwrap()].into())),
        "to" => response
            .status(302)
            .header("location", path.strip_prefix("/to").unwrap())
            .body(Full::default()),
        _ => response.body(Full::new(format!("hello {}", body.len()).into())),
    };
    notes.at_once.fetch_sub(1, Ordering::SeqCst);
    Ok(response.unwrap())
}

impl Server {
    fn start(speaks: Speaks) -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let notes = Notes::default();
        let noted = notes.clone();
        let tls = tokio_rustls::TlsAcceptor::from(Arc::new(tls(speaks)));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                noted.connections.fetch_add(1, Ordering::SeqCst);
                let (notes, tls) = (noted.clone(), tls.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(request, notes.clone()));
                    let builder = http2::Builder::new(TokioExecutor::new());
                    // How a connection ends is the client's business.
                    match speaks {
                        Speaks::Http2 => drop(builder.serve_connection(TokioIo::new(stream), service).await),
                        Speaks::TlsHttp2 => {
                            let stream = TokioIo::new(tls.accept(stream).await.unwrap());
                            drop(builder.serve_connection(stream, service).await);
                        }
                        Speaks::Http1 => {
                            drop(
                                http1::Builder::new()
                                    .serve_connection(TokioIo::new(stream), service)
                                    .await,
                            );
                        }
                        Speaks::TlsHttp1 => drop(tls.accept(stream).await),
                    }
                });
            }
        });
        Server {
            address,
            notes,
            runtime,
        }
    }

    /// Returns when the listener and all connections are closed.
    fn stop(self) {
        // Tokio lets nobody wait for this within another runtime.
        let stopping = std::thread::spawn(move || self.runtime.shutdown_timeout(Duration::from_secs(10)));
        stopping.join().unwrap();
    }

    fn connections(&self) -> usize {
        self.notes.connections.load(Ordering::SeqCst)
    }
}

fn tls(speaks: Speaks) -> rustls::ServerConfig {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    if speaks == Speaks::TlsHttp2 {
        config.alpn_protocols = vec![b"h2".to_vec()];
    }
    config
}

pub(crate) fn run<T>(target: &str, snippet: &str, script: impl AsyncFnOnce(&mut Http2) -> T) -> T {
    run_with(target, snippet, Allow::everything(), system(), script)
}

/// What the system's resolver says.
fn system() -> Lookup {
    Arc::new(|host, port| Ok(std::net::ToSocketAddrs::to_socket_addrs(&(host, port))?.collect()))
}

/// The same, with a list of what is allowed, and another resolver.
fn run_with<T>(
    target: &str,
    snippet: &str,
    allow: Allow,
    lookup: Lookup,
    script: impl AsyncFnOnce(&mut Http2) -> T,
) -> T {
    let (plan, supplies) = plans::read(target, &format!("protocol: http2\n{snippet}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let connections = plan.limits.connections as usize;
        let share = Share {
            plan,
            supplies,
            allow: Arc::new(allow),
            connections,
            ahead: 1,
        };
        let mut http = Http2::with_names(share, lookup);
        script(&mut http).await
    })
}

/// Sends these arrivals at once, and waits for all of them.
pub(crate) async fn send_all(http: &mut Http2, arrivals: std::ops::Range<usize>) -> Vec<(Ticket, Answer)> {
    let mut answers = Vec::new();
    let began = Instant::now();
    for k in arrivals.clone() {
        http.send(k, k as u64, 0);
    }
    while answers.len() < arrivals.len() {
        assert!(began.elapsed() < Duration::from_secs(20), "answers in time");
        http.wait(Instant::now() + Duration::from_secs(1), &mut answers).await;
    }
    for (_, answer) in &answers {
        assert!(answer.sent >= began && answer.sent <= answer.done, "{answer:?}");
    }
    answers.sort_by_key(|(ticket, _)| *ticket);
    answers
}

#[track_caller]
fn check(server: &Server, snippet: &str, expected: (Result<(), Failure>, Option<u16>)) -> Answer {
    let (_, answer) = run(&format!("http://{}", server.address), snippet, async |http| {
        send_all(http, 0..1).await.remove(0)
    });
    assert_eq!((answer.result, answer.status), expected, "{snippet}");
    answer
}

#[test]
fn a_request_says_what_it_says_in_http1() {
    let server = Server::start(Speaks::Http2);
    let snippet = "method: PUT\nurl: \"/a/{{ arrival }}?x=1\"\nheaders: { x-id: \"{{ arrival }}!\" }\nbody: \"text {{ arrival }}\"";
    let answer = check(&server, snippet, (Ok(()), Some(200)));
    assert_eq!(answer.body_bytes, "hello 6".len() as u64);
    let seen = server.notes.seen.lock().unwrap().remove(0);
    let authority = server.address.to_string();
    let own = |text: &str| text.to_owned();
    assert_eq!(
        seen,
        (own("PUT"), authority, own("/a/0?x=1"), Some(own("0!")), own("text 0"))
    );
    check(&server, "url: /\nheaders: { Host: shop.example }", (Ok(()), Some(200)));
    assert_eq!(server.notes.seen.lock().unwrap().remove(0).1, "shop.example");

    let secret = "{{ secret \"env:TOKEN\" }}";
    let snippet = format!("url: /\nquery: {{ k: '{secret}' }}\nheaders: {{ x-id: '{secret}' }}\nbody: '{secret}'");
    check(&server, &snippet, (Ok(()), Some(200)));
    let (_, _, path, id, body) = server.notes.seen.lock().unwrap().remove(0);
    let value = "s3cr&t value";
    assert_eq!(
        (path.as_str(), id.as_deref(), body.as_str()),
        ("/?k=s3cr%26t%20value", Some(value), value)
    );
}

#[test]
fn what_becomes_of_a_request_is_told_by_its_kind() {
    let server = Server::start(Speaks::Http2);
    check(&server, "url: /status/503", (Err(Failure::Status), Some(503)));
    check(&server, "url: /status/204", (Ok(()), Some(204)));
    check(
        &server,
        "success: { body_contains: bye }",
        (Err(Failure::Check), Some(200)),
    );
    check(&server, "success: { body_contains: hello }", (Ok(()), Some(200)));
    check(
        &server,
        "url: /slow/5000\ntimeout: 150ms",
        (Err(Failure::Timeout), None),
    );
    check(
        &server,
        "url: /big/5000\nlimits: { body_bytes_max: 1KiB }",
        (Err(Failure::BodyTooLarge), Some(200)),
    );
    let big = check(&server, "url: /big/5000000", (Ok(()), Some(200)));
    assert_eq!(big.body_bytes, 5_000_000);
    check(&server, "url: /to/x\nfollow_redirects: 1", (Ok(()), Some(200)));
    check(&server, "url: /to/x", (Ok(()), Some(302)));
    check(&server, "body: { file: big.bin }\ntimeout: 20s", (Ok(()), Some(200)));
}

/// Sends arrival 0, which fails, and returns its cause, with its detail and origin.
fn why(target: &str, snippet: &str) -> (Cause, String, String) {
    run(target, snippet, async |http| {
        let answer = send_all(http, 0..1).await.remove(0).1;
        let reported = http.reported(0).unwrap();
        assert_eq!(answer.result, Err(reported.why.kind()), "{reported:?}");
        let detail = reported.why.detail.to_string();
        (reported.why.cause, detail, reported.origin.to_string())
    })
}

#[test]
fn a_failure_names_its_cause_and_its_origin() {
    let server = Server::start(Speaks::Http2);
    let plain = format!("http://{}", server.address);
    let check = |target: &str, snippet: &str, cause: Cause, detail: &str| {
        let expected = (cause, detail.to_owned(), target.to_owned());
        assert_eq!(why(target, snippet), expected, "{snippet}");
    };
    check(&plain, "url: /status/503", Cause::Status, "503");
    check(&plain, "success: { body_contains: bye }", Cause::TextNotFound, "");
    let late = "url: /slow/5000\ntimeout: 150ms";
    check(&plain, late, Cause::Timeout, "while waiting for the first byte");
    let secure = Server::start(Speaks::TlsHttp1);
    let target = format!("https://{}", secure.address);
    check(&target, "", Cause::UnknownIssuer, "");
    check(&target, "limits: { insecure_tls: true }", Cause::NoHttp2, "");
    let closed = ClosedPort::new().unwrap();
    let address = format!("127.0.0.1:{}", closed.port);
    check(&format!("http://{address}"), "", Cause::Refused, &address);
    // A listener that accepts nothing: the connection is made, and its handshake is never answered.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let limits = "limits: { insecure_tls: true, connect_timeout: 150ms }";
    check(&format!("https://{address}"), limits, Cause::HandshakeTimeout, &address);
}

#[test]
fn many_requests_share_a_connection_at_once() {
    let server = Server::start(Speaks::Http2);
    let snippet = "url: /slow/300\nlimits: { connections: 2, streams: 32 }";
    let answers = run(&format!("http://{}", server.address), snippet, async |http| {
        http.prepare().await.unwrap();
        send_all(http, 0..64).await
    });
    assert!(answers.iter().all(|(_, answer)| answer.result == Ok(())));
    assert_eq!(server.connections(), 2);
    assert_eq!(server.notes.at_once_max.load(Ordering::SeqCst), 64);
}

#[test]
fn one_stream_that_fails_leaves_the_others_alone() {
    let server = Server::start(Speaks::Http2);
    let snippet = "url: \"/slow/{{ random 10 400 }}\"\ntimeout: 200ms\nlimits: { connections: 1, streams: 40 }";
    let answers = run(&format!("http://{}", server.address), snippet, async |http| {
        send_all(http, 0..40).await
    });
    let failed = answers.iter().filter(|(_, answer)| answer.result.is_err()).count();
    assert!((5..35).contains(&failed), "{failed} failed");
    assert!(
        answers
            .iter()
            .all(|(_, answer)| matches!(answer.result, Ok(()) | Err(Failure::Timeout)))
    );
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_connection_that_ended_is_replaced() {
    let server = Server::start(Speaks::Http2);
    let address = server.address;
    run(
        &format!("http://{address}"),
        "limits: { connections: 1 }",
        async |http| {
            assert_eq!(send_all(http, 0..1).await[0].1.result, Ok(()));
            server.stop();
            let gone = send_all(http, 0..1).await[0].1;
            assert!(
                matches!(gone.result, Err(Failure::Connect | Failure::Reset)),
                "{gone:?}"
            );
            let refused = send_all(http, 0..1).await[0].1;
            assert_eq!(refused.result, Err(Failure::Connect));
        },
    );
}

#[test]
fn whoever_does_not_speak_http2_is_named() {
    let server = Server::start(Speaks::Http1);
    let answer = run(&format!("http://{}", server.address), "timeout: 2s", async |http| {
        send_all(http, 0..1).await.remove(0).1
    });
    assert!(
        matches!(answer.result, Err(Failure::Protocol | Failure::Reset)),
        "{answer:?}"
    );
    let insecure = "limits: { insecure_tls: true }";
    for (speaks, expected) in [(Speaks::TlsHttp2, Ok(())), (Speaks::TlsHttp1, Err(Failure::Protocol))] {
        let server = Server::start(speaks);
        let target = format!("https://{}", server.address);
        let answer = run(&target, insecure, async |http| send_all(http, 0..1).await.remove(0).1);
        assert_eq!(answer.result, expected, "{answer:?}");
        let believed = run(&target, "", async |http| send_all(http, 0..1).await.remove(0).1);
        assert_eq!(believed.result, Err(Failure::Tls));
    }
}

#[test]
fn nothing_is_connected_to_that_is_not_allowed() {
    let (server, port) = (Server::start(Speaks::Http2), |server: &Server| server.address.port());
    // Whoever is at the other address must not be connected to.
    let bystander = TcpListener::bind(("127.0.0.2", port(&server))).unwrap();
    bystander.set_nonblocking(true).unwrap();
    let lookup: Lookup = Arc::new(|host, port| {
        let addresses: &[[u8; 4]] = match host {
            "shop.example" => &[[127, 0, 0, 1]],
            "both.example" => &[[127, 0, 0, 2], [127, 0, 0, 1]],
            "trap.example" => &[[127, 0, 0, 2]],
            "keys.example" => &[[169, 254, 169, 254]],
            _ => return Err(std::io::Error::other(format!("{host} was looked up"))),
        };
        Ok(addresses
            .iter()
            .map(|address| SocketAddr::from((*address, port)))
            .collect())
    });
    let list = "*.example 127.0.0.1";
    let prepared = |host: &str, list: &str| {
        let allow = Allow::parse(list).unwrap();
        let target = format!("http://{host}:{}", server.address.port());
        run_with(&target, "", allow, lookup.clone(), async |http| http.prepare().await)
    };
    assert_eq!(prepared("both.example", list), Ok(()));
    for (host, list, part) in [
        (
            "evil.test",
            list,
            "evil.test may not be sent to: VAJRA_ALLOW does not name it",
        ),
        ("shop.example", "", "VAJRA_ALLOW is empty or not set"),
        (
            "trap.example",
            list,
            "trap.example leads where it may not: 127.0.0.2 is a loopback address",
        ),
        ("keys.example", list, "nothing is ever sent there"),
        ("127.0.0.2", list, "127.0.0.2 is a loopback address"),
    ] {
        let problem = prepared(host, list).unwrap_err();
        assert!(problem.contains(part), "{problem}");
    }
    for (url, expected) in [
        ("/x", Ok(())),
        ("/to//both.example:PORT/x", Ok(())),
        ("/to//evil.test:PORT/x", Err(Failure::NotAllowed)),
        ("/to//trap.example:PORT/x", Err(Failure::NotAllowed)),
        ("/to//keys.example:PORT/x", Err(Failure::NotAllowed)),
        ("/to//127.0.0.2:PORT/x", Err(Failure::NotAllowed)),
        (
            "http://{{ \"trap\" }}.exampl{{ random 1 1 }}:PORT/x",
            Err(Failure::NotAllowed),
        ),
    ] {
        let url = url.replace("PORT", &port(&server).to_string());
        let snippet = format!("url: '{url}'\nfollow_redirects: 1\nlimits: {{ connections: 1 }}");
        let target = format!("http://both.example:{}", port(&server));
        let allow = Allow::parse(list).unwrap();
        let answers = run_with(&target, &snippet, allow, lookup.clone(), async |http| {
            http.prepare().await.unwrap();
            send_all(http, 0..3).await
        });
        assert!(
            answers.iter().all(|(_, answer)| answer.result == expected),
            "{url}: {answers:?}"
        );
    }
    assert!(bystander.accept().is_err(), "somebody has connected");
}
