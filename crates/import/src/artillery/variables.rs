//! Artillery's templates, such as `{{ name }}`, and the variables to which they refer.

use crate::found::Import;
use crate::left_out::shown;
use crate::text::{Form, Part, Text, Value};
use crate::tree::At;
use plan::template::WORDS;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The variables that the templates of a step can contain.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    /// The feed and the column of each variable that a feed provides, by the name of the variable.
    pub cells: BTreeMap<String, (String, String)>,
    /// The first value of each variable in the configuration, by the name of the variable.
    pub fixed: BTreeMap<String, String>,
    /// The names of the values that earlier steps of the flow have captured.
    pub captured: BTreeSet<String>,
}

/// Makes a name that consists only of letters, digits and `_`.
pub(super) fn identifier(text: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = text.chars().map(fits).take(48).collect();
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) && !WORDS.contains(&name.as_str()) {
        true => name,
        false => format!("v_{name}"),
    }
}

impl Variables {
    /// Converts a text that contains Artillery's templates.
    pub(super) fn text(&self, text: &str, place: &str, import: &mut Import<'_>) -> Text {
        let (mut out, mut rest) = (Text::default(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                break;
            };
            out.push_literal(before);
            rest = after;
            self.value(name.trim(), place, import, &mut out);
        }
        out.push_literal(rest);
        out
    }

    fn value(&self, name: &str, place: &str, import: &mut Import<'_>, out: &mut Text) {
        let mut push = |value| out.push(Part::Value(value, Form::AsIs));
        if self.captured.contains(name) {
            return push(Value::Captured(identifier(name)));
        }
        if let Some((feed, column)) = self.cells.get(name) {
            return push(Value::Cell {
                feed: feed.clone(),
                column: column.clone(),
            });
        }
        if let Some(value) = self.fixed.get(name) {
            return out.push_literal(value);
        }
        let environment = ["$processEnvironment.", "$env.", "$environment."]
            .iter()
            .find_map(|begin| name.strip_prefix(begin));
        if let Some(variable) = environment {
            let variable = crate::secrets::variable_as_written(variable);
            return push(Value::Environment(variable));
        }
        if let Some((min, max)) = range(name) {
            return push(Value::Random(min, max));
        }
        match name.split('(').next().unwrap_or_default().trim() {
            "$uuid" => push(Value::Uuid),
            "$loopCount" => push(Value::Turn),
            "$randomString" => {
                import.left_out.add(place, "random texts, which a UUID replaces");
                push(Value::Uuid);
            }
            _ => {
                let what = format!("the variable {}, whose value is not in the file", shown(name));
                import.left_out.add(place, what);
                out.push_literal(name);
            }
        }
    }

    /// Converts a value to JSON text. The strings in the value may contain templates.
    pub(super) fn json(&self, at: &At<'_>, import: &mut Import<'_>) -> Text {
        let mut out = Text::default();
        self.write_json(at, import, &mut out);
        out
    }

    fn write_json(&self, at: &At<'_>, import: &mut Import<'_>, out: &mut Text) {
        if at.is_map() {
            for (number, (name, value)) in at.entries().enumerate() {
                out.push_literal(if number == 0 { "{" } else { "," });
                out.push_literal(&format!("{}:", serde_json::Value::from(name)));
                self.write_json(&value, import, out);
            }
            out.push_literal(if at.entries().next().is_none() { "{}" } else { "}" });
        } else if at.is_list() {
            for (number, item) in at.items().enumerate() {
                out.push_literal(if number == 0 { "[" } else { "," });
                self.write_json(&item, import, out);
            }
            out.push_literal(if at.items().next().is_none() { "[]" } else { "]" });
        } else if let Some(text) = at.text() {
            out.push_literal("\"");
            for part in self.text(text, &at.place(), import).parts() {
                match part {
                    Part::Literal(text) => out.push_literal(&json_escaped(text)),
                    Part::Value(value @ (Value::Uuid | Value::Random(..) | Value::Turn), _) => {
                        out.push(Part::Value(value.clone(), Form::AsIs));
                    }
                    Part::Value(value, _) => out.push(Part::Value(value.clone(), Form::Json)),
                    Part::Written(_) => {}
                }
            }
            out.push_literal("\"");
        } else {
            out.push_literal(&at.json().to_string());
        }
    }
}

/// Escapes a text for use in a JSON string.
fn json_escaped(text: &str) -> String {
    let mut quoted = String::new();
    let _ = write!(quoted, "{}", serde_json::Value::from(text));
    quoted[1..quoted.len() - 1].to_owned()
}

/// Returns the bounds of a template such as `$randomNumber(1, 100)`. Returns `None` for any other template.
pub(super) fn range(name: &str) -> Option<(i64, i64)> {
    let bounds = name.strip_prefix("$randomNumber(")?.strip_suffix(')')?;
    let (min, max) = bounds.split_once(',')?;
    let (min, max) = (min.trim().parse::<i32>().ok()?, max.trim().parse::<i32>().ok()?);
    (min <= max).then_some((min.into(), max.into()))
}
