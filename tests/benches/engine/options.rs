//! The command line of the bench.

use std::path::PathBuf;
use std::str::FromStr;

/// The help text.
pub(crate) const USAGE: &str = "\
tests/bench [OPTIONS], or cargo bench -p whole-runs --bench engine -- [OPTIONS]
  --only NAME        measure only this line of the table; repeat it for more lines:
                     closed, tls, http2, highest, arrivals, cost, memory, start, flows
  --rounds N         the number of rounds of which medians are taken (3)
  --seconds N        the duration of a run without pauses (4)
  --generator PATH   our program to measure; give it twice to compare two builds round by round
                     in the lines closed, highest and cost
  --help             print this help";

/// The options of the bench.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    only: Vec<String>,
    pub(crate) rounds: usize,
    pub(crate) seconds: u64,
    pub(crate) generators: Vec<PathBuf>,
    pub(crate) help: bool,
}

impl Options {
    /// Parses the arguments that follow the name of the program.
    ///
    /// # Errors
    /// The error describes the wrong argument.
    pub(crate) fn read(arguments: impl IntoIterator<Item = String>, lines: &[&str]) -> Result<Options, String> {
        let mut options = Options {
            only: Vec::new(),
            rounds: 3,
            seconds: 4,
            generators: Vec::new(),
            help: false,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                // Cargo passes the argument `--bench` to every bench.
                "--bench" => {}
                "--only" => {
                    let line = value()?;
                    if !lines.contains(&line.as_str()) {
                        return Err(format!("unknown line {line}; use one of {}", lines.join(", ")));
                    }
                    options.only.push(line);
                }
                "--rounds" => options.rounds = whole(&argument, &value()?, 1..=99)?,
                "--seconds" => options.seconds = whole(&argument, &value()?, 1..=60)?,
                "--generator" => options.generators.push(PathBuf::from(value()?)),
                "--help" => options.help = true,
                _ => return Err(format!("unknown argument {argument}; see --help")),
            }
        }
        if options.generators.len() > 2 {
            return Err("--generator can be given at most twice".to_owned());
        }
        Ok(options)
    }

    /// Returns whether the options request a line of the table.
    pub(crate) fn wants(&self, line: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == line)
    }
}

fn whole<N: FromStr + PartialOrd>(name: &str, text: &str, range: std::ops::RangeInclusive<N>) -> Result<N, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or(format!("{name} {text} is not a number in the allowed range"))
}
