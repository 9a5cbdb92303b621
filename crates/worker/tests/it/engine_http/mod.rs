//! The HTTP/1.1 engine against targets on loopback that are scripted to the byte.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of tests cannot do is a failure of the test"
)]

mod allowed;
mod answers;
mod bodies;
mod close_notify;
mod connections;
mod discipline;
mod elsewhere;
mod endless;
mod reasons;
mod redirects;
mod requests;
mod rig;
mod server;
mod tls;
mod waits;

pub(crate) use endless::memory;
pub(crate) use server::Silent;
