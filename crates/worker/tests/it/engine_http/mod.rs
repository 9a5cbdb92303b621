//! Tests that apply only to the HTTP/1.1 engine. The targets are on loopback, and their scripts determine each byte.
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
