//! What became of one request.

use std::fmt::{self, Display};
use std::str::FromStr;

/// Declares the kinds of failures: name, word. A protocol adds its own at the end of its section.
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

            /// The word for it in reports, and in what is stored.
            pub fn name(self) -> &'static str {
                match self {
                    $(Failure::$name => $word,)*
                }
            }
        }
    };
}

failures! {
    // Of making a connection, whatever is spoken on it.

    /// The target's name could not be resolved.
    Resolve "resolve",
    /// The worker may not send there: its environment does not allow the host or its address.
    NotAllowed "not_allowed",
    /// No connection: refused, unreachable, or not within the connect timeout.
    Connect "connect",
    /// The TLS handshake failed: certificate, name or protocol.
    Tls "tls",

    // Of an exchange, in every protocol.

    /// No whole answer within the request's timeout.
    Timeout "timeout",
    /// The connection ended before the answer did.
    Reset "reset",
    /// What came back is not of the protocol, or exceeds a limit of it.
    Protocol "protocol",
    /// The body is larger than the scenario allows.
    BodyTooLarge "body_too_large",

    // Of HTTP.

    /// A status outside the success rule.
    Status "status",
    /// The body does not contain what the success rule asks for.
    Check "check",

    // Of the worker, and of connections that are kept.

    /// The worker's own machine could not connect: no free port, descriptor, buffer or route.
    Local "local",
    /// The target had closed a kept connection before the request came, and nothing was sent again.
    Closed "closed",
}

/// What an answer says of itself in a number, by its protocol.
///
/// It is stored and shown as its text, which no two protocols share: that of HTTP is its status alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The status of an answer of HTTP.
    Http(u16),
}

impl Code {
    /// Whether the target says by it that all is well.
    pub fn says_success(self) -> bool {
        match self {
            Code::Http(status) => (200..300).contains(&status),
        }
    }

    /// What it has in common with others: `2xx` for 204. What has no class of HTTP's is `other`.
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
        status.map_err(|_| format!("`{text}` is no code of a protocol that this version has"))
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
    /// The code of the answer, if there was one.
    pub code: Option<Code>,
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
