//! The faults that a test injects into an invocation.

use std::time::Duration;

/// An invocation that the service has received.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub shard: u32,
    pub slice: u32,
    /// The number of earlier calls for the same slice of the same shard.
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
    /// The time from the first receipt of the invocation to the second receipt; `None` if the function receives the
    /// invocation once.
    pub again: Option<Duration>,
    /// The time after which the function is killed, measured from the receipt of the invocation; `None` to let it run.
    pub kill: Option<Duration>,
    /// Whether the process of the function exits before it asks for an invocation.
    pub broken: bool,
    /// The answer that the caller of the invocation receives.
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
    /// The service answers with this status, which must be a 5xx status.
    Failed(u16),
    /// The service closes the connection without an answer.
    HungUp,
}

/// The answer that the caller of an invocation receives, although the function runs normally.
#[derive(Clone, Copy, Debug, Default)]
pub enum Reply {
    #[default]
    Truth,
    /// The caller receives an answer with this 5xx status, this long after the service has received the call.
    Failed(u16, Duration),
    /// The service closes the caller's connection this long after it has received the call.
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

    /// Returns the fate of an invocation that the service refuses with this status.
    pub fn failed(status: u16) -> Fate {
        Fate {
            refusal: Some(Refusal::Failed(status)),
            ..Fate::default()
        }
    }

    /// Returns the fate of a function that runs normally, although its caller receives this reply.
    pub fn heard(reply: Reply) -> Fate {
        Fate {
            reply,
            ..Fate::default()
        }
    }
}
