//! Conducts a run, from the request to the report. A command line, an operator or a controller can use this crate.
//!
//! This crate does not parse arguments, print, handle signals or exit the process. Its main modules are used in this
//! order: [`prepare`] checks everything and publishes the plan; [`conduct`] starts the workers and follows the run;
//! [`conclude`] makes the report. The module [`trial`] sends a single arrival. The modules [`watching`], [`live_view`]
//! and [`exposing`] show a run while it is followed.

pub mod account;
pub mod builtin;
pub mod calibrate;
pub mod capacity;
pub mod conclude;
pub mod conduct;
pub mod cost;
pub mod deployment;
pub mod environment;
pub mod error;
pub mod examine;
pub mod exposing;
pub mod list;
pub mod live_view;
pub mod operator;
pub mod order;
pub mod prepare;
pub mod run_id;
pub mod stopping;
pub mod stored;
pub mod summary;
pub mod trial;
pub mod watching;
