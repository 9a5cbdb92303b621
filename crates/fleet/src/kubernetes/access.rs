//! The permissions that a launcher needs. `doctor` asks the cluster whether the user has each permission. The Role in
//! `infra/kubernetes` is generated from this list.

use super::names;
use serde_json::{Value, json};

/// A permission in the namespace of the pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Permission {
    pub(super) group: &'static str,
    pub(super) resource: &'static str,
    pub(super) verbs: &'static [&'static str],
    /// The name of the only object to which the permission applies; `None` for all objects.
    pub(super) name: Option<&'static str>,
}

const fn permission(group: &'static str, resource: &'static str, verbs: &'static [&'static str]) -> Permission {
    Permission {
        group,
        resource,
        verbs,
        name: None,
    }
}

/// The permissions that a launcher needs. A launcher needs no other permission in the namespace.
pub(super) const PERMISSIONS: [Permission; 7] = [
    permission("batch", "jobs", &["create", "delete", "get", "patch", "watch"]),
    permission("policy", "poddisruptionbudgets", &["create"]),
    permission("", "pods", &["list"]),
    permission("", "events", &["list"]),
    permission("", "resourcequotas", &["list"]),
    permission("", "persistentvolumeclaims", &["get"]),
    Permission {
        name: Some(names::ALLOW_CONFIG_MAP),
        ..permission("", "configmaps", &["get"])
    },
];

/// Returns the Role with the permissions in [`PERMISSIONS`].
pub(super) fn role() -> Value {
    let rules: Vec<Value> = PERMISSIONS
        .iter()
        .map(|permission| {
            let mut rule = json!({
                "apiGroups": [permission.group],
                "resources": [permission.resource],
                "verbs": permission.verbs,
            });
            if let Some(name) = permission.name {
                rule["resourceNames"] = json!([name]);
            }
            rule
        })
        .collect();
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": { "name": "vajra-cloud-launcher" },
        "rules": rules,
    })
}
