//! What tests, benches and fuzzers of the engines share: plans of one request, answers in pieces, and hyper's client as
//! the oracle of reading them.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of tests cannot do is a failure of the test"
)]

pub mod exchange;
pub mod oracle;
pub mod plans;
