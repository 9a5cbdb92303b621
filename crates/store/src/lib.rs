//! Where a run is kept: an S3 bucket, or a folder.
//!
//! The store is the only bus between the command line and its workers, so
//! everything a run needs is an object below one prefix. This crate moves bytes;
//! what the bytes mean is decided by whoever calls it.
//!
//! - [`keys`] spells every key, and nothing else does.
//! - [`Location`] is the one line of text that tells any worker where the store is.
//! - [`RunStore`] puts, gets, lists and deletes. Its law: an object is there whole
//!   or not at all, and of many callers that create one key exactly one succeeds.
//! - Buckets need the feature `s3`; without it, to open one is an error.
//! - [`StoreError`] says what went wrong in terms of what can be done about it.

mod common_clock;
pub mod documents;
mod error;
mod folder;
pub mod keys;
mod limits;
mod location;
mod memory;
#[cfg(feature = "s3")]
mod meter;
#[cfg(not(feature = "s3"))]
mod no_s3;
mod object;
pub mod plain_file;
mod run_store;
#[cfg(feature = "s3")]
mod s3;

pub use common_clock::StoreTime;
pub use error::{Cause, StoreError};
pub use limits::OBJECT_BYTES_MAX;
pub use location::{Location, LocationError, S3Location};
pub use memory::{Faults, Op};
pub use object::Created;
pub use run_store::{LOOK_INTERVAL, RunStore};
