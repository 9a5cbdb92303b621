//! The options of each kind of fleet. If an option is not set, its value comes from the deployed fleet, or is a
//! default.

pub mod pods;

use pods::PodVariable;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// The options of all kinds of fleets. Each kind reads only its own options.
#[derive(Clone, Debug, Default)]
pub struct FleetOptions {
    pub lambda: LambdaOptions,
    pub kubernetes: KubernetesOptions,
}

/// The options of the fleet `kubernetes`: the cluster, and the pods of a run.
#[derive(Clone, Debug, Default)]
pub struct KubernetesOptions {
    /// The context of the kubeconfig; `None` for the current context.
    pub context: Option<String>,
    /// The namespace of the pods; `None` for the namespace of the context.
    pub namespace: Option<String>,
    pub image: Option<String>,
    pub service_account: Option<String>,
    /// The number of processors of a pod.
    pub cpu: Option<NonZeroU32>,
    /// The memory of a pod, such as `2Gi`.
    pub memory: Option<String>,
    /// The labels of the nodes on which pods may run.
    pub node_selector: Vec<(String, String)>,
    /// The queue of Kueue in which a Job waits.
    pub queue: Option<String>,
    pub pod_env: Vec<PodVariable>,
    /// The PersistentVolumeClaim of the volume that contains the store; `None` if no volume contains the store.
    pub store_claim: Option<String>,
    /// The object of the namespace that owns the Job; `None` if the Job has no owner.
    pub owner: Option<Owner>,
}

/// An object that owns another object. When the owner is removed, the platform also removes the other object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub uid: String,
}

/// The names of the functions to invoke, and their endpoint.
#[derive(Clone, Debug, Default)]
pub struct LambdaOptions {
    /// The file with the output `fleet` of Terraform.
    pub fleet_file: Option<PathBuf>,
    pub function: Option<String>,
    pub region: Option<String>,
    /// The endpoint of the Lambda API; `None` for the endpoint of AWS.
    pub endpoint: Option<String>,
}
