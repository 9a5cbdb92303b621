//! Paths into JSON documents: a subset of JSONPath (RFC 9535).
//!
//! ```text
//! path  = "$" { step }
//! step  = "." name | "[" "'" text "'" "]" | "[" '"' text '"' "]" | "[" index "]" | "[*]" | ".*"
//! name  = letter or "_", then letters, digits, "_" and "-"
//! index = whole number; a negative index counts from the end
//! ```
//! `$.items[*].id` selects the `id` of every item.

use std::fmt;

/// The maximum number of steps of a path, and the maximum length of a path in bytes.
const STEPS_MAX: usize = 32;
const BYTES_MAX: usize = 512;

/// A path into a JSON document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    /// The path as written in the scenario.
    text: String,
    pub steps: Vec<PathStep>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// Selects the member of an object with this name.
    Member(String),
    /// Selects the element of an array with this index. A negative index counts from the end.
    Element(i64),
    /// Selects every element of an array, or every member of an object.
    All,
}

const WANTED: &str = "write one like `$.token`, `$.items[0].id` or `$.items[*].id`";

impl JsonPath {
    /// Parses a path in the grammar that the module describes.
    ///
    /// # Errors
    /// Returns the error as a text of the form `problem; hint`.
    pub fn parse(text: &str) -> Result<JsonPath, String> {
        let wrong = |what: &str| format!("`{text}` is not a JSON path: {what}; {WANTED}");
        if text.len() > BYTES_MAX {
            return Err(format!("a JSON path has more than {BYTES_MAX} bytes; {WANTED}"));
        }
        let mut rest = text
            .strip_prefix('$')
            .ok_or_else(|| wrong("it does not begin with `$`"))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = match rest.as_bytes()[0] {
                b'.' => dotted(&rest[1..]),
                b'[' => bracketed(&rest[1..]),
                _ => Err("a step begins with `.` or `[`"),
            }
            .map_err(wrong)?;
            steps.push(step);
            rest = after;
        }
        if steps.len() > STEPS_MAX {
            return Err(wrong("it has more than 32 steps"));
        }
        Ok(JsonPath {
            text: text.to_owned(),
            steps,
        })
    }

    /// Returns whether the path can select several values.
    pub fn selects_several(&self) -> bool {
        self.steps.contains(&PathStep::All)
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn dotted(rest: &str) -> Result<(PathStep, &str), &'static str> {
    if let Some(after) = rest.strip_prefix('*') {
        return Ok((PathStep::All, after));
    }
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    match name.chars().next() {
        None if after.starts_with('.') => Err("`..` is not supported"),
        None => Err("a name follows `.`"),
        Some(first) if first.is_ascii_digit() || first == '-' => Err("an index is written in brackets"),
        Some(_) => Ok((PathStep::Member(name.to_owned()), after)),
    }
}

fn bracketed(rest: &str) -> Result<(PathStep, &str), &'static str> {
    const UNCLOSED: &str = "`[` is not closed";
    if let Some(quote) = rest.chars().next().filter(|c| ['\'', '"'].contains(c)) {
        let (name, after) = rest[1..].split_once(quote).ok_or(UNCLOSED)?;
        let after = after.strip_prefix(']').ok_or(UNCLOSED)?;
        return Ok((PathStep::Member(name.to_owned()), after));
    }
    let (inner, after) = rest.split_once(']').ok_or(UNCLOSED)?;
    match inner {
        "*" => Ok((PathStep::All, after)),
        _ if inner.starts_with('?') => Err("filters are not supported"),
        _ if inner.contains([':', ',']) => Err("slices and lists of indexes are not supported"),
        _ => match inner.parse() {
            Ok(index) => Ok((PathStep::Element(index), after)),
            Err(_) => Err("brackets hold an index, `*` or a name in quotes"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[PathStep], &str>) {
        match (JsonPath::parse(text), expected) {
            (Ok(path), Ok(steps)) => {
                assert_eq!(path.steps, steps, "{text}");
                assert_eq!(path.to_string(), text);
            }
            (Err(fault), Err(part)) => assert!(fault.contains(part), "{text}: {fault}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    fn member(name: &str) -> PathStep {
        PathStep::Member(name.to_owned())
    }

    #[test]
    fn a_path_is_split_into_steps() {
        check("$", Ok(&[]));
        check("$.token", Ok(&[member("token")]));
        check("$.items[*].id", Ok(&[member("items"), PathStep::All, member("id")]));
        check(
            "$[-1]['a.b'][\"c\"].*",
            Ok(&[PathStep::Element(-1), member("a.b"), member("c"), PathStep::All]),
        );
        check("$.user-id", Ok(&[member("user-id")]));
    }

    #[test]
    fn a_path_outside_the_grammar_is_rejected_with_its_fault() {
        check("token", Err("does not begin with `$`"));
        check("$..id", Err("`..` is not supported"));
        check("$.", Err("a name follows"));
        check("$.0", Err("an index is written in brackets"));
        check("$[?(@.a)]", Err("filters are not supported"));
        check("$[1:2]", Err("slices"));
        check("$[1", Err("`[` is not closed"));
        check("$['a]", Err("`[` is not closed"));
        check("$[x]", Err("an index, `*` or a name in quotes"));
        check("$ .a", Err("begins with `.` or `[`"));
        check(&format!("${}", ".a".repeat(33)), Err("more than 32 steps"));
    }
}
