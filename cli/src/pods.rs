//! The command-line options about pods, and the parser of host names. Every command that plans a run or starts workers
//! has these options.

use clap::Args;
use fleet::options::KubernetesOptions;
use fleet::options::pods::{PodVariable, memory, node_label, object_name};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use worker::log::Log;

/// The pods of `--fleet kubernetes`, and their cluster.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of --fleet kubernetes")]
pub(crate) struct PodArgs {
    /// The context of the kubeconfig; with `regions`, each region is a context [default: the current one]
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// The namespace of the pods [default: the context's]
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub namespace: Option<String>,
    /// The image of the pods, which `infra/image` writes
    #[arg(long, env = "VAJRA_IMAGE", value_name = "IMAGE")]
    pub image: Option<String>,
    /// The service account of the pods [default: default]
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub service_account: Option<String>,
    /// The processors of a pod, which are also its threads that send the load [default: 1]
    #[arg(long, value_name = "N")]
    pub cpu: Option<NonZeroU32>,
    /// The memory of a pod [default: 1Gi]
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    pub memory: Option<String>,
    /// Run pods only on nodes with this label; may be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = node_label)]
    pub node_selector: Vec<(String, String)>,
    /// The queue of Kueue in which the run waits
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub queue: Option<String>,
    /// An environment variable of the pods: NAME=secret:SECRET/KEY for a secret `env:NAME` of the scenario, or
    /// NAME=VALUE; may be given again
    #[arg(long, value_name = "NAME=…", value_parser = PodVariable::parse)]
    pub pod_env: Vec<PodVariable>,
    /// The ReadWriteMany volume claim that contains the store, if the store is a folder
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub store_claim: Option<String>,
}

impl PodArgs {
    pub(crate) fn options(&self) -> KubernetesOptions {
        KubernetesOptions {
            context: self.context.clone(),
            namespace: self.namespace.clone(),
            image: self.image.clone(),
            service_account: self.service_account.clone(),
            cpu: self.cpu,
            memory: self.memory.clone(),
            node_selector: self.node_selector.clone(),
            queue: self.queue.clone(),
            pod_env: self.pod_env.clone(),
            store_claim: self.store_claim.clone(),
            owner: None,
        }
    }
}

/// The maximum length of a host name, as in DNS.
const HOST_NAME_CHARS_MAX: usize = 253;

/// Parses the name of a worker's machine.
pub(crate) fn host_name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    match !text.is_empty() && text.len() <= HOST_NAME_CHARS_MAX && text.chars().all(fits) {
        true => Ok(text.to_owned()),
        false => Err("use letters, digits, `-`, `_` and `.`".to_owned()),
    }
}

/// The operator, and the pods that it starts.
#[derive(Debug, Args)]
pub(crate) struct OperatorArgs {
    /// The namespace whose load tests are run [default: the namespace of the pod or of the context]
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub namespace: Option<String>,
    /// The context of the kubeconfig [default: the current one, or the service account of the pod]
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// The image of the pods, which `infra/image` writes
    #[arg(long, env = "VAJRA_IMAGE", value_name = "IMAGE")]
    pub image: Option<String>,
    /// The ReadWriteMany volume claim that contains the stores, if they are folders
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub store_claim: Option<String>,
    /// Work without a Lease. Several copies then all work, which does no harm
    #[arg(long)]
    pub no_lease: bool,
    /// The address of `/healthz`, `/readyz` and `/metrics`
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Write a line to stderr for each change of a run's state, as `text` or `json`; with `:debug`, also for each status
    #[arg(long, value_name = "FORMAT")]
    pub log: Option<Log>,
}
