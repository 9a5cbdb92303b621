//! Stand-ins for the services of a cloud, for tests of whole runs: each runs in the test's own process, on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

pub mod lambda;
pub mod s3_proxy;
mod serving;
