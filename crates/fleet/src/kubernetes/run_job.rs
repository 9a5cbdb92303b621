//! Creates, observes and withdraws the Job of one run in one cluster.

use super::api::CallError;
use super::cluster::Cluster;
use super::observer::{Observation, Observer};
use super::{pods, reasons};
use crate::fleet::{Events, FailureKind, FleetError, WorkerEvent};
use crate::under_way::WITHDRAWN;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// The minimum time between two reads of the pods of a Job. The launcher reads the pods after the Job has changed. The
/// time grows by this interval for each [`PODS_PER_INTERVAL`] pods. A long time is safe. Events only shorten waits of the
/// launcher, because the objects in the store determine the state of the run.
const INTERVAL: Duration = Duration::from_secs(1);
const PODS_PER_INTERVAL: u32 = 200;
/// The first pause after a call that failed. The next constant is the maximum pause.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// The time for which the launcher waits for the cluster to explain an abort.
const EXPLAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum age of the state from which the reasons of an abort are computed. An abort asks for one reason for each
/// missing worker, and a recent state answers all of these questions.
const FRESH: Duration = Duration::from_secs(3);
/// The time for which the launcher tries to withdraw a Job. If the launcher does not succeed, the workers still read
/// the object `stop` from the store.
const WITHDRAW_TIMEOUT: Duration = Duration::from_secs(10);
/// The time within which the workers that are still running must store their results.
const RESULTS: Duration = Duration::from_secs(90);

/// The state of a Job, of its pods and of the warnings, as the cluster returned it.
#[derive(Clone, Debug, Default)]
struct Sight {
    job: Option<Job>,
    pods: Vec<Pod>,
    warnings: Vec<k8s_openapi::api::core::v1::Event>,
}

/// The Job of a run in one cluster.
#[derive(Debug)]
pub(super) struct RunJob {
    pub(super) run: String,
    pub(super) cluster: Arc<Cluster>,
    /// The shards that the Job runs. The pod with index 0 runs the first shard.
    pub(super) shards: Vec<u32>,
    name: String,
    objects: (Job, PodDisruptionBudget),
    /// Whether the Job was withdrawn. A withdrawn Job must not be created. The lock is held while the Job is created.
    withdrawn: Mutex<bool>,
    /// The last state that was read to explain an abort, and the time at which it was read.
    explained: Mutex<Option<(Instant, Sight)>>,
}

impl RunJob {
    pub(super) fn new(
        run: &str,
        cluster: Arc<Cluster>,
        shards: Vec<u32>,
        objects: (Job, PodDisruptionBudget),
    ) -> RunJob {
        RunJob {
            run: run.to_owned(),
            cluster,
            shards,
            name: objects.0.metadata.name.clone().unwrap_or_default(),
            objects,
            withdrawn: Mutex::new(false),
            explained: Mutex::new(None),
        }
    }

    /// Sends the events of the workers of the Job until all workers have ended or the Job has exceeded its deadline. If
    /// `within` is given, first creates the Job within this time.
    pub(super) async fn see_through(&self, within: Option<Duration>, events: &Events) {
        if let Some(within) = within
            && let Err(error) = self.create(Instant::now() + within).await
        {
            for shard in &self.shards {
                // The send fails if the launcher, which reads the events, has ended.
                let _ = events.send(WorkerEvent::Failed((*shard, 0), error.clone()));
            }
            return;
        }
        let deadline = self
            .objects
            .0
            .spec
            .as_ref()
            .and_then(|spec| spec.active_deadline_seconds);
        let until = Instant::now() + Duration::from_secs(deadline.unwrap_or_default().max(0) as u64) + RESULTS;
        let interval = INTERVAL * (1 + self.shards.len() as u32 / PODS_PER_INTERVAL);
        let mut observer = Observer::new(self.shards.len());
        let mut pause = Pause::default();
        while !observer.is_done() && !events.is_closed() && Instant::now() < until {
            let job = match self.look().await {
                Ok(sight) => {
                    for observation in observer.observe(sight.job.as_ref(), &sight.pods) {
                        let _ = events.send(self.event(observation));
                    }
                    sight.job
                }
                // This error only delays the events, because the run does not need the API of the cluster.
                Err(error) => {
                    sleep(pause.next(&error)).await;
                    continue;
                }
            };
            sleep(interval).await;
            if observer.is_done() {
                break;
            }
            let changed = tokio::select! {
                changed = self.change(job.as_ref()) => changed,
                () = events.closed() => break,
                () = sleep_until(until) => break,
            };
            match changed {
                Ok(()) => pause = Pause::default(),
                Err(error) => sleep(pause.next(&error)).await,
            }
        }
    }

    /// Waits until the Job has changed since it was read. The controller of Jobs writes the status of a Job when one of
    /// its pods starts or ends, so the pods need no watch of their own.
    async fn change(&self, job: Option<&Job>) -> Result<(), CallError> {
        let Some(version) = job.and_then(|job| job.metadata.resource_version.as_deref()) else {
            return Ok(());
        };
        match self.cluster.job_change(&self.name, version).await {
            // The server does not have the history since this version any more.
            Err(error) if error.is(410) => Ok(()),
            changed => changed,
        }
    }

    fn event(&self, observation: Observation) -> WorkerEvent {
        let slice_id = |index: usize| (self.shards[index], 0);
        match observation {
            Observation::Ended(index) => WorkerEvent::Ended(slice_id(index)),
            Observation::Died(index, error) | Observation::Failed(index, error) => {
                WorkerEvent::Failed(slice_id(index), error)
            }
        }
    }

    /// Creates the Job and its PodDisruptionBudget. Retries calls that may succeed later.
    async fn create(&self, until: Instant) -> Result<(), FleetError> {
        let mut pause = Pause::default();
        loop {
            let created = {
                let withdrawn = self.withdrawn.lock().await;
                if *withdrawn {
                    return Err(FleetError::new(FailureKind::Refused, WITHDRAWN));
                }
                self.create_objects().await
            };
            match created {
                Ok(()) => return Ok(()),
                Err(error) if error.may_pass() && Instant::now() < until => sleep(pause.next(&error)).await,
                Err(error) => return Err(error.of_worker()),
            }
        }
    }

    async fn create_objects(&self) -> Result<(), CallError> {
        let (job, budget) = &self.objects;
        let job = self.cluster.create_job(job).await?;
        self.cluster.create_budget(budget.clone(), &job).await
    }

    /// Reads the state of the pods, and then the state of the Job.
    async fn look(&self) -> Result<Sight, CallError> {
        let pods = self.cluster.pods(&self.name).await?;
        let job = self.cluster.job(&self.name).await?;
        Ok(Sight {
            job,
            pods,
            warnings: Vec::new(),
        })
    }

    /// Returns the reason why the worker of a shard is not ready; `None` if the cluster shows no reason.
    pub(super) async fn why(&self, shard: u32) -> Option<FleetError> {
        let index = self.shards.iter().position(|one| *one == shard)?;
        let mut explained = self.explained.lock().await;
        if explained.as_ref().is_none_or(|(at, _)| at.elapsed() > FRESH) {
            let looked = timeout(EXPLAIN_TIMEOUT, async {
                let mut sight = self.look().await?;
                // If the Events cannot be read, the status of the pods is still explained.
                sight.warnings = self.cluster.warnings().await.unwrap_or_default();
                Ok::<_, CallError>(sight)
            });
            let problem = match looked.await {
                Ok(Ok(sight)) => {
                    *explained = Some((Instant::now(), sight));
                    None
                }
                Ok(Err(error)) => Some(error.problem),
                Err(_) => Some("the cluster did not answer in time".to_owned()),
            };
            if let Some(problem) = problem {
                let problem = format!("its pod in {} could not be read: {problem}", self.cluster.shown());
                return Some(FleetError::new(FailureKind::Unreachable, problem));
            }
        }
        let (_, sight) = explained.as_ref()?;
        reasons::of_absent(index, sight.job.as_ref(), &sight.pods, &sight.warnings)
    }

    /// Withdraws the Job. Before the start of the run, the Job is deleted. After the start, the Job is deleted only if
    /// none of its workers is running.
    pub(super) async fn withdraw(&self, has_started: bool) {
        // Locking waits for a call that is creating the Job. This call has a deadline.
        *self.withdrawn.lock().await = true;
        let mut pause = Pause::default();
        let withdrawing = async {
            while let Err(error) = self.try_withdraw(has_started).await {
                if !error.may_pass() {
                    return;
                }
                sleep(pause.next(&error)).await;
            }
        };
        // If the cluster cannot be reached, a worker that begins later reads the object `stop` from the store, and
        // ends.
        let _ = timeout(WITHDRAW_TIMEOUT, withdrawing).await;
    }

    async fn try_withdraw(&self, has_started: bool) -> Result<(), CallError> {
        if !has_started {
            return self.cluster.delete_job(&self.name).await;
        }
        let Sight { job, pods, .. } = self.look().await?;
        let Some(job) = job else { return Ok(()) };
        let status = job.status.as_ref();
        let completed = pods::indexes(status.and_then(|status| status.completed_indexes.as_deref()));
        let failed = pods::indexes(status.and_then(|status| status.failed_indexes.as_deref()));
        let running: Vec<usize> = pods
            .iter()
            .filter(|pod| pods::is_running(pod))
            .filter_map(pods::index)
            .collect();
        let known = [&completed[..], &failed, &running];
        match (0..self.shards.len()).all(|index| known.iter().any(|known| known.contains(&index))) {
            true => Ok(()),
            false if running.is_empty() => self.cluster.delete_job(&self.name).await,
            false => self.end_soon(&job).await,
        }
    }

    /// Lets the cluster end the Job after the running workers have stored their results. A worker that begins before
    /// the end of the Job reads the object `stop` from the store, and ends.
    async fn end_soon(&self, job: &Job) -> Result<(), CallError> {
        let began = job.status.as_ref().and_then(|status| status.start_time.as_ref());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let elapsed = began.map_or(0, |began| {
            now.unwrap_or_default().as_secs() as i64 - began.0.as_second()
        });
        let seconds = elapsed.max(0) + RESULTS.as_secs() as i64;
        self.cluster.set_deadline(&self.name, seconds).await
    }
}

/// The pauses between calls that fail.
#[derive(Debug, Default)]
struct Pause(u32);

impl Pause {
    /// Returns the next pause. The pause is the time that the server asks for, or twice the previous pause if the
    /// server does not ask for a time.
    fn next(&mut self, error: &CallError) -> Duration {
        let own = (PAUSE * 2_u32.saturating_pow(self.0)).min(PAUSE_MAX);
        self.0 = (self.0 + 1).min(10);
        error.pause.unwrap_or(own)
    }
}
