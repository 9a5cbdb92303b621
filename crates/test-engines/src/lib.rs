//! Helpers for tests, benchmarks and fuzzers of the engines. The helpers make plans of one request, divide answers into
//! pieces, and read answers with the client of hyper. The tests compare the answer reader with this client.

#![expect(clippy::unwrap_used, reason = "a test whose helper fails must fail")]

pub mod exchange;
pub mod oracle;
pub mod plans;
