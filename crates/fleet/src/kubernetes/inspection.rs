//! Checks a cluster before a run starts: permissions, quota, image, allowed targets and store. The checks start no
//! pods.

use super::access::PERMISSIONS;
use super::api::{CallError, call};
use super::cluster::Cluster;
use super::names;
use super::quantity;
use super::settings::{PodSettings, is_pinned};
use crate::finding::{Demand, Finding, FindingState};
use crate::fleet::FleetError;
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, ResourceQuota};
use kube::api::{Api, ListParams, PostParams};
use std::collections::BTreeMap;
use store::Location;
use worker::allow::Allow;
use worker::invocation::judge_target;

/// The first version of Kubernetes whose Jobs have all features that the fleet uses.
const VERSION_MIN: (u32, u32) = (1, 33);
const ROLE_HINT: &str = "apply infra/kubernetes/base/launcher-role.yaml, and bind it to your user";

fn bad(problem: impl Into<String>, hint: impl Into<String>) -> FindingState {
    FindingState::bad(problem, hint)
}

/// Returns the finding for an error in the settings.
pub(super) fn of_error(error: &FleetError) -> Finding {
    let hint = error.hint.clone().unwrap_or_default();
    Finding {
        about: "pods",
        found: bad(error.problem.clone(), hint),
    }
}

/// Checks the reference to the image. Only a node can check whether the image exists.
pub(super) fn image(settings: &PodSettings) -> Finding {
    let image = &settings.image;
    Finding {
        about: "image",
        found: match is_pinned(image) {
            true => FindingState::Good(image.clone()),
            false => FindingState::Unknown(format!("{image} has no fixed tag, so nodes may run different versions")),
        },
    }
}

/// Runs all checks of one cluster. If a finding makes later checks impossible, these checks are omitted.
pub(super) async fn inspect(
    cluster: &Cluster,
    demand: &Demand<'_>,
    settings: &PodSettings,
    store: &Location,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note = |about, found| {
        let finding = Finding { about, found };
        let is_bad = finding.is_bad();
        findings.push(finding);
        !is_bad
    };
    if !note("cluster", version(cluster).await) || !note("permissions", permissions(cluster).await) {
        return findings;
    }
    note("quota", quota(cluster, pods(cluster, demand), settings).await);
    note("targets", targets(cluster, demand).await);
    note("pods' store", pod_store(cluster, settings, store).await);
    findings
}

/// Returns the number of pods that a run needs in a cluster.
fn pods(cluster: &Cluster, demand: &Demand<'_>) -> u32 {
    let plan = demand.plan;
    let in_region = |region: &&plan::region::PlacedRegion| Some(region.name.as_str()) == cluster.context.as_deref();
    match plan.regions.is_empty() {
        true => plan.shards,
        false => plan
            .regions
            .iter()
            .filter(in_region)
            .map(|region| region.shards.len() as u32)
            .sum(),
    }
}

async fn version(cluster: &Cluster) -> FindingState {
    const HINT: &str = "check --context, KUBECONFIG, and whether `kubectl version` works";
    let connected = match cluster.connect().await {
        Ok(connected) => connected,
        Err(error) => return bad(error.problem, HINT),
    };
    let info = match call(connected.client.apiserver_version()).await {
        Ok(info) => info,
        Err(error) => return bad(format!("{} did not answer: {}", cluster.shown(), error.problem), HINT),
    };
    // Some providers append a `+` to the minor version.
    let number = |text: &str| text.trim_end_matches('+').parse::<u32>().ok();
    let version = number(&info.major).zip(number(&info.minor));
    let (major, minor) = VERSION_MIN;
    match version {
        Some(version) if version < VERSION_MIN => bad(
            format!("{} runs Kubernetes {}", cluster.shown(), info.git_version),
            format!("use a cluster of version {major}.{minor} or later"),
        ),
        Some(_) => FindingState::Good(format!(
            "Kubernetes {}, namespace {}",
            info.git_version, connected.namespace
        )),
        None => FindingState::Unknown(format!("the version {} cannot be compared", info.git_version)),
    }
}

/// Asks the cluster whether the user has each permission that a launcher needs.
async fn permissions(cluster: &Cluster) -> FindingState {
    let connected = match cluster.connect().await {
        Ok(connected) => connected,
        Err(error) => return FindingState::Unknown(error.problem),
    };
    let reviews: Api<SelfSubjectAccessReview> = Api::all(connected.client.clone());
    let mut denied = Vec::new();
    for permission in PERMISSIONS {
        for verb in permission.verbs {
            let review = SelfSubjectAccessReview {
                spec: SelfSubjectAccessReviewSpec {
                    resource_attributes: Some(ResourceAttributes {
                        group: Some(permission.group.to_owned()),
                        resource: Some(permission.resource.to_owned()),
                        verb: Some((*verb).to_owned()),
                        namespace: Some(connected.namespace.clone()),
                        name: permission.name.map(str::to_owned),
                        ..ResourceAttributes::default()
                    }),
                    non_resource_attributes: None,
                },
                ..SelfSubjectAccessReview::default()
            };
            match call(reviews.create(&PostParams::default(), &review)).await {
                Ok(review) if review.status.as_ref().is_some_and(|status| status.allowed) => {}
                Ok(_) => denied.push(format!("{verb} {}", permission.resource)),
                Err(error) => return FindingState::Unknown(error.problem),
            }
        }
    }
    let namespace = &connected.namespace;
    match denied.is_empty() {
        true => FindingState::Good(format!("all that a launcher needs in the namespace {namespace}")),
        false => bad(
            format!("you may not {} in the namespace {namespace}", denied.join(", ")),
            ROLE_HINT,
        ),
    }
}

/// Checks whether the quotas of the namespace have room for the pods.
async fn quota(cluster: &Cluster, pods: u32, settings: &PodSettings) -> FindingState {
    let quotas: Vec<ResourceQuota> = match cluster.list(&ListParams::default()).await {
        Ok(quotas) => quotas,
        Err(error) => return FindingState::Unknown(error.problem),
    };
    let wanted = wanted(pods, settings);
    let lacking: Vec<String> = quotas.iter().flat_map(|quota| lacking(quota, &wanted)).collect();
    let (cpu, memory) = (settings.cpu, &settings.memory);
    match lacking.is_empty() {
        true if quotas.is_empty() => FindingState::Good("the namespace has none".to_owned()),
        true => FindingState::Good(format!("room for {pods} pods of {cpu} CPU and {memory}")),
        false => bad(
            format!("the quota has no room for {pods} pods: {}", lacking.join("; ")),
            "raise the ResourceQuota, or use fewer --workers, --cpu or --memory",
        ),
    }
}

/// Returns, in thousandths, the amount that the pods need of each resource that a quota can limit.
fn wanted(pods: u32, settings: &PodSettings) -> BTreeMap<&'static str, u128> {
    let pods = u128::from(pods);
    let cpu = pods * u128::from(settings.cpu) * 1_000;
    // The pods set only a memory limit, and the cluster also uses this limit as the memory request.
    let memory = pods * quantity::thousandths(&settings.memory).unwrap_or_default();
    BTreeMap::from([
        ("pods", pods * 1_000),
        ("count/pods", pods * 1_000),
        ("count/jobs.batch", 1_000),
        ("cpu", cpu),
        ("requests.cpu", cpu),
        ("memory", memory),
        ("requests.memory", memory),
        ("limits.memory", memory),
    ])
}

/// Returns text about the resources for which a quota leaves less than the pods need.
fn lacking(quota: &ResourceQuota, wanted: &BTreeMap<&'static str, u128>) -> Vec<String> {
    let Some(status) = &quota.status else { return Vec::new() };
    // A quota with scopes may not apply to these pods.
    let has_scopes = quota
        .spec
        .as_ref()
        .is_some_and(|spec| spec.scopes.is_some() || spec.scope_selector.is_some());
    let (Some(hard), false) = (&status.hard, has_scopes) else {
        return Vec::new();
    };
    let mut lacking = Vec::new();
    for (resource, hard) in hard {
        if resource == "limits.cpu" {
            lacking.push("limits.cpu is limited, but the pods have no CPU limit".to_owned());
        }
        let used = status.used.as_ref().and_then(|used| used.get(resource));
        let used_number = used.and_then(|used| quantity::thousandths(&used.0)).unwrap_or_default();
        let (Some(wanted), Some(hard_number)) = (wanted.get(resource.as_str()), quantity::thousandths(&hard.0)) else {
            continue;
        };
        if used_number + wanted > hard_number {
            let used = used.map_or("0", |used| used.0.as_str());
            lacking.push(format!("{used} of {} {resource} are used", hard.0));
        }
    }
    lacking
}

/// Checks the targets of the run against the list in the ConfigMap, in the same way as workers do.
async fn targets(cluster: &Cluster, demand: &Demand<'_>) -> FindingState {
    if demand.targets.is_empty() {
        return FindingState::Good("none to check: no scenario with a `target` URL is given".to_owned());
    }
    let (map, key) = (names::ALLOW_CONFIG_MAP, names::ALLOW_KEY);
    let list = match config_map(cluster, map).await {
        Ok(config_map) => config_map.and_then(|map| map.data?.get(key).cloned()),
        Err(error) => return FindingState::Unknown(error.problem),
    };
    let Some(list) = list else {
        let hosts = demand.targets.iter().filter_map(|target| target.split("://").nth(1));
        let hosts: Vec<&str> = hosts.filter_map(|host| host.split(['/', ':']).next()).collect();
        return bad(
            format!("the namespace has no ConfigMap {map} with the key {key}, so workers may send nowhere"),
            format!(
                "create it: kubectl create configmap {map} --from-literal={key}={}",
                hosts.join(",")
            ),
        );
    };
    let allow = match Allow::parse(&list) {
        Ok(allow) => allow,
        Err(error) => {
            let problem = format!("the ConfigMap {map} has a wrong entry: {}", error.problem);
            return bad(problem, error.hint);
        }
    };
    let judged = demand
        .targets
        .iter()
        .find_map(|target| Some((target, judge_target(&allow, target, &demand.plan.hosts).err()?)));
    match judged {
        None => FindingState::Good(format!("allowed: {}", demand.targets.join(", "))),
        Some((target, refused)) => bad(
            format!("{target} is refused: {}", refused.problem),
            format!("add the host to the key {key} of the ConfigMap {map}"),
        ),
    }
}

async fn config_map(cluster: &Cluster, name: &str) -> Result<Option<ConfigMap>, CallError> {
    let connected = cluster.connect().await?;
    let maps: Api<ConfigMap> = Api::namespaced(connected.client.clone(), &connected.namespace);
    call(maps.get_opt(name)).await
}

/// Checks the settings of the store that can be checked without a pod.
async fn pod_store(cluster: &Cluster, settings: &PodSettings, store: &Location) -> FindingState {
    let Some(claim) = &settings.store_claim else {
        let account = settings.service_account.as_deref().unwrap_or("default");
        return FindingState::Good(format!("pods access {store} with the service account {account}"));
    };
    let connected = match cluster.connect().await {
        Ok(connected) => connected,
        Err(error) => return FindingState::Unknown(error.problem),
    };
    let claims: Api<PersistentVolumeClaim> = Api::namespaced(connected.client.clone(), &connected.namespace);
    let found = match call(claims.get_opt(claim)).await {
        Ok(found) => found,
        Err(error) => return FindingState::Unknown(error.problem),
    };
    let modes = found.map(|claim| claim.spec.and_then(|spec| spec.access_modes).unwrap_or_default());
    match modes {
        None => bad(
            format!("the namespace has no claim {claim}"),
            "create it, or use --store s3://bucket/prefix",
        ),
        Some(modes) if modes.iter().any(|mode| mode == "ReadWriteMany") => {
            FindingState::Good(format!("the claim {claim} is mounted at {store}"))
        }
        Some(modes) => bad(
            format!("the claim {claim} is {}, so only one node can use it", modes.join(", ")),
            "use a claim that is ReadWriteMany, or --store s3://bucket/prefix",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::KubernetesOptions;
    use serde_json::json;
    use worker::secrets::Variables;

    fn settings() -> PodSettings {
        let options = KubernetesOptions {
            image: Some("vajra-cloud:1".to_owned()),
            ..KubernetesOptions::default()
        };
        PodSettings::new(&options, &Variables::default()).unwrap()
    }

    fn quota(hard: serde_json::Value, used: serde_json::Value) -> ResourceQuota {
        serde_json::from_value(json!({ "metadata": {}, "status": { "hard": hard, "used": used } })).unwrap()
    }

    #[test]
    fn a_quota_without_room_is_named_with_its_resource() {
        let wanted = wanted(4, &settings());
        let check = |hard, used, expected: &[&str]| assert_eq!(lacking(&quota(hard, used), &wanted), expected);
        check(
            json!({ "pods": "10", "requests.cpu": "8" }),
            json!({ "pods": "6", "requests.cpu": "4" }),
            &[],
        );
        check(
            json!({ "pods": "10" }),
            json!({ "pods": "7" }),
            &["7 of 10 pods are used"],
        );
        check(
            json!({ "requests.cpu": "3500m" }),
            json!({}),
            &["0 of 3500m requests.cpu are used"],
        );
        check(
            json!({ "limits.memory": "8Gi" }),
            json!({ "limits.memory": "5Gi" }),
            &["5Gi of 8Gi limits.memory are used"],
        );
        check(
            json!({ "limits.cpu": "8" }),
            json!({}),
            &["limits.cpu is limited, but the pods have no CPU limit"],
        );
        check(json!({ "services": "0" }), json!({}), &[]);
    }
}
