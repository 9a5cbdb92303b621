//! Answers watches: sends the changes of a resource as a stream of JSON lines.

use super::Shared;
use super::events;
use super::failure::Failure;
use super::resources::Resource;
use super::selectors::{Fields, Labels};
use super::storage::{Change, ChangeKind, Storage};
use super::table;
use crate::serving::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Frame;
use serde_json::{Value, json};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

/// The time between two bookmarks. A real server sends a bookmark each minute.
const BOOKMARK: Duration = Duration::from_secs(1);
/// The duration of a watch if the client sets no duration. A real server ends such a watch after 30 to 60 minutes.
const TIMEOUT: Duration = Duration::from_secs(1_800);

/// The body of an answer whose parts are sent one after the other. The body ends when the sender is dropped.
pub(super) struct Stream(UnboundedReceiver<io::Result<Bytes>>);

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0
            .poll_recv(context)
            .map(|part| part.map(|part| part.map(Frame::data)))
    }
}

pub(super) type Parts = UnboundedSender<io::Result<Bytes>>;

/// Returns a body, and the sender for the parts of this body.
pub(super) fn stream() -> (Parts, Body) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, Stream(receiver).boxed())
}

/// The objects that a client has selected for a watch or a list.
#[derive(Debug)]
pub(super) struct Selection {
    pub resource: Resource,
    /// The namespace; `None` for all namespaces.
    pub namespace: Option<String>,
    pub labels: Labels,
    pub fields: Fields,
}

impl Selection {
    pub(super) fn matches(&self, object: &Value) -> bool {
        let is_in_namespace =
            |namespace: &String| object["metadata"]["namespace"].as_str().unwrap_or_default() == namespace;
        self.namespace.as_ref().is_none_or(is_in_namespace)
            && self.labels.matches(object)
            && self.fields.matches(object)
    }

    pub(super) fn objects(&self, storage: &Storage) -> Vec<Arc<Value>> {
        let mut all = storage.list(&self.resource.stored(), self.namespace.as_deref());
        all.retain(|object| self.matches(object));
        all
    }

    /// Returns the event for a change; `None` if the watch selects neither the old object nor the new object.
    fn event(&self, change: &Change) -> Option<Value> {
        if change.key.resource != self.resource.stored() {
            return None;
        }
        let was = change.previous.as_ref().is_some_and(|object| self.matches(object));
        let is = change.kind != ChangeKind::Deleted && self.matches(&change.object);
        let kind = match (was, is) {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            (false, false) => return None,
        };
        let mut object = events::shown(&self.resource, &change.object);
        if kind == "DELETED"
            && change.kind != ChangeKind::Deleted
            && let Some(previous) = &change.previous
        {
            // A change can make an object leave the selection of the watch. The client then gets the object as it was
            // before this change.
            object = events::shown(&self.resource, previous);
            object["metadata"]["resourceVersion"] = change.revision.to_string().into();
        }
        Some(json!({"type": kind, "object": object}))
    }

    fn bookmark(&self, revision: u64, ends_initial: bool) -> Value {
        let mut metadata = json!({"resourceVersion": revision.to_string()});
        if ends_initial {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let (api_version, kind) = (self.resource.api_version(), &self.resource.kind);
        json!({"type": "BOOKMARK", "object": {"apiVersion": api_version, "kind": kind, "metadata": metadata}})
    }
}

/// The options of a watch.
#[derive(Debug)]
pub(super) struct Options {
    /// The resourceVersion after which the watch begins; `None` if the watch begins with all objects.
    pub after: Option<u64>,
    pub bookmarks: bool,
    pub initial_events: bool,
    pub timeout: Option<Duration>,
    pub only_metadata: bool,
}

/// Sends the events of a watch until the client disconnects, the duration of the watch has passed, or a test drops all
/// watches. If the history lacks changes of the watch, sends an error and ends the watch.
pub(super) async fn run(shared: Arc<Shared>, selection: Selection, options: Options, parts: Parts) {
    let send = |mut event: Value| {
        if options.only_metadata && event["type"] != "ERROR" {
            event["object"] = table::metadata(&event["object"]);
        }
        parts.send(Ok(format!("{event}\n").into())).is_ok()
    };
    let mut dropped = shared.watches.subscribe();
    let mut changes = shared.storage().changes();
    let mut at = match options.after {
        Some(revision) => revision,
        None => {
            let (objects, revision) = {
                let storage = shared.storage();
                (selection.objects(&storage), storage.revision())
            };
            for object in objects {
                let object = events::shown(&selection.resource, &object);
                if !send(json!({"type": "ADDED", "object": object})) {
                    return;
                }
            }
            if options.initial_events && !send(selection.bookmark(revision, true)) {
                return;
            }
            revision
        }
    };
    let end = Instant::now() + options.timeout.unwrap_or(TIMEOUT);
    let mut next_bookmark = Instant::now() + BOOKMARK;
    let mut marked = at;
    loop {
        let (found, revision) = {
            let storage = shared.storage();
            let found: Option<Vec<Value>> = storage
                .since(at)
                .map(|changes| changes.filter_map(|change| selection.event(change)).collect());
            (found.ok_or(storage.compacted()), storage.revision())
        };
        let found = match found {
            Ok(found) => found,
            Err(compacted) => {
                let failure = Failure::expired(format!("too old resource version: {at} ({compacted})"));
                send(json!({"type": "ERROR", "object": failure.status()}));
                return;
            }
        };
        at = at.max(revision);
        if !found.into_iter().all(send) {
            return;
        }
        if options.bookmarks && Instant::now() >= next_bookmark {
            next_bookmark = Instant::now() + BOOKMARK;
            if marked != at && !send(selection.bookmark(at, false)) {
                return;
            }
            marked = at;
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = tokio::time::sleep_until(next_bookmark.max(Instant::now() + Duration::from_millis(10))), if options.bookmarks => {}
            () = tokio::time::sleep_until(end) => {
                if options.bookmarks {
                    send(selection.bookmark(at, false));
                }
                return;
            }
            _ = dropped.changed() => {
                let _ = parts.send(Err(io::Error::other("dropped on purpose")));
                return;
            }
            () = parts.closed() => return,
        }
    }
}
