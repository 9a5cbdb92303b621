//! The destinations to which a report is written.
//!
//! All destinations are checked before a run starts. Each file is written completely or not at all.

use crate::args::OutArgs;
use crate::printer::{Printer, Stated};
use anyhow::Context;
use report::rendering::Rendering;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The destinations of a report, each with an output form.
#[derive(Debug)]
pub(crate) struct Output<F> {
    stdout: F,
    files: Vec<(F, PathBuf)>,
}

impl OutArgs {
    /// Returns the destinations that the options select.
    pub(crate) fn output(&self) -> Result<Output<Rendering>, Stated> {
        let asked = [
            (Rendering::Json, "--out", &self.out),
            (Rendering::Html, "--html", &self.html),
            (Rendering::JUnit, "--junit", &self.junit),
            (Rendering::Markdown, "--markdown", &self.markdown),
            (Rendering::Csv, "--csv", &self.csv),
            (Rendering::Hgrm, "--hgrm", &self.hgrm),
            (Rendering::Hlog, "--hlog", &self.hlog),
        ];
        Output::new(Rendering::Text, &asked)
    }
}

impl<F: Copy + PartialEq> Output<F> {
    /// Returns whether a report of this form is written.
    pub(crate) fn has(&self, form: F) -> bool {
        self.stdout == form || self.files.iter().any(|(asked, _)| *asked == form)
    }

    /// Checks that every file can be written, and that no two options name the same destination. `asked` contains each
    /// output form, with its option and its destination. If the destination of a form is `-`, stdout gets this form in
    /// place of `usual`.
    pub(crate) fn new(usual: F, asked: &[(F, &str, &Option<PathBuf>)]) -> Result<Output<F>, Stated> {
        let mut output = Output {
            stdout: usual,
            files: Vec::new(),
        };
        let mut taken: Vec<(&Path, &str)> = Vec::new();
        for (form, option, path) in asked {
            let Some(path) = path else { continue };
            let is_stdout = path.as_os_str() == "-";
            if let Some((_, other)) = taken.iter().find(|(known, _)| known == path) {
                let destination = if is_stdout {
                    "stdout".to_owned()
                } else {
                    path.display().to_string()
                };
                let hint = "give each its own file; one of them may go to `-`";
                return Err(Stated::usage(
                    format!("{other} and {option} both go to {destination}"),
                    hint,
                ));
            }
            taken.push((path, option));
            if is_stdout {
                output.stdout = *form;
                continue;
            }
            check_writable(path).map_err(|error| {
                let hint = "name a file in a writable folder";
                Stated::usage(format!("{option} {} cannot be written: {error}", path.display()), hint)
            })?;
            output.files.push((*form, path.clone()));
        }
        Ok(output)
    }

    /// Writes a report to all destinations. If writing to one destination fails, the report is still written to all
    /// others, and the first error is returned.
    pub(crate) fn write(&self, render: impl Fn(F) -> String, printer: &Printer) -> anyhow::Result<()> {
        let mut result = printer.report(&render(self.stdout));
        for (form, path) in &self.files {
            let written =
                write_file(path, &render(*form)).with_context(|| format!("{} could not be written", path.display()));
            result = result.and(written);
        }
        result
    }
}

/// Checks that a file can be written in the folder of `path`. This check does not change a file at `path`.
fn check_writable(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Err(std::io::Error::other("it is a folder"));
    }
    let probe = temporary(path);
    std::fs::File::create(&probe).and_then(|_| std::fs::remove_file(&probe))
}

/// Returns the path of a temporary file in the folder of `path`. The name of the temporary file contains the ID of this
/// process.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    name.into()
}

/// Writes a file completely or not at all. The text is written to a temporary file, which is then renamed to `path`.
fn write_file(path: &Path, text: &str) -> std::io::Result<()> {
    let part = temporary(path);
    let written = std::fs::File::create(&part)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written
}
