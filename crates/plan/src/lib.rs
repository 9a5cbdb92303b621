//! What is sent, and when: the scenario, its plan and its cost. Everything here is a pure function of its input: no
//! I/O, no clock, no unseeded randomness, no async.

pub mod abort;
pub mod action;
pub mod authority;
pub mod capture;
pub mod condition;
pub mod cost;
mod curve;
pub mod delimiter;
pub mod description;
pub mod draw;
mod encoding;
pub mod flow;
pub mod form;
pub mod hosts;
pub mod json_path;
pub mod limits;
pub mod mix;
mod permutation;
pub mod plan;
pub mod rate;
pub mod region;
pub mod rows;
pub mod rules;
pub mod scenario;
pub mod scenario_file;
pub mod schedule;
pub mod secret;
pub mod sha256;
pub mod span;
pub mod target_script;
pub mod template;
pub mod threshold;
pub mod token;
pub mod usage;
pub mod users;
pub mod wire;
