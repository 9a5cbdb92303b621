//! Tests of the deployment in `infra/` with a server of AWS APIs on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod cloud;
mod deploying;
pub(crate) mod kubernetes;
mod operator;
mod pod_roles;
mod policies;
mod scanning;
mod terraform;
mod variables;
mod walkthrough;
mod zip;
