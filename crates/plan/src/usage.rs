//! The billable usage of a run. Before the run, the usage is estimated from the plan. After the run, the usage is
//! computed from the stored documents of the run. [`crate::cost`] converts each usage to a bill.

pub mod account;
pub mod estimate;
pub mod weight;
