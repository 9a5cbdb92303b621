//! The interface of a fleet. A fleet starts workers, reports the events of its platform, and withdraws workers that
//! have not begun.
//!
//! A fleet does not depend on the load and reads nothing from the store. The launcher reads the state of each slice
//! from the store. In this crate, only the code and the options of a fleet use the names of its platform.

use crate::finding::{Demand, Finding};
use crate::gather::SliceId;
use crate::options::FleetOptions;
use plan::cost::Architecture;
use plan::scenario::Scenario;
use std::fmt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use store::Location;
use tally::account::Receipt;
use tokio::sync::mpsc;
use worker::assignment::Assignment;

/// A fleet: starts workers, and reports when they end.
pub trait Fleet: fmt::Debug + Send + Sync {
    /// Returns the name of the kind of fleet, as plans and reports contain it.
    fn name(&self) -> &'static str;

    /// Returns the limits and abilities of the fleet.
    fn capabilities(&self) -> &Capabilities;

    /// Checks whether the workers of the fleet can reach a store. No request is sent.
    ///
    /// # Errors
    /// Fails if the workers cannot reach the store. The hint of the error names a correction.
    fn check_store(&self, _store: &Location) -> Result<(), FleetError> {
        Ok(())
    }

    /// Checks whether the fleet can run a scenario. No request is sent.
    ///
    /// # Errors
    /// Fails if the fleet cannot run the scenario. The hint of the error names a correction.
    fn check(&self, _scenario: &Scenario) -> Result<(), FleetError> {
        Ok(())
    }

    /// Checks whether the fleet meets the requirements of a run. No worker is started.
    fn inspect<'a>(&'a self, _demand: &'a Demand<'a>) -> Pending<'a, Vec<Finding>> {
        Box::pin(async { Vec::new() })
    }

    /// Begins to start the workers of a batch, and returns at once. For each worker, the fleet later sends one
    /// [`WorkerEvent::Ended`] or [`WorkerEvent::Failed`], unless the fleet cannot observe the end of the worker.
    fn start(&self, batch: Batch, events: &Events);

    /// Begins to send the events of workers that another process has started, and returns at once. No worker is started.
    /// Only a fleet whose platform shows such workers does this.
    fn observe(&self, _batch: Batch, _events: &Events) {}

    /// Returns the reason why the worker of a slice is not ready; `None` if the platform reports no reason.
    fn why(&self, slice_id: SliceId) -> Pending<'_, Option<FleetError>>;

    /// Withdraws the workers of a run that have not begun. A worker that has begun stops when it reads the run's stop
    /// in the store. If `has_started` is true, running workers may be sending requests. These workers must be able to
    /// store their results.
    fn withdraw(&self, run: &str, has_started: bool) -> Pending<'_, ()>;
}

/// The future that a call to a fleet returns.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The channel on which a fleet sends its events.
pub type Events = mpsc::UnboundedSender<WorkerEvent>;

/// The limits and abilities of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The maximum number of workers that can run at the same time.
    pub workers_max: u32,
    /// The maximum lifetime of one worker; `None` if the platform has no maximum.
    pub lifetime: Option<Lifetime>,
    /// The default start timeout.
    pub start_timeout: Duration,
    /// The default snapshot interval of the fleet's workers.
    pub snapshot_interval: Duration,
    /// The facts that decide the price of a worker; `None` if the platform does not bill for workers.
    pub price: Option<PaidBy>,
    /// Whether the launcher calls [`Fleet::inspect`] before it starts a run.
    pub inspected: bool,
    /// Whether the fleet starts workers. If this is false, the user or a scheduler starts the workers.
    pub starts_workers: bool,
    /// Whether the platform replaces a worker that died before the start. If this is false, the launcher starts the
    /// replacement.
    pub replaces_workers: bool,
}

/// The maximum lifetime of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    pub max: Duration,
    /// A hint for the user on how to allow a longer lifetime.
    pub hint: &'static str,
}

/// The facts that decide the price of a worker. A fact is `None` if it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidBy {
    pub region: Option<String>,
    pub memory_mb: Option<u32>,
    pub architecture: Option<Architecture>,
}

/// The workers that one call of [`Fleet::start`] starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub workers: Vec<Placed>,
    /// The time within which a worker must begin. A worker that begins later would miss the start of the run.
    pub within: Duration,
    /// The maximum time from the start of the workers to the end of their last slice.
    pub lifetime: Duration,
}

/// A worker, with the region in which it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub assignment: Assignment,
    /// The region that the plan names for the worker; `None` for the default region of the fleet.
    pub region: Option<String>,
}

impl Placed {
    /// Returns the shard and the slice of the worker.
    pub fn slice_id(&self) -> SliceId {
        (self.assignment.shard, self.assignment.slice)
    }
}

/// An event that the platform reported about a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerEvent {
    /// The worker has ended.
    Ended(SliceId),
    /// The worker did not start, or ended before its work was done.
    Failed(SliceId, FleetError),
    /// The receipt of the platform for the worker.
    Billed(Receipt),
}

/// The kinds of failures that a fleet reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The worker was not started, and a retry would not help. The request to start the worker is wrong, was refused,
    /// or was withdrawn.
    Refused,
    /// The platform had no capacity for the worker within the available time.
    Throttled,
    /// The platform could not be reached. However, an earlier try of the same request may have reached the platform and
    /// started the worker.
    Unreachable,
    /// The worker ended with an error, and another worker would end with the same error.
    Failed,
    /// The worker was killed, has crashed, or was stopped by its host. Before the start of the run, another worker can
    /// replace it.
    Died,
    /// The answer of the platform was lost, or does not describe the worker. The worker may be running.
    Lost,
}

/// An error that a fleet reports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct FleetError {
    pub kind: FailureKind,
    /// A fragment of a sentence, which names the failure and the value that caused it.
    pub problem: String,
    /// A correction; `None` if none is known.
    pub hint: Option<String>,
    /// The name of the worker's host, as in the worker's claim; `None` if the fleet does not know the host. If the
    /// platform replaces workers, the host identifies the attempt that has the error.
    pub host: Option<String>,
}

impl FleetError {
    /// Returns an error without a hint.
    pub fn new(kind: FailureKind, problem: impl fmt::Display) -> FleetError {
        FleetError {
            kind,
            problem: problem.to_string(),
            hint: None,
            host: None,
        }
    }

    /// Returns the same error with a hint.
    #[must_use]
    pub fn hint(self, hint: impl fmt::Display) -> FleetError {
        FleetError {
            hint: Some(hint.to_string()),
            ..self
        }
    }

    /// Returns the same error with the host of the worker.
    #[must_use]
    pub fn on(self, host: &str) -> FleetError {
        FleetError {
            host: Some(host.to_owned()),
            ..self
        }
    }

    /// Returns whether the worker may be running despite the error. Only the store shows whether the worker is running.
    pub fn leaves_doubt(&self) -> bool {
        matches!(self.kind, FailureKind::Unreachable | FailureKind::Lost)
    }
}

/// The values from which a fleet is opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    pub options: &'a FleetOptions,
    pub scenario: &'a Scenario,
    pub store: &'a Location,
    /// The program that workers on this machine run.
    pub program: &'a Path,
}

/// A kind of fleet. The option `--fleet` selects a kind by its name.
pub trait FleetKind: fmt::Debug + Send + Sync {
    /// Returns the name of the kind on the command line, in plans and in reports.
    fn name(&self) -> &'static str;

    /// Returns one line for the help about where the workers of this kind run.
    fn about(&self) -> &'static str;

    /// Returns the hint for workers that have too little processor time; `None` for the general hint.
    fn processor_hint(&self) -> Option<&'static str> {
        None
    }

    /// Returns whether a fleet of this kind is deployed. If a fleet is deployed, a read-only command without `--fleet`
    /// uses its kind.
    fn is_deployed(&self, _options: &FleetOptions) -> bool {
        false
    }

    /// Returns the location of the store with which the fleet was deployed; `None` if no fleet of this kind was
    /// deployed with a store.
    ///
    /// # Errors
    /// Fails if the file that names the store cannot be read.
    fn store(&self, _options: &FleetOptions) -> Result<Option<String>, FleetError> {
        Ok(None)
    }

    /// Opens a fleet of this kind. Opening may read files, but opens no connection.
    fn open<'a>(&'a self, opening: Opening<'a>) -> Pending<'a, Result<Arc<dyn Fleet>, FleetError>>;
}
