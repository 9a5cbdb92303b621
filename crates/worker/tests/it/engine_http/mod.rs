//! Tests of the HTTP/1.1 engine only, with targets on loopback that are scripted to the byte. Tests of all engines are
//! in [`crate::engines`].

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
