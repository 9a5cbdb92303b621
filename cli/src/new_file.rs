//! Files that are written for a user, never over one that is there.

use crate::printer::Stated;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Writes a file that is not there yet. `instead` is how another one is named.
pub(crate) fn create(file: &Path, text: &str, instead: &str) -> Result<(), Stated> {
    let shown = file.display();
    let created = OpenOptions::new().write(true).create_new(true).open(file);
    let written = created.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Stated::usage(
            format!("{shown} exists already"),
            format!("name a file that does not: `{instead}`"),
        ),
        _ => Stated::usage(
            format!("{shown} cannot be written: {error}"),
            "name a file in a folder that you may write to",
        ),
    })
}
