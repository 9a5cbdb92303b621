//! What is deployed: `infra/` as it stands, against a server that speaks AWS's APIs on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cloud;
mod deploying;
#[expect(dead_code, reason = "whole runs use the rest")]
#[path = "../machine/mod.rs"]
mod machine;
mod policies;
mod scanning;
mod terraform;
mod users_way;
mod variables;
mod zip;
