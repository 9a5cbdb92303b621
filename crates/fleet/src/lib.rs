//! Where do workers run? A fleet does one thing: it makes workers start. There is one file for each ([`kinds`]).
//!
//! The rest is the same for all of them and goes through the store: [`launch`] writes the plan,
//! waits until the workers are in and writes the start; [`follow`] reads what they write until the
//! run is over; [`gather`] is what is known of a run, from the store alone.

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
