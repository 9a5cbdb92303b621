//! The worker sends the requests of one shard of a run. The worker runs the same code on every host: in a process, a
//! thread, a function or a pod.
//!
//! [`shard::run`] runs a shard from its claim to its result. [`load`] paces arrivals and records their outcomes. An
//! [`engine::Engine`] sends single requests. Invariant: each planned request is sent, dropped or missing, and each sent
//! request is completed, failed or in flight.

pub mod allow;
pub mod assignment;
mod attempt;
#[cfg(feature = "aws")]
pub mod aws_call;
pub mod certificate_check;
mod certificates;
pub mod claiming;
pub mod client;
pub mod clients;
pub mod clock;
mod connection;
mod cookies;
mod data;
pub mod descriptors;
mod dial;
mod endpoint;
pub mod engine;
mod exchange;
pub mod exit;
mod failure_log;
pub mod feed_sheet;
mod flow;
mod gauges;
pub mod hand_over;
mod head;
pub mod host;
pub mod http;
pub mod http2;
mod index;
mod inspection;
pub mod invocation;
mod load;
pub mod log;
mod message;
pub mod notice;
pub mod own_store;
mod pacer;
mod pool;
pub mod reading;
mod receive_time;
mod renewal;
pub mod retry;
mod search;
pub mod secrets;
pub mod shard;
mod shard_error;
pub mod signals;
mod signing;
pub mod slices;
pub mod stored_plan;
pub mod supplies;
mod threads;
mod tokens;
mod trace;
pub mod trial;
mod users;
mod waiter;
pub mod why;
