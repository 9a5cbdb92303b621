//! Applies the structural schemas of custom resources: pruning, defaults, validation, and the rules of
//! `x-kubernetes-validations`.

use super::cel;
use super::failure::Cause;
use regex_lite::Regex;
use serde_json::{Value, json};

fn keeps_unknown(schema: &Value) -> bool {
    schema["x-kubernetes-preserve-unknown-fields"] == true
}

/// Removes the members of a value that the schema does not declare. Returns the paths of these members.
pub(super) fn prune(value: &mut Value, schema: &Value, path: &str) -> Vec<String> {
    let mut removed = Vec::new();
    match value {
        Value::Object(members) => {
            let is_root = path.is_empty();
            let names: Vec<String> = members.keys().cloned().collect();
            for name in names {
                if is_root && ["apiVersion", "kind", "metadata"].contains(&name.as_str()) {
                    continue;
                }
                let inner = joined(path, &name);
                let declared = &schema["properties"][name.as_str()];
                let of_value = match declared.is_object() {
                    true => declared,
                    false => &schema["additionalProperties"],
                };
                if of_value.is_object() {
                    removed.extend(prune(&mut members[&name], of_value, &inner));
                } else if !keeps_unknown(schema) && of_value != true {
                    members.remove(&name);
                    removed.push(inner);
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                removed.extend(prune(item, &schema["items"], &format!("{path}[{at}]")));
            }
        }
        _ => {}
    }
    removed
}

/// Sets the missing members of a value to the defaults in the schema.
pub(super) fn set_defaults(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(members) => {
            for (name, declared) in schema["properties"].as_object().into_iter().flatten() {
                if !declared["default"].is_null() && !members.contains_key(name) {
                    members.insert(name.clone(), declared["default"].clone());
                }
                if let Some(inner) = members.get_mut(name) {
                    set_defaults(inner, declared);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| set_defaults(item, &schema["items"])),
        _ => {}
    }
}

fn joined(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// Returns the problems of a value. `old` is the value before an update.
pub(super) fn problems(value: &Value, old: Option<&Value>, schema: &Value, path: &str) -> Vec<Cause> {
    let mut found = Vec::new();
    if value.is_null() && schema["nullable"] == true {
        return found;
    }
    if let Some(kind) = wrong_type(value, schema) {
        let name = value_type(value);
        found.push(Cause {
            field: path.to_owned(),
            reason: "FieldValueTypeInvalid",
            message: format!("Invalid value: {name:?}: {path} in body must be of type {kind}: {name:?}"),
        });
        return found;
    }
    found.extend(limits(value, schema, path));
    match value {
        Value::Object(members) => {
            for name in schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                if !members.contains_key(name) {
                    found.push(Cause::required(joined(path, name), ""));
                }
            }
            for (name, inner) in members {
                let declared = &schema["properties"][name.as_str()];
                let declared = if declared.is_object() {
                    declared
                } else {
                    &schema["additionalProperties"]
                };
                if declared.is_object() {
                    let before = old.and_then(|old| old.get(name));
                    found.extend(problems(inner, before, declared, &joined(path, name)));
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                found.extend(problems(item, None, &schema["items"], &format!("{path}[{at}]")));
            }
        }
        _ => {}
    }
    if found.is_empty() {
        found.extend(broken_rules(value, old, schema, path));
    }
    found
}

fn value_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn wrong_type<'a>(value: &Value, schema: &'a Value) -> Option<&'a str> {
    if schema["x-kubernetes-int-or-string"] == true {
        return (!value.is_string() && !value.is_i64()).then_some("integer,string");
    }
    let wanted = schema["type"].as_str()?;
    let found = value_type(value);
    (wanted != found && (wanted, found) != ("number", "integer")).then_some(wanted)
}

fn limits(value: &Value, schema: &Value, path: &str) -> Vec<Cause> {
    let mut found = Vec::new();
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
        found.push(Cause {
            field: path.to_owned(),
            reason: "FieldValueNotSupported",
            message: format!("Unsupported value: {value}: supported values: {}", allowed.join(", ")),
        });
    }
    let mut expect = |holds: bool, why: String| {
        if !holds {
            found.push(Cause::invalid(path, value, &format!("{path} in body {why}")));
        }
    };
    let limit = |name: &str| schema[name].as_f64();
    if let Some(number) = value.as_f64() {
        if let Some(least) = limit("minimum") {
            expect(number >= least, format!("should be greater than or equal to {least}"));
        }
        if let Some(most) = limit("maximum") {
            expect(number <= most, format!("should be less than or equal to {most}"));
        }
    }
    let size = match value {
        Value::String(text) => Some((text.chars().count(), "Length", "chars long")),
        Value::Array(items) => Some((items.len(), "Items", "items")),
        Value::Object(members) => Some((members.len(), "Properties", "properties")),
        _ => None,
    };
    if let Some((size, name, unit)) = size {
        if let Some(least) = limit(&format!("min{name}")) {
            expect(size as f64 >= least, format!("should be at least {least} {unit}"));
        }
        if let Some(most) = limit(&format!("max{name}")) {
            expect(size as f64 <= most, format!("should be at most {most} {unit}"));
        }
    }
    if let (Some(text), Some(pattern)) = (value.as_str(), schema["pattern"].as_str()) {
        let matches = Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text));
        expect(matches, format!("should match '{pattern}'"));
    }
    found
}

fn broken_rules(value: &Value, old: Option<&Value>, schema: &Value, path: &str) -> Vec<Cause> {
    let rules = schema["x-kubernetes-validations"].as_array().into_iter().flatten();
    let broken = rules.filter(|rule| {
        let text = rule["rule"].as_str().unwrap_or_default();
        // A rule about the old value is not evaluated for a new object, which has no old value.
        let is_due = old.is_some() || !text.contains("oldSelf");
        is_due && cel::evaluate(text, value, old) != Ok(json!(true))
    });
    broken
        .map(|rule| {
            let text = rule["rule"].as_str().unwrap_or_default();
            let message = match rule["message"].as_str() {
                Some(message) => message.to_owned(),
                None => format!("failed rule: {text}"),
            };
            let shown = match value {
                Value::Object(_) => json!("object"),
                Value::Array(_) => json!("array"),
                other => other.clone(),
            };
            Cause::invalid(if path.is_empty() { "<nil>" } else { path }, &shown, &message)
        })
        .collect()
}

/// Returns the rules and patterns of a schema that the stand-in cannot evaluate.
pub(super) fn unsupported(schema: &Value, path: &str) -> Vec<Cause> {
    let mut found = Vec::new();
    for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
        let text = rule["rule"].as_str().unwrap_or_default();
        if let Err(why) = cel::check(text) {
            let why = format!("the stand-in cannot evaluate this rule: {why}");
            found.push(Cause::invalid(
                format!("{path}.x-kubernetes-validations"),
                &text.into(),
                &why,
            ));
        }
    }
    if let Some(pattern) = schema["pattern"].as_str()
        && let Err(why) = Regex::new(pattern)
    {
        found.push(Cause::invalid(
            format!("{path}.pattern"),
            &pattern.into(),
            &why.to_string(),
        ));
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        found.extend(unsupported(inner, &format!("{path}.properties[{name}]")));
    }
    for member in ["items", "additionalProperties"] {
        if schema[member].is_object() {
            found.extend(unsupported(&schema[member], &format!("{path}.{member}")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_pruned_defaulted_and_validated() {
        let schema = json!({"type": "object", "properties": {"spec": {
            "type": "object", "required": ["store"],
            "properties": {
                "store": {"type": "string", "pattern": "^s3://"},
                "workers": {"type": "integer", "minimum": 1, "default": 1},
                "phase": {"type": "string", "enum": ["A", "B"]},
                "stop": {"type": "boolean"},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            },
            "x-kubernetes-validations": [
                {"rule": "self.store == oldSelf.store", "message": "store is immutable"},
                {"rule": "!has(oldSelf.stop) || !oldSelf.stop || self.stop"},
            ],
        }}});
        let mut value = json!({"kind": "X", "spec": {"store": "s3://a", "other": 1, "free": {"x": 1}}});
        assert_eq!(prune(&mut value, &schema, ""), ["spec.other"]);
        set_defaults(&mut value, &schema);
        assert_eq!(
            value["spec"],
            json!({"store": "s3://a", "workers": 1, "free": {"x": 1}})
        );
        let check = |spec: Value, old: Option<Value>, expected: &[&str]| {
            let (new, old) = (json!({"spec": spec}), old.map(|old| json!({"spec": old})));
            let found: Vec<String> = problems(&new, old.as_ref(), &schema, "")
                .into_iter()
                .map(|cause| format!("{}: {}", cause.field, cause.message))
                .collect();
            assert_eq!(found, expected);
        };
        check(value["spec"].clone(), None, &[]);
        check(json!({}), None, &["spec.store: Required value"]);
        check(
            json!({"store": "s3://a", "workers": 0}),
            None,
            &["spec.workers: Invalid value: 0: spec.workers in body should be greater than or equal to 1"],
        );
        check(
            json!({"store": "s3://a", "workers": "1"}),
            None,
            &["spec.workers: Invalid value: \"string\": spec.workers in body must be of type integer: \"string\""],
        );
        check(
            json!({"store": "s3://a", "phase": "C"}),
            None,
            &["spec.phase: Unsupported value: \"C\": supported values: \"A\", \"B\""],
        );
        check(
            json!({"store": "s3://b"}),
            Some(json!({"store": "s3://a"})),
            &["spec: Invalid value: \"object\": store is immutable"],
        );
    }
}
