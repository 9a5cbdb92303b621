//! Where the JSON report goes: checked before anything is spent, written whole or not at all.

use crate::args::OutArgs;
use crate::printer::{Printer, Stated};
use anyhow::Context;
use report::run_report::RunReport;
use report::text;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A place for the report.
#[derive(Debug)]
pub(crate) enum Output {
    /// Text on stdout.
    Text,
    /// JSON on stdout.
    Json,
    /// Text on stdout and JSON in a file.
    File(PathBuf),
}

impl Output {
    /// Checks that the file can be written.
    pub(crate) fn new(args: &OutArgs) -> Result<Output, Stated> {
        let Some(path) = &args.out else { return Ok(Output::Text) };
        if path.as_os_str() == "-" {
            return Ok(Output::Json);
        }
        writable("--out", path)?;
        Ok(Output::File(path.clone()))
    }

    /// Writes the report.
    pub(crate) fn write(&self, report: &RunReport, printer: &Printer) -> anyhow::Result<()> {
        self.put(&text::render(report), &report.json(), printer)
    }

    /// Writes what is the same as text and as JSON.
    pub(crate) fn put(&self, text: &str, json: &str, printer: &Printer) -> anyhow::Result<()> {
        match self {
            Output::Text => printer.result(text),
            Output::Json => printer.result(&format!("{json}\n")),
            Output::File(path) => {
                printer.result(text)?;
                whole(path, json)
            }
        }
    }
}

/// Checks that a file can be written, for the flag that names it.
pub(crate) fn writable(flag: &str, path: &Path) -> Result<(), Stated> {
    let probe = beside(path);
    let tried = if path.is_dir() {
        Err(std::io::Error::other("it is a folder"))
    } else {
        std::fs::File::create(&probe).and_then(|_| std::fs::remove_file(&probe))
    };
    tried.map_err(|error| {
        let hint = "name a file in a folder that exists and can be written to";
        Stated::usage(format!("{flag} {} cannot be written: {error}", path.display()), hint)
    })
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    name.into()
}

/// Writes a file whole or not at all, and ends it with a new line.
pub(crate) fn whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let part = beside(path);
    let written = std::fs::File::create(&part)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")))
        .and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written.with_context(|| format!("{} could not be written", path.display()))
}
