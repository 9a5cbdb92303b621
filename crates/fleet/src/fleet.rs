//! What every fleet can do, and how it says that it could not.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;
use tally::account::Receipt;
use worker::shard::Assignment;

/// What a fleet can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most workers at once.
    pub workers_max: u32,
    /// The longest that one worker may live, if there is a limit.
    pub lifetime_max: Option<Duration>,
}

/// Resolves when the worker has ended, or could not be started.
pub type Launching = Pin<Box<dyn Future<Output = Result<(), LaunchError>> + Send>>;

/// Makes workers start.
pub trait Fleet: fmt::Debug + Send + Sync {
    /// What people call it.
    fn name(&self) -> &'static str;

    /// What it can run.
    fn limits(&self) -> Limits;

    /// Starts the worker of an assignment, in its region if the plan has regions. What becomes of its slice is in the store; the future
    /// only says whether somebody is still at it.
    fn launch(&self, assignment: Assignment, region: Option<&str>) -> Launching;

    /// What the platform said of the invocations that it has answered, where it says what they cost.
    fn receipts(&self) -> Vec<Receipt> {
        Vec::new()
    }

    /// How many invocations have not been answered yet, where answers have receipts.
    fn under_way(&self) -> usize {
        0
    }
}

/// Why a worker did not start, or ended without having done its work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    #[error("there is no function named {function} in this account and region")]
    NoFunction { function: String },
    #[error("these credentials may not invoke {function}: {problem}")]
    Denied { function: String, problem: String },
    #[error("throttled until the start timeout, by the limit {limit}")]
    Throttled { limit: String },
    #[error("the function failed with {kind}: {message}")]
    Function { kind: String, message: String },
    #[error("the function was ended by its own timeout: {message}")]
    TimedOut { message: String },
    #[error("{place} could not be reached: {problem}")]
    Unreachable { place: String, problem: String },
    #[error("the worker process ended with {status}: {words}")]
    Died { status: String, words: String },
    #[error("the worker process could not be started: {problem}")]
    NotStarted { problem: String },
    /// Nobody knows whether it began.
    #[error("the Lambda API failed again and again: {problem}")]
    Failing { problem: String },
    #[error("the invocation failed: {problem}")]
    Other { problem: String },
}

impl LaunchError {
    /// Whether the worker may run all the same: its answer may have been lost. The store tells.
    pub fn leaves_doubt(&self) -> bool {
        matches!(self, LaunchError::Unreachable { .. } | LaunchError::Failing { .. })
    }

    /// What can be done about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            LaunchError::NoFunction { .. } => {
                "deploy the function, or name it with --function; check --region and the endpoint".to_owned()
            }
            LaunchError::Denied { .. } => "allow lambda:InvokeFunction on this function".to_owned(),
            LaunchError::Throttled { .. } => {
                "use fewer --workers, a longer --start-timeout, or ask for more concurrency".to_owned()
            }
            LaunchError::TimedOut { .. } => "raise the function's timeout".to_owned(),
            LaunchError::Unreachable { .. } => "is it running, and is the endpoint right?".to_owned(),
            LaunchError::Failing { .. } => {
                "the service, or what stands before it, has trouble of its own: try again in a while".to_owned()
            }
            LaunchError::Function { .. } => "look at the function's log".to_owned(),
            LaunchError::Died { .. } | LaunchError::NotStarted { .. } | LaunchError::Other { .. } => return None,
        })
    }
}
