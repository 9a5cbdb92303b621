//! Conditions on values that a flow has captured, and expectations of values in an answer.
//!
//! ```text
//! condition   = [ "not" ] NAME | operand operator literal
//! operand     = NAME | "loop"
//! operator    = "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains"
//! expectation = "exists" | "not empty" | [ operator ] literal
//! literal     = '"' text '"' | "'" text "'" | text
//! ```
//! A condition that consists of only a name holds if the flow has captured a value with this name. Two values are
//! compared as numbers if both values are numbers, and otherwise as texts. A text is never less than another text, and
//! never greater.

use std::cmp::Ordering;
use std::fmt;

/// The operator of a comparison of a value with a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Contains,
}

/// The operators as written in a scenario. A longer operator precedes each of its prefixes, so that `<=` is not read as
/// `<`.
const OPERATORS: [(&str, Operator); 7] = [
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("contains ", Operator::Contains),
];

impl Operator {
    /// Returns whether the comparison of `value` with `literal` is true.
    pub fn holds(self, value: &str, literal: &str) -> bool {
        let numbers = || Some((number(value)?, number(literal)?));
        let order = || numbers().and_then(|(value, literal)| value.partial_cmp(&literal));
        let equal = || match numbers() {
            Some((value, literal)) => value == literal,
            None => value == literal,
        };
        match self {
            Operator::Equal => equal(),
            Operator::Unequal => !equal(),
            Operator::Less => order() == Some(Ordering::Less),
            Operator::AtMost => order().is_some_and(Ordering::is_le),
            Operator::Greater => order() == Some(Ordering::Greater),
            Operator::AtLeast => order().is_some_and(Ordering::is_ge),
            Operator::Contains => value.contains(literal),
        }
    }
}

/// Returns the value of a plain decimal number; `None` if the text is not a plain decimal number.
fn number(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    plain
        .then(|| text.parse().ok())
        .flatten()
        .filter(|number: &f64| number.is_finite())
}

/// The left side of a comparison in a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A captured value. The field is the number of the value among the captured values of the flow.
    Variable(u32),
    /// The number of the current iteration of the innermost `repeat`. The first iteration has the number 1.
    Loop,
}

/// A condition on the values that a flow has captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The text of the condition as written in the scenario.
    text: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Captured { variable: u32, wanted: bool },
    Compared(Operand, Operator, String),
}

const WANTED: &str = "write `token`, `not token`, `state == done`, `total > 0` or `loop < 3`";

impl Condition {
    /// Parses a condition. The function `find` returns the number of the captured value with a given name.
    ///
    /// # Errors
    /// Returns the error as a text of the form `problem; hint`.
    pub fn parse(text: &str, find: &mut dyn FnMut(&str) -> Result<u32, String>) -> Result<Condition, String> {
        let test = match split(text) {
            Some((subject, operator, literal)) => {
                let operand = match subject {
                    "loop" => Operand::Loop,
                    "" => return Err(format!("`{text}` has no name before the operator; {WANTED}")),
                    name => Operand::Variable(find(name)?),
                };
                Test::Compared(operand, operator, literal.to_owned())
            }
            None => {
                let (name, wanted) = match text.strip_prefix("not ") {
                    Some(name) => (name.trim(), false),
                    None => (text.trim(), true),
                };
                if name.is_empty() || name.contains(char::is_whitespace) {
                    return Err(format!("`{text}` is not a condition; {WANTED}"));
                }
                let variable = find(name)?;
                Test::Captured { variable, wanted }
            }
        };
        Ok(Condition {
            text: text.to_owned(),
            test,
        })
    }

    /// Returns whether the condition holds in iteration `turn` of the innermost loop.
    pub fn holds<'v>(&self, turn: u32, values: &dyn Fn(u32) -> Option<&'v str>) -> bool {
        match &self.test {
            Test::Captured { variable, wanted } => values(*variable).is_some() == *wanted,
            Test::Compared(Operand::Loop, operator, literal) => operator.holds(&turn.to_string(), literal),
            Test::Compared(Operand::Variable(variable), operator, literal) => match values(*variable) {
                Some(value) => operator.holds(value, literal),
                None => *operator == Operator::Unequal,
            },
        }
    }

    /// Returns the number of the captured value without which the condition cannot hold; `None` if the condition can
    /// hold without any captured value.
    pub(crate) fn captured(&self) -> Option<u32> {
        match &self.test {
            Test::Captured { variable, wanted: true } => Some(*variable),
            Test::Compared(Operand::Variable(variable), operator, _) if *operator != Operator::Unequal => {
                Some(*variable)
            }
            _ => None,
        }
    }

    /// Returns the number of the captured value that the condition reads; `None` if the condition does not read any
    /// captured value.
    pub(crate) fn variable(&self) -> Option<u32> {
        match &self.test {
            Test::Captured { variable, .. } | Test::Compared(Operand::Variable(variable), ..) => Some(*variable),
            Test::Compared(Operand::Loop, ..) => None,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Splits a comparison into its subject, its operator and its literal; returns `None` if the text has no operator.
fn split(text: &str) -> Option<(&str, Operator, &str)> {
    let found = |(word, operator): &(&'static str, Operator)| Some((text.find(word)?, word.len(), *operator));
    // Find the first operator in the text. If several operators begin at this position, take the longest.
    let (at, length, operator) = OPERATORS
        .iter()
        .filter_map(found)
        .min_by_key(|(at, length, _)| (*at, 100 - length))?;
    Some((text[..at].trim(), operator, unquoted(text[at + length..].trim())))
}

fn unquoted(text: &str) -> &str {
    let inner = ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    inner.unwrap_or(text)
}

/// A condition that a value in an answer must meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The text of the expectation as written in the scenario.
    text: String,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Exists,
    NotEmpty,
    Compared(Operator, String),
}

impl Expectation {
    /// Parses the text of an expectation.
    pub fn parse(text: &str) -> Expectation {
        let rule = match text.trim() {
            "exists" => Rule::Exists,
            "not empty" => Rule::NotEmpty,
            text => match split(text) {
                Some(("", operator, literal)) => Rule::Compared(operator, literal.to_owned()),
                _ => Rule::Compared(Operator::Equal, unquoted(text).to_owned()),
            },
        };
        Expectation {
            text: text.to_owned(),
            rule,
        }
    }

    /// Returns whether `value` meets the expectation. The caller passes `None` if the answer does not contain the
    /// value.
    pub fn is_met(&self, value: Option<&str>) -> bool {
        match (&self.rule, value) {
            (_, None) => false,
            (Rule::Exists, Some(_)) => true,
            (Rule::NotEmpty, Some(value)) => !["", "[]", "{}", "null"].contains(&value),
            (Rule::Compared(operator, literal), Some(value)) => operator.holds(value, literal),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evaluates a condition in the third iteration of a loop. The captured values are `state` = done and `total` =
    /// 07.5, and `token` was not captured.
    fn check(text: &str, expected: Result<bool, &str>) {
        let names = ["state", "total", "token"];
        let mut find = |name: &str| {
            let found = names.iter().position(|known| *known == name).map(|at| at as u32);
            found.ok_or_else(|| format!("`{name}` is not captured; capture it"))
        };
        let values = |variable: u32| ["done", "07.5"].get(variable as usize).copied();
        match (Condition::parse(text, &mut find), expected) {
            (Ok(condition), Ok(holds)) => assert_eq!(condition.holds(3, &values), holds, "{text}"),
            (Err(fault), Err(part)) => assert!(fault.contains(part), "{text}: {fault}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    #[test]
    fn conditions_compare_captured_values() {
        check("state == done", Ok(true));
        check("state==\"done\"", Ok(true));
        check("state != 'done'", Ok(false));
        check("state contains on", Ok(true));
        check("state < zzz", Ok(false));
        check("total == 7.50", Ok(true));
        check("total > 7", Ok(true));
        check("total <= 7.5", Ok(true));
        check("total contains 07", Ok(true));
        check("loop < 3", Ok(false));
        check("loop >= 3", Ok(true));
        check("state", Ok(true));
        check("not token", Ok(true));
        check("token == x", Ok(false));
        check("token != x", Ok(true));
    }

    #[test]
    fn a_condition_that_cannot_be_read_is_rejected() {
        check("user == x", Err("`user` is not captured"));
        check("== x", Err("no name before the operator"));
        check("state is done", Err("is not a condition"));
        check("", Err("is not a condition"));
    }

    #[test]
    fn expectations_judge_values() {
        let check = |text: &str, value: Option<&str>, expected: bool| {
            assert_eq!(Expectation::parse(text).is_met(value), expected, "{text} {value:?}");
        };
        check("exists", Some(""), true);
        check("exists", None, false);
        check("not empty", Some("[]"), false);
        check("not empty", Some("[1]"), true);
        check("> 0", Some("1"), true);
        check("> 0", Some("none"), false);
        check("done", Some("done"), true);
        check("a == b", Some("a == b"), true);
        check("contains json", Some("application/json"), true);
        check("!= 5", Some("5.0"), false);
    }
}
