//! The values and functions that all lines of the bench share: the options, the builds to measure, and the output of
//! rows.

use crate::Fallible;
use crate::generator::Generator;
use crate::load::{Load, Refused};
use crate::options::Options;
use crate::table::Row;
use std::path::PathBuf;

/// The options of the bench, and the builds to measure.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) options: Options,
    /// The measured builds of our program: one build, or two builds that are compared.
    pub(crate) generators: Vec<Generator>,
}

impl Bench {
    /// Opens the builds that the options name. If the options name no build, opens the build next to this bench.
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

    /// Prints rows of the table.
    pub(crate) fn print(&self, rows: &[Row]) {
        rows.iter().for_each(|row| println!("{row}"));
    }

    /// Prints the reason why a line of the table has no figures.
    pub(crate) fn unavailable(&self, line: &str, why: &str) {
        println!("{line}: not available: {}", why.trim().replace('\n', "\n      "));
    }

    /// Returns whether this version of the project can plan a load. If not, prints the reason.
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

    /// Returns the name of a row. If two builds are compared, the name contains the name of the build.
    pub(crate) fn named(&self, what: &str, generator: &Generator) -> String {
        if self.generators.len() > 1 {
            format!("{what} [{}]", generator.name)
        } else {
            what.to_owned()
        }
    }
}

/// Returns the path of the program that was built with this bench. Cargo puts benches into a subfolder of the folder
/// that contains the programs.
fn built_with_this() -> Fallible<PathBuf> {
    let bench = std::env::current_exe()?;
    let folder = bench.parent().and_then(|folder| folder.parent());
    Ok(folder.ok_or("the bench is not in a target folder")?.join("vajra-cloud"))
}
