//! One line of a comparison: a statistic of both runs, its change, and the word for it.

use super::statistic::Subject;
use crate::show;
use plan::cost::money::Money;
use schemars::JsonSchema;
use serde::Serialize;

/// A statistic of both runs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Row {
    /// The name of one request; null for all of them.
    pub request: Option<String>,
    /// `rate`, `errors`, `latency p99`, `cost`.
    pub statistic: String,
    /// Of `a` and `b`: `ms`, `1/s`, `share` or `usd`.
    pub unit: Unit,
    pub a: Option<f64>,
    pub b: Option<f64>,
    /// From A to B as a share of A (0.05 is 5 % more); of errors the difference of the shares.
    pub change: Option<f64>,
    /// Between what the change is, with `confidence`; null where that is unknown, and for costs.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Of the interval alone; all rows together are wrong more seldom than `error_rate`.
    pub confidence: Option<f64>,
    /// The change on either side within which the runs are the same; null for costs.
    pub margin: Option<f64>,
    pub word: Word,
    /// Why the word is `cannot_tell`, if not for the width of the interval.
    pub why: Option<String>,
    #[serde(skip)]
    pub(super) subject: Subject,
}

/// In what a statistic is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub enum Unit {
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "1/s")]
    PerSecond,
    #[serde(rename = "share")]
    Share,
    #[serde(rename = "usd")]
    Dollars,
}

/// What the runs say of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// It lies within the margin, whatever else it is.
    Same,
    /// The runs differ, and B is better or worse.
    Better,
    Worse,
    /// It may be none or one beyond the margin, or they have too little of it.
    CannotTell,
    /// It was counted, not sampled: the change stands as it is.
    Counted,
}

impl Word {
    /// The word itself.
    pub fn text(self) -> &'static str {
        match self {
            Word::Same => "same",
            Word::Better => "better",
            Word::Worse => "worse",
            Word::CannotTell => "cannot tell",
            Word::Counted => "counted",
        }
    }

    /// The name for machines, as in the JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            Word::CannotTell => "cannot_tell",
            word => word.text(),
        }
    }
}

impl Row {
    pub(super) fn new(subject: Subject, request: Option<&str>) -> Row {
        Row {
            request: request.map(str::to_owned),
            statistic: subject.name(),
            unit: match subject {
                Subject::Latency(_) => Unit::Milliseconds,
                Subject::Rate => Unit::PerSecond,
                Subject::Errors => Unit::Share,
                Subject::Cost => Unit::Dollars,
            },
            a: None,
            b: None,
            change: None,
            low: None,
            high: None,
            confidence: None,
            margin: (subject != Subject::Cost).then(|| subject.margin()),
            word: Word::CannotTell,
            why: None,
            subject,
        }
    }

    pub(super) fn values(&mut self, a: Option<f64>, b: Option<f64>) {
        (self.a, self.b) = (a, b);
        self.change = a.zip(b).and_then(|(a, b)| match self.subject {
            Subject::Errors => Some(b - a),
            _ => (a > 0.0).then(|| b / a - 1.0),
        });
    }

    pub(super) fn counted(&mut self, a: Option<Money>, b: Option<Money>) {
        self.values(a.map(Money::dollars), b.map(Money::dollars));
        match self.change {
            Some(_) => self.word = Word::Counted,
            None => self.why = Some("a run has no cost".to_owned()),
        }
    }

    pub(super) fn judge(&mut self, (low, high): (f64, f64), confidence: f64) {
        (self.low, self.high, self.confidence) = (Some(low), Some(high), Some(confidence));
        let margin = self.subject.margin();
        self.word = match (low > 0.0, high < 0.0) {
            _ if -margin <= low && high <= margin => Word::Same,
            (false, false) => Word::CannotTell,
            (more, _) if more == self.subject.more_is_better() => Word::Better,
            _ => Word::Worse,
        };
    }

    /// A value for people.
    pub(super) fn shown(&self, value: Option<f64>) -> String {
        let Some(value) = value else { return "-".to_owned() };
        match self.unit {
            Unit::Milliseconds => show::time((value * 1e6).round() as u64),
            Unit::PerSecond => show::rate(value),
            Unit::Share => show::share((value * 1e9).round() as u64, 1_000_000_000),
            Unit::Dollars => Money::nearest(value).to_string(),
        }
    }

    /// The change for people: `+5.2%`, or `+0.3pp` of errors.
    pub(super) fn change_shown(&self) -> String {
        self.change.map_or("-".to_owned(), |change| self.signed(change))
    }

    /// Between what the change is, for people.
    pub(super) fn interval_shown(&self) -> Option<String> {
        let (low, high) = self.low.zip(self.high)?;
        Some(format!("{} to {}", self.signed(low), self.signed(high)))
    }

    pub(super) fn signed(&self, change: f64) -> String {
        let unit = if self.unit == Unit::Share { "pp" } else { "%" };
        let percent = change * 100.0;
        // Three digits where they say something: two behind the point below ten, none from a thousand.
        let decimals = match percent.abs() {
            ..0.095 if self.unit == Unit::Share => 4,
            ..9.95 => 2,
            ..999.5 => 1,
            _ => 0,
        };
        let text = format!("{percent:+.decimals$}");
        let zero = text.bytes().all(|byte| !(b'1'..=b'9').contains(&byte));
        match zero {
            true => format!("0{unit}"),
            false => format!("{text}{unit}"),
        }
    }

    #[cfg(test)]
    pub(super) fn example(subject: Subject, change: f64, interval: Option<(f64, f64)>) -> Row {
        let mut row = Row {
            change: Some(change),
            ..Row::new(subject, None)
        };
        if let Some(interval) = interval {
            row.judge(interval, 0.99);
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_interval_around_zero_is_never_called_same() {
        let word =
            |subject: Subject, low: f64, high: f64| Row::example(subject, low.midpoint(high), Some((low, high))).word;
        let p99 = Subject::Latency(plan::threshold::Statistic::Quantile { millionths: 990_000 });
        assert_eq!(word(p99, -0.9, 5.09), Word::CannotTell);
        assert_eq!(word(p99, -0.04, 0.06), Word::CannotTell);
        assert_eq!(word(p99, -0.05, 0.05), Word::Same);
        assert_eq!(word(p99, 0.01, 0.03), Word::Same, "within the margin, if not nothing");
        assert_eq!(word(p99, 0.01, 0.08), Word::Worse);
        assert_eq!(word(Subject::Rate, 0.01, 0.08), Word::Better);
        assert_eq!(word(Subject::Errors, -0.004, 0.004), Word::Same);
        assert_eq!(word(Subject::Errors, -0.004, 0.006), Word::CannotTell);
    }
}
