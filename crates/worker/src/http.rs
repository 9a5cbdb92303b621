//! The HTTP/1.1 engine: sends the requests of a plan over pooled connections, on one thread.
//!
//! Invariant: no request is sent again if the target may have received a part of the request. A request moves to
//! another connection only if no byte of the request was written to the first connection. A connection is reused only
//! if its last answer was read completely, its last request was written completely, and no further bytes arrived.
//!
//! If no connection is idle, the engine opens a connection for the request. The request is sent on the first connection
//! that becomes free: the new connection or another one. The wait for a connection is part of the arrival's lag.
//!
//! The engine has no timer for each request. The engine stores the earliest deadline of all requests. When this
//! deadline has passed, the engine checks the deadlines of all requests. So the interval between two checks is about
//! the shortest timeout of the plan.

mod answers;
mod connections;

use crate::allow::Allow;
use crate::connection::{Connection, ConnectionState, ReceiveTime, Received};
use crate::descriptors;
use crate::dial::origin::{ADDRESSES_KEPT, Origin};
pub use crate::dial::resolver::Lookup;
use crate::dial::resolver::{self, Resolver};
use crate::dial::tls::TlsClient;
use crate::dial::{Further, OPENING_MAX};
use crate::engine::{Answer, Engine, FlowState, Reported, Share, Ticket, Trace};
use crate::exchange::{Exchange, Hop, Under};
use crate::index::{ConnectionIndex, OriginNumber, RaceNumber, Table};
use crate::inspection::Inspections;
use crate::message::{Destination, Filling, Messages};
use crate::pool::Pool;
use crate::reading::ReadProgress;
use crate::receive_time::ClockPair;
use crate::search::{Coding, Searches};
use crate::trace::TraceEvent;
use crate::waiter::{Change, Waiter};
use crate::why::{RequestPhase, Why};
use answers::Taking;
use connections::Race;
use plan::action::Action;
use plan::plan::Plan;
use plan::scenario::{Pacing, Reuse};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use tally::outcome::Code;
use tally::request::RequestIndex;
use tally::waits::Openings;
use tokio::time::Instant;

/// The maximum number of bytes that one read takes from a socket.
const BUFFER: usize = 64 << 10;
/// The maximum time that one turn of the loop spends on connections that use up their quota ([`Connection::quota`]).
/// Due arrivals and passed deadlines wait at most this time plus the time that one quota takes.
const TURN_MAX: Duration = Duration::from_millis(1);
/// The maximum number of socket events that are processed in one turn of the loop.
const CHANGES: usize = 1024;
/// The token by which wake-ups of the resolver are recognised.
const NAMES: u64 = u64::MAX;

/// Sends the requests of a plan over HTTP/1.1.
pub struct Http {
    plan: Arc<Plan>,
    messages: Messages,
    searches: Searches,
    inspections: Inspections,
    trace: Option<Trace>,
    origins: Table<OriginNumber, Origin>,
    pool: Pool<Connection>,
    exchanges: Table<Ticket, Exchange>,
    /// Why the last failed exchange of each ticket failed.
    reported: Table<Ticket, Option<Reported>>,
    openings: Openings,
    answers: Vec<(Ticket, Answer)>,
    waiter: Waiter,
    changes: Vec<Change>,
    /// The connections that could not finish in a turn of the loop, because they had more to read or to write than a
    /// turn allows. They wait for the next turn in this order. The second value is the generation of the index.
    put_off: VecDeque<(ConnectionIndex, u32)>,
    /// Whether this turn has lasted for [`TURN_MAX`], so that the remaining connections wait for the next turn.
    overdue: bool,
    names: Resolver,
    allow: Arc<Allow>,
    addresses_kept: Duration,
    tls: TlsClient,
    /// The earliest instant at which a deadline may have passed or a retry may be due.
    next_check: Instant,
    /// The connections that are being opened.
    races: Table<RaceNumber, Option<Race>>,
    further: Further,
    ahead: usize,
    /// Whether the loop wakes only on ticks. If so, the times of answers are the kernel's timestamps.
    batched: bool,
    clocks: ClockPair,
    buffer: Box<[u8]>,
    scratch: Vec<u8>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Http({} open connections)", self.pool.open())
    }
}

fn token(index: ConnectionIndex, generation: u32) -> u64 {
    usize::from(index) as u64 | u64::from(generation) << 32
}

fn far(now: Instant) -> Instant {
    now + Duration::from_secs(3_600)
}

impl Http {
    /// Creates an engine for a thread's share of a plan.
    ///
    /// # Errors
    /// Returns an error as a sentence, if the system does not provide the poller of sockets.
    pub fn new(share: Share) -> Result<Http, String> {
        Http::with_resolver(share, resolver::system(), ADDRESSES_KEPT)
    }

    /// Creates an engine with another resolver. The addresses of a name are looked up again after `addresses_kept`.
    ///
    /// # Errors
    /// Returns an error as a sentence, if the system does not provide the poller of sockets.
    pub fn with_resolver(share: Share, lookup: Lookup, addresses_kept: Duration) -> Result<Http, String> {
        let failed = |error| format!("the poller of sockets cannot be created: {error}");
        let (waiter, waker) = Waiter::new(CHANGES, NAMES).map_err(failed)?;
        let plan = share.plan;
        let now = Instant::now();
        let mut http = Http {
            messages: Messages::new(plan.clone(), share.supplies.clone()),
            searches: Searches::new(&plan),
            inspections: Inspections::new(&plan, share.trace.is_some()),
            trace: share.trace,
            origins: Table::default(),
            pool: Pool::new(share.connections),
            exchanges: (0..share.connections).map(|_| Exchange::vacant(now)).collect(),
            reported: (0..share.connections).map(|_| None).collect(),
            openings: Openings::default(),
            answers: Vec::with_capacity(share.connections),
            waiter,
            changes: Vec::with_capacity(CHANGES),
            put_off: VecDeque::new(),
            overdue: false,
            names: Resolver::new(lookup, waker),
            allow: share.allow,
            addresses_kept,
            tls: TlsClient::new(&plan, &share.supplies, b"http/1.1"),
            next_check: far(now),
            races: Table::default(),
            further: Further::default(),
            ahead: share.ahead.min(share.connections),
            batched: false,
            clocks: ClockPair::now(),
            buffer: vec![0; BUFFER].into(),
            scratch: Vec::with_capacity(4 << 10),
            plan,
        };
        for endpoint in http.messages.endpoints() {
            let (allow, hosts) = (&http.allow, &http.plan.hosts);
            let number = connections::number(&mut http.origins, &mut http.pool, endpoint, allow, hosts);
            endpoint.origin = Some(number);
        }
        Ok(http)
    }

    /// Returns the number of open connections.
    pub fn open(&self) -> usize {
        self.pool.open()
    }

    /// Schedules the next check of deadlines for `at` or earlier.
    fn schedule_check(&mut self, at: Instant) {
        self.next_check = self.next_check.min(at);
    }

    /// Sends a request to an origin. The request is sent on an idle connection, or on the next connection that becomes
    /// free.
    fn dispatch(&mut self, ticket: Ticket, origin: OriginNumber, now: Instant) {
        let exchange = &mut self.exchanges[ticket];
        exchange.origin = Some(origin);
        if self.plan.reuse_of(exchange.request) == Reuse::User {
            if let Some(own) = exchange.flow.take_connection(origin)
                && let Some(connection) = self.pool.still(own.index, own.generation)
            {
                let identity = connection.identity;
                if identity != self.identity(ticket, origin) {
                    // A request with another certificate needs another connection.
                    self.close(own.index);
                    self.open_held_up(now);
                } else if self.transmit(ticket, own.index) {
                    return;
                }
            }
            return self.wait_for_connection(ticket, origin, now);
        }
        while let Some(connection) = self.pool.take_idle(origin) {
            let shown = self
                .pool
                .connection(connection)
                .and_then(|connection| connection.identity);
            if shown != self.identity(ticket, origin) {
                self.close(connection);
            } else if self.transmit(ticket, connection) {
                return;
            }
        }
        self.wait_for_connection(ticket, origin, now);
    }

    fn wait_for_connection(&mut self, ticket: Ticket, origin: OriginNumber, now: Instant) {
        let exchange = &mut self.exchanges[ticket];
        exchange.under = Under::Origin(origin);
        exchange.is_expected = false;
        exchange.awaited |= exchange.sent.is_none();
        self.pool.wait(origin, ticket);
        self.open_for(origin, now);
    }

    /// Writes a request to a connection. Returns `false` if the request needs another connection, because this
    /// connection was closed before anything was written.
    fn transmit(&mut self, ticket: Ticket, connection: ConnectionIndex) -> bool {
        let exchange = &mut self.exchanges[ticket];
        self.scratch.clear();
        let blob = match &exchange.hop {
            None => {
                let filling = Filling {
                    k: exchange.k,
                    flow: &exchange.flow,
                };
                self.messages.write(filling, exchange.request, &mut self.scratch)
            }
            Some(hop) => hop.write(&mut self.scratch),
        };
        let Action::Http(planned) = self.plan.action(exchange.request);
        let method = exchange.hop.as_ref().map_or(&planned.method, |hop| &hop.filled.method);
        let Some(open) = self.pool.connection_mut(connection) else {
            return false;
        };
        exchange.status = None;
        exchange.body.begin();
        let keeps_head = self.inspections.of(exchange.request).keeps_head;
        open.reading
            .begin(method == "HEAD", planned.follow_redirects > 0, keeps_head);
        // The clock is read before the call, because the target may receive the request before the call returns.
        let from = Instant::now();
        let traced = self.trace.as_ref().map(|trace| (trace, blob.clone()));
        match open.send(&self.scratch, blob) {
            Ok(written) => {
                if let Some((trace, blob)) = traced {
                    trace.sent(&self.scratch, blob);
                }
                if written {
                    exchange.sent.get_or_insert(from);
                }
            }
            // The target had closed an idle connection, so the request moves to another connection.
            Err(_) if open.used => {
                self.close(connection);
                return false;
            }
            Err(_) => {
                self.close(connection);
                self.finish(ticket, Err(Why::during(Cause::Reset, RequestPhase::Sending)));
                return true;
            }
        }
        open.reused = std::mem::replace(&mut open.used, true);
        open.state = ConnectionState::Busy(ticket);
        exchange.under = Under::Connection(connection);
        if open.takes_more {
            self.put_off(connection);
        }
        true
    }

    fn finish(&mut self, ticket: Ticket, result: Result<(), Why>) {
        self.finish_at(ticket, result, Instant::now());
    }

    fn finish_at(&mut self, ticket: Ticket, result: Result<(), Why>, done: Instant) {
        if let Err(why) = result {
            self.report(ticket, why);
        }
        let exchange = &mut self.exchanges[ticket];
        exchange.under = Under::Nobody;
        let opening = exchange.sent.filter(|_| exchange.awaited);
        let answer = Answer {
            sent: exchange.sent.unwrap_or(exchange.began),
            first_byte: exchange.first_byte,
            waiting: Duration::ZERO,
            opening: opening.map_or(Duration::ZERO, |sent| sent - exchange.began),
            done,
            result: result.map_err(Why::kind),
            code: exchange.status.map(Code::Http),
            body_bytes: exchange.body.bytes,
            retries: 0,
            flow: std::mem::take(&mut exchange.flow),
        };
        self.answers.push((ticket, answer));
    }

    /// Stores the reason why a request failed, for [`Engine::reported`].
    fn report(&mut self, ticket: Ticket, why: Why) {
        let origin = self.name_of(self.exchanges[ticket].origin);
        self.reported[ticket] = Some(Reported { why, origin });
    }

    fn on_change(&mut self, index: ConnectionIndex, generation: u32, change: Change) {
        let Some(connection) = self.pool.still(index, generation) else {
            return;
        };
        connection.closed |= change.closed;
        if connection.put_off {
            return;
        }
        match connection.state {
            ConnectionState::Busy(_) if self.overdue => self.put_off(index),
            _ => self.serve(index, change.readable, change.writable),
        }
    }

    /// Reads from a connection and writes to the connection, as many bytes as a turn of the loop allows.
    fn serve(&mut self, index: ConnectionIndex, readable: bool, writable: bool) {
        let Some(connection) = self.pool.connection_mut(index) else {
            return;
        };
        match connection.state {
            ConnectionState::Opening(race) => self.continue_opening(index, race, readable, Instant::now()),
            ConnectionState::Idle => self.on_idle(index),
            ConnectionState::Busy(ticket) => {
                if writable && !connection.is_flushed() {
                    let from = Instant::now();
                    // A broken connection is reported when the answer is read.
                    let written = connection.flush().unwrap_or(false);
                    let takes_more = connection.takes_more;
                    let exchange = &mut self.exchanges[ticket];
                    if written {
                        exchange.sent.get_or_insert(from);
                    }
                    if takes_more {
                        self.put_off(index);
                    }
                }
                self.on_busy(index, ticket);
            }
        }
    }

    /// Puts a connection off until the next turn of the loop.
    fn put_off(&mut self, index: ConnectionIndex) {
        let generation = self.pool.generation(index);
        let Some(connection) = self.pool.connection_mut(index) else {
            return;
        };
        if !connection.put_off {
            connection.put_off = true;
            self.put_off.push_back((index, generation));
        }
        self.overdue |= self.waiter.now().elapsed() >= TURN_MAX;
    }

    /// Continues with the connections that were put off: at most once with each connection, and at least with one
    /// connection.
    fn serve_put_off(&mut self) {
        for _ in 0..self.put_off.len() {
            let Some((index, generation)) = self.put_off.pop_front() else {
                return;
            };
            if let Some(connection) = self.pool.still(index, generation) {
                connection.put_off = false;
                self.serve(index, true, true);
            }
            if self.waiter.now().elapsed() >= TURN_MAX {
                return;
            }
        }
    }

    /// Handles an event of an idle connection. Closes the connection if the target closed it or sent bytes that were
    /// not requested. TLS records without content are ignored, unless they exceed the quota of a turn.
    fn on_idle(&mut self, index: ConnectionIndex) {
        let Some(connection) = self.pool.connection_mut(index) else {
            return;
        };
        let mut quota = connection.quota();
        if connection.receive(&mut self.buffer, &mut quota) != Received::Nothing {
            self.close(index);
        }
    }

    fn on_busy(&mut self, index: ConnectionIndex, ticket: Ticket) {
        let Some(connection) = self.pool.connection(index) else {
            return;
        };
        let mut quota = connection.quota();
        loop {
            let Some(connection) = self.pool.connection_mut(index) else {
                return;
            };
            let closed = connection.closed;
            match connection.receive(&mut self.buffer, &mut quota) {
                Received::Nothing => return,
                Received::PutOff => return self.put_off(index),
                Received::Bytes { read, more } => {
                    if self.on_bytes(index, ticket, read, more || closed) || !more && !closed {
                        return;
                    }
                }
                Received::Ended => {
                    let (closed, phase) = (connection.was_closed_before(), connection.phase());
                    let (result, status) = (connection.reading.end(), connection.reading.status());
                    self.exchanges[ticket].status = status;
                    return match result {
                        Ok(()) => self.on_answer(index, ticket, false, Instant::now()),
                        Err(bad) => {
                            let why = Why::reading(bad, phase);
                            self.break_off(index, ticket, if closed { why.of_kept() } else { why })
                        }
                    };
                }
                Received::Broken(why) => {
                    self.exchanges[ticket].status = connection.reading.status();
                    let closed = connection.was_closed_before();
                    return self.break_off(index, ticket, if closed { why.of_kept() } else { why });
                }
            }
        }
    }

    /// Processes the bytes that are in the buffer. Returns whether the request no longer needs the connection. If the
    /// socket may have `more` bytes, reads once more, because the socket does not report these bytes again.
    fn on_bytes(&mut self, index: ConnectionIndex, ticket: Ticket, read: usize, more: bool) -> bool {
        let Some(connection) = self.pool.connection_mut(index) else {
            return true;
        };
        let exchange = &mut self.exchanges[ticket];
        let clock = || match connection.stamps {
            ReceiveTime::Last(Some(stamp)) if self.batched => self.clocks.instant(stamp).max(exchange.began),
            _ => Instant::now(),
        };
        // Most answers arrive in one piece. For such an answer, the clock is read only once. The result is the time of
        // both the first byte and the last byte.
        let first_byte = exchange.first_byte.is_none().then(clock);
        let mut taking = Taking {
            wanted: self.searches.of(exchange.request),
            body: &mut exchange.body,
            coding: Coding::Identity,
            most: self.plan.limits.body_bytes_max,
        };
        let fed = connection.reading.feed(&self.buffer[..read], &mut taking);
        exchange.status = connection.reading.status();
        exchange.first_byte = exchange.first_byte.or(first_byte);
        match fed {
            Ok(ReadProgress::More) => return false,
            Ok(ReadProgress::Done { used }) => {
                let done = first_byte.unwrap_or_else(clock);
                let usable = used == read
                    && connection.reading.keep_alive()
                    && connection.is_flushed()
                    && (!more || connection.receive(&mut self.buffer, &mut connection.quota()) == Received::Nothing);
                self.on_answer(index, ticket, usable, done);
            }
            Err(bad) => {
                let why = Why::reading(bad, connection.phase());
                self.break_off(index, ticket, why);
            }
        }
        true
    }

    /// Fails a request and closes its connection.
    fn break_off(&mut self, index: ConnectionIndex, ticket: Ticket, why: Why) {
        let now = Instant::now();
        self.finish_at(ticket, Err(why), now);
        self.release(index, false, now);
    }

    /// Fails the requests and connections whose deadlines have passed, and finds the next deadline.
    fn check_deadlines(&mut self, now: Instant) {
        self.next_check = far(now);
        for ticket in self.exchanges.numbers() {
            let exchange = &self.exchanges[ticket];
            let (deadline, began) = (exchange.deadline, exchange.began);
            match exchange.under {
                Under::Nobody => {}
                Under::Connection(index) if deadline <= now => {
                    let phase = self
                        .pool
                        .connection(index)
                        .map_or(RequestPhase::FirstByte, Connection::phase);
                    self.break_off(index, ticket, Why::during(Cause::Timeout, phase));
                }
                Under::Origin(origin) => {
                    let unresolved = began + self.plan.limits.connect_timeout;
                    if deadline <= now {
                        let why = Why::during(Cause::Timeout, self.origins[origin].phase(self.pool.is_opening(origin)));
                        self.give_up_waiting(origin, ticket, why);
                    } else if self.origins[origin].addresses.are_known() {
                        self.schedule_check(deadline);
                    } else if unresolved <= now {
                        self.give_up_waiting(origin, ticket, Cause::ResolverTimeout.into());
                    } else {
                        self.schedule_check(deadline.min(unresolved));
                    }
                }
                Under::Connection(_) => self.schedule_check(deadline),
            }
        }
        for race in self.races.numbers() {
            self.check_race(race, now);
        }
        for origin in self.origins.numbers() {
            self.check_origin(origin, now);
        }
    }

    fn give_up_waiting(&mut self, origin: OriginNumber, ticket: Ticket, why: Why) {
        self.pool.give_up_waiting(origin, ticket);
        self.finish(ticket, Err(why));
    }

    /// Runs one turn of the loop: waits for events, at most until `until`, and handles them.
    fn turn(&mut self, until: Instant) {
        let until = if self.answers.is_empty() && self.put_off.is_empty() {
            until.min(self.next_check)
        } else {
            Instant::now()
        };
        let mut changes = std::mem::take(&mut self.changes);
        if self.batched {
            self.waiter.wait_for_tick(until, &mut changes);
            self.clocks = ClockPair::now();
        } else {
            self.waiter.wait(until, &mut changes);
        }
        self.overdue = false;
        for change in changes.drain(..) {
            match change.token {
                NAMES => self.on_found(Instant::now()),
                token => self.on_change((token as u32 as usize).into(), (token >> 32) as u32, change),
            }
        }
        self.changes = changes;
        if !self.put_off.is_empty() {
            self.serve_put_off();
        }
        if self.next_check <= self.waiter.now() {
            self.check_deadlines(Instant::now());
        }
    }
}

impl Engine for Http {
    async fn prepare(&mut self) -> Result<(), String> {
        descriptors::make_room(self.plan.limits.connections as usize)?;
        if let Some(refusal) = self.origins.rows().iter().find_map(|origin| origin.barred.as_ref()) {
            return Err(refusal.to_string());
        }
        if self.origins.rows().iter().any(|origin| origin.endpoint.secure) {
            self.tls.config()?;
        }
        let until = Instant::now() + self.plan.limits.connect_timeout;
        let fixed = self.origins.len();
        for origin in self.origins.numbers() {
            self.origins[origin].endpoint.origin = Some(origin);
            if !self.origins[origin].addresses.are_known() {
                self.look_up(origin);
            }
        }
        while self.origins.rows().iter().any(|origin| origin.addresses.asked) && Instant::now() < until {
            self.turn(until);
        }
        for origin in self.origins.rows() {
            if !origin.addresses.are_known() {
                let (host, problem) = (&origin.endpoint.host, &origin.addresses.problem);
                return Err(format!("{host} could not be resolved: {problem}"));
            }
            if let Some(refusal) = origin.refusal() {
                return Err(refusal.to_string());
            }
        }
        // A connection that fails does not prevent the start, because the purpose of the run may be to show this
        // failure. All connections have the same deadline, so targets that do not answer delay the start by one connect
        // timeout at most.
        let mut next = 0..self.ahead;
        while Instant::now() < until {
            let now = Instant::now();
            while self.pool.opening() < OPENING_MAX
                && let Some(number) = next.next()
            {
                let origin = OriginNumber::from(number % fixed);
                if self.origins[origin].may_open(self.pool.is_opening(origin), now) {
                    self.open_one(origin, now);
                }
            }
            if self.pool.opening() == 0 {
                break;
            }
            self.turn(until);
        }
        self.batched = self.plan.pacing() == Pacing::Batched;
        Ok(())
    }

    fn send(&mut self, ticket: Ticket, k: u64, request: RequestIndex, flow: FlowState) {
        let now = Instant::now();
        let Action::Http(planned) = self.plan.action(request);
        let exchange = &mut self.exchanges[ticket];
        debug_assert!(exchange.under == Under::Nobody);
        exchange.begin(k, request, flow, planned, now);
        exchange.body.keep(self.inspections.of(request).keeps_body);
        exchange.identity = self.messages.identity(k, request);
        let filling = Filling {
            k,
            flow: &exchange.flow,
        };
        if let Some(trace) = &self.trace {
            trace.note(TraceEvent::Secrets(self.messages.secret_texts(filling, request)));
        }
        let fits = self.messages.values_fit(filling, request);
        self.next_check = self.next_check.min(exchange.deadline);
        if !fits {
            return self.finish(ticket, Err(Cause::UnfitValue.into()));
        }
        if !exchange.flow.cookies.is_empty() || planned.signature.is_some() {
            match Hop::first(&self.messages, filling, request) {
                Ok(hop) => exchange.hop = Some(Box::new(hop)),
                Err(cause) => return self.finish(ticket, Err(cause.into())),
            }
        }
        // An endpoint that is known before the start already has the number of its origin.
        let destination = self.messages.destination(filling, request);
        let origin = match destination {
            Some(Destination::Known(index)) => index.origin,
            Some(Destination::Drawn(index)) => Some(self.origin(&index)),
            None => None,
        };
        let Some(origin) = origin else {
            return self.finish(ticket, Err(Cause::BadUrl.into()));
        };
        self.dispatch(ticket, origin, now);
    }

    async fn wait(&mut self, until: Instant, answers: &mut Vec<(Ticket, Answer)>) {
        self.turn(until);
        answers.append(&mut self.answers);
    }

    fn close_connections(&mut self, flow: &mut FlowState) {
        for own in flow.connections.drain(..) {
            if self.pool.still(own.index, own.generation).is_some() {
                self.close(own.index);
                self.open_held_up(Instant::now());
            }
        }
    }

    fn reported(&self, ticket: Ticket) -> Option<Reported> {
        self.reported[ticket].clone()
    }

    fn take_openings(&mut self) -> Openings {
        std::mem::take(&mut self.openings)
    }

    fn take_open_max(&mut self) -> usize {
        self.pool.take_open_max()
    }
}
