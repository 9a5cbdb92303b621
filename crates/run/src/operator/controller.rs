//! Watches the load tests of a namespace. Each load test is reconciled in a task of its own.

use super::cluster::Cluster;
use super::lease::Holding;
use super::metrics::Metrics;
use super::reconcile::Reconciler;
use super::settings::Settings;
use fleet::kubernetes::api::CallError;
use fleet::kubernetes::watching::{Change, Watching};
use kube::api::{DynamicObject, ListParams, WatchParams};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use worker::log::OPERATOR_TARGET;

/// The time for which the server keeps a watch open. After each watch, all load tests are listed again. So a change
/// that the watch missed is found soon.
const WATCH_SECONDS: u32 = 240;
/// The first pause after a list or watch that failed. The next constant is the longest pause.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// The maximum number of objects in one answer.
const PAGE: u32 = 200;

/// A load test that is being reconciled. The task of the load test ends when this value is dropped, and the run
/// continues.
struct Entry {
    objects: watch::Sender<DynamicObject>,
    handle: JoinHandle<()>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

/// The load tests of the namespace.
struct Controller {
    cluster: Arc<Cluster>,
    settings: Arc<Settings>,
    metrics: Arc<Metrics>,
    /// The load tests, by their UID.
    entries: BTreeMap<String, Entry>,
}

/// Reconciles the load tests of the namespace until `until` resolves.
pub(super) async fn run(
    cluster: Arc<Cluster>,
    settings: Arc<Settings>,
    metrics: Arc<Metrics>,
    until: impl Future<Output = ()>,
) {
    let mut until = std::pin::pin!(until);
    if !settings.lease {
        let mut controller = Controller::new(&cluster, &settings, &metrics);
        metrics.set_leading(true);
        tokio::select! {
            () = controller.see_through() => {}
            () = &mut until => {}
        }
        return;
    }
    let mut holding = Holding::begin(&cluster);
    loop {
        tokio::select! {
            held = holding.held.wait_for(|held| *held) => drop(held),
            () = &mut until => break,
        }
        metrics.set_leading(true);
        let mut controller = Controller::new(&cluster, &settings, &metrics);
        let ended = tokio::select! {
            () = controller.see_through() => true,
            held = holding.held.wait_for(|held| !*held) => held.is_err(),
            () = &mut until => true,
        };
        metrics.set_leading(false);
        if ended {
            break;
        }
    }
    holding.release(&cluster).await;
}

impl Controller {
    fn new(cluster: &Arc<Cluster>, settings: &Arc<Settings>, metrics: &Arc<Metrics>) -> Controller {
        Controller {
            cluster: cluster.clone(),
            settings: settings.clone(),
            metrics: metrics.clone(),
            entries: BTreeMap::new(),
        }
    }

    /// Repeatedly lists the load tests and then watches them.
    async fn see_through(&mut self) {
        let mut pause = PAUSE;
        loop {
            match self.list_and_watch().await {
                Ok(()) => pause = PAUSE,
                Err(error) => {
                    tracing::warn!(target: OPERATOR_TARGET, problem = error.problem, "the tests could not be read");
                    sleep(error.pause.unwrap_or(pause)).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    async fn list_and_watch(&mut self) -> Result<(), CallError> {
        let version = self.list().await?;
        let (tests, params) = (&self.cluster.tests, WatchParams::default());
        let opening = Watching::open(tests, params, &version, WATCH_SECONDS);
        let mut watching = self.cluster.call(opening).await?;
        while let Some(event) = watching.next().await {
            match event? {
                Change::Written(object) => self.update(object),
                Change::Deleted(object) => {
                    self.entries.remove(object.metadata.uid.as_deref().unwrap_or_default());
                }
            }
        }
        tracing::debug!(target: OPERATOR_TARGET, "the watch ended");
        // If a server ends every watch at once, this pause limits the rate of the calls.
        sleep(PAUSE).await;
        Ok(())
    }

    /// Reads all load tests. Returns the version from which a watch continues.
    async fn list(&mut self) -> Result<String, CallError> {
        let mut found = BTreeMap::new();
        let mut params = ListParams::default().limit(PAGE);
        let version = loop {
            let list = self.cluster.call(self.cluster.tests.list(&params)).await?;
            let objects = list.items.into_iter();
            found.extend(objects.map(|object| (object.metadata.uid.clone().unwrap_or_default(), object)));
            params.continue_token = list.metadata.continue_.filter(|token| !token.is_empty());
            if params.continue_token.is_none() {
                break list.metadata.resource_version.unwrap_or_default();
            }
        };
        self.entries.retain(|uid, _| found.contains_key(uid));
        for object in found.into_values() {
            self.update(object);
        }
        Ok(version)
    }

    /// Sends the newest version of a load test to the task of the load test.
    fn update(&mut self, object: DynamicObject) {
        let uid = object.metadata.uid.clone().unwrap_or_default();
        if let Some(entry) = self.entries.get(&uid).filter(|entry| !entry.handle.is_finished()) {
            entry.objects.send_replace(object);
            return;
        }
        let (sender, receiver) = watch::channel(object);
        let reconciler = Reconciler {
            cluster: self.cluster.clone(),
            settings: self.settings.clone(),
            metrics: self.metrics.clone(),
            objects: receiver,
        };
        let entry = Entry {
            objects: sender,
            handle: tokio::spawn(reconciler.see_through()),
        };
        self.entries.insert(uid, entry);
    }
}
