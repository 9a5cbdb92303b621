//! Reads and sets the conditions in the status of an object.

use super::storage::{now, timestamp};
use serde_json::{Value, json};

pub(super) fn get<'a>(status: &'a Value, kind: &str) -> Option<&'a Value> {
    let list = status["conditions"].as_array()?;
    list.iter().find(|condition| condition["type"] == kind)
}

pub(super) fn is_true(status: &Value, kind: &str) -> bool {
    get(status, kind).is_some_and(|condition| condition["status"] == "True")
}

/// Sets a condition. If the status of the condition does not change, the time of its last transition does not change
/// either.
pub(super) fn set(status: &mut Value, kind: &str, value: &str, reason: &str, message: &str) {
    if !status["conditions"].is_array() {
        status["conditions"] = json!([]);
    }
    let list = status["conditions"].as_array_mut().unwrap();
    let mut condition = json!({"type": kind, "status": value, "lastTransitionTime": timestamp(now())});
    for (member, text) in [("reason", reason), ("message", message)] {
        if !text.is_empty() {
            condition[member] = text.into();
        }
    }
    match list.iter_mut().find(|condition| condition["type"] == kind) {
        Some(old) => {
            if old["status"] == value {
                condition["lastTransitionTime"] = old["lastTransitionTime"].clone();
            }
            *old = condition;
        }
        None => list.push(condition),
    }
}
