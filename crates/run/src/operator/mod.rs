//! The operator: runs the load tests that are resources of a Kubernetes cluster.
//!
//! Each resource [`LoadTest`](crd) becomes one run. [`decide`] is a pure function of the resource, the state of the run
//! and the time. [`reconcile`] carries out the decisions, and [`run_task`] conducts the run as a launcher does. The run
//! is in the store. So when an operator ends, its runs continue, and the next operator adopts them.

#[cfg(feature = "kubernetes")]
mod access;
#[cfg(feature = "kubernetes")]
mod cluster;
#[cfg(feature = "kubernetes")]
mod controller;
pub mod crd;
#[cfg(feature = "kubernetes")]
mod decide;
#[cfg(feature = "kubernetes")]
mod lease;
pub mod metrics;
#[cfg(feature = "kubernetes")]
mod notes;
#[cfg(feature = "kubernetes")]
mod reconcile;
#[cfg(feature = "kubernetes")]
mod refusal;
#[cfg(feature = "kubernetes")]
mod resource;
#[cfg(feature = "kubernetes")]
mod run_task;
#[cfg(feature = "kubernetes")]
mod scenario_files;
pub mod settings;

use crate::error::RunError;
use metrics::Metrics;
use settings::Settings;
use std::sync::Arc;

/// Runs the load tests of a namespace until `until` resolves.
///
/// # Errors
/// Fails if the cluster is not configured, or if the program was built without the feature `kubernetes`.
#[cfg(feature = "kubernetes")]
pub async fn run(settings: Settings, metrics: Arc<Metrics>, until: impl Future<Output = ()>) -> Result<(), RunError> {
    let opened = cluster::Cluster::open(&settings, &metrics).await;
    let cluster = opened.map_err(|problem| {
        let hint = "set KUBECONFIG, or run the operator in a pod with a service account";
        crate::error::Refused::new(format!("the cluster is not configured: {problem}"), hint)
    })?;
    controller::run(Arc::new(cluster), Arc::new(settings), metrics, until).await;
    Ok(())
}

/// Returns the Role that an operator needs, as YAML.
#[cfg(feature = "kubernetes")]
pub fn role() -> String {
    fleet::kubernetes::yaml::document(&access::role())
}

/// Fails, because the program was built without the feature `kubernetes`.
///
/// # Errors
/// Always fails.
#[cfg(not(feature = "kubernetes"))]
pub async fn run(
    _settings: Settings,
    _metrics: Arc<Metrics>,
    _until: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let problem = "this program was built without support for Kubernetes";
    Err(crate::error::Refused::new(problem, tally::full_build::HINT).into())
}
