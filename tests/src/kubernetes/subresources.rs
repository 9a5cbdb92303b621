//! Answers requests for the subresources `log`, `eviction` and `token`.

use super::Shared;
use super::access::User;
use super::apply::Manager;
use super::call::{Call, Target};
use super::conditions;
use super::failure::Failure;
use super::kubelet::Log;
use super::resources::{self, Resource};
use super::selectors::Labels;
use super::server::Outcome;
use super::storage::{Key, now, timestamp};
use super::watches;
use super::writes::{self, Write};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The interval at which the log of a running container is read for a client that follows the log.
const LOOK: Duration = Duration::from_millis(50);

pub(super) fn carry_out(
    shared: &Arc<Shared>,
    call: &Call,
    resource: &Resource,
    target: &Target,
) -> Result<Outcome, Failure> {
    let key = Key::new(
        resource.stored(),
        target.namespace.as_deref().unwrap_or_default(),
        &target.name,
    );
    let object = shared.storage().get(&key);
    let object = object.ok_or_else(|| Failure::not_found(resource, &target.name))?;
    match target.subresource.as_str() {
        "log" => log(shared, call, &key, &object),
        "eviction" => evict(shared, call, resource, &key, &object),
        _ => Ok(Outcome::Object(201, token(shared, call, target))),
    }
}

fn token(shared: &Shared, call: &Call, target: &Target) -> Value {
    let token = shared.new_token(User::ServiceAccount {
        namespace: target.namespace.clone().unwrap_or_default(),
        name: target.name.clone(),
    });
    let mut request = call.body.clone();
    request["apiVersion"] = "authentication.k8s.io/v1".into();
    request["kind"] = "TokenRequest".into();
    let expires = timestamp(now() + time::Duration::hours(1));
    request["status"] = json!({"token": token, "expirationTimestamp": expires});
    request
}

fn log(shared: &Arc<Shared>, call: &Call, key: &Key, pod: &Value) -> Result<Outcome, Failure> {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let names: Vec<&str> = containers.filter_map(|container| container["name"].as_str()).collect();
    let name = match (call.option("container"), names.as_slice()) {
        ("", [only]) => *only,
        ("", names) => {
            let message = format!(
                "a container name must be specified for pod {}, choose one of: [{}]",
                key.name,
                names.join(" ")
            );
            return Err(Failure::bad_request(message));
        }
        (wanted, names) if names.contains(&wanted) => wanted,
        (wanted, _) => {
            let message = format!("container {wanted} is not valid for pod {}", key.name);
            return Err(Failure::bad_request(message));
        }
    };
    let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
    let log = shared
        .logs
        .lock()
        .unwrap()
        .get(&(uid.clone(), name.to_owned()))
        .cloned();
    let Some(log) = log else {
        let statuses = pod["status"]["containerStatuses"].as_array().into_iter().flatten();
        let mut own = statuses.filter(|status| status["name"] == name);
        let waiting = own
            .next()
            .and_then(|status| status["state"]["waiting"]["reason"].as_str());
        let reason = waiting.unwrap_or("ContainerCreating");
        let message = format!(
            "container \"{name}\" in pod \"{}\" is waiting to start: {reason}",
            key.name
        );
        return Err(Failure::bad_request(message));
    };
    if call.is("follow") {
        let (parts, body) = watches::stream();
        tokio::spawn(follow(shared.clone(), key.clone(), uid, log, parts));
        return Ok(Outcome::Stream(body, "text/plain"));
    }
    let mut text = log.lock().unwrap().clone();
    if let Ok(lines) = call.option("tailLines").parse::<usize>() {
        let ends: Vec<usize> = text
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .map(|(at, _)| at + 1)
            .collect();
        if lines == 0 {
            text.clear();
        } else if let Some(at) = ends.len().checked_sub(lines + 1).and_then(|at| ends.get(at)) {
            text.drain(..*at);
        }
    }
    if let Ok(limit) = call.option("limitBytes").parse() {
        text.truncate(limit);
    }
    Ok(Outcome::Text(text.into()))
}

async fn follow(shared: Arc<Shared>, key: Key, uid: String, log: Log, parts: watches::Parts) {
    let mut sent = 0;
    loop {
        let pod = shared.storage().get(&key);
        let is_over = pod.is_none_or(|pod| {
            let phase = pod["status"]["phase"].as_str().unwrap_or_default();
            pod["metadata"]["uid"] != uid.as_str() || phase == "Succeeded" || phase == "Failed"
        });
        let new = log.lock().unwrap()[sent..].to_vec();
        sent += new.len();
        if !new.is_empty() && parts.send(Ok(new.into())).is_err() {
            return;
        }
        if is_over {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Deletes a pod, unless a PodDisruptionBudget forbids it.
fn evict(shared: &Shared, call: &Call, resource: &Resource, key: &Key, pod: &Value) -> Result<Outcome, Failure> {
    let mut storage = shared.storage();
    let is_over = ["Succeeded", "Failed"].contains(&pod["status"]["phase"].as_str().unwrap_or_default());
    for (_, budget) in storage.keyed("poddisruptionbudgets.policy", Some(&key.namespace)) {
        let is_covered = Labels::of_object(&budget["spec"]["selector"]).matches(pod);
        if !is_over && is_covered && budget["status"]["disruptionsAllowed"].as_u64().unwrap_or(0) == 0 {
            let name = budget["metadata"]["name"].as_str().unwrap_or_default();
            let (needed, healthy) = (&budget["status"]["desiredHealthy"], &budget["status"]["currentHealthy"]);
            let message = "Cannot evict pod as it would violate the pod's disruption budget.";
            let mut failure = Failure::new(429, "TooManyRequests", message);
            failure.details = json!({"causes": [{
                "reason": "DisruptionBudget",
                "message": format!(
                    "The disruption budget {name} needs {needed} healthy pods and has {healthy} currently"
                ),
            }]});
            return Err(failure);
        }
    }
    writes::modify(&mut storage, key, |pod| {
        let message = "Eviction API: evicting";
        conditions::set(
            &mut pod["status"],
            "DisruptionTarget",
            "True",
            "EvictionByEvictionAPI",
            message,
        );
    });
    let mut write = Write {
        resource,
        namespace: &key.namespace,
        name: &key.name,
        subresource: "",
        manager: Manager {
            name: call.agent.clone(),
            api_version: resources::built_in("pods").api_version(),
            subresource: String::new(),
        },
        dry_run: call.option("dryRun") == "All",
        strict: false,
        warnings: Vec::new(),
    };
    write.delete(&mut storage, &call.body["deleteOptions"])?;
    Ok(Outcome::Object(
        201,
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}),
    ))
}
