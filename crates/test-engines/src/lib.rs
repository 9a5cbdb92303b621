//! Helpers for tests, benchmarks and fuzzers of the engines: plans of one request, answers in pieces, and hyper's
//! client, with which the answer reader is compared.

#![expect(clippy::unwrap_used, reason = "a test whose helper fails must fail")]

pub mod exchange;
pub mod oracle;
pub mod plans;
