//! The resources of the API: the built-in resources, and the resources that CustomResourceDefinitions add.

use super::storage::Storage;
use serde_json::Value;
use std::sync::Arc;

/// A resource of the API: a kind of objects, with its group, its version and its plural name.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// The group of the API; empty for the core group.
    pub group: String,
    pub version: String,
    pub plural: String,
    pub singular: String,
    pub kind: String,
    pub short_names: Vec<String>,
    pub namespaced: bool,
    pub subresources: Vec<String>,
    /// Whether `metadata.generation` counts the changes of the spec.
    pub generation: bool,
    /// The version in the CustomResourceDefinition of the resource; `None` if the resource is built in.
    pub custom: Option<Arc<Value>>,
}

/// A built-in resource: group, version, plural name, kind, short names, whether its objects are in namespaces, and
/// subresources.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    bool,
    &'static [&'static str],
);
const RBAC: &str = "rbac.authorization.k8s.io";
const BUILT_IN: [Row; 21] = [
    ("", "v1", "pods", "Pod", &["po"], true, &["status", "log", "eviction"]),
    ("", "v1", "configmaps", "ConfigMap", &["cm"], true, &[]),
    (
        "",
        "v1",
        "persistentvolumeclaims",
        "PersistentVolumeClaim",
        &["pvc"],
        true,
        &[],
    ),
    ("", "v1", "secrets", "Secret", &[], true, &[]),
    ("", "v1", "serviceaccounts", "ServiceAccount", &["sa"], true, &["token"]),
    ("", "v1", "events", "Event", &["ev"], true, &[]),
    (
        "",
        "v1",
        "resourcequotas",
        "ResourceQuota",
        &["quota"],
        true,
        &["status"],
    ),
    ("", "v1", "nodes", "Node", &["no"], false, &["status"]),
    (
        "",
        "v1",
        "namespaces",
        "Namespace",
        &["ns"],
        false,
        &["status", "finalize"],
    ),
    ("events.k8s.io", "v1", "events", "Event", &["ev"], true, &[]),
    ("batch", "v1", "jobs", "Job", &[], true, &["status"]),
    (
        "policy",
        "v1",
        "poddisruptionbudgets",
        "PodDisruptionBudget",
        &["pdb"],
        true,
        &["status"],
    ),
    ("coordination.k8s.io", "v1", "leases", "Lease", &[], true, &[]),
    (
        "apiextensions.k8s.io",
        "v1",
        "customresourcedefinitions",
        "CustomResourceDefinition",
        &["crd", "crds"],
        false,
        &["status"],
    ),
    (RBAC, "v1", "roles", "Role", &[], true, &[]),
    (RBAC, "v1", "rolebindings", "RoleBinding", &[], true, &[]),
    (RBAC, "v1", "clusterroles", "ClusterRole", &[], false, &[]),
    (RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding", &[], false, &[]),
    (
        "networking.k8s.io",
        "v1",
        "networkpolicies",
        "NetworkPolicy",
        &["netpol"],
        true,
        &[],
    ),
    (
        "authorization.k8s.io",
        "v1",
        "selfsubjectaccessreviews",
        "SelfSubjectAccessReview",
        &[],
        false,
        &[],
    ),
    (
        "scheduling.k8s.io",
        "v1",
        "priorityclasses",
        "PriorityClass",
        &["pc"],
        false,
        &[],
    ),
];

/// The plurals of the resources whose objects have a generation.
const WITH_GENERATION: [&str; 4] = ["pods", "jobs", "poddisruptionbudgets", "customresourcedefinitions"];

impl Resource {
    fn built_in((group, version, plural, kind, short, namespaced, subresources): Row) -> Resource {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Resource {
            group: group.to_owned(),
            version: version.to_owned(),
            plural: plural.to_owned(),
            singular: kind.to_lowercase(),
            kind: kind.to_owned(),
            short_names: owned(short),
            namespaced,
            subresources: owned(subresources),
            generation: WITH_GENERATION.contains(&plural),
            custom: None,
        }
    }

    fn custom(definition: &Value, version: &Value) -> Resource {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (spec, names) = (&definition["spec"], &definition["spec"]["names"]);
        let subresources = version["subresources"].as_object();
        Resource {
            group: text(&spec["group"]),
            version: text(&version["name"]),
            plural: text(&names["plural"]),
            singular: text(&names["kind"]).to_lowercase(),
            kind: text(&names["kind"]),
            short_names: names["shortNames"].as_array().into_iter().flatten().map(text).collect(),
            namespaced: spec["scope"] == "Namespaced",
            subresources: subresources.into_iter().flat_map(|map| map.keys().cloned()).collect(),
            generation: true,
            custom: Some(Arc::new(version.clone())),
        }
    }

    /// Returns the plural name and the group, such as `jobs.batch`. For the core group, returns only the plural name,
    /// such as `pods`.
    pub(super) fn qualified(&self) -> String {
        qualify(&self.plural, &self.group)
    }

    /// Returns the kind and the group, such as `Job.batch`.
    pub(super) fn qualified_kind(&self) -> String {
        qualify(&self.kind, &self.group)
    }

    pub(super) fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// Returns the resource name under which the objects are stored. The two resources for events share their objects.
    pub(super) fn stored(&self) -> String {
        match self.plural.as_str() {
            "events" => "events".to_owned(),
            _ => self.qualified(),
        }
    }

    pub(super) fn has_status(&self) -> bool {
        self.subresources.iter().any(|name| name == "status")
    }

    /// Returns the schema of a custom resource; `None` if the resource is built in.
    pub(super) fn schema(&self) -> Option<&Value> {
        self.custom
            .as_ref()
            .map(|version| &version["schema"]["openAPIV3Schema"])
    }
}

fn qualify(name: &str, group: &str) -> String {
    match group {
        "" => name.to_owned(),
        group => format!("{name}.{group}"),
    }
}

/// Returns all resources that exist: the built-in resources and the custom resources.
pub(super) fn all(storage: &Storage) -> Vec<Resource> {
    let mut all: Vec<Resource> = BUILT_IN.into_iter().map(Resource::built_in).collect();
    for definition in storage.list("customresourcedefinitions.apiextensions.k8s.io", None) {
        let versions = definition["spec"]["versions"].as_array().into_iter().flatten();
        let served = versions.filter(|version| version["served"] == true);
        all.extend(served.map(|version| Resource::custom(&definition, version)));
    }
    all
}

/// Returns the resource with this group, version and plural.
pub(super) fn find(storage: &Storage, group: &str, version: &str, plural: &str) -> Option<Resource> {
    all(storage)
        .into_iter()
        .find(|one| (one.group.as_str(), one.version.as_str(), one.plural.as_str()) == (group, version, plural))
}

/// Returns the resource with this API version and kind, for example of an owner reference.
pub(super) fn of_kind(storage: &Storage, api_version: &str, kind: &str) -> Option<Resource> {
    all(storage)
        .into_iter()
        .find(|one| one.kind == kind && one.api_version() == api_version)
}

/// Returns the built-in resource with this plural name. Panics if no built-in resource has this name.
pub(super) fn built_in(plural: &str) -> Resource {
    let row = BUILT_IN.into_iter().find(|row| row.2 == plural).unwrap();
    Resource::built_in(row)
}
