//! The hint for a feature that a build leaves out.
//!
//! A default build contains neither AWS nor the metrics exporters (the feature `full` of the program). Every crate that
//! can leave out a feature depends on this one.

/// The hint of every error caused by a feature that is not in the build.
pub const HINT: &str =
    "use a released program, or build it with every part: cargo install --locked --path cli --features full";
