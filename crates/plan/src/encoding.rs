//! The encodings of the values of placeholders, and the formats of points in time.

use crate::form::base64_in_place;
use crate::sha256;

/// An encoding of the value of a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Base64,
    /// Two lower-case hexadecimal digits for each byte of the value.
    Hex,
    /// The SHA-256 of the value, in lower-case hexadecimal digits.
    Sha256,
}

impl Encoding {
    /// Replaces the bytes of `out` from the index `from` to the end by their encoding.
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

/// The text format of a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.
    Iso,
    /// Whole seconds since the Unix epoch.
    Unix,
    /// Milliseconds since the Unix epoch.
    UnixMillis,
}
