//! The HTTP/2 engine against a server on loopback that is hyper's.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of tests cannot do is a failure of the test"
)]

use crate::engine_http::Silent;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tally::cause::Cause;
use tally::outcome::{Code, Failure};
use test_engines::plans;
use test_servers::ClosedPort;
use tokio::time::Instant;
use worker::allow::Allow;
use worker::engine::{Answer, Engine, FlowState, Share, Ticket};
use worker::http::Lookup;
use worker::http2::Http2;

/// What a request was, as the server read it: method, authority, path, one header, body.
type Seen = (String, String, String, Option<String>, String);

#[derive(Clone, Default)]
struct Notes {
    connections: Arc<AtomicUsize>,
    at_once: Arc<AtomicUsize>,
    at_once_max: Arc<AtomicUsize>,
    /// How many connections are open.
    open: Arc<AtomicUsize>,
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
    let cookies = head
        .headers
        .get("cookie")
        .map(|value| value.to_str().unwrap().to_owned());
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
        "wide" => response
            .header("x-wide", "x".repeat(words[2].parse().unwrap()))
            .body(Full::default()),
        "page" => response.body(Full::new(page(words[2].parse().unwrap()).into())),
        "gzip" => response
            .header("content-encoding", "gzip")
            .body(Full::new(gzip(&page(words[2].parse().unwrap())).into())),
        "login" => response
            .status(302)
            .header("location", "/home")
            .header("set-cookie", "sid=1; Path=/")
            .body(Full::default()),
        "home" => response.body(Full::new(cookies.unwrap_or_default().into())),
        "to" => response
            .status(302)
            .header("location", path.strip_prefix("/to").unwrap())
            .body(Full::default()),
        _ => response.body(Full::new(format!("hello {}", body.len()).into())),
    };
    notes.at_once.fetch_sub(1, Ordering::SeqCst);
    Ok(response.unwrap())
}

fn page(length: usize) -> Vec<u8> {
    [vec![b'x'; length], b"</html>".to_vec()].concat()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

impl Server {
    fn start(speaks: Speaks) -> Server {
        Server::at("127.0.0.1:0", speaks, Notes::default())
    }

    fn at(address: impl ToSocketAddrs, speaks: Speaks, notes: Notes) -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let noted = notes.clone();
        let tls = tokio_rustls::TlsAcceptor::from(Arc::new(tls(speaks)));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                noted.connections.fetch_add(1, Ordering::SeqCst);
                noted.open.fetch_add(1, Ordering::SeqCst);
                let (notes, tls) = (noted.clone(), tls.clone());
                tokio::spawn(async move {
                    let open = notes.open.clone();
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
                    open.fetch_sub(1, Ordering::SeqCst);
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
    run_asking(target, snippet, allow, (lookup, Duration::from_secs(60)), script)
}

/// The same, where the resolver is asked again after so long.
fn run_asking<T>(
    target: &str,
    snippet: &str,
    allow: Allow,
    (lookup, kept): (Lookup, Duration),
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
        let mut http = Http2::with_names(share, lookup, kept);
        script(&mut http).await
    })
}

/// Sends these arrivals at once, and waits for all of them.
pub(crate) async fn send_all(http: &mut Http2, arrivals: std::ops::Range<usize>) -> Vec<(Ticket, Answer)> {
    let mut answers = Vec::new();
    let began = Instant::now();
    for k in arrivals.clone() {
        http.send(k.into(), k as u64, 0.into(), FlowState::default());
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
    let status = answer.code.map(|Code::Http(status)| status);
    assert_eq!((answer.result, status), expected, "{snippet}");
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
        let reported = http.reported(0.into()).unwrap();
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
            let gone = send_all(http, 0..1).await.remove(0).1;
            assert!(
                matches!(gone.result, Err(Failure::Connect | Failure::Reset)),
                "{gone:?}"
            );
            let refused = send_all(http, 0..1).await.remove(0).1;
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

/// Lets an engine do what it has to do until something holds.
async fn until(http: &mut Http2, holds: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < patience, "it does not come to hold");
        http.wait(Instant::now() + Duration::from_millis(5), &mut Vec::new())
            .await;
    }
}

async fn send_one(http: &mut Http2) -> Result<(), Failure> {
    send_all(http, 0..1).await[0].1.result
}

fn ip(last: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, last])
}

#[test]
fn a_name_is_looked_up_again_and_connections_follow_it() {
    let first = Server::start(Speaks::Http2);
    let port = first.address.port();
    let second = Server::at((ip(3), port), Speaks::Http2, Notes::default());
    let leads_to = Arc::new(Mutex::new(ip(1)));
    let said = leads_to.clone();
    let lookup: Lookup = Arc::new(move |_, port| Ok(vec![SocketAddr::new(*said.lock().unwrap(), port)]));
    let names = (lookup, Duration::from_millis(20));
    let target = format!("http://moving.example:{port}");
    run_asking(&target, "", Allow::everything(), names, async |http| {
        http.prepare().await.unwrap();
        assert_eq!(send_one(http).await, Ok(()));
        assert_eq!((first.connections(), second.connections()), (1, 0));
        *leads_to.lock().unwrap() = ip(3);
        // An idle connection is closed without waiting for a request.
        until(http, || first.notes.open.load(Ordering::SeqCst) == 0).await;
        assert_eq!(send_one(http).await, Ok(()));
        assert_eq!((first.connections(), second.connections()), (1, 1));
    });
}

#[test]
fn requests_on_a_connection_to_an_old_address_go_on_to_their_end() {
    let first = Server::start(Speaks::Http2);
    let port = first.address.port();
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, begun) = (asked.clone(), first.notes.at_once.clone());
    let lookup: Lookup = Arc::new(move |_, port| {
        count.fetch_add(1, Ordering::SeqCst);
        let old = begun.load(Ordering::SeqCst) == 0;
        Ok(vec![SocketAddr::new(ip(if old { 1 } else { 3 }), port)])
    });
    let names = (lookup, Duration::from_millis(20));
    let target = format!("http://moving.example:{port}");
    run_asking(&target, "url: /slow/400", Allow::everything(), names, async |http| {
        assert_eq!(send_one(http).await, Ok(()));
        assert!(asked.load(Ordering::SeqCst) > 1);
        until(http, || first.notes.open.load(Ordering::SeqCst) == 0).await;
    });
}

#[test]
fn a_name_that_is_lost_meanwhile_keeps_its_addresses() {
    let server = Server::start(Speaks::Http2);
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let lookup: Lookup = Arc::new(move |_, port| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(vec![SocketAddr::new(ip(1), port)]),
        _ => Err(std::io::Error::other("no answer")),
    });
    let names = (lookup, Duration::from_millis(10));
    let target = format!("http://lost.example:{}", server.address.port());
    run_asking(&target, "", Allow::everything(), names, async |http| {
        http.prepare().await.unwrap();
        until(http, || asked.load(Ordering::SeqCst) > 3).await;
        assert_eq!(send_one(http).await, Ok(()));
    });
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_name_that_cannot_be_looked_up_is_asked_for_once_for_all_who_wait() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let lookup: Lookup = Arc::new(move |_, _| {
        count.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(50));
        Err(std::io::Error::other("no answer"))
    });
    let answers = run_with("http://lost.example", "", Allow::everything(), lookup, async |http| {
        send_all(http, 0..40).await
    });
    assert!(
        answers.iter().all(|(_, answer)| answer.result == Err(Failure::Resolve)),
        "{answers:?}"
    );
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn an_address_that_does_not_answer_does_not_hold_up_the_others() {
    let good = Server::start(Speaks::Http2);
    let port = good.address.port();
    let _silent = Silent::at((ip(4), port));
    let lookup: Lookup = Arc::new(|_, port| Ok([4, 1].map(|last| SocketAddr::new(ip(last), port)).into()));
    let limits = "timeout: 15s\nlimits: { connections: 2, connect_timeout: 15s }";
    let target = format!("http://two.example:{port}");
    let began = Instant::now();
    // Each has a connection of its own, so one of them is tried at the silent address first.
    let answers = run_with(&target, limits, Allow::everything(), lookup, async |http| {
        send_all(http, 0..2).await
    });
    assert!(answers.iter().all(|(_, answer)| answer.result == Ok(())), "{answers:?}");
    let took = began.elapsed();
    // The delay between two addresses is 250 ms.
    assert!(
        (Duration::from_millis(200)..Duration::from_secs(5)).contains(&took),
        "{took:?}"
    );
}

#[test]
fn connections_to_all_targets_together_keep_the_limit() {
    let notes = Notes::default();
    let servers = [(); 3].map(|()| Server::at("127.0.0.1:0", Speaks::Http2, notes.clone()));
    let targets = servers
        .each_ref()
        .map(|server| format!("\"http://{}\"", server.address));
    for connections in [1, 2] {
        let snippet = format!(
            "url: /slow/20\ntargets: [{}]\nlimits: {{ connections: {connections} }}",
            targets.join(", ")
        );
        run("", &snippet, async |http| {
            let answers = send_all(http, 0..40).await;
            assert!(answers.iter().all(|(_, answer)| answer.result == Ok(())), "{answers:?}");
            until(http, || notes.open.load(Ordering::SeqCst) <= connections).await;
        });
    }
    assert!(servers.iter().all(|server| server.connections() > 0));
}

#[test]
fn a_head_may_be_as_large_as_in_http1() {
    let server = Server::start(Speaks::Http2);
    check(&server, "url: /wide/200000", (Ok(()), Some(200)));
    let answer = run(
        &format!("http://{}", server.address),
        "url: /wide/600000",
        async |http| send_all(http, 0..1).await.remove(0).1,
    );
    assert!(
        matches!(answer.result, Err(Failure::Protocol | Failure::Reset)),
        "{answer:?}"
    );
}

#[test]
fn a_body_is_searched_to_its_end_and_decoded() {
    let server = Server::start(Speaks::Http2);
    for path in ["/page/1500000", "/gzip/1500000"] {
        for (text, expected) in [("</html>", Ok(())), ("</none>", Err(Failure::Check))] {
            let snippet = format!("url: {path}\nsuccess: {{ body_contains: '{text}' }}");
            check(&server, &snippet, (expected, Some(200)));
        }
    }
    let bomb = "url: /gzip/4000000\nlimits: { body_bytes_max: 1MiB }\nsuccess: { body_contains: '</html>' }";
    check(&server, bomb, (Err(Failure::BodyTooLarge), Some(200)));
}

#[test]
fn cookies_are_sent_along_within_a_chain() {
    let server = Server::start(Speaks::Http2);
    let snippet = "url: /login\nfollow_redirects: 1\nsuccess: { body_contains: sid=1 }";
    check(&server, snippet, (Ok(()), Some(200)));
}

#[test]
fn what_a_request_waited_for_is_told_from_the_lateness_of_the_generator() {
    const SLOW: Duration = Duration::from_millis(150);
    let server = Server::start(Speaks::TlsHttp2);
    let target = format!("https://shop.example:{}", server.address.port());
    let address = server.address;
    let lookup: Lookup = Arc::new(move |_, _| {
        std::thread::sleep(SLOW);
        Ok(vec![address])
    });
    let snippet = "url: /slow/150\nlimits: { insecure_tls: true, connections: 1 }";
    run_with(&target, snippet, Allow::everything(), lookup, async |http| {
        let first = send_all(http, 0..1).await.remove(0).1;
        assert_eq!(first.result, Ok(()));
        assert!(first.opening >= SLOW && first.waiting.is_zero(), "{first:?}");
        assert!(first.first_byte.unwrap() - first.sent >= SLOW, "{first:?}");
        let openings = http.take_openings();
        let (origin, opening) = openings.iter().next().unwrap();
        assert_eq!(origin, target);
        let counts = opening.named().map(|(step, histogram)| (step, histogram.len()));
        assert_eq!(counts, [("resolve", 1), ("connect", 1), ("tls", 1)]);
        assert!(opening.resolve.max() >= 149_000_000, "{}", opening.resolve.max());
        // The second one finds the connection open.
        let second = send_all(http, 0..1).await.remove(0).1;
        assert_eq!((second.result, second.opening), (Ok(()), Duration::ZERO));
    });
}
