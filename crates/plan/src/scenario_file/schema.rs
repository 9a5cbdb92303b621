//! Generates the JSON Schema of a scenario file from the declarations with which the reader checks a file.

use super::grammar::{MapGrammar, Need, ValueGrammar, Wording};
use super::keys::{INCLUDE, SCENARIO};
use serde_json::{Map, Value, json};

/// The pattern of a text that contains a variable. The schema allows such a text as any value, because the schema does
/// not contain the value of the variable.
const VARIABLE: &str = "\\{\\{\\s*var\\s";

/// Returns the schema, in draft 2020-12 of JSON Schema. The schema accepts every file that the reader accepts. Some
/// rules need arithmetic, other files, or names from another place in the file. Only the reader checks these rules.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let Value::Object(root) = table(&SCENARIO, &mut definitions) else {
        unreachable!("a table is an object");
    };
    let mut schema = Map::new();
    schema.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    schema.insert("title".to_owned(), json!("vajra-cloud scenario"));
    schema.extend(root);
    schema.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(schema)
}

fn table(table: &MapGrammar, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for key in table.keys {
        for name in std::iter::once(&key.name).chain(key.aliases) {
            let mut property = kind(&key.kind, definitions);
            property["description"] = if *name == key.name {
                json!(key.doc)
            } else {
                json!(format!("Another spelling of `{}`. {}", key.name, key.doc))
            };
            properties.insert((*name).to_owned(), property);
        }
        if key.need == Need::Required {
            required.push(key.name);
        }
    }
    let mut schema = json!({
        "description": table.doc,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    let mut needed = Map::new();
    if !required.is_empty() {
        needed.insert("required".to_owned(), json!(required));
    }
    if let Some(begin) = table.unread {
        schema["patternProperties"] = json!({ format!("^{begin}"): {} });
    }
    match table.one_of {
        [] => {}
        [group] => drop(needed.insert("oneOf".to_owned(), one_of(table, group))),
        groups => {
            let groups = groups.iter().map(|group| json!({ "oneOf": one_of(table, group) }));
            needed.insert("allOf".to_owned(), groups.collect());
        }
    }
    if table.key(INCLUDE).is_some() {
        // The required keys may be in an included file, so they are required only without the key `include`.
        schema["if"] = json!({ "not": { "required": [INCLUDE] } });
        schema["then"] = Value::Object(needed);
    } else {
        schema.as_object_mut().expect("a schema is an object").extend(needed);
    }
    schema
}

fn one_of(table: &MapGrammar, group: &[&str]) -> Value {
    let spellings = group.iter().flat_map(|name| {
        let key = table.key(name).expect("`one_of` names keys of its table");
        std::iter::once(key.name).chain(key.aliases.iter().copied())
    });
    spellings.map(|name| json!({ "required": [name] })).collect()
}

fn kind(kind_: &ValueGrammar, definitions: &mut Map<String, Value>) -> Value {
    match kind_ {
        ValueGrammar::Text(wording) => reference(wording, definitions),
        ValueGrammar::Spelling => json!({ "type": ["string", "number", "boolean"] }),
        ValueGrammar::Choice(words) => {
            let variable = json!({ "type": "string", "pattern": VARIABLE });
            json!({ "if": variable, "then": true, "else": { "enum": words } })
        }
        ValueGrammar::Whole { min, max } => {
            json!({ "type": ["integer", "string"], "minimum": min, "maximum": max, "pattern": VARIABLE })
        }
        ValueGrammar::Flag => json!({ "type": ["boolean", "string"], "pattern": VARIABLE }),
        ValueGrammar::Map(inner) => {
            let name = inner
                .noun
                .trim_start_matches("a ")
                .trim_start_matches("an ")
                .trim_matches('`')
                .replace(' ', "_");
            let name = name.as_str();
            if !definitions.contains_key(name) {
                // The name is inserted before the definition of the name is complete, because a step may contain steps.
                definitions.insert(name.to_owned(), Value::Null);
                let definition = table(inner, definitions);
                definitions.insert(name.to_owned(), definition);
            }
            json!({ "$ref": format!("#/$defs/{name}") })
        }
        ValueGrammar::Any => json!({}),
        ValueGrammar::Named { of, entries_max } => json!({
            "type": "object",
            "additionalProperties": kind(of, definitions),
            "maxProperties": entries_max,
        }),
        ValueGrammar::Items { of, items_max } => {
            let item = kind(of, definitions);
            let list = json!({ "type": "array", "items": item, "minItems": 1, "maxItems": items_max });
            json!({ "if": { "type": "array" }, "then": list, "else": item })
        }
        ValueGrammar::AnyOf(kinds) => {
            let mut chosen = Vec::new();
            for one in *kinds {
                let schema = kind(one, definitions);
                chosen.push(json!({ "if": { "type": types(one) }, "then": schema }));
            }
            json!({ "type": types(kind_), "allOf": chosen })
        }
    }
}

/// Returns the JSON types of a value. The kinds in a [`ValueGrammar::AnyOf`] have distinct types, so that a fault is
/// reported at its own position, and not at the position of the whole value.
fn types(kind: &ValueGrammar) -> Vec<&'static str> {
    match kind {
        ValueGrammar::Text(_) | ValueGrammar::Choice(_) => vec!["string"],
        ValueGrammar::Spelling => vec!["string", "number", "boolean"],
        // A variable is a text. The type of texts is not listed here, because another kind of the same
        // [`ValueGrammar::AnyOf`] allows texts.
        ValueGrammar::Whole { .. } => vec!["integer"],
        ValueGrammar::Flag => vec!["boolean"],
        ValueGrammar::Any => vec!["array", "boolean", "number", "object", "string"],
        ValueGrammar::Map(_) | ValueGrammar::Named { .. } => vec!["object"],
        ValueGrammar::Items { of, .. } => types(of).into_iter().chain(["array"]).collect(),
        ValueGrammar::AnyOf(kinds) => kinds.iter().flat_map(types).collect(),
    }
}

fn reference(wording: &Wording, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(wording.name) {
        let mut definition = json!({ "description": wording.doc, "type": "string" });
        if !wording.pattern.is_empty() {
            definition["pattern"] = json!(format!("{}|{VARIABLE}", wording.pattern));
        }
        if !wording.examples.is_empty() {
            definition["examples"] = json!(wording.examples);
        }
        definitions.insert(wording.name.to_owned(), definition);
    }
    json!({ "$ref": format!("#/$defs/{}", wording.name) })
}
