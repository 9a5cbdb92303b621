//! The names of temporary files. Each name begins with `.`, so no key leads to a temporary file.

use std::ffi::OsStr;

/// Returns a random name.
pub(crate) fn random() -> String {
    format!(".{:032x}.tmp", rand::random::<u128>())
}

/// Returns whether this is the name of a temporary file of the store.
pub(crate) fn matches(name: &OsStr) -> bool {
    let digits = name
        .to_str()
        .and_then(|name| name.strip_prefix('.')?.strip_suffix(".tmp"));
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}
