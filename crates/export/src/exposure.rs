//! The state of a run in progress, as other systems receive it: an [`Exposure`].
//!
//! Invariant: every count is cumulative since T0 and never decreases from one exposure of a run to the next. The
//! measured requests are counted as in the report. The last exposure, in which `ended` is true, equals the report.

use tally::flow::FlowTally;
use tally::tally::{Counts, RequestTally};
use tally::waits::{LagParts, Openings};

/// The state of a run at one moment.
#[derive(Clone, Debug)]
pub struct Exposure {
    pub run: String,
    pub scenario: String,
    pub fleet: String,
    /// The time of the state, in nanoseconds since the Unix epoch.
    pub at: u64,
    /// T0, in nanoseconds since the Unix epoch.
    pub started: u64,
    /// The number of measured arrivals that are due so far; `None` for a closed load.
    pub planned: Option<u64>,
    pub workers: WorkerNumbers,
    /// One tally for each pair of a request and a region.
    pub cells: Vec<Cell>,
    /// One tally for each pair of a flow and a region; empty if the scenario has no flows.
    pub flows: Vec<FlowCell>,
    /// The lag and the connection openings of each region.
    pub waits: Vec<Waits>,
    /// The counts of warm-up and cool-down by region. No other number includes these counts.
    pub unmeasured: Vec<(Option<String>, Counts)>,
    /// Whether the run is over. If it is, this exposure is the last one.
    pub ended: bool,
}

/// The numbers of workers by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerNumbers {
    /// The number of all planned workers.
    pub planned: u32,
    /// The number of workers that have prepared. Workers in any later state are included.
    pub ready: u32,
    /// The number of workers that have stored the results of all their slices.
    pub done: u32,
    /// The number of workers that were not ready at the start, are overdue, or were lost.
    pub missing: u32,
}

/// The tally of the requests of one name in one region.
#[derive(Clone, Debug)]
pub struct Cell {
    pub request: String,
    /// The region; `None` if the run has no regions.
    pub region: Option<String>,
    pub tally: RequestTally,
}

/// The tally of the flows of one name in one region.
#[derive(Clone, Debug)]
pub struct FlowCell {
    pub flow: String,
    /// The region; `None` if the run has no regions.
    pub region: Option<String>,
    pub tally: FlowTally,
}

/// The lag and the connection openings of one region.
#[derive(Clone, Debug)]
pub struct Waits {
    /// The region; `None` if the run has no regions.
    pub region: Option<String>,
    pub lag: LagParts,
    pub openings: Openings,
}
