//! Records the Events of controllers and of the kubelet.

use super::storage::{Key, Storage, now, suffix, timestamp, uid};
use super::writes;
use serde_json::{Value, json};

/// Stores an Event of a controller. If the same Event already exists, the count of the existing Event is increased
/// instead.
pub(super) fn record(storage: &mut Storage, about: &Value, component: &str, kind: &str, reason: &str, message: &str) {
    let metadata = &about["metadata"];
    let (name, namespace) = (
        metadata["name"].as_str().unwrap_or_default(),
        metadata["namespace"].as_str().unwrap_or("default"),
    );
    let repeated = storage.keyed("events", Some(namespace)).find(|(_, event)| {
        event["involvedObject"]["uid"] == metadata["uid"] && event["reason"] == reason && event["message"] == message
    });
    if let Some(key) = repeated.map(|(key, _)| key.clone()) {
        writes::modify(storage, &key, |event| {
            event["count"] = (event["count"].as_u64().unwrap_or(1) + 1).into();
            event["lastTimestamp"] = timestamp(now());
        });
        return;
    }
    let key = Key::new("events", namespace, &format!("{name}.{}{}", suffix(), suffix()));
    let now = timestamp(now());
    let event = json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": key.name, "namespace": namespace, "uid": uid(), "creationTimestamp": now},
        "involvedObject": {
            "apiVersion": about["apiVersion"], "kind": about["kind"], "name": name, "namespace": namespace,
            "uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"],
        },
        "reason": reason, "message": message, "type": kind, "count": 1,
        "source": {"component": component}, "reportingComponent": component, "reportingInstance": "",
        "firstTimestamp": now, "lastTimestamp": now, "eventTime": null,
    });
    storage.put(&key, event);
}
