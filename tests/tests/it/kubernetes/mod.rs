//! The fleet of pods: its manifests, and runs on a stand-in for a cluster.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod manifests;
