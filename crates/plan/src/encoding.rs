//! How the values of placeholders are encoded, and how points in time are written.

use crate::form::base64_in_place;
use crate::sha256;

/// The encoding of a placeholder's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Base64,
    /// Two lower-case hexadecimal digits for each byte.
    Hex,
    /// The SHA-256 of the value, in lower-case hexadecimal digits.
    Sha256,
}

impl Encoding {
    /// Replaces the bytes of `out` from index `from` on by their encoding.
    pub fn apply(self, out: &mut Vec<u8>, from: usize) {
        match self {
            Encoding::Base64 => base64_in_place(out, from),
            Encoding::Hex => {
                let digits = hex::encode(&out[from..]);
                out.truncate(from);
                out.extend_from_slice(digits.as_bytes());
            }
            Encoding::Sha256 => {
                let digest = sha256::hex(&out[from..]);
                out.truncate(from);
                out.extend_from_slice(digest.as_bytes());
            }
        }
    }
}

/// How a point in time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.
    Iso,
    /// Whole seconds since the Unix epoch.
    Unix,
    /// Milliseconds since the Unix epoch.
    UnixMillis,
}
