//! The steps of opening a connection, for every protocol: resolve, permit, connect, TLS handshake.
//!
//! This module neither waits nor uses a socket. [`Dial`] receives events and returns the next step. The HTTP/1.1 engine
//! performs the steps in a poll loop, and the HTTP/2 engine performs them in tasks. So both engines try addresses in
//! the same order, report the same causes of failures, and measure the steps in the same way.
//!
//! Several addresses may be tried for one connection. If an address does not answer within [`ATTEMPT_DELAY`], the next
//! address is tried concurrently. The first address that answers is used (RFC 8305).

pub(crate) mod origin;
pub(crate) mod resolver;
pub(crate) mod tls;

use crate::allow::Permitted;
use crate::why::{Detail, Why};
use origin::{Attempts, Origin};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tally::cause::Cause;
use tokio::time::Instant;

/// The maximum number of connections that a thread opens at the same time. This maximum limits the rate at which
/// connections are opened before the start. This maximum also limits the number of sockets that wait for a target that
/// does not answer.
pub(crate) const OPENING_MAX: usize = 64;
/// The time after which the next address is tried concurrently (RFC 8305, 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// The maximum number of additional sockets of a thread for further addresses. Each connection that the thread opens
/// has one socket, which is not included in this number. The additional sockets use the reserve of descriptors.
const FURTHER_MAX: usize = 32;

/// The number of additional sockets of a thread. All dials of the thread share this counter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Further(Rc<Cell<usize>>);

impl Further {
    fn is_used_up(&self) -> bool {
        self.0.get() >= FURTHER_MAX
    }

    /// Records that a dial had `before` sockets and now has `after` sockets.
    fn changed(&self, before: usize, after: usize) {
        let others = self.0.get() - before.saturating_sub(1);
        self.0.set(others + after.saturating_sub(1));
    }
}

/// One connection that is being opened to an origin whose addresses are known.
#[derive(Debug)]
pub(crate) struct Dial {
    attempts: Attempts,
    deadline: Instant,
    /// The number of sockets that are connecting or connected.
    sockets: usize,
    further: Further,
    /// The failure of connecting to the addresses that were tried before.
    tried: Option<Why>,
    /// The failure that is reported if the deadline passes now.
    waiting: Why,
    /// When a socket of this dial was connected.
    connected: Option<Instant>,
}

/// The next step in opening a connection.
#[derive(Debug)]
pub(crate) enum Next {
    /// Connect to this address in addition to the previous addresses, and call [`Dial::next`] again.
    Connect(Permitted),
    /// Wait for an event of one of the sockets. If an instant is given, call [`Dial::next`] again at this instant.
    Wait(Option<Instant>),
    /// Fail: no address is left, and no socket is connecting.
    Lost(Why),
}

impl Dial {
    /// Begins to open a connection. If the connection is not open at `deadline`, the dial fails.
    pub(crate) fn begin(origin: &mut Origin, further: &Further, deadline: Instant, now: Instant) -> Dial {
        Dial {
            attempts: origin.attempts(now),
            deadline,
            sockets: 0,
            further: further.clone(),
            tried: None,
            waiting: Cause::ConnectTimeout.into(),
            connected: None,
        }
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Returns whether a socket is connected. In this case, only the TLS handshake may be left to do.
    pub(crate) fn is_connected(&self) -> bool {
        self.connected.is_some()
    }

    /// Returns whether this dial has sockets to several addresses.
    pub(crate) fn has_several_sockets(&self) -> bool {
        self.sockets > 1
    }

    /// Returns the next step. Must be called only while no socket is connected.
    pub(crate) fn next(&mut self, origin: &Origin, now: Instant) -> Next {
        debug_assert!(!self.is_connected());
        let first = self.sockets == 0;
        match self.attempts.next_at() {
            Some(at) if !first && at > now => return Next::Wait(Some(at)),
            Some(_) if !first && self.further.is_used_up() => {
                self.attempts.not_before(now + ATTEMPT_DELAY);
                return Next::Wait(self.attempts.next_at());
            }
            _ => {}
        }
        match origin.next_attempt(&mut self.attempts) {
            Some(permitted) => {
                self.attempts.not_before(now + ATTEMPT_DELAY);
                self.waiting = Why::new(Cause::ConnectTimeout, Detail::Address(permitted.address()));
                self.has_sockets(self.sockets + 1);
                Next::Connect(permitted)
            }
            None if first => Next::Lost(origin.failure(self.tried)),
            None => Next::Wait(None),
        }
    }

    /// Records that connecting to an address failed. The next address is tried at once.
    pub(crate) fn failed(&mut self, why: Why, now: Instant) {
        self.tried = Some(Why::after(self.tried, why));
        self.attempts.not_before(now);
        self.has_sockets(self.sockets.saturating_sub(1));
    }

    /// Records that a socket is connected, and that the other sockets are closed. Returns how long connecting took.
    pub(crate) fn connected(&mut self, address: SocketAddr, began: Instant, now: Instant) -> Duration {
        self.has_sockets(1);
        self.connected = Some(now);
        self.waiting = Why::new(Cause::HandshakeTimeout, Detail::Address(address));
        now.saturating_duration_since(began)
    }

    /// Returns the duration of the TLS handshake, which ended at `now`.
    pub(crate) fn secured(&self, now: Instant) -> Duration {
        self.connected
            .map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// Returns the failure that is reported when the deadline has passed.
    pub(crate) fn late(&self) -> Why {
        Why::after(self.tried, self.waiting)
    }

    fn has_sockets(&mut self, sockets: usize) {
        self.further.changed(self.sockets, sockets);
        self.sockets = sockets;
    }
}

impl Drop for Dial {
    fn drop(&mut self) {
        self.has_sockets(0);
    }
}

#[cfg(test)]
mod tests;
