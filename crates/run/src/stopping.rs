//! Writes the stop of a run if the launcher is interrupted or fails.
//!
//! Invariant: before a launcher exits, the stop is stored, or the caller has received an error.

use fleet::stop::stop_before;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use store::{RunStore, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use worker::clock::Clock;

/// The maximum time for which an exiting launcher waits until the stop is stored.
const STOP_MAX: Duration = Duration::from_secs(10);
/// The time for which writing the stop is retried while the launcher continues.
const STOP_PATIENCE: Duration = Duration::from_secs(60);

/// Whether the stop of the run is requested and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
enum StopState {
    NotAsked,
    OnItsWay,
    Stored,
    Failed,
}

/// The stop of a run, which is written once. All clones of a value share the same stop.
#[derive(Clone)]
pub struct Stopping {
    store: RunStore,
    clock: Clock,
    gives_up: bool,
    state: Arc<watch::Sender<StopState>>,
    on_failure: Arc<dyn Fn(&StoreError) + Send + Sync>,
}

impl fmt::Debug for Stopping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopping")
            .field("state", &self.state.borrow())
            .finish_non_exhaustive()
    }
}

impl Stopping {
    /// Returns the stop of a run, which is not requested yet. `on_failure` is called if the stop cannot be written.
    pub fn new(store: &RunStore, clock: &Clock, on_failure: impl Fn(&StoreError) + Send + Sync + 'static) -> Stopping {
        Stopping {
            store: store.clone(),
            clock: *clock,
            gives_up: true,
            state: Arc::new(watch::Sender::new(StopState::NotAsked)),
            on_failure: Arc::new(on_failure),
        }
    }

    /// Returns the same stop for a launcher that follows the run again after a failure. Such a failure does not stop the
    /// run.
    #[must_use]
    pub fn for_retries(self) -> Stopping {
        Stopping {
            gives_up: false,
            ..self
        }
    }

    /// Returns whether the stop has been requested.
    pub fn is_asked(&self) -> bool {
        *self.state.borrow() != StopState::NotAsked
    }

    /// Starts to write the stop. Later calls have no effect, unless the stop could not be written.
    pub fn begin(&self, run: &str, reason: &str) {
        let first = self.state.send_if_modified(|state| {
            let first = matches!(state, StopState::NotAsked | StopState::Failed);
            if first {
                *state = StopState::OnItsWay;
            }
            first
        });
        if !first {
            return;
        }
        let (stopping, run, reason) = (self.clone(), run.to_owned(), reason.to_owned());
        tokio::spawn(async move {
            let until = Instant::now() + STOP_PATIENCE;
            let written = stop_before(&stopping.store, &run, &reason, &stopping.clock, until).await;
            stopping.state.send_replace(match written {
                Ok(_) => StopState::Stored,
                Err(error) => {
                    (stopping.on_failure)(&error);
                    StopState::Failed
                }
            });
        });
    }

    /// Waits until the stop is stored, but not longer than [`STOP_MAX`]. Returns whether the stop is stored.
    pub async fn stored(&self) -> bool {
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| matches!(state, StopState::Stored | StopState::Failed));
        matches!(timeout(STOP_MAX, settled).await, Ok(Ok(state)) if *state == StopState::Stored)
    }

    /// Stops the workers because the launcher has failed, unless the launcher will follow the run again. Returns whether
    /// a required stop is stored.
    pub async fn give_up(&self, run: &str, why: &str) -> bool {
        if !self.gives_up {
            return self.settle().await;
        }
        self.begin(run, &format!("its launcher failed: {why}"));
        self.stored().await
    }

    /// If the stop was requested, waits like [`Stopping::stored`]. Returns `false` if the stop was requested and is not
    /// stored.
    pub async fn settle(&self) -> bool {
        !self.is_asked() || self.stored().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use store::{Op, keys};

    #[tokio::test]
    async fn a_stop_that_could_not_be_written_is_written_by_the_next_request() {
        let left = AtomicU32::new(1);
        let store = RunStore::memory_with(Arc::new(move |op, _: &str| {
            let refused = op == Op::PutNew && left.swap(0, Ordering::Relaxed) == 1;
            refused.then(|| StoreError::AccessDenied {
                what: "the stop".to_owned(),
                code: "AccessDenied".to_owned(),
                source: None,
            })
        }));
        let stopping = Stopping::new(&store, &Clock::tie(0), |_| {});
        stopping.begin("r", "first");
        assert!(!stopping.stored().await);
        stopping.begin("r", "second");
        assert!(stopping.stored().await);
        assert!(store.get(&keys::stop("r")).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_launcher_that_follows_the_run_again_does_not_stop_it() {
        let store = RunStore::memory();
        let stopping = Stopping::new(&store, &Clock::tie(0), |_| {}).for_retries();
        assert!(stopping.give_up("r", "the store failed").await);
        assert_eq!(store.get(&keys::stop("r")).await.unwrap(), None);
        let stopping = Stopping::new(&store, &Clock::tie(0), |_| {});
        assert!(stopping.give_up("r", "the store failed").await);
        assert!(store.get(&keys::stop("r")).await.unwrap().is_some());
    }
}
