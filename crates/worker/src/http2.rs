//! The HTTP/2 engine: many requests at once over each of few connections, by hyper.
//!
//! A ticket belongs to one of the connections, so each carries its share of the requests. A
//! connection that ends is replaced when the next request needs it. `sent` is when the first write
//! after a request was handed over went to the socket: frames are written in the order in which
//! they are handed over.
//!
//! A request is sent again only if the target says itself that it has not looked at it, as one does
//! that ends its connections after so many requests: once, after a pause, and not if the target
//! asks for calm. That is counted as a retry. A target that answers and ends its connections without
//! an error may turn away requests more often, and these are sent again at once, but no more of
//! them than it has answered: a pause would make its next connection meet them all together. When
//! two connections in a row have taken the same number of requests, the next ones are given no more.
//! A request of which nothing was written moves to another connection, and is no retry.
//!
//! After a connection that could not be made the next try waits, as in the HTTP/1.1 engine: one at a
//! time is tried, and requests that wait meanwhile share its fate.

use crate::allow::Allow;
use crate::engine::{Answer, Engine, Reported, Share, Ticket};
use crate::exchange::{Body, Hop, judge};
use crate::message::{Connection, Filled, Messages};
use crate::names::{self, Lookup};
use crate::origin::{Origin, drawn_pause};
use crate::pacer::{self, Timer};
use crate::place::Place;
use crate::why::{Detail, Phase, Why};
use crate::{descriptors, tls};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use plan::plan::Plan;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

mod fair;
mod stamped;

use fair::Fair;
use stamped::{Stamp, Stamped, Stamps};

/// What of an answer may be on its way on a connection, and on one of its streams. Bodies are read
/// as they come, so a small window would only slow them down.
const WINDOW: u32 = 16 << 20;
const STREAM_WINDOW: u32 = 2 << 20;
/// How often a request is sent if the target says each time that it has not looked at it. More would multiply the
/// load of a target in trouble.
const TRIES_MAX: u32 = 2;
/// The longest pause before a request is sent again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// How many requests connections that end without an error may turn away in a row, for requests that were answered
/// before.
const CREDIT_MAX: u64 = 1_000;
/// How many connections that have ended by then a request may find. Each of them carried others before, and nothing
/// of the request.
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
    places: Vec<Place>,
    connections: usize,
    lookup: Lookup,
    allow: Arc<Allow>,
    tls: OnceCell<Result<Arc<rustls::ClientConfig>, String>>,
    /// By origin, and by the number of the connection.
    lines: RefCell<BTreeMap<(bool, String, u16), Rc<Lines>>>,
    answers: RefCell<Vec<(Ticket, Answer)>>,
    /// Why the last request of a ticket failed that did.
    reported: RefCell<BTreeMap<Ticket, Reported>>,
    /// That there are answers.
    news: Notify,
}

/// The connections to one origin.
struct Lines {
    place: Place,
    origin: RefCell<Origin>,
    lines: Vec<tokio::sync::Mutex<Option<Line>>>,
    /// Held while a connection is tried after one could not be made: one at a time is tried.
    trying: tokio::sync::Mutex<()>,
    /// How many connections could not be made, and why the last one could not.
    failures: Cell<(u64, Option<Why>)>,
    /// How many requests were answered, without those that connections without an error have turned away; up to
    /// [`CREDIT_MAX`].
    credit: Cell<u64>,
    /// How many requests the last connections took that the target ended without an error; the newest last.
    ended: RefCell<Vec<Rc<Cell<u64>>>>,
}

/// How many connections that the target has ended are remembered. Requests that the newest has turned away may not
/// have learned of it yet.
const ENDED_KEPT: usize = 3;

/// An open connection.
struct Line {
    sender: SendRequest<Full<Bytes>>,
    stamps: Stamps,
    /// `None` when it goes on by itself until its last answer.
    driver: Option<JoinHandle<()>>,
    /// How many requests were given to it.
    given: u64,
    /// How many were handed over to hyper.
    handed_over: Rc<Cell<u64>>,
    /// The place of the first request that it has turned away: so many it took.
    took: Rc<Cell<u64>>,
    /// Whether it has answered a request.
    answered: Rc<Cell<bool>>,
}

/// What a request needs of its connection.
struct Path {
    sender: SendRequest<Full<Bytes>>,
    stamps: Stamps,
    /// Whether it has carried others before.
    used: bool,
    handed_over: Rc<Cell<u64>>,
    took: Rc<Cell<u64>>,
    answered: Rc<Cell<bool>>,
}

/// The outcome of sending a request once, if it may be sent again or was answered.
enum Tried {
    Answered(Response<Incoming>),
    /// The target says that it has not looked at the request, which was this one of its connection, from 0.
    Refused(hyper::Error, u64),
    /// The connection ended before any of the request was written.
    Unwritten,
}

impl Lines {
    /// Counts an answered request.
    fn add_credit(&self) {
        self.credit.set(CREDIT_MAX.min(self.credit.get() + 1));
    }

    /// Counts a request that a connection without an error turned away; returns whether it may be sent again at once.
    fn use_credit(&self) -> bool {
        let left = self.credit.get().checked_sub(1);
        left.is_some_and(|left| {
            self.credit.set(left);
            true
        })
    }

    /// How many requests a connection to this target takes, if its last ones have taken equally many.
    fn requests_max(&self) -> u64 {
        match self.ended.borrow().as_slice() {
            [first, second, _] if first.get() == second.get() => first.get().max(1),
            _ => u64::MAX,
        }
    }

    /// Remembers a connection that has turned requests away as it ended.
    fn remember(&self, took: &Rc<Cell<u64>>) {
        let mut ended = self.ended.borrow_mut();
        if !ended.iter().any(|known| Rc::ptr_eq(known, took)) {
            if ended.len() == ENDED_KEPT {
                ended.remove(0);
            }
            ended.push(took.clone());
        }
    }
}

impl Line {
    /// Takes no more requests. Those that it carries go on, and then it is closed.
    fn leave(mut self) {
        self.driver = None;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(driver) = &self.driver {
            driver.abort();
        }
    }
}

/// How far an exchange got.
#[derive(Default)]
struct Reached {
    sent: Option<Instant>,
    stamp: Option<Stamp>,
    status: Option<u16>,
    body: Body,
    retries: u32,
    phase: Phase,
    /// Where it went last.
    origin: Option<Arc<str>>,
}

/// Runs hyper's tasks on this thread.
#[derive(Clone, Copy, Debug)]
struct Here;

impl<F: Future + 'static> hyper::rt::Executor<F> for Here {
    fn execute(&self, task: F) {
        tokio::task::spawn_local(async move { drop(task.await) });
    }
}

impl std::fmt::Debug for Http2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Http2({} connections)", self.shared.connections)
    }
}

impl Http2 {
    /// An engine for a share of a plan; runs on the `LocalSet` that drives it.
    pub fn new(share: Share) -> Http2 {
        Http2::with_names(share, names::system())
    }

    /// The same, with another resolver.
    pub fn with_names(share: Share, lookup: Lookup) -> Http2 {
        let plan = share.plan;
        let mut messages = Messages::new(plan.clone(), share.supplies, Connection::Kept);
        let places = messages.places().map(|place| place.clone()).collect();
        Http2 {
            shared: Rc::new(Shared {
                messages,
                places,
                connections: share.connections,
                lookup,
                allow: share.allow,
                tls: OnceCell::new(),
                lines: RefCell::default(),
                answers: RefCell::default(),
                reported: RefCell::default(),
                news: Notify::new(),
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
        for place in &shared.places {
            if place.secure {
                shared.tls()?;
            }
            let lines = shared.lines(place);
            if let Some(refusal) = &lines.origin.borrow().barred {
                return Err(refusal.to_string());
            }
            let resolved = timeout(shared.plan.limits.connect_timeout, shared.resolve(&lines)).await;
            let resolved = resolved.map_err(|_| "the resolver has not answered".to_owned());
            resolved
                .and_then(|resolved| resolved.map_err(|error| error.to_string()))
                .map_err(|problem| format!("{} could not be resolved: {problem}", place.host))?;
            if let Some(refusal) = lines.origin.borrow().refusal() {
                return Err(refusal.to_string());
            }
            first.push(lines);
        }
        // A target that cannot be connected to is no reason not to start: it may be what the run
        // is to show.
        let opening = (0..self.ahead.min(shared.connections)).map(|number| {
            let (shared, lines) = (shared.clone(), first[number % first.len()].clone());
            tokio::task::spawn_local(async move {
                let mut line = lines.lines[number].lock().await;
                *line = shared.open(&lines).await.ok();
            })
        });
        for opened in opening.collect::<Vec<_>>() {
            let _ = opened.await;
        }
        Ok(())
    }

    fn send(&mut self, ticket: Ticket, k: u64, request: usize) {
        let shared = self.shared.clone();
        tokio::task::spawn_local(async move {
            let began = Instant::now();
            let mut reached = Reached::default();
            let limit = shared.plan.requests[request].timeout;
            let exchange = shared.exchange(ticket, k, request, &mut reached);
            let result = timeout(limit, exchange).await;
            reached.note();
            let result = result.unwrap_or_else(|_| Err(Why::during(Cause::Timeout, reached.phase())));
            let answer = Answer {
                sent: reached.sent.unwrap_or(began),
                done: Instant::now(),
                result: result.map_err(Why::kind),
                status: reached.status,
                body_bytes: reached.body.bytes,
                retries: reached.retries,
            };
            if let Err(why) = result {
                let origin = reached.origin.unwrap_or_default();
                shared.reported.borrow_mut().insert(ticket, Reported { why, origin });
            }
            shared.answers.borrow_mut().push((ticket, answer));
            shared.news.notify_one();
        });
    }

    async fn wait(&mut self, until: Instant, answers: &mut Vec<(Ticket, Answer)>) {
        if self.shared.answers.borrow().is_empty() {
            tokio::select! {
                () = self.shared.news.notified() => {}
                () = self.timer.wait_until(until) => {}
            }
        } else {
            // Answers are taken at once, but never so often that nothing else gets its turn.
            tokio::task::yield_now().await;
        }
        answers.append(&mut self.shared.answers.borrow_mut());
    }

    fn reported(&self, ticket: Ticket) -> Option<Reported> {
        self.shared.reported.borrow().get(&ticket).cloned()
    }
}

impl Reached {
    /// Takes over when the request that was handed over last went to the socket.
    fn note(&mut self) {
        if let Some(stamp) = self.stamp.take()
            && self.sent.is_none()
        {
            self.sent = stamp.at();
        }
    }

    /// How far the request is, its last write noted.
    fn phase(&self) -> Phase {
        match self.phase {
            Phase::FirstByte if self.sent.is_none() => Phase::Sending,
            phase => phase,
        }
    }
}

impl Shared {
    fn tls(&self) -> Result<Arc<rustls::ClientConfig>, String> {
        let config = || tls::config(self.plan.limits.insecure_tls, b"h2");
        self.tls.get_or_init(config).clone()
    }

    fn lines(&self, place: &Place) -> Rc<Lines> {
        let key = (place.secure, place.host.clone(), place.port);
        let mut lines = self.lines.borrow_mut();
        let fresh = || {
            Rc::new(Lines {
                place: place.clone(),
                origin: RefCell::new(Origin::new(place.clone(), &self.allow)),
                lines: (0..self.connections).map(|_| tokio::sync::Mutex::default()).collect(),
                trying: tokio::sync::Mutex::default(),
                failures: Cell::default(),
                credit: Cell::default(),
                ended: RefCell::default(),
            })
        };
        lines.entry(key).or_insert_with(fresh).clone()
    }

    async fn exchange(&self, ticket: Ticket, k: u64, request: usize, reached: &mut Reached) -> Result<(), Why> {
        let planned = &self.plan.requests[request];
        let mut hop = Hop::first(self.messages.filled(k, request)).ok_or(Cause::BadUrl)?;
        let mut left = planned.follow_redirects;
        loop {
            reached.status = None;
            let response = self.ask(ticket, &hop, reached).await?;
            let status = response.status().as_u16();
            reached.status = Some(status);
            let leads = planned.follow_redirects > 0 && matches!(status, 301 | 302 | 303 | 307 | 308);
            let location = response.headers().get("location").filter(|_| leads).cloned();
            let keep = planned.success.body_contains.is_some() && location.is_none();
            self.read_body(response.into_body(), keep, &mut reached.body).await?;
            let Some(location) = location else {
                return judge(planned, status, &reached.body);
            };
            left = left.checked_sub(1).ok_or(Cause::TooManyRedirects)?;
            hop = hop
                .turn(status, location.as_bytes())
                .ok_or(Cause::RedirectNotFollowed)?;
        }
    }

    /// Sends one request and waits for the head of its answer. Sends it again where the rules at the top of this file
    /// allow that.
    async fn ask(&self, ticket: Ticket, hop: &Hop, reached: &mut Reached) -> Result<Response<Incoming>, Why> {
        let lines = self.lines(&hop.place);
        let planned = self.places.iter().any(|place| place.same_origin(&hop.place));
        let hides = |host: &str| !planned && self.messages.hide(host);
        reached.origin = Some(lines.origin.borrow().name(hides));
        let (mut refusals, mut ended, mut is_retry) = (0, 0, false);
        loop {
            reached.phase = Phase::Connecting;
            let mut path = self.path(&lines, ticket % self.connections).await?;
            match try_once(&mut path, hop, reached, is_retry).await? {
                Tried::Answered(response) => {
                    reached.phase = Phase::Body;
                    path.answered.set(true);
                    lines.add_credit();
                    return Ok(response);
                }
                Tried::Refused(error, at) => {
                    is_retry = true;
                    let is_usual = path.answered.get() && ends_without_error(&error);
                    if is_usual {
                        path.took.set(path.took.get().min(at));
                        lines.remember(&path.took);
                    }
                    if is_usual && lines.use_credit() {
                        continue;
                    }
                    refusals += 1;
                    if refusals == TRIES_MAX {
                        return Err(Why::http2(cause(&error), reached.phase));
                    }
                    pacer::wait_until(Instant::now() + drawn_pause(RETRY_PAUSE)).await;
                }
                Tried::Unwritten => {
                    ended += 1;
                    if !path.used || ended == ENDED_MAX {
                        return Err(Why::during(Cause::Closed, Phase::Sending));
                    }
                }
            }
        }
    }

    /// The connection with this number, made if there is none.
    async fn path(&self, lines: &Lines, number: usize) -> Result<Path, Why> {
        let (before, _) = lines.failures.get();
        let mut line = lines.lines[number].lock().await;
        if let Some(full) = line.take_if(|open| open.given >= lines.requests_max() && !open.sender.is_closed()) {
            full.leave();
        }
        if line.as_ref().is_none_or(|open| open.sender.is_closed()) {
            *line = None;
            *line = Some(self.try_open(lines, before).await?);
        }
        let open = line.as_mut().expect("a connection is there or was made");
        open.given += 1;
        Ok(Path {
            sender: open.sender.clone(),
            stamps: open.stamps.clone(),
            used: open.given > 1,
            handed_over: open.handed_over.clone(),
            took: open.took.clone(),
            answered: open.answered.clone(),
        })
    }

    /// Opens a connection for a request that came when so many could not be made. If one more could
    /// not be made meanwhile, the request shares its fate.
    async fn try_open(&self, lines: &Lines, before: u64) -> Result<Line, Why> {
        if lines.origin.borrow().barred.is_some() {
            return Err(Cause::HostNotAllowed.into());
        }
        let fate = || match lines.failures.get() {
            (count, Some(why)) if count != before => Err(why),
            _ => Ok(()),
        };
        let paused_until = || lines.origin.borrow().failing();
        fate()?;
        let mut turn = None;
        if paused_until().is_some() {
            turn = Some(lines.trying.lock().await);
            fate()?;
        }
        match paused_until() {
            Some(until) => pacer::wait_until(until).await,
            // The target is back: nobody has to wait for others.
            None => turn = None,
        }
        let opened = self.open(lines).await;
        drop(turn);
        let mut origin = lines.origin.borrow_mut();
        match &opened {
            Ok(_) => origin.opened(),
            Err(why) => {
                origin.failed(Instant::now());
                lines.failures.set((lines.failures.get().0 + 1, Some(*why)));
            }
        }
        opened
    }

    /// Reads a body to its end, and keeps what the success rule looks through.
    async fn read_body(&self, mut from: Incoming, keep: bool, body: &mut Body) -> Result<(), Why> {
        body.begin();
        while let Some(frame) = from.frame().await {
            let frame = frame.map_err(|error| Why::http2(cause(&error), Phase::Body))?;
            if let Some(data) = frame.data_ref()
                && !body.take(data, keep, self.plan.limits.body_bytes_max)
            {
                return Err(Cause::BodyTooLarge.into());
            }
        }
        Ok(())
    }

    async fn resolve(&self, lines: &Lines) -> std::io::Result<()> {
        if lines.origin.borrow().addresses.are_known() {
            return Ok(());
        }
        let (lookup, host, port) = (self.lookup.clone(), lines.place.host.clone(), lines.place.port);
        let found = tokio::task::spawn_blocking(move || lookup(&host, port)).await;
        let found = found.map_err(std::io::Error::other)??;
        if found.is_empty() {
            return Err(std::io::Error::other("the name has no address"));
        }
        lines.origin.borrow_mut().addresses.take(found, Instant::now());
        Ok(())
    }

    async fn open(&self, lines: &Lines) -> Result<Line, Why> {
        if lines.origin.borrow().barred.is_some() {
            return Err(Cause::HostNotAllowed.into());
        }
        let deadline = Instant::now() + self.plan.limits.connect_timeout;
        match timeout_at(deadline, self.resolve(lines)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(Why::resolving(&error)),
            Err(_) => return Err(Cause::ResolverTimeout.into()),
        }
        // Why no address was connected to before time was up, and what was waited for then.
        let (tried, waiting) = (Cell::new(None), Cell::new(Why::from(Cause::ConnectTimeout)));
        let dialled = timeout_at(deadline, self.dial(lines, &tried, &waiting)).await;
        dialled.unwrap_or_else(|_| Err(Why::after(tried.get(), waiting.get())))
    }

    async fn dial(&self, lines: &Lines, tried: &Cell<Option<Why>>, waiting: &Cell<Why>) -> Result<Line, Why> {
        let (turn, left) = lines.origin.borrow_mut().take_turn();
        let mut connected = None;
        for step in 0..left {
            let permitted = lines.origin.borrow().permit(turn.wrapping_add(step));
            let Some(permitted) = permitted else { continue };
            let address = permitted.address();
            waiting.set(Why::new(Cause::ConnectTimeout, Detail::Address(address)));
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    connected = Some((stream, address));
                    break;
                }
                Err(error) => tried.set(Some(Why::after(tried.get(), Why::connecting(&error, address)))),
            }
        }
        let (stream, address) = connected.ok_or_else(|| lines.origin.borrow().failure(tried.get()))?;
        waiting.set(Why::new(Cause::HandshakeTimeout, Detail::Address(address)));
        stream
            .set_nodelay(true)
            .map_err(|error| Why::connecting(&error, address))?;
        let stream = Fair::new(stream);
        if !lines.place.secure {
            return line(stream).await;
        }
        let unusable = Why::new(Cause::TlsBroken, Detail::Words("TLS cannot be set up here"));
        let config = self.tls().map_err(|_| unusable)?;
        let name = rustls::pki_types::ServerName::try_from(lines.place.host.clone()).map_err(|_| Cause::WrongName)?;
        let stream = TlsConnector::from(config)
            .connect(name, stream)
            .await
            .map_err(|error| Why::shaking(&error))?;
        if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            return Err(Cause::NoHttp2.into());
        }
        line(stream).await
    }
}

/// Sends a request on a connection, once.
async fn try_once(path: &mut Path, hop: &Hop, reached: &mut Reached, is_retry: bool) -> Result<Tried, Why> {
    reached.phase = Phase::Waiting;
    if path.sender.ready().await.is_err() {
        return Ok(Tried::Unwritten);
    }
    reached.note();
    reached.phase = Phase::FirstByte;
    let stamp = path.stamps.next();
    reached.stamp = Some(stamp.clone());
    reached.retries += u32::from(is_retry);
    let at = path.handed_over.get();
    path.handed_over.set(at + 1);
    let error = match path.sender.try_send_request(message(&hop.filled, &hop.place)?).await {
        Ok(response) => return Ok(Tried::Answered(response)),
        Err(error) => error,
    };
    // hyper returns the request if it wrote nothing of it.
    let is_returned = error.message().is_some();
    let error = error.into_error();
    if asks_for_calm(&error) || !is_returned && !is_unseen(&error) {
        return Err(Why::http2(cause(&error), reached.phase));
    }
    // A request that hyper keeps may still be unwritten: the connection ended before its next write.
    if !is_returned && stamp.at().is_some() {
        return Ok(Tried::Refused(error, at));
    }
    reached.retries -= u32::from(is_retry);
    Ok(Tried::Unwritten)
}

async fn line<S>(stream: S) -> Result<Line, Why>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let stamps = Stamps::default();
    let stream = TokioIo::new(Stamped::new(stream, stamps.clone()));
    let (sender, driver) = http2::Builder::new(Here)
        .initial_connection_window_size(WINDOW)
        .initial_stream_window_size(STREAM_WINDOW)
        .handshake(stream)
        .await
        .map_err(|error| Why::http2(cause(&error), Phase::Connecting))?;
    Ok(Line {
        sender,
        stamps,
        given: 0,
        handed_over: Rc::default(),
        took: Rc::new(Cell::new(u64::MAX)),
        answered: Rc::default(),
        // What goes wrong on the connection is told to the requests that are on it.
        driver: Some(tokio::task::spawn_local(async move { drop(driver.await) })),
    })
}

fn message(filled: &Filled, place: &Place) -> Result<Request<Full<Bytes>>, Cause> {
    let uri: Uri = filled.url.parse().map_err(|_| Cause::BadUrl)?;
    let mut parts = uri.into_parts();
    let host = filled
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("host"));
    // RFC 9113, 8.3.1: the authority says what the host header says in HTTP/1.1.
    let authority = host.map_or(place.host_name.as_str(), |(_, value)| value.as_str());
    parts.authority = Some(authority.parse().map_err(|_| Cause::BadUrl)?);
    let uri = Uri::from_parts(parts).map_err(|_| Cause::BadUrl)?;
    let mut request = Request::builder().method(filled.method.as_str()).uri(uri);
    for (name, value) in filled
        .headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
    {
        request = request.header(name, value);
    }
    if !filled.has("user-agent") {
        request = request.header("user-agent", crate::message::AGENT);
    }
    request.body(Full::new(filled.body.clone())).map_err(|_| Cause::BadUrl)
}

/// What HTTP/2 says went wrong.
fn cause(error: &hyper::Error) -> Option<&h2::Error> {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| (*cause).source());
    causes.filter_map(|cause| cause.downcast_ref()).next()
}

/// Whether the target says that it has not looked at the request (RFC 9113, 8.7): its number is
/// beyond the last one that the connection takes, or it was refused.
fn is_unseen(error: &hyper::Error) -> bool {
    cause(error).is_some_and(|error| {
        error.is_remote() && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
    })
}

/// Whether the target ends its connection without anything being wrong.
fn ends_without_error(error: &hyper::Error) -> bool {
    cause(error).is_some_and(|error| error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR))
}

/// Whether the target says that it is sent too much.
fn asks_for_calm(error: &hyper::Error) -> bool {
    cause(error).is_some_and(|error| error.is_remote() && error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM))
}
