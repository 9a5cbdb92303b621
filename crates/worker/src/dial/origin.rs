//! Origins: scheme, host and port, with their addresses. When a connection may be tried, and where, is decided here.
//!
//! A failed connection is not tried again at once: the pause doubles up to [`PAUSE_MAX`] and is
//! drawn from its upper half, so that a thousand workers do not come back together. Meanwhile one
//! connection at a time is tried, and whatever waits shares its fate. The longest pause is short
//! against any outage that a run could show.

use crate::allow::{Allow, Permitted, Refusal};
use crate::endpoint::Endpoint;
use crate::patience::drawn_pause;
use crate::why::{RequestPhase, Why};
use plan::hosts::Hosts;
use plan::scenario::Limits;
use std::cell::OnceCell;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use tokio::time::Instant;

const PAUSE_MIN: Duration = Duration::from_millis(1);
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// How long addresses are used before the resolver is asked again: half of what a short-lived DNS
/// record is kept.
pub(crate) const ADDRESSES_KEPT: Duration = Duration::from_secs(30);
/// How many origins are remembered before those that nobody uses are forgotten.
pub(crate) const ORIGINS_MAX: usize = 2 * Limits::CONNECTIONS_MAX as usize;

/// One origin.
#[derive(Debug)]
pub(crate) struct Origin {
    pub endpoint: Endpoint,
    pub addresses: Addresses,
    allow: Arc<Allow>,
    /// Why its host may not be sent to, whatever its addresses are.
    pub barred: Option<Refusal>,
    /// Whose turn it is among the addresses.
    turn: usize,
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
    /// Why none were found, last time: in words, and as the cause of failures.
    pub problem: String,
    pub why: Why,
}

impl Default for Addresses {
    fn default() -> Addresses {
        Addresses {
            list: Vec::new(),
            epoch: 0,
            asked: false,
            found: None,
            problem: "the resolver has not answered".to_owned(),
            why: Cause::ResolverTimeout.into(),
        }
    }
}

/// The addresses that one connection may still try.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempts {
    turn: usize,
    left: usize,
    /// When the next one is tried, if none has answered by then.
    next_at: Instant,
}

impl Attempts {
    /// When the next address is tried, if there is one.
    pub(super) fn next_at(&self) -> Option<Instant> {
        (self.left > 0).then_some(self.next_at)
    }

    /// Puts the next attempt off, or lets it be made at once.
    pub(super) fn not_before(&mut self, at: Instant) {
        self.next_at = at;
    }
}

/// What came of a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// There are addresses, and others than before.
    Changed,
    /// There are the same addresses as before: also if the look-up failed, because addresses that
    /// were good once are better than none.
    Unchanged,
    Failed,
}

impl Origin {
    pub(crate) fn new(endpoint: Endpoint, allow: &Arc<Allow>, hosts: &Hosts) -> Origin {
        let literal = || {
            endpoint
                .host
                .parse::<IpAddr>()
                .ok()
                .map(|ip| SocketAddr::new(ip, endpoint.port))
        };
        Origin {
            addresses: Addresses {
                list: match hosts.addresses(&endpoint.host, endpoint.port) {
                    Some(list) => list,
                    None => literal().into_iter().collect(),
                },
                ..Addresses::default()
            },
            // Workers begin at different addresses; else the first one would get a connection of
            // each, and a fleet of many small workers would test one machine.
            turn: RandomState::new().hash_one(&endpoint.host) as usize,
            barred: allow.host(&endpoint.host).err(),
            allow: allow.clone(),
            endpoint,
            failures: 0,
            paused_until: None,
            name: OnceCell::new(),
        }
    }

    /// The addresses of the next connection: it begins with another one than the last.
    pub(super) fn attempts(&mut self, now: Instant) -> Attempts {
        let turn = self.turn;
        self.turn = turn.wrapping_add(1);
        Attempts {
            turn,
            left: self.addresses.list.len(),
            next_at: now,
        }
    }

    /// The next address that a connection may try; `None` if none is left.
    pub(super) fn next_attempt(&self, attempts: &mut Attempts) -> Option<Permitted> {
        while let Some(left) = attempts.left.checked_sub(1) {
            let address = self.addresses.at(attempts.turn);
            attempts.turn = attempts.turn.wrapping_add(1);
            attempts.left = left;
            if let Some(permitted) = address.and_then(|address| self.allow.permit(&self.endpoint.host, address).ok()) {
                return Some(permitted);
            }
        }
        None
    }

    /// Takes what the resolver returned.
    pub(crate) fn resolved(&mut self, found: io::Result<Vec<SocketAddr>>, now: Instant) -> Resolved {
        match found {
            Ok(list) => match self.addresses.take(list, now) {
                true => Resolved::Changed,
                false => Resolved::Unchanged,
            },
            Err(_) if self.addresses.are_known() => {
                self.addresses.asked = false;
                self.addresses.found = Some(now);
                Resolved::Unchanged
            }
            Err(error) => {
                self.addresses.problem = error.to_string();
                self.addresses.why = Why::resolving(&error);
                self.addresses.asked = false;
                Resolved::Failed
            }
        }
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
                problem: format!("{} leads where it may not: {}", self.endpoint.host, refusal.problem),
                ..refusal
            },
            None => refusal,
        })
    }

    /// What is to be said of a connection that could not be made, of which trying gave `tried`.
    pub(super) fn failure(&self, tried: Option<Why>) -> Why {
        match self.refusal() {
            Some(_) => Cause::HostNotAllowed.into(),
            None => tried.unwrap_or(Cause::ConnectFailed.into()),
        }
    }

    /// Scheme, host and port, made once. What a plan does not name itself is left out if it `hides` a
    /// secret, as the host of a redirect may.
    pub(crate) fn name(&self, hides: impl Fn(&str) -> bool) -> Arc<str> {
        let named = || match hides(&self.endpoint.host) {
            true => Arc::from(""),
            false => self.endpoint.origin_name().into(),
        };
        self.name.get_or_init(named).clone()
    }

    /// What a request that waits for a connection to it waits for, given whether one is being made.
    pub(crate) fn phase(&self, is_opening: bool) -> RequestPhase {
        match self.addresses.are_known() {
            false => RequestPhase::Resolving,
            // After a failure the next try is on its way, or waits for its turn.
            true if is_opening || self.failures > 0 => RequestPhase::Connecting,
            true => RequestPhase::Waiting,
        }
    }

    /// Whether one more connection may be tried now, given whether one is being made.
    pub(crate) fn may_open(&self, is_opening: bool, now: Instant) -> bool {
        self.failures == 0 || !is_opening && self.paused_until.is_none_or(|until| until <= now)
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
}

impl Addresses {
    pub(crate) fn are_known(&self) -> bool {
        !self.list.is_empty()
    }

    /// The address of a turn.
    pub(crate) fn at(&self, turn: usize) -> Option<SocketAddr> {
        self.list.get(turn.checked_rem(self.list.len())?).copied()
    }

    /// Whether a connection to this address may be used. `epoch` is the list that it was checked
    /// against last.
    pub(crate) fn lead_to(&self, address: SocketAddr, epoch: &mut u32) -> bool {
        let leads = *epoch == self.epoch || self.list.contains(&address);
        if leads {
            *epoch = self.epoch;
        }
        leads
    }

    /// When the resolver is to be asked again; `None` for addresses that do not change, and while it is asked.
    pub(crate) fn ask_again_at(&self, kept: Duration) -> Option<Instant> {
        let found = self.found.filter(|_| !self.asked)?;
        Some(found + kept)
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
            Endpoint::of("http://shop.example/").unwrap(),
            &Arc::new(Allow::everything()),
            &Hosts::default(),
        );
        let now = Instant::now();
        assert!(origin.may_open(false, now));
        let pauses: Vec<Duration> = (0..20)
            .map(|_| {
                origin.failed(now);
                assert!(!origin.may_open(false, now));
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
        assert!(origin.may_open(false, now + PAUSE_MAX));
        origin.opened();
        assert!(origin.may_open(false, now));
    }

    #[test]
    fn addresses_take_turns_and_a_new_list_is_news() {
        let mut origin = Origin::new(
            Endpoint::of("http://shop.example/").unwrap(),
            &Arc::new(Allow::everything()),
            &Hosts::default(),
        );
        let list: Vec<SocketAddr> = vec!["10.0.0.1:80".parse().unwrap(), "10.0.0.2:80".parse().unwrap()];
        let now = Instant::now();
        assert!(origin.addresses.take(list.clone(), now));
        assert!(!origin.addresses.take(list.clone(), now));
        let turns = [(); 4].map(|()| {
            let mut attempts = origin.attempts(now);
            origin.next_attempt(&mut attempts).map(Permitted::address)
        });
        assert_ne!(turns[0], turns[1]);
        assert_eq!(turns[..2], turns[2..]);
    }
}
