//! Answers of all kinds, however they are cut into pieces, and what hyper's client makes of the same bytes.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of tests cannot do is a failure of the test"
)]

mod agreement;
mod answers;
mod streams;
