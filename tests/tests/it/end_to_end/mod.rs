//! Tests of whole runs from the command line. The processes, the sockets, the S3 server and the functions are real.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod attempts;
mod auth;
mod bad_input;
mod certificates;
mod changed;
mod comparing;
mod completions;
pub(crate) mod conducting;
mod damage;
mod data;
mod days;
mod examples;
mod failing;
mod first_build;
mod first_run;
mod flow_reports;
mod flows;
mod hand_over;
mod importing;
mod journeys;
pub(crate) mod lambda;
mod large_feeds;
mod listing;
mod local;
mod logs;
mod losses;
mod older_stores;
mod permissions;
mod populations;
mod prepared;
mod real_inputs;
mod scenarios;
mod secrets;
mod settings;
mod signatures;
mod stopping;
mod target;
mod terminal;
mod trying;
mod without_file;
