//! [`Activity`] counts the requests in progress, so that the target can exit when it receives no requests.
//!
//! A connection without a request does not count, because another process may keep the connections of a killed parent
//! process open.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// The interval at which the target checks for idleness while requests are in progress.
const BUSY_LOOK: Duration = Duration::from_millis(200);

/// The number of requests in progress, and the time at which this number last changed.
#[derive(Debug)]
pub(crate) struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    in_progress: u64,
    changed: Instant,
}

/// A request in progress. The request ends when this value is dropped.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Activity>);

impl Activity {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State {
            in_progress: 0,
            changed: Instant::now(),
        }))
    }

    pub(crate) fn begin(self: &Arc<Self>) -> Busy {
        self.with(|state| {
            state.in_progress += 1;
            state.changed = Instant::now();
        });
        Busy(Arc::clone(self))
    }

    /// Waits until no request has been in progress for the time `length`.
    pub(crate) async fn idle_for(&self, length: Duration) {
        loop {
            match self.with(|state| (state.in_progress == 0).then_some(state.changed + length)) {
                Some(deadline) if deadline <= Instant::now() => return,
                Some(deadline) => sleep_until(deadline).await,
                None => sleep(BUSY_LOOK.min(length)).await,
            }
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.with(|state| {
            state.in_progress -= 1;
            state.changed = Instant::now();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn idle_time_begins_at_the_end_of_the_last_request() {
        let length = Duration::from_millis(50);
        let activity = Arc::new(Activity::new());
        let busy = activity.begin();
        let seen = Arc::clone(&activity);
        let idle = tokio::spawn(async move { seen.idle_for(length).await });
        sleep(4 * length).await;
        assert!(!idle.is_finished());
        let ended = Instant::now();
        drop(busy);
        idle.await.expect("it ends");
        assert!(ended.elapsed() >= length, "{:?}", ended.elapsed());
    }
}
