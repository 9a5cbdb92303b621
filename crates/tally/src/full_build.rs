//! What to do about a part that a build leaves out.
//!
//! The first build of a newcomer has neither AWS nor the senders of metrics (the feature `full` of the program). The
//! crates that can leave a part out all depend on this one.

/// The hint of every error that is due to a part that was left out.
pub const HINT: &str =
    "use a released program, or build it with every part: cargo install --locked --path cli --features full";
