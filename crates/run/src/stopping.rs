//! Writes the stop of a run, for a launcher that is told to end it or cannot go on.
//!
//! Law: a launcher does not leave its fleet before the stop is stored, or before its caller has been told that it is not.

use fleet::stop::stop_before;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use store::{RunStore, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use worker::clock::Clock;

/// How long a launcher that leaves waits until the stop is stored.
const STOP_MAX: Duration = Duration::from_secs(10);
/// How long writing the stop is retried while the launcher goes on.
const STOP_PATIENCE: Duration = Duration::from_secs(60);

/// Whether the stop key has been written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum StopState {
    NotAsked,
    OnItsWay,
    Stored,
    Failed,
}

/// The stop of a run, written once. Its clones share it.
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
    /// A stop that has not been asked for. `on_failure` is called when it could not be written.
    pub fn new(store: &RunStore, clock: &Clock, on_failure: impl Fn(&StoreError) + Send + Sync + 'static) -> Stopping {
        Stopping {
            store: store.clone(),
            clock: *clock,
            state: Arc::new(watch::Sender::new(StopState::NotAsked)),
            on_failure: Arc::new(on_failure),
        }
    }

    /// Whether the stop has been asked for.
    pub fn is_asked(&self) -> bool {
        *self.state.borrow() != StopState::NotAsked
    }

    /// Starts to write the stop. Later calls do nothing.
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

    /// Waits for at most [`STOP_MAX`] and returns whether the stop is stored.
    pub async fn stored(&self) -> bool {
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| matches!(state, StopState::Stored | StopState::Failed));
        matches!(timeout(STOP_MAX, settled).await, Ok(Ok(state)) if *state == StopState::Stored)
    }

    /// Stops the fleet because its launcher cannot go on; returns whether the stop is stored.
    pub async fn give_up(&self, run: &str, why: &str) -> bool {
        self.begin(run, &format!("its launcher gave up: {why}"));
        self.stored().await
    }

    /// Waits for the stop if it was asked for; returns whether nothing is left to do.
    pub async fn settle(&self) -> bool {
        !self.is_asked() || self.stored().await
    }
}
