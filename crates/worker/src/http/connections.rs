//! The connections of the engine: opened, given to requests, kept, and given up.

use super::{Http, Slot, token};
use crate::allow::Allow;
use crate::line::{Handshake, Line, LineState, Opening, Stamps};
use crate::origin::{Attempts, FURTHER_MAX, OPENING_MAX, ORIGINS_MAX, Origin, Resolved};
use crate::place::Place;
use crate::why::{Detail, Why};
use plan::hosts::Hosts;
use plan::scenario::{Pacing, Reuse};
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use tally::waits::Step;
use tokio::time::Instant;

/// A connection that is being made: the sockets of its addresses race.
#[derive(Clone, Copy, Debug)]
pub(super) struct Race {
    origin: usize,
    attempts: Attempts,
    /// How many sockets it has.
    sockets: usize,
    deadline: Instant,
    /// Why the addresses that were tried before could not be connected to.
    tried: Option<Why>,
}

impl Race {
    /// Notes why one more of its addresses could not be connected to.
    fn has_tried(&mut self, why: Why) {
        self.tried = Some(Why::after(self.tried, why));
    }
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
        let race = Race {
            origin,
            attempts: to.attempts(now),
            sockets: 0,
            deadline: now + self.plan.limits.connect_timeout,
            tried: None,
        };
        to.opening += 1;
        self.opening += 1;
        self.look_at(race.deadline);
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

    /// Begins to connect to the next address of a race that does not refuse at once; `false` if the
    /// race is lost, because none is left and no socket is under way.
    fn try_next(&mut self, number: usize, now: Instant) -> bool {
        let Some(mut race) = self.races[number] else {
            return false;
        };
        let begun = self.attempt(number, &mut race, now);
        self.races[number] = Some(race);
        if begun {
            if let Some(at) = race.attempts.next_at() {
                self.look_at(at);
            }
        } else if race.sockets == 0 {
            let why = self.origins[race.origin].failure(race.tried);
            self.races[number] = None;
            self.fail_open(race.origin, why, now);
            return false;
        }
        true
    }

    /// Opens one more socket for a race, if an address is left.
    fn attempt(&mut self, number: usize, race: &mut Race, now: Instant) -> bool {
        while let Some(permitted) = self.origins[race.origin].next_attempt(&mut race.attempts, now) {
            let opening = Opening {
                deadline: race.deadline,
                race: number,
                shaking: false,
            };
            let address = permitted.address();
            let mut line = match Line::connect(permitted, race.origin, opening) {
                Ok(line) => line,
                Err(error) => {
                    race.has_tried(Why::connecting(&error, address));
                    continue;
                }
            };
            line.epoch = self.origins[race.origin].addresses.epoch;
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
                    self.further += usize::from(race.sockets > 0);
                    race.sockets += 1;
                    return true;
                }
                Err(error) => race.has_tried(Why::system(&error)),
            }
            self.vacant.push(place);
        }
        false
    }

    /// Closes a socket of a race.
    fn drop_attempt(&mut self, place: usize, number: usize) {
        self.forget(place);
        if let Some(race) = &mut self.races[number] {
            race.sockets -= 1;
            self.further -= usize::from(race.sockets > 0);
        }
    }

    /// Closes the sockets of a race but one: that one has won.
    fn drop_others(&mut self, winner: usize, number: usize) {
        let several = |race: &Race| race.sockets > 1;
        for place in 0..self.lines.len() {
            if !self.races[number].as_ref().is_some_and(several) {
                return;
            }
            let state = self.lines[place].line.as_deref().map(|line| line.state);
            if place != winner && matches!(state, Some(LineState::Opening(other)) if other.race == number) {
                self.drop_attempt(place, number);
            }
        }
    }

    /// Gives up a connection that is being made when it takes too long, and tries further addresses
    /// when the last one does not answer.
    pub(super) fn look_at_opening(&mut self, place: usize, opening: Opening, now: Instant) {
        let number = opening.race;
        let address = self.lines[place].line.as_deref().map(|line| line.address);
        let Some((race, address)) = self.races[number].zip(address) else {
            return;
        };
        if race.deadline <= now {
            let cause = match opening.shaking {
                true => Cause::HandshakeTimeout,
                false => Cause::ConnectTimeout,
            };
            let why = Why::after(race.tried, Why::new(cause, Detail::Address(address)));
            self.drop_attempt(place, number);
            if let Some(race) = &mut self.races[number] {
                race.tried = Some(why);
            }
            if race.sockets == 1 {
                self.races[number] = None;
                self.fail_open(race.origin, why, now);
            }
            return;
        }
        self.look_at(race.deadline);
        let Some(at) = race.attempts.next_at().filter(|_| !opening.shaking) else {
            return;
        };
        if at > now {
            return self.look_at(at);
        }
        if self.further < FURTHER_MAX {
            self.try_next(number, now);
        } else if let Some(race) = &mut self.races[number] {
            race.attempts.put_off(now);
            self.look_at(now + crate::origin::ATTEMPT_DELAY);
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
                    let why = Why::connecting(&error, line.address);
                    self.drop_attempt(place, opening.race);
                    if let Some(race) = &mut self.races[opening.race] {
                        race.has_tried(why);
                    }
                    self.try_next(opening.race, now);
                    return;
                }
            }
            opening.shaking = true;
            line.state = LineState::Opening(opening);
            let began = std::mem::replace(&mut line.since, now);
            self.took(origin, Step::Connect, now.saturating_duration_since(began));
            self.drop_others(place, opening.race);
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
                    return self.fail_race(place, opening.race, why, now);
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
                let shaken = line.is_secure().then(|| now.saturating_duration_since(line.since));
                if let Some(time) = shaken {
                    self.took(origin, Step::Tls, time);
                }
                self.races[opening.race] = None;
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
            Err(why) => self.fail_race(place, opening.race, why, now),
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
