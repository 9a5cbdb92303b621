//! Helpers for tests of whole runs: a browser, and stand-ins for the services of a cloud.
//!
//! A stand-in is a server on loopback in the process of the test.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

pub mod browser;
pub mod kubernetes;
pub mod lambda;
pub mod machine;
pub mod policy;
pub mod s3_proxy;
mod serving;
pub mod store_server;
