//! The access keys of a server.
//!
//! ```text
//! file = { line }
//! line = [ access-key secret [ "read-only" ] ] [ "#" comment ]
//! ```
//!
//! A comment begins at the start of a line or after a space. A secret may contain `#`, but not begin with it.

use std::collections::HashMap;
use std::fmt;

/// The maximum length of an access key, as in AWS.
const ACCESS_KEY_CHARS_MAX: usize = 128;
/// The minimum length of a secret. A signature reveals a hash of the secret, and a shorter secret could be guessed from
/// the hash.
const SECRET_CHARS_MIN: usize = 16;
const SECRET_CHARS_MAX: usize = 256;

/// The requests that an access key permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Full,
    /// Reads and listings.
    ReadOnly,
}

/// Access keys with their secrets. At least one key exists.
#[derive(Clone)]
pub struct Credentials(HashMap<String, AccessKey>);

#[derive(Clone)]
#[cfg_attr(
    not(feature = "server"),
    expect(dead_code, reason = "only the server reads the keys")
)]
pub(crate) struct AccessKey {
    pub(crate) secret: String,
    pub(crate) access: Access,
}

/// An error in credentials. No text contains a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsFault {
    #[error("no access key is given")]
    Empty,
    #[error("line {line}: it is not `ACCESS_KEY SECRET` or `ACCESS_KEY SECRET read-only`")]
    Line { line: usize },
    #[error("the access key has other characters than letters, digits, `-`, `_` and `.`, or more than 128")]
    AccessKey,
    #[error("the secret of {access_key} has not 16 to 256 characters of ASCII without spaces")]
    Secret { access_key: String },
    #[error("{access_key} is given twice")]
    Twice { access_key: String },
}

impl Credentials {
    /// Returns one access key with full access.
    ///
    /// # Errors
    /// Fails for an invalid access key or secret.
    pub fn single(access_key: &str, secret: &str) -> Result<Self, CredentialsFault> {
        let mut keys = Self(HashMap::new());
        keys.add(access_key, secret, Access::Full)?;
        Ok(keys)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// Returns the first problem.
    pub fn parse(text: &str) -> Result<Self, CredentialsFault> {
        let mut keys = Self(HashMap::new());
        for (number, line) in text.lines().enumerate() {
            let words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
            let words: Vec<&str> = words.collect();
            match words[..] {
                [] => {}
                [access_key, secret] => keys.add(access_key, secret, Access::Full)?,
                [access_key, secret, "read-only"] => keys.add(access_key, secret, Access::ReadOnly)?,
                _ => return Err(CredentialsFault::Line { line: number + 1 }),
            }
        }
        match keys.0.is_empty() {
            true => Err(CredentialsFault::Empty),
            false => Ok(keys),
        }
    }

    fn add(&mut self, access_key: &str, secret: &str, access: Access) -> Result<(), CredentialsFault> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if access_key.is_empty() || access_key.len() > ACCESS_KEY_CHARS_MAX || !access_key.chars().all(is_allowed) {
            return Err(CredentialsFault::AccessKey);
        }
        let lengths = SECRET_CHARS_MIN..=SECRET_CHARS_MAX;
        let access_key = access_key.to_owned();
        if !lengths.contains(&secret.len()) || !secret.chars().all(|c| c.is_ascii_graphic()) {
            return Err(CredentialsFault::Secret { access_key });
        }
        if self.0.contains_key(&access_key) {
            return Err(CredentialsFault::Twice { access_key });
        }
        let secret = secret.to_owned();
        self.0.insert(access_key, AccessKey { secret, access });
        Ok(())
    }

    #[cfg(feature = "server")]
    pub(crate) fn find(&self, access_key: &str) -> Option<&AccessKey> {
        self.0.get(access_key)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Credentials").field(&self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef";

    fn check(text: &str, expected: &[(&str, Access)]) {
        let keys = Credentials::parse(text).expect("valid credentials");
        assert_eq!(keys.0.len(), expected.len(), "{text}");
        for (access_key, access) in expected {
            let found = &keys.0[*access_key];
            assert_eq!((found.secret.as_str(), found.access), (SECRET, *access), "{text}");
        }
    }

    #[test]
    fn a_file_has_one_key_in_each_line() {
        check(&format!("team {SECRET}"), &[("team", Access::Full)]);
        check(
            &format!("# keys\n\nteam {SECRET} # of us\r\n  dash\t{SECRET} read-only\n"),
            &[("team", Access::Full), ("dash", Access::ReadOnly)],
        );
    }

    #[test]
    fn a_number_sign_within_a_secret_begins_no_comment() {
        let keys = Credentials::parse("team 0123456789abcdef#0123 #of us\n#x\n").expect("valid credentials");
        assert_eq!(keys.0["team"].secret, "0123456789abcdef#0123");
    }

    #[test]
    fn invalid_credentials_are_named_without_the_secret() {
        for (text, problem) in [
            ("", "no access key"),
            ("# none\n", "no access key"),
            ("team", "line 1"),
            (&*format!("a {SECRET}\nteam {SECRET} write"), "line 2"),
            ("team short-s3cret", "the secret of team"),
            (&*format!("te/am {SECRET}"), "the access key has other characters"),
            (&*format!("a {SECRET}\na {SECRET}"), "a is given twice"),
        ] {
            let fault = Credentials::parse(text).expect_err(text).to_string();
            assert!(fault.contains(problem), "{text}: {fault}");
            assert!(!fault.contains(SECRET) && !fault.contains("s3cret"), "{fault}");
        }
        let keys = Credentials::single("team", SECRET).expect("valid");
        assert!(!format!("{keys:?}").contains(SECRET));
    }
}
