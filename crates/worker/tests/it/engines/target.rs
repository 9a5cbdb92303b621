//! A target that uses the protocol of an engine, and answers by a script. The target uses the server of hyper.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use plan::scenario::Protocol;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::{TcpListener, ToSocketAddrs};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;

/// The pause between the last byte of a body and the cut of the connection, so that the client can read this byte.
const BEFORE_CUT: Duration = Duration::from_millis(20);

/// A request, as the server received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The number of the connection of the request, from 0.
    pub connection: usize,
    pub method: String,
    /// The value of the `host` header, or the authority in HTTP/2.
    pub host: String,
    pub path: String,
    /// The header fields without the host. The names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    /// Returns all values of a header.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(other, _)| other == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// Returns the method and the path.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn body(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// An answer that a target sends.
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// The number of bytes of the body that are sent in one piece.
    piece: usize,
    /// The pause before the head, and the pause between head and body.
    pauses: [Duration; 2],
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    /// More bytes of the body are announced, but never sent.
    Stalled,
    /// More bytes of the body are announced, but the connection is cut off.
    Cut,
    /// The connection is cut off before a head is sent.
    Broken,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: body.into(),
            piece: usize::MAX,
            pauses: [Duration::ZERO; 2],
            end: End::Whole,
        }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Reply {
        Reply::new(200, body)
    }

    /// Returns a redirect with a body of two bytes.
    pub(crate) fn redirect(status: u16, location: &str) -> Reply {
        Reply::new(status, "no").header("location", location)
    }

    /// Returns a reply that is never sent.
    pub(crate) fn never() -> Reply {
        Reply::ok("").late(Duration::MAX)
    }

    /// Returns a reply that cuts the connection off without an answer.
    pub(crate) fn broken() -> Reply {
        Reply {
            end: End::Broken,
            ..Reply::ok("")
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a pause before the head.
    pub(crate) fn late(mut self, pause: Duration) -> Reply {
        self.pauses[0] = pause;
        self
    }

    /// Adds a pause between the head and the body.
    pub(crate) fn late_body(mut self, pause: Duration) -> Reply {
        self.pauses[1] = pause;
        self
    }

    /// Sends the body in pieces of `piece` bytes. The head does not contain the length of the body.
    pub(crate) fn in_pieces(mut self, piece: usize) -> Reply {
        self.piece = piece;
        self
    }

    /// Announces more bytes of the body, but never sends them.
    pub(crate) fn stalled(mut self) -> Reply {
        self.end = End::Stalled;
        self
    }

    /// Announces more bytes of the body, and then cuts the connection off.
    pub(crate) fn cut(mut self) -> Reply {
        self.end = End::Cut;
        self
    }
}

/// The body of an answer, in pieces.
struct Pieces {
    left: VecDeque<Bytes>,
    length: Option<u64>,
    pause: Option<Pin<Box<Sleep>>>,
    end: End,
}

impl Pieces {
    fn of(reply: &Reply) -> Pieces {
        let more = u64::from(reply.end != End::Whole);
        let pieces = reply.body.chunks(reply.piece.min(1 << 20));
        Pieces {
            left: pieces.map(Bytes::copy_from_slice).collect(),
            length: (reply.piece == usize::MAX).then_some(reply.body.len() as u64 + more),
            pause: (!reply.pauses[1].is_zero()).then(|| Box::pin(tokio::time::sleep(reply.pauses[1]))),
            end: reply.end,
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        if let Some(piece) = self.left.pop_front() {
            if self.left.is_empty() && self.end == End::Cut {
                self.pause = Some(Box::pin(tokio::time::sleep(BEFORE_CUT)));
            }
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.end {
            End::Whole => Poll::Ready(None),
            End::Stalled => Poll::Pending,
            End::Cut | End::Broken => Poll::Ready(Some(Err(io::Error::other("cut off")))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && self.end == End::Whole
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[derive(Default)]
struct Notes {
    connections: AtomicUsize,
    /// The number of connections that are open.
    open: AtomicUsize,
    /// The number of requests that are being answered.
    at_once: AtomicUsize,
    at_once_max: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
    handshakes: Mutex<Vec<Handshake>>,
    /// Notified when every connection must be closed.
    close: Notify,
}

/// The data that a client sent in a TLS handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handshake {
    pub server_name: Option<String>,
    /// The number of certificates that the client sent.
    pub certificates: usize,
    pub protocol: Option<String>,
}

impl Handshake {
    fn of(session: &rustls::ServerConnection) -> Handshake {
        Handshake {
            server_name: session.server_name().map(str::to_owned),
            certificates: session.peer_certificates().map_or(0, <[_]>::len),
            protocol: session
                .alpn_protocol()
                .map(|name| String::from_utf8_lossy(name).into_owned()),
        }
    }
}

type Script = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// A target that listens on a port. Dropping this value ends the target.
pub(crate) struct Target {
    pub port: u16,
    notes: Arc<Notes>,
    runtime: Option<Runtime>,
}

/// The TLS settings of a target: its certificate, and a pause before the handshake.
pub(crate) struct Tls {
    config: rustls::ServerConfig,
    pause: Duration,
    /// Whether the target negotiates the protocol (ALPN).
    negotiates: bool,
}

impl Tls {
    pub(crate) fn new(config: rustls::ServerConfig) -> Tls {
        Tls {
            config,
            pause: Duration::ZERO,
            negotiates: true,
        }
    }

    pub(crate) fn late(self, pause: Duration) -> Tls {
        Tls { pause, ..self }
    }

    /// Returns these settings without the negotiation of the protocol.
    pub(crate) fn without_protocols(self) -> Tls {
        Tls {
            negotiates: false,
            ..self
        }
    }
}

impl Target {
    pub(crate) fn start(protocol: Protocol, script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Target {
        Target::at(("127.0.0.1", 0), protocol, script)
    }

    pub(crate) fn at(
        address: impl ToSocketAddrs,
        protocol: Protocol,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Target {
        Target::listening(address, protocol, None, Arc::new(script))
    }

    /// Starts a target that uses TLS.
    pub(crate) fn secure(
        protocol: Protocol,
        tls: Tls,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Target {
        Target::listening(("127.0.0.1", 0), protocol, Some(tls), Arc::new(script))
    }

    fn listening(address: impl ToSocketAddrs, protocol: Protocol, tls: Option<Tls>, script: Script) -> Target {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let notes = Arc::new(Notes::default());
        let tls = tls.map(|mut tls| {
            if tls.negotiates {
                tls.config.alpn_protocols = match protocol {
                    Protocol::Http1 => vec![b"http/1.1".to_vec()],
                    Protocol::Http2 => vec![b"h2".to_vec()],
                };
            }
            (TlsAcceptor::from(Arc::new(tls.config)), tls.pause)
        });
        let noted = notes.clone();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let number = noted.connections.fetch_add(1, Ordering::SeqCst);
                noted.open.fetch_add(1, Ordering::SeqCst);
                let (notes, tls, script) = (noted.clone(), tls.clone(), script.clone());
                tokio::spawn(async move {
                    let serving = async {
                        stream.set_nodelay(true).unwrap();
                        match tls {
                            None => serve(stream, protocol, number, &notes, &script).await,
                            Some((tls, pause)) => {
                                tokio::time::sleep(pause).await;
                                // The client checks the errors of handshakes and connections.
                                if let Ok(stream) = tls.accept(stream).await {
                                    let handshake = Handshake::of(stream.get_ref().1);
                                    notes.handshakes.lock().unwrap().push(handshake);
                                    serve(stream, protocol, number, &notes, &script).await;
                                }
                            }
                        }
                    };
                    tokio::select! {
                        () = serving => {}
                        () = notes.close.notified() => {}
                    }
                    notes.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Target {
            port,
            notes,
            runtime: Some(runtime),
        }
    }

    /// Returns the requests so far, in the order in which they were read.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.notes.seen.lock().unwrap().clone()
    }

    /// Returns the handshakes that succeeded.
    pub(crate) fn handshakes(&self) -> Vec<Handshake> {
        self.notes.handshakes.lock().unwrap().clone()
    }

    /// Returns the number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.notes.connections.load(Ordering::SeqCst)
    }

    /// Returns the number of open connections.
    pub(crate) fn open(&self) -> usize {
        self.notes.open.load(Ordering::SeqCst)
    }

    /// Returns the number of requests that are being answered, and the largest such number so far.
    pub(crate) fn at_once(&self) -> (usize, usize) {
        let at_once = &self.notes.at_once;
        (
            at_once.load(Ordering::SeqCst),
            self.notes.at_once_max.load(Ordering::SeqCst),
        )
    }

    /// Closes all connections without a notice to the clients.
    pub(crate) fn close_connections(&self) {
        self.notes.close.notify_waiters();
    }

    /// Closes the listener and all connections. Returns when the listener and all connections are closed.
    pub(crate) fn stop(mut self) {
        let runtime = self.runtime.take().unwrap();
        // Tokio panics when a runtime is shut down inside another runtime, so another thread shuts the runtime down.
        let stopping = std::thread::spawn(move || runtime.shutdown_timeout(Duration::from_secs(10)));
        stopping.join().unwrap();
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Starts a target that accepts every connection, writes these bytes, and then closes the connection or keeps it open.
/// Returns the port.
pub(crate) fn writes(bytes: &'static [u8], closes: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // The thread may run longer than the test, but no other test uses the port.
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for mut socket in listener.incoming().flatten() {
            let _ = socket.write_all(bytes);
            kept.extend((!closes).then_some(socket));
        }
    });
    port
}

async fn serve<S>(stream: S, protocol: Protocol, number: usize, notes: &Arc<Notes>, script: &Script)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(number, request, notes.clone(), script.clone()));
    let stream = TokioIo::new(stream);
    match protocol {
        Protocol::Http1 => drop(http1::Builder::new().serve_connection(stream, service).await),
        Protocol::Http2 => {
            let builder = http2::Builder::new(TokioExecutor::new());
            drop(builder.serve_connection(stream, service).await);
        }
    }
}

/// Counts a request as long as this value exists. The value exists while the request is being answered.
struct Answering(Arc<Notes>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn answer(
    connection: usize,
    request: Request<Incoming>,
    notes: Arc<Notes>,
    script: Script,
) -> io::Result<Response<Pieces>> {
    let now = notes.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    notes.at_once_max.fetch_max(now, Ordering::SeqCst);
    let _answering = Answering(notes.clone());
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let authority = head.uri.authority().map(ToString::to_string);
    let seen = Seen {
        connection,
        method: head.method.to_string(),
        host: authority.unwrap_or_else(|| head.headers.get("host").map(text).unwrap_or_default()),
        path: head.uri.path_and_query().unwrap().to_string(),
        headers: head
            .headers
            .iter()
            .filter(|(name, _)| *name != "host")
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: body.to_vec(),
    };
    let mut reply = script(&seen);
    let is_head = seen.method == "HEAD";
    notes.seen.lock().unwrap().push(seen);
    tokio::time::sleep(reply.pauses[0]).await;
    if reply.end == End::Broken {
        return Err(io::Error::other("cut off"));
    }
    // Over HTTP/2, hyper would send the body of an answer to a HEAD request.
    let body = match is_head {
        true => {
            let length = reply.body.len().to_string();
            let announced = ("content-length".to_owned(), length);
            reply.headers.push(announced);
            Pieces::of(&Reply::ok(""))
        }
        false => Pieces::of(&reply),
    };
    let headers = reply.headers.iter();
    let response = headers.fold(Response::builder().status(reply.status), |response, (name, value)| {
        response.header(name, value)
    });
    response.body(body).map_err(io::Error::other)
}
