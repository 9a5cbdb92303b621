//! The bench as its lines see it: what was asked for, what is measured, and where rows go.

use crate::Fallible;
use crate::generator::Generator;
use crate::load::{Load, Refused};
use crate::options::Options;
use crate::table::Row;
use std::path::PathBuf;

/// What all lines share.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) options: Options,
    /// One build, or two to compare; never none.
    pub(crate) generators: Vec<Generator>,
}

impl Bench {
    /// Opens the builds that were asked for; the one beside this bench if none was.
    pub(crate) fn new(options: Options) -> Fallible<Bench> {
        let mut programs = options.generators.clone();
        if programs.is_empty() {
            programs.push(beside()?);
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

    /// Says why a line has no figures.
    pub(crate) fn unavailable(&self, line: &str, why: &str) {
        println!("{line}: not available: {}", why.trim().replace('\n', "\n      "));
    }

    /// Whether scenarios can ask for such a load; says so if they cannot.
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

    /// A row's name, with the build's where there are two.
    pub(crate) fn named(&self, what: &str, generator: &Generator) -> String {
        if self.generators.len() > 1 {
            format!("{what} [{}]", generator.name)
        } else {
            what.to_owned()
        }
    }
}

/// Cargo puts benches into a folder below the one for programs.
fn beside() -> Fallible<PathBuf> {
    let bench = std::env::current_exe()?;
    let folder = bench.parent().and_then(|folder| folder.parent());
    Ok(folder.ok_or("this bench lies in no folder")?.join("vajra-cloud"))
}
