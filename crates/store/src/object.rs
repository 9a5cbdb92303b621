//! What holds of an object in every kind of store: its key, its size, and a create-only write.

use crate::error::StoreError;
use crate::limits::OBJECT_BYTES_MAX;

/// S3 allows 1,024 bytes for a key and its prefix together; ours are far shorter.
const KEY_BYTES_MAX: usize = 512;

/// A file's name may have 255 bytes on every common file system.
const KEY_PART_BYTES_MAX: usize = 200;

/// What became of a create-only write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    Yes,
    AlreadyThere,
}

/// A key is parts joined by `/`; a part is ASCII letters, digits, `-`, `_` and `.`,
/// and does not begin with `.`. So `..` cannot occur, nor the name of a temporary file.
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
            return bad("its parts are made of letters, digits, `-`, `_` and `.`");
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
