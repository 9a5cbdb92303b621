//! What did another tool's file mean? Turns it into a scenario.
//!
//! Everything here is a pure function of its input.

pub mod address;
mod error;
mod left_out;
pub mod model;
mod secrets;
pub mod text;
pub mod writer;
pub mod yaml;

pub use error::ImportError;
pub use left_out::LeftOut;
