//! Creates, updates, patches and deletes objects, with the rules that apply to all kinds.

use super::admission;
use super::apply::{self, Manager, SYSTEM};
use super::events;
use super::failure::{Cause, Failure};
use super::fields::Shape;
use super::patch;
use super::resources::Resource;
use super::storage::{Key, Storage, now, suffix, timestamp, uid};
use serde_json::{Value, json};
use std::sync::Arc;
use time::Duration;

/// A write to the API: the object to write, and the options of the write.
#[derive(Debug)]
pub(super) struct Write<'a> {
    pub resource: &'a Resource,
    pub namespace: &'a str,
    pub name: &'a str,
    pub subresource: &'a str,
    pub manager: Manager,
    pub dry_run: bool,
    /// Whether unknown fields are an error.
    pub strict: bool,
    /// The warnings that the answer contains for the client.
    pub warnings: Vec<String>,
}

impl<'a> Write<'a> {
    /// Returns a write of a controller. `name` is empty if the write creates an object.
    pub(super) fn of_controller(resource: &'a Resource, namespace: &'a str, name: &'a str) -> Write<'a> {
        Write {
            resource,
            namespace,
            name,
            subresource: "",
            manager: Manager {
                name: "kube-controller-manager".to_owned(),
                api_version: resource.api_version(),
                subresource: String::new(),
            },
            dry_run: false,
            strict: false,
            warnings: Vec::new(),
        }
    }
}

/// The resources whose updates must contain the resourceVersion of the object that they replace.
const CONDITIONAL: [&str; 3] = ["leases", "poddisruptionbudgets", "customresourcedefinitions"];

/// The resources whose objects contain other objects. Each has the finalizer that stays until the contained objects are
/// deleted.
pub(super) const CLEANED: [(&str, &str); 2] = [
    ("namespaces", "kubernetes"),
    (
        "customresourcedefinitions",
        "customresourcecleanup.apiextensions.k8s.io",
    ),
];

impl Write<'_> {
    fn key(&self) -> Key {
        Key::new(self.resource.stored(), self.namespace, self.name)
    }

    fn shape(&self) -> Shape<'_> {
        Shape::of(self.resource.schema())
    }

    fn find(&self, storage: &Storage) -> Result<Arc<Value>, Failure> {
        storage
            .get(&self.key())
            .ok_or_else(|| Failure::not_found(self.resource, self.name))
    }

    /// Creates an object. If `applied` is true, the managed fields of the object are already set.
    pub(super) fn create(&mut self, storage: &mut Storage, body: Value, applied: bool) -> Result<Arc<Value>, Failure> {
        let resource = self.resource;
        let mut object = self.identified(body)?;
        if resource.namespaced {
            admission::check_namespace(storage, resource, &object, self.namespace)?;
        }
        let name = new_name(resource, &object)?;
        let metadata = &mut object["metadata"];
        metadata["name"] = name.as_str().into();
        if !metadata["resourceVersion"].as_str().unwrap_or_default().is_empty() {
            return Err(Failure::bad_request(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        let key = Key::new(resource.stored(), self.namespace, &name);
        if storage.get(&key).is_some() {
            return Err(Failure::already_exists(resource, &name));
        }
        for member in [
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
            "resourceVersion",
        ] {
            metadata.as_object_mut().unwrap().remove(member);
        }
        metadata["uid"] = uid().into();
        metadata["creationTimestamp"] = timestamp(now());
        if resource.generation {
            metadata["generation"] = 1.into();
        }
        if resource.namespaced {
            metadata["namespace"] = self.namespace.into();
        }
        if resource.has_status() {
            object.as_object_mut().unwrap().remove("status");
        }
        object = events::stored(resource, object);
        if !applied {
            object["metadata"].as_object_mut().unwrap().remove("managedFields");
            apply::record_update(&json!({}), &mut object, &self.manager, self.shape());
        }
        self.warnings
            .extend(admission::check(storage, resource, None, &mut object, self.strict)?);
        if self.dry_run {
            return Ok(Arc::new(object));
        }
        Ok(storage.put(&key, object))
    }

    /// Sets the API version and the kind of an object. Refuses an object with another kind, name or namespace than the
    /// request.
    fn identified(&self, mut object: Value) -> Result<Value, Failure> {
        let resource = self.resource;
        if !object.is_object() {
            return Err(Failure::bad_request("the body of the request is not an object"));
        }
        for (member, expected) in [("apiVersion", resource.api_version()), ("kind", resource.kind.clone())] {
            let found = object[member].as_str().unwrap_or_default();
            if !found.is_empty() && found != expected {
                let what = if member == "kind" { "kind" } else { "API version" };
                let message =
                    format!("the {what} in the data ({found}) does not match the expected {what} ({expected})");
                return Err(Failure::bad_request(message));
            }
            object[member] = expected.into();
        }
        if object["metadata"].is_null() {
            object["metadata"] = json!({});
        }
        let metadata = &object["metadata"];
        let differs = |member: &str, expected: &str| {
            let found = metadata[member].as_str().unwrap_or_default();
            !found.is_empty() && !expected.is_empty() && found != expected
        };
        if differs("namespace", self.namespace) {
            let message = "the namespace of the provided object does not match the namespace sent on the request";
            return Err(Failure::bad_request(message));
        }
        if differs("name", self.name) {
            let (found, name) = (metadata["name"].as_str().unwrap_or_default(), self.name);
            let message = format!("the name of the object ({found}) does not match the name on the URL ({name})");
            return Err(Failure::bad_request(message));
        }
        Ok(object)
    }

    /// Replaces an object, or its status.
    pub(super) fn update(&mut self, storage: &mut Storage, body: Value, applied: bool) -> Result<Arc<Value>, Failure> {
        let resource = self.resource;
        let old = self.find(storage)?;
        let body = events::stored(resource, self.identified(body)?);
        self.check_preconditions(&old, &body)?;
        let mut new = if self.subresource == "status" {
            let mut new = (*old).clone();
            new["status"] = body["status"].clone();
            new["metadata"]["managedFields"] = body["metadata"]["managedFields"].clone();
            new
        } else {
            let mut new = body;
            if resource.has_status() {
                set_or_remove(&mut new, "status", &old["status"]);
            }
            new
        };
        keep_system_metadata(&old, &mut new);
        if old["metadata"]["deletionTimestamp"].is_string() {
            let known = finalizers(&old);
            let added: Vec<String> = finalizers(&new)
                .into_iter()
                .filter(|one| !known.contains(one))
                .collect();
            if !added.is_empty() {
                let why = format!(
                    "no new finalizers can be added if the object is being deleted, found new finalizers []string{added:?}"
                );
                return Err(Failure::invalid(
                    resource,
                    self.name,
                    &[Cause::forbidden("metadata.finalizers", &why)],
                ));
            }
        }
        self.warnings
            .extend(admission::check(storage, resource, Some(&old), &mut new, self.strict)?);
        if !applied {
            apply::record_update(&old, &mut new, &self.manager, self.shape());
        }
        if self.dry_run {
            return Ok(Arc::new(new));
        }
        Ok(store(storage, resource, &self.key(), &old, new))
    }

    fn check_preconditions(&self, old: &Value, body: &Value) -> Result<(), Failure> {
        let resource = self.resource;
        let version = body["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        let is_conditional = resource.custom.is_some() || CONDITIONAL.contains(&resource.plural.as_str());
        if version.is_empty() && is_conditional {
            let cause = Cause::invalid("metadata.resourceVersion", &0.into(), "must be specified for an update");
            return Err(Failure::invalid(resource, self.name, &[cause]));
        }
        let uid = &body["metadata"]["uid"];
        if uid.is_string() && *uid != old["metadata"]["uid"] {
            let (wanted, found) = (
                uid.as_str().unwrap_or_default(),
                old["metadata"]["uid"].as_str().unwrap_or_default(),
            );
            let why = format!("Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}");
            return Err(Failure::conflict(resource, self.name, &why));
        }
        if !version.is_empty() && old["metadata"]["resourceVersion"] != version {
            return Err(Failure::stale(resource, self.name));
        }
        Ok(())
    }

    pub(super) fn merge_patch(&mut self, storage: &mut Storage, patch: &Value) -> Result<Arc<Value>, Failure> {
        let mut new = events::shown(self.resource, &*self.find(storage)?);
        patch::merge(&mut new, patch);
        self.update(storage, new, false)
    }

    pub(super) fn json_patch(&mut self, storage: &mut Storage, patch: &Value) -> Result<Arc<Value>, Failure> {
        let mut new = events::shown(self.resource, &*self.find(storage)?);
        patch::json_patch(&mut new, patch)?;
        self.update(storage, new, false)
    }

    /// Applies an object. Returns the object, and whether the object is new.
    pub(super) fn apply(
        &mut self,
        storage: &mut Storage,
        body: Value,
        force: bool,
    ) -> Result<(Arc<Value>, bool), Failure> {
        if self.manager.name.is_empty() {
            let cause = Cause::required("fieldManager", "is required for apply patch");
            return Err(Failure::new(
                422,
                "Invalid",
                format!(
                    "PatchOptions.meta.k8s.io \"\" is invalid: {}: {}",
                    cause.field, cause.message
                ),
            ));
        }
        let mut body = self.identified(body)?;
        if body["metadata"]["managedFields"]
            .as_array()
            .is_some_and(|list| !list.is_empty())
        {
            return Err(Failure::bad_request("metadata.managedFields must be nil"));
        }
        let version = body["metadata"]["resourceVersion"].take();
        let uid = body["metadata"]["uid"].take();
        let members = body.as_object_mut().unwrap();
        if self.subresource == "status" {
            members.retain(|member, _| ["apiVersion", "kind", "status"].contains(&member.as_str()));
        } else if self.resource.has_status() {
            members.remove("status");
        }
        let live = storage.get(&self.key());
        let (live, is_new) = match live {
            Some(live) => {
                let identity = json!({"metadata": {"resourceVersion": version, "uid": uid}});
                if !version.is_null() || !uid.is_null() {
                    self.check_preconditions(&live, &identity)?;
                }
                ((*live).clone(), false)
            }
            None if self.subresource.is_empty() => (json!({}), true),
            None => return Err(Failure::not_found(self.resource, self.name)),
        };
        let body = events::stored(self.resource, body);
        let mut merged = apply::apply(&live, &body, &self.manager, force, self.shape())?;
        if is_new {
            merged["metadata"]["name"] = self.name.into();
            return Ok((self.create(storage, merged, true)?, true));
        }
        Ok((self.update(storage, merged, true)?, false))
    }

    /// Deletes an object, or marks the object as being deleted. Returns the object if the object still exists.
    pub(super) fn delete(&mut self, storage: &mut Storage, options: &Value) -> Result<Option<Arc<Value>>, Failure> {
        let resource = self.resource;
        let old = self.find(storage)?;
        for (member, what) in [("uid", "UID"), ("resourceVersion", "ResourceVersion")] {
            let (wanted, found) = (&options["preconditions"][member], &old["metadata"][member]);
            if wanted.is_string() && wanted != found {
                let (wanted, found) = (wanted.as_str().unwrap_or_default(), found.as_str().unwrap_or_default());
                let why =
                    format!("Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {found}");
                return Err(Failure::conflict(resource, self.name, &why));
            }
        }
        if self.dry_run {
            return Ok(Some(old));
        }
        let mut propagation = options["propagationPolicy"].as_str();
        if propagation.is_none() && options["orphanDependents"] == true {
            propagation = Some("Orphan");
        }
        let is_first = old["metadata"]["deletionTimestamp"].is_null();
        if propagation.is_none() && resource.qualified() == "jobs.batch" && is_first {
            // For compatibility with older versions, the API `batch/v1` orphans the pods of a deleted Job by default.
            propagation = Some("Orphan");
            self.warnings.push(
                "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to \
                 remove them or set propagationPolicy=Orphan to suppress this warning"
                    .to_owned(),
            );
        }
        let mut new = (*old).clone();
        let mut kept = finalizers(&old);
        if let Some(policy) = propagation {
            kept.retain(|one| one != "orphan" && one != "foregroundDeletion");
            match policy {
                "Orphan" => kept.push("orphan".to_owned()),
                "Foreground" => kept.push("foregroundDeletion".to_owned()),
                _ => {}
            }
        }
        if resource.plural == "namespaces" {
            new["status"]["phase"] = "Terminating".into();
        }
        let own = CLEANED.iter().find(|(plural, _)| *plural == resource.plural);
        if let Some((_, finalizer)) = own.filter(|_| is_first) {
            kept.push((*finalizer).to_owned());
        }
        set_or_remove(&mut new["metadata"], "finalizers", &json!(kept));
        let grace = grace(resource, &old, options);
        let metadata = &mut new["metadata"];
        let earlier = metadata["deletionGracePeriodSeconds"].as_i64();
        if let Some(generation) = metadata["generation"].as_u64().filter(|_| is_first) {
            metadata["generation"] = (generation + 1).into();
        }
        if earlier.is_none_or(|earlier| grace < earlier) {
            metadata["deletionTimestamp"] = timestamp(now() + Duration::seconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace.into();
        }
        let key = self.key();
        store(storage, resource, &key, &old, new);
        Ok(storage.get(&key))
    }
}

/// Returns the time in seconds within which a deleted pod must end. Returns 0 for objects that are not pods.
fn grace(resource: &Resource, object: &Value, options: &Value) -> i64 {
    let is_over = ["Succeeded", "Failed"].contains(&object["status"]["phase"].as_str().unwrap_or_default());
    if resource.plural != "pods" || is_over || !object["spec"]["nodeName"].is_string() {
        return 0;
    }
    let own = object["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(30);
    options["gracePeriodSeconds"].as_i64().unwrap_or(own)
}

fn new_name(resource: &Resource, object: &Value) -> Result<String, Failure> {
    let metadata = &object["metadata"];
    let text = |member: &str| metadata[member].as_str().unwrap_or_default();
    let name = match (text("name"), text("generateName")) {
        ("", "") => {
            let cause = Cause::required("metadata.name", "name or generateName is required");
            return Err(Failure::invalid(resource, "", &[cause]));
        }
        ("", prefix) => format!("{prefix}{}", suffix()),
        (name, _) => name.to_owned(),
    };
    let is_outer = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_plain = name.len() <= 253
        && name.split('.').all(|label| {
            label.starts_with(is_outer) && label.ends_with(is_outer) && label.chars().all(|c| is_outer(c) || c == '-')
        });
    if is_plain || resource.group.starts_with("rbac.") {
        return Ok(name);
    }
    let why = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and \
               must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
               '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    let cause = Cause::invalid("metadata.name", &name.as_str().into(), why);
    Err(Failure::invalid(resource, &name, &[cause]))
}

pub(super) fn finalizers(object: &Value) -> Vec<String> {
    let list = object["metadata"]["finalizers"].as_array().into_iter().flatten();
    list.filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// Sets a member, or removes the member if the value is null or an empty list.
pub(super) fn set_or_remove(object: &mut Value, member: &str, value: &Value) {
    match value.is_null() || value.as_array().is_some_and(Vec::is_empty) {
        true => {
            object.as_object_mut().unwrap().remove(member);
        }
        false => object[member] = value.clone(),
    }
}

fn keep_system_metadata(old: &Value, new: &mut Value) {
    let (old, new) = (&old["metadata"], &mut new["metadata"]);
    for member in SYSTEM {
        set_or_remove(new, member, &old[member]);
    }
    for member in ["finalizers", "ownerReferences"] {
        let value = new[member].clone();
        set_or_remove(new, member, &value);
    }
}

/// Returns the part of an object whose changes increase the generation.
fn spec(resource: &Resource, object: &Value) -> Value {
    let mut spec = object.clone();
    let members = spec.as_object_mut().unwrap();
    members.remove("metadata");
    if resource.has_status() {
        members.remove("status");
    }
    spec
}

/// Stores the new version of an object. Writes nothing if nothing has changed. Removes the object if it is being
/// deleted and has no finalizers.
fn store(storage: &mut Storage, resource: &Resource, key: &Key, old: &Arc<Value>, mut new: Value) -> Arc<Value> {
    if resource.generation && spec(resource, old) != spec(resource, &new) {
        let generation = old["metadata"]["generation"].as_u64().unwrap_or(0);
        new["metadata"]["generation"] = (generation + 1).into();
    }
    let is_over = new["metadata"]["deletionTimestamp"].is_string()
        && finalizers(&new).is_empty()
        && new["metadata"]["deletionGracePeriodSeconds"].as_i64().unwrap_or(0) == 0;
    if !is_over && **old == new {
        return old.clone();
    }
    if is_over {
        return storage.remove(key).unwrap();
    }
    storage.put(key, new)
}

/// Changes an object for a controller. The change cannot conflict with other changes. Does nothing if the object does
/// not exist.
pub(super) fn modify(storage: &mut Storage, key: &Key, change: impl FnOnce(&mut Value)) {
    let Some(old) = storage.get(key) else { return };
    let (group, version) = match old["apiVersion"].as_str().unwrap_or_default().split_once('/') {
        Some((group, version)) => (group.to_owned(), version.to_owned()),
        None => (String::new(), old["apiVersion"].as_str().unwrap_or_default().to_owned()),
    };
    let plural = key.resource.split('.').next().unwrap_or_default();
    let Some(resource) = super::resources::find(storage, &group, &version, plural) else {
        return;
    };
    let mut new = (*old).clone();
    change(&mut new);
    store(storage, &resource, key, &old, new);
}

/// Deletes an object for a controller, with background propagation.
pub(super) fn delete(storage: &mut Storage, resource: &Resource, key: &Key) {
    delete_with(storage, resource, key, "Background");
}

/// Deletes an object for a controller, with this propagation policy.
pub(super) fn delete_with(storage: &mut Storage, resource: &Resource, key: &Key, policy: &str) {
    let mut write = Write::of_controller(resource, &key.namespace, &key.name);
    // If the object no longer exists, the deletion fails.
    let _ = write.delete(storage, &json!({"propagationPolicy": policy}));
}
