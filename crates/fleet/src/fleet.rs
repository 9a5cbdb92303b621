//! The interface of a fleet: it starts workers, reports the events of its platform, and withdraws workers that have not
//! begun.
//!
//! A fleet is independent of the load and reads nothing from the store: the launcher reads the state of each slice
//! there. The terms of one platform stay in the file of its fleet.

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

/// A fleet that starts workers.
pub trait Fleet: fmt::Debug + Send + Sync {
    /// Returns the name of its kind, as in plans and reports.
    fn name(&self) -> &'static str;

    /// Returns the limits and abilities of the fleet.
    fn capabilities(&self) -> &Capabilities;

    /// Checks that its workers can reach a store, without sending a request.
    ///
    /// # Errors
    /// When they cannot; the hint names the change that helps.
    fn check_store(&self, _store: &Location) -> Result<(), FleetError> {
        Ok(())
    }

    /// Checks that it can run a scenario, without sending a request.
    ///
    /// # Errors
    /// When it cannot; the hint names the change that helps.
    fn check(&self, _scenario: &Scenario) -> Result<(), FleetError> {
        Ok(())
    }

    /// Checks everything that the workers of a run need, without starting a worker.
    fn inspect<'a>(&'a self, _demand: &'a Demand<'a>) -> Pending<'a, Vec<Finding>> {
        Box::pin(async { Vec::new() })
    }

    /// Begins to start the workers of many assignments, and returns at once. Each worker later causes one
    /// [`WorkerEvent::Ended`] or [`WorkerEvent::Failed`], unless the fleet cannot observe its end.
    fn start(&self, batch: Batch, events: &Events);

    /// Returns why the worker of a slice is not ready, if the platform reports a reason.
    fn why(&self, slice_id: SliceId) -> Pending<'_, Option<FleetError>>;

    /// Withdraws the workers of a run that have not begun. Workers that have begun read the stop in the store.
    fn withdraw(&self, run: &str) -> Pending<'_, ()>;
}

/// A pending answer of a fleet.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The channel to which a fleet sends its events.
pub type Events = mpsc::UnboundedSender<WorkerEvent>;

/// The limits and abilities of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The maximum number of concurrent workers.
    pub workers_max: u32,
    /// The maximum lifetime of one worker, if the platform has one.
    pub lifetime: Option<Lifetime>,
    /// The default start timeout.
    pub start_timeout: Duration,
    /// The default snapshot interval of its workers.
    pub snapshot_interval: Duration,
    /// The facts that decide the price of a worker, on a platform that bills for workers.
    pub price: Option<PaidBy>,
    /// Whether a launch calls [`Fleet::inspect`] first.
    pub inspected: bool,
    /// Whether it starts workers; if not, the user or a scheduler does.
    pub starts_workers: bool,
}

/// The lifetime limit of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    pub max: Duration,
    /// The change that allows a longer lifetime.
    pub hint: &'static str,
}

/// The facts that decide the price of a worker; `None` where a fact is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidBy {
    pub region: Option<String>,
    pub memory_mb: Option<u32>,
    pub architecture: Option<Architecture>,
}

/// The workers that one call starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub workers: Vec<Placed>,
    /// The time within which a worker must begin; a worker that begins later misses the start timeout.
    pub within: Duration,
}

/// A worker and its region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub assignment: Assignment,
    /// The region that the plan names for it; `None` for the default region of the fleet.
    pub region: Option<String>,
}

impl Placed {
    /// Returns the shard and the slice.
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
    /// The worker was not started, and a retry does not help: the request is wrong, was refused, or was withdrawn.
    Refused,
    /// The platform had no capacity for the worker in time.
    Throttled,
    /// The platform could not be reached. An earlier attempt may have reached it.
    Unreachable,
    /// The worker began, and ended before its work was done.
    Died,
    /// The answer of the platform was lost or does not describe the worker; the worker may be running.
    Lost,
}

/// An error of a fleet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct FleetError {
    pub kind: FailureKind,
    /// A fragment that names the failure and the value on which it happened.
    pub problem: String,
    /// The change that helps, if one is known.
    pub hint: Option<String>,
}

impl FleetError {
    /// Returns an error without a hint.
    pub fn new(kind: FailureKind, problem: impl fmt::Display) -> FleetError {
        FleetError {
            kind,
            problem: problem.to_string(),
            hint: None,
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

    /// Returns whether the worker may be running despite the error. The store shows whether it is.
    pub fn leaves_doubt(&self) -> bool {
        matches!(self.kind, FailureKind::Unreachable | FailureKind::Lost)
    }
}

/// The inputs with which a fleet is opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    pub options: &'a FleetOptions,
    pub scenario: &'a Scenario,
    pub store: &'a Location,
    /// The program of workers that run on this machine.
    pub program: &'a Path,
}

/// A kind of fleet, named by `--fleet`.
pub trait FleetKind: fmt::Debug + Send + Sync {
    /// Returns its name on the command line, in plans and in reports.
    fn name(&self) -> &'static str;

    /// Returns one line for the help: where its workers run.
    fn about(&self) -> &'static str;

    /// Returns the hint for workers without processor time left; `None` for the general hint.
    fn processor_hint(&self) -> Option<&'static str> {
        None
    }

    /// Returns whether a fleet of this kind is deployed. A read-only command without `--fleet` then uses it.
    fn is_deployed(&self, _options: &FleetOptions) -> bool {
        false
    }

    /// Returns the store with which the fleet was deployed, if any.
    ///
    /// # Errors
    /// When the file that names the store cannot be read.
    fn store(&self, _options: &FleetOptions) -> Result<Option<String>, FleetError> {
        Ok(None)
    }

    /// Opens a fleet of this kind. It reads files and opens no connection.
    fn open<'a>(&'a self, opening: Opening<'a>) -> Pending<'a, Result<Arc<dyn Fleet>, FleetError>>;
}
