//! The billable usage of a run. The usage is estimated from the plan before the run, and computed from the stored
//! documents of the run afterwards. [`crate::cost`] converts both usages to bills.

pub mod account;
pub mod estimate;
pub mod weight;
