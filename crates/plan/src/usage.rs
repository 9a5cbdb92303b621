//! How much a run uses of what is paid for: estimated from its plan before it, and counted from what is known after it.
//! Both become a bill by [`crate::cost`].

pub mod account;
pub mod estimate;
pub mod weight;
