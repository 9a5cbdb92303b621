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
            state: Arc::new(watch::Sender::new(StopState::NotAsked)),
            on_failure: Arc::new(on_failure),
        }
    }

    /// Returns whether the stop has been requested.
    pub fn is_asked(&self) -> bool {
        *self.state.borrow() != StopState::NotAsked
    }

    /// Starts to write the stop. Later calls have no effect.
    pub fn begin(&self, run: &str, reason: &str) {
        let first = self.state.send_if_modified(|state| {
            let first = *state == StopState::NotAsked;
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

    /// Stops the workers because the launcher has failed. Returns whether the stop is stored.
    pub async fn give_up(&self, run: &str, why: &str) -> bool {
        self.begin(run, &format!("its launcher failed: {why}"));
        self.stored().await
    }

    /// If the stop was requested, waits like [`Stopping::stored`]. Returns `false` if the stop was requested and is not
    /// stored.
    pub async fn settle(&self) -> bool {
        !self.is_asked() || self.stored().await
    }
}
