//! The whole run on paused time: the real planner, worker, launcher, follower, merge and report over a
//! store in memory, with a scripted engine that keeps the truth and a fleet that loses, doubles,
//! delays and kills what it is asked to start.
//!
//! [`world`] says what happens to a run, [`run`] lets it happen, [`truth`] is what the engine saw,
//! and [`laws`] are what must hold whatever happened. `single` names one fault at a time; `soup`
//! mixes them from a seed (`SEED=7 tests/run soup` tries one again). `mutations` changes what a run has stored.

mod hosts;
mod laws;
mod mutations;
mod presence;
mod run;
mod single;
mod soup;
mod starts;
mod succession;
mod truth;
mod users;
mod weather;
mod world;
