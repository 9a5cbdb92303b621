//! What is found of a fleet before a run starts on it.

use plan::plan::Plan;
use std::time::Duration;

/// What a run asks of a fleet.
#[derive(Clone, Debug)]
pub struct Demand<'a> {
    pub plan: &'a Plan,
    /// How long one worker has to live.
    pub lifetime: Duration,
    /// Base URLs that are sent to.
    pub targets: Vec<String>,
    /// The store's location.
    pub store: String,
    /// How long a worker may take to answer: it may have to be started.
    pub answer_timeout: Duration,
}

/// What was found of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub about: &'static str,
    pub found: FindingState,
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingState {
    Good(String),
    /// It could not be told, for this reason.
    Unknown(String),
    Bad {
        problem: String,
        hint: String,
    },
}

impl Finding {
    /// Whether something has to change.
    pub fn is_bad(&self) -> bool {
        matches!(self.found, FindingState::Bad { .. })
    }
}

impl FindingState {
    /// Something has to change.
    pub fn bad(problem: impl Into<String>, hint: impl Into<String>) -> FindingState {
        FindingState::Bad {
            problem: problem.into(),
            hint: hint.into(),
        }
    }
}
