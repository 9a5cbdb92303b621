//! Tests of the engines and the allow-list, through the interfaces that a worker uses.

#![expect(clippy::unwrap_used, reason = "an error in a helper of a test fails the test")]

mod allow;
mod certificates;
mod engine_http;
mod engine_http2;
mod engines;
mod http2_trouble;
mod reading_answers;
mod rig;
