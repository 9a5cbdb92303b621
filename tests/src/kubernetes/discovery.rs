//! The discovery documents, from which clients read the existing resources.

use super::resources::{Resource, all};
use super::storage::Storage;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Returns the discovery document at a path; `None` if the path does not belong to a discovery document.
pub(super) fn document(storage: &Storage, path: &[&str], host: &str) -> Option<Value> {
    let resources = all(storage);
    match path {
        ["version"] => Some(json!({
            "major": "1", "minor": "33", "gitVersion": "v1.33.0", "gitCommit": "stand-in", "gitTreeState": "clean",
            "buildDate": "2025-04-23T00:00:00Z", "goVersion": "go1.24.2", "compiler": "gc", "platform": "linux/amd64",
        })),
        ["api"] => Some(json!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": host}],
        })),
        ["apis"] => Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups(&resources)})),
        ["api", "v1"] => Some(list(&resources, "", "v1")),
        ["apis", group] => groups(&resources)
            .into_iter()
            .find(|one| one["name"] == *group)
            .map(|mut one| {
                one["kind"] = "APIGroup".into();
                one["apiVersion"] = "v1".into();
                one
            }),
        ["apis", group, version] => {
            let is_known = resources
                .iter()
                .any(|one| one.group == *group && one.version == *version);
            is_known.then(|| list(&resources, group, version))
        }
        ["openapi", "v3"] => Some(json!({"paths": openapi_paths(&resources)})),
        ["openapi", "v3", "api", "v1"] => Some(openapi(&resources, "", "v1")),
        ["openapi", "v3", "apis", group, version] => Some(openapi(&resources, group, version)),
        _ => None,
    }
}

fn groups(resources: &[Resource]) -> Vec<Value> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for resource in resources.iter().filter(|one| !one.group.is_empty()) {
        let list = versions.entry(&resource.group).or_default();
        if !list.contains(&resource.version.as_str()) {
            list.push(&resource.version);
        }
    }
    let one = |(group, versions): (&&str, &Vec<&str>)| {
        let all: Vec<Value> = versions
            .iter()
            .map(|version| json!({"groupVersion": format!("{group}/{version}"), "version": version}))
            .collect();
        json!({"name": group, "versions": all, "preferredVersion": all[0]})
    };
    versions.iter().map(one).collect()
}

fn list(resources: &[Resource], group: &str, version: &str) -> Value {
    let mut entries = Vec::new();
    let own = resources
        .iter()
        .filter(|one| one.group == group && one.version == version);
    for resource in own {
        let verbs: &[&str] = match resource.plural.as_str() {
            "selfsubjectaccessreviews" => &["create"],
            _ => &[
                "create",
                "delete",
                "deletecollection",
                "get",
                "list",
                "patch",
                "update",
                "watch",
            ],
        };
        entries.push(json!({
            "name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced,
            "kind": resource.kind, "verbs": verbs, "shortNames": resource.short_names,
        }));
        for subresource in &resource.subresources {
            let verbs: &[&str] = match subresource.as_str() {
                "log" => &["get"],
                "eviction" | "token" => &["create"],
                _ => &["get", "patch", "update"],
            };
            entries.push(json!({
                "name": format!("{}/{subresource}", resource.plural), "singularName": "",
                "namespaced": resource.namespaced, "kind": resource.kind, "verbs": verbs,
            }));
        }
    }
    let group_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": entries})
}

fn openapi_paths(resources: &[Resource]) -> Value {
    let mut paths = json!({});
    for resource in resources {
        let path = match resource.group.as_str() {
            "" => "api/v1".to_owned(),
            group => format!("apis/{group}/{}", resource.version),
        };
        paths[&path] = json!({"serverRelativeURL": format!("/openapi/v3/{path}?hash=1")});
    }
    paths
}

/// Returns an OpenAPI document that contains only the existing kinds, and the statement that the server validates
/// fields.
fn openapi(resources: &[Resource], group: &str, version: &str) -> Value {
    let (mut paths, mut schemas) = (json!({}), json!({}));
    let own = resources
        .iter()
        .filter(|one| one.group == group && one.version == version);
    for resource in own {
        let kind = json!({"group": group, "version": version, "kind": resource.kind});
        let prefix = if group.is_empty() {
            "/api/v1".to_owned()
        } else {
            format!("/apis/{group}/{version}")
        };
        let namespace = if resource.namespaced {
            "/namespaces/{namespace}"
        } else {
            ""
        };
        let path = format!("{prefix}{namespace}/{}/{{name}}", resource.plural);
        let parameters: Value = ["dryRun", "fieldManager", "fieldValidation", "force"]
            .iter()
            .map(|name| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}}))
            .collect();
        paths[&path] = json!({"patch": {
            "parameters": parameters, "responses": {"200": {"description": "OK"}},
            "x-kubernetes-group-version-kind": kind, "x-kubernetes-action": "patch",
        }});
        let name = format!("{}.{version}.{}", group.replace('/', "."), resource.kind);
        let schema = resource.schema().cloned();
        let mut schema =
            schema.unwrap_or_else(|| json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}));
        schema["x-kubernetes-group-version-kind"] = json!([kind]);
        schemas[&name] = schema;
    }
    json!({
        "openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.33.0"},
        "paths": paths, "components": {"schemas": schemas},
    })
}
