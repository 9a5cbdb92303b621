//! Simulates whole runs on paused time.
//!
//! The planner, the worker, the launcher, the follower, the merge and the report are real. The store is in memory. The
//! engine follows a script and records every request. The fleet loses, duplicates, delays and kills workers.
//!
//! The module [`world`] describes the load and the faults of a run. [`run`] simulates the run. [`truth`] contains the
//! record of the engine. [`invariants`] contains the rules that apply to every run.
//!
//! In `single`, a test has at most one kind of fault. In `mixtures`, many faults are drawn from a seed. The command
//! `SEED=7 tests/run simulation::mixtures` repeats the run of seed 7. `mutations` modifies the stored documents of a
//! run.

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
