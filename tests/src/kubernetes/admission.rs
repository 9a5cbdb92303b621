//! Sets the defaults of new and changed objects, and checks these objects.

use super::events;
use super::failure::{Cause, Failure};
use super::job_rules;
use super::quotas;
use super::resources::Resource;
use super::schema;
use super::storage::{Key, Storage, now, timestamp};
use serde_json::{Value, json};

/// Refuses an object if its namespace does not exist or is being deleted.
pub(super) fn check_namespace(
    storage: &Storage,
    resource: &Resource,
    object: &Value,
    namespace: &str,
) -> Result<(), Failure> {
    let key = Key::new("namespaces", "", namespace);
    let Some(found) = storage.get(&key) else {
        return Err(Failure::new(
            404,
            "NotFound",
            format!("namespaces \"{namespace}\" not found"),
        ));
    };
    if found["metadata"]["deletionTimestamp"].is_string() {
        let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        return Err(Failure::forbidden(resource, name, &why));
    }
    Ok(())
}

/// Sets the defaults of an object and checks it. `old` is the object before an update. Returns the warnings for the
/// client.
pub(super) fn check(
    storage: &Storage,
    resource: &Resource,
    old: Option<&Value>,
    new: &mut Value,
    strict: bool,
) -> Result<Vec<String>, Failure> {
    let name = new["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    if resource.custom.is_some() {
        return check_custom(resource, &name, old, new, strict);
    }
    let causes = match (resource.plural.as_str(), old) {
        ("jobs", None) => job_rules::check_new(new),
        ("jobs", Some(old)) => job_rules::check_changed(old, new),
        ("pods", None) => {
            let causes = new_pod(new);
            if causes.is_empty() {
                quotas::check(storage, resource, new)?;
            }
            causes
        }
        ("customresourcedefinitions", _) => definition(new),
        ("events", None) => {
            events::check(resource, new)?;
            Vec::new()
        }
        ("namespaces", None) => {
            new["status"] = json!({"phase": "Active"});
            new["metadata"]["labels"]["kubernetes.io/metadata.name"] = name.as_str().into();
            Vec::new()
        }
        ("secrets", _) => {
            encode_secret(new);
            Vec::new()
        }
        ("poddisruptionbudgets", _) => budget(new),
        _ => Vec::new(),
    };
    match causes.as_slice() {
        [] => Ok(Vec::new()),
        causes => Err(Failure::invalid(resource, &name, causes)),
    }
}

fn check_custom(
    resource: &Resource,
    name: &str,
    old: Option<&Value>,
    new: &mut Value,
    strict: bool,
) -> Result<Vec<String>, Failure> {
    let Some(schema) = resource.schema().filter(|schema| schema.is_object()) else {
        return Ok(Vec::new());
    };
    let unknown = schema::prune(new, schema, "");
    let unknown: Vec<String> = unknown.iter().map(|path| format!("unknown field {path:?}")).collect();
    if strict && !unknown.is_empty() {
        let message = format!(
            "{} in version {:?} cannot be handled as a {}: strict decoding error: {}",
            resource.kind,
            resource.version,
            resource.kind,
            unknown.join(", ")
        );
        return Err(Failure::bad_request(message));
    }
    schema::set_defaults(new, schema);
    match schema::problems(new, old, schema, "").as_slice() {
        [] => Ok(unknown),
        causes => Err(Failure::invalid(resource, name, causes)),
    }
}

/// Sets the defaults of a pod's spec. Returns the problems of this spec.
pub(super) fn pod_spec(spec: &mut Value, field: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    let defaults = json!({
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler", "securityContext": {},
    });
    for (name, value) in defaults.as_object().into_iter().flatten() {
        if spec[name.as_str()].is_null() {
            spec[name.as_str()] = value.clone();
        }
    }
    let volumes: Vec<String> = spec["volumes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|volume| volume["name"].as_str().map(str::to_owned))
        .collect();
    let Some(containers) = spec["containers"].as_array_mut().filter(|list| !list.is_empty()) else {
        causes.push(Cause::required(format!("{field}.containers"), ""));
        return causes;
    };
    for (at, container) in containers.iter_mut().enumerate() {
        let field = format!("{field}.containers[{at}]");
        for member in ["name", "image"] {
            if container[member].as_str().unwrap_or_default().is_empty() {
                causes.push(Cause::required(format!("{field}.{member}"), ""));
            }
        }
        for (number, mount) in container["volumeMounts"].as_array().into_iter().flatten().enumerate() {
            let name = mount["name"].as_str().unwrap_or_default();
            if !volumes.iter().any(|volume| volume == name) {
                causes.push(Cause {
                    field: format!("{field}.volumeMounts[{number}].name"),
                    reason: "FieldValueNotFound",
                    message: format!("Not found: {name:?}"),
                });
            }
        }
        let defaults = json!({
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "resources": {},
        });
        for (name, value) in defaults.as_object().into_iter().flatten() {
            if container[name.as_str()].is_null() {
                container[name.as_str()] = value.clone();
            }
        }
        if container["imagePullPolicy"].is_null() {
            let image = container["image"].as_str().unwrap_or_default();
            let last = image.rsplit('/').next().unwrap_or_default();
            let is_latest = !image.contains('@') && (!last.contains(':') || last.ends_with(":latest"));
            container["imagePullPolicy"] = if is_latest { "Always" } else { "IfNotPresent" }.into();
        }
    }
    causes
}

fn new_pod(pod: &mut Value) -> Vec<Cause> {
    let causes = pod_spec(&mut pod["spec"], "spec");
    if pod["spec"]["serviceAccountName"].is_null() {
        pod["spec"]["serviceAccountName"] = "default".into();
    }
    pod["status"] = json!({"phase": "Pending", "qosClass": "BestEffort"});
    causes
}

/// Checks a CustomResourceDefinition, and marks it as established.
fn definition(object: &mut Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let (spec, name) = (&object["spec"], &object["metadata"]["name"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let expected = format!("{}.{}", text(&spec["names"]["plural"]), text(&spec["group"]));
    if *name != expected.as_str() {
        causes.push(Cause::invalid(
            "metadata.name",
            name,
            "must be spec.names.plural+\".\"+spec.group",
        ));
    }
    let versions = spec["versions"].as_array().cloned().unwrap_or_default();
    if versions.iter().filter(|version| version["storage"] == true).count() != 1 {
        let versions = json!(
            versions
                .iter()
                .map(|version| version["name"].clone())
                .collect::<Value>()
        );
        causes.push(Cause::invalid(
            "spec.versions",
            &versions,
            "must have exactly one version marked as storage version",
        ));
    }
    for (at, version) in versions.iter().enumerate() {
        let field = format!("spec.versions[{at}].schema.openAPIV3Schema");
        if !version["schema"]["openAPIV3Schema"].is_object() {
            causes.push(Cause::required(&field, "schemas are required"));
        }
        causes.extend(schema::unsupported(&version["schema"]["openAPIV3Schema"], &field));
    }
    let names = &mut object["spec"]["names"];
    let kind = text(&names["kind"]);
    for (member, value) in [("singular", kind.to_lowercase()), ("listKind", format!("{kind}List"))] {
        if names[member].is_null() {
            names[member] = value.into();
        }
    }
    if object["status"]["conditions"].is_null() {
        let condition = |kind: &str, reason: &str, message: &str| {
            let now = timestamp(now());
            json!({"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": now})
        };
        object["status"] = json!({
            "acceptedNames": object["spec"]["names"],
            "storedVersions": versions.iter().filter(|version| version["storage"] == true)
                .map(|version| version["name"].clone()).collect::<Value>(),
            "conditions": [
                condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
            ],
        });
    }
    causes
}

/// Moves the values in the member `stringData` of a Secret to the member `data`, encoded in base64.
fn encode_secret(secret: &mut Value) {
    use base64::Engine;
    let plain = secret.as_object_mut().unwrap().remove("stringData");
    for (name, value) in plain.as_ref().and_then(Value::as_object).into_iter().flatten() {
        let encoded = base64::engine::general_purpose::STANDARD.encode(value.as_str().unwrap_or_default());
        secret["data"][name.as_str()] = encoded.into();
    }
    if secret["type"].is_null() {
        secret["type"] = "Opaque".into();
    }
}

fn budget(object: &Value) -> Vec<Cause> {
    let spec = &object["spec"];
    if spec["minAvailable"].is_null() || spec["maxUnavailable"].is_null() {
        return Vec::new();
    }
    vec![Cause::invalid(
        "spec",
        spec,
        "minAvailable and maxUnavailable cannot be both set",
    )]
}
