//! Applies patches: JSON merge patch (RFC 7386) and JSON patch (RFC 6902).

use super::failure::Failure;
use serde_json::{Value, json};

pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Some(members) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in members {
        let object = target.as_object_mut().unwrap();
        if value.is_null() {
            object.remove(name);
        } else {
            merge(object.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Applies a JSON patch with the operations `add`, `replace`, `remove` and `test`. Returns an error for any other
/// operation.
pub(super) fn json_patch(target: &mut Value, patch: &Value) -> Result<(), Failure> {
    for operation in patch.as_array().into_iter().flatten() {
        let path = operation["path"].as_str().unwrap_or_default();
        let name = operation["op"].as_str().unwrap_or_default();
        let unable = || {
            Failure::new(
                422,
                "Invalid",
                format!("the server rejected our request due to an error in our request: {name} {path}"),
            )
        };
        let (parent, last) = path.rsplit_once('/').ok_or_else(unable)?;
        let last = last.replace("~1", "/").replace("~0", "~");
        if name == "test" {
            match target.pointer(path) == Some(&operation["value"]) {
                true => continue,
                false => return Err(unable()),
            }
        }
        let value = operation["value"].clone();
        match (target.pointer_mut(parent).ok_or_else(unable)?, name) {
            (Value::Object(members), "add") => {
                members.insert(last, value);
            }
            (Value::Object(members), "replace") => *members.get_mut(&last).ok_or_else(unable)? = value,
            (Value::Object(members), "remove") => {
                members.remove(&last).ok_or_else(unable)?;
            }
            (Value::Array(items), "add") if last == "-" => items.push(value),
            (Value::Array(items), _) => {
                let at: usize = last.parse().map_err(|_| unable())?;
                match name {
                    "add" if at <= items.len() => items.insert(at, value),
                    "replace" if at < items.len() => items[at] = value,
                    "remove" if at < items.len() => {
                        items.remove(at);
                    }
                    _ => return Err(unable()),
                }
            }
            _ => return Err(unable()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_patch_sets_members_and_removes_null_members() {
        let mut object = json!({"a": {"b": 1, "c": [1]}, "d": 1});
        merge(&mut object, &json!({"a": {"b": null, "c": [2], "e": {"f": null}}}));
        assert_eq!(object, json!({"a": {"c": [2], "e": {}}, "d": 1}));
    }

    #[test]
    fn a_json_patch_stops_at_a_failed_test() {
        let mut object = json!({"metadata": {"finalizers": ["a/b"]}});
        let patch = json!([
            {"op": "test", "path": "/metadata/finalizers/0", "value": "a/b"},
            {"op": "remove", "path": "/metadata/finalizers/0"},
        ]);
        json_patch(&mut object, &patch).unwrap();
        assert_eq!(object, json!({"metadata": {"finalizers": []}}));
        assert_eq!(json_patch(&mut object, &patch).unwrap_err().code, 422);
    }
}
