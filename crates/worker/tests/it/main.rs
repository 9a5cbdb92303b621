//! The engines and the allow-list, as a worker uses them.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of tests cannot do is a failure of the test"
)]

mod allow;
mod certificates;
mod engine_http;
mod engine_http2;
mod engines;
mod http2_trouble;
mod reading_answers;
mod rig;
