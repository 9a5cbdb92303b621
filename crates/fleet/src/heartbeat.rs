//! The heartbeat of a follower. A run with the option `--dead-man` stops if no process follows the run.

use plan::plan::Plan;
use std::time::Duration;
use store::documents::{Document, Heartbeat};
use store::{RunStore, keys};
use tokio::task::JoinHandle;

/// The number of heartbeats that may be missing before a worker stops.
pub const BEATS: u32 = 4;

/// A heartbeat that is written repeatedly, until this value is dropped.
#[derive(Debug)]
pub struct Beating(JoinHandle<()>);

impl Drop for Beating {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts the heartbeat of a run with the option `--dead-man`. Returns `None` for any other run.
pub fn begin(store: &RunStore, plan: &Plan) -> Option<Beating> {
    let every = (plan.timing.dead_man? / BEATS).max(Duration::from_millis(200));
    let (store, key) = (store.clone(), keys::heartbeat(&plan.run));
    Some(Beating(tokio::spawn(async move {
        loop {
            // The number is random, so that it differs from the numbers of all other followers. So every heartbeat
            // changes the object.
            let beat = Heartbeat { beat: rand::random() };
            // A failure of the store is ignored, because the next heartbeat is written soon.
            let _ = store.put(&key, beat.encode()).await;
            tokio::time::sleep(every).await;
        }
    })))
}
