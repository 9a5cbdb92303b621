//! The errors of conducting a run.

use fleet::fleet::FleetError;
use fleet::gather::GatherError;
use fleet::launch::StartError;
use report::compare::sample::SampleError;
use std::fmt::Display;
use store::StoreError;
use tally::format::FormatError;

/// The error for a request that was rejected. The caller can correct the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Refused {
    pub problem: String,
    /// A sentence on how to correct the request.
    pub hint: String,
}

impl Refused {
    pub fn new(problem: impl Display, hint: impl Display) -> Refused {
        Refused {
            problem: problem.to_string(),
            hint: hint.to_string(),
        }
    }
}

impl From<FleetError> for Refused {
    fn from(error: FleetError) -> Refused {
        Refused {
            problem: error.problem,
            hint: error.hint.unwrap_or_default(),
        }
    }
}

/// The error of an operation on a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The request was rejected, so the caller must change it.
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Gather(#[from] GatherError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Sample(#[from] SampleError),
    #[error("an object of the run cannot be read")]
    Format(#[from] FormatError),
    #[error("{what}")]
    System { what: &'static str, source: std::io::Error },
    /// The run was stopped before it had a result.
    #[error("interrupted: nothing was measured")]
    Stopped,
}

impl RunError {
    /// Returns a function that converts an error of the operating system. `what` names the operation that failed.
    pub fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> RunError {
        move |source| RunError::System { what, source }
    }

    /// Returns advice for the caller about the error; `None` if no remedy is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            RunError::Refused(refused) => Some(refused.hint.clone()),
            RunError::Store(error) => error.hint(),
            _ => None,
        }
    }
}
