//! The custom resource `LoadTest`, which contains the spec and the status of a load test.

use super::crd::{GROUP, KIND, PLURAL, VERSION};
use fleet::options::pods::{PodValue, PodVariable, memory, node_label};
use kube::api::{ApiResource, DynamicObject};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::num::NonZeroU32;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The finalizer of the operator. The cluster keeps a deleted load test until the operator has stopped and reported its
/// run.
pub(super) const FINALIZER: &str = "vajra-cloud.io/stop-run";
/// The default start timeout.
const START_TIMEOUT: Duration = Duration::from_secs(300);
/// The maximum length of the first part of a run's name, which comes from the name of the load test. The second part
/// comes from the UID.
const NAME_CHARS_MAX: usize = 40;
const UID_CHARS: usize = 8;
/// The maximum length in bytes of the message of a condition.
const MESSAGE_BYTES_MAX: usize = 8_192;

/// Returns the names of the resource in the API.
pub(super) fn api_resource() -> ApiResource {
    ApiResource {
        group: GROUP.to_owned(),
        version: VERSION.to_owned(),
        api_version: api_version(),
        kind: KIND.to_owned(),
        plural: PLURAL.to_owned(),
    }
}

pub(super) fn api_version() -> String {
    format!("{GROUP}/{VERSION}")
}

/// A load test, read from the object in the cluster.
#[derive(Clone, Debug)]
pub(super) struct LoadTest {
    pub(super) name: String,
    pub(super) uid: String,
    pub(super) generation: i64,
    pub(super) created: OffsetDateTime,
    /// The time at which the deletion was requested; `None` if the load test is not being deleted.
    pub(super) deleted: Option<OffsetDateTime>,
    pub(super) has_finalizer: bool,
    /// The spec, or the reason why the spec cannot be read.
    pub(super) spec: Result<Spec, String>,
    pub(super) status: Status,
}

/// The spec of a load test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) scenario: ScenarioSource,
    pub(super) store: String,
    pub(super) workers: u32,
    pub(super) min_workers: Option<u32>,
    pub(super) start_timeout: Duration,
    pub(super) stop: bool,
    pub(super) env: Vec<PodVariable>,
    pub(super) service_account: Option<String>,
    pub(super) cpu: Option<NonZeroU32>,
    pub(super) memory: Option<String>,
    pub(super) node_selector: Vec<(String, String)>,
    pub(super) ttl: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ScenarioSource {
    ConfigMap { name: String, key: String },
    Inline(String),
}

impl LoadTest {
    /// Reads an object of the cluster.
    pub(super) fn read(object: &DynamicObject) -> LoadTest {
        let metadata = &object.metadata;
        let time = |seconds: i64| OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let created = metadata.creation_timestamp.as_ref();
        let finalizers = metadata.finalizers.as_deref().unwrap_or_default();
        let status = object.data.get("status").cloned().unwrap_or_default();
        LoadTest {
            name: metadata.name.clone().unwrap_or_default(),
            uid: metadata.uid.clone().unwrap_or_default(),
            generation: metadata.generation.unwrap_or_default(),
            created: time(created.map_or(0, |created| created.0.as_second())),
            deleted: metadata
                .deletion_timestamp
                .as_ref()
                .map(|deleted| time(deleted.0.as_second())),
            has_finalizer: finalizers.iter().any(|one| one == FINALIZER),
            spec: Spec::read(&object.data["spec"]),
            // A status may be unreadable because another version of the operator has written it. The operator then
            // writes a new status.
            status: serde_json::from_value(status).unwrap_or_default(),
        }
    }

    /// Returns the name of the run. The name depends only on the name and the UID of the load test. So all copies of
    /// the operator use the same run, and a later load test with the same name has another run.
    pub(super) fn run(&self) -> String {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let plain = |text: &str, chars_max: usize| -> String {
            let chars = text.chars().map(|c| if fits(c) { c } else { '-' });
            chars.take(chars_max).collect::<String>().trim_matches('-').to_owned()
        };
        let digits: String = self.uid.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        format!(
            "{}-{}",
            plain(&self.name, NAME_CHARS_MAX),
            plain(&digits.to_ascii_lowercase(), UID_CHARS)
        )
    }
}

impl Spec {
    fn read(value: &Value) -> Result<Spec, String> {
        let stored: StoredSpec = serde_json::from_value(value.clone()).map_err(|error| format!("spec: {error}"))?;
        let span = |name: &str, text: Option<String>| {
            let parsed = text.map(|text| plan::span::parse(&text)).transpose();
            parsed.map_err(|problem| format!("spec.{name}: {problem}"))
        };
        let scenario = match (stored.scenario.config_map, stored.scenario.inline) {
            (Some(ConfigMapKey { name, key }), None) => ScenarioSource::ConfigMap { name, key },
            (None, Some(text)) => ScenarioSource::Inline(text),
            _ => return Err("spec.scenario: set either configMap or inline".to_owned()),
        };
        let variable = |variable: Variable| {
            let key = variable.value_from.secret_key_ref;
            let read = PodVariable::parse(&format!("{}=secret:{}/{}", variable.name, key.name, key.key));
            match read {
                Ok(variable) if matches!(variable.value, PodValue::Secret { .. }) => Ok(variable),
                Ok(_) => Err(format!("spec.env: {}: name a Secret and a key", variable.name)),
                Err(problem) => Err(format!("spec.env: {}: {problem}", variable.name)),
            }
        };
        let pod = stored.pod;
        let labels = pod.node_selector.into_iter();
        let node_selector = labels.map(|(key, value)| node_label(&format!("{key}={value}")));
        Ok(Spec {
            scenario,
            store: stored.store,
            workers: stored.workers,
            min_workers: stored.min_workers,
            start_timeout: span("startTimeout", stored.start_timeout)?.unwrap_or(START_TIMEOUT),
            stop: stored.stop,
            env: stored.env.into_iter().map(variable).collect::<Result<_, _>>()?,
            service_account: pod.service_account_name,
            cpu: pod.resources.requests.cpu.as_ref().map(processors).transpose()?,
            memory: match pod.resources.limits.memory {
                Some(text) => {
                    Some(memory(&text).map_err(|problem| format!("spec.pod.resources.limits.memory: {problem}"))?)
                }
                None => None,
            },
            node_selector: node_selector
                .collect::<Result<_, _>>()
                .map_err(|problem| format!("spec.pod.nodeSelector: {problem}"))?,
            ttl: span("ttlAfterFinished", stored.ttl_after_finished)?,
        })
    }
}

/// Parses a number of processors, which may be a number or a string.
fn processors(value: &Value) -> Result<NonZeroU32, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.parse()
        .map_err(|_| format!("spec.pod.resources.requests.cpu: `{text}` is not a whole number from 1"))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredSpec {
    scenario: StoredScenario,
    store: String,
    #[serde(default = "one")]
    workers: u32,
    min_workers: Option<u32>,
    start_timeout: Option<String>,
    #[serde(default)]
    stop: bool,
    #[serde(default)]
    env: Vec<Variable>,
    #[serde(default)]
    pod: Pod,
    ttl_after_finished: Option<String>,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredScenario {
    config_map: Option<ConfigMapKey>,
    inline: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ConfigMapKey {
    name: String,
    key: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Variable {
    name: String,
    value_from: ValueFrom,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ValueFrom {
    secret_key_ref: ConfigMapKey,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Pod {
    service_account_name: Option<String>,
    resources: Resources,
    node_selector: std::collections::BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resources {
    requests: Requests,
    limits: Limits,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Requests {
    cpu: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Limits {
    memory: Option<String>,
}

/// The phase of a load test. A load test never returns to an earlier phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Phase {
    #[default]
    Pending,
    Starting,
    Running,
    Passed,
    Crossed,
    Incomplete,
    Aborted,
}

impl Phase {
    pub(super) fn name(self) -> &'static str {
        match self {
            Phase::Pending => "Pending",
            Phase::Starting => "Starting",
            Phase::Running => "Running",
            Phase::Passed => "Passed",
            Phase::Crossed => "Crossed",
            Phase::Incomplete => "Incomplete",
            Phase::Aborted => "Aborted",
        }
    }
}

/// The status of a load test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) observed_generation: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<String>,
    pub(super) phase: Phase,
    pub(super) workers: WorkerCounts,
    pub(super) arrivals: ArrivalCounts,
    pub(super) conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct WorkerCounts {
    pub(super) planned: u32,
    #[serde(rename = "in")]
    pub(super) ready: u32,
    pub(super) missing: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ArrivalCounts {
    pub(super) planned: u64,
    pub(super) sent: u64,
    pub(super) dropped: u64,
    pub(super) missing: u64,
}

/// A condition of a load test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Condition {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) reason: String,
    pub(super) message: String,
    pub(super) last_transition_time: String,
    #[serde(default)]
    pub(super) observed_generation: i64,
}

impl Status {
    pub(super) fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.kind == kind)
    }

    /// Returns whether a condition is true.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.condition(kind).is_some_and(|condition| condition.status == "True")
    }

    /// Sets a condition. The time of the last transition changes only if the status of the condition changes.
    pub(super) fn set(&mut self, kind: &str, holds: bool, reason: &str, message: &str, at: (i64, OffsetDateTime)) {
        let (generation, now) = at;
        let status = if holds { "True" } else { "False" };
        let before = self.condition(kind).filter(|condition| condition.status == status);
        let condition = Condition {
            kind: kind.to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            message: shortened(message),
            last_transition_time: match before {
                Some(before) => before.last_transition_time.clone(),
                None => timestamp(now),
            },
            observed_generation: generation,
        };
        match self.conditions.iter_mut().find(|one| one.kind == kind) {
            Some(there) => *there = condition,
            None => self.conditions.push(condition),
        }
    }

    /// Returns the time at which the load test finished; `None` if it has not finished.
    pub(super) fn finished(&self) -> Option<OffsetDateTime> {
        let finished = self.condition("Finished").filter(|one| one.status == "True")?;
        OffsetDateTime::parse(&finished.last_transition_time, &Rfc3339).ok()
    }
}

/// Returns a time in the form of the API, in whole seconds.
pub(super) fn timestamp(time: OffsetDateTime) -> String {
    let whole = time.replace_nanosecond(0).unwrap_or(time);
    whole.format(&Rfc3339).unwrap_or_default()
}

/// Cuts a message to the maximum length of a condition's message.
fn shortened(message: &str) -> String {
    let mut end = MESSAGE_BYTES_MAX.min(message.len());
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn test(metadata: Value, spec: Value) -> LoadTest {
        let object = json!({ "apiVersion": api_version(), "kind": KIND, "metadata": metadata, "spec": spec });
        LoadTest::read(&serde_json::from_value(object).unwrap())
    }

    #[test]
    fn the_name_of_a_run_is_valid_and_depends_on_the_uid() {
        let named = |name: &str, uid: &str| test(json!({ "name": name, "uid": uid }), json!({})).run();
        assert_eq!(
            named("checkout", "1f2e3d4c-9aaa-4bbb-8ccc-000000000000"),
            "checkout-1f2e3d4c"
        );
        assert_ne!(named("checkout", "1f2e3d4c-9"), named("checkout", "2f2e3d4c-9"));
        let long = named(&format!("{}.b", "a.".repeat(100)), "1f2e3d4c-9aaa");
        assert_eq!(store::keys::check_run_id(&long), Ok(()));
        assert!(long.len() <= 50 && long.ends_with("-1f2e3d4c"), "{long}");
    }

    #[test]
    fn a_whole_spec_is_read() {
        let spec = json!({
            "scenario": { "configMap": { "name": "shop", "key": "scenario.yaml" } }, "store": "s3://bucket/prefix",
            "workers": 20, "minWorkers": 18, "startTimeout": "2m", "stop": false,
            "env": [{ "name": "TOKEN", "valueFrom": { "secretKeyRef": { "name": "shop", "key": "token" } } }],
            "pod": {
                "serviceAccountName": "load", "nodeSelector": { "pool": "load" },
                "resources": { "requests": { "cpu": 2 }, "limits": { "memory": "2Gi" } },
            },
            "ttlAfterFinished": "24h",
        });
        let spec = test(json!({ "name": "a" }), spec).spec.unwrap();
        assert_eq!(
            (spec.workers, spec.min_workers, spec.start_timeout),
            (20, Some(18), Duration::from_secs(120))
        );
        assert_eq!(spec.env, [PodVariable::parse("TOKEN=secret:shop/token").unwrap()]);
        assert_eq!((spec.cpu, spec.memory.as_deref()), (NonZeroU32::new(2), Some("2Gi")));
        assert_eq!(spec.node_selector, [("pool".to_owned(), "load".to_owned())]);
        assert_eq!(spec.ttl, Some(Duration::from_secs(86_400)));
    }

    #[test]
    fn a_wrong_spec_is_a_problem_with_the_field() {
        let of = |changes: Value| {
            let mut spec = json!({ "scenario": { "inline": "x" }, "store": "s3://bucket" });
            for (key, value) in changes.as_object().unwrap() {
                spec[key] = value.clone();
            }
            test(json!({ "name": "a" }), spec).spec.unwrap_err()
        };
        let cpu = of(json!({ "pod": { "resources": { "requests": { "cpu": "500m" } } } }));
        assert!(cpu.contains("requests.cpu: `500m`"), "{cpu}");
        assert!(of(json!({ "startTimeout": "5x" })).contains("spec.startTimeout"));
        assert!(of(json!({ "scenario": {} })).contains("either configMap or inline"));
        let env =
            json!({ "env": [{ "name": "POD_NAME", "valueFrom": { "secretKeyRef": { "name": "a", "key": "b" } } }] });
        assert!(of(env).contains("POD_NAME"));
    }

    #[test]
    fn the_time_of_a_transition_changes_only_with_the_status() {
        let at = |seconds| (1, OffsetDateTime::from_unix_timestamp(seconds).unwrap());
        let mut status = Status::default();
        status.set("Stalled", false, "Progressing", "", at(10));
        status.set("Stalled", false, "Progressing", "still", at(20));
        assert_eq!(status.conditions[0].last_transition_time, "1970-01-01T00:00:10Z");
        status.set("Stalled", true, "WorkersSilent", "", at(30));
        assert_eq!(status.conditions[0].last_transition_time, "1970-01-01T00:00:30Z");
        assert_eq!(status.conditions.len(), 1);
    }
}
