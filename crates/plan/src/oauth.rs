//! The request for an OAuth 2.0 token (RFC 6749), and the values in the answer to this request.
//!
//! A token request is a [`Request`] that each worker sends before the start of the run, and again before the token
//! expires. Each capture of a token request reads one [`TokenValue`], and has the number of this value.

use crate::capture::{Capture, Source};
use crate::limits::LIST_MAX;
use crate::scenario::Request;

/// The maximum number of token requests of a plan.
pub(crate) const TOKENS_MAX: usize = LIST_MAX;

/// A value in the answer to a token request (RFC 6749, 5.1 and 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenValue {
    AccessToken,
    ExpiresIn,
    TokenType,
    Error,
}

impl TokenValue {
    pub(crate) const ALL: [TokenValue; 4] = [
        TokenValue::AccessToken,
        TokenValue::ExpiresIn,
        TokenValue::TokenType,
        TokenValue::Error,
    ];

    /// Returns the number of the capture that reads this value.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// Returns the text of the capture that reads this value. A missing value is read as an empty text. The worker can
    /// then report the missing value together with the status of the answer.
    fn text(self) -> &'static str {
        match self {
            TokenValue::AccessToken => "json $.access_token or ''",
            TokenValue::ExpiresIn => "json $.expires_in or ''",
            TokenValue::TokenType => "json $.token_type or ''",
            TokenValue::Error => "json $.error or ''",
        }
    }

    fn capture(self) -> Capture {
        let Ok((source, fallback)) = Source::parse(self.text()) else {
            unreachable!("the text is a capture");
        };
        Capture {
            variable: self.number(),
            slot: 0,
            source,
            fallback,
            text: self.text().to_owned(),
        }
    }
}

/// Returns the captures of a token request. All token requests have the same captures.
pub(crate) fn captures() -> Vec<Capture> {
    TokenValue::ALL.into_iter().map(TokenValue::capture).collect()
}

/// Returns the scheme and the host to which a token request is sent; `None` if a placeholder determines the host, or if
/// the URL has no host.
pub fn origin(request: &Request) -> Option<String> {
    let (host, _) = request.url.cut_url();
    host.as_fixed().filter(|host| !host.is_empty()).map(str::to_owned)
}
