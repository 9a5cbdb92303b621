//! Converts objects to the tables that kubectl prints, and to objects that contain only metadata.

use super::resources::Resource;
use super::storage::{now, parse_timestamp};
use serde_json::{Value, json};

/// Returns the metadata of an object.
pub(super) fn metadata(object: &Value) -> Value {
    json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": object["metadata"]})
}

/// A column: its name, its type, and the path of its value.
struct Column {
    name: String,
    kind: String,
    path: String,
    priority: Value,
}

fn columns(resource: &Resource) -> Vec<Column> {
    let column = |name: &str, kind: &str, path: &str| Column {
        name: name.to_owned(),
        kind: kind.to_owned(),
        path: path.to_owned(),
        priority: 0.into(),
    };
    let mut columns = vec![column("Name", "string", ".metadata.name")];
    let age = column("Age", "date", ".metadata.creationTimestamp");
    let declared = resource
        .custom
        .as_ref()
        .and_then(|version| version["additionalPrinterColumns"].as_array());
    match (declared, resource.plural.as_str()) {
        (Some(declared), _) => {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            columns.extend(declared.iter().map(|one| Column {
                name: text(&one["name"]),
                kind: text(&one["type"]),
                path: text(&one["jsonPath"]),
                priority: if one["priority"].is_null() {
                    0.into()
                } else {
                    one["priority"].clone()
                },
            }));
            return columns;
        }
        (None, "pods") => columns.push(column("Status", "string", ".status.phase")),
        (None, "jobs") => {
            columns.push(column("Succeeded", "integer", ".status.succeeded"));
            columns.push(column("Completions", "integer", ".spec.completions"));
        }
        _ => {}
    }
    columns.push(age);
    columns
}

pub(super) fn table(resource: &Resource, objects: &[Value], list: &Value) -> Value {
    let columns = columns(resource);
    let definitions: Value = columns
        .iter()
        .map(|column| {
            let format = if column.name == "Name" { "name" } else { "" };
            json!({
                "name": column.name, "type": column.kind, "format": format, "description": "",
                "priority": column.priority,
            })
        })
        .collect();
    let rows: Value = objects
        .iter()
        .map(|object| {
            let cells: Value = columns.iter().map(|column| cell(object, column)).collect();
            json!({"cells": cells, "object": metadata(object)})
        })
        .collect();
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": if list.is_null() { json!({}) } else { list.clone() },
        "columnDefinitions": definitions, "rows": rows,
    })
}

fn cell(object: &Value, column: &Column) -> Value {
    let value = at_path(object, &column.path);
    if column.kind != "date" {
        return value.clone();
    }
    match parse_timestamp(value) {
        Some(time) => format!("{}s", (now() - time).whole_seconds().max(0)).into(),
        None => "<unknown>".into(),
    }
}

/// Returns the value of an object at a path such as `.status.conditions[?(@.type=="Passed")].status`.
fn at_path<'a>(object: &'a Value, path: &str) -> &'a Value {
    let mut value = object;
    let mut rest = path;
    while !rest.is_empty() {
        if let Some((filter, after)) = rest.strip_prefix("[?(@.").and_then(|rest| rest.split_once(")]")) {
            let (member, wanted) = filter.split_once("==").unwrap_or((filter, ""));
            let wanted = wanted.trim().trim_matches(['"', '\'']);
            let found = value
                .as_array()
                .and_then(|list| list.iter().find(|item| item[member.trim()] == wanted));
            value = found.unwrap_or(&Value::Null);
            rest = after;
            continue;
        }
        rest = rest.trim_start_matches('.');
        if rest.starts_with('[') {
            // Only filters of the form `[?(@.name=="value")]` are supported.
            return &Value::Null;
        }
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        value = &value[&rest[..end]];
        rest = &rest[end..];
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_paths_with_filters() {
        let object = json!({"status": {"phase": "X", "conditions": [{"type": "A", "status": "True"}]}});
        assert_eq!(at_path(&object, ".status.phase"), "X");
        assert_eq!(at_path(&object, ".status.conditions[?(@.type==\"A\")].status"), "True");
        assert_eq!(
            at_path(&object, ".status.conditions[?(@.type=='B')].status"),
            &Value::Null
        );
    }
}
