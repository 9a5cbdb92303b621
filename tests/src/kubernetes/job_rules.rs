//! Sets the defaults of Jobs, and checks new and changed Jobs.

use super::admission;
use super::failure::Cause;
use serde_json::{Value, json};

/// The number of failures after which a Job without a limit for each index fails.
const BACKOFF_LIMIT: u64 = 6;

/// Sets the defaults of a new Job. Returns the problems of the Job.
pub(super) fn check_new(job: &mut Value) -> Vec<Cause> {
    if job["spec"]["template"]["spec"].is_null() {
        return vec![Cause::required("spec.template.spec.containers", "")];
    }
    set_defaults(job);
    let mut causes = admission::pod_spec(&mut job["spec"]["template"]["spec"], "spec.template.spec");
    let spec = &job["spec"];
    let restart = &spec["template"]["spec"]["restartPolicy"];
    if restart != "Never" && restart != "OnFailure" {
        causes.push(Cause {
            field: "spec.template.spec.restartPolicy".to_owned(),
            reason: "FieldValueNotSupported",
            message: format!("Unsupported value: {restart}: supported values: \"OnFailure\", \"Never\""),
        });
    }
    let indexed = spec["completionMode"] == "Indexed";
    if indexed && spec["completions"].is_null() {
        causes.push(Cause::required("spec.completions", "when completion mode is Indexed"));
    }
    if !spec["backoffLimitPerIndex"].is_null() && !indexed {
        causes.push(Cause::invalid(
            "spec.backoffLimitPerIndex",
            &spec["backoffLimitPerIndex"],
            "requires indexed completion mode",
        ));
    }
    if let Some(completions) = spec["completions"].as_u64().filter(|_| indexed) {
        let name = job["metadata"]["name"].as_str().unwrap_or_default();
        let hostname = format!("{name}-{}", completions.saturating_sub(1));
        if hostname.len() > 63 || hostname.contains('.') {
            let why = "will not able to create pod with invalid DNS label: must be no more than 63 characters";
            causes.push(Cause::invalid("metadata.name", &hostname.into(), why));
        }
    }
    causes.extend(check_policy(spec));
    causes
}

fn set_defaults(job: &mut Value) {
    let (uid, name) = (job["metadata"]["uid"].clone(), job["metadata"]["name"].clone());
    let spec = &mut job["spec"];
    let (per_index, policy) = (
        !spec["backoffLimitPerIndex"].is_null(),
        spec["podFailurePolicy"].is_object(),
    );
    let mut default = |member: &str, value: Value| {
        if spec[member].is_null() {
            spec[member] = value;
        }
    };
    default("suspend", false.into());
    default("manualSelector", false.into());
    default("completionMode", "NonIndexed".into());
    default("parallelism", 1.into());
    let limit = if per_index { i32::MAX as u64 } else { BACKOFF_LIMIT };
    default("backoffLimit", limit.into());
    default(
        "podReplacementPolicy",
        if policy { "Failed" } else { "TerminatingOrFailed" }.into(),
    );
    default(
        "selector",
        json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}),
    );
    if spec["completions"].is_null() && spec["parallelism"] == 1 && spec["completionMode"] != "Indexed" {
        spec["completions"] = 1.into();
    }
    if spec["template"]["metadata"].is_null() {
        spec["template"]["metadata"] = json!({});
    }
    let labels = &mut spec["template"]["metadata"]["labels"];
    for (label, value) in [
        ("batch.kubernetes.io/controller-uid", &uid),
        ("batch.kubernetes.io/job-name", &name),
        ("controller-uid", &uid),
        ("job-name", &name),
    ] {
        labels[label] = value.clone();
    }
    let job_labels = labels.clone();
    if job["metadata"]["labels"].is_null() {
        // A Job without labels gets the labels of its template, as in a real server.
        job["metadata"]["labels"] = job_labels;
    }
}

fn check_policy(spec: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let policy = &spec["podFailurePolicy"];
    if !policy.is_object() {
        return causes;
    }
    if spec["template"]["spec"]["restartPolicy"] != "Never" {
        causes.push(Cause::invalid(
            "spec.template.spec.restartPolicy",
            &spec["template"]["spec"]["restartPolicy"],
            "only \"Never\" is supported when podFailurePolicy is specified",
        ));
    }
    if spec["podReplacementPolicy"] != "Failed" {
        causes.push(Cause {
            field: "spec.podReplacementPolicy".to_owned(),
            reason: "FieldValueNotSupported",
            message: format!(
                "Unsupported value: {}: supported values: \"Failed\"",
                spec["podReplacementPolicy"]
            ),
        });
    }
    let containers = spec["template"]["spec"]["containers"].as_array();
    let containers: Vec<&Value> = containers
        .into_iter()
        .flatten()
        .map(|container| &container["name"])
        .collect();
    for (at, rule) in policy["rules"].as_array().into_iter().flatten().enumerate() {
        let field = format!("spec.podFailurePolicy.rules[{at}]");
        let action = rule["action"].as_str().unwrap_or_default();
        if !["FailJob", "FailIndex", "Ignore", "Count"].contains(&action) {
            causes.push(Cause {
                field: format!("{field}.action"),
                reason: "FieldValueNotSupported",
                message: format!(
                    "Unsupported value: {action:?}: supported values: \"Count\", \"FailIndex\", \"FailJob\", \"Ignore\""
                ),
            });
        }
        if action == "FailIndex" && spec["backoffLimitPerIndex"].is_null() {
            let why = "requires the backoffLimitPerIndex to be set";
            causes.push(Cause::invalid(format!("{field}.action"), &action.into(), why));
        }
        let (codes, conditions) = (&rule["onExitCodes"], &rule["onPodConditions"]);
        let has_conditions = conditions.as_array().is_some_and(|list| !list.is_empty());
        if codes.is_object() == has_conditions {
            let why = "specifying one of OnExitCodes and OnPodConditions is required";
            causes.push(Cause::invalid(&field, &rule.clone(), why));
        }
        let name = &codes["containerName"];
        if name.is_string() && !containers.contains(&name) {
            let why = "must be one of the container or initContainer names in the pod template";
            causes.push(Cause::invalid(format!("{field}.onExitCodes.containerName"), name, why));
        }
        let values: Vec<i64> = codes["values"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_i64)
            .collect();
        if codes["operator"] == "In" && values.contains(&0) {
            let why = "must not be 0 for the In operator";
            causes.push(Cause::invalid(format!("{field}.onExitCodes.values"), &0.into(), why));
        }
        if codes.is_object() && !values.windows(2).all(|pair| pair[0] < pair[1]) {
            let why = "must be ordered and without duplicates";
            causes.push(Cause::invalid(
                format!("{field}.onExitCodes.values"),
                &codes["values"],
                why,
            ));
        }
    }
    causes
}

/// Checks a change of a Job. The template is immutable after the start of the Job.
pub(super) fn check_changed(old: &Value, new: &Value) -> Vec<Cause> {
    let (old_spec, new_spec) = (&old["spec"], &new["spec"]);
    let mut causes = Vec::new();
    let waits = old_spec["suspend"] == true && old["status"]["startTime"].is_null();
    for member in [
        "template",
        "completions",
        "completionMode",
        "selector",
        "podFailurePolicy",
        "backoffLimitPerIndex",
    ] {
        let mut before = old_spec[member].clone();
        let mut after = new_spec[member].clone();
        if member == "template" && waits {
            // Kueue changes these fields of a suspended Job to choose the nodes of its pods.
            for template in [&mut before, &mut after] {
                for scheduling in ["nodeSelector", "tolerations", "affinity", "schedulingGates"] {
                    if let Some(spec) = template["spec"].as_object_mut() {
                        spec.remove(scheduling);
                    }
                }
                template["metadata"] = Value::Null;
            }
        }
        if before != after {
            causes.push(Cause::invalid(
                format!("spec.{member}"),
                &new_spec[member],
                "field is immutable",
            ));
        }
    }
    causes
}
