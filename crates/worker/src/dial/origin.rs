//! Origins: scheme, host and port, with their addresses. For each origin, this module decides when a connection may be
//! tried, and to which address.
//!
//! A failed connection is not retried at once. The pause before a retry doubles up to [`PAUSE_MAX`]. The actual pause
//! is random, between half of this duration and the whole duration, so a thousand workers do not retry together. After
//! a failure, only one connection at a time is tried, and all waiting requests share the result. The longest pause is
//! much shorter than an outage that is visible in the report.

use crate::allow::{Allow, Permitted, Refusal};
use crate::endpoint::Endpoint;
use crate::retry::drawn_pause;
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

/// How long the addresses of a name are used before the next look-up: half the lifetime of a short-lived DNS record.
pub(crate) const ADDRESSES_KEPT: Duration = Duration::from_secs(30);
/// The number of origins above which unused origins are removed.
pub(crate) const ORIGINS_MAX: usize = 2 * Limits::CONNECTIONS_MAX as usize;

/// The addresses of one scheme, host and port, and the failures of connections to them.
#[derive(Debug)]
pub(crate) struct Origin {
    pub endpoint: Endpoint,
    pub addresses: Addresses,
    allow: Arc<Allow>,
    /// Why the host of this origin is not allowed, independently of its addresses. `None` if the host is allowed.
    pub barred: Option<Refusal>,
    /// The index of the address that the next connection tries first, modulo the number of addresses.
    turn: usize,
    /// The number of consecutive failed connections. The next field is the instant before which no other connection is
    /// tried.
    failures: u32,
    paused_until: Option<Instant>,
    name: OnceCell<Arc<str>>,
}

/// The addresses of an origin, and the state of their look-up.
#[derive(Debug)]
pub(crate) struct Addresses {
    list: Vec<SocketAddr>,
    /// The number of different address lists of this origin so far.
    pub epoch: u32,
    /// Whether a look-up is running.
    pub asked: bool,
    /// When the addresses were found. `None` for a host that is an address itself.
    pub found: Option<Instant>,
    /// Why the last look-up failed, as text. The next field is the cause that failed requests report.
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

/// The addresses that remain to be tried for one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempts {
    turn: usize,
    left: usize,
    /// When the next address is tried, if no earlier address has answered.
    next_at: Instant,
}

impl Attempts {
    /// Returns the instant at which the next address is tried, if an address is left.
    pub(super) fn next_at(&self) -> Option<Instant> {
        (self.left > 0).then_some(self.next_at)
    }

    /// Sets when the next address is tried.
    pub(super) fn not_before(&mut self, at: Instant) {
        self.next_at = at;
    }
}

/// The result of a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// The addresses differ from the previous ones.
    Changed,
    /// The addresses are the same as before. The addresses also remain the same after a failed look-up, because old
    /// addresses are better than none.
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
            // Different workers begin with different addresses. Otherwise each worker would open a connection to the
            // first address, and a fleet of many small workers would test only one machine.
            turn: RandomState::new().hash_one(&endpoint.host) as usize,
            barred: allow.host(&endpoint.host).err(),
            allow: allow.clone(),
            endpoint,
            failures: 0,
            paused_until: None,
            name: OnceCell::new(),
        }
    }

    /// Returns the addresses for the next connection. The list begins with the address after the address that the last
    /// connection tried first.
    pub(super) fn attempts(&mut self, now: Instant) -> Attempts {
        let turn = self.turn;
        self.turn = turn.wrapping_add(1);
        Attempts {
            turn,
            left: self.addresses.list.len(),
            next_at: now,
        }
    }

    /// Returns the next address that may be tried for a connection. Returns `None` if no address is left.
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

    /// Applies the result of a look-up.
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

    /// Returns why no request may be sent to this origin: the host is not allowed, or none of the addresses is allowed.
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
                problem: format!(
                    "{} resolves to an address that is not allowed: {}",
                    self.endpoint.host, refusal.problem
                ),
                ..refusal
            },
            None => refusal,
        })
    }

    /// Returns the failure of a connection that could not be opened. `tried` is the failure of the addresses that were
    /// tried.
    pub(super) fn failure(&self, tried: Option<Why>) -> Why {
        match self.refusal() {
            Some(_) => Cause::HostNotAllowed.into(),
            None => tried.unwrap_or(Cause::ConnectFailed.into()),
        }
    }

    /// Returns scheme, host and port. The text is formatted only once. `hides` returns whether the host contains a
    /// secret, such as the host of a redirect. If it does, the text is empty.
    pub(crate) fn name(&self, hides: impl Fn(&str) -> bool) -> Arc<str> {
        let named = || match hides(&self.endpoint.host) {
            true => Arc::from(""),
            false => self.endpoint.origin_name().into(),
        };
        self.name.get_or_init(named).clone()
    }

    /// Returns the phase of a request that waits for a connection to this origin. `is_opening` is whether a connection
    /// to this origin is being opened.
    pub(crate) fn phase(&self, is_opening: bool) -> RequestPhase {
        match self.addresses.are_known() {
            false => RequestPhase::Resolving,
            // After a failure, the next attempt to connect is running or scheduled.
            true if is_opening || self.failures > 0 => RequestPhase::Connecting,
            true => RequestPhase::Waiting,
        }
    }

    /// Returns whether one more connection may be tried now. `is_opening` is whether a connection to this origin is
    /// being opened.
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

    /// Returns the instant before which no connection is tried, if the last connection failed.
    pub(crate) fn failing(&self) -> Option<Instant> {
        self.paused_until
    }
}

impl Addresses {
    pub(crate) fn are_known(&self) -> bool {
        !self.list.is_empty()
    }

    /// Returns the address with this index, modulo the number of addresses.
    pub(crate) fn at(&self, turn: usize) -> Option<SocketAddr> {
        self.list.get(turn.checked_rem(self.list.len())?).copied()
    }

    /// Returns whether a connection to this address may be used. `epoch` identifies the address list that contained the
    /// address when the connection was last checked.
    pub(crate) fn lead_to(&self, address: SocketAddr, epoch: &mut u32) -> bool {
        let leads = *epoch == self.epoch || self.list.contains(&address);
        if leads {
            *epoch = self.epoch;
        }
        leads
    }

    /// Returns the instant at which the next look-up is due. Returns `None` for addresses that do not change, and
    /// during a look-up.
    pub(crate) fn ask_again_at(&self, kept: Duration) -> Option<Instant> {
        let found = self.found.filter(|_| !self.asked)?;
        Some(found + kept)
    }

    /// Stores the addresses that the resolver found. Returns whether they differ from the previous addresses.
    pub(crate) fn take(&mut self, list: Vec<SocketAddr>, now: Instant) -> bool {
        (self.asked, self.found) = (false, Some(now));
        let changed = self.list != list;
        if changed {
            self.list = list;
            self.epoch += 1;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_after_failures_grow_to_a_bound_and_are_random() {
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
        assert!(last.len() > 5, "workers that fail together retry together: {last:?}");
        assert!(origin.may_open(false, now + PAUSE_MAX));
        origin.opened();
        assert!(origin.may_open(false, now));
    }

    #[test]
    fn connections_rotate_over_the_addresses_and_only_a_new_list_is_a_change() {
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
