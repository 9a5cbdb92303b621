//! What every fleet does: it starts workers, reports what its platform says of them, and takes back what has not begun.
//!
//! A fleet knows nothing of the load and reads nothing from the store: what becomes of a slice is there, and the
//! launcher looks. Words of one platform stay in the file of its fleet.

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

/// Starts workers.
pub trait Fleet: fmt::Debug + Send + Sync {
    /// The name of its kind, as in plans and reports.
    fn name(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// Checks that its workers can reach a store. Nothing is sent.
    ///
    /// # Errors
    /// When they cannot, with what to change.
    fn check_store(&self, _store: &Location) -> Result<(), FleetError> {
        Ok(())
    }

    /// Checks that it can run a scenario. Nothing is sent.
    ///
    /// # Errors
    /// When it cannot, with what to change.
    fn check(&self, _scenario: &Scenario) -> Result<(), FleetError> {
        Ok(())
    }

    /// Looks at all that the workers of a run need, and starts none of them.
    fn inspect<'a>(&'a self, _demand: &'a Demand<'a>) -> Pending<'a, Vec<Finding>> {
        Box::pin(async { Vec::new() })
    }

    /// Begins to start the workers of many assignments, and returns at once. Each of them sends one [`WorkerEvent::Ended`] or
    /// [`WorkerEvent::Failed`], whenever that is, unless its fleet cannot tell.
    fn start(&self, batch: Batch, events: &Events);

    /// Explains why the worker of a slice is not in, as far as the platform tells.
    fn why(&self, slice_id: SliceId) -> Pending<'_, Option<FleetError>>;

    /// Makes sure that no worker of a run begins any more that has not begun. Those that have read the stop in the store.
    fn withdraw(&self, run: &str) -> Pending<'_, ()>;
}

/// The answer of a fleet, which may take a while.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where a fleet sends its events.
pub type Events = mpsc::UnboundedSender<WorkerEvent>;

/// What a fleet can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The most workers at once.
    pub workers_max: u32,
    /// The longest that one worker may live, if there is a limit.
    pub lifetime: Option<Lifetime>,
    /// How long to wait for workers, unless the user says.
    pub start_timeout: Duration,
    /// How often workers store a snapshot, unless the user says.
    pub snapshot_interval: Duration,
    /// By what its workers are paid for, where they are.
    pub price: Option<PaidBy>,
    /// Whether a launch looks at the fleet first ([`Fleet::inspect`]).
    pub inspected: bool,
    /// Whether it starts workers at all; if not, somebody else does.
    pub starts_workers: bool,
}

/// How long a worker may live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    pub max: Duration,
    /// What to change for a longer life.
    pub hint: &'static str,
}

/// By what workers are paid for. What is `None` is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidBy {
    pub region: Option<String>,
    pub memory_mb: Option<u32>,
    pub architecture: Option<Architecture>,
}

/// Workers that are started by one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub workers: Vec<Placed>,
    /// How long a start is tried: a worker that begins later is of no use.
    pub within: Duration,
}

/// A worker, and where it is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub assignment: Assignment,
    /// The region that the plan has for it; `None` for the fleet's own.
    pub region: Option<String>,
}

impl Placed {
    /// The shard and the slice.
    pub fn slice_id(&self) -> SliceId {
        (self.assignment.shard, self.assignment.slice)
    }
}

/// What the platform said of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerEvent {
    /// The worker has ended.
    Ended(SliceId),
    /// The worker did not start, or ended without having done its work.
    Failed(SliceId, FleetError),
    /// What an invocation of the worker cost.
    Billed(Receipt),
}

/// Which kind of failure a fleet reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// It was not started, and asking again does not help: what was asked is wrong, was refused, or was withdrawn.
    Refused,
    /// The platform had no room for it in time.
    Throttled,
    /// The platform could not be reached. An earlier try may have reached it.
    Unreachable,
    /// It began, and ended before its work was done.
    Died,
    /// The answer of the platform was lost or says nothing of the worker, which may run.
    Lost,
}

/// Why a fleet could not do what was asked of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct FleetError {
    pub kind: FailureKind,
    /// A fragment: what failed, on what.
    pub problem: String,
    /// What to change, where something helps.
    pub hint: Option<String>,
}

impl FleetError {
    /// An error without a hint.
    pub fn new(kind: FailureKind, problem: impl fmt::Display) -> FleetError {
        FleetError {
            kind,
            problem: problem.to_string(),
            hint: None,
        }
    }

    /// The same error with a hint.
    #[must_use]
    pub fn hint(self, hint: impl fmt::Display) -> FleetError {
        FleetError {
            hint: Some(hint.to_string()),
            ..self
        }
    }

    /// Whether the worker may run all the same. The store tells.
    pub fn leaves_doubt(&self) -> bool {
        matches!(self.kind, FailureKind::Unreachable | FailureKind::Lost)
    }
}

/// What a fleet is opened for.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    pub options: &'a FleetOptions,
    pub scenario: &'a Scenario,
    pub store: &'a Location,
    /// The program of workers that run on this machine.
    pub program: &'a Path,
}

/// A kind of fleet: what `--fleet` names.
pub trait FleetKind: fmt::Debug + Send + Sync {
    /// The word for it on the command line, in plans and in reports.
    fn name(&self) -> &'static str;

    /// Where its workers run, in a line of the help.
    fn about(&self) -> &'static str;

    /// What helps its workers when they have no processor time left; `None` for what helps on any fleet.
    fn processor_hint(&self) -> Option<&'static str> {
        None
    }

    /// Whether a fleet of this kind has been deployed for the user, so that a command that only looks means it.
    fn is_deployed(&self, _options: &FleetOptions) -> bool {
        false
    }

    /// The store with which the fleet was deployed, if it was deployed with one.
    ///
    /// # Errors
    /// When the file that says so cannot be read.
    fn store(&self, _options: &FleetOptions) -> Result<Option<String>, FleetError> {
        Ok(None)
    }

    /// Opens a fleet of this kind. Files are read; nobody is talked to.
    fn open<'a>(&'a self, opening: Opening<'a>) -> Pending<'a, Result<Arc<dyn Fleet>, FleetError>>;
}
