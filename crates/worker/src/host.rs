//! The host of a worker, and the resources that it may use.

use crate::allow::Allow;
use crate::clock::Clock;
use crate::hand_over::HandOver;
use crate::notice::Notice;
use crate::secrets::SecretSource;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The environment of a worker.
#[derive(Clone, Debug)]
pub struct Host {
    /// The place and role of the worker, for people.
    pub name: String,
    pub clock: Clock,
    /// When its invocation began; billing starts then.
    pub began: Instant,
    /// When the host ends the worker, which must be done before.
    pub deadline: Option<Instant>,
    /// The host's notice that it ends the worker earlier.
    pub notice: Notice,
    /// The number of processors that the load may use.
    pub threads: NonZeroUsize,
    pub placement: Placement,
    /// Starts the worker of the next slice, if this host can.
    pub hand_over: Option<Arc<dyn HandOver>>,
    /// The allowed targets.
    pub allow: Arc<Allow>,
    /// Looks up the secrets of a plan.
    pub secrets: Arc<dyn SecretSource>,
}

impl Host {
    /// When the host ends the worker, as currently known.
    pub(crate) fn end(&self) -> Option<Instant> {
        [self.deadline, self.notice.end()].into_iter().flatten().min()
    }

    /// The earlier of the given instant and the host's end.
    pub(crate) fn before(&self, until: Instant) -> Instant {
        self.end().map_or(until, |end| end.min(until))
    }

    /// The instant `reserve` before the host's end, or now if it cannot be represented.
    pub(crate) fn before_deadline(&self, reserve: Duration) -> Option<Instant> {
        self.end()
            .map(|end| end.checked_sub(reserve).unwrap_or_else(Instant::now))
    }
}

/// The thread on which the load runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// A separate thread, so nothing else delays it.
    OwnThread,
    /// The caller's thread, on its `LocalSet`: for tests of whole runs on one paused clock.
    Caller,
}
