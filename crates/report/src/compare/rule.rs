//! Rules of the option `--fail-if`: limits for the changes from run A to run B.
//!
//! ```text
//! rule       = subject [ "of" request ] comparison change
//! subject    = "latency" ( "p" number | "mean" ) | "rate" | "errors" | "cost"
//! comparison = ">" | ">="      with a change upwards
//!            | "<" | "<="      with a change downwards
//! change     = [ "+" | "-" ] number "%"
//! ```
//! Examples: `latency p99 > +10%`, `rate of home < -5%`, `errors > +1%`, `cost > +20%`.
//!
//! A change is relative to the value of A. The value of errors is already a share, so a change of errors is in
//! percentage points: the change from 0.5 % to 2 % is `+1.5%`.
//!
//! A rule is broken if two conditions hold: the measured change exceeds the limit, and the confidence interval excludes
//! zero in the direction of the limit. A rule is kept if no change within the confidence interval exceeds the limit.
//! Otherwise the rule is undecided. For costs, which have no confidence interval, only the measured change decides.

use super::row::{ComparisonRow, Judgement};
use super::statistic::Subject;
use plan::threshold::{Relation, Statistic, millionths_of_percent};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// A limit for the change of a statistic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegressionRule {
    pub subject: Subject,
    /// The name of a request or flow; `None` for all requests together.
    pub request: Option<String>,
    comparison: Relation,
    /// The limit in millionths of the value of A; for errors, in millionths of the sent requests.
    limit: i64,
    /// The rule as the user wrote it.
    text: String,
}

/// The result of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    Kept,
    Broken,
    /// The runs do not show whether the rule is kept.
    Undecided,
}

impl Ruling {
    /// Returns the word for the ruling in text and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Ruling::Kept => "kept",
            Ruling::Broken => "broken",
            Ruling::Undecided => "undecided",
        }
    }
}

/// A rule of `--fail-if`, with its result.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Ruled {
    /// The text of the rule.
    pub rule: String,
    pub ruling: Ruling,
    /// The measured change, as text.
    pub measured: String,
}

const WANTED: &str = "write `latency p99 > +10%`, `rate < -5%`, `errors > +1%` or `cost > +20%`";

impl RegressionRule {
    /// Parses a rule in the grammar of this file. Whether the named request exists is not checked.
    ///
    /// # Errors
    /// The error is a fragment that names the wrong word and shows valid rules.
    pub fn parse(text: &str) -> Result<RegressionRule, String> {
        let at = text
            .find(['<', '>'])
            .ok_or_else(|| format!("no comparison (`>`, `<`); {WANTED}"))?;
        let (left, right) = text.split_at(at);
        let (comparison, change) = match right.as_bytes() {
            [b'<', b'=', ..] => (Relation::AtMost, &right[2..]),
            [b'>', b'=', ..] => (Relation::AtLeast, &right[2..]),
            [b'<', ..] => (Relation::Below, &right[1..]),
            _ => (Relation::Above, &right[1..]),
        };
        let mut words = left.split_whitespace();
        let subject = match words.next() {
            Some("latency") => latency(words.next())?,
            Some("rate") => Subject::Rate,
            Some("errors") => Subject::Errors,
            Some("cost") => Subject::Cost,
            Some(other) => {
                return Err(format!(
                    "`{other}` is not compared (latency, rate, errors, cost); {WANTED}"
                ));
            }
            None => return Err(format!("nothing is compared; {WANTED}")),
        };
        let request = match (words.next(), words.next(), words.next()) {
            (None, ..) => None,
            (Some("of"), Some(name), None) => Some(name.to_owned()),
            (Some("of"), None, _) => return Err(format!("`of` needs the name of a request; {WANTED}")),
            (Some(word), ..) => return Err(format!("unexpected `{word}`; {WANTED}")),
        };
        if subject == Subject::Cost && request.is_some() {
            return Err("`cost` covers the whole run; leave out `of`".to_owned());
        }
        Ok(RegressionRule {
            subject,
            request,
            comparison,
            limit: limit(comparison, change.trim())?,
            text: text.trim().to_owned(),
        })
    }

    /// Applies the rule to the row of the statistic that the rule limits.
    pub(super) fn judge(&self, row: &ComparisonRow) -> Ruled {
        let is_beyond = |change: f64| self.comparison.holds(change, self.limit as f64 / 1e6);
        let beyond = row.change.is_some_and(is_beyond);
        let upwards = matches!(self.comparison, Relation::Above | Relation::AtLeast);
        let ruling = match (row.word, row.low.zip(row.high)) {
            // A counted change has no uncertainty. A rule may be broken by a change of zero, for example `cost >= 0%`.
            (Judgement::Counted, _) if beyond => Ruling::Broken,
            (Judgement::Counted, _) => Ruling::Kept,
            (_, None) => Ruling::Undecided,
            (_, Some((low, high))) => {
                let (shown, farthest) = if upwards { (low > 0.0, high) } else { (high < 0.0, low) };
                match (beyond && shown, is_beyond(farthest)) {
                    (true, _) => Ruling::Broken,
                    (false, true) => Ruling::Undecided,
                    (false, false) => Ruling::Kept,
                }
            }
        };
        let measured = match (&row.why, row.interval_shown()) {
            (Some(why), _) => format!("cannot tell: {why}"),
            (None, interval) => {
                let change = row.change_shown();
                let interval = interval.map_or(String::new(), |shown| format!(" ({shown})"));
                let doubt = match (ruling, beyond) {
                    (Ruling::Undecided, true) => ": it may be chance",
                    (Ruling::Undecided, false) => ": it may be more",
                    (Ruling::Kept | Ruling::Broken, _) => "",
                };
                format!("{change}{interval}{doubt}")
            }
        };
        Ruled {
            rule: self.text.clone(),
            ruling,
            measured,
        }
    }
}

impl fmt::Display for RegressionRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn latency(word: Option<&str>) -> Result<Subject, String> {
    let word = word.ok_or("no statistic; write `latency p99` or `latency mean`")?;
    match Statistic::parse(word)? {
        Statistic::Max => Err("`max` is a single value of unknown uncertainty; use `p99.9`".to_owned()),
        statistic => Ok(Subject::Latency(statistic)),
    }
}

fn limit(comparison: Relation, text: &str) -> Result<i64, String> {
    let wanted = || format!("`{text}` is not a change; write it as `+10%` or `-5%`");
    let number = text.strip_suffix('%').ok_or_else(wanted)?.trim();
    let (sign, digits) = match (number.strip_prefix('+'), number.strip_prefix('-')) {
        (Some(digits), _) => (1, digits),
        (None, Some(digits)) => (-1, digits),
        (None, None) => (1, number),
    };
    let limit = sign * i64::from(millionths_of_percent(digits.trim()).ok_or_else(wanted)?);
    let upwards = matches!(comparison, Relation::Above | Relation::AtLeast);
    match (upwards, limit) {
        (true, ..0) => Err(format!("`{text}` is a decrease; write `< {text}`")),
        (false, 1..) => Err(format!("`{text}` is an increase; write `> {text}`, or `< -…%`")),
        _ => Ok(limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, problem: Option<&str>) {
        match (RegressionRule::parse(text), problem) {
            (Ok(rule), None) => assert_eq!(rule.text, text),
            (Err(got), Some(part)) => assert!(got.contains(part), "{text}: {got}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    #[test]
    fn valid_rules_are_parsed() {
        for line in [
            "latency p99 > +10%",
            "latency p99.9 of checkout >= 12.5%",
            "latency mean>+5%",
            "rate < -5%",
            "rate of home <= -0.5%",
            "errors > +0.1%",
            "errors of home > 0%",
            "cost > +250%",
        ] {
            check(line, None);
        }
        let rule = RegressionRule::parse("rate of home < -5%").unwrap();
        assert_eq!((rule.limit, rule.request.as_deref()), (-50_000, Some("home")));
    }

    #[test]
    fn an_invalid_rule_is_rejected_with_a_valid_one() {
        check("latency p99 +10%", Some("no comparison"));
        check("> +10%", Some("nothing is compared"));
        check(
            "lag p99 > +10%",
            Some("`lag` is not compared (latency, rate, errors, cost)"),
        );
        check("latency > +10%", Some("no statistic"));
        check("latency p101 > +10%", Some("`p101` is above p100"));
        check("latency max > +10%", Some("use `p99.9`"));
        check("latency p99 of > +10%", Some("`of` needs the name"));
        check("latency p99 in home > +10%", Some("unexpected `in`"));
        check("cost of home > +10%", Some("leave out `of`"));
        check("latency p99 > 10", Some("`10` is not a change; write it as `+10%`"));
        check("latency p99 > +ten%", Some("`+ten%` is not a change"));
        check("latency p99 > -10%", Some("`-10%` is a decrease; write `< -10%`"));
        check("rate < +5%", Some("`+5%` is an increase"));
        check("rate <", Some("`` is not a change"));
    }

    #[test]
    fn a_rule_is_broken_only_by_a_significant_change() {
        let ruling = |text: &str, change: f64, interval: Option<(f64, f64)>| {
            let rule = RegressionRule::parse(text).unwrap();
            rule.judge(&ComparisonRow::example(rule.subject, change, interval))
                .ruling
        };
        let rule = "latency p99 > +10%";
        assert_eq!(ruling(rule, 0.12, Some((0.08, 0.16))), Ruling::Broken);
        assert_eq!(ruling(rule, 0.12, Some((-0.02, 0.26))), Ruling::Undecided);
        assert_eq!(ruling(rule, 0.507, Some((-0.376, 2.639))), Ruling::Undecided);
        assert_eq!(ruling(rule, -0.04, Some((-0.44, 0.64))), Ruling::Undecided);
        assert_eq!(ruling(rule, 0.08, Some((0.07, 0.09))), Ruling::Kept);
        assert_eq!(ruling(rule, 0.01, Some((-0.03, 0.05))), Ruling::Kept);
        assert_eq!(ruling(rule, 0.12, None), Ruling::Undecided);
        assert_eq!(ruling(rule, -0.2, Some((-0.3, -0.1))), Ruling::Kept);
        // A change that is judged as `same` because it is within the margin may still exceed the limit of a rule.
        assert_eq!(ruling("latency p99 > +1%", 0.02, Some((0.015, 0.025))), Ruling::Broken);
        assert_eq!(ruling("rate < -5%", -0.06, Some((-0.07, -0.05))), Ruling::Broken);
        assert_eq!(ruling("rate < -5%", 0.06, Some((0.05, 0.07))), Ruling::Kept);
        assert_eq!(ruling("rate < -5%", -0.01, Some((-0.08, 0.06))), Ruling::Undecided);
        let counted = |text: &str, change: f64| {
            let rule = RegressionRule::parse(text).unwrap();
            let row = ComparisonRow {
                word: Judgement::Counted,
                ..ComparisonRow::example(rule.subject, change, None)
            };
            rule.judge(&row).ruling
        };
        assert_eq!(counted("cost > +20%", 0.3), Ruling::Broken);
        assert_eq!(counted("cost > +20%", 0.2), Ruling::Kept);
        assert_eq!(counted("cost >= +20%", 0.2), Ruling::Broken);
    }
}
