//! The controllers of the stand-in: Jobs, garbage collection, disruption budgets, quotas, namespaces, and the deletion
//! of finished Jobs.

use super::Shared;
use super::conditions;
use super::failure::Failure;
use super::jobs::{self, Action, NewPod, TRACKING};
use super::quotas;
use super::recording;
use super::resources::{self, Resource};
use super::selectors::Labels;
use super::storage::{Key, Storage, now, parse_timestamp};
use super::writes::{self, CLEANED, Write, finalizers};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The maximum time between two passes of the controllers over the objects.
const LOOK: Duration = Duration::from_millis(200);
/// The pause after an attempt to create a pod of a Job has failed.
const CREATE_PAUSE: Duration = Duration::from_secs(1);

/// The annotation of a second pod, which a test has added to an index that already has a pod.
const DOUBLE: &str = "stand-in/double";

/// The Jobs whose pods could not be created, each with the time of the next attempt to create a pod.
type Paused = BTreeMap<String, Instant>;

pub(super) async fn run(shared: Arc<Shared>) {
    let mut changes = shared.storage().changes();
    let mut paused = Paused::new();
    loop {
        let began = Instant::now();
        let again = look(&shared, &mut paused);
        // With many objects, a pass takes long. The server can use the storage for at least half of the time.
        tokio::time::sleep(began.elapsed().min(LOOK)).await;
        let _ = tokio::time::timeout(again.min(LOOK), changes.changed()).await;
    }
}

/// Runs all controllers once. Returns the time until the next pass if no object changes.
fn look(shared: &Shared, paused: &mut Paused) -> Duration {
    let mut storage = shared.storage();
    let mut again = LOOK;
    let mut pods = pods_by_owner(&storage);
    for job in storage.list("jobs.batch", None) {
        let pods = pods.remove(&uid(&job)).unwrap_or_default();
        again = again.min(reconcile(shared, &mut storage, &job, pods, paused).unwrap_or(LOOK));
        end_finished(&mut storage, &job);
    }
    release_orphans(&mut storage);
    collect_garbage(&mut storage);
    end_containers(&mut storage);
    budgets(&mut storage);
    quotas::update(&mut storage);
    again
}

fn key(resource: &str, object: &Value) -> Key {
    let text = |member: &str| object["metadata"][member].as_str().unwrap_or_default();
    Key::new(resource, text("namespace"), text("name"))
}

fn is_owned(object: &Value, owner: &Value) -> bool {
    let references = object["metadata"]["ownerReferences"].as_array();
    references.is_some_and(|list| list.iter().any(|one| one["uid"] == owner["metadata"]["uid"]))
}

/// Returns the pods of each Job, by the UID of the Job. A second pod that a test has added is left out.
fn pods_by_owner(storage: &Storage) -> BTreeMap<String, Vec<Arc<Value>>> {
    let mut pods: BTreeMap<String, Vec<Arc<Value>>> = BTreeMap::new();
    for (_, pod) in storage.keyed("pods", None) {
        let owners = pod["metadata"]["ownerReferences"].as_array().into_iter().flatten();
        for owner in owners.filter(|_| pod["metadata"]["annotations"][DOUBLE].is_null()) {
            let uid = owner["uid"].as_str().unwrap_or_default();
            pods.entry(uid.to_owned()).or_default().push(pod.clone());
        }
    }
    pods
}

fn reconcile(
    shared: &Shared,
    storage: &mut Storage,
    job: &Arc<Value>,
    mut pods: Vec<Arc<Value>>,
    paused: &mut Paused,
) -> Option<Duration> {
    let job_key = key("jobs.batch", job);
    pods.sort_by_key(|pod| pod["metadata"]["creationTimestamp"].as_str().map(str::to_owned));
    let seen: Vec<&Value> = pods.iter().map(|pod| &**pod).collect();
    let decision = jobs::reconcile(job, &seen, now(), shared.settings.backoff);
    let event = |storage: &mut Storage, kind: &str, reason: &str, message: &str| {
        recording::record(storage, job, "job-controller", kind, reason, message);
    };
    for action in decision.actions {
        match action {
            Action::Create(pod) => {
                let uid = job["metadata"]["uid"].as_str().unwrap_or_default();
                if paused.get(uid).is_some_and(|until| Instant::now() < *until) {
                    continue;
                }
                match create_pod(shared, storage, job, pod) {
                    Ok(name) => event(storage, "Normal", "SuccessfulCreate", &format!("Created pod: {name}")),
                    Err(failure) => {
                        let message = format!("Error creating: {}", failure.message);
                        event(storage, "Warning", "FailedCreate", &message);
                        paused.insert(uid.to_owned(), Instant::now() + CREATE_PAUSE);
                    }
                }
            }
            Action::Delete(name) => {
                let pod = Key::new("pods", &job_key.namespace, &name);
                writes::delete(storage, &resources::built_in("pods"), &pod);
                event(storage, "Normal", "SuccessfulDelete", &format!("Deleted pod: {name}"));
            }
            Action::Release(name) => release(storage, &Key::new("pods", &job_key.namespace, &name)),
            Action::Status(status) => writes::modify(storage, &job_key, |job| job["status"] = status),
            Action::Event(kind, reason, message) => event(storage, kind, &reason, &message),
        }
    }
    decision.again
}

fn release(storage: &mut Storage, pod: &Key) {
    writes::modify(storage, pod, |pod| remove_finalizer(pod, TRACKING));
}

fn remove_finalizer(object: &mut Value, name: &str) {
    let mut kept = finalizers(object);
    kept.retain(|one| one != name);
    writes::set_or_remove(&mut object["metadata"], "finalizers", &json!(kept));
}

/// Returns a new pod of a Job, as the Job controller creates it.
fn pod(job: &Value, new: NewPod) -> Value {
    let template = &job["spec"]["template"];
    let mut metadata = template["metadata"].clone();
    let name = job["metadata"]["name"].as_str().unwrap_or_default();
    metadata["finalizers"] = json!([TRACKING]);
    metadata["ownerReferences"] = json!([{
        "apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": job["metadata"]["uid"],
        "controller": true, "blockOwnerDeletion": true,
    }]);
    let mut spec = template["spec"].clone();
    let mut prefix = format!("{name}-");
    if let Some(index) = new.index {
        metadata["labels"][jobs::INDEX] = index.to_string().into();
        metadata["annotations"][jobs::INDEX] = index.to_string().into();
        spec["hostname"] = format!("{name}-{index}").into();
        prefix = format!("{name}-{index}-");
        for container in spec["containers"].as_array_mut().into_iter().flatten() {
            let variable = json!({
                "name": "JOB_COMPLETION_INDEX",
                "valueFrom": {"fieldRef": {"fieldPath": format!("metadata.labels['{}']", jobs::INDEX)}},
            });
            match container["env"].as_array_mut() {
                Some(list) => list.push(variable),
                None => container["env"] = json!([variable]),
            }
        }
    }
    if let Some((failures, ignored)) = new.failures {
        metadata["annotations"][jobs::FAILURES] = failures.to_string().into();
        if ignored > 0 {
            metadata["annotations"][jobs::IGNORED] = ignored.to_string().into();
        }
    }
    metadata["generateName"] = prefix.into();
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}

fn create_pod(shared: &Shared, storage: &mut Storage, job: &Value, new: NewPod) -> Result<String, Failure> {
    let resource = resources::built_in("pods");
    let pod = pod(job, new);
    if let Some(why) = shared.orders().pod_refusal() {
        let name = format!("{}xxxxx", pod["metadata"]["generateName"].as_str().unwrap_or_default());
        return Err(Failure::forbidden(&resource, &name, &why));
    }
    store_pod(storage, &resource, job, pod)
}

fn store_pod(storage: &mut Storage, resource: &Resource, job: &Value, pod: Value) -> Result<String, Failure> {
    let namespace = job["metadata"]["namespace"].as_str().unwrap_or_default();
    let mut write = Write::of_controller(resource, namespace, "");
    let created = write.create(storage, pod, false)?;
    Ok(created["metadata"]["name"].as_str().unwrap_or_default().to_owned())
}

/// Creates a second pod for an index of a Job. On a real cluster, an index can have two pods if a node is partitioned.
/// The Job controller does not read the second pod. So the end of this pod does not count for the Job, and the end of the
/// Job does not end this pod.
pub(super) fn double(storage: &mut Storage, job: &Value, index: u32) -> String {
    let failures = Some((0, 0));
    let new = NewPod {
        index: Some(index),
        failures,
    };
    let mut pod = pod(job, new);
    pod["metadata"]["annotations"][DOUBLE] = "true".into();
    remove_finalizer(&mut pod, TRACKING);
    store_pod(storage, &resources::built_in("pods"), job, pod).unwrap()
}

/// Deletes a Job if the Job has ended and its TTL has passed.
fn end_finished(storage: &mut Storage, job: &Value) {
    let ended = ["Complete", "Failed"]
        .iter()
        .find_map(|kind| conditions::get(&job["status"], kind).filter(|one| one["status"] == "True"));
    let ttl = job["spec"]["ttlSecondsAfterFinished"].as_i64();
    let (Some(ended), Some(ttl)) = (ended, ttl) else { return };
    let Some(at) = parse_timestamp(&ended["lastTransitionTime"]) else {
        return;
    };
    if now() >= at + time::Duration::seconds(ttl) && job["metadata"]["deletionTimestamp"].is_null() {
        writes::delete_with(
            storage,
            &resources::built_in("jobs"),
            &key("jobs.batch", job),
            "Foreground",
        );
    }
}

/// Removes the finalizer of the pods whose Job no longer exists.
fn release_orphans(storage: &mut Storage) {
    let jobs: BTreeSet<String> = storage.list("jobs.batch", None).iter().map(|job| uid(job)).collect();
    let orphans: Vec<Key> = storage
        .keyed("pods", None)
        .filter(|(_, pod)| finalizers(pod).iter().any(|one| one == TRACKING))
        .filter(|(_, pod)| {
            let owners = pod["metadata"]["ownerReferences"].as_array().into_iter().flatten();
            !owners
                .into_iter()
                .any(|owner| owner["uid"].as_str().is_some_and(|uid| jobs.contains(uid)))
        })
        .map(|(key, _)| key.clone())
        .collect();
    for pod in orphans {
        release(storage, &pod);
    }
}

fn uid(object: &Value) -> String {
    object["metadata"]["uid"].as_str().unwrap_or_default().to_owned()
}

fn resource_of(storage: &Storage, object: &Value) -> Option<Resource> {
    let text = |member: &str| object[member].as_str().unwrap_or_default();
    resources::of_kind(storage, text("apiVersion"), text("kind"))
}

/// Deletes the objects whose owners no longer exist, and ends the deletions that wait for the garbage collector.
fn collect_garbage(storage: &mut Storage) {
    let all: Vec<(Key, Arc<Value>)> = storage
        .everything()
        .map(|(key, object)| (key.clone(), object.clone()))
        .collect();
    let present: BTreeSet<String> = all.iter().map(|(_, object)| uid(object)).collect();
    let is_deleted = |object: &Value| object["metadata"]["deletionTimestamp"].is_string();
    for (key, object) in &all {
        let owners = object["metadata"]["ownerReferences"].as_array();
        let is_garbage = owners.is_some_and(|owners| {
            !owners.is_empty()
                && owners
                    .iter()
                    .all(|owner| !present.contains(owner["uid"].as_str().unwrap_or_default()))
        });
        if is_garbage
            && !is_deleted(object)
            && let Some(resource) = resource_of(storage, object)
        {
            writes::delete(storage, &resource, key);
        }
        let waits_for = |name: &str| is_deleted(object) && finalizers(object).iter().any(|one| one == name);
        let dependents = || all.iter().filter(|(_, other)| is_owned(other, object));
        if waits_for("orphan") {
            for (dependent, _) in dependents() {
                writes::modify(storage, dependent, |other| {
                    let mut kept = other["metadata"]["ownerReferences"]
                        .as_array()
                        .cloned()
                        .unwrap_or_default();
                    kept.retain(|owner| owner["uid"] != object["metadata"]["uid"]);
                    writes::set_or_remove(&mut other["metadata"], "ownerReferences", &json!(kept));
                });
            }
            writes::modify(storage, key, |object| remove_finalizer(object, "orphan"));
        } else if waits_for("foregroundDeletion") {
            for (dependent, other) in dependents().filter(|(_, other)| !is_deleted(other)) {
                if let Some(resource) = resource_of(storage, other) {
                    // With foreground deletion, the dependents of this dependent are deleted first, too.
                    writes::delete_with(storage, &resource, dependent, "Foreground");
                }
            }
            let blocks = |other: &Value| {
                let owners = other["metadata"]["ownerReferences"].as_array().into_iter().flatten();
                owners
                    .into_iter()
                    .any(|owner| owner["uid"] == object["metadata"]["uid"] && owner["blockOwnerDeletion"] == true)
            };
            if !dependents().any(|(_, other)| blocks(other)) {
                writes::modify(storage, key, |object| remove_finalizer(object, "foregroundDeletion"));
            }
        }
    }
}

/// If a namespace or a CustomResourceDefinition is being deleted, deletes its objects. Then deletes the namespace or
/// the CustomResourceDefinition.
fn end_containers(storage: &mut Storage) {
    for (plural, finalizer) in CLEANED {
        let resource = resources::built_in(plural);
        for container in storage.list(&resource.stored(), None) {
            if container["metadata"]["deletionTimestamp"].is_null() {
                continue;
            }
            let container = key(&resource.stored(), &container);
            let is_inside = |key: &Key| match plural {
                "namespaces" => key.namespace == container.name,
                // The name of a definition is the name of its resource.
                _ => key.resource == container.name,
            };
            let inside = storage.everything().filter(|(key, _)| is_inside(key));
            let inside: Vec<(Key, Arc<Value>)> = inside.map(|(key, object)| (key.clone(), object.clone())).collect();
            if inside.is_empty() {
                writes::modify(storage, &container, |object| remove_finalizer(object, finalizer));
            }
            for (key, object) in inside {
                if object["metadata"]["deletionTimestamp"].is_null()
                    && let Some(resource) = resource_of(storage, &object)
                {
                    writes::delete(storage, &resource, &key);
                }
            }
        }
    }
}

/// Writes the number of allowed disruptions to the status of each PodDisruptionBudget.
fn budgets(storage: &mut Storage) {
    for budget in storage.list("poddisruptionbudgets.policy", None) {
        let budget_key = key("poddisruptionbudgets.policy", &budget);
        let selector = Labels::of_object(&budget["spec"]["selector"]);
        let pods: Vec<Arc<Value>> = storage
            .keyed("pods", Some(&budget_key.namespace))
            .filter(|(_, pod)| selector.matches(pod))
            .filter(|(_, pod)| !["Succeeded", "Failed"].contains(&pod["status"]["phase"].as_str().unwrap_or_default()))
            .map(|(_, pod)| pod.clone())
            .collect();
        let is_healthy = |pod: &&Arc<Value>| {
            conditions::is_true(&pod["status"], "Ready") && pod["metadata"]["deletionTimestamp"].is_null()
        };
        let healthy = pods.iter().filter(is_healthy).count() as u64;
        // A Job has no subresource `scale`, so only a number in `minAvailable` can be evaluated.
        let desired = budget["spec"]["minAvailable"].as_u64();
        let allowed = desired.map_or(0, |desired| healthy.saturating_sub(desired));
        writes::modify(storage, &budget_key, |budget| {
            let generation = budget["metadata"]["generation"].clone();
            let status = &mut budget["status"];
            status["observedGeneration"] = generation;
            status["expectedPods"] = pods.len().into();
            status["currentHealthy"] = healthy.into();
            status["desiredHealthy"] = desired.unwrap_or(0).into();
            status["disruptionsAllowed"] = allowed.into();
            let (value, reason) = match (desired, allowed) {
                (None, _) => ("False", "SyncFailed"),
                (_, 0) => ("False", "InsufficientPods"),
                _ => ("True", "SufficientPods"),
            };
            conditions::set(status, "DisruptionAllowed", value, reason, "");
        });
    }
}
