//! Generates TypeScript types for the script of the page from the JSON Schema of `View`.

#![expect(clippy::unwrap_used, reason = "an unexpected schema must fail the test")]

use report::view::View;
use serde_json::Value;
use std::fmt::Write;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page/view.d.ts");

/// Returns the TypeScript declarations of the types in a schema.
fn declarations(schema: &Value) -> String {
    let mut out = "// Made from the schema of the view by `page_types.rs`; UPDATE_GOLDENS=1 rewrites it.\n".to_owned();
    declare(&mut out, schema["title"].as_str().unwrap(), schema);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        declare(&mut out, name, definition);
    }
    out
}

fn comment(out: &mut String, indent: &str, of: &Value) {
    if let Some(words) = of["description"].as_str() {
        writeln!(
            out,
            "{indent}/** {} */",
            words.split_whitespace().collect::<Vec<_>>().join(" ")
        )
        .unwrap();
    }
}

fn declare(out: &mut String, name: &str, definition: &Value) {
    out.push('\n');
    comment(out, "", definition);
    let Some(properties) = definition["properties"].as_object() else {
        writeln!(out, "export type {name} = {};", type_of(definition)).unwrap();
        return;
    };
    writeln!(out, "export interface {name} {{").unwrap();
    let required = definition["required"].as_array().unwrap();
    for (key, property) in properties {
        assert!(
            required.iter().any(|required| required == key),
            "{name}.{key} is always written"
        );
        comment(out, "  ", property);
        writeln!(out, "  {key}: {};", type_of(property)).unwrap();
    }
    writeln!(out, "}}").unwrap();
}

fn type_of(schema: &Value) -> String {
    let listed = |key: &str| schema[key].as_array();
    let union = |types: Vec<String>| types.join(" | ");
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap().to_owned();
    }
    if let Some(words) = listed("enum") {
        return union(words.iter().map(ToString::to_string).collect());
    }
    if let Some(word) = schema.get("const") {
        return word.to_string();
    }
    if let Some(choices) = listed("anyOf").or(listed("oneOf")) {
        return union(choices.iter().map(type_of).collect());
    }
    if let Some(kinds) = listed("type") {
        let one = |kind: &Value| {
            let mut one = schema.clone();
            one["type"] = kind.clone();
            type_of(&one)
        };
        return union(kinds.iter().map(one).collect());
    }
    if let Some(items) = listed("prefixItems") {
        return format!("[{}]", items.iter().map(type_of).collect::<Vec<_>>().join(", "));
    }
    match schema["type"].as_str() {
        Some("array") => format!("Array<{}>", type_of(&schema["items"])),
        Some("object") => format!("Record<string, {}>", type_of(&schema["additionalProperties"])),
        Some("integer" | "number") => "number".to_owned(),
        Some(kind @ ("string" | "boolean" | "null")) => kind.to_owned(),
        _ => panic!("no type is known for {schema}"),
    }
}

#[test]
fn the_committed_types_equal_the_generated_ones() {
    let made = declarations(&serde_json::from_str(&View::schema()).unwrap());
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(COMMITTED, &made).unwrap();
    }
    assert!(
        std::fs::read_to_string(COMMITTED).is_ok_and(|committed| committed == made),
        "run this test with UPDATE_GOLDENS=1, look at the difference, and run crates/report/src/page/build"
    );
}
