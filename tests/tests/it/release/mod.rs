//! Tests of the parts of a release: the manual pages, the container image, and the workflows that publish a release.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

pub(crate) mod image;
mod manual;
mod workflows;

use std::path::Path;
use std::process::Command;
use whole_runs::machine::{Ran, program};

/// Writes the program without its debug information to `path`, as a release does.
fn strip(path: &Path) {
    let mut strip = Command::new("strip");
    run(strip.arg("-o").arg(path).arg(program()));
}

/// Runs a command and returns its stdout. The command must succeed.
fn run(command: &mut Command) -> String {
    Ran::new(&command.output().unwrap()).expect(0, &[]).stdout
}
