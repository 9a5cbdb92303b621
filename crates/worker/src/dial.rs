//! How a connection is made, whatever is spoken on it then: resolve, permit, connect, shake hands.
//!
//! Nothing here waits, and nothing touches a socket. [`Dial`] is told what happened and says what is to be done next;
//! an engine does that in its own way, one with a poll loop, another with tasks. So which address is tried when, what
//! counts as which failure, and how long a step took is the same in every engine.
//!
//! A connection may try several addresses, and does not wait for one that does not answer: after [`ATTEMPT_DELAY`] it
//! tries the next one, too, and takes the first that answers (RFC 8305).

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

/// How many connections a thread opens at once. It bounds the rate at which they are opened ahead,
/// and what a target that does not answer can hold.
pub(crate) const OPENING_MAX: usize = 64;
/// How long one address is tried before the next one is tried, too (RFC 8305, 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// How many sockets a thread may have beyond one for each connection that it opens, for further
/// addresses. They take descriptors from the reserve.
const FURTHER_MAX: usize = 32;

/// The sockets that the dials of a thread have beyond one each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Further(Rc<Cell<usize>>);

impl Further {
    fn is_used_up(&self) -> bool {
        self.0.get() >= FURTHER_MAX
    }

    /// A dial that had so many sockets has so many now.
    fn changed(&self, before: usize, after: usize) {
        let others = self.0.get() - before.saturating_sub(1);
        self.0.set(others + after.saturating_sub(1));
    }
}

/// One connection that is being made to an origin whose addresses are known.
#[derive(Debug)]
pub(crate) struct Dial {
    attempts: Attempts,
    deadline: Instant,
    /// How many sockets are under way.
    sockets: usize,
    further: Further,
    /// Why the addresses that were tried before could not be connected to.
    tried: Option<Why>,
    /// What it has to say of itself if its time is up now.
    waiting: Why,
    /// Since when one of its sockets is connected.
    connected: Option<Instant>,
}

/// What is to be done for a connection that is being made.
#[derive(Debug)]
pub(crate) enum Next {
    /// Connect to this address, too, and ask again.
    Connect(Permitted),
    /// Wait for one of the sockets, and ask again at the given instant.
    Wait(Option<Instant>),
    /// There is no address left, and no socket is under way.
    Lost(Why),
}

impl Dial {
    /// Begins to make a connection, which has time until `deadline`.
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

    /// Whether a socket is connected, and at most the handshake of TLS is missing.
    pub(crate) fn is_connected(&self) -> bool {
        self.connected.is_some()
    }

    /// Whether sockets to several addresses are under way.
    pub(crate) fn has_several_sockets(&self) -> bool {
        self.sockets > 1
    }

    /// What is to be done next, as long as no socket is connected.
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

    /// One of its addresses could not be connected to: the next one is tried at once.
    pub(crate) fn failed(&mut self, why: Why, now: Instant) {
        self.tried = Some(Why::after(self.tried, why));
        self.attempts.not_before(now);
        self.has_sockets(self.sockets.saturating_sub(1));
    }

    /// A socket is connected, and the others are closed. Returns how long it took.
    pub(crate) fn connected(&mut self, address: SocketAddr, began: Instant, now: Instant) -> Duration {
        self.has_sockets(1);
        self.connected = Some(now);
        self.waiting = Why::new(Cause::HandshakeTimeout, Detail::Address(address));
        now.saturating_duration_since(began)
    }

    /// The handshake of TLS is done. Returns how long it took.
    pub(crate) fn secured(&self, now: Instant) -> Duration {
        self.connected
            .map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// The failure to report when the deadline has passed.
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
