//! The connections of the engine: opened, given to requests, kept, and given up.

use super::{Http, OPENING_MAX, ORIGINS_MAX, Slot, token};
use crate::allow::Allow;
use crate::line::{Handshake, Line, LineState, Opening, Stamps};
use crate::origin::Origin;
use crate::place::Place;
use crate::why::{Detail, Why};
use plan::scenario::{Pacing, Reuse};
use std::sync::Arc;
use tally::cause::Cause;
use tokio::time::Instant;

impl Http {
    /// The number of a place's origin.
    pub(super) fn origin(&mut self, place: &Place) -> usize {
        if place.origin != Place::UNKNOWN {
            return place.origin;
        }
        number(&mut self.origins, place, &self.allow)
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
        let (turn, left) = self.origins[origin].take_turn();
        let opening = Opening {
            deadline: now + self.plan.limits.connect_timeout,
            turn,
            left,
            shaking: false,
            tried: None,
        };
        self.origins[origin].opening += 1;
        self.opening += 1;
        self.look_at(opening.deadline);
        self.try_next(origin, opening, now)
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

    /// Begins to connect to the address whose turn it is, or to the next one that is allowed and does
    /// not refuse at once; `false` if there is none.
    fn try_next(&mut self, origin: usize, mut opening: Opening, now: Instant) -> bool {
        while let Some(left) = opening.left.checked_sub(1) {
            let permitted = self.origins[origin].permit(opening.turn);
            opening.turn = opening.turn.wrapping_add(1);
            opening.left = left;
            let Some(permitted) = permitted else { continue };
            let address = permitted.address();
            let mut line = match Line::connect(permitted, origin, opening) {
                Ok(line) => line,
                Err(error) => {
                    opening.tried = Some(Why::after(opening.tried, Why::connecting(&error, address)));
                    continue;
                }
            };
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
                    return true;
                }
                Err(error) => opening.tried = Some(Why::after(opening.tried, Why::system(&error))),
            }
            self.vacant.push(place);
        }
        let why = self.origins[origin].failure(opening.tried);
        self.fail_open(origin, why, now);
        false
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
    pub(super) fn go_on_opening(&mut self, place: usize, mut opening: Opening, readable: bool, now: Instant) {
        let Some(line) = self.lines[place].line.as_deref_mut() else {
            return;
        };
        let origin = line.origin;
        if !opening.shaking {
            match line.is_connected() {
                Ok(false) => return,
                Ok(true) => {}
                Err(error) => {
                    opening.tried = Some(Why::after(opening.tried, Why::connecting(&error, line.address)));
                    self.forget(place);
                    self.try_next(origin, opening, now);
                    return;
                }
            }
            opening.shaking = true;
            line.state = LineState::Opening(opening);
            if self.origins[origin].place.secure {
                let unusable = Why::new(Cause::TlsBroken, Detail::Words("TLS cannot be set up here"));
                let secured = self.tls().map_err(|_| unusable).and_then(|config| {
                    let host = &self.origins[origin].place.host;
                    match self.lines[place].line.as_deref_mut() {
                        Some(line) => line.secure(config, host),
                        None => Ok(()),
                    }
                });
                if let Err(why) = secured {
                    self.forget(place);
                    return self.fail_open(origin, why, now);
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
            Err(why) => {
                self.forget(place);
                self.fail_open(origin, why, now);
            }
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
        if line.epoch != to.addresses.epoch {
            // The name leads elsewhere now.
            usable &= to.addresses.contain(line.address);
            line.epoch = to.addresses.epoch;
        }
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
            let to = &mut self.origins[origin];
            match found {
                Ok(list) => {
                    if to.addresses.take(list, now) {
                        self.leave_old_addresses(origin);
                    }
                    self.open_for(origin, now);
                }
                // Addresses that were good once are better than none.
                Err(_) if to.addresses.are_known() => {
                    to.addresses.asked = false;
                    to.addresses.found = Some(now);
                }
                Err(error) => {
                    to.addresses.problem = error.to_string();
                    self.fail_to_resolve(origin, Why::resolving(&error), now);
                }
            }
        }
    }

    fn fail_to_resolve(&mut self, origin: usize, why: Why, now: Instant) {
        let to = &mut self.origins[origin];
        to.addresses.asked = false;
        to.failed(now);
        for ticket in std::mem::take(&mut self.origins[origin].waiting) {
            self.finish(ticket, Err(why));
        }
    }

    /// Closes idle connections to addresses that the name has no more. The others follow when
    /// their requests are done.
    fn leave_old_addresses(&mut self, origin: usize) {
        for place in self.origins[origin].idle.clone() {
            let address = self.lines[place].line.as_deref().map(|line| line.address);
            if address.is_some_and(|address| !self.origins[origin].addresses.contain(address)) {
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
        let to = &mut self.origins[origin];
        let Some(found) = to.addresses.found.filter(|_| !to.addresses.asked) else {
            return;
        };
        let again = found + self.addresses_kept;
        if again > now {
            return self.look_at(again);
        }
        self.look_up(origin);
    }

    /// Asks for the addresses of an origin.
    pub(super) fn look_up(&mut self, origin: usize) {
        let to = &mut self.origins[origin];
        to.addresses.asked = true;
        self.names.ask(origin, &to.place.host, to.place.port);
    }
}

/// The number of a place's origin, a new one if it has none.
pub(super) fn number(origins: &mut Vec<Origin>, place: &Place, allow: &Arc<Allow>) -> usize {
    if let Some(known) = origins.iter().position(|origin| origin.place.same_origin(place)) {
        return known;
    }
    let fresh = Origin::new(place.clone(), allow);
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
