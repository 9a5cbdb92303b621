//! How far a fleet is with each worker, where one task starts one worker.

use crate::gather::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How far each worker is, for [`crate::fleet::Fleet::why`], and the runs whose workers are withdrawn if they have not begun.
#[derive(Debug)]
pub(crate) struct UnderWay<T> {
    stages: Mutex<BTreeMap<Place, T>>,
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
    /// Notes how far a worker is.
    pub(crate) fn note(&self, place: Place, stage: T) {
        self.stages().insert(place, stage);
    }

    /// Forgets a worker whose end has been reported.
    pub(crate) fn forget(&self, place: Place) {
        self.stages().remove(&place);
    }

    /// How far a worker is; `None` if it has not been asked for, or has ended.
    pub(crate) fn stage(&self, place: Place) -> Option<T> {
        self.stages().get(&place).cloned()
    }

    /// Withdraws all workers of a run that have not begun.
    pub(crate) fn withdraw(&self, run: &str) {
        self.withdrawn.send_if_modified(|runs| runs.insert(run.to_owned()));
    }

    pub(crate) fn is_withdrawn(&self, run: &str) -> bool {
        self.withdrawn.borrow().contains(run)
    }

    /// Waits for a step on the way to a worker's begin; `None` if it is withdrawn meanwhile.
    #[cfg(feature = "lambda")]
    pub(crate) async fn unless_withdrawn<R>(&self, run: &str, step: impl Future<Output = R>) -> Option<R> {
        let mut withdrawn = self.withdrawn.subscribe();
        tokio::select! {
            biased;
            _ = withdrawn.wait_for(|runs| runs.contains(run)) => None,
            done = step => Some(done),
        }
    }

    fn stages(&self) -> MutexGuard<'_, BTreeMap<Place, T>> {
        // Nobody panics while they hold it.
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a worker did not begin.
pub(crate) const WITHDRAWN: &str = "it was withdrawn before it began";
