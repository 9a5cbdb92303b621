//! The state of a run in progress, in the form that is exported to other systems: an [`Exposure`].
//!
//! Invariant: every count is cumulative since the start of the run (T0), and never decreases from one exposure of a run
//! to the next. Measured requests are counted as in the report. The last exposure of a run has `ended` set to true, and
//! equals the report.

use tally::flow::FlowTally;
use tally::tally::{Counts, RequestTally};
use tally::waits::{LagParts, Openings};

/// The state of a run at one moment.
#[derive(Clone, Debug)]
pub struct Exposure {
    pub run: String,
    pub scenario: String,
    pub fleet: String,
    /// When the run had this state, in nanoseconds since the Unix epoch.
    pub at: u64,
    /// The start of the run (T0), in nanoseconds since the Unix epoch.
    pub started: u64,
    /// The number of measured arrivals that are due so far. `None` for a closed load, in which users send requests.
    pub planned: Option<u64>,
    pub workers: WorkerNumbers,
    /// The measurements of each request in each region.
    pub cells: Vec<Cell>,
    /// The measurements of each flow in each region. Empty if the scenario has no flows.
    pub flows: Vec<FlowCell>,
    /// How late the requests were sent (lag), and how long opening connections took, for each region.
    pub waits: Vec<Waits>,
    /// The counts of requests during warm-up and cool-down, by region. No other number includes these counts.
    pub unmeasured: Vec<(Option<String>, Counts)>,
    /// Whether the run is over. If the run is over, no exposure follows.
    pub ended: bool,
}

/// The numbers of workers, by the state of the worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerNumbers {
    /// The number of planned workers.
    pub planned: u32,
    /// The number of workers that have prepared. Workers in any later state are included.
    pub ready: u32,
    /// The number of workers that have stored the results of all their slices.
    pub done: u32,
    /// The number of workers that were not ready at the start, that are overdue, or that were lost.
    pub missing: u32,
}

/// The measurements of all requests with one name in one region.
#[derive(Clone, Debug)]
pub struct Cell {
    pub request: String,
    /// The region of the workers. `None` if the run has no regions.
    pub region: Option<String>,
    pub tally: RequestTally,
}

/// The measurements of all flows with one name in one region.
#[derive(Clone, Debug)]
pub struct FlowCell {
    pub flow: String,
    /// The region of the workers. `None` if the run has no regions.
    pub region: Option<String>,
    pub tally: FlowTally,
}

/// How late the requests of one region were sent (lag), and how long opening their connections took.
#[derive(Clone, Debug)]
pub struct Waits {
    /// The region of the workers. `None` if the run has no regions.
    pub region: Option<String>,
    pub lag: LagParts,
    pub openings: Openings,
}
