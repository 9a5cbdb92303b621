//! Reconciles one load test until it does not exist any more: observes the load test, decides, and carries out the
//! actions.

use super::cluster::Cluster;
use super::decide::{Action, Observed, Run, decide};
use super::metrics::Metrics;
use super::notes::Notes;
use super::resource::LoadTest;
use super::run_task::RunTask;
use super::settings::Settings;
use fleet::kubernetes::api::CallError;
use kube::api::DynamicObject;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::sleep;
use worker::log::OPERATOR_TARGET;

/// The first pause after a call that failed. The next constant is the longest pause.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Reconciles one load test. `objects` receives the newest version of the load test. When the sender of `objects` is
/// dropped, the load test does not exist any more.
pub(super) struct Reconciler {
    pub(super) cluster: Arc<Cluster>,
    pub(super) settings: Arc<Settings>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) objects: watch::Receiver<DynamicObject>,
}

/// The result of carrying out the actions of one decision.
enum Outcome {
    /// Wait for a change, at most for this time.
    Wait(Option<Duration>),
    /// The load test does not exist any more.
    Gone,
}

impl Reconciler {
    pub(super) async fn see_through(mut self) {
        let mut object = self.objects.borrow_and_update().clone();
        let uid = object.metadata.uid.clone().unwrap_or_default();
        let mut task = None::<RunTask>;
        let notes = Notes::begin(&self.cluster);
        let mut leaving_since = None;
        let mut failures = 0;
        loop {
            self.metrics.reconciled();
            let wait = match self.reconcile(&mut object, &mut task, &mut leaving_since, &notes).await {
                Ok(Outcome::Gone) => break,
                Ok(Outcome::Wait(wait)) => {
                    failures = 0;
                    wait
                }
                Err(error) => {
                    let test = object.metadata.name.as_deref().unwrap_or_default();
                    tracing::warn!(target: OPERATOR_TARGET, test, problem = error.problem, "a call of the cluster failed");
                    match self.refresh(&error, &mut object).await {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(error) => tracing::debug!(target: OPERATOR_TARGET, problem = error.problem, "no answer"),
                    }
                    let own = (PAUSE * 2_u32.pow(failures)).min(PAUSE_MAX);
                    failures = (failures + 1).min(8);
                    Some(error.pause.unwrap_or(own))
                }
            };
            if !self.wait(wait, failures > 0, task.as_mut(), &mut object).await {
                break;
            }
        }
        self.metrics.set_phase(&uid, None);
    }

    /// Reads the load test again if `error` shows that the version `object` is out of date. Returns `false` if the load
    /// test does not exist any more.
    async fn refresh(&self, error: &CallError, object: &mut DynamicObject) -> Result<bool, CallError> {
        // If the load test was removed, the answer has the status 422, because the patch alone is not a valid load
        // test.
        if ![404, 409, 422].iter().any(|status| error.is(*status)) {
            return Ok(true);
        }
        let name = object.metadata.name.clone().unwrap_or_default();
        match self.cluster.test(&name).await? {
            Some(found) if found.metadata.uid == object.metadata.uid => {
                *object = found;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Makes one decision, and carries out its actions.
    async fn reconcile(
        &self,
        object: &mut DynamicObject,
        task: &mut Option<RunTask>,
        leaving_since: &mut Option<OffsetDateTime>,
        notes: &Notes,
    ) -> Result<Outcome, CallError> {
        let test = LoadTest::read(object);
        let now = OffsetDateTime::now_utc();
        let run = task.as_ref().map_or(Run::Unknown, |task| task.state.borrow().clone());
        if test.deleted.is_some() && run != Run::Unknown {
            leaving_since.get_or_insert(now);
        }
        let observed = Observed {
            run,
            conducting: task.is_some(),
            stop_asked: task.as_ref().is_some_and(RunTask::is_stop_asked),
            leaving_since: *leaving_since,
        };
        self.metrics.set_phase(&test.uid, Some(test.status.phase.name()));
        let mut wait = None;
        for action in decide(&test, &observed, now) {
            let version = object.metadata.resource_version.clone();
            let version = version.as_deref();
            match action {
                Action::AddFinalizer => {
                    *object = self.cluster.set_finalizer(&test, version, true).await?;
                    // After this, the next decision is made immediately.
                    wait = Some(Duration::ZERO);
                }
                Action::Conduct { publish } => {
                    if let Ok(spec) = &test.spec {
                        *task = Some(RunTask::begin(&test, spec, publish, &self.cluster, &self.settings));
                    }
                }
                Action::Stop { reason } => {
                    if let Some(task) = task {
                        tracing::info!(target: OPERATOR_TARGET, test = test.name, reason, "the run is stopped");
                        task.stop(&reason);
                    }
                }
                Action::Emit(note) => notes.add(&test, note, now),
                Action::SetStatus(status) => {
                    *object = self.cluster.set_status(&test, version, &status).await?;
                    self.metrics.set_phase(&test.uid, Some(status.phase.name()));
                    tracing::debug!(target: OPERATOR_TARGET, test = test.name, phase = status.phase.name(), "status");
                }
                Action::RemoveFinalizer => {
                    self.cluster.set_finalizer(&test, version, false).await?;
                    tracing::info!(target: OPERATOR_TARGET, test = test.name, "the test is released");
                    return Ok(Outcome::Gone);
                }
                Action::Delete => self.cluster.delete(&test).await?,
                Action::Requeue(after) => wait = Some(after),
            }
        }
        Ok(Outcome::Wait(wait))
    }

    /// Waits for a change of the load test or of its run, at most for this time. After a failure, waits for this time
    /// even if there is a change. Returns `false` if the load test does not exist any more.
    async fn wait(
        &mut self,
        time: Option<Duration>,
        failed: bool,
        task: Option<&mut RunTask>,
        object: &mut DynamicObject,
    ) -> bool {
        let pause = async {
            match time {
                Some(time) => sleep(time).await,
                None => std::future::pending().await,
            }
        };
        if failed {
            pause.await;
        } else {
            let run_changed = async {
                // If the task has ended, its state does not change any more.
                if let Some(task) = task
                    && task.state.changed().await.is_ok()
                {
                    return;
                }
                std::future::pending().await
            };
            tokio::select! {
                () = pause => {}
                () = run_changed => {}
                changed = self.objects.changed() => if changed.is_err() {
                    return false;
                },
            }
        }
        match self.objects.has_changed() {
            Err(_) => return false,
            Ok(false) if self.objects.borrow().metadata.resource_version == object.metadata.resource_version => {}
            Ok(_) => {
                let newest = self.objects.borrow_and_update().clone();
                if is_newer(&newest, object) {
                    *object = newest;
                }
            }
        }
        true
    }
}

/// Returns whether an object is a later version than another object. A version that cannot be compared counts as later.
fn is_newer(one: &DynamicObject, other: &DynamicObject) -> bool {
    let version = |object: &DynamicObject| object.metadata.resource_version.as_ref()?.parse::<u64>().ok();
    match (version(one), version(other)) {
        (Some(one), Some(other)) => one > other,
        _ => true,
    }
}
