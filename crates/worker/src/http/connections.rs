//! Opens the connections of the engine, assigns them to requests, keeps them for later requests, and closes them.

use super::{Http, token};
use crate::allow::{Allow, Permitted};
use crate::clients::Identity;
use crate::connection::{Connection, ConnectionState, Handshake, ReceiveTime};
use crate::dial::origin::{ORIGINS_MAX, Origin, Resolved};
use crate::dial::{Dial, Next, OPENING_MAX};
use crate::endpoint::Endpoint;
use crate::engine::Ticket;
use crate::flow::OwnConnection;
use crate::index::{ConnectionIndex, OriginNumber, RaceNumber, Table};
use crate::pool::{Pool, Room};
use crate::why::Why;
use plan::hosts::Hosts;
use plan::scenario::{Pacing, Reuse};
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use tally::waits::Step;
use tokio::time::Instant;

/// The opening of a connection, with a socket for each address that is tried. The first socket that connects wins this
/// race.
#[derive(Debug)]
pub(super) struct Race {
    origin: OriginNumber,
    dial: Dial,
    /// The client certificate with which TLS was begun. The certificate belongs to a waiting request.
    shown: Option<Option<Identity>>,
}

impl Http {
    /// Returns the number of the origin that belongs to an endpoint.
    pub(super) fn origin(&mut self, endpoint: &Endpoint) -> OriginNumber {
        let (allow, hosts) = (&self.allow, &self.plan.hosts);
        (endpoint.origin).unwrap_or_else(|| number(&mut self.origins, &mut self.pool, endpoint, allow, hosts))
    }

    /// Returns the scheme, host and port of an origin. Returns an empty text if they contain a secret.
    pub(super) fn name_of(&self, origin: Option<OriginNumber>) -> Arc<str> {
        match origin.map(|origin| &self.origins[origin]) {
            Some(origin) if origin.endpoint.origin.is_none() => origin.name(|host| self.messages.hide(host)),
            Some(origin) => origin.name(|_| false),
            None => "".into(),
        }
    }

    /// Records how long a step of opening a connection took.
    fn took(&mut self, origin: OriginNumber, step: Step, time: Duration) {
        let name = self.name_of(Some(origin));
        self.openings.record(&name, step, time.as_nanos() as u64);
    }

    /// Opens a connection to an origin for each request that waits for one.
    pub(super) fn open_for(&mut self, origin: OriginNumber, now: Instant) {
        if self.origins[origin].barred.is_some() {
            // If the host of an origin is not allowed, the name of the host is not looked up.
            for ticket in self.pool.take_waiting(origin) {
                self.finish(ticket, Err(Cause::HostNotAllowed.into()));
            }
            return;
        }
        while self.pool.lacks(origin) {
            if !self.open_one(origin, now) {
                return;
            }
        }
    }

    /// Opens a connection to an origin, if a connection may be opened now. Returns whether this connection is being
    /// opened.
    pub(super) fn open_one(&mut self, origin: OriginNumber, now: Instant) -> bool {
        let to = &self.origins[origin];
        let may_open = to.may_open(self.pool.is_opening(origin), now);
        if !to.addresses.are_known() {
            if may_open && !to.addresses.asked {
                self.look_up(origin);
            }
            let again = self.pause(origin).unwrap_or(now + self.plan.limits.connect_timeout);
            self.schedule_check(again);
            return false;
        }
        if !may_open {
            if let Some(until) = self.pause(origin) {
                self.schedule_check(until);
            }
            return false;
        }
        let room = match self.pool.opening() < OPENING_MAX {
            true => self.pool.room(origin),
            false => Room::None,
        };
        match room {
            Room::Free => {}
            Room::Instead(idle) => self.close(idle),
            Room::None => match self.pool.useless_idle(origin) {
                Some(idle) if self.pool.opening() < OPENING_MAX => self.close(idle),
                _ => {
                    self.pool.hold_up();
                    return false;
                }
            },
        }
        let deadline = now + self.plan.limits.connect_timeout;
        let race = Race {
            origin,
            dial: Dial::begin(&mut self.origins[origin], &self.further, deadline, now),
            shown: None,
        };
        self.pool.begin_opening(origin);
        self.schedule_check(deadline);
        let free = self.races.find(Option::is_none);
        let number = free.unwrap_or_else(|| self.races.push(None));
        self.races[number] = Some(race);
        self.try_next(number, now)
    }

    /// Returns the instant at which the pause of an origin after a failed connection ends. Returns `None` if the last
    /// connection did not fail, no request waits, or a connection is being opened.
    fn pause(&self, origin: OriginNumber) -> Option<Instant> {
        self.origins[origin].failing().filter(|_| self.pool.only_waits(origin))
    }

    /// Connects to the next address of a race if the next attempt is due. Returns `false` if no address is left.
    fn try_next(&mut self, number: RaceNumber, now: Instant) -> bool {
        let Some(mut race) = self.races[number].take() else {
            return false;
        };
        loop {
            match race.dial.next(&self.origins[race.origin], now) {
                Next::Connect(permitted) => {
                    if let Err(why) = self.connect(permitted, race.origin, number) {
                        race.dial.failed(why, now);
                    }
                }
                Next::Wait(at) => {
                    self.races[number] = Some(race);
                    at.into_iter().for_each(|at| self.schedule_check(at));
                    return true;
                }
                Next::Lost(why) => {
                    self.fail_open(race.origin, None, why, now);
                    return false;
                }
            }
        }
    }

    /// Opens a socket for a race.
    fn connect(&mut self, permitted: Permitted, origin: OriginNumber, race: RaceNumber) -> Result<(), Why> {
        let address = permitted.address();
        let mut connection =
            Connection::connect(permitted, origin, race).map_err(|error| Why::connecting(&error, address))?;
        connection.epoch = self.origins[origin].addresses.epoch;
        if self.plan.pacing() == Pacing::Batched {
            connection.stamps = ReceiveTime::Last(None);
        }
        let (index, generation) = self.pool.free_index();
        let watched = self.waiter.watch(&mut connection.socket, token(index, generation));
        self.pool.put(index, watched.is_ok().then_some(connection));
        watched.map_err(|error| Why::system(&error))
    }

    /// Closes the sockets of a race, except the socket of the winner.
    fn close_race(&mut self, number: RaceNumber, winner: Option<ConnectionIndex>) {
        for index in self.pool.indices() {
            let state = self.pool.connection(index).map(|connection| connection.state);
            if state == Some(ConnectionState::Opening(number)) && winner != Some(index) {
                self.pool.forget(index);
            }
        }
    }

    /// Fails a race whose deadline has passed. Before the deadline, tries the next address if the last address does not
    /// answer.
    pub(super) fn check_race(&mut self, number: RaceNumber, now: Instant) {
        let Some(race) = &self.races[number] else { return };
        let (origin, shown, deadline) = (race.origin, race.shown, race.dial.deadline());
        if deadline <= now {
            let why = race.dial.late();
            self.races[number] = None;
            self.close_race(number, None);
            return self.fail_open(origin, shown, why, now);
        }
        let connected = race.dial.is_connected();
        self.schedule_check(deadline);
        if !connected {
            self.try_next(number, now);
        }
    }

    /// Handles a connection that could not be opened. `shown` is the client certificate with which TLS was begun.
    fn fail_open(&mut self, origin: OriginNumber, shown: Option<Option<Identity>>, why: Why, now: Instant) {
        self.origins[origin].failed(now);
        let failed = self.pool.failed_to_open(origin);
        match shown.filter(|_| self.messages.has_identities()) {
            // Another waiting request may succeed, because it has another certificate.
            Some(identity) => {
                if let Some(ticket) = self.expected(origin, identity) {
                    self.pool.give_up_waiting(origin, ticket);
                    self.finish(ticket, Err(why));
                }
            }
            None => {
                for _ in 0..failed {
                    let exchanges = &self.exchanges;
                    let fits = |ticket: Ticket| !exchanges[ticket].is_expected;
                    let waiting = self.pool.next_waiting_where(origin, fits);
                    if let Some(ticket) = waiting.or_else(|| self.pool.next_waiting(origin)) {
                        self.finish(ticket, Err(why));
                    }
                }
            }
        }
        self.open_held_up(now);
        self.open_for(origin, now);
    }

    /// Opens the connections that were not opened earlier because a limit of connections was reached.
    pub(super) fn open_held_up(&mut self, now: Instant) {
        if self.pool.take_held_up() {
            for origin in self.origins.numbers() {
                self.open_for(origin, now);
            }
        }
    }

    /// Handles an event of the socket of a connection that is being opened.
    pub(super) fn continue_opening(
        &mut self,
        index: ConnectionIndex,
        number: RaceNumber,
        readable: bool,
        now: Instant,
    ) {
        let (Some(connection), Some(race)) = (self.pool.connection_mut(index), &mut self.races[number]) else {
            return;
        };
        let origin = connection.origin;
        if !race.dial.is_connected() {
            match connection.is_connected() {
                Ok(false) => return,
                Ok(true) => {}
                Err(error) => {
                    race.dial.failed(Why::connecting(&error, connection.address), now);
                    self.pool.forget(index);
                    self.try_next(number, now);
                    return;
                }
            }
            let several = race.dial.has_several_sockets();
            let took = race.dial.connected(connection.address, connection.began, now);
            self.took(origin, Step::Connect, took);
            // Closing the other sockets requires a scan of the whole pool, so this is done only if other sockets exist.
            if several {
                self.close_race(number, Some(index));
            }
            if self.origins[origin].endpoint.secure {
                let Some(identity) = self.expect(origin) else {
                    return self.drop_race(index, number, now);
                };
                if let Some(race) = &mut self.races[number] {
                    race.shown = Some(identity);
                }
                let session = self.tls.session(&self.origins[origin].endpoint.host, identity);
                let connection = self.pool.connection_mut(index);
                let secured = session.and_then(|(config, name)| match connection {
                    Some(connection) => {
                        connection.identity = identity;
                        connection.secure(config, name)
                    }
                    None => Ok(()),
                });
                if let Err(why) = secured {
                    return self.fail_race(index, number, why, now);
                }
            }
        }
        let Some(connection) = self.pool.connection_mut(index) else {
            return;
        };
        // The target may have sent bytes that were not requested, together with the connection or the TLS handshake.
        // The socket does not report these bytes again.
        let unread = readable || connection.is_secure();
        match connection.continue_handshake(&mut connection.quota()) {
            Ok(Handshake::Waiting) => {}
            Ok(Handshake::PutOff) => self.put_off(index),
            Ok(Handshake::Done) => {
                let secure = connection.is_secure();
                if let Some(race) = self.races[number].take().filter(|_| secure) {
                    self.took(origin, Step::Tls, race.dial.secured(now));
                }
                self.origins[origin].opened();
                self.pool.opened(origin);
                self.release(index, true, now);
                if unread {
                    self.serve(index, true, false);
                }
                self.open_held_up(now);
                self.open_for(origin, now);
            }
            Err(why) => self.fail_race(index, number, why, now),
        }
    }

    /// Handles a failure of the socket that has won a race.
    fn fail_race(&mut self, index: ConnectionIndex, number: RaceNumber, why: Why, now: Instant) {
        self.pool.forget(index);
        if let Some(race) = self.races[number].take() {
            self.fail_open(race.origin, race.shown, why, now);
        }
    }

    /// Returns the client certificate for a request's connection to an origin. Returns `None` for the certificate of
    /// the plan.
    pub(super) fn identity(&self, ticket: Ticket, origin: OriginNumber) -> Option<Identity> {
        let identity = self.exchanges[ticket].identity;
        identity.filter(|_| self.origins[origin].endpoint.secure)
    }

    /// Chooses a waiting request, and returns the certificate of this request for a new connection. Returns `None` if a
    /// connection is already being opened for each waiting request.
    fn expect(&mut self, origin: OriginNumber) -> Option<Option<Identity>> {
        if !self.messages.has_identities() {
            return Some(None);
        }
        let exchanges = &self.exchanges;
        let ticket = self
            .pool
            .find_waiting(origin, |ticket| !exchanges[ticket].is_expected)?;
        self.exchanges[ticket].is_expected = true;
        Some(self.identity(ticket, origin))
    }

    /// Returns the waiting request for which a connection with this certificate is being opened.
    fn expected(&self, origin: OriginNumber, identity: Option<Identity>) -> Option<Ticket> {
        let fits = |ticket: Ticket| self.exchanges[ticket].is_expected && self.identity(ticket, origin) == identity;
        self.pool.find_waiting(origin, fits)
    }

    /// Closes a connection for which no request waits any more, before TLS begins.
    fn drop_race(&mut self, index: ConnectionIndex, number: RaceNumber, now: Instant) {
        self.pool.forget(index);
        if let Some(race) = self.races[number].take() {
            self.pool.failed_to_open(race.origin);
            self.open_held_up(now);
            self.open_for(race.origin, now);
        }
    }

    /// Keeps a connection for the next request of the same user.
    pub(super) fn keep_for_user(&mut self, index: ConnectionIndex, ticket: Ticket, now: Instant) {
        let generation = self.pool.generation(index);
        let Some(connection) = self.pool.connection_mut(index) else {
            return;
        };
        let origin = connection.origin;
        let leads = self.origins[origin]
            .addresses
            .lead_to(connection.address, &mut connection.epoch);
        if !leads {
            return self.release(index, false, now);
        }
        connection.state = ConnectionState::Idle;
        self.exchanges[ticket].flow.connections.push(OwnConnection {
            origin,
            index,
            generation,
        });
    }

    /// Assigns a usable connection to the next waiting request, or keeps it idle if no request waits. Closes a
    /// connection that is not usable.
    pub(super) fn release(&mut self, index: ConnectionIndex, usable: bool, now: Instant) {
        let Some(connection) = self.pool.connection_mut(index) else {
            return;
        };
        let origin = connection.origin;
        let (used, identity) = (connection.used, connection.identity);
        let mut usable = usable && (!used || self.plan.only().transport.reuse == Reuse::Kept);
        // The addresses of the host name may have changed.
        usable &= self.origins[origin]
            .addresses
            .lead_to(connection.address, &mut connection.epoch);
        if !usable {
            self.close(index);
            self.open_for(origin, now);
            return self.open_held_up(now);
        }
        // A connection that one user has used is not assigned to another user.
        let (plan, exchanges) = (&self.plan, &self.exchanges);
        let secure = self.origins[origin].endpoint.secure;
        let may_use = |ticket: Ticket| {
            let exchange = &exchanges[ticket];
            (!used || plan.reuse_of(exchange.request) != Reuse::User)
                && exchange.identity.filter(|_| secure) == identity
        };
        let next = match self.messages.has_identities() {
            false => self.pool.next_waiting_where(origin, may_use),
            true => {
                let expected = self.expected(origin, identity).filter(|ticket| may_use(*ticket));
                let next = expected.or_else(|| self.pool.find_waiting(origin, may_use));
                next.into_iter()
                    .for_each(|ticket| self.pool.give_up_waiting(origin, ticket));
                next
            }
        };
        match next {
            Some(ticket) => {
                if !self.transmit(ticket, index) {
                    self.pool.wait_on(origin, ticket);
                }
                if self.pool.connection(index).is_none() {
                    self.open_for(origin, now);
                }
            }
            None => {
                if let Some(connection) = self.pool.connection_mut(index) {
                    connection.state = ConnectionState::Idle;
                }
                self.pool.keep(origin, index);
                self.open_held_up(now);
            }
        }
    }

    /// Closes an open connection.
    pub(super) fn close(&mut self, index: ConnectionIndex) {
        let Some(connection) = self.pool.connection(index) else {
            return;
        };
        // The poller no longer watches a descriptor after the descriptor is closed.
        let (origin, is_idle) = (connection.origin, connection.state == ConnectionState::Idle);
        self.pool.close(origin, index, is_idle);
    }

    pub(super) fn on_found(&mut self, now: Instant) {
        while let Some((origin, found)) = self.names.found() {
            self.schedule_check(now + self.addresses_kept);
            if found.addresses.is_ok() {
                self.took(origin, Step::Resolve, found.took);
            }
            match self.origins[origin].resolved(found.addresses, now) {
                Resolved::Changed => {
                    self.leave_old_addresses(origin);
                    self.open_for(origin, now);
                }
                Resolved::Unchanged => self.open_for(origin, now),
                Resolved::Failed => self.fail_to_resolve(origin, now),
            }
        }
    }

    fn fail_to_resolve(&mut self, origin: OriginNumber, now: Instant) {
        let why = self.origins[origin].addresses.why;
        self.origins[origin].failed(now);
        for ticket in self.pool.take_waiting(origin) {
            self.finish(ticket, Err(why));
        }
    }

    /// Closes idle connections to addresses that the host name no longer has. A busy connection closes when its request
    /// has finished.
    fn leave_old_addresses(&mut self, origin: OriginNumber) {
        for index in self.pool.idle(origin).to_vec() {
            let Some(connection) = self.pool.connection_mut(index) else {
                continue;
            };
            let addresses = &self.origins[origin].addresses;
            if !addresses.lead_to(connection.address, &mut connection.epoch) {
                self.close(index);
            }
        }
    }

    /// Retries the connections of an origin, and repeats the look-up of its name when the look-up is due.
    pub(super) fn check_origin(&mut self, origin: OriginNumber, now: Instant) {
        self.open_for(origin, now);
        if let Some(until) = self.pause(origin) {
            self.schedule_check(until);
        }
        match self.origins[origin].addresses.ask_again_at(self.addresses_kept) {
            Some(at) if at > now => self.schedule_check(at),
            Some(_) => self.look_up(origin),
            None => {}
        }
    }

    /// Requests a look-up of an origin's addresses.
    pub(super) fn look_up(&mut self, origin: OriginNumber) {
        let to = &mut self.origins[origin];
        to.addresses.asked = true;
        self.names.ask(origin, &to.endpoint.host, to.endpoint.port);
    }
}

/// Returns the number of an endpoint's origin. Adds the origin if it is new.
pub(super) fn number(
    origins: &mut Table<OriginNumber, Origin>,
    pool: &mut Pool<Connection>,
    endpoint: &Endpoint,
    allow: &Arc<Allow>,
    hosts: &Hosts,
) -> OriginNumber {
    if let Some(known) = origins.find(|origin| origin.endpoint.same_origin(endpoint)) {
        return known;
    }
    let fresh = Origin::new(endpoint.clone(), allow, hosts);
    let is_unused = |number: &OriginNumber| {
        let origin = &origins[*number];
        origin.endpoint.origin.is_none() && !origin.addresses.asked && pool.is_unused(*number)
    };
    if origins.len() >= ORIGINS_MAX
        && let Some(unused) = origins.numbers().find(is_unused)
    {
        origins[unused] = fresh;
        return unused;
    }
    pool.add_origin();
    origins.push(fresh)
}
