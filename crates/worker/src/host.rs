//! The host on which a worker runs, and the resources that the worker may use.

use crate::allow::Allow;
use crate::clock::Clock;
use crate::hand_over::HandOver;
use crate::notice::Notice;
use crate::secrets::SecretSource;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The properties of the host on which a worker runs, and the services of the host.
#[derive(Clone, Debug)]
pub struct Host {
    /// The location and the role of the worker, as a text for users.
    pub name: String,
    pub clock: Clock,
    /// When the invocation of the worker began. Billing starts at this instant.
    pub began: Instant,
    /// When the host ends the worker. The worker must have ended before this instant.
    pub deadline: Option<Instant>,
    /// The notice that the host sends if the host ends the worker before `deadline`.
    pub notice: Notice,
    /// The number of processors that the load may use.
    pub threads: NonZeroUsize,
    pub placement: Placement,
    /// Starts the worker of the next slice. `None` if this host cannot start workers.
    pub hand_over: Option<Arc<dyn HandOver>>,
    /// The targets to which the worker may send.
    pub allow: Arc<Allow>,
    /// Looks up the secrets of a plan.
    pub secrets: Arc<dyn SecretSource>,
}

impl Host {
    /// Returns the instant at which the host ends the worker: the earlier of `deadline` and the end that the host has
    /// announced.
    pub(crate) fn end(&self) -> Option<Instant> {
        [self.deadline, self.notice.end()].into_iter().flatten().min()
    }

    /// Returns `until`, or the instant at which the host ends the worker if this instant is earlier.
    pub(crate) fn before(&self, until: Instant) -> Instant {
        self.end().map_or(until, |end| end.min(until))
    }

    /// Returns the instant that is `reserve` before the host ends the worker. Returns `None` if this end is not known.
    /// Returns the current instant if the clock cannot represent the result.
    pub(crate) fn before_deadline(&self, reserve: Duration) -> Option<Instant> {
        self.end()
            .map(|end| end.checked_sub(reserve).unwrap_or_else(Instant::now))
    }
}

/// The thread that runs the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// A separate thread, so that no other work delays the load.
    OwnThread,
    /// The caller's thread, on the caller's `LocalSet`. Tests of whole runs use this placement, so that one paused
    /// clock applies to the whole run.
    Caller,
}
