//! Who sends it? One shard's life, the same on every host: a process, a thread, a function, a pod.
//!
//! [`shard::run`] is the life, [`load`] paces arrivals and records what becomes of them, and an
//! [`engine::Engine`] sends one request. Whatever happens, what was planned is sent, dropped or
//! missing, and what was sent is completed, failed or in flight.

pub mod allow;
pub mod assignment;
#[cfg(feature = "aws")]
pub mod aws_call;
pub mod client;
pub mod clock;
mod cookies;
mod crowd;
pub mod descriptors;
mod dial;
pub mod engine;
mod exchange;
mod failure_log;
mod flow;
mod gauges;
pub mod hand_over;
mod head;
pub mod host;
pub mod http;
pub mod http2;
mod index;
pub mod invocation;
mod line;
mod load;
pub mod log;
mod message;
pub mod notice;
pub mod own_store;
mod pacer;
pub mod patience;
mod place;
mod pool;
pub mod reading;
mod receipt;
mod search;
pub mod secrets;
pub mod shard;
pub mod signals;
pub mod supplies;
mod threads;
mod waiter;
pub mod why;
