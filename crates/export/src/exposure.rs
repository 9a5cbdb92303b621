//! The state of a running run for other systems: one [`Exposure`].
//!
//! Invariant: every count is cumulative since T0, never decreases from one exposure of a run to the next, and counts
//! measured requests as the report does. The last exposure, with `ended`, equals the report.

use tally::flow::FlowTally;
use tally::tally::{Counts, RequestTally};
use tally::waits::{LagParts, Openings};

/// The state of a run at one moment.
#[derive(Clone, Debug)]
pub struct Exposure {
    pub run: String,
    pub scenario: String,
    pub fleet: String,
    /// The time of this state, in nanoseconds since the Unix epoch.
    pub at: u64,
    /// T0, in nanoseconds since the Unix epoch.
    pub started: u64,
    /// The number of measured arrivals due so far; `None` for a closed load.
    pub planned: Option<u64>,
    pub workers: WorkerNumbers,
    /// One for each pair of a request and a region.
    pub cells: Vec<Cell>,
    /// One for each pair of a flow and a region; empty for a scenario without flows.
    pub flows: Vec<FlowCell>,
    /// One for each region.
    pub waits: Vec<Waits>,
    /// The counts of warm-up and cool-down by region, which no other number includes.
    pub unmeasured: Vec<(Option<String>, Counts)>,
    /// Whether the run is over and this is its last state.
    pub ended: bool,
}

/// The numbers of workers by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerNumbers {
    /// All planned workers.
    pub planned: u32,
    /// Workers that have prepared, in any later state.
    pub ready: u32,
    /// Workers that have stored the results of all their slices.
    pub done: u32,
    /// Workers that were not ready at the start, are overdue, or were lost.
    pub missing: u32,
}

/// The tally of the requests of one name in one region.
#[derive(Clone, Debug)]
pub struct Cell {
    pub request: String,
    /// `None` for a run without regions.
    pub region: Option<String>,
    pub tally: RequestTally,
}

/// The tally of the flows of one name in one region.
#[derive(Clone, Debug)]
pub struct FlowCell {
    pub flow: String,
    /// `None` for a run without regions.
    pub region: Option<String>,
    pub tally: FlowTally,
}

/// The lag and the connection openings of one region.
#[derive(Clone, Debug)]
pub struct Waits {
    /// `None` for a run without regions.
    pub region: Option<String>,
    pub lag: LagParts,
    pub openings: Openings,
}
