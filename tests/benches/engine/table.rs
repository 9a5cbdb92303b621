//! The table that is printed, a row as soon as it is known.

use crate::measured;
use std::fmt;

/// What a figure is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// The figure itself.
    AtMost(f64),
    /// The figure over the one beside it.
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
    /// What a reader has to know to believe it.
    pub(crate) notes: Vec<String>,
}

/// What a figure is read beside.
#[derive(Clone, Debug)]
pub(crate) struct Beside {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// The figure over this one; not a number where that would say nothing.
    pub(crate) ratio: f64,
}

impl Beside {
    /// Figures that were taken in rounds: a machine that is slow for a round is slow for both, so the ratio
    /// is the median of the rounds' own, and not that of the medians.
    pub(crate) fn new(name: &str, ours: &[f64], theirs: &[f64]) -> Beside {
        let ratios = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs);
        Beside {
            name: name.to_owned(),
            value: measured::median(theirs.iter().copied()),
            ratio: measured::median(ratios),
        }
    }

    /// Figures that say what the machine can do, and whose ratio says nothing.
    pub(crate) fn unrelated(name: &str, theirs: &[f64]) -> Beside {
        Beside {
            name: name.to_owned(),
            value: measured::median(theirs.iter().copied()),
            ratio: f64::NAN,
        }
    }
}

/// A figure as people read it.
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
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
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

    /// Whether the goal was met; `None` where there is none, or nothing to hold it against.
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

/// The line above all rows.
pub(crate) fn heading() -> String {
    format!(
        "{:<62}{:>10}{:>27}{:>8}{:>15}{:>8}",
        "", "value", "yardstick", "ratio", "goal", ""
    )
}
