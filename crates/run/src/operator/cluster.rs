//! The calls of the cluster's API. Every call has a deadline.

use super::decide::Note;
use super::resource::{self, FINALIZER, LoadTest, Status, timestamp};
use super::settings::Settings;
use super::{crd, metrics::Metrics};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{ConfigMap, Event};
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions};
use kube::config::{Config, KubeConfigOptions};
use kube::{Client, Error};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::timeout;

/// The name under which the operator owns the fields that it applies.
const FIELD_MANAGER: &str = "vajra-cloud-operator";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// The longest pause that a server can request.
const PAUSE_MAX: Duration = Duration::from_secs(30);
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

/// An error of a call.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{problem}")]
pub(super) struct CallError {
    /// The status of the answer; `None` if there was no answer.
    pub(super) status: Option<u16>,
    pub(super) problem: String,
    /// How long the server asks to wait.
    pub(super) pause: Option<Duration>,
}

impl CallError {
    pub(super) fn new(error: &Error) -> CallError {
        let Error::Api(status) = error else {
            return CallError {
                status: None,
                problem: chain(error),
                pause: None,
            };
        };
        let pause = status.details.as_ref().map_or(0, |details| details.retry_after_seconds);
        CallError {
            status: Some(status.code),
            problem: status.message.clone(),
            pause: (pause > 0).then(|| Duration::from_secs(pause.into()).min(PAUSE_MAX)),
        }
    }

    pub(super) fn is(&self, status: u16) -> bool {
        self.status == Some(status)
    }
}

/// Returns the text of an error and of its sources. Texts that an earlier one contains are left out.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}

impl Cluster {
    /// Reads the configuration: of the context, or of the pod in which this program runs. No request is sent.
    pub(super) async fn open(settings: &Settings, metrics: &Arc<Metrics>) -> Result<Cluster, String> {
        let config = match &settings.context {
            Some(context) => {
                let options = KubeConfigOptions {
                    context: Some(context.clone()),
                    ..KubeConfigOptions::default()
                };
                Config::from_kubeconfig(&options).await.map_err(|error| chain(&error))
            }
            None => Config::infer().await.map_err(|error| chain(&error)),
        };
        let mut config = config?;
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        // Each caller retries at its own pace.
        config.default_retry = false;
        let namespace = settings.namespace.clone();
        let namespace = namespace.unwrap_or_else(|| config.default_namespace.clone());
        let client = Client::try_from(config).map_err(|error| chain(&error))?;
        Ok(Cluster {
            tests: Api::namespaced_with(client.clone(), &namespace, &resource::api_resource()),
            leases: Api::namespaced(client.clone(), &namespace),
            config_maps: Api::namespaced(client.clone(), &namespace),
            events: Api::namespaced(client, &namespace),
            metrics: metrics.clone(),
            namespace,
        })
    }

    /// Waits for a call, at most [`CALL_TIMEOUT`].
    pub(super) async fn call<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, CallError> {
        let error = match timeout(CALL_TIMEOUT, call).await {
            Ok(Ok(answer)) => {
                self.metrics.set_ready();
                return Ok(answer);
            }
            Ok(Err(error)) => CallError::new(&error),
            Err(_) => CallError {
                status: None,
                problem: format!("the cluster did not answer within {}", plan::span::show(CALL_TIMEOUT)),
                pause: None,
            },
        };
        self.metrics.failed();
        Err(error)
    }

    /// Returns a ConfigMap; `None` if it does not exist.
    pub(super) async fn config_map(&self, name: &str) -> Result<Option<ConfigMap>, CallError> {
        self.call(self.config_maps.get_opt(name)).await
    }

    /// Returns a test; `None` if it does not exist.
    pub(super) async fn test(&self, name: &str) -> Result<Option<DynamicObject>, CallError> {
        self.call(self.tests.get_opt(name)).await
    }

    /// Returns a patch that only applies to this version of the test.
    fn patch(test: &LoadTest, version: Option<&str>, metadata: Value) -> Value {
        let mut patch = json!({ "apiVersion": resource::api_version(), "kind": crd::KIND, "metadata": metadata });
        patch["metadata"]["name"] = test.name.clone().into();
        // A test of the same name that was created later, or that does not exist any more, is left alone.
        patch["metadata"]["uid"] = test.uid.clone().into();
        patch["metadata"]["resourceVersion"] = version.into();
        patch
    }

    /// Adds the finalizer of the operator, or removes it. Fails with 409 if the test has changed since `version`.
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

    /// Writes the status. Fails with 409 if the test has changed since `version`.
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

    /// Deletes a test. A test that does not exist any more is not an error.
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

    /// Creates an Event. Its name contains its reason, so that two copies of the operator create it once.
    pub(super) async fn emit(&self, test: &LoadTest, note: &Note, now: OffsetDateTime) -> Result<(), CallError> {
        let event = event(test, note, &self.namespace, now);
        let event: Event = serde_json::from_value(event).map_err(|error| CallError {
            status: None,
            problem: error.to_string(),
            pause: None,
        })?;
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
