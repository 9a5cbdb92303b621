//! The outcome of one attempt at a request, with its details.

use std::time::Duration;
use tally::outcome::Failure;
use tally::reasons::Reason;
use tally::request::RequestIndex;

/// The outcome of one attempt at a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    pub request: RequestIndex,
    /// The number of this attempt among the attempts at the same request, counted from 1.
    pub number: u32,
    /// The duration of the look-up of the host name, if the request waited for the look-up. `connect` is the duration
    /// of connecting, and `tls` is the duration of the TLS handshake.
    pub resolve: Option<Duration>,
    pub connect: Option<Duration>,
    pub tls: Option<Duration>,
    /// The time from the first byte of the request to the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// The time from the due time of the request to the end of the answer.
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
    /// The request failed before this check.
    NotChecked,
}
