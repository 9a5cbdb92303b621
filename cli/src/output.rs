//! Where the report goes: checked before anything is spent, each file written whole or not at all.

use crate::args::OutArgs;
use crate::printer::{Printer, Stated};
use anyhow::Context;
use plan::plan::Plan;
use report::rendering::Rendering;
use report::run_report::RunReport;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The places for a report.
#[derive(Debug)]
pub(crate) struct Output {
    stdout: Rendering,
    files: Vec<(Rendering, PathBuf)>,
}

impl OutArgs {
    /// What was asked for: the form, its option, and where to.
    fn asked(&self) -> impl Iterator<Item = (Rendering, &'static str, &PathBuf)> {
        let all = [
            (Rendering::Json, "--out", &self.out),
            (Rendering::Html, "--html", &self.html),
            (Rendering::JUnit, "--junit", &self.junit),
            (Rendering::Markdown, "--markdown", &self.markdown),
            (Rendering::Csv, "--csv", &self.csv),
            (Rendering::Hgrm, "--hgrm", &self.hgrm),
            (Rendering::Hlog, "--hlog", &self.hlog),
        ];
        all.into_iter()
            .filter_map(|(rendering, option, path)| Some((rendering, option, path.as_ref()?)))
    }
}

impl Output {
    /// Checks that every file can be written, and that no two go to one place.
    pub(crate) fn new(args: &OutArgs) -> Result<Output, Stated> {
        let mut output = Output {
            stdout: Rendering::Text,
            files: Vec::new(),
        };
        let mut taken: Vec<(&Path, &str)> = Vec::new();
        for (rendering, option, path) in args.asked() {
            if let Some((_, other)) = taken.iter().find(|(known, _)| known == path) {
                let place = if path.as_os_str() == "-" {
                    "stdout".to_owned()
                } else {
                    path.display().to_string()
                };
                let hint = "give each its own file; one of them may go to `-`";
                return Err(Stated::usage(format!("{other} and {option} both go to {place}"), hint));
            }
            taken.push((path, option));
            if path.as_os_str() == "-" {
                output.stdout = rendering;
                continue;
            }
            writable(path).map_err(|error| {
                let hint = "name a file in a folder that exists and can be written to";
                Stated::usage(format!("{option} {} cannot be written: {error}", path.display()), hint)
            })?;
            output.files.push((rendering, path.clone()));
        }
        Ok(output)
    }

    /// Writes the report to all its places. One that fails keeps the others from nothing.
    pub(crate) fn write(&self, report: &RunReport, plan: &Plan, printer: &Printer) -> anyhow::Result<()> {
        let mut result = printer.result(&self.stdout.render(report, plan));
        for (rendering, path) in &self.files {
            let written = whole(path, &rendering.render(report, plan))
                .with_context(|| format!("{} could not be written", path.display()));
            result = result.and(written);
        }
        result
    }
}

/// Tries the folder of a file, and leaves the file as it is.
pub(crate) fn writable(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Err(std::io::Error::other("it is a folder"));
    }
    let probe = beside(path);
    std::fs::File::create(&probe).and_then(|_| std::fs::remove_file(&probe))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    name.into()
}

/// Writes a file whole, or not at all.
pub(crate) fn whole(path: &Path, text: &str) -> std::io::Result<()> {
    let part = beside(path);
    let written = std::fs::File::create(&part)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written
}
