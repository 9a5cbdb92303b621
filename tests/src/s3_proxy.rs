//! A proxy in front of an S3 server. The proxy injects faults into requests.

use crate::serving::{self, Answer, Body, HungUp, whole};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONNECTION, EXPECT, IF_NONE_MATCH, TRANSFER_ENCODING};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::time::Sleep;

/// A request that the proxy has received.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// The path of the request: the bucket and the key.
    pub path: String,
    pub list: bool,
    /// The prefix of a list request, as the URL contains it; `None` if the request has no prefix.
    pub prefix: Option<String>,
    /// Whether the request is a create-only write.
    pub create_only: bool,
    /// The number of requests that the proxy received before this request.
    pub number: u64,
    /// The number of earlier requests with the same method and path.
    pub earlier: u32,
}

impl Asked {
    /// Returns whether the request writes an object whose key ends with `end`.
    pub fn puts(&self, end: &str) -> bool {
        self.method == "PUT" && self.path.ends_with(end)
    }
}

/// The fault that the proxy injects into a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trouble {
    #[default]
    None,
    /// The proxy answers with this status and error code, and does not forward the request to the server.
    Refused(u16, &'static str),
    /// The proxy replaces the answer "not found" by "denied". S3 gives the same answer to callers who may not list the
    /// bucket.
    Hidden,
    /// The server processes the request, but the proxy does not forward the answer.
    AnswerLost,
    /// The proxy closes the connection in the middle of the answer's body.
    CutOff,
    /// The server receives the request after this delay.
    Slow(Duration),
    /// The server does not receive the request. The proxy closes the connection without an answer after this time.
    Swallowed(Duration),
}

type Hook = Box<dyn Fn(&Asked) -> Trouble + Send + Sync>;

struct Inner {
    upstream: SocketAddr,
    hook: Hook,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    earlier: BTreeMap<(String, String), u32>,
    troubles: Vec<(Asked, Trouble)>,
    number: u64,
}

/// A proxy in front of an S3 server.
pub struct S3Proxy {
    inner: Arc<Inner>,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl fmt::Debug for S3Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Proxy at {}", self.address)
    }
}

impl S3Proxy {
    /// Starts a proxy in front of the server at `upstream`. The function `hook` returns the fault of each request.
    pub fn start(upstream: SocketAddr, hook: impl Fn(&Asked) -> Trouble + Send + Sync + 'static) -> S3Proxy {
        let runtime = serving::runtime();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            upstream,
            hook: Box::new(hook),
            seen: Mutex::default(),
        });
        let shared = inner.clone();
        runtime.spawn(serving::serve(listener, move |request| answer(shared.clone(), request)));
        S3Proxy {
            inner,
            address,
            runtime: Some(runtime),
        }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the number of requests that the proxy has received so far.
    pub fn requests(&self) -> u64 {
        self.inner.seen.lock().unwrap().number
    }

    /// Returns the requests that had a fault, each with its fault.
    pub fn troubles(&self) -> Vec<(Asked, Trouble)> {
        self.inner.seen.lock().unwrap().troubles.clone()
    }
}

impl Drop for S3Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            serving::end(runtime);
        }
    }
}

impl Inner {
    fn fault_of(&self, request: &Request<Incoming>) -> Trouble {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let query = request.uri().query().unwrap_or_default();
        let list = method == "GET" && query.contains("list-type=2");
        let prefix = query.split('&').find_map(|part| part.strip_prefix("prefix="));
        let prefix = prefix.map(|prefix| prefix.replace("%2F", "/"));
        let mut seen = self.seen.lock().unwrap();
        let number = seen.number;
        seen.number += 1;
        let earlier = seen.earlier.entry((method.clone(), path.clone())).or_default();
        let asked = Asked {
            list,
            prefix,
            create_only: request.headers().contains_key(IF_NONE_MATCH),
            number,
            earlier: *earlier,
            method,
            path,
        };
        *earlier += 1;
        let trouble = (self.hook)(&asked);
        if trouble != Trouble::None {
            seen.troubles.push((asked, trouble));
        }
        trouble
    }
}

async fn answer(inner: Arc<Inner>, request: Request<Incoming>) -> Answer {
    let head = request.method() == Method::HEAD;
    match inner.fault_of(&request) {
        Trouble::None => forward(&inner, request).await,
        Trouble::Refused(status, code) => {
            // The proxy reads the whole request before it answers, as a server does.
            serving::body(request.into_body()).await?;
            Ok(refusal(status, code, head))
        }
        Trouble::Hidden => Ok(match forward(&inner, request).await? {
            answer if answer.status() == StatusCode::NOT_FOUND => refusal(403, "AccessDenied", head),
            answer => answer,
        }),
        Trouble::AnswerLost => {
            forward(&inner, request).await?;
            Err(HungUp)
        }
        Trouble::CutOff => cut(forward(&inner, request).await?).await,
        Trouble::Slow(time) => {
            tokio::time::sleep(time).await;
            forward(&inner, request).await
        }
        Trouble::Swallowed(time) => {
            serving::body(request.into_body()).await?;
            tokio::time::sleep(time).await;
            Err(HungUp)
        }
    }
}

fn refusal(status: u16, code: &str, head: bool) -> Response<Body> {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>on purpose</Message></Error>"
    );
    let mut response = Response::new(whole(if head { String::new() } else { text }));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// Forwards a request to the server on a new connection. Reads the whole answer and returns it.
async fn forward(inner: &Inner, request: Request<Incoming>) -> Answer {
    let (mut parts, body) = request.into_parts();
    let body = serving::body(body).await?;
    for name in [EXPECT, TRANSFER_ENCODING, CONNECTION] {
        parts.headers.remove(name);
    }
    let stream = TcpStream::connect(inner.upstream).await.map_err(|_| HungUp)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| HungUp)?;
    tokio::spawn(connection);
    let request = Request::from_parts(parts, Full::new(body));
    let response = sender.send_request(request).await.map_err(|_| HungUp)?;
    let (mut parts, body) = response.into_parts();
    let body = body.collect().await.map_err(|_| HungUp)?.to_bytes();
    for name in [TRANSFER_ENCODING, CONNECTION] {
        parts.headers.remove(name);
    }
    Ok(Response::from_parts(parts, whole(body)))
}

/// Returns a copy of an answer that breaks off after half of its body.
async fn cut(response: Response<Body>) -> Answer {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(|_| HungUp)?.to_bytes();
    if body.is_empty() {
        return Err(HungUp);
    }
    let mut parts = parts;
    parts.headers.insert("content-length", body.len().into());
    let broken = Broken {
        half: Some(body.slice(..body.len() / 2)),
        then: Box::pin(tokio::time::sleep(Duration::from_millis(20))),
    };
    Ok(Response::from_parts(parts, broken.boxed()))
}

/// A body that sends some bytes, waits 20 ms so that these bytes are sent, and then fails.
struct Broken {
    half: Option<Bytes>,
    then: Pin<Box<Sleep>>,
}

impl hyper::body::Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.half.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        ready!(self.then.as_mut().poll(cx));
        Poll::Ready(Some(Err(io::Error::other("cut off on purpose"))))
    }
}
