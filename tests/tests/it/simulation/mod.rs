//! Whole runs on paused time: the real planner, worker, launcher, follower, merge and report, with a store in memory, a
//! scripted engine that records every request, and a fleet that loses, duplicates, delays and kills workers.
//!
//! [`world`] describes the load and the faults of a run, [`run`] simulates it, [`truth`] is the record of the engine,
//! and [`invariants`] hold for every run. `single` has one fault per test; `mixtures` draws many from a seed (`SEED=7
//! tests/run simulation::mixtures` repeats one). `mutations` modifies the stored documents of a run.

mod flows;
mod hosts;
mod invariants;
mod mixtures;
mod mutations;
mod outages;
mod populations;
mod presence;
mod run;
mod single;
mod starts;
mod succession;
mod truth;
mod users;
mod world;
