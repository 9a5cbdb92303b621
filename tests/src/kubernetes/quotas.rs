//! Checks ResourceQuotas: computes the amounts that pods use, and refuses a pod that exceeds a quota.

use super::failure::Failure;
use super::resources::Resource;
use super::storage::{Key, Storage};
use super::writes;
use serde_json::{Map, Value, json};

/// Parses a quantity such as `500m`, `2` or `1Gi`; `None` if the value is not a quantity.
pub(super) fn quantity(value: &Value) -> Option<f64> {
    if let Some(number) = value.as_f64() {
        return Some(number);
    }
    let text = value.as_str()?;
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let factor = match &text[end..] {
        "" => 1.0,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(text[..end].parse::<f64>().ok()? * factor)
}

/// Returns a quantity in its shortest notation.
fn shown(name: &str, amount: f64) -> String {
    match () {
        () if name.ends_with("memory") && amount >= 1_048_576.0 && amount % 1_048_576.0 == 0.0 => {
            format!("{}Mi", amount / 1_048_576.0)
        }
        () if amount.fract() != 0.0 => format!("{}m", (amount * 1e3).round()),
        // The sum of no numbers is -0.
        () => format!("{}", amount + 0.0),
    }
}

/// Returns the amount that a pod uses of a resource, such as `requests.cpu`.
fn amount(pod: &Value, name: &str) -> f64 {
    let containers = || pod["spec"]["containers"].as_array().into_iter().flatten();
    let sum = |kind: &str, resource: &str| -> f64 {
        let of_one = |container: &Value| {
            let resources = &container["resources"];
            let own = &resources[kind][resource];
            // Without a request, the limit is also the request.
            quantity(if own.is_null() {
                &resources["limits"][resource]
            } else {
                own
            })
            .unwrap_or(0.0)
        };
        containers().map(of_one).sum()
    };
    match name {
        "pods" | "count/pods" => 1.0,
        "cpu" | "requests.cpu" => sum("requests", "cpu"),
        "memory" | "requests.memory" => sum("requests", "memory"),
        "limits.cpu" => sum("limits", "cpu"),
        "limits.memory" => sum("limits", "memory"),
        _ => 0.0,
    }
}

fn is_running(pod: &Value) -> bool {
    !["Succeeded", "Failed"].contains(&pod["status"]["phase"].as_str().unwrap_or_default())
}

/// Returns the amount that all pods of a namespace use of a resource.
fn used(storage: &Storage, namespace: &str, name: &str) -> f64 {
    let pods = storage.keyed("pods", Some(namespace));
    pods.filter(|(_, pod)| is_running(pod))
        .map(|(_, pod)| amount(pod, name))
        .sum()
}

/// Refuses a new pod that exceeds a quota.
pub(super) fn check(storage: &Storage, resource: &Resource, pod: &Value) -> Result<(), Failure> {
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    for (key, quota) in storage.keyed("resourcequotas", Some(namespace)) {
        let (mut requested, mut in_use, mut limited, mut missing) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (name, hard) in quota["spec"]["hard"].as_object().into_iter().flatten() {
            let (new, before) = (amount(pod, name), used(storage, namespace, name));
            let hard = quantity(hard).unwrap_or(f64::MAX);
            if new == 0.0 && (name.ends_with("cpu") || name.ends_with("memory")) {
                let worker = pod["spec"]["containers"][0]["name"].as_str().unwrap_or_default();
                missing.push(format!("{name} for: {worker}"));
            } else if new + before > hard {
                requested.push(format!("{name}={}", shown(name, new)));
                in_use.push(format!("{name}={}", shown(name, before)));
                limited.push(format!("{name}={}", shown(name, hard)));
            }
        }
        let why = if !missing.is_empty() {
            format!("failed quota: {}: must specify {}", key.name, missing.join("; "))
        } else if !requested.is_empty() {
            format!(
                "exceeded quota: {}, requested: {}, used: {}, limited: {}",
                key.name,
                requested.join(","),
                in_use.join(","),
                limited.join(",")
            )
        } else {
            continue;
        };
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        return Err(Failure::forbidden(resource, name, &why));
    }
    Ok(())
}

/// Updates the status of each quota, which contains the amounts that the pods use.
pub(super) fn update(storage: &mut Storage) {
    let quotas: Vec<(Key, Value)> = storage
        .keyed("resourcequotas", None)
        .map(|(key, quota)| (key.clone(), quota["spec"]["hard"].clone()))
        .collect();
    for (key, hard) in quotas {
        let names = hard.as_object().into_iter().flatten().map(|(name, _)| name);
        let in_use: Map<String, Value> = names
            .map(|name| (name.clone(), shown(name, used(storage, &key.namespace, name)).into()))
            .collect();
        writes::modify(storage, &key, |quota| {
            quota["status"] = json!({"hard": hard, "used": in_use});
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_and_shown() {
        for (text, expected) in [("500m", 0.5), ("2", 2.0), ("1Gi", 1_073_741_824.0), ("1k", 1e3)] {
            assert_eq!(quantity(&text.into()), Some(expected), "{text}");
        }
        assert_eq!(quantity(&"x".into()), None);
        assert_eq!(shown("cpu", 1.5), "1500m");
        assert_eq!(shown("requests.memory", 1_073_741_824.0), "1024Mi");
    }
}
