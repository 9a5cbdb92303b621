//! Origins: scheme, host and port, with their addresses, their idle connections, and the requests
//! that wait for one.
//!
//! A failed connection is not tried again at once: the pause doubles up to [`PAUSE_MAX`] and is
//! drawn from its upper half, so that a thousand workers do not come back together. Meanwhile one
//! connection at a time is tried, and whatever waits shares its fate. The longest pause is short
//! against any outage that a run could show.

use crate::allow::{Allow, Permitted, Refusal};
use crate::engine::Ticket;
use crate::place::Place;
use crate::why::{Phase, Why};
use std::cell::OnceCell;
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use tokio::time::Instant;

const PAUSE_MIN: Duration = Duration::from_millis(1);
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// One origin.
#[derive(Debug)]
pub(crate) struct Origin {
    pub place: Place,
    pub addresses: Addresses,
    allow: Arc<Allow>,
    /// Why its host may not be sent to, whatever its addresses are.
    pub barred: Option<Refusal>,
    /// Whose turn it is among the addresses.
    turn: usize,
    /// Connections, the one that was used last at the end.
    pub idle: Vec<usize>,
    /// Requests that wait for a connection.
    pub waiting: VecDeque<Ticket>,
    /// Connections that are being made, and that are there.
    pub opening: usize,
    pub open: usize,
    /// How many connections in a row could not be made, and until when none is tried.
    failures: u32,
    paused_until: Option<Instant>,
    name: OnceCell<Arc<str>>,
}

/// What is known of the addresses of an origin.
#[derive(Debug)]
pub(crate) struct Addresses {
    list: Vec<SocketAddr>,
    /// Counts the lists there have been.
    pub epoch: u32,
    /// Whether the resolver is at it.
    pub asked: bool,
    /// When they were found; `None` for a host that is an address itself.
    pub found: Option<Instant>,
    /// Why none were found, last time.
    pub problem: String,
}

impl Default for Addresses {
    fn default() -> Addresses {
        Addresses {
            list: Vec::new(),
            epoch: 0,
            asked: false,
            found: None,
            problem: "the resolver has not answered".to_owned(),
        }
    }
}

impl Origin {
    pub(crate) fn new(place: Place, allow: &Arc<Allow>) -> Origin {
        let literal = place.host.parse::<IpAddr>().ok();
        Origin {
            addresses: Addresses {
                list: literal.map(|ip| SocketAddr::new(ip, place.port)).into_iter().collect(),
                ..Addresses::default()
            },
            // Workers begin at different addresses; else the first one would get a connection of
            // each, and a fleet of many small workers would test one machine.
            turn: RandomState::new().hash_one(&place.host) as usize,
            barred: allow.host(&place.host).err(),
            allow: allow.clone(),
            place,
            idle: Vec::new(),
            waiting: VecDeque::new(),
            opening: 0,
            open: 0,
            failures: 0,
            paused_until: None,
            name: OnceCell::new(),
        }
    }

    /// The turn of the next connection, with how many addresses it may try.
    pub(crate) fn take_turn(&mut self) -> (usize, usize) {
        let turn = self.turn;
        self.turn = turn.wrapping_add(1);
        (turn, self.addresses.list.len())
    }

    /// Permits a connection to the address of a turn, if there is one.
    pub(crate) fn permit(&self, turn: usize) -> Option<Permitted> {
        self.allow.permit(&self.place.host, self.addresses.at(turn)?).ok()
    }

    /// Why nothing may be sent there: because of its host, or of every address that it has.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        if let Some(barred) = &self.barred {
            return Some(barred.clone());
        }
        let mut first = None;
        for address in &self.addresses.list {
            let refusal = self.allow.address(address.ip()).err()?;
            first.get_or_insert(refusal);
        }
        first.map(|refusal| match self.addresses.found {
            Some(_) => Refusal {
                problem: format!("{} leads where it may not: {}", self.place.host, refusal.problem),
                ..refusal
            },
            None => refusal,
        })
    }

    /// What is to be said of a connection that could not be made, of which trying gave `tried`.
    pub(crate) fn failure(&self, tried: Option<Why>) -> Why {
        match self.refusal() {
            Some(_) => Cause::HostNotAllowed.into(),
            None => tried.unwrap_or(Cause::ConnectFailed.into()),
        }
    }

    /// Scheme, host and port, made once. What a plan does not name itself is left out if it `hides` a
    /// secret, as the host of a redirect may.
    pub(crate) fn name(&self, hides: impl Fn(&str) -> bool) -> Arc<str> {
        let named = || match hides(&self.place.host) {
            true => Arc::from(""),
            false => self.place.origin_name().into(),
        };
        self.name.get_or_init(named).clone()
    }

    /// What a request that waits for a connection to it waits for.
    pub(crate) fn phase(&self) -> Phase {
        match self.addresses.are_known() {
            false => Phase::Resolving,
            // After a failure the next try is on its way, or waits for its turn.
            true if self.opening > 0 || self.failures > 0 => Phase::Connecting,
            true => Phase::Waiting,
        }
    }

    /// Whether one more connection may be tried now.
    pub(crate) fn may_open(&self, now: Instant) -> bool {
        self.failures == 0 || self.opening == 0 && self.paused_until.is_none_or(|until| until <= now)
    }

    /// Until when no connection is tried, if any is waited for.
    pub(crate) fn pause(&self) -> Option<Instant> {
        self.paused_until
            .filter(|_| self.opening == 0 && !self.waiting.is_empty())
    }

    pub(crate) fn opened(&mut self) {
        (self.failures, self.paused_until) = (0, None);
    }

    pub(crate) fn failed(&mut self, now: Instant) {
        let longest = PAUSE_MAX.min(PAUSE_MIN * 2u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        self.paused_until = Some(now + drawn_pause(longest));
    }

    /// Whether the last connection could not be made, and until when none is tried then.
    pub(crate) fn failing(&self) -> Option<Instant> {
        self.paused_until
    }

    /// Whether nothing is left of it that could be missed.
    pub(crate) fn is_unused(&self) -> bool {
        self.idle.is_empty() && self.waiting.is_empty() && self.opening + self.open == 0 && !self.addresses.asked
    }
}

/// A pause from the upper half of those up to `longest`, so that workers do not come back together.
pub(crate) fn drawn_pause(longest: Duration) -> Duration {
    let drawn = RandomState::new().hash_one(longest) % 1_000;
    longest / 2 + (longest / 2).mul_f64(drawn as f64 / 1_000.0)
}

impl Addresses {
    pub(crate) fn are_known(&self) -> bool {
        !self.list.is_empty()
    }

    /// The address of a turn.
    pub(crate) fn at(&self, turn: usize) -> Option<SocketAddr> {
        self.list.get(turn.checked_rem(self.list.len())?).copied()
    }

    pub(crate) fn contain(&self, address: SocketAddr) -> bool {
        self.list.contains(&address)
    }

    /// Takes what the resolver found; returns whether it is news.
    pub(crate) fn take(&mut self, list: Vec<SocketAddr>, now: Instant) -> bool {
        (self.asked, self.found) = (false, Some(now));
        let news = self.list != list;
        if news {
            self.list = list;
            self.epoch += 1;
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ_and_end() {
        let mut origin = Origin::new(
            Place::of("http://shop.example/").unwrap(),
            &Arc::new(Allow::everything()),
        );
        let now = Instant::now();
        assert!(origin.may_open(now));
        let pauses: Vec<Duration> = (0..20)
            .map(|_| {
                origin.failed(now);
                assert!(!origin.may_open(now));
                origin.paused_until.unwrap() - now
            })
            .collect();
        for (n, pause) in pauses.iter().enumerate() {
            let longest = PAUSE_MAX.min(PAUSE_MIN * 2u32.pow(n as u32));
            assert!((longest / 2..=longest).contains(pause), "{n}: {pause:?}");
        }
        let mut last = pauses[10..].to_vec();
        last.sort();
        last.dedup();
        assert!(
            last.len() > 5,
            "workers that fail together come back together: {last:?}"
        );
        assert!(origin.may_open(now + PAUSE_MAX));
        origin.opened();
        assert!(origin.may_open(now));
    }

    #[test]
    fn addresses_take_turns_and_a_new_list_is_news() {
        let mut origin = Origin::new(
            Place::of("http://shop.example/").unwrap(),
            &Arc::new(Allow::everything()),
        );
        let list: Vec<SocketAddr> = vec!["10.0.0.1:80".parse().unwrap(), "10.0.0.2:80".parse().unwrap()];
        let now = Instant::now();
        assert!(origin.addresses.take(list.clone(), now));
        assert!(!origin.addresses.take(list.clone(), now));
        let turns = [(); 4].map(|()| origin.take_turn().0);
        let turns = turns.map(|turn| origin.addresses.at(turn));
        assert_ne!(turns[0], turns[1]);
        assert_eq!(turns[..2], turns[2..]);
    }
}
