//! The scenario that comes with the program: `quickstart` runs it from any folder, and `init` writes it to a file.

use crate::args::InitArgs;
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

/// The name by which it is found where no file has that name.
pub(crate) const NAME: &str = "quickstart";
const FILE: &str = include_str!("../../scenarios/quickstart.yaml");
/// Begins the line that points an editor to the schema, which is not there in other folders.
const EDITOR: &str = "# yaml-language-server:";

/// The scenario as it is run and written.
pub(crate) fn text() -> &'static str {
    match FILE.split_once('\n') {
        Some((line, rest)) if line.starts_with(EDITOR) => rest,
        _ => FILE,
    }
}

/// Writes the scenario to a file that is not there yet.
pub(crate) fn init(args: &InitArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let shown = args.file.display();
    let created = OpenOptions::new().write(true).create_new(true).open(&args.file);
    let written = created.and_then(|mut file| file.write_all(text().as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Stated::usage(
            format!("{shown} exists already"),
            "name a file that does not: `vajra-cloud init FILE.yaml`",
        ),
        _ => Stated::usage(
            format!("{shown} cannot be written: {error}"),
            "name a file in a folder that you may write to",
        ),
    })?;
    printer.note(&format!("wrote {shown}; `vajra-cloud launch {shown}` runs it"));
    Ok(Exit::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scenario_has_no_path_that_only_the_source_code_has() {
        assert!(FILE.starts_with(EDITOR), "{FILE}");
        assert!(
            text().starts_with("# A first run") && !text().contains("../"),
            "{}",
            text()
        );
    }
}
