//! What is deployed: `infra/` as it stands, against a server that speaks AWS's APIs on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cloud;
mod deploying;
mod policies;
mod scanning;
mod terraform;
mod users_way;
mod variables;
mod zip;
