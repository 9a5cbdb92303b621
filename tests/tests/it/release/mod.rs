//! The parts of a release: manual pages, the container image, and the workflows that publish them.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod image;
mod manual;
mod workflows;

use std::path::Path;
use std::process::Command;
use whole_runs::machine::{Ran, program};

/// Writes the program without its debug information to a path, as in a release.
fn strip(path: &Path) {
    let mut strip = Command::new("strip");
    run(strip.arg("-o").arg(path).arg(program()));
}

/// Runs a command, which must succeed, and returns its stdout.
fn run(command: &mut Command) -> String {
    Ran::new(&command.output().unwrap()).expect(0, &[]).stdout
}
