//! The workers that the launcher of a run starts, and the events that their fleet reports.

use crate::fleet::{Batch, Events, Fleet, FleetError, Placed, WorkerEvent};
use crate::gather::SliceId;
use plan::plan::Plan;
use std::sync::Arc;
use std::time::Duration;
use tally::account::Receipt;
use tokio::sync::mpsc;
use tokio::time::Instant;
use worker::assignment::Assignment;

/// How long to wait for more events after the first event. Workers often end at the same time, so their events are
/// handled together.
const TOGETHER: Duration = Duration::from_millis(10);

/// A worker whose end the fleet has reported.
#[derive(Debug)]
pub struct Gone {
    pub slice_id: SliceId,
    pub result: Result<(), FleetError>,
}

/// The workers that the launcher of a run starts, and the events that their fleet reports.
#[derive(Debug)]
pub struct Crew {
    fleet: Arc<dyn Fleet>,
    plan: Arc<Plan>,
    /// Whether the crew starts workers.
    starts: bool,
    sender: Events,
    receiver: mpsc::UnboundedReceiver<WorkerEvent>,
    /// The number of started workers whose end has not been reported.
    open: usize,
    receipts: Vec<Receipt>,
    /// The events that [`Crew::wait`] has received and that [`Crew::gone`] has not returned yet.
    early: Vec<WorkerEvent>,
}

/// Returns the maximum time from the launch of the workers of a plan to the end of the last worker.
pub(crate) fn lifetime(plan: &Plan) -> Duration {
    let load = plan.slices.iter().map(|slice| slice.to).max().unwrap_or(0);
    plan.timing.start_timeout + Duration::from_nanos(load) + plan.arrival_max()
}

impl Crew {
    /// Returns a crew for the workers of a plan. This function starts no workers.
    pub fn new(fleet: Arc<dyn Fleet>, plan: Arc<Plan>) -> Crew {
        let (sender, receiver) = mpsc::unbounded_channel();
        Crew {
            fleet,
            plan,
            starts: true,
            sender,
            receiver,
            open: 0,
            receipts: Vec::new(),
            early: Vec::new(),
        }
    }

    /// Returns a crew for the workers that another process has started. The crew reports their ends and can withdraw
    /// them, and starts no workers.
    pub fn observing(fleet: Arc<dyn Fleet>, plan: Arc<Plan>) -> Crew {
        let crew = Crew {
            starts: false,
            ..Crew::new(fleet, plan)
        };
        let slice_ids = (0..crew.plan.shards).map(|shard| (shard, 0));
        crew.fleet.observe(crew.batch(slice_ids), &crew.sender);
        crew
    }

    /// Returns whether the crew starts workers.
    pub(crate) fn starts(&self) -> bool {
        self.starts
    }

    /// Returns whether the platform replaces a worker that died before the start.
    pub(crate) fn platform_replaces(&self) -> bool {
        self.fleet.capabilities().replaces_workers
    }

    /// Starts the workers for these slices. A crew that only observes starts no workers.
    pub fn launch(&mut self, slice_ids: impl IntoIterator<Item = SliceId>) {
        let batch = self.batch(slice_ids);
        if batch.workers.is_empty() || !self.starts {
            return;
        }
        self.open += batch.workers.len();
        self.fleet.start(batch, &self.sender);
    }

    fn batch(&self, slice_ids: impl IntoIterator<Item = SliceId>) -> Batch {
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
        Batch {
            workers,
            within: self.plan.timing.start_timeout,
            lifetime: lifetime(&self.plan),
        }
    }

    /// Waits until the fleet has reported the end of every worker, but not longer than `grace`. Then returns all
    /// receipts of the platform. The wait is required because the answer to an invocation arrives shortly after the
    /// result of its worker.
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

    /// Returns the workers whose end was reported since the last call.
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

    /// Waits at most `span` for the next event of the fleet. After an event, waits [`TOGETHER`] for more events.
    pub async fn wait(&mut self, span: Duration) {
        if self.early.is_empty()
            && let Ok(Some(event)) = tokio::time::timeout(span, self.receiver.recv()).await
        {
            self.early.push(event);
            tokio::time::sleep(TOGETHER).await;
        }
    }

    /// Returns the reason why the worker of a slice is not ready; `None` if the platform reports no reason.
    pub async fn why(&self, slice_id: SliceId) -> Option<FleetError> {
        self.fleet.why(slice_id).await
    }

    /// Withdraws the workers that have not begun. `has_started` is true if the run has started.
    pub async fn withdraw(&self, has_started: bool) {
        self.fleet.withdraw(&self.plan.run, has_started).await;
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
