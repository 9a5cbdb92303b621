//! The sign that somebody follows a run which is to stop when nobody does.

use plan::plan::Plan;
use std::time::Duration;
use store::documents::{Document, Heartbeat};
use store::{RunStore, keys};
use tokio::task::JoinHandle;

/// How many beats a worker may miss before it stops.
pub const BEATS: u32 = 4;

/// Beats until it is dropped.
#[derive(Debug)]
pub struct Beating(JoinHandle<()>);

impl Drop for Beating {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Begins to beat, for a run that is to stop when nobody follows it; nothing for any other.
pub fn begin(store: &RunStore, plan: &Plan) -> Option<Beating> {
    let every = (plan.timing.dead_man? / BEATS).max(Duration::from_millis(200));
    let (store, key) = (store.clone(), keys::heartbeat(&plan.run));
    Some(Beating(tokio::spawn(async move {
        loop {
            // A number that no other follower has written: each beat is a new one, whoever follows.
            let beat = Heartbeat { beat: rand::random() };
            // A store that fails for a while is what the other beats are for.
            let _ = store.put(&key, beat.encode()).await;
            tokio::time::sleep(every).await;
        }
    })))
}
