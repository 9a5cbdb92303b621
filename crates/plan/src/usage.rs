//! The billable usage of a run: estimated from its plan before the run, and computed from its records afterwards.
//! [`crate::cost`] converts both to a bill.

pub mod account;
pub mod estimate;
pub mod weight;
