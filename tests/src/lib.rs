//! What tests of whole runs need beside the program: stand-ins for the services of a cloud, each in the test's own
//! process and on loopback, and a browser.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

pub mod browser;
pub mod lambda;
pub mod machine;
pub mod policy;
pub mod s3_proxy;
mod serving;
