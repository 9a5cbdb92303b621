//! The target's server. [`serve`] accepts connections, and [`Target::exchange`] answers each request.
//!
//! The server owns its connections. All connections are closed when the future of the server is dropped.

use super::activity::{Activity, Busy};
pub(crate) use super::counts::Arrivals;
use super::counts::{Connection, Counts, Ticket};
use super::payload::{Length, Payload, Receipt};
use super::raw::Broken;
use super::route::{Fault, Route};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use plan::target_script::Script;
use serde::Serialize;
use std::collections::BTreeMap;
use std::error::Error as _;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// The maximum size of a request body that `/echo` returns, in bytes. The limit is required because the target keeps
/// this body in memory. For all other paths, the target only counts the bytes of the body.
const ECHO_MAX: usize = 1 << 20;

/// The maximum number of connections, if the system allows this number of descriptors. Additional connections wait
/// until the server accepts them.
const CONNECTIONS_MAX: u64 = 16_384;
/// The number of descriptors that are reserved for purposes other than connections.
const DESCRIPTORS_RESERVE: u64 = 32;
/// The maximum time until the head of a request is complete. This time includes the idle time before the request, so it
/// is longer than the pauses of a load test.
const HEAD_MAX: Duration = Duration::from_secs(120);
/// The pause after `accept` has failed. Without a free descriptor, `accept` fails until a connection is closed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);
/// The maximum delay of the runtime's timer. The timer counts whole milliseconds.
const TIMER_GRAIN: Duration = Duration::from_millis(2);

/// The checked settings of a target.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) script: Script,
    pub(crate) idle_exit: Option<Duration>,
    pub(crate) arrivals: Arrivals,
}

/// Serves on `listener` until no request has been in progress for `idle_exit`. If `idle_exit` is `None`, serves until
/// the future is dropped.
pub(crate) async fn serve(listener: TcpListener, settings: Settings) {
    let target = Arc::new(Target {
        counts: Arc::new(Counts::new(Instant::now(), settings.arrivals)),
        activity: Arc::new(Activity::new()),
        script: settings.script,
    });
    let idle = async {
        match settings.idle_exit {
            Some(length) => target.activity.idle_for(length).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = accept(&target, &listener) => {}
        () = idle => {}
    }
}

async fn accept(target: &Arc<Target>, listener: &TcpListener) {
    let mut connections = JoinSet::new();
    let allowed = worker::descriptors::raise(CONNECTIONS_MAX + DESCRIPTORS_RESERVE);
    let most = allowed.map_or_else(
        |allowed| allowed.saturating_sub(DESCRIPTORS_RESERVE).max(1),
        |()| CONNECTIONS_MAX,
    );
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept(), if (connections.len() as u64) < most => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = Arc::new(target.counts.accepted());
                connections.spawn(serve_connection(Arc::clone(target), connection, stream));
            }
            Err(_) => {
                target.counts.accept_failed();
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves a connection until it ends.
///
/// Errors of the peer are ignored, because the load generator reports them. After a [`Broken`] exchange, the connection
/// is used without HTTP.
async fn serve_connection(target: Arc<Target>, connection: Arc<Connection>, stream: TcpStream) {
    // This call fails only if the connection is closed.
    drop(stream.set_nodelay(true));
    // The connection counts as open until this function returns, even after the last exchange on the connection has
    // ended.
    let _open = Arc::clone(&connection);
    let service = service_fn(move |request: Request<Incoming>| {
        let (target, connection) = (Arc::clone(&target), Arc::clone(&connection));
        let exchange = async move { target.exchange(&connection, request).await };
        Box::pin(exchange) as Pin<Box<dyn Future<Output = _> + Send>>
    });
    // Each answer is flushed separately, so that a fault does not destroy earlier answers.
    let mut http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let ended = std::future::poll_fn(|cx| http.poll_without_shutdown(cx)).await;
    let stream = http.into_parts().io.into_inner();
    if let Err(error) = ended
        && let Some(broken) = error.source().and_then(|source| source.downcast_ref::<Broken>())
    {
        broken.end(stream).await;
    }
}

/// The state that all exchanges of a target share.
#[derive(Debug)]
struct Target {
    counts: Arc<Counts>,
    activity: Arc<Activity>,
    script: Script,
}

impl Target {
    /// Reads a complete request, counts it, waits as the script requires, and returns the answer.
    async fn exchange(&self, connection: &Connection, request: Request<Incoming>) -> Result<Response<Payload>, Broken> {
        let arrived = Instant::now();
        let busy = self.activity.begin();
        let (head, body) = request.into_parts();
        if let Some(name) = head.uri.path().strip_prefix("/_target/") {
            return Ok(self.control(&head.method, name));
        }
        let route = Route::of(head.uri.path());
        let kept_max = if route == Ok(Route::Echo) { ECHO_MAX } else { 0 };
        let body = ReceivedBody::read(body, kept_max).await?;
        let ticket = connection.received(head.uri.path(), body.bytes, arrived);

        let delay = if let Ok(Route::Delay(delay)) = route {
            delay
        } else {
            Duration::ZERO
        };
        self.wait(arrived, ticket.number(), delay).await;

        let fails = self.script.fails(ticket.number());
        match route {
            Ok(Route::Fault(fault)) => faulty(fault, busy).await,
            Err(problem) => Ok(whole(ticket, refusal(StatusCode::BAD_REQUEST, problem))),
            Ok(_) if fails => Ok(whole(
                ticket,
                json(StatusCode::INTERNAL_SERVER_ERROR, r#"{"ok":false}"#),
            )),
            Ok(route) => Ok(self.answer(route, &head, &body, ticket, busy)),
        }
    }

    /// Delays an answer by the latency of the script and by `delay`. If a stall is in progress, also waits until the
    /// end of the stall.
    async fn wait(&self, arrived: Instant, number: u64, delay: Duration) {
        let late = self.script.latency(number) + delay;
        if !late.is_zero() {
            sleep_until(arrived + late).await;
        }
        let start = self.counts.start();
        if let Some(end) = self.script.stalled_until(start.elapsed()) {
            let end = start + end;
            sleep_until(end.checked_sub(TIMER_GRAIN).unwrap_or(end)).await;
            // All answers that a stall delays are sent at the end of the stall, because this loop does not wait for a
            // timer.
            while Instant::now() < end {
                tokio::task::yield_now().await;
            }
        }
    }

    fn answer(&self, route: Route, head: &Parts, body: &ReceivedBody, ticket: Ticket, busy: Busy) -> Response<Payload> {
        let response = match route {
            Route::Bytes(bytes) => return filled(bytes, Length::Known, &head.method, ticket, busy),
            Route::Chunked(bytes) => return filled(bytes, Length::Chunked, &head.method, ticket, busy),
            Route::Status(status) => with_status(status),
            Route::Echo => echo(head, body),
            Route::Redirect(left) if left > 0 => redirect(left - 1),
            Route::Close => {
                let mut response = ok();
                response
                    .headers_mut()
                    .insert(CONNECTION, HeaderValue::from_static("close"));
                response
            }
            Route::Plain | Route::Delay(_) | Route::Redirect(_) | Route::Fault(_) => match self.script.body() {
                Some(bytes) => return filled(bytes, Length::Known, &head.method, ticket, busy),
                None => ok(),
            },
        };
        whole(ticket, response)
    }

    /// Answers requests for paths that begin with `/_target/`. The target does not count these requests, and the script
    /// does not affect them.
    fn control(&self, method: &Method, name: &str) -> Response<Payload> {
        let allowed = match name {
            "counts" | "arrivals" | "answers" => "GET, HEAD",
            "reset" => "POST",
            _ => {
                let problem = format!("/_target/{name} is not a page; there are counts, arrivals, answers and reset");
                return refusal(StatusCode::NOT_FOUND, problem);
            }
        };
        if !allowed.split(", ").any(|one| one == method.as_str()) {
            let problem = format!("/_target/{name} does not take {method}; use {allowed}");
            let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, problem);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
            return response;
        }
        match name {
            "counts" => shown(&self.counts.reading()),
            "arrivals" => recorded(self.counts.arrivals()),
            "answers" => recorded(self.counts.answers()),
            _ => {
                self.counts.reset();
                ok()
            }
        }
    }
}

/// Returns an answer with recorded times. If times are not recorded, returns an answer with an error.
fn recorded(times: Option<impl Serialize>) -> Response<Payload> {
    match times {
        Some(times) => shown(&times),
        None => refusal(
            StatusCode::NOT_FOUND,
            "times are not recorded; start the target with --record-arrivals".to_owned(),
        ),
    }
}

/// The length of a request's body, and the beginning of the body if the answer needs it.
#[derive(Debug)]
struct ReceivedBody {
    bytes: u64,
    kept: Vec<u8>,
}

impl ReceivedBody {
    async fn read(mut body: Incoming, kept_max: usize) -> Result<Self, Broken> {
        let mut received = Self {
            bytes: 0,
            kept: Vec::new(),
        };
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Broken::RequestLost)?;
            if let Some(data) = frame.data_ref() {
                received.bytes += data.len() as u64;
                let room = kept_max - received.kept.len();
                received.kept.extend_from_slice(&data[..data.len().min(room)]);
            }
        }
        Ok(received)
    }

    fn is_kept_whole(&self) -> bool {
        self.kept.len() as u64 == self.bytes
    }
}

async fn faulty(fault: Fault, busy: Busy) -> Result<Response<Payload>, Broken> {
    match fault {
        Fault::Reset => Err(Broken::Reset),
        Fault::Garbage => Err(Broken::Garbage),
        Fault::Truncated => Err(Broken::Truncated),
        Fault::Hang => std::future::pending().await,
        Fault::Endless => Ok(Response::new(Payload::endless(busy))),
    }
}

/// Counts an answer that is passed to the connection in one piece. Returns this answer.
fn whole(ticket: Ticket, response: Response<Payload>) -> Response<Payload> {
    ticket.answered(response.status().as_u16());
    response
}

/// Returns an answer with a body of filler bytes. The answer is counted when its last byte is passed to the connection.
/// There are two exceptions, because hyper does not poll the body: the answer to a HEAD request, and an answer with an
/// empty body of known length. These answers are counted immediately.
fn filled(bytes: u64, length: Length, method: &Method, ticket: Ticket, busy: Busy) -> Response<Payload> {
    let bodiless = method == Method::HEAD || (bytes == 0 && length == Length::Known);
    let receipt = Receipt {
        ticket,
        status: StatusCode::OK.as_u16(),
        busy,
    };
    let receipt = if bodiless {
        receipt.settle();
        None
    } else {
        Some(receipt)
    };
    typed(StatusCode::OK, "text/plain", Payload::filler(bytes, length, receipt))
}

fn with_status(status: StatusCode) -> Response<Payload> {
    if matches!(
        status,
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
    ) {
        let mut response = Response::new(Payload::Whole(None));
        *response.status_mut() = status;
        return response;
    }
    json(status, format!(r#"{{"ok":{}}}"#, status.is_success()))
}

fn redirect(left: u32) -> Response<Payload> {
    let mut response = json(StatusCode::FOUND, r#"{"ok":true}"#);
    let location = HeaderValue::try_from(format!("/redirect/{left}")).expect("a path of ASCII letters and digits");
    response.headers_mut().insert(LOCATION, location);
    response
}

fn echo(head: &Parts, body: &ReceivedBody) -> Response<Payload> {
    #[derive(Serialize)]
    struct Echo<'a> {
        method: &'a str,
        path: &'a str,
        query: Option<&'a str>,
        headers: BTreeMap<&'a str, String>,
        body: String,
    }

    if !body.is_kept_whole() {
        let problem = format!(
            "the body has {} bytes and /echo gives back at most {ECHO_MAX}",
            body.bytes
        );
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, problem);
    }
    let mut headers = BTreeMap::<&str, String>::new();
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str())
            .and_modify(|all| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert_with(|| value.to_string());
    }
    shown(&Echo {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query(),
        headers,
        body: String::from_utf8_lossy(&body.kept).into_owned(),
    })
}

fn ok() -> Response<Payload> {
    json(StatusCode::OK, r#"{"ok":true}"#)
}

fn shown(value: &impl Serialize) -> Response<Payload> {
    json(
        StatusCode::OK,
        serde_json::to_vec(value).expect("maps with plain keys are JSON"),
    )
}

fn json(status: StatusCode, text: impl Into<Bytes>) -> Response<Payload> {
    typed(status, "application/json", Payload::text(text))
}

/// Returns an answer that rejects an invalid request. The answer contains the form of a valid request.
fn refusal(status: StatusCode, problem: String) -> Response<Payload> {
    typed(status, "text/plain; charset=utf-8", Payload::text(problem + "\n"))
}

fn typed(status: StatusCode, content_type: &'static str, payload: Payload) -> Response<Payload> {
    let mut response = Response::new(payload);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
