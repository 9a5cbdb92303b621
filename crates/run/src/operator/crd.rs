//! The definition of the custom resource `LoadTest`.

use serde_json::{Value, json};

pub const GROUP: &str = "vajra-cloud.io";
pub const VERSION: &str = "v1alpha1";
pub const KIND: &str = "LoadTest";
pub const PLURAL: &str = "loadtests";

/// The maximum length of a scenario in the resource. A cluster stores at most 1 MiB in an object.
const SCENARIO_CHARS_MAX: u32 = 900_000;
const NAME_CHARS_MAX: u32 = 253;
const STORE_CHARS_MAX: u32 = 2_048;
const VARIABLES_MAX: u32 = 100;
const DURATION: &str = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$";

/// Returns the CustomResourceDefinition of `LoadTest`.
pub fn definition() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{PLURAL}.{GROUP}") },
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": { "kind": KIND, "listKind": "LoadTestList", "plural": PLURAL, "singular": "loadtest", "shortNames": ["lt"] },
            "versions": [{
                "name": VERSION,
                "served": true,
                "storage": true,
                "subresources": { "status": {} },
                "additionalPrinterColumns": columns(),
                "schema": { "openAPIV3Schema": {
                    "type": "object",
                    "description": "A load test whose workers are pods of this namespace. It runs once.",
                    "required": ["spec"],
                    "properties": {
                        "apiVersion": { "type": "string" },
                        "kind": { "type": "string" },
                        "metadata": { "type": "object" },
                        "spec": spec(),
                        "status": status(),
                    },
                }},
            }],
        },
    })
}

/// Returns the columns of `kubectl get loadtests`.
fn columns() -> Value {
    let column = |name: &str, kind: &str, path: &str, description: &str| json!({ "name": name, "type": kind, "jsonPath": path, "description": description });
    json!([
        column("Phase", "string", ".status.phase", "The phase of the run"),
        column("Workers", "integer", ".status.workers.in", "The workers that are ready"),
        column(
            "Sent",
            "integer",
            ".status.arrivals.sent",
            "The requests that were sent"
        ),
        column(
            "Missing",
            "integer",
            ".status.arrivals.missing",
            "The arrivals that are missing"
        ),
        column(
            "Verdict",
            "string",
            ".status.conditions[?(@.type==\"Passed\")].reason",
            "The verdict of the run"
        ),
        column(
            "Age",
            "date",
            ".metadata.creationTimestamp",
            "The time since the creation"
        ),
    ])
}

fn text(chars_max: u32, description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": chars_max, "description": description })
}

fn duration(description: &str) -> Value {
    json!({ "type": "string", "maxLength": 32, "pattern": DURATION, "description": description })
}

fn spec() -> Value {
    let properties = json!({
        "scenario": {
            "type": "object",
            "description": "The scenario: a key of a ConfigMap, or the text itself.",
            "properties": {
                "configMap": {
                    "type": "object",
                    "description": "The ConfigMap with the scenario. Files that the scenario names are further keys of it.",
                    "required": ["name", "key"],
                    "properties": {
                        "name": text(NAME_CHARS_MAX, "The name of the ConfigMap."),
                        "key": text(NAME_CHARS_MAX, "The key of the scenario."),
                    },
                },
                "inline": text(SCENARIO_CHARS_MAX, "The text of the scenario."),
            },
            "x-kubernetes-validations": [
                { "rule": "has(self.configMap) != has(self.inline)", "message": "set either configMap or inline" },
            ],
        },
        "store": text(STORE_CHARS_MAX, "The location of the store, such as s3://bucket/prefix."),
        "workers": { "type": "integer", "minimum": 1, "maximum": plan::plan::SHARDS_MAX, "default": 1, "description": "The number of workers. Each worker is a pod." },
        "minWorkers": { "type": "integer", "minimum": 1, "description": "The number of workers that is enough when the start timeout has passed; by default all." },
        "startTimeout": duration("How long to wait for the scenario and for the workers; by default 5m."),
        "stop": { "type": "boolean", "default": false, "description": "Whether to stop the run. A run that is stopped cannot continue." },
        "env": {
            "type": "array",
            "maxItems": VARIABLES_MAX,
            "description": "The variables of the workers, for the secrets `env:NAME` of the scenario.",
            "items": {
                "type": "object",
                "required": ["name", "valueFrom"],
                "properties": {
                    "name": { "type": "string", "maxLength": NAME_CHARS_MAX, "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" },
                    "valueFrom": {
                        "type": "object",
                        "required": ["secretKeyRef"],
                        "properties": { "secretKeyRef": {
                            "type": "object",
                            "required": ["name", "key"],
                            "properties": {
                                "name": text(NAME_CHARS_MAX, "The name of the Secret."),
                                "key": text(NAME_CHARS_MAX, "The key of the value."),
                            },
                        }},
                    },
                },
            },
        },
        "pod": pod(),
        "ttlAfterFinished": duration("How long the finished test is kept; by default until it is deleted. The store keeps the run."),
    });
    json!({
        "type": "object",
        "required": ["scenario", "store"],
        "properties": properties,
        "x-kubernetes-validations": rules(),
    })
}

fn pod() -> Value {
    let one_quantity = |outer: &str, inner: &str, quantity: Value| json!({ "type": "object", "description": outer, "properties": { inner: quantity } });
    json!({
        "type": "object",
        "description": "The settings of the pods.",
        "properties": {
            "serviceAccountName": text(NAME_CHARS_MAX, "The service account of the pods."),
            "resources": {
                "type": "object",
                "description": "The processors and the memory of a pod.",
                "properties": {
                    "requests": one_quantity("The processors.", "cpu", json!({
                        "x-kubernetes-int-or-string": true,
                        "description": "A whole number of processors; by default 1.",
                    })),
                    "limits": one_quantity("The memory.", "memory", json!({
                        "type": "string",
                        "pattern": "^[1-9][0-9]*(Mi|Gi|M|G)$",
                        "description": "The memory, such as 2Gi; by default 1Gi.",
                    })),
                },
            },
            "nodeSelector": {
                "type": "object",
                "description": "The labels of the nodes on which pods may run.",
                "additionalProperties": { "type": "string" },
            },
        },
    })
}

/// Returns the rules of the spec. The spec is immutable, except that `stop` may become true.
fn rules() -> Value {
    let mut rules = vec![
        json!({ "rule": "!oldSelf.stop || self.stop", "message": "a run that is stopped cannot continue" }),
        json!({ "rule": "!has(self.minWorkers) || self.minWorkers <= self.workers", "message": "minWorkers exceeds workers" }),
    ];
    for name in ["scenario", "store", "workers"] {
        rules.push(
            json!({ "rule": format!("self.{name} == oldSelf.{name}"), "message": format!("{name} is immutable") }),
        );
    }
    for name in ["minWorkers", "startTimeout", "env", "pod", "ttlAfterFinished"] {
        let rule =
            format!("has(self.{name}) == has(oldSelf.{name}) && (!has(self.{name}) || self.{name} == oldSelf.{name})");
        rules.push(json!({ "rule": rule, "message": format!("{name} is immutable") }));
    }
    Value::Array(rules)
}

fn status() -> Value {
    let counts = |names: &[&str]| {
        let properties: serde_json::Map<String, Value> = names
            .iter()
            .map(|name| ((*name).to_owned(), json!({ "type": "integer", "format": "int64" })))
            .collect();
        json!({ "type": "object", "properties": properties })
    };
    json!({
        "type": "object",
        "description": "The state of the run, which the operator writes.",
        "properties": {
            "observedGeneration": { "type": "integer", "format": "int64" },
            "run": { "type": "string", "description": "The name of the run in the store." },
            "phase": {
                "type": "string",
                "enum": ["Pending", "Starting", "Running", "Passed", "Crossed", "Incomplete", "Aborted"],
            },
            "workers": counts(&["planned", "in", "missing"]),
            "arrivals": counts(&["planned", "sent", "dropped", "missing"]),
            "conditions": {
                "type": "array",
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["type"],
                "items": {
                    "type": "object",
                    "required": ["type", "status", "reason", "message", "lastTransitionTime"],
                    "properties": {
                        "type": { "type": "string" },
                        "status": { "type": "string", "enum": ["True", "False", "Unknown"] },
                        "reason": { "type": "string" },
                        "message": { "type": "string", "maxLength": 32_768 },
                        "lastTransitionTime": { "type": "string", "format": "date-time" },
                        "observedGeneration": { "type": "integer", "format": "int64" },
                    },
                },
            },
        },
    })
}
