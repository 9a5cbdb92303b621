//! Tests of the engines and of the allow-list. The tests use the same interfaces as a worker.

#![expect(clippy::unwrap_used, reason = "an error in a helper of a test fails the test")]

mod allow;
mod certificates;
mod engine_http;
mod engine_http2;
mod engines;
mod http2_trouble;
mod reading_answers;
mod rig;
