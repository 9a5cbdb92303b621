//! The scenario, its plan and its cost. The plan determines which requests each worker sends, and when. Every function
//! in this crate is a pure function of its input. The crate uses no I/O, no clock, no randomness without a seed, and no
//! async code.

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
pub mod large_feeds;
pub mod limits;
pub mod mix;
pub mod oauth;
mod permutation;
pub mod plan;
pub mod planning;
pub mod population;
pub mod rate;
pub mod region;
pub mod rows;
pub mod rules;
pub mod scenario;
pub mod scenario_file;
pub mod schedule;
pub mod secret;
pub mod sessions;
pub mod sha256;
pub mod span;
pub mod target_script;
pub mod template;
pub mod threshold;
pub mod token;
pub mod usage;
pub mod users;
pub mod wire;
