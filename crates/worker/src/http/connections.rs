//! The connections of the engine: opened, given to requests, kept, and given up.

use super::{Http, token};
use crate::allow::{Allow, Permitted};
use crate::dial::origin::{ORIGINS_MAX, Origin, Resolved};
use crate::dial::{Dial, Next, OPENING_MAX};
use crate::index::{LinePlace, OriginNumber, RaceNumber, Table};
use crate::line::{Handshake, Line, LineState, Stamps};
use crate::place::Place;
use crate::pool::{Pool, Room};
use crate::why::Why;
use plan::hosts::Hosts;
use plan::scenario::{Pacing, Reuse};
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use tally::waits::Step;
use tokio::time::Instant;

/// A connection that is being made: the sockets of its addresses race.
#[derive(Debug)]
pub(super) struct Race {
    origin: OriginNumber,
    dial: Dial,
}

impl Http {
    /// The number of a place's origin.
    pub(super) fn origin(&mut self, place: &Place) -> OriginNumber {
        let (allow, hosts) = (&self.allow, &self.plan.hosts);
        (place.origin).unwrap_or_else(|| number(&mut self.origins, &mut self.pool, place, allow, hosts))
    }

    /// Scheme, host and port of an origin; empty where that would tell a secret.
    pub(super) fn name_of(&self, origin: Option<OriginNumber>) -> Arc<str> {
        match origin.map(|origin| &self.origins[origin]) {
            Some(origin) if origin.place.origin.is_none() => origin.name(|host| self.messages.hide(host)),
            Some(origin) => origin.name(|_| false),
            None => "".into(),
        }
    }

    /// Counts a step of opening a connection.
    fn took(&mut self, origin: OriginNumber, step: Step, time: Duration) {
        let name = self.name_of(Some(origin));
        self.openings.record(&name, step, time.as_nanos() as u64);
    }

    /// Opens connections to an origin, as many as are waited for.
    pub(super) fn open_for(&mut self, origin: OriginNumber, now: Instant) {
        if self.origins[origin].barred.is_some() {
            // Not even its name is looked up.
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

    /// Opens a connection to an origin, if it may be opened now.
    pub(super) fn open_one(&mut self, origin: OriginNumber, now: Instant) -> bool {
        let to = &self.origins[origin];
        let may_open = to.may_open(self.pool.is_opening(origin), now);
        if !to.addresses.are_known() {
            if may_open && !to.addresses.asked {
                self.look_up(origin);
            }
            let again = self.pause(origin).unwrap_or(now + self.plan.limits.connect_timeout);
            self.look_at(again);
            return false;
        }
        if !may_open {
            if let Some(until) = self.pause(origin) {
                self.look_at(until);
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
            Room::None => {
                self.pool.hold_up();
                return false;
            }
        }
        let deadline = now + self.plan.limits.connect_timeout;
        let race = Race {
            origin,
            dial: Dial::begin(&mut self.origins[origin], &self.further, deadline, now),
        };
        self.pool.begin_opening(origin);
        self.look_at(deadline);
        let free = self.races.find(Option::is_none);
        let number = free.unwrap_or_else(|| self.races.push(None));
        self.races[number] = Some(race);
        self.try_next(number, now)
    }

    /// Until when no connection to an origin is tried, if any is waited for.
    fn pause(&self, origin: OriginNumber) -> Option<Instant> {
        self.origins[origin].failing().filter(|_| self.pool.only_waits(origin))
    }

    /// Connects to the next address of a race, if it is time for it; `false` if the race is lost.
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
                    at.into_iter().for_each(|at| self.look_at(at));
                    return true;
                }
                Next::Lost(why) => {
                    self.fail_open(race.origin, why, now);
                    return false;
                }
            }
        }
    }

    /// Opens a socket for a race.
    fn connect(&mut self, permitted: Permitted, origin: OriginNumber, race: RaceNumber) -> Result<(), Why> {
        let address = permitted.address();
        let mut line = Line::connect(permitted, origin, race).map_err(|error| Why::connecting(&error, address))?;
        line.epoch = self.origins[origin].addresses.epoch;
        if self.plan.pacing() == Pacing::Batched {
            line.stamps = Stamps::Last(None);
        }
        let (place, generation) = self.pool.free_place();
        let watched = self.waiter.watch(&mut line.socket, token(place, generation));
        self.pool.put(place, watched.is_ok().then_some(line));
        watched.map_err(|error| Why::system(&error))
    }

    /// Closes the sockets of a race, but for the one that has won.
    fn close_race(&mut self, number: RaceNumber, winner: Option<LinePlace>) {
        for place in self.pool.places() {
            let state = self.pool.line(place).map(|line| line.state);
            if state == Some(LineState::Opening(number)) && winner != Some(place) {
                self.pool.forget(place);
            }
        }
    }

    /// Gives up a connection that is being made when it takes too long, and tries further addresses
    /// when the last one does not answer.
    pub(super) fn look_at_race(&mut self, number: RaceNumber, now: Instant) {
        let Some(race) = &self.races[number] else { return };
        let (origin, deadline) = (race.origin, race.dial.deadline());
        if deadline <= now {
            let why = race.dial.late();
            self.races[number] = None;
            self.close_race(number, None);
            return self.fail_open(origin, why, now);
        }
        let connected = race.dial.is_connected();
        self.look_at(deadline);
        if !connected {
            self.try_next(number, now);
        }
    }

    /// A connection could not be made.
    pub(super) fn fail_open(&mut self, origin: OriginNumber, why: Why, now: Instant) {
        self.origins[origin].failed(now);
        for _ in 0..self.pool.failed_to_open(origin) {
            if let Some(ticket) = self.pool.next_waiting(origin) {
                self.finish(ticket, Err(why));
            }
        }
        self.open_held_up(now);
        self.open_for(origin, now);
    }

    /// Lets those open connections that were kept from it.
    fn open_held_up(&mut self, now: Instant) {
        if self.pool.take_held_up() {
            for origin in self.origins.numbers() {
                self.open_for(origin, now);
            }
        }
    }

    /// The state of the socket of a connection that is being made has changed.
    pub(super) fn go_on_opening(&mut self, place: LinePlace, number: RaceNumber, readable: bool, now: Instant) {
        let (Some(line), Some(race)) = (self.pool.line_mut(place), &mut self.races[number]) else {
            return;
        };
        let origin = line.origin;
        if !race.dial.is_connected() {
            match line.is_connected() {
                Ok(false) => return,
                Ok(true) => {}
                Err(error) => {
                    race.dial.failed(Why::connecting(&error, line.address), now);
                    self.pool.forget(place);
                    self.try_next(number, now);
                    return;
                }
            }
            let several = race.dial.has_several_sockets();
            let took = race.dial.connected(line.address, line.began, now);
            self.took(origin, Step::Connect, took);
            // All places are looked through for them, which takes a while.
            if several {
                self.close_race(number, Some(place));
            }
            if self.origins[origin].place.secure {
                let session = self.tls.session(&self.origins[origin].place.host);
                let line = self.pool.line_mut(place);
                let secured = session.and_then(|(config, name)| match line {
                    Some(line) => line.secure(config, name),
                    None => Ok(()),
                });
                if let Err(why) = secured {
                    return self.fail_race(place, number, why, now);
                }
            }
        }
        let Some(line) = self.pool.line_mut(place) else {
            return;
        };
        // What the target said of its own accord came with the connection or its handshake, and the
        // socket will not say so again.
        let unread = readable || line.is_secure();
        match line.shake(&mut line.quota()) {
            Ok(Handshake::Waiting) => {}
            Ok(Handshake::PutOff) => self.put_off(place),
            Ok(Handshake::Done) => {
                let secure = line.is_secure();
                if let Some(race) = self.races[number].take().filter(|_| secure) {
                    self.took(origin, Step::Tls, race.dial.secured(now));
                }
                self.origins[origin].opened();
                self.pool.opened(origin);
                self.release(place, true, now);
                if unread {
                    self.go_on_with(place, true, false);
                }
                self.open_held_up(now);
                self.open_for(origin, now);
            }
            Err(why) => self.fail_race(place, number, why, now),
        }
    }

    /// The socket that has won a race fails.
    fn fail_race(&mut self, place: LinePlace, number: RaceNumber, why: Why, now: Instant) {
        self.pool.forget(place);
        if let Some(race) = self.races[number].take() {
            self.fail_open(race.origin, why, now);
        }
    }

    /// Gives a connection to whoever waits for it, keeps it, or closes it.
    pub(super) fn release(&mut self, place: LinePlace, usable: bool, now: Instant) {
        let Some(line) = self.pool.line_mut(place) else {
            return;
        };
        let origin = line.origin;
        let mut usable = usable && (!line.used || self.plan.transport.reuse == Reuse::Kept);
        // The name may lead elsewhere by now.
        usable &= self.origins[origin].addresses.lead_to(line.address, &mut line.epoch);
        if !usable {
            self.close(place);
            self.open_for(origin, now);
            return self.open_held_up(now);
        }
        match self.pool.next_waiting(origin) {
            Some(ticket) => {
                if !self.transmit(ticket, place) {
                    self.pool.wait_on(origin, ticket);
                }
                if self.pool.line(place).is_none() {
                    self.open_for(origin, now);
                }
            }
            None => {
                if let Some(line) = self.pool.line_mut(place) {
                    line.state = LineState::Idle;
                }
                self.pool.keep(origin, place);
                self.open_held_up(now);
            }
        }
    }

    /// Closes an open connection.
    pub(super) fn close(&mut self, place: LinePlace) {
        let Some(line) = self.pool.line(place) else {
            return;
        };
        // The system stops to watch a descriptor that is closed.
        let (origin, is_idle) = (line.origin, line.state == LineState::Idle);
        self.pool.close(origin, place, is_idle);
    }

    pub(super) fn on_found(&mut self, now: Instant) {
        while let Some((origin, found)) = self.names.found() {
            self.look_at(now + self.addresses_kept);
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

    /// Closes idle connections to addresses that the name has no more. The others follow when
    /// their requests are done.
    fn leave_old_addresses(&mut self, origin: OriginNumber) {
        for place in self.pool.idle(origin).to_vec() {
            let Some(line) = self.pool.line_mut(place) else {
                continue;
            };
            let addresses = &self.origins[origin].addresses;
            if !addresses.lead_to(line.address, &mut line.epoch) {
                self.close(place);
            }
        }
    }

    /// Tries connections again, and asks for addresses again.
    pub(super) fn look_at_origin(&mut self, origin: OriginNumber, now: Instant) {
        self.open_for(origin, now);
        if let Some(until) = self.pause(origin) {
            self.look_at(until);
        }
        match self.origins[origin].addresses.ask_again_at(self.addresses_kept) {
            Some(at) if at > now => self.look_at(at),
            Some(_) => self.look_up(origin),
            None => {}
        }
    }

    /// Asks for the addresses of an origin.
    pub(super) fn look_up(&mut self, origin: OriginNumber) {
        let to = &mut self.origins[origin];
        to.addresses.asked = true;
        self.names.ask(origin, &to.place.host, to.place.port);
    }
}

/// The number of a place's origin, a new one if it has none.
pub(super) fn number(
    origins: &mut Table<OriginNumber, Origin>,
    pool: &mut Pool<Line>,
    place: &Place,
    allow: &Arc<Allow>,
    hosts: &Hosts,
) -> OriginNumber {
    if let Some(known) = origins.find(|origin| origin.place.same_origin(place)) {
        return known;
    }
    let fresh = Origin::new(place.clone(), allow, hosts);
    let is_unused = |number: &OriginNumber| {
        let origin = &origins[*number];
        origin.place.origin.is_none() && !origin.addresses.asked && pool.is_unused(*number)
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
