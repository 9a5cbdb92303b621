//! The heartbeat of a follower, for a run that stops when no process follows it.

use plan::plan::Plan;
use std::time::Duration;
use store::documents::{Document, Heartbeat};
use store::{RunStore, keys};
use tokio::task::JoinHandle;

/// The number of beats that a worker may miss before it stops.
pub const BEATS: u32 = 4;

/// A heartbeat that continues until it is dropped.
#[derive(Debug)]
pub struct Beating(JoinHandle<()>);

impl Drop for Beating {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts the heartbeat of a run that stops without a follower; returns `None` for any other run.
pub fn begin(store: &RunStore, plan: &Plan) -> Option<Beating> {
    let every = (plan.timing.dead_man? / BEATS).max(Duration::from_millis(200));
    let (store, key) = (store.clone(), keys::heartbeat(&plan.run));
    Some(Beating(tokio::spawn(async move {
        loop {
            // A random number differs from the beats of all other followers, so every beat changes the object.
            let beat = Heartbeat { beat: rand::random() };
            // A failure of the store is ignored: later beats make up for it.
            let _ = store.put(&key, beat.encode()).await;
            tokio::time::sleep(every).await;
        }
    })))
}
