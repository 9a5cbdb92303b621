//! Represents the fields of an object as a set of paths. Managed fields are stored in this form.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    /// A member of an object.
    Member(String),
    /// The item of a list, identified by the values of its keys. The text is a JSON object with these values.
    Item(String),
    /// The item of a list that is a set. The text is the item as a JSON value.
    Element(String),
}

pub(super) type Path = Vec<Segment>;
pub(super) type PathSet = BTreeSet<Path>;

/// How the items of a list are identified.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ListKind {
    /// The list is a single value, and its items have no identity.
    Atomic,
    Set,
    /// Each item is an object. The values of these members identify the item.
    Map(Vec<String>),
}

/// The lists of built-in kinds whose items are merged. Each list has the members that identify an item.
const BUILT_IN_LISTS: [(&str, &[&str]); 10] = [
    ("conditions", &["type"]),
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("volumes", &["name"]),
    ("env", &["name"]),
    ("imagePullSecrets", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("ports", &["containerPort", "protocol"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("ownerReferences", &["uid"]),
];

/// The description of a value: a part of the schema of a custom resource, or `BUILT_IN_LISTS` for the values of
/// built-in kinds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape<'a> {
    BuiltIn,
    Custom(&'a Value),
}

impl<'a> Shape<'a> {
    pub(super) fn of(schema: Option<&'a Value>) -> Shape<'a> {
        schema.map_or(Shape::BuiltIn, Shape::Custom)
    }

    fn member(self, name: &str, is_root: bool) -> Shape<'a> {
        match self {
            Shape::Custom(schema) if !(is_root && name == "metadata") => {
                let declared = &schema["properties"][name];
                Shape::Custom(match declared.is_null() {
                    true => &schema["additionalProperties"],
                    false => declared,
                })
            }
            _ => Shape::BuiltIn,
        }
    }

    fn items(self) -> Shape<'a> {
        match self {
            Shape::Custom(schema) => Shape::Custom(&schema["items"]),
            Shape::BuiltIn => Shape::BuiltIn,
        }
    }

    fn list(self, name: &str) -> ListKind {
        match self {
            Shape::Custom(schema) => match schema["x-kubernetes-list-type"].as_str() {
                Some("set") => ListKind::Set,
                Some("map") => {
                    let keys = schema["x-kubernetes-list-map-keys"].as_array().into_iter().flatten();
                    ListKind::Map(keys.filter_map(|key| key.as_str().map(str::to_owned)).collect())
                }
                _ => ListKind::Atomic,
            },
            Shape::BuiltIn if name == "finalizers" => ListKind::Set,
            Shape::BuiltIn => BUILT_IN_LISTS
                .iter()
                .find(|(list, _)| *list == name)
                .map_or(ListKind::Atomic, |(_, keys)| {
                    ListKind::Map(keys.iter().map(|key| (*key).to_owned()).collect())
                }),
        }
    }

    fn is_atomic(self) -> bool {
        matches!(self, Shape::Custom(schema) if schema["x-kubernetes-map-type"] == "atomic")
    }
}

/// Returns the text that identifies an item of a list.
fn item_keys(item: &Value, keys: &[String]) -> String {
    let defaulted = |key: &String| match (key.as_str(), &item[key.as_str()]) {
        ("protocol", Value::Null) => "TCP".into(),
        (_, value) => value.clone(),
    };
    let keys: Map<String, Value> = keys.iter().map(|key| (key.clone(), defaulted(key))).collect();
    Value::Object(keys).to_string()
}

/// Returns the paths of all values in an object, and the paths of all items of lists.
pub(super) fn leaves(object: &Value, shape: Shape) -> PathSet {
    let mut found = PathSet::new();
    collect(object, shape, "", &mut Vec::new(), &mut found);
    found
}

fn collect(value: &Value, shape: Shape, name: &str, path: &mut Path, found: &mut PathSet) {
    match value {
        Value::Null => {}
        Value::Object(members) if !members.is_empty() && !shape.is_atomic() => {
            for (member, value) in members {
                let shape = shape.member(member, path.is_empty());
                path.push(Segment::Member(member.clone()));
                collect(value, shape, member, path, found);
                path.pop();
            }
        }
        Value::Array(items) => match shape.list(name) {
            ListKind::Atomic => {
                found.insert(path.clone());
            }
            ListKind::Set => {
                for item in items {
                    path.push(Segment::Element(item.to_string()));
                    found.insert(path.clone());
                    path.pop();
                }
            }
            ListKind::Map(keys) => {
                for item in items {
                    path.push(Segment::Item(item_keys(item, &keys)));
                    found.insert(path.clone());
                    collect(item, shape.items(), "", path, found);
                    path.pop();
                }
            }
        },
        _ => {
            found.insert(path.clone());
        }
    }
}

/// Returns whether a segment identifies this item of a list.
fn is_item(item: &Value, segment: &Segment) -> bool {
    match segment {
        Segment::Member(_) => false,
        Segment::Element(text) => serde_json::from_str::<Value>(text).is_ok_and(|element| element == *item),
        Segment::Item(text) => {
            let keys: Map<String, Value> = serde_json::from_str(text).unwrap();
            let names: Vec<String> = keys.keys().cloned().collect();
            item_keys(item, &names) == *text
        }
    }
}

pub(super) fn get<'a>(object: &'a Value, path: &[Segment]) -> Option<&'a Value> {
    let Some((first, rest)) = path.split_first() else {
        return Some(object);
    };
    let inner = match first {
        Segment::Member(name) => object.get(name)?,
        _ => object.as_array()?.iter().find(|item| is_item(item, first))?,
    };
    get(inner, rest)
}

/// Sets the value at a path, and creates the missing objects and items of this path.
pub(super) fn set(object: &mut Value, path: &[Segment], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *object = value;
        return;
    };
    let inner = match first {
        Segment::Member(name) => {
            if !object.is_object() {
                *object = json!({});
            }
            &mut object[name.as_str()]
        }
        Segment::Item(text) | Segment::Element(text) => {
            if !object.is_array() {
                *object = json!([]);
            }
            let items = object.as_array_mut().unwrap();
            let at = items.iter().position(|item| is_item(item, first));
            let at = at.unwrap_or_else(|| {
                items.push(serde_json::from_str(text).unwrap());
                items.len() - 1
            });
            &mut items[at]
        }
    };
    set(inner, rest, value);
}

/// Removes the value at a path. Then removes the objects and lists of this path that have become empty.
pub(super) fn remove(object: &mut Value, path: &[Segment]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let is_empty = |value: &Value| match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    match first {
        Segment::Member(name) => {
            let Some(members) = object.as_object_mut() else { return };
            let Some(inner) = members.get_mut(name) else { return };
            remove(inner, rest);
            if rest.is_empty() || is_empty(inner) {
                members.remove(name);
            }
        }
        _ => {
            let Some(items) = object.as_array_mut() else { return };
            let Some(at) = items.iter().position(|item| is_item(item, first)) else {
                return;
            };
            remove(&mut items[at], rest);
            if rest.is_empty() {
                items.remove(at);
            }
        }
    }
}

/// Converts paths to the format `FieldsV1`.
pub(super) fn encode(paths: &PathSet) -> Value {
    let mut root = json!({});
    for path in paths {
        let mut node = &mut root;
        for segment in path {
            let name = match segment {
                Segment::Member(name) => format!("f:{name}"),
                Segment::Item(keys) => format!("k:{keys}"),
                Segment::Element(value) => format!("v:{value}"),
            };
            node = node.as_object_mut().unwrap().entry(name).or_insert_with(|| json!({}));
        }
        if matches!(path.last(), Some(Segment::Item(_))) {
            node["."] = json!({});
        }
    }
    root
}

/// Converts the format `FieldsV1` to paths.
pub(super) fn decode(fields: &Value) -> PathSet {
    fn walk(node: &Value, path: &mut Path, found: &mut PathSet) {
        let members = node.as_object().into_iter().flatten();
        for (name, inner) in members.filter(|(name, _)| *name != ".") {
            let segment = match name.split_once(':') {
                Some(("k", keys)) => Segment::Item(keys.to_owned()),
                Some(("v", value)) => Segment::Element(value.to_owned()),
                Some((_, name)) => Segment::Member(name.to_owned()),
                None => continue,
            };
            path.push(segment);
            let is_leaf = inner
                .as_object()
                .is_none_or(|members| members.is_empty() || members.contains_key("."));
            if is_leaf {
                found.insert(path.clone());
            }
            walk(inner, path, found);
            path.pop();
        }
    }
    let mut found = PathSet::new();
    walk(fields, &mut Vec::new(), &mut found);
    found
}

/// Returns a path in the notation of error messages, such as `.spec.containers[name="worker"].image`.
pub(super) fn shown(path: &[Segment]) -> String {
    let one = |segment: &Segment| match segment {
        Segment::Member(name) => format!(".{name}"),
        Segment::Element(value) => format!("[{value}]"),
        Segment::Item(keys) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap();
            let keys: Vec<String> = keys.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("[{}]", keys.join(","))
        }
    };
    path.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_the_stored_format() {
        let object = json!({
            "metadata": {"finalizers": ["a/b"], "labels": {"x": "1"}},
            "spec": {"containers": [{"name": "worker", "env": [{"name": "A", "value": "1"}], "args": ["x"]}]},
        });
        let paths = leaves(&object, Shape::BuiltIn);
        assert_eq!(decode(&encode(&paths)), paths);
        let shown: Vec<String> = paths.iter().map(|path| super::shown(path)).collect();
        assert!(
            shown.contains(&".spec.containers[name=\"worker\"].env[name=\"A\"].value".to_owned()),
            "{shown:?}"
        );
        let mut copy = json!({});
        for path in &paths {
            set(&mut copy, path, get(&object, path).unwrap().clone());
        }
        assert_eq!(copy, object);
        for path in &paths {
            remove(&mut copy, path);
        }
        assert_eq!(copy, json!({}));
    }
}
