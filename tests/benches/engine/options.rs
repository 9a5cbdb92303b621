//! What the bench was asked for on its command line.

use std::path::PathBuf;
use std::str::FromStr;

/// How to ask.
pub(crate) const USAGE: &str = "\
tests/bench [OPTIONS], or cargo bench -p whole-runs --bench engine -- [OPTIONS]
  --only NAME        only this line of the table, more than once for more lines:
                     closed, tls, http2, highest, arrivals, cost, memory, start
  --rounds N         of which medians are taken (3)
  --seconds N        how long a run without pauses sends (4)
  --generator PATH   our program to measure; twice, to compare two builds round by round
                     in the lines closed, highest and cost
  --help             these lines";

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    only: Vec<String>,
    pub(crate) rounds: usize,
    pub(crate) seconds: u64,
    pub(crate) generators: Vec<PathBuf>,
    pub(crate) help: bool,
}

impl Options {
    /// Reads the arguments behind the program's name.
    ///
    /// # Errors
    /// What is wrong with them.
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
                // Cargo says it to every bench.
                "--bench" => {}
                "--only" => {
                    let line = value()?;
                    if !lines.contains(&line.as_str()) {
                        return Err(format!("there is no line {line}; there are {}", lines.join(", ")));
                    }
                    options.only.push(line);
                }
                "--rounds" => options.rounds = whole(&argument, &value()?, 1..=99)?,
                "--seconds" => options.seconds = whole(&argument, &value()?, 1..=60)?,
                "--generator" => options.generators.push(PathBuf::from(value()?)),
                "--help" => options.help = true,
                _ => return Err(format!("{argument} means nothing here; --help tells what does")),
            }
        }
        if options.generators.len() > 2 {
            return Err("two builds can be compared, not more".to_owned());
        }
        Ok(options)
    }

    /// Whether a line of the table was asked for.
    pub(crate) fn wants(&self, line: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == line)
    }
}

fn whole<N: FromStr + PartialOrd>(name: &str, text: &str, range: std::ops::RangeInclusive<N>) -> Result<N, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or(format!("{name} {text} is not a number that makes sense here"))
}
