//! The fleet `kubernetes`, whose workers are the pods of one Indexed Job in each cluster.
//!
//! The cluster starts the pods, and replaces a pod that ends before the pod has sent anything. The pods read the plan
//! and the start from the store. So the run does not need the API of the cluster after the pods have started.

#[cfg(feature = "kubernetes")]
mod access;
#[cfg(feature = "kubernetes")]
pub mod api;
#[cfg(feature = "kubernetes")]
mod cluster;
#[cfg(feature = "kubernetes")]
mod inspection;
#[cfg(feature = "kubernetes")]
mod jobs;
#[cfg(feature = "kubernetes")]
mod manifest;
#[cfg(feature = "kubernetes")]
mod names;
#[cfg(feature = "kubernetes")]
mod observer;
#[cfg(feature = "kubernetes")]
mod pods;
#[cfg(feature = "kubernetes")]
mod quantity;
#[cfg(feature = "kubernetes")]
mod reasons;
#[cfg(feature = "kubernetes")]
mod run_job;
#[cfg(feature = "kubernetes")]
mod settings;
#[cfg(feature = "kubernetes")]
pub mod watching;
pub mod yaml;

#[cfg(not(feature = "kubernetes"))]
use crate::fleet::FailureKind;
use crate::fleet::{Fleet, FleetError, FleetKind, Opening, Pending};
#[cfg(feature = "kubernetes")]
use crate::options::KubernetesOptions;
use plan::plan::Plan;
use std::sync::Arc;
#[cfg(feature = "kubernetes")]
use store::Location;

/// The kind of fleet that `--fleet kubernetes` selects.
#[derive(Clone, Copy, Debug)]
pub struct Kind;

impl FleetKind for Kind {
    fn name(&self) -> &'static str {
        "kubernetes"
    }

    fn about(&self) -> &'static str {
        "Pods of a Kubernetes cluster"
    }

    fn processor_hint(&self) -> Option<&'static str> {
        Some("use more workers, or a larger --cpu")
    }

    fn open<'a>(&'a self, opening: Opening<'a>) -> Pending<'a, Result<Arc<dyn Fleet>, FleetError>> {
        Box::pin(async move { open(&opening) })
    }
}

/// Returns the objects that a launch would create for a run, as YAML documents.
///
/// # Errors
/// Fails if the pods could not run the scenario, or if the program was built without the feature `kubernetes`.
pub fn manifests(opening: &Opening<'_>, plan: &Plan) -> Result<String, FleetError> {
    #[cfg(feature = "kubernetes")]
    return jobs::manifests(opening, plan);
    #[cfg(not(feature = "kubernetes"))]
    {
        let _ = (opening, plan);
        Err(not_built())
    }
}

/// Returns the Role that a launcher needs, as YAML.
#[cfg(feature = "kubernetes")]
pub fn role() -> String {
    jobs::role()
}

/// Returns the rules of the Role that a launcher needs. A program that launches runs for users needs the same rules.
#[cfg(feature = "kubernetes")]
pub fn role_rules() -> serde_json::Value {
    access::role()["rules"].clone()
}

/// Returns a fleet for the workers of a run that another process has started.
///
/// # Errors
/// Fails if the options do not suffice for pods that use this store.
#[cfg(feature = "kubernetes")]
pub fn adopted(options: &KubernetesOptions, store: &Location) -> Result<Arc<dyn Fleet>, FleetError> {
    let fleet = jobs::Kubernetes::adopted(options, store);
    fleet.check_store(store)?;
    fleet.settings()?;
    Ok(Arc::new(fleet))
}

#[cfg(feature = "kubernetes")]
fn open(opening: &Opening<'_>) -> Result<Arc<dyn Fleet>, FleetError> {
    Ok(Arc::new(jobs::Kubernetes::new(opening)))
}

#[cfg(not(feature = "kubernetes"))]
fn open(_opening: &Opening<'_>) -> Result<Arc<dyn Fleet>, FleetError> {
    Err(not_built())
}

#[cfg(not(feature = "kubernetes"))]
fn not_built() -> FleetError {
    let problem = "this program was built without support for Kubernetes";
    FleetError::new(FailureKind::Refused, problem).hint(tally::full_build::HINT)
}
