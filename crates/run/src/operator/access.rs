//! The permissions that an operator needs in its namespace. The Role of `infra/kubernetes` is generated from them.

use super::crd::{GROUP, PLURAL};
use serde_json::{Value, json};

/// The permissions that an operator needs in addition to those of a launcher: the group, the resource and the verbs. An
/// operator calls the API of the cluster with no other verb.
const PERMISSIONS: [(&str, &str, &[&str]); 5] = [
    (GROUP, PLURAL, &["delete", "get", "list", "patch", "watch"]),
    (GROUP, "loadtests/status", &["patch"]),
    ("", "configmaps", &["get"]),
    ("", "events", &["create"]),
    ("coordination.k8s.io", "leases", &["create", "get", "update"]),
];

/// Returns the Role with these permissions.
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
