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
    /// The location and role of the worker, in words for users.
    pub name: String,
    pub clock: Clock,
    /// When the invocation of the worker began. Billing starts at this instant.
    pub began: Instant,
    /// When the host ends the worker. The worker must be done before this instant.
    pub deadline: Option<Instant>,
    /// The notice that the host sends if it ends the worker earlier.
    pub notice: Notice,
    /// The number of processors that the load may use.
    pub threads: NonZeroUsize,
    pub placement: Placement,
    /// Starts the worker of the next slice; `None` if this host cannot start workers.
    pub hand_over: Option<Arc<dyn HandOver>>,
    /// The allowed targets.
    pub allow: Arc<Allow>,
    /// Looks up the secrets of a plan.
    pub secrets: Arc<dyn SecretSource>,
}

impl Host {
    /// Returns when the host ends the worker, as currently known.
    pub(crate) fn end(&self) -> Option<Instant> {
        [self.deadline, self.notice.end()].into_iter().flatten().min()
    }

    /// Returns the given instant or the host's end of the worker, if that end is earlier.
    pub(crate) fn before(&self, until: Instant) -> Instant {
        self.end().map_or(until, |end| end.min(until))
    }

    /// Returns the instant `reserve` before the host's end of the worker, or now if this instant cannot be represented.
    pub(crate) fn before_deadline(&self, reserve: Duration) -> Option<Instant> {
        self.end()
            .map(|end| end.checked_sub(reserve).unwrap_or_else(Instant::now))
    }
}

/// The thread on which the load runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// A separate thread, so no other work delays the load.
    OwnThread,
    /// The caller's thread, on its `LocalSet`. Tests of whole runs use it to run on one paused clock.
    Caller,
}
