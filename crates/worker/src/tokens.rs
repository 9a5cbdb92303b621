//! The current OAuth tokens of a run. One thread renews the tokens, and the load threads send the tokens in requests.
//!
//! Invariant: a token is never stored, logged or shown.

use crate::secrets::Secret;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// An OAuth token that is replaced during the run.
#[derive(Debug, Default)]
pub struct Token {
    /// The number of times that the token was replaced.
    generation: AtomicU64,
    values: Mutex<Values>,
}

#[derive(Debug, Default)]
struct Values {
    current: Option<Secret>,
    /// The token before the last replacement. Requests in flight may still contain it.
    previous: Option<Secret>,
}

impl Token {
    /// Replaces the token.
    pub(crate) fn set(&self, value: Secret) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.previous = values.current.replace(value);
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Returns whether a text contains the current or the previous token. The text must be in lower case.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = values.current.iter().chain(&values.previous);
        known.any(|token| text.contains(&token.value().to_lowercase()))
    }

    fn copy(&self) -> Copied {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        Copied {
            // While the lock is held, the generation belongs to this value of the token.
            generation: self.generation.load(Ordering::Acquire),
            value: values.current.clone(),
        }
    }
}

/// The copies of the run's tokens that one load thread uses.
///
/// For each request, the load thread compares one number. The thread takes the lock only after a token was replaced.
#[derive(Debug, Default)]
pub(crate) struct TokenCopies {
    tokens: Vec<Arc<Token>>,
    copies: RefCell<Vec<Copied>>,
}

#[derive(Debug, Default)]
struct Copied {
    generation: u64,
    value: Option<Secret>,
}

impl TokenCopies {
    pub(crate) fn of(tokens: &[Arc<Token>]) -> TokenCopies {
        TokenCopies {
            tokens: tokens.to_vec(),
            copies: RefCell::new(tokens.iter().map(|token| token.copy()).collect()),
        }
    }

    /// Appends the current value of a token to `out`.
    pub(crate) fn write(&self, number: u32, out: &mut Vec<u8>) {
        let mut copies = self.copies.borrow_mut();
        let number = number as usize;
        let Some((token, copy)) = self.tokens.get(number).zip(copies.get_mut(number)) else {
            return;
        };
        if token.generation.load(Ordering::Acquire) != copy.generation {
            *copy = token.copy();
        }
        if let Some(value) = &copy.value {
            out.extend_from_slice(value.value().as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_token_is_sent_from_the_next_request_on() {
        let token = Arc::new(Token::default());
        token.set(Secret::new("Ab1"));
        let copies = TokenCopies::of(std::slice::from_ref(&token));
        let written = || {
            let mut out = Vec::new();
            copies.write(0, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(), "Ab1");
        assert_eq!(written(), "Ab1");
        token.set(Secret::new("cd2"));
        assert_eq!(written(), "cd2");
        assert!(token.is_in("-ab1-") && token.is_in("cd2") && !token.is_in("ab2"));
        token.set(Secret::new("ef3"));
        assert!(!token.is_in("ab1"), "only the last two are kept");
        assert_eq!(format!("{token:?}").matches("ef3").count(), 0);
    }
}
