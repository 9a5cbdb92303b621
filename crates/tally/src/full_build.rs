//! The hint of errors about features that the build does not contain.
//!
//! A default build contains neither AWS nor the metrics exporters; the feature `full` of the program adds both. Every
//! crate with an optional feature depends on this crate for the hint.

/// The hint of every error whose cause is a feature that the build does not contain.
pub const HINT: &str =
    "use a released program, or build it with every part: cargo install --locked --path cli --features full";
