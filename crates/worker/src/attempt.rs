//! The outcome of one attempt at a request, with its details.

use std::time::Duration;
use tally::outcome::Failure;
use tally::reasons::Reason;
use tally::request::RequestIndex;

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    pub request: RequestIndex,
    /// Its number among the attempts at the request, from 1.
    pub number: u32,
    /// How long opening connections took, if it was waited for: the name, the connection and TLS.
    pub resolve: Option<Duration>,
    pub connect: Option<Duration>,
    pub tls: Option<Duration>,
    /// From the first byte of the request to that of the answer.
    pub first_byte: Option<Duration>,
    /// From its due time to the end of the answer.
    pub total: Duration,
    pub checks: Vec<(String, CheckState)>,
    /// The captured values, by name.
    pub captured: Vec<(String, String)>,
    pub failure: Option<(Failure, Reason)>,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    Met,
    NotMet,
    /// The request failed before.
    NotChecked,
}
