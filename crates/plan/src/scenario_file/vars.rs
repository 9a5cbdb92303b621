//! Reads variables and fills them into the texts of the file before any other key is read. The value of a variable is
//! set by `vars`, by an environment of the scenario, or by the command line. If several of these sources set a
//! variable, the last of these sources is used.
//!
//! A text in which every placeholder is a variable is filled in by this module. Every text of the file may contain
//! variables, so a rate, a duration or a weight can be a variable. A text with other placeholders is filled in by
//! [`crate::template`], which also fills in variables. Values of variables are not searched for placeholders.

use super::document::{Node, Value};
use super::fields::KeyValue;
use super::grammar::{listed, nearest};
use super::keys::{ENVIRONMENT, SCENARIO};
use super::reading::ScenarioReader;
use super::variables::{Settings, Variables};
use crate::rules;
use crate::template::Faults;
use std::ops::Range;
use std::rc::Rc;

/// Reads the variables, and fills their values into the document.
pub(super) fn fill(reading: &mut ScenarioReader<'_>, document: &mut Node, settings: &Settings) {
    read(reading, document, settings);
    let Value::Map(pairs) = &mut document.value else { return };
    for (key, value) in pairs {
        let name = key.text().unwrap_or_default();
        let unread = SCENARIO.unread.is_some_and(|begin| name.starts_with(begin));
        if !unread && !["vars", "environments"].contains(&name) {
            fill_node(reading, value);
        }
    }
}

fn read(reading: &mut ScenarioReader<'_>, document: &Node, settings: &Settings) {
    let mut variables = Variables::default();
    for (name, value, node) in values(reading, entry(document, "vars")) {
        variables.declared.insert(name.to_owned());
        variables.set(
            name,
            value.as_deref(),
            format!("`vars` in line {}", reading.line_of(node)),
        );
    }
    let environments = entry(document, "environments");
    let named = environments.map_or_else(Vec::new, |entry| entry.named(reading));
    for (written, environment, value) in &named {
        if !matches!(value.value, Value::Map(_)) {
            let message = format!("the environment `{environment}` is a map, not {}", value.described());
            reading.problem::<()>(value, message, format!("write `{environment}: {{ NAME: VALUE }}`"));
            continue;
        }
        let key = &ENVIRONMENT;
        for (name, text, node) in values(reading, Some(KeyValue { key, written, value })) {
            variables.named.push((node.range.clone(), name.to_owned()));
            if settings.environment.as_deref() == Some(*environment) {
                let origin = format!("`environments` in line {}", reading.line_of(node));
                variables.set(name, text.as_deref(), origin);
            }
        }
    }
    if let Some(chosen) = &settings.environment
        && !named.iter().any(|(_, name, _)| name == chosen)
    {
        let help = match named.as_slice() {
            [] => format!("write `environments: {{ {chosen}: {{ NAME: VALUE }} }}`, or remove `--env`"),
            _ => format!(
                "the environments are {}",
                listed(named.iter().map(|(_, name, _)| *name))
            ),
        };
        reading.problem_with_option(format!("--env {chosen}: the environment does not exist"), &help);
    }
    for (name, value) in &settings.variables {
        let value = Some(value.as_str()).filter(|value| !value.contains("{{"));
        if value.is_none() {
            let message = format!("--set {name}: placeholders are not allowed here");
            reading.problem_with_option(message, PLACEHOLDER_HELP);
        }
        variables.set(name, value, format!("`--set {name}`"));
    }
    reading.variables = variables;
}

/// Returns the entry of a key of the document; `None` if its value cannot be read. The problem of such a value is
/// reported together with the problems of all keys.
fn entry<'n>(document: &'n Node, name: &str) -> Option<KeyValue<'n>> {
    let Value::Map(pairs) = &document.value else {
        return None;
    };
    let (written, value) = pairs.iter().find(|(key, _)| key.text() == Some(name))?;
    let key = SCENARIO.key(name)?;
    let read = !matches!(value.value, Value::Null | Value::Tagged | Value::Bad | Value::TooDeep);
    read.then_some(KeyValue { key, written, value })
}

const PLACEHOLDER_HELP: &str = "write other placeholders where the variable is used: a variable is plain text";

/// Returns the names and values of a map of variables. The value is `None` if it is invalid.
fn values<'n>(
    reading: &mut ScenarioReader<'_>,
    entry: Option<KeyValue<'n>>,
) -> Vec<(&'n str, Option<String>, &'n Node)> {
    let named = entry.map_or_else(Vec::new, |entry| entry.named(reading));
    let mut values = Vec::new();
    for (written, name, node) in named {
        if !rules::is_variable_name(name) {
            let message = format!("`{}` is not a valid variable name", name.escape_debug());
            reading.problem::<()>(written, message, "use letters, digits, `_` and `-`");
            continue;
        }
        let value = match reading.spelt(name, node) {
            Some(value) if value.contains("{{") => {
                reading.problem(node, "placeholders are not allowed here", PLACEHOLDER_HELP)
            }
            value => value,
        };
        values.push((name, value, node));
    }
    values
}

fn fill_node(reading: &mut ScenarioReader<'_>, node: &mut Node) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| fill_node(reading, item)),
        Value::Map(pairs) => pairs.iter_mut().for_each(|(_, value)| fill_node(reading, value)),
        Value::Text(text) if text.contains("{{") => {
            let text = text.clone();
            if let Some(names) = names(&text) {
                fill_text(reading, node, &text, &names);
            }
        }
        _ => {}
    }
}

/// Returns the placeholders of a text if all of them are variables; otherwise `None`.
fn names(text: &str) -> Option<Vec<(Range<usize>, &str)>> {
    let (mut names, mut at) = (Vec::new(), 0);
    while let Some(open) = text[at..].find("{{").map(|open| at + open) {
        let close = open + text[open..].find("}}")?;
        let name = text[open + 2..close].trim().strip_prefix("var")?;
        let name = name.strip_prefix(char::is_whitespace)?.trim();
        if !rules::is_variable_name(name) {
            return None;
        }
        at = close + 2;
        names.push((open..at, name));
    }
    Some(names)
}

fn fill_text(reading: &mut ScenarioReader<'_>, node: &mut Node, text: &str, names: &[(Range<usize>, &str)]) {
    let (mut filled, mut origins, mut faults, mut at) = (String::new(), Vec::new(), Faults::default(), 0);
    for (range, name) in names {
        filled.push_str(&text[at..range.start]);
        at = range.end;
        let found = reading.variables.find(name);
        let found = found.map(|variable| (Rc::clone(&variable.value), variable.origin.clone()));
        match found {
            Ok((value, origin)) => {
                if reading.count_value(node, name, value.len()).is_none() {
                    node.value = Value::Unfilled;
                    return;
                }
                filled.push_str(&value);
                if !origins.contains(&origin) {
                    origins.push(origin);
                }
            }
            Err(fault) => faults.push(range.clone(), &fault),
        }
    }
    filled.push_str(&text[at..]);
    if faults != Faults::default() {
        reading.faults(node, text, faults);
        node.value = Value::Unfilled;
    } else if filled.contains("{{") {
        // The braces belong to two values that are next to each other. Braces of different values are not a
        // placeholder, and the template leaves them unchanged.
    } else {
        node.value = Value::Text(filled);
        node.filled = Some(origins.join(" and ").into());
    }
}

/// Reports unused variables that the option `--set` sets. The function also reports unused variables that an
/// environment sets and that `vars` does not declare.
pub(super) fn check_used(reading: &mut ScenarioReader<'_>, settings: &Settings) {
    // Unused variables are not reported if the file has other problems, because the invalid parts of the file may use
    // any variable.
    if !reading.is_clean() {
        return;
    }
    let variables = std::mem::take(&mut reading.variables);
    let used = variables.used.into_inner();
    let known = || used.union(&variables.declared).map(String::as_str);
    let help = |name: &str| match nearest(name, known()) {
        Some(near) if near != name => format!("did you mean `{near}`?"),
        _ if used.is_empty() => "the scenario uses no variables; write `'{{ var NAME }}'` where one is used".to_owned(),
        _ => format!("the used variables are {}", listed(used.iter().map(String::as_str))),
    };
    for (name, _) in settings.variables.iter().filter(|(name, _)| !used.contains(name)) {
        reading.problem_with_option(format!("--set {name}: no placeholder uses this variable"), &help(name));
    }
    for (at, name) in &variables.named {
        if !used.contains(name) && !variables.declared.contains(name) {
            let message = format!("`{name}` is neither in `vars` nor used");
            reading.problem_at::<()>(at.clone(), message, help(name));
        }
    }
}
