//! Records the progress of each worker that a fleet starts. Each worker is started in a task of its own.

use crate::gather::SliceId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The stage of each worker, for [`crate::fleet::Fleet::why`]. The value also contains the names of withdrawn runs,
/// whose workers are not started if they have not begun.
#[derive(Debug)]
pub(crate) struct UnderWay<T> {
    stages: Mutex<BTreeMap<SliceId, T>>,
    withdrawn: watch::Sender<BTreeSet<String>>,
}

impl<T> Default for UnderWay<T> {
    fn default() -> UnderWay<T> {
        UnderWay {
            stages: Mutex::default(),
            withdrawn: watch::Sender::new(BTreeSet::new()),
        }
    }
}

impl<T: Clone> UnderWay<T> {
    /// Sets the stage of a worker.
    pub(crate) fn note(&self, slice_id: SliceId, stage: T) {
        self.stages().insert(slice_id, stage);
    }

    /// Removes a worker after its end has been reported.
    pub(crate) fn forget(&self, slice_id: SliceId) {
        self.stages().remove(&slice_id);
    }

    /// Returns the stage of a worker; `None` if the worker was not started, or has ended.
    pub(crate) fn stage(&self, slice_id: SliceId) -> Option<T> {
        self.stages().get(&slice_id).cloned()
    }

    /// Withdraws all workers of a run that have not begun.
    pub(crate) fn withdraw(&self, run: &str) {
        self.withdrawn.send_if_modified(|runs| runs.insert(run.to_owned()));
    }

    pub(crate) fn is_withdrawn(&self, run: &str) -> bool {
        self.withdrawn.borrow().contains(run)
    }

    /// Waits for one step of starting a worker. Returns `None` if the run is withdrawn during the wait.
    #[cfg(feature = "lambda")]
    pub(crate) async fn unless_withdrawn<R>(&self, run: &str, step: impl Future<Output = R>) -> Option<R> {
        let mut withdrawn = self.withdrawn.subscribe();
        tokio::select! {
            biased;
            _ = withdrawn.wait_for(|runs| runs.contains(run)) => None,
            done = step => Some(done),
        }
    }

    fn stages(&self) -> MutexGuard<'_, BTreeMap<SliceId, T>> {
        // No code panics while it holds this lock.
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error of a worker that was withdrawn.
pub(crate) const WITHDRAWN: &str = "it was withdrawn before it began";
