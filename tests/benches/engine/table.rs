//! The printed table. Each row is printed as soon as it is measured.

use crate::measured;
use std::fmt;

/// The goal of a figure in the table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// The figure must be at most this value.
    AtMost(f64),
    /// Our figure divided by the figure of the yardstick must be at least this value.
    RatioAtLeast(f64),
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Goal::AtMost(most) => write!(f, "<= {}", figure(*most)),
            Goal::RatioAtLeast(least) => write!(f, "ratio >= {least:.2}"),
        }
    }
}

/// One row of the table, which shows one figure.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) value: f64,
    /// The figure of the yardstick, which was measured in the same rounds.
    pub(crate) beside: Option<Beside>,
    pub(crate) goal: Option<Goal>,
    /// The notes with which a reader can judge the figure.
    pub(crate) notes: Vec<String>,
}

/// The figure of the yardstick, which the table shows next to our figure.
#[derive(Clone, Debug)]
pub(crate) struct Beside {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// Our figure divided by the figure of the yardstick. The ratio is NaN if it has no meaning.
    pub(crate) ratio: f64,
}

impl Beside {
    /// Compares figures of the same rounds. A machine that is slow for one round is slow for both programs. The ratio
    /// is therefore the median of the ratios of all rounds, and not the ratio of the medians.
    pub(crate) fn new(name: &str, ours: &[f64], theirs: &[f64]) -> Beside {
        let ratios = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs);
        Beside {
            name: name.to_owned(),
            value: measured::median(theirs.iter().copied()),
            ratio: measured::median(ratios),
        }
    }

    /// Returns a figure that shows the limit of the machine. No ratio to our figure is computed.
    pub(crate) fn unrelated(name: &str, theirs: &[f64]) -> Beside {
        Beside {
            name: name.to_owned(),
            value: measured::median(theirs.iter().copied()),
            ratio: f64::NAN,
        }
    }
}

/// Formats a figure for the table. A small figure has decimals, and a large figure has a comma before each group of
/// three digits.
pub(crate) fn figure(value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    if value.abs() < 100.0 {
        let digits = if value.abs() < 10.0 { 2 } else { 1 };
        return format!("{value:.digits$}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        let ratio = self.beside.as_ref().map(|beside| beside.ratio);
        ratio.filter(|ratio| ratio.is_finite())
    }

    /// Returns whether the goal of the figure was met; `None` if the row has no goal, or if the value or ratio is
    /// missing.
    fn is_met(&self) -> Option<bool> {
        match self.goal? {
            Goal::AtMost(most) => self.value.is_finite().then_some(self.value <= most),
            Goal::RatioAtLeast(least) => self.ratio().map(|ratio| ratio >= least),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let beside = self.beside.as_ref();
        let beside = beside.map_or("-".to_owned(), |beside| {
            format!("{} {}", beside.name, figure(beside.value))
        });
        let ratio = self.ratio().map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        let goal = self.goal.map_or("-".to_owned(), |goal| goal.to_string());
        let verdict = match self.is_met() {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "-",
        };
        let value = figure(self.value);
        write!(
            f,
            "{:<62}{value:>10}{beside:>27}{ratio:>8}{goal:>15}{verdict:>8}",
            self.what
        )?;
        self.notes.iter().try_for_each(|note| write!(f, "\n      {note}"))
    }
}

/// Returns the heading line of the table.
pub(crate) fn heading() -> String {
    format!(
        "{:<62}{:>10}{:>27}{:>8}{:>15}{:>8}",
        "", "value", "yardstick", "ratio", "goal", ""
    )
}
