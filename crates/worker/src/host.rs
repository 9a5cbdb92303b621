//! Where a worker runs, and what it may use there.

use crate::allow::Allow;
use crate::clock::Clock;
use crate::hand_over::HandOver;
use crate::notice::Notice;
use crate::secrets::SecretSource;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What the worker knows of where it runs.
#[derive(Clone, Debug)]
pub struct Host {
    /// Where it runs and as what, for people.
    pub name: String,
    pub clock: Clock,
    /// When its invocation began, which is since when it is paid for.
    pub began: Instant,
    /// When the host ends it; it has to be done before.
    pub deadline: Option<Instant>,
    /// The host's word that it ends it earlier.
    pub notice: Notice,
    /// How many processors the load may use.
    pub threads: NonZeroUsize,
    pub placement: Placement,
    /// How the worker of the next slice is started from here, if it can be.
    pub hand_over: Option<Arc<dyn HandOver>>,
    /// Where the load may be sent.
    pub allow: Arc<Allow>,
    /// Where the secrets of a plan are looked up.
    pub secrets: Arc<dyn SecretSource>,
}

impl Host {
    /// When the host ends the worker, as far as is known now.
    pub(crate) fn end(&self) -> Option<Instant> {
        [self.deadline, self.notice.end()].into_iter().flatten().min()
    }

    /// The given instant, or the host's end if that comes first.
    pub(crate) fn before(&self, until: Instant) -> Instant {
        self.end().map_or(until, |end| end.min(until))
    }

    /// So long before the host's end, or now if that has passed.
    pub(crate) fn before_deadline(&self, reserve: Duration) -> Option<Instant> {
        self.end()
            .map(|end| end.checked_sub(reserve).unwrap_or_else(Instant::now))
    }
}

/// Where the load runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// On a thread of its own, so that nothing else delays it.
    OwnThread,
    /// On the caller's `LocalSet`, for whole runs on one paused clock.
    Caller,
}
