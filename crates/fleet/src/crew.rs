//! The workers that the launcher of a run starts, and the events of their fleet.

use crate::fleet::{Batch, Events, Fleet, FleetError, Placed, WorkerEvent};
use crate::gather::SliceId;
use plan::plan::Plan;
use std::sync::Arc;
use std::time::Duration;
use tally::account::Receipt;
use tokio::sync::mpsc;
use tokio::time::Instant;
use worker::assignment::Assignment;

/// The wait after the first event for events that follow it. Workers often end together, so their events are handled
/// in one pass.
const TOGETHER: Duration = Duration::from_millis(10);

/// A worker that the fleet reported as gone.
#[derive(Debug)]
pub struct Gone {
    pub slice_id: SliceId,
    pub result: Result<(), FleetError>,
}

/// The workers that the launcher of a run starts, and the events of their fleet.
#[derive(Debug)]
pub struct Crew {
    fleet: Arc<dyn Fleet>,
    plan: Arc<Plan>,
    sender: Events,
    receiver: mpsc::UnboundedReceiver<WorkerEvent>,
    /// The number of started workers whose end has not been reported.
    open: usize,
    receipts: Vec<Receipt>,
    /// Events that [`Crew::wait`] received and [`Crew::gone`] has not returned yet.
    early: Vec<WorkerEvent>,
}

impl Crew {
    /// A crew for a plan.
    pub fn new(fleet: Arc<dyn Fleet>, plan: Arc<Plan>) -> Crew {
        let (sender, receiver) = mpsc::unbounded_channel();
        Crew {
            fleet,
            plan,
            sender,
            receiver,
            open: 0,
            receipts: Vec::new(),
            early: Vec::new(),
        }
    }

    /// Starts the workers of these slices.
    pub fn launch(&mut self, slice_ids: impl IntoIterator<Item = SliceId>) {
        let workers: Vec<Placed> = slice_ids
            .into_iter()
            .map(|(shard, slice)| Placed {
                assignment: Assignment {
                    run: self.plan.run.clone(),
                    shard,
                    slice,
                },
                region: self.plan.region(shard).map(str::to_owned),
            })
            .collect();
        if workers.is_empty() {
            return;
        }
        self.open += workers.len();
        let within = self.plan.timing.start_timeout;
        self.fleet.start(Batch { workers, within }, &self.sender);
    }

    /// Returns all receipts of the platform, once the end of every worker was reported or `grace` has passed: an answer
    /// arrives a moment after the result that its worker stored.
    pub async fn receipts(&mut self, grace: Duration) -> Vec<Receipt> {
        let until = Instant::now() + grace;
        self.gone();
        while self.open > 0
            && let Ok(Some(event)) = tokio::time::timeout_at(until, self.receiver.recv()).await
        {
            self.note(event);
        }
        self.receipts.clone()
    }

    /// Returns the workers that have gone since the last call.
    pub fn gone(&mut self) -> Vec<Gone> {
        let mut gone = Vec::new();
        for event in std::mem::take(&mut self.early) {
            gone.extend(self.note(event));
        }
        while let Ok(event) = self.receiver.try_recv() {
            gone.extend(self.note(event));
        }
        gone
    }

    /// Waits at most `span` for the next event of the fleet, then a moment more for events that follow it.
    pub async fn wait(&mut self, span: Duration) {
        if self.early.is_empty()
            && let Ok(Some(event)) = tokio::time::timeout(span, self.receiver.recv()).await
        {
            self.early.push(event);
            tokio::time::sleep(TOGETHER).await;
        }
    }

    /// Returns why the worker of a slice is not ready, if the platform reports a reason.
    pub async fn why(&self, slice_id: SliceId) -> Option<FleetError> {
        self.fleet.why(slice_id).await
    }

    /// Withdraws the workers that have not begun.
    pub async fn withdraw(&self) {
        self.fleet.withdraw(&self.plan.run).await;
    }

    fn note(&mut self, event: WorkerEvent) -> Option<Gone> {
        let (slice_id, result) = match event {
            WorkerEvent::Billed(receipt) => {
                self.receipts.push(receipt);
                return None;
            }
            WorkerEvent::Ended(slice_id) => (slice_id, Ok(())),
            WorkerEvent::Failed(slice_id, error) => (slice_id, Err(error)),
        };
        self.open = self.open.saturating_sub(1);
        Some(Gone { slice_id, result })
    }
}
