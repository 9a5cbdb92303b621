//! What became of one request.

use serde::{Deserialize, Serialize};

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The target's name could not be resolved.
    Resolve,
    /// The worker may not send there: its environment does not allow the host or its address.
    NotAllowed,
    /// No connection: refused, unreachable, or not within the connect timeout.
    Connect,
    /// The TLS handshake failed: certificate, name or protocol.
    Tls,
    /// No whole answer within the request's timeout.
    Timeout,
    /// The connection ended before the answer did.
    Reset,
    /// What came back is not HTTP, or its head exceeds a limit.
    Protocol,
    /// The body is larger than the scenario allows.
    BodyTooLarge,
    /// A status outside the success rule.
    Status,
    /// The body does not contain what the success rule asks for.
    Check,
    /// The worker's own machine could not connect: no free port, descriptor, buffer or route.
    Local,
    /// The target had closed a kept connection before the request came, and nothing was sent again.
    Closed,
}

impl Failure {
    /// Every kind, in the order in which reports list them.
    pub const ALL: [Failure; 12] = [
        Failure::Resolve,
        Failure::NotAllowed,
        Failure::Connect,
        Failure::Tls,
        Failure::Timeout,
        Failure::Reset,
        Failure::Protocol,
        Failure::BodyTooLarge,
        Failure::Status,
        Failure::Check,
        Failure::Local,
        Failure::Closed,
    ];

    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Failure::Resolve => "resolve",
            Failure::NotAllowed => "not_allowed",
            Failure::Local => "local",
            Failure::Connect => "connect",
            Failure::Tls => "tls",
            Failure::Timeout => "timeout",
            Failure::Reset => "reset",
            Failure::Protocol => "protocol",
            Failure::BodyTooLarge => "body_too_large",
            Failure::Status => "status",
            Failure::Check => "check",
            Failure::Closed => "closed",
        }
    }
}

/// One request from due to done. Instants are nanoseconds since T0 of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When the arrival was due.
    pub due: u64,
    /// When its first byte went to the socket; when connecting began, if none did.
    pub sent: u64,
    /// When the first byte of an answer was read; `None` if none was.
    pub first_byte: Option<u64>,
    /// When the last byte of the answer was read, or the failure was known.
    pub done: u64,
    pub result: Result<(), Failure>,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// Bytes of the answer's body.
    pub body_bytes: u64,
    /// How long it waited for a free connection before it was sent, in nanoseconds.
    pub waiting: u64,
    /// How long it waited for a connection to be opened after that.
    pub opening: u64,
}

impl Default for Outcome {
    /// A request that took no time and was answered with nothing.
    fn default() -> Outcome {
        Outcome {
            due: 0,
            sent: 0,
            first_byte: None,
            done: 0,
            result: Ok(()),
            status: None,
            body_bytes: 0,
            waiting: 0,
            opening: 0,
        }
    }
}
