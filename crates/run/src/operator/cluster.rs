//! The calls with which the operator uses the API of its cluster.

use super::decide::Note;
use super::resource::{self, FINALIZER, LoadTest, Status, timestamp};
use super::settings::Settings;
use super::{crd, metrics::Metrics};
use fleet::kubernetes::api::{CallError, Connected, call, connect};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{ConfigMap, Event};
use kube::Error;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use time::OffsetDateTime;

/// The name under which the operator owns the fields that it applies.
const FIELD_MANAGER: &str = "vajra-cloud-operator";
/// The maximum length in bytes of the message of an Event.
const NOTE_BYTES_MAX: usize = 1_000;

/// The API of the cluster, and the namespace of the operator.
pub(super) struct Cluster {
    pub(super) namespace: String,
    pub(super) tests: Api<DynamicObject>,
    pub(super) leases: Api<Lease>,
    config_maps: Api<ConfigMap>,
    events: Api<Event>,
    metrics: Arc<Metrics>,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Reads the configuration of the context, or of the pod in which this program runs. No request is sent.
    pub(super) async fn open(settings: &Settings, metrics: &Arc<Metrics>) -> Result<Cluster, String> {
        let opened = connect(settings.context.as_deref(), settings.namespace.as_deref()).await;
        let Connected { client, namespace } = opened?;
        Ok(Cluster {
            tests: Api::namespaced_with(client.clone(), &namespace, &resource::api_resource()),
            leases: Api::namespaced(client.clone(), &namespace),
            config_maps: Api::namespaced(client.clone(), &namespace),
            events: Api::namespaced(client, &namespace),
            metrics: metrics.clone(),
            namespace,
        })
    }

    /// Waits a limited time for a call, and counts its outcome.
    pub(super) async fn call<T>(&self, pending: impl Future<Output = Result<T, Error>>) -> Result<T, CallError> {
        let result = call(pending).await;
        match &result {
            Ok(_) => self.metrics.set_ready(),
            Err(_) => self.metrics.failed(),
        }
        result
    }

    /// Returns a ConfigMap; `None` if it does not exist.
    pub(super) async fn config_map(&self, name: &str) -> Result<Option<ConfigMap>, CallError> {
        self.call(self.config_maps.get_opt(name)).await
    }

    /// Returns a load test; `None` if it does not exist.
    pub(super) async fn test(&self, name: &str) -> Result<Option<DynamicObject>, CallError> {
        self.call(self.tests.get_opt(name)).await
    }

    /// Returns a patch that applies only to this version of the load test.
    fn patch(test: &LoadTest, version: Option<&str>, metadata: Value) -> Value {
        let mut patch = json!({ "apiVersion": resource::api_version(), "kind": crd::KIND, "metadata": metadata });
        patch["metadata"]["name"] = test.name.clone().into();
        // The UID prevents a change of a later load test with the same name.
        patch["metadata"]["uid"] = test.uid.clone().into();
        patch["metadata"]["resourceVersion"] = version.into();
        patch
    }

    /// Adds or removes the finalizer of the operator. Fails with the status 409 if the load test has changed since
    /// `version`.
    pub(super) async fn set_finalizer(
        &self,
        test: &LoadTest,
        version: Option<&str>,
        there: bool,
    ) -> Result<DynamicObject, CallError> {
        let metadata = match there {
            true => json!({ "finalizers": [FINALIZER] }),
            false => json!({}),
        };
        let patch = Cluster::patch(test, version, metadata);
        let params = PatchParams::apply(FIELD_MANAGER).force();
        self.call(self.tests.patch(&test.name, &params, &Patch::Apply(&patch)))
            .await
    }

    /// Writes the status of a load test. Fails with the status 409 if the load test has changed since `version`.
    pub(super) async fn set_status(
        &self,
        test: &LoadTest,
        version: Option<&str>,
        status: &Status,
    ) -> Result<DynamicObject, CallError> {
        let mut patch = Cluster::patch(test, version, json!({}));
        patch["status"] = serde_json::to_value(status).unwrap_or_default();
        let params = PatchParams::apply(FIELD_MANAGER).force();
        self.call(self.tests.patch_status(&test.name, &params, &Patch::Apply(&patch)))
            .await
    }

    /// Deletes a load test. If the load test does not exist, this is not an error.
    pub(super) async fn delete(&self, test: &LoadTest) -> Result<(), CallError> {
        let params = DeleteParams::background().preconditions(Preconditions {
            uid: Some(test.uid.clone()),
            resource_version: None,
        });
        match self.call(self.tests.delete(&test.name, &params)).await {
            Err(error) if !error.is(404) && !error.is(409) => Err(error),
            _ => Ok(()),
        }
    }

    /// Creates an Event. The name of the Event contains its reason, so two copies of the operator create the Event only
    /// once.
    pub(super) async fn emit(&self, test: &LoadTest, note: &Note, now: OffsetDateTime) -> Result<(), CallError> {
        let event = event(test, note, &self.namespace, now);
        let event: Event = serde_json::from_value(event).map_err(|error| CallError::unanswered(error.to_string()))?;
        match self.call(self.events.create(&PostParams::default(), &event)).await {
            Err(error) if error.is(409) => Ok(()),
            result => result.map(drop),
        }
    }
}

fn event(test: &LoadTest, note: &Note, namespace: &str, now: OffsetDateTime) -> Value {
    let mut end = note.message.len().min(NOTE_BYTES_MAX);
    while !note.message.is_char_boundary(end) {
        end -= 1;
    }
    let at = timestamp(now);
    json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": format!("{}.{}", test.run(), note.reason.to_ascii_lowercase()),
            "namespace": namespace,
        },
        "involvedObject": {
            "apiVersion": resource::api_version(),
            "kind": crd::KIND,
            "name": test.name,
            "namespace": namespace,
            "uid": test.uid,
        },
        "reason": note.reason,
        "message": note.message[..end],
        "type": if note.warns { "Warning" } else { "Normal" },
        "action": note.reason,
        "count": 1,
        "firstTimestamp": at,
        "lastTimestamp": at,
        "source": { "component": FIELD_MANAGER },
        "reportingComponent": FIELD_MANAGER,
        "reportingInstance": FIELD_MANAGER,
    })
}
