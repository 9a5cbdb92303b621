//! Converts Events between two API groups, which use different names for the same members. The stored Events have the
//! names of the core group.

use super::failure::{Cause, Failure};
use super::resources::Resource;
use serde_json::Value;

/// The names of the members in the core group, and in the group `events.k8s.io`.
const NAMES: [(&str, &str); 7] = [
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("reportingComponent", "reportingController"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
];

const GROUP: &str = "events.k8s.io";

fn renamed(object: &Value, api_version: &str, pairs: impl Iterator<Item = (&'static str, &'static str)>) -> Value {
    let mut object = object.clone();
    object["apiVersion"] = api_version.into();
    let members = object.as_object_mut().unwrap();
    for (from, to) in pairs {
        if let Some(value) = members.remove(from) {
            members.insert(to.to_owned(), value);
        }
    }
    object
}

/// Converts a stored object to the form that the API of the resource returns.
pub(super) fn shown(resource: &Resource, object: &Value) -> Value {
    match resource.group.as_str() {
        GROUP => renamed(object, "events.k8s.io/v1", NAMES.into_iter()),
        _ => object.clone(),
    }
}

/// Converts an object of the API to the form in which it is stored.
pub(super) fn stored(resource: &Resource, object: Value) -> Value {
    match resource.group.as_str() {
        GROUP => renamed(&object, "v1", NAMES.into_iter().map(|(core, new)| (new, core))),
        _ => object,
    }
}

/// Checks a new Event. The group `events.k8s.io` requires more members than the core group.
pub(super) fn check(resource: &Resource, object: &Value) -> Result<(), Failure> {
    if resource.group != GROUP {
        return Ok(());
    }
    let required = [
        "eventTime",
        "reportingComponent",
        "reportingInstance",
        "action",
        "reason",
    ];
    let missing: Vec<Cause> = required
        .into_iter()
        .filter(|name| object[*name].as_str().unwrap_or_default().is_empty())
        .map(|name| {
            Cause::required(
                if name == "reportingComponent" {
                    "reportingController"
                } else {
                    name
                },
                "",
            )
        })
        .collect();
    match missing.as_slice() {
        [] => Ok(()),
        causes => Err(Failure::invalid(
            resource,
            object["metadata"]["name"].as_str().unwrap_or_default(),
            causes,
        )),
    }
}
