//! The results of checking a fleet before a run starts.

use plan::plan::Plan;
use std::time::Duration;

/// The requirements that a run has for its fleet.
#[derive(Clone, Debug)]
pub struct Demand<'a> {
    pub plan: &'a Plan,
    /// The maximum time for which one worker runs.
    pub lifetime: Duration,
    /// The base URLs of the targets.
    pub targets: Vec<String>,
    /// The location of the store.
    pub store: String,
    /// The timeout for the answer of a worker, including a cold start.
    pub answer_timeout: Duration,
}

/// The result of one check of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub about: &'static str,
    pub found: FindingState,
}

/// Whether the fleet meets the checked requirement, with an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingState {
    Good(String),
    /// The check could not decide whether the fleet meets the requirement, for this reason.
    Unknown(String),
    Bad {
        problem: String,
        hint: String,
    },
}

impl Finding {
    /// Returns whether the user must change something before the run.
    pub fn is_bad(&self) -> bool {
        matches!(self.found, FindingState::Bad { .. })
    }
}

impl FindingState {
    /// Returns [`FindingState::Bad`] with this problem and this hint.
    pub fn bad(problem: impl Into<String>, hint: impl Into<String>) -> FindingState {
        FindingState::Bad {
            problem: problem.into(),
            hint: hint.into(),
        }
    }
}
