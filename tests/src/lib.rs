//! Helpers for tests of whole runs: stand-ins for the services of a cloud, each in the process of the test and on
//! loopback, and a browser.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

pub mod browser;
pub mod lambda;
pub mod machine;
pub mod policy;
pub mod s3_proxy;
mod serving;
