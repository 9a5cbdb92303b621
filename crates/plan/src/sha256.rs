//! SHA-256 digests as text. A digest is the name of stored content, and identifies a document.

use sha2::{Digest, Sha256};

/// Returns the SHA-256 digest of the bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Returns whether the text has the form of a digest that [`hex`] returns.
pub fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
