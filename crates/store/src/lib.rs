//! Stores the data of runs in an S3 bucket or a folder.
//!
//! The launcher and the workers communicate only through the store. All data of a run are objects below one prefix.
//! Apart from the small documents of [`documents`], this crate reads and writes bytes whose meaning the callers define.
//!
//! - [`keys`] composes every key. No other module composes keys.
//! - [`Location`] is the address of a store, as a one-line text that can be passed to any worker.
//! - [`RunStore`] writes, reads, lists and deletes objects. Invariants: an object is complete or absent. If several
//!   callers create the same key, exactly one of them succeeds.
//! - [`ServedFolder`] is a folder store with the operations that an S3 server needs.
//! - Buckets need the feature `s3`. Without this feature, opening a bucket fails.
//! - [`StoreError`] has a separate kind for each action that the caller can take.

pub mod causes;
mod common_clock;
pub mod documents;
mod error;
mod file_error;
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
mod served_guard;
mod stat;
mod temporary_name;

pub use common_clock::StoreTime;
pub use error::{Cause, StoreError};
pub use limits::OBJECT_BYTES_MAX;
pub use location::{Location, LocationError, S3Location};
pub use memory::{Faults, Op};
pub use object::Created;
pub use page::{Page, PageRequest};
pub use run_store::{POLL_INTERVAL, PROBE_WRITERS, RunStore};
pub use served_folder::{OpenObject, ServedFolder};
pub use stat::{Labels, Stat};
