//! The printed table; each row is printed as soon as it is measured.

use crate::measured;
use std::fmt;

/// The goal of a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// The maximum of the figure.
    AtMost(f64),
    /// The goal: the minimum of the figure divided by the yardstick's figure.
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

/// One figure of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) value: f64,
    /// The yardstick, measured in the same rounds.
    pub(crate) beside: Option<Beside>,
    pub(crate) goal: Option<Goal>,
    /// Notes that a reader needs to judge the figure.
    pub(crate) notes: Vec<String>,
}

/// The figure of the yardstick next to ours.
#[derive(Clone, Debug)]
pub(crate) struct Beside {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// Our figure divided by this one; NaN if the ratio is meaningless.
    pub(crate) ratio: f64,
}

impl Beside {
    /// Compares figures of the same rounds. A machine that is slow for a round is slow for both, so the ratio is the
    /// median of the ratios of the rounds, not the ratio of the medians.
    pub(crate) fn new(name: &str, ours: &[f64], theirs: &[f64]) -> Beside {
        let ratios = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs);
        Beside {
            name: name.to_owned(),
            value: measured::median(theirs.iter().copied()),
            ratio: measured::median(ratios),
        }
    }

    /// Returns figures that show the limits of the machine, without a ratio.
    pub(crate) fn unrelated(name: &str, theirs: &[f64]) -> Beside {
        Beside {
            name: name.to_owned(),
            value: measured::median(theirs.iter().copied()),
            ratio: f64::NAN,
        }
    }
}

/// Formats a figure for people.
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

    /// Returns whether the goal was met; `None` without a goal or a yardstick.
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

/// Returns the heading of the table.
pub(crate) fn heading() -> String {
    format!(
        "{:<62}{:>10}{:>27}{:>8}{:>15}{:>8}",
        "", "value", "yardstick", "ratio", "goal", ""
    )
}
