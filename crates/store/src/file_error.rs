//! Translates errors of the file system.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::error::StoreError;

pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
    )
}

pub(crate) fn translate(action: &'static str, path: &Path, source: io::Error) -> StoreError {
    let path = path.to_owned();
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::DiskFull { path },
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreError::AccessDenied {
            what: path.display().to_string(),
            code: source.kind().to_string(),
            source: Some(source.into()),
        },
        _ => StoreError::Io { action, path, source },
    }
}
