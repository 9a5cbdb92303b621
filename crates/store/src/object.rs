//! The rules for objects that apply to every kind of store: key, size, and create-only writes.

use crate::error::StoreError;
use crate::limits::OBJECT_BYTES_MAX;

/// The maximum length of a key, in bytes. S3 allows 1,024 bytes for a key with the prefix of the store. The keys of
/// this crate are far shorter.
const KEY_BYTES_MAX: usize = 512;

/// The maximum length of one part of a key, in bytes. Common file systems allow 255 bytes for the name of a file.
const KEY_PART_BYTES_MAX: usize = 200;

/// The outcome of a create-only write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    Yes,
    AlreadyThere,
}

/// Checks a key, which consists of parts that are joined by `/`. A part consists of ASCII letters, digits, `-`, `_` and
/// `.`, and does not begin with `.`. So `..` and the names of temporary files are excluded.
pub(crate) fn check_key(key: &str) -> Result<(), StoreError> {
    let bad = |why| {
        Err(StoreError::BadKey {
            key: key.to_owned(),
            why,
        })
    };
    if key.len() > KEY_BYTES_MAX {
        return bad("it is too long");
    }
    for part in key.split('/') {
        if part.is_empty() {
            return bad("a part of it is empty");
        }
        if part.starts_with('.') {
            return bad("a part of it begins with `.`");
        }
        if part.len() > KEY_PART_BYTES_MAX {
            return bad("a part of it is too long");
        }
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if !part.bytes().all(allowed) {
            return bad("a part of it has characters other than letters, digits, `-`, `_` and `.`");
        }
    }
    Ok(())
}

pub(crate) fn check_size(key: &str, bytes: u64) -> Result<(), StoreError> {
    if bytes > OBJECT_BYTES_MAX {
        return Err(StoreError::TooLarge {
            key: key.to_owned(),
            bytes,
        });
    }
    Ok(())
}
