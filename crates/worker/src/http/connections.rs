//! The connections of the engine: opened, given to requests, kept, and given up.

use super::{Http, Slot, token};
use crate::allow::{Allow, Permitted};
use crate::dial::origin::{ORIGINS_MAX, Origin, Resolved};
use crate::dial::{Dial, Next, OPENING_MAX};
use crate::line::{Handshake, Line, LineState, Stamps};
use crate::place::Place;
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
    origin: usize,
    dial: Dial,
}

impl Http {
    /// The number of a place's origin.
    pub(super) fn origin(&mut self, place: &Place) -> usize {
        if place.origin != Place::UNKNOWN {
            return place.origin;
        }
        number(&mut self.origins, place, &self.allow, &self.plan.hosts)
    }

    /// Scheme, host and port of an origin; empty where that would tell a secret.
    pub(super) fn name_of(&self, origin: usize) -> Arc<str> {
        match self.origins.get(origin) {
            Some(origin) if origin.place.origin == Place::UNKNOWN => origin.name(|host| self.messages.hide(host)),
            Some(origin) => origin.name(|_| false),
            None => "".into(),
        }
    }

    /// Counts a step of opening a connection.
    fn took(&mut self, origin: usize, step: Step, time: Duration) {
        let name = self.name_of(origin);
        self.openings.record(&name, step, time.as_nanos() as u64);
    }

    /// Opens connections to an origin, as many as are waited for.
    pub(super) fn open_for(&mut self, origin: usize, now: Instant) {
        if self.origins[origin].barred.is_some() {
            // Not even its name is looked up.
            for ticket in std::mem::take(&mut self.origins[origin].waiting) {
                self.finish(ticket, Err(Cause::HostNotAllowed.into()));
            }
            return;
        }
        while self.origins[origin].opening < self.origins[origin].waiting.len() {
            if !self.open_one(origin, now) {
                return;
            }
        }
    }

    /// Opens a connection to an origin, if it may be opened now.
    pub(super) fn open_one(&mut self, origin: usize, now: Instant) -> bool {
        let to = &mut self.origins[origin];
        if !to.addresses.are_known() {
            if to.may_open(now) && !to.addresses.asked {
                self.look_up(origin);
            }
            let again = self.origins[origin]
                .pause()
                .unwrap_or(now + self.plan.limits.connect_timeout);
            self.look_at(again);
            return false;
        }
        if !to.may_open(now) {
            if let Some(until) = to.pause() {
                self.look_at(until);
            }
            return false;
        }
        if self.opening >= OPENING_MAX || !self.make_room(origin) {
            self.held_up = true;
            return false;
        }
        let to = &mut self.origins[origin];
        let deadline = now + self.plan.limits.connect_timeout;
        let race = Race {
            origin,
            dial: Dial::begin(to, &self.further, deadline, now),
        };
        to.opening += 1;
        self.opening += 1;
        self.look_at(deadline);
        let number = match self.races.iter().position(Option::is_none) {
            Some(number) => number,
            None => {
                self.races.push(None);
                self.races.len() - 1
            }
        };
        self.races[number] = Some(race);
        self.try_next(number, now)
    }

    /// Room for one more connection: where the plan allows no more, an idle one to another origin
    /// is closed for it.
    fn make_room(&mut self, origin: usize) -> bool {
        if self.open + self.opening < self.connections {
            return true;
        }
        let mut others = self.origins.iter().enumerate().filter(|(other, _)| *other != origin);
        match others.find_map(|(_, other)| other.idle.first().copied()) {
            Some(idle) => {
                self.close(idle);
                true
            }
            None => false,
        }
    }

    /// Connects to the next address of a race, if it is time for it; `false` if the race is lost.
    fn try_next(&mut self, number: usize, now: Instant) -> bool {
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
    fn connect(&mut self, permitted: Permitted, origin: usize, race: usize) -> Result<(), Why> {
        let address = permitted.address();
        let mut line = Line::connect(permitted, origin, race).map_err(|error| Why::connecting(&error, address))?;
        line.epoch = self.origins[origin].addresses.epoch;
        if self.plan.pacing() == Pacing::Batched {
            line.stamps = Stamps::Last(None);
        }
        let place = match self.vacant.pop() {
            Some(place) => place,
            None => {
                self.lines.push(Slot {
                    generation: 0,
                    line: None,
                });
                self.lines.len() - 1
            }
        };
        let slot = &mut self.lines[place];
        slot.generation = slot.generation.wrapping_add(1);
        let token = token(place, slot.generation);
        match self.waiter.watch(&mut line.socket, token) {
            Ok(()) => {
                slot.line = Some(Box::new(line));
                Ok(())
            }
            Err(error) => {
                self.vacant.push(place);
                Err(Why::system(&error))
            }
        }
    }

    /// Closes the sockets of a race, but for the one that has won.
    fn close_race(&mut self, number: usize, winner: Option<usize>) {
        for place in 0..self.lines.len() {
            let state = self.lines[place].line.as_deref().map(|line| line.state);
            if state == Some(LineState::Opening(number)) && winner != Some(place) {
                self.forget(place);
            }
        }
    }

    /// Gives up a connection that is being made when it takes too long, and tries further addresses
    /// when the last one does not answer.
    pub(super) fn look_at_race(&mut self, number: usize, now: Instant) {
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
    pub(super) fn fail_open(&mut self, origin: usize, why: Why, now: Instant) {
        self.opening -= 1;
        let to = &mut self.origins[origin];
        to.opening -= 1;
        to.failed(now);
        // Where there are others, it was one request that needed one more.
        let failing = if to.open + to.opening == 0 { to.waiting.len() } else { 1 };
        for _ in 0..failing {
            if let Some(ticket) = self.origins[origin].waiting.pop_front() {
                self.finish(ticket, Err(why));
            }
        }
        self.open_held_up(now);
        self.open_for(origin, now);
    }

    /// Lets those open connections that were kept from it.
    fn open_held_up(&mut self, now: Instant) {
        if std::mem::take(&mut self.held_up) {
            for origin in 0..self.origins.len() {
                self.open_for(origin, now);
            }
        }
    }

    /// The state of the socket of a connection that is being made has changed.
    pub(super) fn go_on_opening(&mut self, place: usize, number: usize, readable: bool, now: Instant) {
        let (Some(line), Some(race)) = (self.lines[place].line.as_deref_mut(), &mut self.races[number]) else {
            return;
        };
        let origin = line.origin;
        if !race.dial.is_connected() {
            match line.is_connected() {
                Ok(false) => return,
                Ok(true) => {}
                Err(error) => {
                    race.dial.failed(Why::connecting(&error, line.address), now);
                    self.forget(place);
                    self.try_next(number, now);
                    return;
                }
            }
            let took = race.dial.connected(line.address, line.began, now);
            self.took(origin, Step::Connect, took);
            self.close_race(number, Some(place));
            if self.origins[origin].place.secure {
                let session = self.tls.session(&self.origins[origin].place.host);
                let line = self.lines[place].line.as_deref_mut();
                let secured = session.and_then(|(config, name)| match line {
                    Some(line) => line.secure(config, name),
                    None => Ok(()),
                });
                if let Err(why) = secured {
                    return self.fail_race(place, number, why, now);
                }
            }
        }
        let Some(line) = self.lines[place].line.as_deref_mut() else {
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
                self.opening -= 1;
                self.open += 1;
                let to = &mut self.origins[origin];
                to.opening -= 1;
                to.open += 1;
                to.opened();
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
    fn fail_race(&mut self, place: usize, number: usize, why: Why, now: Instant) {
        self.forget(place);
        if let Some(race) = self.races[number].take() {
            self.fail_open(race.origin, why, now);
        }
    }

    /// Gives a connection to whoever waits for it, keeps it, or closes it.
    pub(super) fn release(&mut self, place: usize, usable: bool, now: Instant) {
        let Some(line) = self.lines[place].line.as_deref_mut() else {
            return;
        };
        let origin = line.origin;
        let to = &mut self.origins[origin];
        let mut usable = usable && (!line.used || self.plan.transport.reuse == Reuse::Kept);
        // The name may lead elsewhere by now.
        usable &= to.addresses.lead_to(line.address, &mut line.epoch);
        if !usable {
            self.close(place);
            self.open_for(origin, now);
            return self.open_held_up(now);
        }
        match to.waiting.pop_front() {
            Some(ticket) => {
                if !self.transmit(ticket, place) {
                    self.origins[origin].waiting.push_front(ticket);
                }
                if self.lines[place].line.is_none() {
                    self.open_for(origin, now);
                }
            }
            None => {
                line.state = LineState::Idle;
                to.idle.push(place);
                if self.held_up {
                    self.open_held_up(now);
                }
            }
        }
    }

    /// Closes an open connection.
    pub(super) fn close(&mut self, place: usize) {
        let Some(line) = self.lines[place].line.as_deref() else {
            return;
        };
        let to = &mut self.origins[line.origin];
        if line.state == LineState::Idle {
            to.idle.retain(|idle| *idle != place);
        }
        to.open -= 1;
        self.open -= 1;
        self.forget(place);
    }

    /// Closes a socket, whatever its state.
    pub(super) fn forget(&mut self, place: usize) {
        // The system stops to watch a descriptor that is closed.
        if self.lines[place].line.take().is_some() {
            self.vacant.push(place);
        }
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

    fn fail_to_resolve(&mut self, origin: usize, now: Instant) {
        let why = self.origins[origin].addresses.why;
        self.origins[origin].failed(now);
        for ticket in std::mem::take(&mut self.origins[origin].waiting) {
            self.finish(ticket, Err(why));
        }
    }

    /// Closes idle connections to addresses that the name has no more. The others follow when
    /// their requests are done.
    fn leave_old_addresses(&mut self, origin: usize) {
        for place in self.origins[origin].idle.clone() {
            let Some(line) = self.lines[place].line.as_deref_mut() else {
                continue;
            };
            let addresses = &self.origins[origin].addresses;
            if !addresses.lead_to(line.address, &mut line.epoch) {
                self.close(place);
            }
        }
    }

    /// Tries connections again, and asks for addresses again.
    pub(super) fn look_at_origin(&mut self, origin: usize, now: Instant) {
        self.open_for(origin, now);
        if let Some(until) = self.origins[origin].pause() {
            self.look_at(until);
        }
        match self.origins[origin].addresses.ask_again_at(self.addresses_kept) {
            Some(at) if at > now => self.look_at(at),
            Some(_) => self.look_up(origin),
            None => {}
        }
    }

    /// Asks for the addresses of an origin.
    pub(super) fn look_up(&mut self, origin: usize) {
        let to = &mut self.origins[origin];
        to.addresses.asked = true;
        self.names.ask(origin, &to.place.host, to.place.port);
    }
}

/// The number of a place's origin, a new one if it has none.
pub(super) fn number(origins: &mut Vec<Origin>, place: &Place, allow: &Arc<Allow>, hosts: &Hosts) -> usize {
    if let Some(known) = origins.iter().position(|origin| origin.place.same_origin(place)) {
        return known;
    }
    let fresh = Origin::new(place.clone(), allow, hosts);
    if origins.len() >= ORIGINS_MAX
        && let Some(unused) = origins
            .iter()
            .position(|origin| origin.is_unused() && origin.place.origin == Place::UNKNOWN)
    {
        origins[unused] = fresh;
        return unused;
    }
    origins.push(fresh);
    origins.len() - 1
}
