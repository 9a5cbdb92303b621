//! Starts the workers of a run, and follows the run. A fleet starts workers, reports when they end, and withdraws
//! workers that have not begun. Each kind of fleet is one file or folder ([`kinds`]).
//!
//! All other code is the same for all kinds of fleets, and uses the store. [`launch`] writes the plan, waits until the
//! workers are ready, and writes the start. [`follow`] reads the objects of the workers until the run is over.
//! [`gather`] reads the record of a run from the store alone.

mod abort;
mod absent;
pub mod crew;
pub mod elsewhere;
pub mod finding;
pub mod fleet;
pub mod follow;
pub mod gather;
pub mod heartbeat;
mod intervals;
pub mod kinds;
pub mod kubernetes;
pub mod lambda;
pub mod launch;
pub mod local;
pub mod merged;
pub mod options;
pub mod presence;
pub mod record;
pub mod slice_record;
pub mod stop;
mod under_way;
