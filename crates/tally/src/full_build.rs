//! The hint for errors that occur because the build does not contain a feature.
//!
//! A default build does not support AWS and Kubernetes, and does not contain the exporters of metrics. The Cargo
//! feature `full` adds all three. Every crate with an optional feature uses the hint of this crate.

/// The hint of every error that occurs because the build does not contain a feature.
pub const HINT: &str =
    "use a released program, or build it with every part: cargo install --locked --path cli --features full";
