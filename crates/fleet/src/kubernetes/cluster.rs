//! The calls with which a launcher uses the API of one cluster.

use super::api::{CallError, Connected, call, connect};
use super::names;
use super::watching::Watching;
use crate::fleet::{FailureKind, FleetError};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchParams};
use serde::de::DeserializeOwned;
use std::fmt;
use tokio::sync::OnceCell;

/// The maximum number of objects in one answer.
const PAGE: u32 = 500;
/// The maximum number of Events that are read to explain an abort.
const WARNINGS_MAX: u32 = 500;
/// The maximum number of times that a list is read again from its beginning, because the server has dropped the rest of
/// the list.
const LIST_RETRIES: u32 = 3;
/// How long the server keeps the watch of a Job open.
const WATCH_SECONDS: u32 = 60;

/// The API of one cluster, and the namespace in which the pods run.
#[derive(Debug)]
pub(super) struct Cluster {
    /// The context of the kubeconfig; `None` for the current context.
    pub(super) context: Option<String>,
    namespace: Option<String>,
    connected: OnceCell<Connected>,
}

impl CallError {
    /// Converts the error of a call that should have created a Job to the error of a worker of this Job.
    pub(super) fn of_worker(self) -> FleetError {
        let kind = match self.status {
            None => FailureKind::Unreachable,
            Some(429) => FailureKind::Throttled,
            Some(500..) => FailureKind::Unreachable,
            Some(_) => FailureKind::Refused,
        };
        let hint = match self.status {
            None => Some("check --context, and whether `kubectl get jobs` works"),
            Some(401) => Some("renew the credentials of the context"),
            Some(403) => Some(
                "apply infra/kubernetes/base/launcher-role.yaml, and bind it to your user; `doctor` lists what is missing",
            ),
            Some(404) => Some("create the namespace, or name another one with --namespace"),
            Some(_) => None,
        };
        let error = FleetError::new(kind, format!("its Job could not be created: {}", self.problem));
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl Cluster {
    pub(super) fn new(context: Option<String>, namespace: Option<String>) -> Cluster {
        Cluster {
            context,
            namespace,
            connected: OnceCell::new(),
        }
    }

    /// Returns the name of the cluster for messages.
    pub(super) fn shown(&self) -> String {
        match &self.context {
            Some(context) => format!("the context {context}"),
            None => "the current context".to_owned(),
        }
    }

    /// Returns the client of the cluster. The first call reads the user's configuration: from `KUBECONFIG`, from
    /// `~/.kube/config`, or from the service account of the pod in which this program runs.
    pub(super) async fn connect(&self) -> Result<&Connected, CallError> {
        let connecting = || connect(self.context.as_deref(), self.namespace.as_deref());
        let connected = self.connected.get_or_try_init(connecting).await;
        connected.map_err(|problem| CallError::unanswered(format!("{} cannot be used: {problem}", self.shown())))
    }

    async fn api<K>(&self) -> Result<Api<K>, CallError>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        let connected = self.connect().await?;
        Ok(Api::namespaced(connected.client.clone(), &connected.namespace))
    }

    /// Creates a Job, or returns the Job that an earlier call for the same run has created.
    pub(super) async fn create_job(&self, job: &Job) -> Result<Job, CallError> {
        let jobs: Api<Job> = self.api().await?;
        match call(jobs.create(&PostParams::default(), job)).await {
            Err(error) if error.is(409) => {
                let name = job.metadata.name.as_deref().unwrap_or_default();
                let there = call(jobs.get(name)).await?;
                let run = |job: &Job| {
                    let annotations = job.metadata.annotations.clone().unwrap_or_default();
                    [names::RUN_ANNOTATION, names::STORE_ANNOTATION].map(|name| annotations.get(name).cloned())
                };
                // The store accepts each run only once. So this launcher has created the Job in an earlier call, and
                // the answer to this call was lost.
                match run(&there) == run(job) {
                    true => Ok(there),
                    false => Err(CallError {
                        problem: format!("a Job named {name} exists already; delete it, or give the run another name"),
                        ..error
                    }),
                }
            }
            result => result,
        }
    }

    /// Creates the PodDisruptionBudget of a Job. The cluster removes the budget together with the Job.
    pub(super) async fn create_budget(&self, mut budget: PodDisruptionBudget, job: &Job) -> Result<(), CallError> {
        budget.metadata.owner_references = Some(vec![OwnerReference {
            api_version: "batch/v1".to_owned(),
            kind: "Job".to_owned(),
            name: job.metadata.name.clone().unwrap_or_default(),
            uid: job.metadata.uid.clone().unwrap_or_default(),
            block_owner_deletion: None,
            controller: None,
        }]);
        let budgets: Api<PodDisruptionBudget> = self.api().await?;
        match call(budgets.create(&PostParams::default(), &budget)).await {
            Err(error) if error.is(409) => Ok(()),
            result => result.map(drop),
        }
    }

    /// Returns a Job; `None` if the Job does not exist.
    pub(super) async fn job(&self, name: &str) -> Result<Option<Job>, CallError> {
        let jobs: Api<Job> = self.api().await?;
        call(jobs.get_opt(name)).await
    }

    /// Waits until a Job has changed since a version, or until the watch of the Job ends.
    pub(super) async fn job_change(&self, name: &str, version: &str) -> Result<(), CallError> {
        let jobs: Api<Job> = self.api().await?;
        let params = WatchParams::default().fields(&format!("metadata.name={name}"));
        let mut watching = call(Watching::open(&jobs, params, version, WATCH_SECONDS)).await?;
        watching.next().await.transpose().map(drop)
    }

    /// Returns all pods of a Job.
    pub(super) async fn pods(&self, job: &str) -> Result<Vec<Pod>, CallError> {
        self.list(&ListParams::default().labels(&names::selector(job))).await
    }

    /// Returns the Events of the namespace that are warnings, at most [`WARNINGS_MAX`].
    pub(super) async fn warnings(&self) -> Result<Vec<Event>, CallError> {
        let events: Api<Event> = self.api().await?;
        let params = ListParams::default().fields("type=Warning").limit(WARNINGS_MAX);
        Ok(call(events.list(&params)).await?.items)
    }

    /// Returns all objects of a list, page by page.
    pub(super) async fn list<K>(&self, params: &ListParams) -> Result<Vec<K>, CallError>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope> + Clone + DeserializeOwned + fmt::Debug,
        K::DynamicType: Default,
    {
        let api: Api<K> = self.api().await?;
        let mut retries = LIST_RETRIES;
        let (mut items, mut next) = (Vec::new(), None::<String>);
        loop {
            let mut page = params.clone().limit(PAGE);
            page.continue_token = next.take();
            match call(api.list(&page)).await {
                Ok(list) => {
                    items.extend(list.items);
                    next = list.metadata.continue_.filter(|token| !token.is_empty());
                    if next.is_none() {
                        return Ok(items);
                    }
                }
                // The status 410 means that the server no longer has the version of the list to which this page
                // belongs.
                Err(error) if error.is(410) && retries > 0 => {
                    retries -= 1;
                    items.clear();
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Deletes a Job. The cluster deletes the pods of the Job in the background. If the Job does not exist, this is not
    /// an error.
    pub(super) async fn delete_job(&self, name: &str) -> Result<(), CallError> {
        let jobs: Api<Job> = self.api().await?;
        match call(jobs.delete(name, &DeleteParams::background())).await {
            Err(error) if !error.is(404) => Err(error),
            _ => Ok(()),
        }
    }

    /// Sets the deadline of a Job, counted from the start of the Job. At the deadline, the cluster ends all pods of the
    /// Job that are still running.
    pub(super) async fn set_deadline(&self, name: &str, seconds: i64) -> Result<(), CallError> {
        let jobs: Api<Job> = self.api().await?;
        let patch = serde_json::json!({ "spec": { "activeDeadlineSeconds": seconds } });
        match call(jobs.patch(name, &PatchParams::default(), &Patch::Merge(&patch))).await {
            Err(error) if !error.is(404) => Err(error),
            _ => Ok(()),
        }
    }
}
