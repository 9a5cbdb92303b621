//! The parameters of an operation, which are in the path, the query, the headers or the cookies.

use super::example::Example;
use crate::found::{Found, Import};
use crate::left_out::shown;
use crate::secrets::is_secret_field;
use crate::text::{Form, Part, Text};
use crate::tree::At;
use crate::uri;
use serde_json::Value;

/// The headers that OpenAPI does not describe as parameters. Parameters with these names are ignored.
const IGNORED: [&str; 3] = ["accept", "content-type", "authorization"];

/// The parameters of an operation. A parameter of the operation replaces a parameter of the path item that has the same
/// name and location.
#[derive(Default)]
pub(super) struct Parameters<'a> {
    found: Vec<At<'a>>,
}

impl<'a> Parameters<'a> {
    pub(super) fn add(&mut self, parameter: At<'a>) {
        let key = |parameter: &At<'a>| (parameter.text_of("name"), parameter.text_of("in"));
        self.found.retain(|known| key(known) != key(&parameter));
        self.found.push(parameter);
    }

    /// Sets the URL, the headers and the cookies of a request from the parameters.
    pub(super) fn fill(self, root: &At<'a>, path: &str, found: &mut Found, import: &mut Import<'_>) {
        let (mut in_path, mut query, mut cookies) = (Vec::new(), Vec::new(), Vec::new());
        for parameter in &self.found {
            let place = parameter.place();
            let (Some(name), Some(location)) = (parameter.text_of("name"), parameter.text_of("in")) else {
                import.left_out.add(&place, "a parameter without `name` and `in`");
                continue;
            };
            let required = parameter.get("required").and_then(|required| required.flag()) == Some(true);
            let has_example = parameter.get("example").or_else(|| parameter.get("examples")).is_some();
            if location == "header" && IGNORED.contains(&name.to_ascii_lowercase().as_str()) {
                continue;
            }
            if !required && !has_example && location != "path" {
                import.left_out.add(&place, "optional parameters without an example");
                continue;
            }
            let mut example = Example::new(root);
            let value = example.of_holder(parameter).or_else(|| {
                let (_, media) = parameter.get("content")?.entries().next()?;
                Some(Value::String(example.of_holder(&media)?.to_string()))
            });
            for problem in example.problems {
                import.left_out.add(&place, problem);
            }
            let value = value.unwrap_or_else(|| Value::String("text".to_owned()));
            match location {
                "path" => in_path.push((name, listed(&value))),
                "query" => pairs(parameter, name, &value, &mut query),
                "header" => found.headers.push((name.to_owned(), Text::literal(listed(&value)))),
                "cookie" => cookies.push(format!("{name}={}", listed(&value))),
                _ => import
                    .left_out
                    .add(&place, format!("a parameter in {}", shown(location))),
            }
        }
        found.url = filled(path, &in_path, &found.place, import);
        for (at, (name, value)) in query.iter().enumerate() {
            found.url.push_literal(if at == 0 { "?" } else { "&" });
            found.url.push_literal(&uri::component(name));
            found.url.push_literal("=");
            found.url.push_literal(&uri::component(value));
        }
        if !cookies.is_empty() {
            found
                .headers
                .push(("Cookie".to_owned(), Text::literal(cookies.join("; "))));
        }
    }
}

/// Returns a path in which each parameter is replaced by the value of the parameter.
fn filled(path: &str, values: &[(&str, String)], place: &str, import: &mut Import<'_>) -> Text {
    let mut out = Text::default();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        out.push_literal(before);
        rest = after;
        let found = values.iter().find(|(known, _)| *known == name);
        let value = found.map_or("text", |(_, value)| value.as_str());
        if found.is_none() {
            let what = format!("the parameter {} of the path, which is not described", shown(name));
            import.left_out.add(place, what);
        }
        let secret = match is_secret_field(name) {
            true => {
                let what = format!("the parameter {} of the path", shown(name));
                import.secrets.replace(name, value, &what, place)
            }
            false => None,
        };
        match secret {
            Some(secret) => out.push(Part::Value(secret, Form::AsIs)),
            None => out.push_literal(&uri::component(value)),
        }
    }
    out.push_literal(rest);
    out
}

/// Appends the query parameters for a value to `out`. The style of the parameter determines their form.
fn pairs(parameter: &At<'_>, name: &str, value: &Value, out: &mut Vec<(String, String)>) {
    let style = parameter.text_of("style").unwrap_or("form");
    let explode = parameter.get("explode").and_then(|explode| explode.flag());
    let explode = explode.unwrap_or(style == "form");
    match value {
        Value::Array(items) if explode => out.extend(items.iter().map(|item| (name.to_owned(), spelled(item)))),
        Value::Array(items) => {
            let joint = match style {
                "spaceDelimited" => " ",
                "pipeDelimited" => "|",
                _ => ",",
            };
            let items: Vec<String> = items.iter().map(spelled).collect();
            out.push((name.to_owned(), items.join(joint)));
        }
        Value::Object(fields) if style == "deepObject" => {
            out.extend(
                fields
                    .iter()
                    .map(|(field, value)| (format!("{name}[{field}]"), spelled(value))),
            );
        }
        Value::Object(fields) if explode => {
            out.extend(fields.iter().map(|(field, value)| (field.clone(), spelled(value))));
        }
        value => out.push((name.to_owned(), listed(value))),
    }
}

/// Returns a value as text. The items of a list or an object are separated by commas.
fn listed(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(spelled).collect::<Vec<_>>().join(","),
        Value::Object(fields) => {
            let pairs = fields.iter().map(|(name, value)| format!("{name},{}", spelled(value)));
            pairs.collect::<Vec<_>>().join(",")
        }
        value => spelled(value),
    }
}

/// Returns a value as text. A list or an object is written as JSON.
pub(super) fn spelled(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}
