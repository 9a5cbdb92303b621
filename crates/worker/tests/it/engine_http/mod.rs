//! The HTTP/1.1 engine against targets on loopback that are scripted to the byte.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of tests cannot do is a failure of the test"
)]

mod allowed;
mod answers;
mod connections;
mod discipline;
pub(crate) mod plans;
mod redirects;
mod requests;
mod rig;
mod server;
mod tls;
