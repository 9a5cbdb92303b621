//! The objects of a run in a cluster: one Indexed Job, whose pods are the workers, and one PodDisruptionBudget.
//!
//! The Job and the budget are computed from a [`JobOrder`] by pure functions. The launcher creates these objects, and
//! `vajra-cloud kubernetes manifests` prints them.

use super::names;
use super::settings::PodSettings;
use crate::options::pods::{PodValue, PodVariable};
use k8s_openapi::api::batch::v1::{
    Job, JobSpec, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyOnPodConditionsPattern,
    PodFailurePolicyRule,
};
use k8s_openapi::api::core::v1::{
    Capabilities, ConfigMapKeySelector, Container, EnvVar, EnvVarSource, ObjectFieldSelector,
    PersistentVolumeClaimVolumeSource, PodSecurityContext, PodSpec, PodTemplateSpec, ResourceRequirements,
    SeccompProfile, SecretKeySelector, SecurityContext, TopologySpreadConstraint, Volume, VolumeMount,
};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;
use std::time::Duration;
use store::Location;
use worker::allow::Allow;
use worker::exit::WorkerExit;
use worker::secrets::Variables;

/// The maximum number of pods that the cluster starts in place of failed pods of one index. Pods fail, for example, if
/// they have too little memory.
const REPLACEMENTS_MAX: i32 = 3;
/// The time between SIGTERM and SIGKILL. The next constant is the part of this time within which the worker must end.
/// The kubelet needs the remaining time.
const TERMINATION: Duration = Duration::from_secs(45);
const GRACE: Duration = Duration::from_secs(40);
/// The time by which a Job may outlast its workers. In this time, the cluster creates pods and ends pods.
const DEADLINE_RESERVE: Duration = Duration::from_secs(60);
/// The time for which a finished Job and the logs of its pods are kept.
const KEPT: Duration = Duration::from_secs(3_600);
/// The exit code of a program whose command line is not valid, for example because the image is too old. A retry would
/// fail with the same exit code.
const USAGE_EXIT: i32 = 2;
/// The ID of the user and of the group in the image that `infra/image` writes. This group may write to the volume of
/// the store, and may read the tokens that some clouds use in place of stored credentials.
const USER: i64 = 65_532;
const STORE_VOLUME: &str = "store";
/// The environment variable with the name of the pod. The claims of the pod contain this name.
const POD_NAME: &str = "POD_NAME";
/// The environment variable with the index of the pod in its Job. The cluster sets this variable.
const INDEX: &str = "JOB_COMPLETION_INDEX";

/// The facts from which the objects of a run in one cluster are computed.
#[derive(Clone, Debug)]
pub(super) struct JobOrder<'a> {
    pub(super) run: &'a str,
    /// The shards that this cluster runs. The pod with index 0 runs the first shard.
    pub(super) shards: &'a [u32],
    /// The namespace of the objects; `None` for the namespace of the context in the kubeconfig.
    pub(super) namespace: Option<&'a str>,
    pub(super) store: &'a Location,
    pub(super) start_timeout: Duration,
    /// The maximum time from the beginning of the start timeout to the end of the last worker.
    pub(super) lifetime: Duration,
    pub(super) pod: &'a PodSettings,
}

/// Returns the Job of a run. The pods of the Job are the workers of the run.
pub(super) fn job(order: &JobOrder<'_>) -> Job {
    let pods = order.shards.len() as i32;
    let name = names::job(order.run);
    let queue = order.pod.queue.as_ref();
    let mut metadata = metadata(order, &name);
    // Kueue reads this label, and starts the Job when the queue has room.
    let queue_label = queue.map(|queue| ("kueue.x-k8s.io/queue-name".to_owned(), queue.clone()));
    metadata.labels.get_or_insert_default().extend(queue_label);
    metadata.owner_references = order.pod.owner.as_ref().map(|owner| {
        vec![OwnerReference {
            api_version: owner.api_version.clone(),
            kind: owner.kind.clone(),
            name: owner.name.clone(),
            uid: owner.uid.clone(),
            controller: Some(true),
            block_owner_deletion: None,
        }]
    });
    Job {
        metadata,
        spec: Some(JobSpec {
            completion_mode: Some("Indexed".to_owned()),
            completions: Some(pods),
            parallelism: Some(pods),
            backoff_limit_per_index: Some(REPLACEMENTS_MAX),
            pod_replacement_policy: Some("Failed".to_owned()),
            active_deadline_seconds: Some((order.lifetime + DEADLINE_RESERVE).as_secs() as i64),
            ttl_seconds_after_finished: Some(KEPT.as_secs() as i32),
            pod_failure_policy: Some(failure_policy()),
            suspend: queue.map(|_| true),
            template: template(order, &name),
            ..JobSpec::default()
        }),
        status: None,
    }
}

/// Returns the PodDisruptionBudget that keeps administrators from draining a node while its pods send.
pub(super) fn disruption_budget(order: &JobOrder<'_>) -> PodDisruptionBudget {
    let name = names::job(order.run);
    PodDisruptionBudget {
        spec: Some(PodDisruptionBudgetSpec {
            min_available: Some(IntOrString::Int(order.shards.len() as i32)),
            selector: Some(selector(&name)),
            ..PodDisruptionBudgetSpec::default()
        }),
        metadata: metadata(order, &name),
        status: None,
    }
}

/// Returns the rules for failed pods. The cluster applies the first rule that matches a pod.
fn failure_policy() -> PodFailurePolicy {
    // A pod with one of these exit codes is not replaced, because a new pod would end in the same way. A pod that was
    // evicted while it sent requests also has one of these exit codes.
    let settled = [
        USAGE_EXIT,
        WorkerExit::Incomplete.code().into(),
        WorkerExit::AlreadyClaimed.code().into(),
    ];
    let settled = PodFailurePolicyRule {
        action: "FailIndex".to_owned(),
        on_exit_codes: Some(PodFailurePolicyOnExitCodesRequirement {
            container_name: Some(names::CONTAINER.to_owned()),
            operator: "In".to_owned(),
            values: settled.into(),
        }),
        on_pod_conditions: None,
    };
    // Every other evicted pod is replaced, and is not counted as a failure of its index.
    let disrupted = PodFailurePolicyRule {
        action: "Ignore".to_owned(),
        on_exit_codes: None,
        on_pod_conditions: Some(vec![PodFailurePolicyOnPodConditionsPattern {
            type_: "DisruptionTarget".to_owned(),
            status: "True".to_owned(),
        }]),
    };
    PodFailurePolicy {
        rules: vec![settled, disrupted],
    }
}

fn metadata(order: &JobOrder<'_>, name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: order.namespace.map(str::to_owned),
        labels: Some(labels(name)),
        annotations: Some(map([
            (names::RUN_ANNOTATION, order.run),
            (names::STORE_ANNOTATION, &order.store.to_string()),
        ])),
        ..ObjectMeta::default()
    }
}

fn labels(name: &str) -> BTreeMap<String, String> {
    map([("app.kubernetes.io/name", "vajra-cloud"), (names::RUN_LABEL, name)])
}

fn selector(name: &str) -> LabelSelector {
    LabelSelector {
        match_labels: Some(map([(names::RUN_LABEL, name)])),
        match_expressions: None,
    }
}

fn template(order: &JobOrder<'_>, name: &str) -> PodTemplateSpec {
    let pod = order.pod;
    let claim = pod.store_claim.as_ref();
    let volume = claim.map(|claim| Volume {
        name: STORE_VOLUME.to_owned(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: claim.clone(),
            read_only: None,
        }),
        ..Volume::default()
    });
    let node_selector: BTreeMap<_, _> = pod.node_selector.iter().cloned().collect();
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels(name)),
            annotations: Some(map([
                // These annotations keep autoscalers from ending a pod to save a node.
                ("cluster-autoscaler.kubernetes.io/safe-to-evict", "false"),
                ("karpenter.sh/do-not-disrupt", "true"),
                (names::RUN_ANNOTATION, order.run),
            ])),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            restart_policy: Some("Never".to_owned()),
            service_account_name: pod.service_account.clone(),
            // A worker does not use the API of the cluster, so a pod needs no token for this API. Webhooks add the
            // tokens of IRSA and of EKS Pod Identity to the pod, as separate volumes.
            automount_service_account_token: Some(false),
            // Without this setting, the cluster would add environment variables for each Service of the namespace.
            enable_service_links: Some(false),
            termination_grace_period_seconds: Some(TERMINATION.as_secs() as i64),
            node_selector: Some(node_selector).filter(|labels| !labels.is_empty()),
            topology_spread_constraints: Some(vec![TopologySpreadConstraint {
                max_skew: 1,
                topology_key: "kubernetes.io/hostname".to_owned(),
                when_unsatisfiable: "ScheduleAnyway".to_owned(),
                // Without a label selector, the constraint would not count any pods.
                label_selector: Some(selector(name)),
                ..TopologySpreadConstraint::default()
            }]),
            security_context: Some(PodSecurityContext {
                run_as_non_root: Some(true),
                run_as_user: Some(USER),
                run_as_group: Some(USER),
                fs_group: Some(USER),
                fs_group_change_policy: Some("OnRootMismatch".to_owned()),
                seccomp_profile: Some(SeccompProfile {
                    type_: "RuntimeDefault".to_owned(),
                    localhost_profile: None,
                }),
                ..PodSecurityContext::default()
            }),
            containers: vec![container(order)],
            volumes: volume.map(|volume| vec![volume]),
            ..PodSpec::default()
        }),
    }
}

fn container(order: &JobOrder<'_>) -> Container {
    let pod = order.pod;
    let mount = match order.store {
        Location::Folder(path) if pod.store_claim.is_some() => Some(VolumeMount {
            name: STORE_VOLUME.to_owned(),
            mount_path: path.display().to_string(),
            ..VolumeMount::default()
        }),
        _ => None,
    };
    Container {
        name: names::CONTAINER.to_owned(),
        image: Some(pod.image.clone()),
        args: Some(arguments(order)),
        env: Some(environment(pod)),
        // The CPU request contains one processor for each thread. The pod has no CPU limit, because throttling would
        // delay arrivals.
        resources: Some(ResourceRequirements {
            requests: Some(quantities("cpu", &pod.cpu.to_string())),
            limits: Some(quantities("memory", &pod.memory)),
            claims: None,
        }),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(Capabilities {
                add: None,
                drop: Some(vec!["ALL".to_owned()]),
            }),
            ..SecurityContext::default()
        }),
        // With this policy, the status of a pod whose worker failed contains the last messages of the worker.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: mount.map(|mount| vec![mount]),
        ..Container::default()
    }
}

fn arguments(order: &JobOrder<'_>) -> Vec<String> {
    let show = plan::span::show;
    // Each option has the form `--name=value`, so that a value that begins with a dash is not parsed as an option.
    let mut arguments = vec![
        "worker".to_owned(),
        format!("--store={}", escaped(&order.store.to_string())),
        format!("--run={}", order.run),
        format!("--index-env={INDEX}"),
        "--deny-by-default".to_owned(),
        format!("--wait-for-plan={}", show(order.start_timeout)),
        format!("--grace={}", show(GRACE)),
        "--log=json".to_owned(),
        format!("--host-name=$({POD_NAME})"),
        format!("--threads={}", order.pod.cpu),
    ];
    // If each index equals its shard, the option `--shards` is not needed.
    let is_index = |(index, shard): (usize, &u32)| index == *shard as usize;
    if !order.shards.iter().enumerate().all(is_index) {
        let shards: Vec<String> = order.shards.iter().map(u32::to_string).collect();
        arguments.push(format!("--shards={}", shards.join(",")));
    }
    let secrets = order.pod.secrets.names();
    arguments.extend(secrets.map(|name| format!("{}={name}", Variables::OPTION)));
    arguments
}

/// Escapes the references to variables in an argument, because the kubelet would replace these references by values.
fn escaped(text: &str) -> String {
    text.replace("$(", "$$(")
}

fn environment(pod: &PodSettings) -> Vec<EnvVar> {
    let from = |name: &str, source: EnvVarSource| EnvVar {
        name: name.to_owned(),
        value: None,
        value_from: Some(source),
    };
    let allow = EnvVarSource {
        config_map_key_ref: Some(ConfigMapKeySelector {
            name: names::ALLOW_CONFIG_MAP.to_owned(),
            key: names::ALLOW_KEY.to_owned(),
            // If the ConfigMap does not exist, the workers start anyway, and their error names the target that is not
            // allowed.
            optional: Some(true),
        }),
        ..EnvVarSource::default()
    };
    let pod_name = EnvVarSource {
        field_ref: Some(ObjectFieldSelector {
            api_version: None,
            field_path: "metadata.name".to_owned(),
        }),
        ..EnvVarSource::default()
    };
    let own = pod.env.iter().map(|PodVariable { name, value }| match value {
        PodValue::Text(text) => EnvVar {
            name: name.clone(),
            value: Some(escaped(text)),
            value_from: None,
        },
        PodValue::Secret { secret, key } => from(
            name,
            EnvVarSource {
                secret_key_ref: Some(SecretKeySelector {
                    name: secret.clone(),
                    key: key.clone(),
                    optional: None,
                }),
                ..EnvVarSource::default()
            },
        ),
    });
    [from(POD_NAME, pod_name)]
        .into_iter()
        .chain([from(Allow::VARIABLE, allow)])
        .chain(own)
        .collect()
}

fn quantities(name: &str, quantity: &str) -> BTreeMap<String, Quantity> {
    BTreeMap::from([(name.to_owned(), Quantity(quantity.to_owned()))])
}

fn map<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    let entries = entries.into_iter();
    entries.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::KubernetesOptions;
    use serde_json::{Value, json};

    fn pod(options: KubernetesOptions, secrets: &[&str]) -> PodSettings {
        let options = KubernetesOptions {
            image: Some("registry.example.com/vajra-cloud:1".to_owned()),
            ..options
        };
        PodSettings::new(&options, &Variables::named(secrets.iter().copied()).unwrap()).unwrap()
    }

    fn objects(store: &str, shards: &[u32], pod: &PodSettings) -> (Value, Value) {
        let order = JobOrder {
            run: "Shop.1",
            shards,
            namespace: Some("load"),
            store: &store.parse().unwrap(),
            start_timeout: Duration::from_secs(300),
            lifetime: Duration::from_secs(1_440),
            pod,
        };
        (
            serde_json::to_value(job(&order)).unwrap(),
            serde_json::to_value(disruption_budget(&order)).unwrap(),
        )
    }

    fn arguments(job: &Value) -> Vec<String> {
        let args = &job["spec"]["template"]["spec"]["containers"][0]["args"];
        serde_json::from_value(args.clone()).unwrap()
    }

    #[test]
    fn the_job_has_one_index_for_each_shard_and_replaces_its_pods() {
        let (job, budget) = objects(
            "s3://bucket/prefix",
            &[0, 1, 2],
            &pod(KubernetesOptions::default(), &[]),
        );
        let spec = &job["spec"];
        assert_eq!(spec["completionMode"], "Indexed");
        assert_eq!((&spec["completions"], &spec["parallelism"]), (&json!(3), &json!(3)));
        assert_eq!(spec["backoffLimitPerIndex"], 3);
        assert_eq!(spec["podReplacementPolicy"], "Failed");
        assert_eq!(spec["activeDeadlineSeconds"], 1_500);
        assert_eq!(spec["ttlSecondsAfterFinished"], 3_600);
        assert_eq!(spec["template"]["spec"]["restartPolicy"], "Never");
        let rules = &spec["podFailurePolicy"]["rules"];
        assert_eq!(rules[0]["action"], "FailIndex");
        assert_eq!(rules[0]["onExitCodes"]["values"], json!([2, 3, 76]));
        assert_eq!(rules[1]["action"], "Ignore");
        assert_eq!(rules[1]["onPodConditions"][0]["type"], "DisruptionTarget");
        assert_eq!(spec.get("suspend"), None);
        assert_eq!(budget["spec"]["minAvailable"], 3);
        let of_run = json!({ "matchLabels": { "vajra-cloud.io/run": job["metadata"]["name"] } });
        assert_eq!(budget["spec"]["selector"], of_run);
    }

    #[test]
    fn the_objects_have_the_name_of_the_run_in_an_annotation() {
        let (job, budget) = objects("s3://bucket/prefix", &[0], &pod(KubernetesOptions::default(), &[]));
        for object in [&job, &budget] {
            let metadata = &object["metadata"];
            assert_eq!(metadata["name"], names::job("Shop.1"));
            assert_eq!(metadata["namespace"], "load");
            assert_eq!(metadata["annotations"]["vajra-cloud.io/run"], "Shop.1");
            assert_eq!(metadata["annotations"]["vajra-cloud.io/store"], "s3://bucket/prefix");
            assert_eq!(metadata["labels"]["app.kubernetes.io/name"], "vajra-cloud");
        }
        assert!(arguments(&job).contains(&"--run=Shop.1".to_owned()));
    }

    #[test]
    fn a_pod_may_do_nothing_but_send() {
        let (job, _) = objects("s3://bucket/prefix", &[0], &pod(KubernetesOptions::default(), &[]));
        let spec = &job["spec"]["template"]["spec"];
        assert_eq!(spec["automountServiceAccountToken"], false);
        assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
        assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
        let container = &spec["containers"][0];
        let security = &container["securityContext"];
        assert_eq!(security["capabilities"], json!({ "drop": ["ALL"] }));
        assert_eq!(security["readOnlyRootFilesystem"], true);
        assert_eq!(security["allowPrivilegeEscalation"], false);
        assert_eq!(
            container["resources"],
            json!({ "requests": { "cpu": "1" }, "limits": { "memory": "1Gi" } })
        );
        assert!(arguments(&job).contains(&"--deny-by-default".to_owned()));
        let allow = container["env"]
            .as_array()
            .unwrap()
            .iter()
            .find(|env| env["name"] == "VAJRA_ALLOW");
        let key = &allow.unwrap()["valueFrom"]["configMapKeyRef"];
        assert_eq!(
            key,
            &json!({ "name": "vajra-cloud-allow", "key": "targets", "optional": true })
        );
    }

    #[test]
    fn the_grace_of_a_worker_ends_before_the_kubelet_kills_it() {
        let (job, _) = objects("s3://bucket/prefix", &[0], &pod(KubernetesOptions::default(), &[]));
        let spec = &job["spec"]["template"]["spec"];
        assert_eq!(spec["terminationGracePeriodSeconds"], 45);
        assert!(arguments(&job).contains(&"--grace=40s".to_owned()));
        assert!(GRACE < TERMINATION);
    }

    #[test]
    fn the_shards_of_one_cluster_are_listed_in_the_order_of_the_index() {
        let pod = pod(KubernetesOptions::default(), &[]);
        let (all, _) = objects("s3://bucket/prefix", &[0, 1], &pod);
        assert!(!arguments(&all).iter().any(|one| one.starts_with("--shards")));
        let (some, _) = objects("s3://bucket/prefix", &[1, 4, 7], &pod);
        assert!(arguments(&some).contains(&"--shards=1,4,7".to_owned()));
        assert_eq!(some["spec"]["completions"], 3);
    }

    #[test]
    fn secrets_are_references_and_their_names_are_arguments() {
        let options = KubernetesOptions {
            pod_env: ["TOKEN=secret:shop/token", "AWS_REGION=eu-central-1", "TEXT=$(TOKEN)"]
                .map(|text| PodVariable::parse(text).unwrap())
                .into(),
            ..KubernetesOptions::default()
        };
        let (job, _) = objects("s3://bucket/prefix", &[0], &pod(options, &["TOKEN"]));
        let env = job["spec"]["template"]["spec"]["containers"][0]["env"]
            .as_array()
            .unwrap()
            .clone();
        let of = |name: &str| env.iter().find(|one| one["name"] == name).unwrap().clone();
        assert_eq!(
            of("TOKEN")["valueFrom"]["secretKeyRef"],
            json!({ "name": "shop", "key": "token" })
        );
        assert_eq!(of("AWS_REGION")["value"], "eu-central-1");
        assert_eq!(of("TEXT")["value"], "$$(TOKEN)", "the kubelet would expand a reference");
        let given: Vec<String> = arguments(&job)
            .into_iter()
            .filter(|one| one.starts_with("--env="))
            .collect();
        assert_eq!(given, ["--env=TOKEN"], "only the variables of the scenario may be sent");
    }

    #[test]
    fn a_folder_is_mounted_from_its_claim_at_the_path_of_the_store() {
        let options = KubernetesOptions {
            store_claim: Some("runs".to_owned()),
            ..KubernetesOptions::default()
        };
        let (job, _) = objects("/srv/runs", &[0], &pod(options, &[]));
        let spec = &job["spec"]["template"]["spec"];
        assert_eq!(spec["volumes"][0]["persistentVolumeClaim"]["claimName"], "runs");
        let mount = &spec["containers"][0]["volumeMounts"][0];
        assert_eq!(
            (&mount["name"], &mount["mountPath"]),
            (&spec["volumes"][0]["name"], &json!("/srv/runs"))
        );
        assert!(arguments(&job).contains(&"--store=/srv/runs".to_owned()));
    }

    #[test]
    fn a_job_in_a_queue_begins_suspended() {
        let options = KubernetesOptions {
            queue: Some("load".to_owned()),
            ..KubernetesOptions::default()
        };
        let (job, _) = objects("s3://bucket/prefix", &[0], &pod(options, &[]));
        assert_eq!(job["spec"]["suspend"], true);
        assert_eq!(job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"], "load");
    }
}
