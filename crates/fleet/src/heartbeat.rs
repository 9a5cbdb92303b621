//! The heartbeat of a follower. It is written for a run that stops if no process follows the run.

use plan::plan::Plan;
use std::time::Duration;
use store::documents::{Document, Heartbeat};
use store::{RunStore, keys};
use tokio::task::JoinHandle;

/// The number of heartbeats that a worker may miss before it stops.
pub const BEATS: u32 = 4;

/// A running heartbeat. It ends when the value is dropped.
#[derive(Debug)]
pub struct Beating(JoinHandle<()>);

impl Drop for Beating {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts the heartbeat of a run that must stop without a follower; `None` for any other run.
pub fn begin(store: &RunStore, plan: &Plan) -> Option<Beating> {
    let every = (plan.timing.dead_man? / BEATS).max(Duration::from_millis(200));
    let (store, key) = (store.clone(), keys::heartbeat(&plan.run));
    Some(Beating(tokio::spawn(async move {
        loop {
            // The number is random, so that it differs from the numbers of all other followers and every heartbeat
            // changes the object.
            let beat = Heartbeat { beat: rand::random() };
            // A failure of the store is ignored, because the next heartbeat is written soon.
            let _ = store.put(&key, beat.encode()).await;
            tokio::time::sleep(every).await;
        }
    })))
}
