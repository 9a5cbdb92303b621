//! Makes example values for schemas.
//!
//! If the schema has a key that contains a value, this value is the example. The keys are tried in this order:
//! `example`, `examples`, `const`, `default`, `enum`. Without these keys, the example is made from the schemas in
//! `allOf`, `oneOf` or `anyOf`, or from the type.

use super::references::resolve;
use crate::tree::At;
use serde_json::{Map, Value, json};

/// The maximum nesting depth of an example value.
const DEPTH_MAX: usize = 24;
/// The maximum number of schemas that are read for one value. A maximum is required because schemas can refer to each
/// other. So a value can be exponentially larger than the schemas that describe the value.
const SCHEMAS_MAX: usize = 5000;
/// The maximum number of characters in an example text, even if the schema of the text requires more.
const TEXT_CHARS_MAX: u64 = 1000;

/// The state of making the example of one parameter or body.
pub(super) struct Example<'r, 'a> {
    root: &'r At<'a>,
    /// The schemas that contain the current schema. The list shows whether a schema contains itself.
    around: Vec<*const ()>,
    schemas: usize,
    /// The problems of the schemas that were found so far.
    pub problems: Vec<String>,
}

impl<'r, 'a> Example<'r, 'a> {
    pub(super) fn new(root: &'r At<'a>) -> Example<'r, 'a> {
        Example {
            root,
            around: Vec::new(),
            schemas: 0,
            problems: Vec::new(),
        }
    }

    fn problem(&mut self, problem: String) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Returns the example for a parameter, a header or a media type. Such an object contains examples or a schema.
    pub(super) fn of_holder(&mut self, holder: &At<'a>) -> Option<Value> {
        if let Some(value) = holder.get("example") {
            return Some(value.json());
        }
        if let Some((_, first)) = holder.get("examples").and_then(|examples| examples.entries().next()) {
            match resolve(self.root, first) {
                Ok(first) => {
                    if let Some(value) = first.get("value").or_else(|| first.get("dataValue")) {
                        return Some(value.json());
                    }
                }
                Err(problem) => self.problem(problem),
            }
        }
        let schema = holder.get("schema")?;
        self.of_schema(&schema)
    }

    /// Returns the example for a schema. Returns `None` if the schema contains itself, if its reference cannot be
    /// resolved, or if the example would be too large.
    pub(super) fn of_schema(&mut self, schema: &At<'a>) -> Option<Value> {
        let schema = match resolve(self.root, schema.clone()) {
            Ok(schema) => schema,
            Err(problem) => {
                self.problem(problem);
                return None;
            }
        };
        self.schemas += 1;
        if self.schemas > SCHEMAS_MAX || self.around.len() >= DEPTH_MAX {
            self.problem("a part of an example, which would be too large".to_owned());
            return None;
        }
        if self.around.contains(&schema.id()) {
            return None;
        }
        self.around.push(schema.id());
        let value = self.of_resolved(&schema);
        self.around.pop();
        value
    }

    fn of_resolved(&mut self, schema: &At<'a>) -> Option<Value> {
        if let Some(value) = schema.get("example") {
            return Some(value.json());
        }
        if let Some(first) = schema.items_of("examples").next() {
            return Some(first.json());
        }
        for key in ["const", "default"] {
            if let Some(value) = schema.get(key) {
                return Some(value.json());
            }
        }
        if let Some(first) = schema.items_of("enum").find(|value| !value.is_null()) {
            return Some(first.json());
        }
        if schema.get("allOf").is_some() {
            return self.of_all(schema);
        }
        for key in ["oneOf", "anyOf"] {
            let first = schema.items_of(key).find_map(|one| match one.text_of("type") {
                Some("null") => None,
                _ => self.of_schema(&one),
            });
            if let Some(value) = first {
                return Some(match (value, self.of_type(schema)) {
                    (Value::Object(mut value), Some(Value::Object(own))) => {
                        value.extend(own);
                        Value::Object(value)
                    }
                    (value, _) => value,
                });
            }
        }
        self.of_type(schema)
    }

    /// Merges the examples of the schemas in `allOf` into one example.
    fn of_all(&mut self, schema: &At<'a>) -> Option<Value> {
        let (mut fields, mut other) = (Map::new(), None);
        for part in schema.items_of("allOf") {
            match self.of_schema(&part) {
                Some(Value::Object(more)) => fields.extend(more),
                Some(value) => other = other.or(Some(value)),
                None => {}
            }
        }
        if schema.get("properties").is_some()
            && let Some(Value::Object(more)) = self.of_object(schema)
        {
            fields.extend(more);
        }
        match (fields.is_empty(), other) {
            (true, Some(value)) => Some(value),
            _ => Some(Value::Object(fields)),
        }
    }

    fn of_type(&mut self, schema: &At<'a>) -> Option<Value> {
        let kind = schema.get("type");
        // In OpenAPI 3.1, the type may be a list of types.
        let named = kind.as_ref().and_then(|kind| match kind.is_list() {
            true => kind.items().filter_map(|one| one.text()).find(|one| *one != "null"),
            false => kind.text(),
        });
        let named = named.unwrap_or_else(|| {
            let has = |keys: &[&str]| keys.iter().any(|key| schema.get(key).is_some());
            match () {
                () if has(&["properties", "additionalProperties"]) => "object",
                () if has(&["items"]) => "array",
                () if has(&["minimum", "maximum"]) => "number",
                () => "string",
            }
        });
        match named {
            "object" => self.of_object(schema),
            "array" => {
                let item = schema.get("items").and_then(|items| self.of_schema(&items));
                let most = schema.get("maxItems").and_then(|most| most.whole()).unwrap_or(1);
                let least = schema.get("minItems").and_then(|least| least.whole()).unwrap_or(0);
                let items = item
                    .filter(|_| most > 0)
                    .map(|item| vec![item; least.clamp(1, 100) as usize]);
                Some(Value::Array(items.unwrap_or_default()))
            }
            "boolean" => Some(json!(true)),
            "integer" | "number" => Some(number(schema, named == "integer")),
            "null" => Some(Value::Null),
            _ => Some(json!(text(schema))),
        }
    }

    fn of_object(&mut self, schema: &At<'a>) -> Option<Value> {
        let required: Vec<&str> = schema.items_of("required").filter_map(|name| name.text()).collect();
        let mut fields = Map::new();
        for (name, property) in schema.get("properties").into_iter().flat_map(|all| all.entries()) {
            let resolved = resolve(self.root, property.clone()).ok();
            let is_set = |key: &str| {
                let flag = resolved.as_ref().and_then(|property| property.get(key)?.flag());
                flag == Some(true)
            };
            if is_set("readOnly") || (is_set("deprecated") && !required.contains(&name)) {
                continue;
            }
            if let Some(value) = self.of_schema(&property) {
                fields.insert(name.to_owned(), value);
            } else if required.contains(&name) {
                self.problem(format!(
                    "the field {} of an example, whose schema contains itself",
                    crate::left_out::shown(name)
                ));
            }
        }
        Some(Value::Object(fields))
    }
}

fn number(schema: &At<'_>, is_whole: bool) -> Value {
    let bound = |key: &str| schema.get(key).and_then(|bound| bound.number());
    // In OpenAPI 3.0, the value of `exclusiveMinimum` is a boolean.
    let exclusive = |key: &str| schema.get(key).is_some_and(|flag| flag.flag() == Some(true));
    let step = bound("multipleOf").filter(|step| *step > 0.0);
    let above = bound("exclusiveMinimum").or_else(|| bound("minimum").filter(|_| exclusive("exclusiveMinimum")));
    let least = above
        .map(|above| above + step.unwrap_or(1.0))
        .or_else(|| bound("minimum"));
    let most = bound("exclusiveMaximum")
        .map(|most| most - step.unwrap_or(1.0))
        .or_else(|| bound("maximum"));
    let value = match (least, most) {
        (Some(least), _) => least,
        (None, Some(most)) => most.min(1.0),
        (None, None) => 1.0,
    };
    let value = step.map_or(value, |step| (value / step).ceil() * step);
    match value.fract() == 0.0 && value.abs() < 9e15 {
        true => json!(value as i64),
        false if is_whole => json!(value.ceil().clamp(-9e15, 9e15) as i64),
        false => json!(value),
    }
}

fn text(schema: &At<'_>) -> String {
    let format = schema.text_of("format").unwrap_or_default();
    let text = match format {
        "date-time" => "2026-01-02T03:04:05Z",
        "date" => "2026-01-02",
        "time" => "03:04:05Z",
        "duration" => "P1D",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "email" | "idn-email" => "user@example.com",
        "hostname" | "idn-hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uri" | "url" | "iri" => "https://example.com/",
        "uri-reference" => "/",
        "byte" => "dGV4dA==",
        "json-pointer" => "/",
        _ => "text",
    };
    let bound = |key: &str| schema.get(key).and_then(|bound| bound.whole());
    let least = bound("minLength").unwrap_or(0).min(TEXT_CHARS_MAX) as usize;
    let most = bound("maxLength").unwrap_or(u64::MAX).min(TEXT_CHARS_MAX) as usize;
    let long = match text.chars().count() < least {
        true => text.chars().cycle().take(least).collect::<String>(),
        false => text.to_owned(),
    };
    match format.is_empty() {
        true => long.chars().take(most).collect(),
        false => long,
    }
}
