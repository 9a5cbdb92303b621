//! The faults that a test injects into an invocation.

use std::time::Duration;

/// An invocation that the service received.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub shard: u32,
    pub slice: u32,
    /// The number of earlier calls for this slice.
    pub earlier: u32,
    /// Whether it is asynchronous.
    pub event: bool,
}

/// The faults of an invocation: none by default.
#[derive(Clone, Debug, Default)]
pub struct Fate {
    /// The invocation is refused, and the function does not run.
    pub refusal: Option<Refusal>,
    /// The delay before the function receives the invocation.
    pub delay: Duration,
    /// The function receives the invocation a second time, this long after the first.
    pub again: Option<Duration>,
    /// The function is killed this long after it received the invocation.
    pub kill: Option<Duration>,
    /// The function exits before it asks for work.
    pub broken: bool,
    /// The answer that the caller receives.
    pub reply: Reply,
}

/// The answer to an invocation that does not run.
#[derive(Clone, Copy, Debug)]
pub enum Refusal {
    Throttled {
        reason: &'static str,
        /// Whole seconds.
        retry_after: Option<u64>,
    },
    /// A 5xx.
    Failed(u16),
    /// The connection is closed.
    HungUp,
}

/// The answer that the caller of a running function receives.
#[derive(Clone, Copy, Debug, Default)]
pub enum Reply {
    #[default]
    Truth,
    /// A 5xx answer, this long after the function began.
    Failed(u16, Duration),
    /// The connection is closed this long after the function began.
    HungUp(Duration),
    /// No answer ever.
    Silence,
}

impl Fate {
    /// Returns a refusal by a limit.
    pub fn throttled(reason: &'static str, retry_after: Option<u64>) -> Fate {
        Fate {
            refusal: Some(Refusal::Throttled { reason, retry_after }),
            ..Fate::default()
        }
    }

    /// Returns a refusal by a failing service.
    pub fn failed(status: u16) -> Fate {
        Fate {
            refusal: Some(Refusal::Failed(status)),
            ..Fate::default()
        }
    }

    /// Returns the fate of a function that runs while its caller receives another answer.
    pub fn heard(reply: Reply) -> Fate {
        Fate {
            reply,
            ..Fate::default()
        }
    }
}
