//! Runs the slices of a shard in one process. After each hand-over, the same process runs the next slice.
//!
//! A pod or an agent may run as long as the whole run, so one process can run all slices. A child process for the next
//! slice would be killed when the first process of the container ends.

use crate::assignment::Assignment;
use crate::engine::{Engine, Share};
use crate::hand_over::{HandOver, HandingOver};
use crate::host::Host;
use crate::shard::{self, Ended, ShardError};
use std::pin::Pin;
use std::sync::Arc;
use store::{Location, RunStore};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// The way in which the worker of each slice ended, in the order of the slices.
pub type SliceEnds = Vec<(Assignment, Result<Ended, ShardError>)>;

/// Hands the next slice over to this process.
#[derive(Debug)]
struct ToThisProcess(mpsc::UnboundedSender<Assignment>);

impl HandOver for ToThisProcess {
    fn start(&self, next: Assignment) -> HandingOver {
        let sent = self.0.send(next);
        Box::pin(async move { sent.map_err(|_| "this process no longer starts slices".to_owned()) })
    }
}

/// Runs a slice, and each later slice of the same shard that is handed over to this process. The store is opened again
/// for each slice, so that each worker counts only its own requests.
pub fn run<E, F>(
    location: Location,
    assignment: Assignment,
    host: Host,
    engine: F,
) -> Pin<Box<dyn Future<Output = SliceEnds> + Send>>
where
    E: Engine,
    F: Fn(Share) -> Result<E, String> + Clone + Send + Sync + 'static,
{
    Box::pin(async move {
        let (sender, mut handed) = mpsc::unbounded_channel();
        let this_slice = async {
            let host = Host {
                began: Instant::now(),
                hand_over: Some(Arc::new(ToThisProcess(sender))),
                ..host.clone()
            };
            let store = RunStore::open(&location).await.map_err(ShardError::NotClaimed)?;
            // At the end of this block, the sender is dropped. This ends the wait for the next slice.
            shard::run(&store, &assignment, &host, engine.clone()).await
        };
        let later_slices = async {
            match handed.recv().await {
                Some(next) => run(location.clone(), next, host.clone(), engine.clone()).await,
                None => Vec::new(),
            }
        };
        let (ended, later) = tokio::join!(this_slice, later_slices);
        let mut ends = vec![(assignment.clone(), ended)];
        ends.extend(later);
        ends
    })
}
