//! The permissions that an operator needs in its namespace. The Role in `infra/kubernetes` is generated from this list.

use super::crd::{GROUP, PLURAL};
use serde_json::{Value, json};

/// The permissions that an operator needs in addition to the permissions of a launcher. Each entry contains a group, a
/// resource and verbs. An operator makes no call that needs another permission.
const PERMISSIONS: [(&str, &str, &[&str]); 5] = [
    (GROUP, PLURAL, &["delete", "get", "list", "patch", "watch"]),
    (GROUP, "loadtests/status", &["patch"]),
    ("", "configmaps", &["get"]),
    ("", "events", &["create"]),
    ("coordination.k8s.io", "leases", &["create", "get", "update"]),
];

/// Returns the Role with the permissions of a launcher and of an operator.
pub(super) fn role() -> Value {
    let own = PERMISSIONS
        .iter()
        .map(|(group, resource, verbs)| json!({ "apiGroups": [group], "resources": [resource], "verbs": verbs }));
    let of_launcher = fleet::kubernetes::role_rules();
    let of_launcher = of_launcher.as_array().cloned().unwrap_or_default();
    let rules: Vec<Value> = of_launcher.into_iter().chain(own).collect();
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": { "name": "vajra-cloud-operator" },
        "rules": rules,
    })
}
