//! What befalls an invocation.

use std::time::Duration;

/// An invocation as the service sees it.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub shard: u32,
    pub slice: u32,
    /// How many calls for this slice came before it.
    pub earlier: u32,
    /// Whether it is asynchronous.
    pub event: bool,
}

/// What is done to an invocation: nothing, by default.
#[derive(Clone, Debug, Default)]
pub struct Fate {
    /// It is refused, and nothing begins.
    pub refusal: Option<Refusal>,
    /// It takes so long until the function gets it.
    pub delay: Duration,
    /// The function gets it a second time, so long after the first.
    pub again: Option<Duration>,
    /// The function is killed so long after it got it.
    pub kill: Option<Duration>,
    /// The function ends before it asks for work.
    pub broken: bool,
    /// What the caller hears.
    pub reply: Reply,
}

/// An answer instead of a beginning.
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

/// What the caller hears of a function that runs.
#[derive(Clone, Copy, Debug, Default)]
pub enum Reply {
    #[default]
    Truth,
    /// A 5xx, so long after it began.
    Failed(u16, Duration),
    /// The connection is closed so long after it began.
    HungUp(Duration),
    /// Nothing, for ever.
    Silence,
}

impl Fate {
    /// Refused by a limit.
    pub fn throttled(reason: &'static str, retry_after: Option<u64>) -> Fate {
        Fate {
            refusal: Some(Refusal::Throttled { reason, retry_after }),
            ..Fate::default()
        }
    }

    /// Refused by a service that fails.
    pub fn failed(status: u16) -> Fate {
        Fate {
            refusal: Some(Refusal::Failed(status)),
            ..Fate::default()
        }
    }

    /// Runs, and the caller hears something else.
    pub fn heard(reply: Reply) -> Fate {
        Fate {
            reply,
            ..Fate::default()
        }
    }
}
