//! The outcome of one request.

use std::fmt::{self, Display};
use std::str::FromStr;

/// Declares the kinds of failures. Each entry is the variant and the stored name of one kind. A kind that only one
/// protocol has is appended to the section of this protocol.
macro_rules! failures {
    ($($(#[$doc:meta])* $name:ident $word:literal,)*) => {
        /// The kind of failure of a request that failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Failure {
            $($(#[$doc])* $name,)*
        }

        impl Failure {
            /// All kinds of failures, in the order in which reports list them.
            pub const ALL: [Failure; [$($word),*].len()] = [$(Failure::$name),*];

            /// Returns the name of the kind in reports and stored documents.
            pub fn name(self) -> &'static str {
                match self {
                    $(Failure::$name => $word,)*
                }
            }
        }
    };
}

failures! {
    // Failures to connect, in every protocol.

    /// The target's name could not be resolved.
    Resolve "resolve",
    /// The worker's environment does not allow the host or its address.
    NotAllowed "not_allowed",
    /// No connection was established: the target refused the connection, the address was unreachable, or the connect
    /// timeout passed.
    Connect "connect",
    /// The TLS handshake failed because of the certificate, the name or the protocol.
    Tls "tls",

    // Failures of an exchange, in every protocol.

    /// No complete answer was received within the request's timeout.
    Timeout "timeout",
    /// The connection ended before the answer was complete.
    Reset "reset",
    /// The answer violates the protocol, or exceeds a limit of the protocol.
    Protocol "protocol",
    /// The body of the answer is larger than the scenario allows.
    BodyTooLarge "body_too_large",

    // Failures of HTTP.

    /// The status code of the answer does not meet the success rule of the request.
    Status "status",
    /// The body of the answer does not contain the text that the success rule of the request requires.
    Check "check",

    // Failures on the worker's machine, and failures of reused connections.

    /// The worker's own machine could not connect because it had no free port, descriptor, buffer or route.
    Local "local",
    /// The target had closed a reused connection before the request arrived, and the worker did not send the request
    /// again.
    Closed "closed",
}

/// The status code of an answer, by protocol.
///
/// A code is stored and shown as text. Codes of different protocols have different texts. The text of an HTTP code is
/// the number of the status without a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The status code of an HTTP answer.
    Http(u16),
}

impl Code {
    /// Returns whether the code means success: for HTTP, a status from 200 to 299.
    pub fn says_success(self) -> bool {
        match self {
            Code::Http(status) => (200..300).contains(&status),
        }
    }

    /// Returns the class of the code, such as `2xx` for 204; `other` for a status that is outside all classes of HTTP.
    pub fn class(self) -> String {
        match self {
            Code::Http(status) => match status / 100 {
                class @ 1..=5 => format!("{class}xx"),
                _ => "other".to_owned(),
            },
        }
    }
}

impl Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Code::Http(status) => status.fmt(f),
        }
    }
}

impl FromStr for Code {
    type Err = String;

    fn from_str(text: &str) -> Result<Code, String> {
        let status = text.parse().map(Code::Http);
        status.map_err(|_| format!("`{text}` is not a code of any protocol that this version supports"))
    }
}

/// The times and the result of one request. All points in time are in nanoseconds since T0, the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When the request was due.
    pub due: u64,
    /// When the first byte of the request was written to the socket. If no byte was written, the time when connecting
    /// began.
    pub sent: u64,
    /// When the first byte of the answer was read; `None` if no byte of an answer was read.
    pub first_byte: Option<u64>,
    /// When the last byte of the answer was read, or when the request failed.
    pub done: u64,
    pub result: Result<(), Failure>,
    /// The status code of the answer; `None` if the request has no answer.
    pub code: Option<Code>,
    /// The number of body bytes of the answer.
    pub body_bytes: u64,
    /// How long the request waited for a free connection, in nanoseconds.
    pub waiting: u64,
    /// How long the request waited for a connection to be opened, in nanoseconds. The wait for the opening follows the
    /// wait for a free connection.
    pub opening: u64,
}

impl Default for Outcome {
    /// Returns the outcome of a request that took no time and received an empty answer without a status code.
    fn default() -> Outcome {
        Outcome {
            due: 0,
            sent: 0,
            first_byte: None,
            done: 0,
            result: Ok(()),
            code: None,
            body_bytes: 0,
            waiting: 0,
            opening: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_classes() {
        let classes = [204, 503, 999].map(|status| Code::Http(status).class());
        assert_eq!(classes, ["2xx", "5xx", "other"]);
    }
}
