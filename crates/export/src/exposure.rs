//! What is shown to other systems of a run that is on its way: one [`Exposure`].
//!
//! The law: every count is cumulative since T0, never decreases from one exposure of a run to the
//! next, and counts measured requests as the report does. The last one, which has `ended`, equals
//! the report.

use tally::tally::{Counts, RequestTally};
use tally::waits::{LagParts, Openings};

/// The state of a run at one moment.
#[derive(Clone, Debug)]
pub struct Exposure {
    pub run: String,
    pub scenario: String,
    pub fleet: String,
    /// When this was true, in nanoseconds since the Unix epoch.
    pub at: u64,
    /// T0, in the same time.
    pub started: u64,
    /// Measured arrivals that have been due so far; `None` for a closed load.
    pub planned: Option<u64>,
    pub workers: WorkerNumbers,
    /// One for each pair of a request and a region.
    pub cells: Vec<Cell>,
    /// One for each region.
    pub waits: Vec<Waits>,
    /// What warm-up and cool-down sent, by region: in no other number here.
    pub unmeasured: Vec<(Option<String>, Counts)>,
    /// Whether the run is over, and this its last state.
    pub ended: bool,
}

/// How many workers are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerNumbers {
    /// Asked for.
    pub planned: u32,
    /// Have prepared, whatever became of them.
    pub ready: u32,
    /// Have stored the results of all their windows.
    pub done: u32,
    /// Were not in at the start, are overdue, or were lost.
    pub missing: u32,
}

/// What happened to the requests of one name in one region.
#[derive(Clone, Debug)]
pub struct Cell {
    pub request: String,
    /// `None` where the load is not shared among regions.
    pub region: Option<String>,
    pub tally: RequestTally,
}

/// What requests of one region waited for.
#[derive(Clone, Debug)]
pub struct Waits {
    /// `None` where the load is not shared among regions.
    pub region: Option<String>,
    pub lag: LagParts,
    pub openings: Openings,
}
