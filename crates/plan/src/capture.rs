//! Captures of values from an answer, and checks of an answer.
//!
//! ```text
//! capture = source [ "or" literal ]
//! source  = "json" PATH [ "first" | "last" | "any" | "all" ]
//!         | "header" NAME | "cookie" NAME | "regex" quoted | "status" | "body"
//! ```
//! `first`, `last`, `any` and `all` determine the value if a path selects several values. `first` is the default. `any`
//! draws one of the values at random. `all` is a JSON array of the values. A regular expression captures the text of
//! its first group, or the whole match if the expression has no group. If a capture without `or` finds no value, the
//! step of the capture fails.

use crate::condition::Expectation;
use crate::json_path::JsonPath;
use crate::token::is_token;
use std::fmt;
use std::time::Duration;

/// The maximum length of a regular expression, in bytes.
const REGEX_BYTES_MAX: usize = 1_000;

/// A value that a step of a flow captures from its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// The number of the captured value among the values of the flow.
    pub variable: u32,
    /// The slot of the random draw for [`Pick::Any`].
    pub slot: u32,
    pub source: Source,
    /// The value that is used if the source finds no value in the answer. If the fallback is `None`, the step fails
    /// instead.
    pub fallback: Option<String>,
    /// The text of the capture as written in the scenario.
    pub text: String,
}

/// The place in an answer from which a value is captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Json(JsonPath, Pick),
    Header(String),
    Cookie(String),
    Regex(String),
    Status,
    Body,
}

/// The choice of a value if a path selects several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    First,
    Last,
    Any,
    All,
}

const WANTED: &str = "write `json $.token`, `json $.items[*].id any`, `header Location`, `cookie session`, \
                      `regex 'id=(\\d+)'`, `status` or `body`";

impl Source {
    /// Parses the text of a capture. Returns the source and the fallback of the capture.
    ///
    /// # Errors
    /// Returns the error as a text of the form `problem; hint`.
    pub fn parse(text: &str) -> Result<(Source, Option<String>), String> {
        let (text, fallback) = match text.rsplit_once(" or ") {
            Some((source, literal)) => {
                let literal = literal.trim();
                let quoted = ['"', '\'']
                    .into_iter()
                    .find_map(|quote| literal.strip_prefix(quote)?.strip_suffix(quote));
                match quoted {
                    Some(value) => (source.trim(), Some(value.to_owned())),
                    // The word `or` may be part of a regular expression, so the text is read as a capture without a
                    // fallback.
                    None => (text, None),
                }
            }
            None => (text, None),
        };
        let (word, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let rest = rest.trim();
        let source = match (word, rest) {
            ("status", "") => Source::Status,
            ("body", "") => Source::Body,
            ("json", "") => return Err(format!("`json` has no path; {WANTED}")),
            ("json", _) => {
                let (path, pick) = picked(rest);
                Source::Json(JsonPath::parse(path)?, pick)
            }
            ("header", name) if is_token(name) => Source::Header(name.to_owned()),
            ("cookie", name) if is_token(name) => Source::Cookie(name.to_owned()),
            ("regex", pattern) => Source::Regex(regex(pattern)?),
            ("header" | "cookie", name) => return Err(format!("`{name}` is not a name of a {word}; {WANTED}")),
            _ => return Err(format!("`{text}` is not a source of a value; {WANTED}")),
        };
        Ok((source, fallback))
    }

    /// Returns whether the source reads the body of the answer.
    pub fn is_in_body(&self) -> bool {
        matches!(self, Source::Json(..) | Source::Regex(_) | Source::Body)
    }

    /// Returns whether the source reads the head of the answer.
    pub fn is_in_head(&self) -> bool {
        matches!(self, Source::Header(_) | Source::Cookie(_))
    }
}

/// Splits the text after `json` into the path and the [`Pick`].
fn picked(text: &str) -> (&str, Pick) {
    let words = [
        ("first", Pick::First),
        ("last", Pick::Last),
        ("any", Pick::Any),
        ("all", Pick::All),
    ];
    let found = words.into_iter().find_map(|(word, pick)| {
        let path = text.strip_suffix(word)?;
        path.ends_with(char::is_whitespace).then(|| (path.trim_end(), pick))
    });
    found.unwrap_or((text, Pick::First))
}

/// Parses a regular expression, which may be in quotes.
///
/// # Errors
/// Returns the error as a text of the form `problem; hint`.
pub(crate) fn regex(text: &str) -> Result<String, String> {
    let inner = ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    let pattern = inner.unwrap_or(text);
    if pattern.is_empty() || pattern.len() > REGEX_BYTES_MAX {
        return Err(format!(
            "a regular expression has 1 to {REGEX_BYTES_MAX} bytes; write one like `regex 'id=(\\d+)'`"
        ));
    }
    match regex_lite::Regex::new(pattern) {
        Ok(_) => Ok(pattern.to_owned()),
        Err(error) => Err(format!("`{pattern}` is not a regular expression: {error}; correct it")),
    }
}

/// A check of an answer in addition to the check of the status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    Json(JsonPath, Expectation),
    /// The path selects no value, or selects only `null`.
    NoJson(JsonPath),
    Header(String, Expectation),
    /// The regular expression matches the body of the answer.
    Matches(String),
    /// The answer has ended within this duration after the request was due.
    Latency(Duration),
}

impl Check {
    /// Returns whether the check reads the body of the answer.
    pub fn reads_body(&self) -> bool {
        matches!(self, Check::Json(..) | Check::NoJson(_) | Check::Matches(_))
    }
}

impl fmt::Display for Check {
    /// Writes the name of the check as reports show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Check::Json(path, expectation) => write!(f, "json {path}: {expectation}"),
            Check::NoJson(path) => write!(f, "no json {path}"),
            Check::Header(name, expectation) => write!(f, "header {name}: {expectation}"),
            Check::Matches(pattern) => write!(f, "matches {pattern}"),
            Check::Latency(limit) => write!(f, "latency < {}", crate::span::show(*limit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(Source, Option<&str>), &str>) {
        match (Source::parse(text), expected) {
            (Ok((source, fallback)), Ok(wanted)) => assert_eq!((source, fallback.as_deref()), wanted, "{text}"),
            (Err(fault), Err(part)) => assert!(fault.contains(part), "{text}: {fault}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    fn json(path: &str, pick: Pick) -> Source {
        Source::Json(JsonPath::parse(path).unwrap(), pick)
    }

    #[test]
    fn a_capture_names_its_source() {
        check("json $.token", Ok((json("$.token", Pick::First), None)));
        check("json $.items[*].id any", Ok((json("$.items[*].id", Pick::Any), None)));
        check("json $.a last or ''", Ok((json("$.a", Pick::Last), Some(""))));
        check("header Location", Ok((Source::Header("Location".to_owned()), None)));
        check(
            "cookie sid or \"none\"",
            Ok((Source::Cookie("sid".to_owned()), Some("none"))),
        );
        check(
            "regex 'this or (that)'",
            Ok((Source::Regex("this or (that)".to_owned()), None)),
        );
        check("status", Ok((Source::Status, None)));
        check("body", Ok((Source::Body, None)));
    }

    #[test]
    fn a_capture_outside_the_grammar_is_rejected() {
        check("json", Err("`json` has no path"));
        check("json token", Err("does not begin with `$`"));
        check("header a b", Err("is not a name of a header"));
        check("regex '('", Err("is not a regular expression"));
        check("regex ''", Err("1 to 1000 bytes"));
        check("xpath //a", Err("is not a source of a value"));
        check("status code", Err("is not a source of a value"));
    }
}
