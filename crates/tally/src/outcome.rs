//! The outcome of one request.

use std::fmt::{self, Display};
use std::str::FromStr;

/// Declares the kinds of failures: name, word. A protocol appends its own kinds to its section.
macro_rules! failures {
    ($($(#[$doc:meta])* $name:ident $word:literal,)*) => {
        /// Why a request failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Failure {
            $($(#[$doc])* $name,)*
        }

        impl Failure {
            /// Every kind, in the order in which reports list them.
            pub const ALL: [Failure; [$($word),*].len()] = [$(Failure::$name),*];

            /// The word for it in reports and stored documents.
            pub fn name(self) -> &'static str {
                match self {
                    $(Failure::$name => $word,)*
                }
            }
        }
    };
}

failures! {
    // Connections, in every protocol.

    /// The target's name could not be resolved.
    Resolve "resolve",
    /// The worker's environment does not allow the host or its address.
    NotAllowed "not_allowed",
    /// No connection: refused, unreachable, or not established within the connect timeout.
    Connect "connect",
    /// The TLS handshake failed: certificate, name or protocol.
    Tls "tls",

    // Exchanges, in every protocol.

    /// No complete answer within the request's timeout.
    Timeout "timeout",
    /// The connection ended before the answer was complete.
    Reset "reset",
    /// The answer violates the protocol, or exceeds one of its limits.
    Protocol "protocol",
    /// The body is larger than the scenario allows.
    BodyTooLarge "body_too_large",

    // HTTP.

    /// A status outside the success rule.
    Status "status",
    /// The body does not contain the text that the success rule requires.
    Check "check",

    // The worker's machine, and kept connections.

    /// The worker's own machine could not connect: no free port, descriptor, buffer or route.
    Local "local",
    /// The target had closed a kept connection before the request arrived, and the request was not sent again.
    Closed "closed",
}

/// The status code of an answer, by protocol.
///
/// It is stored and shown as text. No two protocols share a text; the text of an HTTP code is the status alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The status of an HTTP answer.
    Http(u16),
}

impl Code {
    /// Whether the code means success.
    pub fn says_success(self) -> bool {
        match self {
            Code::Http(status) => (200..300).contains(&status),
        }
    }

    /// The class of the code: `2xx` for 204; `other` for a status outside HTTP's classes.
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

/// One request from due to done. All times are nanoseconds since T0 of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When the arrival was due.
    pub due: u64,
    /// When the first byte was written to the socket, or when connecting began if no byte was written.
    pub sent: u64,
    /// When the first byte of the answer was read; `None` if no byte was read.
    pub first_byte: Option<u64>,
    /// When the last byte of the answer was read, or when the request failed.
    pub done: u64,
    pub result: Result<(), Failure>,
    /// The code of the answer; `None` without an answer.
    pub code: Option<Code>,
    /// Bytes of the answer's body.
    pub body_bytes: u64,
    /// How long the request waited for a free connection before it was sent, in nanoseconds.
    pub waiting: u64,
    /// How long it then waited for a connection to be opened, in nanoseconds.
    pub opening: u64,
}

impl Default for Outcome {
    /// A request that took no time and received an empty answer without a code.
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
