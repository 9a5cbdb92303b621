//! SHA-256 as text: the name of stored content, and the mark of a document.

use sha2::{Digest, Sha256};

/// The SHA-256 of the bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Whether the text has the form that [`hex`] returns.
pub fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
