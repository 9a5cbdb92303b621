//! A row of a comparison: a statistic of both runs, the change of the statistic, and a judgement of the change.

use super::statistic::Subject;
use crate::show;
use plan::cost::money::Money;
use schemars::JsonSchema;
use serde::Serialize;

/// One statistic in both runs, and its change.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ComparisonRow {
    /// The name of a request or flow; null for all requests.
    pub request: Option<String>,
    /// The statistic, such as `rate`, `errors`, `latency p99` or `cost`.
    pub statistic: String,
    /// The unit of `a` and `b`: `ms`, `1/s`, `share` or `usd`.
    pub unit: StatisticUnit,
    pub a: Option<f64>,
    pub b: Option<f64>,
    /// The change from A to B, as a share of the value of A: 0.05 means 5 % more. The change of errors is the
    /// difference between the shares of failed requests.
    pub change: Option<f64>,
    /// The lower bound of the confidence interval of the change; null for costs, or if the bound is unknown.
    pub low: Option<f64>,
    /// The upper bound of the confidence interval of the change; null for costs, or if the bound is unknown.
    pub high: Option<f64>,
    /// The confidence of the interval from `low` to `high`, for this row alone. `error_rate` applies to all rows
    /// together.
    pub confidence: Option<f64>,
    /// The largest change in either direction that counts as no change; null for costs.
    pub margin: Option<f64>,
    pub word: Judgement,
    /// The reason for `cannot_tell`; null if the reason is a wide interval, and for every other judgement.
    pub why: Option<String>,
    #[serde(skip)]
    pub(super) subject: Subject,
}

/// The unit of a statistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub enum StatisticUnit {
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "1/s")]
    PerSecond,
    #[serde(rename = "share")]
    Share,
    #[serde(rename = "usd")]
    Dollars,
}

/// The judgement of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// The whole interval from `low` to `high` is within the margin.
    Same,
    /// The interval excludes zero and is not within the margin. B is better.
    Better,
    /// The interval excludes zero and is not within the margin. B is worse.
    Worse,
    /// The interval contains zero and changes that are larger than the margin, or a run contains too little data.
    CannotTell,
    /// The value is counted, not sampled, so the change has no uncertainty.
    Counted,
}

impl Judgement {
    /// Returns the word for the judgement in text and on pages.
    pub fn text(self) -> &'static str {
        match self {
            Judgement::Same => "same",
            Judgement::Better => "better",
            Judgement::Worse => "worse",
            Judgement::CannotTell => "cannot tell",
            Judgement::Counted => "counted",
        }
    }

    /// Returns the name of the judgement in the JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            Judgement::CannotTell => "cannot_tell",
            word => word.text(),
        }
    }
}

impl ComparisonRow {
    pub(super) fn new(subject: Subject, request: Option<&str>) -> ComparisonRow {
        ComparisonRow {
            request: request.map(str::to_owned),
            statistic: subject.name(),
            unit: match subject {
                Subject::Latency(_) => StatisticUnit::Milliseconds,
                Subject::Rate => StatisticUnit::PerSecond,
                Subject::Errors => StatisticUnit::Share,
                Subject::Cost => StatisticUnit::Dollars,
            },
            a: None,
            b: None,
            change: None,
            low: None,
            high: None,
            confidence: None,
            margin: (subject != Subject::Cost).then(|| subject.margin()),
            word: Judgement::CannotTell,
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
            Some(_) => self.word = Judgement::Counted,
            None => self.why = Some("a run has no cost".to_owned()),
        }
    }

    pub(super) fn judge(&mut self, (low, high): (f64, f64), confidence: f64) {
        (self.low, self.high, self.confidence) = (Some(low), Some(high), Some(confidence));
        let margin = self.subject.margin();
        self.word = match (low > 0.0, high < 0.0) {
            _ if -margin <= low && high <= margin => Judgement::Same,
            (false, false) => Judgement::CannotTell,
            (more, _) if more == self.subject.more_is_better() => Judgement::Better,
            _ => Judgement::Worse,
        };
    }

    /// Returns a value of the statistic as text, with its unit.
    pub(super) fn shown(&self, value: Option<f64>) -> String {
        let Some(value) = value else { return "-".to_owned() };
        match self.unit {
            StatisticUnit::Milliseconds => show::time_of_ms(value),
            StatisticUnit::PerSecond => show::rate(value),
            StatisticUnit::Share => show::share((value * 1e9).round() as u64, 1_000_000_000),
            StatisticUnit::Dollars => Money::nearest(value).to_string(),
        }
    }

    /// Returns the change as text: `+5.2%`, or `+0.3pp` for errors.
    pub(super) fn change_shown(&self) -> String {
        self.change.map_or("-".to_owned(), |change| self.signed(change))
    }

    /// Returns the interval of the change as text.
    pub(super) fn interval_shown(&self) -> Option<String> {
        let (low, high) = self.low.zip(self.high)?;
        Some(format!("{} to {}", self.signed(low), self.signed(high)))
    }

    pub(super) fn signed(&self, change: f64) -> String {
        let unit = if self.unit == StatisticUnit::Share { "pp" } else { "%" };
        let percent = change * 100.0;
        // The number has about three significant digits: two decimals below 10, and no decimals from 1,000 on.
        let decimals = match percent.abs() {
            ..0.095 if self.unit == StatisticUnit::Share => 4,
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
    pub(super) fn example(subject: Subject, change: f64, interval: Option<(f64, f64)>) -> ComparisonRow {
        let mut row = ComparisonRow {
            change: Some(change),
            ..ComparisonRow::new(subject, None)
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
    fn an_interval_wider_than_the_margin_is_not_the_same() {
        let word = |subject: Subject, low: f64, high: f64| {
            ComparisonRow::example(subject, low.midpoint(high), Some((low, high))).word
        };
        let p99 = Subject::Latency(plan::threshold::Statistic::Quantile { millionths: 990_000 });
        assert_eq!(word(p99, -0.9, 5.09), Judgement::CannotTell);
        assert_eq!(word(p99, -0.04, 0.06), Judgement::CannotTell);
        assert_eq!(word(p99, -0.05, 0.05), Judgement::Same);
        assert_eq!(
            word(p99, 0.01, 0.03),
            Judgement::Same,
            "within the margin, but not zero"
        );
        assert_eq!(word(p99, 0.01, 0.08), Judgement::Worse);
        assert_eq!(word(Subject::Rate, 0.01, 0.08), Judgement::Better);
        assert_eq!(word(Subject::Errors, -0.004, 0.004), Judgement::Same);
        assert_eq!(word(Subject::Errors, -0.004, 0.006), Judgement::CannotTell);
    }
}
