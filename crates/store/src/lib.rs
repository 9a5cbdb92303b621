//! The storage of a run: an S3 bucket or a folder.
//!
//! The command line and its workers communicate only through the store: all data of a run are objects below one prefix.
//! This crate reads and writes bytes; its callers interpret them.
//!
//! - [`keys`] composes every key; no other module does.
//! - [`Location`] is the address of the store, as a one-line text that can be passed to any worker.
//! - [`RunStore`] puts, gets, lists and deletes objects. Invariants: an object is complete or absent, and of several
//!   callers that create the same key exactly one succeeds.
//! - [`ServedFolder`] is a folder store with the operations that an S3 server needs.
//! - Buckets need the feature `s3`; opening a bucket without this feature fails.
//! - [`StoreError`] sorts failures by what the caller can do about them.

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
mod page;
pub mod plain_file;
mod run_store;
#[cfg(feature = "s3")]
mod s3;
mod served_folder;
mod stat;

pub use common_clock::StoreTime;
pub use error::{Cause, StoreError};
pub use limits::OBJECT_BYTES_MAX;
pub use location::{Location, LocationError, S3Location};
pub use memory::{Faults, Op};
pub use object::Created;
pub use page::{Page, PageRequest};
pub use run_store::{POLL_INTERVAL, RunStore};
pub use served_folder::{OpenObject, ServedFolder};
pub use stat::{Labels, Stat};
