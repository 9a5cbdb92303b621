//! The errors of a worker that could not store a result.

use store::StoreError;
use tally::format::FormatError;

/// An error of a worker that could not store a result.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The store failed before the worker had claimed a slice.
    #[error("the store failed before anything was claimed")]
    NotClaimed(#[source] StoreError),
    #[error("a document of the run cannot be used")]
    Format(#[from] FormatError),
    #[error("there is no run {run} in this store")]
    NoRun { run: String },
    #[error("the plan has no {what}")]
    NotPlanned { what: String },
    #[error(
        "the launcher of this run is of an older version, which cannot follow this worker: use one version of vajra-cloud"
    )]
    OlderLauncher,
    #[error("the load thread died unexpectedly")]
    LoadLost,
    /// The store already contains a result of this slice that another worker wrote. This worker does not replace the
    /// stored result.
    #[error("{key} already has another result")]
    ResultTaken { key: String },
}

impl ShardError {
    /// Returns whether the store failed before the worker had claimed a slice. In this case, another attempt may
    /// succeed.
    pub fn allows_retry(&self) -> bool {
        matches!(self, ShardError::NotClaimed(_))
    }
}
