//! The fleet whose workers are the pods of Jobs.

use super::Kind;
use super::access;
use super::cluster::Cluster;
use super::inspection;
use super::manifest::{self, JobOrder};
use super::run_job::RunJob;
use super::settings::PodSettings;
use super::yaml;
use crate::finding::{Demand, Finding};
use crate::fleet::{
    Batch, Capabilities, Events, FailureKind, Fleet, FleetError, Opening, Pending, Placed, WorkerEvent,
};
use crate::gather::SliceId;
use crate::options::KubernetesOptions;
use plan::plan::{Plan, SHARDS_MAX};
use plan::scenario::{Scenario, Target};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Location;
use worker::secrets::Variables;

const CAPABILITIES: Capabilities = Capabilities {
    workers_max: SHARDS_MAX,
    lifetime: None,
    // Before a worker starts, the cluster may have to start a node and to pull the image.
    start_timeout: Duration::from_secs(300),
    snapshot_interval: Duration::from_secs(5),
    price: None,
    inspected: true,
    starts_workers: true,
    replaces_workers: true,
};

/// A fleet that starts the workers of a run as one Job in each cluster.
#[derive(Debug)]
pub(super) struct Kubernetes {
    options: KubernetesOptions,
    secrets: Variables,
    store: Location,
    /// The clusters of the run. A scenario without regions has one cluster. Otherwise, each region has one cluster,
    /// whose context has the name of the region.
    clusters: Vec<Arc<Cluster>>,
    jobs: Mutex<Vec<Arc<RunJob>>>,
}

impl Kubernetes {
    pub(super) fn new(opening: &Opening<'_>) -> Kubernetes {
        let options = opening.options.kubernetes.clone();
        let cluster = |context| Arc::new(Cluster::new(context, options.namespace.clone()));
        let clusters = match opening.scenario.regions.as_slice() {
            [] => vec![cluster(options.context.clone())],
            regions => regions
                .iter()
                .map(|region| cluster(Some(region.name.clone())))
                .collect(),
        };
        Kubernetes {
            secrets: Variables::referenced(&opening.scenario.secrets),
            store: opening.store.clone(),
            clusters,
            options,
            jobs: Mutex::default(),
        }
    }

    /// Returns the fleet of a run that another process has started. The fleet needs no scenario, because it starts no
    /// workers.
    pub(super) fn adopted(options: &KubernetesOptions, store: &Location) -> Kubernetes {
        Kubernetes {
            secrets: Variables::referenced(&[]),
            store: store.clone(),
            clusters: vec![Arc::new(Cluster::new(
                options.context.clone(),
                options.namespace.clone(),
            ))],
            options: options.clone(),
            jobs: Mutex::default(),
        }
    }

    pub(super) fn settings(&self) -> Result<PodSettings, FleetError> {
        PodSettings::new(&self.options, &self.secrets)
    }

    /// Returns the cluster of a region; `None` if the fleet has no cluster for the region.
    fn cluster(&self, region: Option<&str>) -> Option<&Arc<Cluster>> {
        match region {
            None => self.clusters.first(),
            Some(_) => self
                .clusters
                .iter()
                .find(|cluster| cluster.context.as_deref() == region),
        }
    }

    fn jobs(&self) -> MutexGuard<'_, Vec<Arc<RunJob>>> {
        // The lock cannot be poisoned, because no code panics while it holds the lock.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the Job with the shards of a batch that one cluster runs.
    fn run_job(
        &self,
        cluster: &Arc<Cluster>,
        shards: Vec<u32>,
        batch: &Batch,
        run: &str,
    ) -> Result<RunJob, FleetError> {
        let pod = self.settings()?;
        let order = JobOrder {
            run,
            shards: &shards,
            namespace: self.options.namespace.as_deref(),
            store: &self.store,
            start_timeout: batch.within,
            lifetime: batch.lifetime,
            pod: &pod,
        };
        let objects = (manifest::job(&order), manifest::disruption_budget(&order));
        Ok(RunJob::new(run, cluster.clone(), shards, objects))
    }

    /// Sends the events of the Jobs of a batch, one Job in each cluster. If `within` is given, creates the Jobs within
    /// this time.
    fn begin(&self, batch: &Batch, events: &Events, within: Option<Duration>) {
        let mut groups: BTreeMap<(String, Option<String>), Vec<&Placed>> = BTreeMap::new();
        for worker in &batch.workers {
            let group = (worker.assignment.run.clone(), worker.region.clone());
            groups.entry(group).or_default().push(worker);
        }
        for ((run, region), workers) in groups {
            let has_shard = |job: &Arc<RunJob>| job.run == run && job.shards.contains(&workers[0].assignment.shard);
            if self.jobs().iter().any(has_shard) {
                continue;
            }
            let shards: Vec<u32> = workers.iter().map(|worker| worker.assignment.shard).collect();
            let job = match self.cluster(region.as_deref()) {
                Some(cluster) => self.run_job(cluster, shards, batch, &run),
                None => {
                    let region = region.as_deref().unwrap_or("any region");
                    let problem = format!("the fleet has no cluster for {region}");
                    Err(FleetError::new(FailureKind::Refused, problem))
                }
            };
            match job {
                Ok(job) => {
                    let job = Arc::new(job);
                    self.jobs().push(job.clone());
                    let events = events.clone();
                    tokio::spawn(async move { job.see_through(within, &events).await });
                }
                Err(error) => {
                    for worker in workers {
                        // The send fails if the launcher, which reads the events, has ended.
                        let _ = events.send(WorkerEvent::Failed(worker.slice_id(), error.clone()));
                    }
                }
            }
        }
    }
}

/// Returns the objects of a run as YAML documents, in the order of the clusters.
pub(super) fn manifests(opening: &Opening<'_>, plan: &Plan) -> Result<String, FleetError> {
    let fleet = Kubernetes::new(opening);
    fleet.check_store(opening.store)?;
    fleet.check(opening.scenario)?;
    let pod = fleet.settings()?;
    let mut text = String::new();
    for cluster in &fleet.clusters {
        let region = cluster.context.as_deref().filter(|_| !plan.regions.is_empty());
        let shards: Vec<u32> = (0..plan.shards).filter(|shard| plan.region(*shard) == region).collect();
        if shards.is_empty() {
            continue;
        }
        let order = JobOrder {
            run: &plan.run,
            shards: &shards,
            namespace: fleet.options.namespace.as_deref(),
            store: opening.store,
            start_timeout: plan.timing.start_timeout,
            lifetime: crate::crew::lifetime(plan),
            pod: &pod,
        };
        if let Some(context) = region {
            text.push_str(&format!("# context: {context}\n"));
        }
        let documents = [
            serde_json::to_value(manifest::job(&order)),
            serde_json::to_value(manifest::disruption_budget(&order)),
        ];
        for document in documents {
            let document = document.map_err(|error| FleetError::new(FailureKind::Refused, error))?;
            text.push_str("---\n");
            text.push_str(&yaml::document(&document));
        }
    }
    Ok(text)
}

/// Returns the Role that a launcher needs, as YAML.
pub(super) fn role() -> String {
    yaml::document(&access::role())
}

impl Fleet for Kubernetes {
    fn name(&self) -> &'static str {
        crate::fleet::FleetKind::name(&Kind)
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn check_store(&self, store: &Location) -> Result<(), FleetError> {
        let refused = |problem: String, hint: &str| Err(FleetError::new(FailureKind::Refused, problem).hint(hint));
        match (store, &self.options.store_claim) {
            (Location::Folder(_), None) => refused(
                format!("pods cannot reach the folder {store}"),
                "use --store s3://bucket/prefix; or, if the folder is a ReadWriteMany volume, name its claim with --store-claim",
            ),
            (Location::S3(_), Some(claim)) => refused(
                format!("--store-claim {claim}: the store is not a folder"),
                "leave out --store-claim",
            ),
            _ => Ok(()),
        }
    }

    fn check(&self, scenario: &Scenario) -> Result<(), FleetError> {
        let builtin = |target: &Target| matches!(target, Target::Builtin(_));
        if scenario.targets.iter().any(builtin) {
            let problem = "the scenario uses the built-in target, which pods cannot reach";
            let hint = "set `target:` to a URL";
            return Err(FleetError::new(FailureKind::Refused, problem).hint(hint));
        }
        self.settings().map(drop)
    }

    fn inspect<'a>(&'a self, demand: &'a Demand<'a>) -> Pending<'a, Vec<Finding>> {
        Box::pin(async move {
            let settings = match self.settings() {
                Ok(settings) => settings,
                Err(error) => return vec![inspection::of_error(&error)],
            };
            let mut findings = vec![inspection::image(&settings)];
            for cluster in &self.clusters {
                findings.extend(inspection::inspect(cluster, demand, &settings, &self.store).await);
            }
            findings
        })
    }

    /// Creates one Job in each cluster for the shards of this cluster. A Job replaces pods that died, and each pod runs
    /// all slices of its shard. So if the Jobs of a run exist, this function starts no more workers.
    fn start(&self, batch: Batch, events: &Events) {
        self.begin(&batch, events, Some(batch.within));
    }

    fn observe(&self, batch: Batch, events: &Events) {
        self.begin(&batch, events, None);
    }

    fn why(&self, (shard, _): SliceId) -> Pending<'_, Option<FleetError>> {
        // A calibration starts several runs with one fleet. The caller asks about the last run.
        let job = self
            .jobs()
            .iter()
            .rev()
            .find(|job| job.shards.contains(&shard))
            .cloned();
        Box::pin(async move {
            match job {
                Some(job) => job.why(shard).await,
                None => None,
            }
        })
    }

    fn withdraw(&self, run: &str, has_started: bool) -> Pending<'_, ()> {
        let jobs: Vec<_> = self.jobs().iter().filter(|job| job.run == run).cloned().collect();
        Box::pin(async move {
            let tasks: Vec<_> = jobs
                .into_iter()
                .map(|job| tokio::spawn(async move { job.withdraw(has_started).await }))
                .collect();
            for task in tasks {
                // A task fails only if it panics. In this case, the workers of its Job read the object `stop` from the
                // store, and stop.
                let _ = task.await;
            }
        })
    }
}
