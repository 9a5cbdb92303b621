//! Who sends it? One shard's life, the same on every host: a process, a thread, a function, a pod.
//!
//! [`shard::run`] is the life, [`load`] paces arrivals and records what becomes of them, and an
//! [`engine::Engine`] sends one request. Whatever happens, what was planned is sent, dropped or
//! missing, and what was sent is completed, failed or in flight.

pub mod clock;
mod connection;
pub mod engine;
pub mod http;
pub mod invocation;
mod load;
pub mod pacer;
pub mod patience;
mod request;
pub mod shard;
mod stamp;
pub mod supplies;
mod tls;
