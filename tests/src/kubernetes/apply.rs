//! Server-side apply: records which manager owns which field, and merges applied objects.
//!
//! Each manager has one entry for each operation (`Apply` or `Update`) and subresource. A manager that applies an
//! object owns the fields of the applied object. The manager loses the fields that it applied before and no longer
//! applies. If another manager owns a field with a different value, the field is a conflict. With force, the manager
//! takes over the field instead.

use super::failure::Failure;
use super::fields::{self, PathSet, Segment, Shape};
use super::storage::{now, timestamp};
use serde_json::{Value, json};

/// The field manager that writes an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Manager {
    pub name: String,
    pub api_version: String,
    /// The subresource that is written; empty for the object itself.
    pub subresource: String,
}

#[derive(Clone, Debug)]
struct Entry {
    manager: Manager,
    operation: String,
    time: Value,
    paths: PathSet,
}

impl Entry {
    fn is_of(&self, manager: &Manager, operation: &str) -> bool {
        self.operation == operation
            && self.manager.name == manager.name
            && self.manager.subresource == manager.subresource
    }

    /// Returns the description of the manager for messages about conflicts.
    fn shown(&self) -> String {
        let mut text = format!("{:?}", self.manager.name);
        if !self.manager.subresource.is_empty() {
            text += &format!(" with subresource {:?}", self.manager.subresource);
        }
        if self.operation == "Update" {
            let time = self.time.as_str().unwrap_or_default();
            text += &format!(" using {} at {time}", self.manager.api_version);
        }
        text
    }
}

/// The members of `metadata` that an update cannot change.
pub(super) const SYSTEM: [&str; 9] = [
    "name",
    "namespace",
    "generateName",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
];
/// Further members of `metadata` that cannot be owned by a manager.
const UNOWNED: [&str; 2] = ["managedFields", "selfLink"];

fn owned(object: &Value, shape: Shape) -> PathSet {
    let is_owned = |path: &Vec<Segment>| match path.as_slice() {
        [Segment::Member(first)] => first != "apiVersion" && first != "kind",
        [Segment::Member(first), Segment::Member(second), ..] => {
            let second = second.as_str();
            first != "metadata" || !(SYSTEM.contains(&second) || UNOWNED.contains(&second))
        }
        _ => true,
    };
    fields::leaves(object, shape).into_iter().filter(is_owned).collect()
}

fn entries(object: &Value) -> Vec<Entry> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let stored = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    stored
        .map(|entry| Entry {
            manager: Manager {
                name: text(&entry["manager"]),
                api_version: text(&entry["apiVersion"]),
                subresource: text(&entry["subresource"]),
            },
            operation: text(&entry["operation"]),
            time: entry["time"].clone(),
            paths: fields::decode(&entry["fieldsV1"]),
        })
        .collect()
}

fn store_entries(object: &mut Value, entries: Vec<Entry>) {
    let stored = entries
        .into_iter()
        .filter(|entry| !entry.paths.is_empty())
        .map(|entry| {
            let mut value = json!({
                "manager": entry.manager.name, "operation": entry.operation, "apiVersion": entry.manager.api_version,
                "time": entry.time, "fieldsType": "FieldsV1", "fieldsV1": fields::encode(&entry.paths),
            });
            if !entry.manager.subresource.is_empty() {
                value["subresource"] = entry.manager.subresource.into();
            }
            value
        });
    object["metadata"]["managedFields"] = stored.collect();
}

/// Sets the paths that the manager owns. If these paths do not change, the time of the manager's entry stays the same.
fn give(entries: &mut Vec<Entry>, manager: &Manager, operation: &str, paths: PathSet) {
    match entries.iter_mut().find(|entry| entry.is_of(manager, operation)) {
        Some(entry) if entry.paths == paths && entry.manager == *manager => {}
        Some(entry) => {
            entry.manager = manager.clone();
            entry.paths = paths;
            entry.time = timestamp(now());
        }
        None => entries.push(Entry {
            manager: manager.clone(),
            operation: operation.to_owned(),
            time: timestamp(now()),
            paths,
        }),
    }
}

/// Records which fields an update has changed. The manager of the update then owns these fields, and no other manager
/// owns them.
pub(super) fn record_update(old: &Value, new: &mut Value, manager: &Manager, shape: Shape) {
    // A client may clear the managed fields, but cannot set them.
    let mut entries = match new["metadata"]["managedFields"].as_array() {
        Some(list) if list.is_empty() || list == &[json!({})] => Vec::new(),
        _ => entries(old),
    };
    let (before, after) = (owned(old, shape), owned(new, shape));
    let is_changed = |path: &&Vec<Segment>| {
        let is_item = matches!(path.last(), Some(Segment::Item(_)));
        !before.contains(*path) || (!is_item && fields::get(old, path) != fields::get(new, path))
    };
    let changed: PathSet = after.iter().filter(is_changed).cloned().collect();
    for entry in &mut entries {
        let is_own = entry.is_of(manager, "Update");
        entry
            .paths
            .retain(|path| after.contains(path) && (is_own || !changed.contains(path)));
    }
    let kept = entries.iter().find(|entry| entry.is_of(manager, "Update"));
    let mut paths = kept.map(|entry| entry.paths.clone()).unwrap_or_default();
    let is_new = !changed.is_subset(&paths);
    paths.extend(changed);
    if is_new {
        give(&mut entries, manager, "Update", paths);
    }
    store_entries(new, entries);
}

/// Returns whether the value at a path in the live object is a container: an item of a list, or an object.
fn is_container(live: &Value, path: &[Segment]) -> bool {
    matches!(path.last(), Some(Segment::Item(_))) || fields::get(live, path).is_some_and(Value::is_object)
}

/// Returns whether two paths contain the same field. Two paths that share only a container do not contain the same
/// field.
fn overlap(live: &Value, a: &[Segment], b: &[Segment]) -> bool {
    match a.len().cmp(&b.len()) {
        std::cmp::Ordering::Equal => a == b && !is_container(live, a),
        std::cmp::Ordering::Less => b.starts_with(a) && !is_container(live, a),
        std::cmp::Ordering::Greater => a.starts_with(b) && !is_container(live, b),
    }
}

/// Merges an applied object into the live object. If the live object does not exist, `live` is `{}`.
pub(super) fn apply(
    live: &Value,
    applied: &Value,
    manager: &Manager,
    force: bool,
    shape: Shape,
) -> Result<Value, Failure> {
    let wanted = owned(applied, shape);
    let mut entries = entries(live);
    let mut conflicts: Vec<(String, String)> = Vec::new();
    for entry in entries.iter_mut().filter(|entry| !entry.is_of(manager, "Apply")) {
        let differs = |path: &[Segment]| fields::get(live, path) != fields::get(applied, path);
        let lost: PathSet = entry
            .paths
            .iter()
            .filter(|path| wanted.iter().any(|one| overlap(live, path, one) && differs(one)))
            .cloned()
            .collect();
        let shown = entry.shown();
        conflicts.extend(lost.iter().map(|path| (shown.clone(), fields::shown(path))));
        entry.paths.retain(|path| !lost.contains(path));
    }
    if !conflicts.is_empty() && !force {
        return Err(conflicted(&conflicts));
    }
    let mut merged = live.clone();
    let before = entries.iter().find(|entry| entry.is_of(manager, "Apply"));
    let before = before.map(|entry| entry.paths.clone()).unwrap_or_default();
    // A list item is before its members in the set of paths. The item is therefore removed before the members that
    // identify the item.
    for path in before.iter().filter(|path| !wanted.contains(*path)) {
        let is_kept = wanted
            .iter()
            .any(|one| one.starts_with(path) || path.starts_with(one) && !is_container(live, one));
        let is_shared = entries
            .iter()
            .any(|entry| !entry.is_of(manager, "Apply") && entry.paths.iter().any(|one| one.starts_with(path)));
        if !is_kept && !is_shared {
            fields::remove(&mut merged, path);
        }
    }
    for path in &wanted {
        if let Some(value) = fields::get(applied, path) {
            // An empty object in the applied object must exist in the live object, but its members are not changed.
            let is_there = matches!(path.last(), Some(Segment::Item(_))) || value.is_object();
            if !is_there || fields::get(&merged, path).is_none() {
                fields::set(&mut merged, path, value.clone());
            }
        }
    }
    give(&mut entries, manager, "Apply", wanted);
    store_entries(&mut merged, entries);
    Ok(merged)
}

fn conflicted(conflicts: &[(String, String)]) -> Failure {
    let mut managers: Vec<&str> = conflicts.iter().map(|(manager, _)| manager.as_str()).collect();
    managers.dedup();
    let mut messages = Vec::new();
    for manager in managers {
        let own: Vec<&str> = conflicts
            .iter()
            .filter(|(of, _)| of == manager)
            .map(|(_, field)| field.as_str())
            .collect();
        messages.push(match own.as_slice() {
            [field] => format!("conflict with {manager}: {field}"),
            fields => format!("conflicts with {manager}:\n- {}", fields.join("\n- ")),
        });
    }
    let noun = if conflicts.len() == 1 { "conflict" } else { "conflicts" };
    let message = format!("Apply failed with {} {noun}: {}", conflicts.len(), messages.join("\n"));
    let mut failure = Failure::new(409, "Conflict", message);
    failure.details = json!({"causes": conflicts.iter().map(|(manager, field)| {
        json!({"reason": "FieldManagerConflict", "message": format!("conflict with {manager}"), "field": field})
    }).collect::<Value>()});
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manager(name: &str) -> Manager {
        Manager {
            name: name.to_owned(),
            api_version: "v1".to_owned(),
            subresource: String::new(),
        }
    }

    fn applied(live: &Value, name: &str, object: Value, force: bool) -> Result<Value, Failure> {
        apply(live, &object, &manager(name), force, Shape::BuiltIn)
    }

    #[test]
    fn a_field_of_another_manager_is_a_conflict_without_force() {
        let live = applied(&json!({}), "a", json!({"spec": {"x": 1, "y": 1}}), false).unwrap();
        let failure = applied(&live, "b", json!({"spec": {"x": 2}}), false).unwrap_err();
        assert_eq!(failure.code, 409);
        assert_eq!(
            failure.message,
            "Apply failed with 1 conflict: conflict with \"a\": .spec.x"
        );
        let same = applied(&live, "b", json!({"spec": {"x": 1}}), false).unwrap();
        assert_eq!(same["spec"], live["spec"]);
        let forced = applied(&live, "b", json!({"spec": {"x": 2}}), true).unwrap();
        assert_eq!(forced["spec"], json!({"x": 2, "y": 1}));
        // The first manager has lost the field, so this manager does not remove the field.
        let again = applied(&forced, "a", json!({"spec": {"y": 3}}), false).unwrap();
        assert_eq!(again["spec"], json!({"x": 2, "y": 3}));
    }

    #[test]
    fn a_field_that_is_no_longer_applied_is_removed_unless_another_manager_owns_it() {
        let live = applied(&json!({}), "a", json!({"data": {"x": "1", "y": "1"}}), false).unwrap();
        let live = applied(&live, "b", json!({"data": {"y": "1"}}), false).unwrap();
        let live = applied(&live, "a", json!({"data": {"z": "1"}}), false).unwrap();
        assert_eq!(live["data"], json!({"y": "1", "z": "1"}));
    }

    #[test]
    fn list_items_are_merged_by_their_keys() {
        let condition = |kind: &str, status: &str| json!({"type": kind, "status": status});
        let live = applied(&json!({}), "a", json!({"conditions": [condition("A", "True")]}), false).unwrap();
        let live = applied(&live, "b", json!({"conditions": [condition("B", "True")]}), false).unwrap();
        let live = applied(&live, "a", json!({"conditions": [condition("A", "False")]}), false).unwrap();
        assert_eq!(
            live["conditions"],
            json!([condition("A", "False"), condition("B", "True")])
        );
        let live = applied(&live, "a", json!({}), false).unwrap();
        assert_eq!(live["conditions"], json!([condition("B", "True")]));
    }

    #[test]
    fn an_update_takes_the_changed_fields_from_their_managers() {
        let live = applied(&json!({}), "a", json!({"spec": {"x": 1, "y": 1}}), false).unwrap();
        let mut new = live.clone();
        new["spec"]["x"] = 2.into();
        record_update(&live, &mut new, &manager("kubectl"), Shape::BuiltIn);
        let failure = applied(&new, "a", json!({"spec": {"x": 1, "y": 1}}), false).unwrap_err();
        assert!(
            failure.message.contains("conflict with \"kubectl\" using v1 at "),
            "{}",
            failure.message
        );
        let same = applied(&live, "a", json!({"spec": {"x": 1, "y": 1}}), false).unwrap();
        assert_eq!(same, live, "an apply without changes changes nothing");
    }
}
