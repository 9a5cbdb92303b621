//! Creates files for the user. An existing file is never overwritten.

use crate::printer::Stated;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Creates a file for the user. The hint of the error contains the command `instead`, which writes another file.
pub(crate) fn create(file: &Path, text: &str, instead: &str) -> Result<(), Stated> {
    let shown = file.display();
    let created = OpenOptions::new().write(true).create_new(true).open(file);
    let written = created.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Stated::usage(
            format!("{shown} already exists"),
            format!("name another file: `{instead}`"),
        ),
        _ => Stated::usage(
            format!("{shown} cannot be written: {error}"),
            "name a file in a writable folder",
        ),
    })
}
