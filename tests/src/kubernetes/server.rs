//! The API server of the stand-in. The server carries out a request, or answers with a fault that a test has ordered.

use super::Shared;
use super::access;
use super::apply::Manager;
use super::call::{Call, Form, Target};
use super::events;
use super::failure::Failure;
use super::faults::Reply;
use super::resources::{self, Resource};
use super::selectors::{Fields, Labels};
use super::storage::Key;
use super::subresources;
use super::table;
use super::watches::{self, Options, Selection};
use super::writes::Write;
use super::{Seen, discovery};
use crate::serving::{self, Answer, Body, HungUp, whole};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The answer to a request.
pub(super) enum Outcome {
    Object(u16, Value),
    Text(Bytes),
    Stream(Body, &'static str),
}

/// Answers a request. A request without a token is treated as if it contained `token`.
pub(super) async fn answer(shared: Arc<Shared>, token: String, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let body = serving::body(body).await?;
    let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let call = Call::new(&shared, &token, &head, &body);
    if let Ok(call) = &call
        && let Some(target) = call.target()
    {
        shared
            .seen
            .lock()
            .unwrap()
            .push(Seen::new(call.verb(&target), &target, &call.user.name()));
    }
    let reply = shared.orders().reply(head.method.as_str(), &path);
    let ordered = match reply {
        Some(Reply::HungUp) => return Err(HungUp),
        Some(Reply::Conflict) => Some(ordered_conflict(&call)),
        Some(Reply::TooManyRequests { retry_after }) => Some(Failure::too_many_requests(retry_after)),
        Some(Reply::Failed(status)) => Some(ordered_failure(status)),
        Some(Reply::Held) => {
            let mut held = shared.orders().held();
            let _ = held.changed().await;
            None
        }
        Some(Reply::LostAnswer) | None => None,
    };
    if let Some(failure) = ordered {
        return Ok(failed(&failure));
    }
    let mut warnings = Vec::new();
    let outcome = call.and_then(|call| carry_out(&shared, &call, &mut warnings));
    if reply == Some(Reply::LostAnswer) {
        return Err(HungUp);
    }
    let mut response = match outcome {
        Ok(Outcome::Object(status, value)) => json_response(status, &value),
        Ok(Outcome::Text(text)) => respond(200, "text/plain", whole(text)),
        Ok(Outcome::Stream(body, content_type)) => respond(200, content_type, body),
        Err(failure) => failed(&failure),
    };
    for warning in warnings {
        let quoted = warning.replace('\\', "\\\\").replace('"', "\\\"");
        if let Ok(value) = format!("299 - \"{quoted}\"").parse() {
            response.headers_mut().append("warning", value);
        }
    }
    Ok(response)
}

fn ordered_conflict(call: &Result<Call, Failure>) -> Failure {
    let target = call.as_ref().ok().and_then(Call::target).unwrap_or_default();
    let resource = Resource {
        group: target.group,
        plural: target.plural,
        ..resources::built_in("pods")
    };
    Failure::stale(&resource, &target.name)
}

fn ordered_failure(status: u16) -> Failure {
    match status {
        503 => Failure::new(
            503,
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
        ),
        504 => Failure::new(
            504,
            "Timeout",
            "Timeout: request did not complete within the allotted timeout",
        ),
        _ => Failure::new(
            status,
            "InternalError",
            "Internal error occurred: the server failed on purpose",
        ),
    }
}

fn respond(status: u16, content_type: &str, body: Body) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(body)
        .unwrap()
}

fn json_response(status: u16, value: &Value) -> Response<Body> {
    respond(status, "application/json", whole(value.to_string()))
}

fn failed(failure: &Failure) -> Response<Body> {
    let mut response = json_response(failure.code, &failure.status());
    if let Some(seconds) = failure.retry_after {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    response
}

fn carry_out(shared: &Arc<Shared>, call: &Call, warnings: &mut Vec<String>) -> Result<Outcome, Failure> {
    let path: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    if let ["healthz" | "livez" | "readyz"] = path.as_slice() {
        return Ok(Outcome::Text("ok".into()));
    }
    if call.method == Method::GET
        && let Some(document) = discovery::document(&shared.storage(), &path, &call.host)
    {
        return Ok(Outcome::Object(200, document));
    }
    let target = call.target().ok_or_else(Failure::no_such_path)?;
    let resource = resources::find(&shared.storage(), &target.group, &target.version, &target.plural);
    let resource = resource.ok_or_else(Failure::no_such_path)?;
    let has_subresource = target.subresource.is_empty() || resource.subresources.contains(&target.subresource);
    if !has_subresource {
        return Err(Failure::no_such_path());
    }
    let attributes = call.attributes(&target);
    if !call.may(shared, &attributes) {
        return Err(access::refusal(&call.user, &resource, &attributes));
    }
    if resource.plural == "selfsubjectaccessreviews" {
        let is_allowed = call.may(shared, &access::asked(&call.body));
        return Ok(Outcome::Object(201, access::answered(call.body.clone(), is_allowed)));
    }
    if ["log", "eviction", "token"].contains(&target.subresource.as_str()) {
        return subresources::carry_out(shared, call, &resource, &target);
    }
    if resource.namespaced && target.namespace.is_none() && !["list", "watch"].contains(&call.verb(&target)) {
        return Err(Failure::no_such_path());
    }
    match call.verb(&target) {
        "get" => {
            let key = Key::new(
                resource.stored(),
                target.namespace.as_deref().unwrap_or_default(),
                &target.name,
            );
            let object = shared.storage().get(&key);
            let object = object.ok_or_else(|| Failure::not_found(&resource, &target.name))?;
            Ok(Outcome::Object(200, shown(call, &resource, &object)))
        }
        "list" => list(shared, call, selection(call, resource, &target)?),
        "watch" => watch(shared, call, selection(call, resource, &target)?),
        "deletecollection" => delete_all(shared, call, &selection(call, resource, &target)?, warnings),
        _ => write(shared, call, &resource, &target, warnings),
    }
}

/// Returns an object in the form that the client has asked for.
fn shown(call: &Call, resource: &Resource, object: &Value) -> Value {
    let object = events::shown(resource, object);
    match call.form {
        Form::Whole => object,
        Form::Metadata => table::metadata(&object),
        Form::Table => table::table(resource, &[object], &Value::Null),
    }
}

fn selection(call: &Call, resource: Resource, target: &Target) -> Result<Selection, Failure> {
    let mut fields = Fields::parse(call.option("fieldSelector"), &resource.stored())?;
    if !target.name.is_empty() {
        fields = Fields::parse(&format!("metadata.name={}", target.name), &resource.stored())?;
    }
    Ok(Selection {
        labels: Labels::parse(call.option("labelSelector"))?,
        fields,
        namespace: target.namespace.clone(),
        resource,
    })
}

fn list(shared: &Shared, call: &Call, selection: Selection) -> Result<Outcome, Failure> {
    let storage = shared.storage();
    let name = |object: &Value| {
        let text = |member: &str| object["metadata"][member].as_str().unwrap_or_default().to_owned();
        [text("namespace"), text("name")]
    };
    let mut objects = selection.objects(&storage);
    let mut revision = storage.revision();
    if !call.option("continue").is_empty() {
        let token = STANDARD_NO_PAD.decode(call.option("continue")).unwrap_or_default();
        let token: Value = serde_json::from_slice(&token)
            .map_err(|_| Failure::bad_request("continue key is not valid: the token is not one of this server"))?;
        revision = token["revision"].as_u64().unwrap_or(0);
        if revision < storage.compacted() {
            return Err(Failure::expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new \
                 list without the continue parameter.",
            ));
        }
        objects.retain(|object| json!(name(object)).to_string().as_str() > token["after"].as_str().unwrap_or_default());
    }
    let mut metadata = json!({"resourceVersion": revision.to_string()});
    let limit: usize = call.option("limit").parse().unwrap_or(0);
    if limit > 0 && objects.len() > limit {
        let after = json!(name(&objects[limit - 1])).to_string();
        let token = json!({"revision": revision, "after": after}).to_string();
        metadata["continue"] = STANDARD_NO_PAD.encode(token).into();
        if selection.labels.is_empty() && selection.fields.is_empty() {
            metadata["remainingItemCount"] = (objects.len() - limit).into();
        }
        objects.truncate(limit);
    }
    let resource = &selection.resource;
    let mut items: Vec<Value> = objects.iter().map(|object| events::shown(resource, object)).collect();
    Ok(Outcome::Object(
        200,
        match call.form {
            Form::Table => table::table(resource, &items, &metadata),
            Form::Metadata => json!({
                "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": metadata,
                "items": items.iter().map(table::metadata).collect::<Value>(),
            }),
            Form::Whole => {
                if resource.custom.is_none() {
                    // In a list of a built-in kind, an item contains neither its API version nor its kind.
                    for item in items.iter_mut().filter_map(Value::as_object_mut) {
                        item.remove("apiVersion");
                        item.remove("kind");
                    }
                }
                let kind = format!("{}List", resource.kind);
                json!({"apiVersion": resource.api_version(), "kind": kind, "metadata": metadata, "items": items})
            }
        },
    ))
}

fn watch(shared: &Arc<Shared>, call: &Call, selection: Selection) -> Result<Outcome, Failure> {
    let after = match call.option("resourceVersion") {
        "" | "0" => None,
        text => {
            let invalid = |_| Failure::bad_request(format!("invalid resource version {text:?}"));
            Some(text.parse().map_err(invalid)?)
        }
    };
    let initial_events = call.is("sendInitialEvents");
    let seconds: Option<u64> = call.option("timeoutSeconds").parse().ok();
    let options = Options {
        after: if initial_events { None } else { after },
        bookmarks: call.is("allowWatchBookmarks"),
        initial_events,
        timeout: seconds.map(Duration::from_secs),
        only_metadata: call.form == Form::Metadata,
    };
    let (parts, body) = watches::stream();
    tokio::spawn(watches::run(shared.clone(), selection, options, parts));
    Ok(Outcome::Stream(body, "application/json"))
}

fn new_write<'a>(call: &Call, resource: &'a Resource, target: &'a Target) -> Write<'a> {
    let manager = match call.option("fieldManager") {
        "" if call.content_type.contains("apply-patch") => "",
        "" => &call.agent,
        name => name,
    };
    Write {
        resource,
        namespace: target.namespace.as_deref().unwrap_or_default(),
        name: &target.name,
        subresource: &target.subresource,
        manager: Manager {
            name: manager.to_owned(),
            api_version: resource.api_version(),
            subresource: target.subresource.clone(),
        },
        dry_run: call.option("dryRun") == "All",
        strict: call.option("fieldValidation") == "Strict",
        warnings: Vec::new(),
    }
}

fn delete_options(call: &Call) -> Value {
    let mut options = if call.body.is_object() {
        call.body.clone()
    } else {
        json!({})
    };
    if !call.option("propagationPolicy").is_empty() {
        options["propagationPolicy"] = call.option("propagationPolicy").into();
    }
    if let Ok(seconds) = call.option("gracePeriodSeconds").parse::<i64>() {
        options["gracePeriodSeconds"] = seconds.into();
    }
    options
}

fn write(
    shared: &Shared,
    call: &Call,
    resource: &Resource,
    target: &Target,
    warnings: &mut Vec<String>,
) -> Result<Outcome, Failure> {
    let mut write = new_write(call, resource, target);
    let mut storage = shared.storage();
    if call.method == Method::POST
        && resource.plural == "pods"
        && target.name.is_empty()
        && let Some(why) = shared.orders().pod_refusal()
    {
        let name = call.body["metadata"]["name"].as_str().unwrap_or_default();
        return Err(Failure::forbidden(resource, name, &why));
    }
    let force = call.is("force");
    let done = match (call.verb(target), call.content_type.as_str()) {
        ("create", _) => write
            .create(&mut storage, call.body.clone(), false)
            .map(|object| (201, object)),
        ("update", _) => write
            .update(&mut storage, call.body.clone(), false)
            .map(|object| (200, object)),
        ("patch", "application/merge-patch+json") => {
            write.merge_patch(&mut storage, &call.body).map(|object| (200, object))
        }
        // A strategic merge patch without lists and directives has the same effect as a JSON merge patch.
        ("patch", "application/strategic-merge-patch+json") if is_plain(&call.body) && resource.custom.is_none() => {
            write.merge_patch(&mut storage, &call.body).map(|object| (200, object))
        }
        ("patch", "application/json-patch+json") => {
            write.json_patch(&mut storage, &call.body).map(|object| (200, object))
        }
        ("patch", "application/apply-patch+yaml") => write
            .apply(&mut storage, call.body.clone(), force)
            .map(|(object, is_new)| (if is_new { 201 } else { 200 }, object)),
        ("delete", _) => {
            let before = storage.get(&Key::new(
                resource.stored(),
                target.namespace.as_deref().unwrap_or_default(),
                &target.name,
            ));
            let left = write.delete(&mut storage, &delete_options(call));
            warnings.append(&mut write.warnings);
            return left.map(|left| match left {
                Some(object) => Outcome::Object(200, events::shown(resource, &object)),
                None => Outcome::Object(200, deleted(resource, &before.unwrap_or_default())),
            });
        }
        _ => Err(Failure::unsupported_media()),
    };
    warnings.append(&mut write.warnings);
    let (status, object) = done?;
    Ok(Outcome::Object(status, shown(call, resource, &object)))
}

fn is_plain(patch: &Value) -> bool {
    match patch {
        Value::Object(members) => members
            .iter()
            .all(|(name, value)| !name.starts_with('$') && is_plain(value)),
        Value::Array(_) => false,
        _ => true,
    }
}

/// Returns the answer to a deletion that has removed the object.
fn deleted(resource: &Resource, object: &Value) -> Value {
    let mut details = json!({
        "name": object["metadata"]["name"], "kind": resource.plural, "uid": object["metadata"]["uid"],
    });
    if !resource.group.is_empty() {
        details["group"] = resource.group.as_str().into();
    }
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
}

fn delete_all(
    shared: &Shared,
    call: &Call,
    selection: &Selection,
    warnings: &mut Vec<String>,
) -> Result<Outcome, Failure> {
    let mut storage = shared.storage();
    let objects = selection.objects(&storage);
    for object in &objects {
        let text = |member: &str| object["metadata"][member].as_str().unwrap_or_default().to_owned();
        let target = Target {
            namespace: Some(text("namespace")).filter(|namespace| !namespace.is_empty()),
            name: text("name"),
            ..Target::default()
        };
        let mut write = new_write(call, &selection.resource, &target);
        write.delete(&mut storage, &delete_options(call))?;
        warnings.append(&mut write.warnings);
    }
    let kind = format!("{}List", selection.resource.kind);
    let items: Vec<Value> = objects.iter().map(|object| (**object).clone()).collect();
    let metadata = json!({"resourceVersion": storage.revision().to_string()});
    let api_version = selection.resource.api_version();
    Ok(Outcome::Object(
        200,
        json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "items": items}),
    ))
}
