//! Whole runs, and the rules that the tree keeps. One binary: linking costs more than most tests.

mod book;
mod end_to_end;
mod export;
mod faults;
mod fleets;
mod infra;
mod pages;
mod real_servers;
mod release;
mod simulation;
mod tidy;
mod tidy_circles;
mod tidy_wire;
mod truth;
mod words;
