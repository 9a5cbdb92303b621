//! Runs several load generators against one server in rounds, and computes the rows of the table.
//!
//! The runs of the generators alternate, and each round begins with another generator. If the machine becomes slower
//! for a minute, all generators are affected about equally.

use crate::Fallible;
use crate::child::Memory;
use crate::generator::Generator;
use crate::load::Load;
use crate::measured::{self, Measured};
use crate::table::{self, Beside, Goal, Row};
use crate::yardsticks::Yardstick;
use std::time::Duration;

/// The server to which all generators of a contest send.
pub(crate) struct Target<'a> {
    /// Returns the processor time of the server so far.
    pub(crate) cpu: &'a dyn Fn() -> Fallible<Duration>,
    /// Returns the number of requests that the server has received so far; `None` if the server does not count
    /// requests.
    pub(crate) seen: Option<&'a dyn Fn() -> u64>,
}

impl std::fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("counts", &self.seen.is_some())
            .finish_non_exhaustive()
    }
}

/// A figure that is computed from a run of a generator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) of: fn(&Measured) -> f64,
    /// Whether the generators send without pauses. If so, a note states whether the generator's core was fully busy.
    pub(crate) full: bool,
}

/// The load that our program sends in a contest, and the goal of the figure.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) what: String,
    pub(crate) load: Load,
    pub(crate) goal: Goal,
}

/// A contender, which is a yardstick or a build of our program, and its runs.
struct Series<'a> {
    by: By<'a>,
    runs: Vec<Measured>,
    notes: Vec<String>,
}

enum By<'a> {
    Yardstick(&'a Yardstick),
    Ours(&'a Generator, &'a Entry),
}

impl Series<'_> {
    fn figures(&self, figure: Figure) -> Vec<f64> {
        self.runs.iter().map(figure.of).collect()
    }

    fn run(&mut self, target: &Target<'_>, memory: Memory) -> Fallible<()> {
        match self.by {
            By::Yardstick(yardstick) => self.runs.push(yardstick.run(target.cpu, memory)?),
            By::Ours(generator, entry) => {
                let before = target.seen.map(|seen| seen());
                let sent = generator.run(&entry.load, target.cpu, memory)?;
                let seen = target.seen.map(|seen| seen()).zip(before);
                let contradiction = sent.contradiction(seen.map_or(sent.sent, |(after, before)| after - before));
                self.notes.extend(contradiction.map(|what| format!("DOUBTFUL: {what}")));
                self.runs.push(sent.measured);
            }
        }
        Ok(())
    }
}

/// Runs all contenders for this number of rounds. Returns a row for each pair of an entry and a build of our program.
pub(crate) fn hold(
    rounds: usize,
    target: &Target<'_>,
    yardstick: Option<&Yardstick>,
    generators: &[Generator],
    entries: &[Entry],
    figure: Figure,
    memory: Memory,
) -> Fallible<Vec<Row>> {
    let yardstick = yardstick.filter(|yardstick| yardstick.is_installed());
    let ours = entries
        .iter()
        .flat_map(|entry| generators.iter().map(move |generator| By::Ours(generator, entry)));
    let mut all: Vec<Series<'_>> = yardstick
        .map(By::Yardstick)
        .into_iter()
        .chain(ours)
        .map(|by| Series {
            by,
            runs: Vec::new(),
            notes: Vec::new(),
        })
        .collect();
    let contenders = all.len();
    for round in 0..rounds {
        for turn in 0..contenders {
            all[(round + turn) % contenders].run(target, memory)?;
        }
    }
    let beside = yardstick.map(|yardstick| (yardstick.name, &all[0]));
    Ok(all
        .iter()
        .enumerate()
        .filter_map(|(at, series)| {
            let By::Ours(generator, entry) = series.by else {
                return None;
            };
            let mut row = row(series, entry, beside, figure);
            if let [first, second] = generators {
                row.what = format!("{} [{}]", row.what, generator.name);
                if generator.name == second.name {
                    // The series before the series of the second build contains the runs of the first build with the
                    // same entry.
                    let both = Beside::new(&first.name, &series.figures(figure), &all[at - 1].figures(figure));
                    row.notes.push(format!("{:.3} of the {} build", both.ratio, both.name));
                }
            }
            Some(row)
        })
        .collect())
}

fn row(series: &Series<'_>, entry: &Entry, beside: Option<(&str, &Series<'_>)>, figure: Figure) -> Row {
    let values = series.figures(figure);
    let mut notes = Vec::new();
    let mut runs = series.runs.clone();
    if figure.full {
        notes.push(format!("ours: {}", measured::bottleneck(&series.runs)));
    }
    if let Some((name, yardstick)) = beside {
        if figure.full {
            notes.push(format!("{name}: {}", measured::bottleneck(&yardstick.runs)));
        }
        runs.extend(&yardstick.runs);
    }
    let rounds: Vec<String> = values.iter().map(|value| table::figure(*value)).collect();
    notes.push(format!("rounds: {}", rounds.join(", ")));
    notes.extend(measured::disturbance(&runs));
    notes.extend(series.notes.first().cloned());
    Row {
        what: entry.what.clone(),
        value: measured::median(values.iter().copied()),
        beside: beside.map(|(name, yardstick)| Beside::new(name, &values, &yardstick.figures(figure))),
        goal: Some(entry.goal),
        notes,
    }
}
