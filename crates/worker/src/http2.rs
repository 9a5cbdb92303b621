//! The HTTP/2 engine, which uses hyper. The engine sends many concurrent requests over each of a few connections.
//!
//! Each ticket belongs to one of the connections, so the requests are spread evenly. A connection that has ended is
//! replaced when the next request needs the connection. `sent` is the time of the first write to the socket after the
//! request was passed to hyper. hyper writes frames in the order in which the requests were passed to hyper.
//!
//! In two cases, a request is sent again:
//! - If the target reports that it has not processed the request, the request is sent again once, after a pause. The
//!   request is not sent again if the reason is `ENHANCE_YOUR_CALM`. Some targets report that they have not processed a
//!   request when they close a connection after a number of requests.
//! - If the connection has answered requests and is closed gracefully, the request is sent again at once. The number
//!   of requests that are sent again in this way is at most the number of requests that the target has answered. These
//!   requests are sent without a pause. After a pause, all of them would be sent at the same time on the next connection.
//!
//! In both cases, the engine counts a retry. If nothing of a request was written, the request moves to another
//! connection. This move is not counted as a retry.
//!
//! If two successive connections have accepted the same number of requests, no later connection gets more requests than
//! this number.
//!
//! Connections are opened as in the HTTP/1.1 engine ([`crate::dial`]).

use crate::allow::Allow;
use crate::descriptors;
use crate::dial::origin::ADDRESSES_KEPT;
use crate::dial::resolver::{self, Lookup};
use crate::dial::tls::TlsClient;
use crate::endpoint::Endpoint;
use crate::engine::{Answer, Engine, FlowState, Reported, Share, Ticket, Trace};
use crate::exchange::{BodyProgress, Hop, judge};
use crate::head::Field;
use crate::inspection::{FinishedAnswer, Inspections};
use crate::message::{Filling, Messages};
use crate::pacer::{self, Timer};
use crate::retry::drawn_pause;
use crate::search::{Coding, Searches, Wanted};
use crate::trace::TraceEvent;
use crate::why::{RequestPhase, Why};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Response, Uri};
use plan::action::Action;
use plan::plan::Plan;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use tally::outcome::Code;
use tally::request::RequestIndex;
use tally::waits::Openings;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};

mod connections;
mod fair;
mod pool;
mod stamped;

use pool::{Carried, OriginPool, Path, Rules};
use stamped::WriteTime;

/// The maximum number of times that a request is sent, if the target reports each time that it has not processed the
/// request. A larger number would multiply the load of an overloaded target.
const TRIES_MAX: u32 = 2;
/// The longest pause before a request is sent again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// The maximum of the credit for sending requests again at once. Each answered request adds one to the credit. Each
/// request that is sent again, after its connection was closed gracefully, takes one from the credit.
const CREDIT_MAX: u64 = 1_000;
/// A request fails after this number of connections have ended before any byte of the request was written. Each of
/// these connections was in use by other requests before.
const ENDED_MAX: u32 = 3;

/// Sends the requests of a plan over HTTP/2.
pub struct Http2 {
    shared: Rc<Shared>,
    timer: Timer,
    ahead: usize,
}

struct Shared {
    plan: Arc<Plan>,
    messages: Messages,
    endpoints: Vec<Endpoint>,
    connections: usize,
    lookup: Lookup,
    allow: Arc<Allow>,
    searches: Searches,
    inspections: Inspections,
    trace: Option<Trace>,
    rules: Rules,
    tls: TlsClient,
    /// The connection pools, by the scheme, host and port of their origins.
    pools: RefCell<BTreeMap<(bool, String, u16), Rc<OriginPool>>>,
    answers: RefCell<Vec<(Ticket, Answer)>>,
    /// Why the last failed request of each ticket failed.
    reported: RefCell<BTreeMap<Ticket, Reported>>,
    openings: RefCell<Openings>,
    /// Notified when an answer is added.
    answered: Notify,
}

/// The outcome of sending a request once: an answer, or a failure after which the request may be sent again.
enum Attempt {
    Answered(Response<Incoming>),
    /// The target reports that it has not processed the request. The second value is the position of the request among
    /// the requests of its connection, counted from 0.
    Refused(hyper::Error, u64),
    /// The connection ended before any byte of the request was written.
    Unwritten,
}

/// The progress of an exchange.
#[derive(Default)]
struct Reached {
    sent: Option<Instant>,
    first_byte: Option<Instant>,
    /// How long the request waited for a free connection. `opening` is how long the request waited for a new connection
    /// to open.
    waiting: Duration,
    opening: Duration,
    stamp: Option<WriteTime>,
    status: Option<u16>,
    body: BodyProgress,
    retries: u32,
    phase: RequestPhase,
    /// The name of the last origin of the exchange.
    origin: Option<Arc<str>>,
}

impl std::fmt::Debug for Http2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Http2({} connections)", self.shared.connections)
    }
}

impl Http2 {
    /// Creates an engine for a thread's share of a plan. The engine runs on the `LocalSet` that drives it.
    pub fn new(share: Share) -> Http2 {
        Http2::with_resolver(share, resolver::system(), ADDRESSES_KEPT)
    }

    /// Creates an engine with another resolver. The addresses of a name are looked up again after `addresses_kept`.
    pub fn with_resolver(share: Share, lookup: Lookup, addresses_kept: Duration) -> Http2 {
        let plan = share.plan;
        let mut messages = Messages::new(plan.clone(), share.supplies.clone());
        let endpoints = messages.endpoints().map(|endpoint| endpoint.clone()).collect();
        Http2 {
            shared: Rc::new(Shared {
                messages,
                endpoints,
                connections: share.connections,
                lookup,
                allow: share.allow,
                searches: Searches::new(&plan),
                inspections: Inspections::new(&plan, share.trace.is_some()),
                trace: share.trace,
                rules: Rules::new(share.connections, addresses_kept),
                tls: TlsClient::new(&plan, &share.supplies, b"h2"),
                pools: RefCell::default(),
                answers: RefCell::default(),
                reported: RefCell::default(),
                openings: RefCell::default(),
                answered: Notify::new(),
                plan,
            }),
            timer: Timer::new(),
            ahead: share.ahead,
        }
    }
}

impl Engine for Http2 {
    async fn prepare(&mut self) -> Result<(), String> {
        let shared = &self.shared;
        descriptors::make_room(shared.plan.limits.connections as usize)?;
        let mut first = Vec::new();
        for endpoint in &shared.endpoints {
            if endpoint.secure {
                shared.tls.config()?;
            }
            let pool = shared.pool(endpoint);
            if let Some(refusal) = &pool.origin.borrow().barred {
                return Err(refusal.to_string());
            }
            let resolved = timeout(shared.plan.limits.connect_timeout, shared.resolve(&pool)).await;
            resolved
                .unwrap_or_else(|_| Err("the resolver has not answered".to_owned()))
                .map_err(|problem| format!("{} could not be resolved: {problem}", endpoint.host))?;
            if let Some(refusal) = pool.origin.borrow().refusal() {
                return Err(refusal.to_string());
            }
            first.push(pool);
        }
        // A connection that fails does not prevent the start, because the purpose of the run may be to show this
        // failure. All connections have the same deadline, so targets that do not answer delay the start by one connect
        // timeout at most.
        let until = Instant::now() + shared.plan.limits.connect_timeout;
        let opening = (0..self.ahead.min(shared.connections)).map(|number| {
            let (shared, pool) = (shared.clone(), first[number % first.len()].clone());
            tokio::task::spawn_local(timeout_at(until, async move {
                shared.open_ahead(&pool, number).await;
            }))
        });
        for opened in opening.collect::<Vec<_>>() {
            let _ = opened.await;
        }
        Ok(())
    }

    fn send(&mut self, ticket: Ticket, k: u64, request: RequestIndex, mut flow: FlowState) {
        let shared = self.shared.clone();
        tokio::task::spawn_local(async move {
            let began = Instant::now();
            let mut reached = Reached::default();
            let Action::Http(planned) = shared.plan.action(request);
            let limit = planned.timeout;
            let exchange = shared.exchange(ticket, k, request, &mut flow, &mut reached);
            let result = timeout(limit, exchange).await;
            reached.note();
            let result = result.unwrap_or_else(|_| Err(Why::during(Cause::Timeout, reached.phase())));
            let answer = Answer {
                sent: reached.sent.unwrap_or(began),
                first_byte: reached.first_byte,
                waiting: reached.sent.map_or(Duration::ZERO, |_| reached.waiting),
                opening: reached.sent.map_or(Duration::ZERO, |_| reached.opening),
                done: Instant::now(),
                result: result.map_err(Why::kind),
                code: reached.status.map(Code::Http),
                body_bytes: reached.body.bytes,
                retries: reached.retries,
                flow,
            };
            if let Err(why) = result {
                let origin = reached.origin.unwrap_or_default();
                shared.reported.borrow_mut().insert(ticket, Reported { why, origin });
            }
            shared.answers.borrow_mut().push((ticket, answer));
            shared.answered.notify_one();
        });
    }

    async fn wait(&mut self, until: Instant, answers: &mut Vec<(Ticket, Answer)>) {
        if self.shared.answers.borrow().is_empty() {
            tokio::select! {
                () = self.shared.answered.notified() => {}
                () = self.timer.wait_until(until) => {}
            }
        } else {
            // If answers are available, the other tasks of the thread run once before the answers are returned.
            tokio::task::yield_now().await;
        }
        answers.append(&mut self.shared.answers.borrow_mut());
    }

    /// Does nothing, because no connection belongs to a single user.
    fn close_connections(&mut self, _flow: &mut FlowState) {}

    fn reported(&self, ticket: Ticket) -> Option<Reported> {
        self.shared.reported.borrow().get(&ticket).cloned()
    }

    fn take_openings(&mut self) -> Openings {
        self.shared.openings.take()
    }

    fn take_open_max(&mut self) -> usize {
        self.shared.rules.taken.take_open_max()
    }
}

impl Reached {
    /// Sets `sent` to the time in the stamp of the last request, unless `sent` is already set.
    fn note(&mut self) {
        if let Some(stamp) = self.stamp.take()
            && self.sent.is_none()
        {
            self.sent = stamp.at();
        }
    }

    /// Returns the phase of the request. Must be called after [`Reached::note`].
    fn phase(&self) -> RequestPhase {
        match self.phase {
            RequestPhase::FirstByte if self.sent.is_none() => RequestPhase::Sending,
            phase => phase,
        }
    }
}

impl Shared {
    async fn exchange(
        self: &Rc<Shared>,
        ticket: Ticket,
        k: u64,
        request: RequestIndex,
        flow: &mut FlowState,
        reached: &mut Reached,
    ) -> Result<(), Why> {
        let Action::Http(planned) = self.plan.action(request);
        let inspection = self.inspections.of(request);
        let filling = Filling { k, flow };
        if !self.messages.values_fit(filling, request) {
            return Err(Cause::UnfitValue.into());
        }
        if let Some(trace) = &self.trace {
            trace.note(TraceEvent::Secrets(self.messages.secret_texts(filling, request)));
        }
        let mut hop = Hop::first(&self.messages, filling, request)?;
        reached.body.keep(inspection.keeps_body);
        let mut left = planned.follow_redirects;
        loop {
            reached.status = None;
            let (response, carried) = self.ask(ticket, &hop, reached).await?;
            let status = response.status().as_u16();
            reached.status = Some(status);
            let leads = planned.follow_redirects > 0 && matches!(status, 301 | 302 | 303 | 307 | 308);
            let location = response.headers().get("location").filter(|_| leads).cloned();
            let cookies = response.headers().get_all("set-cookie");
            if location.is_some() || inspection.keeps_cookies {
                cookies
                    .iter()
                    .for_each(|cookie| hop.keep_cookie(cookie.as_bytes(), &mut flow.cookies));
            }
            let head = inspection.keeps_head.then(|| response.headers().clone());
            let wanted = self.searches.of(request).filter(|_| location.is_none());
            let coding = match wanted.is_some() || inspection.keeps_body {
                true => coding(&response),
                false => Coding::Identity,
            };
            self.read_body(response.into_body(), wanted, coding, &mut reached.body)
                .await?;
            drop(carried);
            if let (Some(trace), Some(head)) = (&self.trace, &head) {
                let field = |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), value.as_bytes().to_vec());
                trace.note(TraceEvent::Answered {
                    status,
                    fields: head.iter().map(field).collect(),
                    body: reached.body.kept().to_vec(),
                });
            }
            let Some(location) = location else {
                judge(planned, status, &reached.body)?;
                let answer = FinishedAnswer {
                    status,
                    header: &|name| {
                        let value = head.as_ref()?.get(name)?;
                        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
                    },
                    body: reached.body.kept(),
                };
                return self.inspections.apply(request, k, &answer, flow);
            };
            left = left.checked_sub(1).ok_or(Cause::TooManyRedirects)?;
            hop = hop
                .turn(status, location.as_bytes(), &flow.cookies)
                .ok_or(Cause::RedirectNotFollowed)?;
        }
    }

    /// Sends one request and waits for the head of its answer. Sends the request again if the rules at the top of this
    /// file allow it.
    async fn ask(
        self: &Rc<Shared>,
        ticket: Ticket,
        hop: &Hop,
        reached: &mut Reached,
    ) -> Result<(Response<Incoming>, Carried), Why> {
        let pool = self.pool(&hop.endpoint);
        reached.origin = Some(self.name_of(&pool));
        let (mut refusals, mut ended, mut is_retry) = (0, 0, false);
        loop {
            let number = usize::from(ticket) % self.connections;
            let from = Instant::now();
            let mut path = self.path(&pool, number, &mut reached.phase).await?;
            if path.awaited && reached.sent.is_none() {
                reached.waiting += path.waiting;
                reached.opening += from.elapsed() - path.waiting;
            }
            if let Some(trace) = &self.trace {
                trace.sent(&shown(hop), Some(hop.filled.body.clone()));
            }
            let tried = try_once(&mut path, hop, reached, is_retry).await;
            match tried.map_err(|why| path.stamps.fault().unwrap_or(why))? {
                Attempt::Answered(response) => {
                    reached.first_byte = reached.first_byte.or(Some(Instant::now()));
                    reached.phase = RequestPhase::Body;
                    path.answered.set(true);
                    pool.add_credit();
                    return Ok((response, path.carried));
                }
                Attempt::Refused(error, at) => {
                    is_retry = true;
                    let is_usual = path.answered.get() && closed_gracefully(&error);
                    if is_usual {
                        path.took.set(path.took.get().min(at));
                        pool.remember(&path.took);
                    }
                    if is_usual && pool.use_credit() {
                        continue;
                    }
                    refusals += 1;
                    if refusals == TRIES_MAX {
                        return Err(Why::http2(cause(&error), reached.phase));
                    }
                    pacer::wait_until(Instant::now() + drawn_pause(RETRY_PAUSE)).await;
                }
                Attempt::Unwritten => {
                    ended += 1;
                    if !path.used || ended == ENDED_MAX {
                        let closed = Why::during(Cause::Closed, RequestPhase::Sending);
                        return Err(path.stamps.fault().unwrap_or(closed));
                    }
                }
            }
        }
    }

    /// Reads a body to its end, and searches the body for the text that the success rule requires.
    async fn read_body(
        &self,
        mut from: Incoming,
        wanted: Option<&Wanted>,
        coding: Coding,
        body: &mut BodyProgress,
    ) -> Result<(), Why> {
        body.begin();
        body.coded(coding);
        while let Some(frame) = from.frame().await {
            let frame = frame.map_err(|error| Why::http2(cause(&error), RequestPhase::Body))?;
            if let Some(data) = frame.data_ref()
                && !body.take(data, wanted, self.plan.limits.body_bytes_max)
            {
                return Err(Cause::BodyTooLarge.into());
            }
        }
        Ok(())
    }
}

/// Sends a request on a connection, once.
async fn try_once(path: &mut Path, hop: &Hop, reached: &mut Reached, is_retry: bool) -> Result<Attempt, Why> {
    reached.phase = RequestPhase::Waiting;
    if path.sender.ready().await.is_err() {
        return Ok(Attempt::Unwritten);
    }
    reached.note();
    reached.phase = RequestPhase::FirstByte;
    let stamp = path.stamps.next();
    reached.stamp = Some(stamp.clone());
    reached.retries += u32::from(is_retry);
    let at = path.handed_over.get();
    path.handed_over.set(at + 1);
    let error = match path.sender.try_send_request(message(hop)?).await {
        Ok(response) => return Ok(Attempt::Answered(response)),
        Err(error) => error,
    };
    // hyper returns the request if hyper has written nothing of the request.
    let is_returned = error.message().is_some();
    let error = error.into_error();
    if asks_for_calm(&error) || !is_returned && !is_unseen(&error) {
        return Err(Why::http2(cause(&error), reached.phase));
    }
    // If the connection ended before hyper's next write, hyper may not return the request, although nothing of the
    // request was written.
    if !is_returned && stamp.at().is_some() {
        return Ok(Attempt::Refused(error, at));
    }
    reached.retries -= u32::from(is_retry);
    Ok(Attempt::Unwritten)
}

/// Returns the content coding of an answer.
fn coding(response: &Response<Incoming>) -> Coding {
    let codings = response.headers().get_all("content-encoding");
    codings
        .iter()
        .fold(Coding::Identity, |coding, header| coding.and(header.as_bytes()))
}

fn message(hop: &Hop) -> Result<Request<Full<Bytes>>, Cause> {
    let Hop { filled, endpoint, .. } = hop;
    let uri: Uri = filled.url.parse().map_err(|_| Cause::BadUrl)?;
    // RFC 9113, 8.3.1: `:authority` replaces the `host` header of HTTP/1.1.
    let mut authority = None;
    let mut request = Request::builder().method(filled.method.as_str());
    for field in filled.fields() {
        match field {
            Field::Own(name, value) if name.eq_ignore_ascii_case("host") => {
                authority.get_or_insert(value.as_str());
            }
            Field::Own(name, value) => request = request.header(name, value),
            Field::Agent(agent) => request = request.header("user-agent", agent),
            // hyper adds the length of the body. `connection: close` is not sent, because HTTP/2 connections stay open.
            Field::Host | Field::Length | Field::Close => {}
        }
    }
    let mut parts = uri.into_parts();
    let authority = authority.unwrap_or(&endpoint.host_name).parse();
    parts.authority = Some(authority.map_err(|_| Cause::BadUrl)?);
    let request = request.uri(Uri::from_parts(parts).map_err(|_| Cause::BadUrl)?);
    request.body(Full::new(filled.body.clone())).map_err(|_| Cause::BadUrl)
}

/// Returns the head of a request as text, with its fields in the order in which they are sent.
fn shown(hop: &Hop) -> Vec<u8> {
    let Hop { filled, endpoint, .. } = hop;
    let scheme = if endpoint.secure { "https" } else { "http" };
    let path = Endpoint::path_of(&filled.url).unwrap_or_default();
    let is_host = |name: &str| name.eq_ignore_ascii_case("host");
    let own = filled.headers.iter().find(|(name, _)| is_host(name));
    let authority = own.map_or(&endpoint.host_name, |(_, value)| value);
    let mut head = format!(
        "{} {path} HTTP/2\r\n:scheme: {scheme}\r\n:authority: {authority}\r\n",
        filled.method
    );
    for field in filled.fields() {
        match field {
            Field::Own(name, _) if is_host(name) => {}
            Field::Own(name, value) => head.push_str(&format!("{}: {value}\r\n", name.to_ascii_lowercase())),
            Field::Agent(agent) => head.push_str(&format!("user-agent: {agent}\r\n")),
            Field::Length => head.push_str(&format!("content-length: {}\r\n", filled.body.len())),
            Field::Host | Field::Close => {}
        }
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// Returns the HTTP/2 error that caused `error`, if an HTTP/2 error caused it.
fn cause(error: &hyper::Error) -> Option<&h2::Error> {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| (*cause).source());
    causes.filter_map(|cause| cause.downcast_ref()).next()
}

/// Returns whether the target reports that it has not processed the request (RFC 9113, 8.7). The target reports this if
/// the stream of the request is after the last stream of a GOAWAY frame, or if the stream was refused.
fn is_unseen(error: &hyper::Error) -> bool {
    cause(error).is_some_and(|error| {
        error.is_remote() && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
    })
}

/// Returns whether the target closed the connection gracefully: with a GOAWAY frame whose error code is NO_ERROR.
fn closed_gracefully(error: &hyper::Error) -> bool {
    cause(error).is_some_and(|error| error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR))
}

/// Returns whether the target asks for fewer requests, with the error code ENHANCE_YOUR_CALM.
fn asks_for_calm(error: &hyper::Error) -> bool {
    cause(error).is_some_and(|error| error.is_remote() && error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM))
}
