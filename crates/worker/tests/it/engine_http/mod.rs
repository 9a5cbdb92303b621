//! Tests of the HTTP/1.1 engine alone. The tests script each byte of the targets, which listen on loopback.
//!
//! Tests of all engines are in [`crate::engines`].

mod answers;
mod close_notify;
mod connections;
mod discipline;
mod endless;
mod reasons;
mod requests;
mod server;
mod tls;

pub(crate) use endless::memory;
pub(crate) use server::Silent;
