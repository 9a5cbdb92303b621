//! Tests of whole runs and of the source code. All of these tests are in one binary, because linking a binary takes
//! longer than most tests.

mod book;
mod end_to_end;
mod export;
mod faults;
mod fleets;
mod infra;
mod kubernetes;
mod pages;
mod real_servers;
mod release;
mod simulation;
mod store_server;
mod tidy;
mod tidy_circles;
mod tidy_wire;
mod tidy_words;
mod truth;
mod words;
