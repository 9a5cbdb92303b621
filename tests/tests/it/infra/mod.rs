//! The deployment in `infra/`, against a server of AWS's APIs on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod cloud;
mod deploying;
mod policies;
mod scanning;
mod terraform;
mod users_way;
mod variables;
mod zip;
