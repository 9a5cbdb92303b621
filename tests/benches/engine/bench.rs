//! The context of all lines of the bench: the options, the builds to measure, and the output of rows.

use crate::Fallible;
use crate::generator::Generator;
use crate::load::{Load, Refused};
use crate::options::Options;
use crate::table::Row;
use std::path::PathBuf;

/// The context that all lines share.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) options: Options,
    /// One build, or two to compare; never empty.
    pub(crate) generators: Vec<Generator>,
}

impl Bench {
    /// Opens the requested builds, or the one next to this bench.
    pub(crate) fn new(options: Options) -> Fallible<Bench> {
        let mut programs = options.generators.clone();
        if programs.is_empty() {
            programs.push(built_with_this()?);
        }
        let generators = programs
            .iter()
            .zip(["first", "second"])
            .map(|(program, name)| Generator::new(name, program))
            .collect::<Fallible<_>>()?;
        Ok(Bench { options, generators })
    }

    /// Prints rows.
    pub(crate) fn print(&self, rows: &[Row]) {
        rows.iter().for_each(|row| println!("{row}"));
    }

    /// Prints why a line has no figures.
    pub(crate) fn unavailable(&self, line: &str, why: &str) {
        println!("{line}: not available: {}", why.trim().replace('\n', "\n      "));
    }

    /// Returns whether this version can plan a load; prints the reason if it cannot.
    pub(crate) fn takes(&self, line: &str, load: &Load) -> Fallible<bool> {
        match load.plan("engine", 0) {
            Ok(_) => Ok(true),
            Err(error) if error.is::<Refused>() => {
                self.unavailable(line, &error.to_string());
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the name of a row, with the name of the build if there are two.
    pub(crate) fn named(&self, what: &str, generator: &Generator) -> String {
        if self.generators.len() > 1 {
            format!("{what} [{}]", generator.name)
        } else {
            what.to_owned()
        }
    }
}

/// Returns the path of the program that was built with this bench: cargo puts benches into a subfolder of the folder of
/// programs.
fn built_with_this() -> Fallible<PathBuf> {
    let bench = std::env::current_exe()?;
    let folder = bench.parent().and_then(|folder| folder.parent());
    Ok(folder.ok_or("the bench is not in a target folder")?.join("vajra-cloud"))
}
