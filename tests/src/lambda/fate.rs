//! The faults that a test injects into an invocation.

use std::time::Duration;

/// An invocation that the service has received.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub shard: u32,
    pub slice: u32,
    /// The number of earlier calls for the same slice.
    pub earlier: u32,
    /// Whether the invocation is asynchronous.
    pub event: bool,
}

/// The faults of one invocation. By default, an invocation has no faults.
#[derive(Clone, Debug, Default)]
pub struct Fate {
    /// The service refuses the invocation, and the function does not run.
    pub refusal: Option<Refusal>,
    /// The delay before the function receives the invocation.
    pub delay: Duration,
    /// The function receives the invocation a second time, this long after the first time.
    pub again: Option<Duration>,
    /// The function is killed this long after it has received the invocation.
    pub kill: Option<Duration>,
    /// The function exits before it asks for work.
    pub broken: bool,
    /// The answer that the caller receives.
    pub reply: Reply,
}

/// The answer to an invocation that the service refuses.
#[derive(Clone, Copy, Debug)]
pub enum Refusal {
    Throttled {
        reason: &'static str,
        /// The value of the header `Retry-After`, in whole seconds.
        retry_after: Option<u64>,
    },
    /// The service answers with this status, which is 5xx.
    Failed(u16),
    /// The service closes the connection without an answer.
    HungUp,
}

/// The answer that the caller receives while the function runs.
#[derive(Clone, Copy, Debug, Default)]
pub enum Reply {
    #[default]
    Truth,
    /// A 5xx answer with this status, this long after the function began.
    Failed(u16, Duration),
    /// The connection is closed this long after the function began.
    HungUp(Duration),
    /// The caller never receives an answer.
    Silence,
}

impl Fate {
    /// Returns the fate of an invocation that is throttled because of a limit. `reason` names the limit.
    pub fn throttled(reason: &'static str, retry_after: Option<u64>) -> Fate {
        Fate {
            refusal: Some(Refusal::Throttled { reason, retry_after }),
            ..Fate::default()
        }
    }

    /// Returns the fate of an invocation that is refused because the service fails with this status.
    pub fn failed(status: u16) -> Fate {
        Fate {
            refusal: Some(Refusal::Failed(status)),
            ..Fate::default()
        }
    }

    /// Returns the fate of a function that runs normally while its caller receives another answer.
    pub fn heard(reply: Reply) -> Fate {
        Fate {
            reply,
            ..Fate::default()
        }
    }
}
