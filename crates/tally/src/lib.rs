//! The counts and histograms of a run, and the code that merges them.
//!
//! Invariant: adding is commutative and associative, and the default value is the identity. This crate does no I/O and
//! does not read any clock.

pub mod account;
pub mod cause;
pub mod encoding;
pub mod flow;
pub mod format;
pub mod full_build;
pub mod histogram;
pub mod interval;
pub mod interval_log;
mod maps;
pub mod outcome;
mod payload;
pub mod provenance;
pub mod ranges;
pub mod reasons;
pub mod request;
pub mod seconds;
pub mod series;
pub mod snapshot;
pub mod stretch;
pub mod tally;
pub mod waits;
pub mod wire;
