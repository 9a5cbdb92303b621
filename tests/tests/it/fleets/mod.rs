//! A suite of test cases that every fleet must pass, and tests of the steps that add a kind of fleet.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod adding;
mod emulator;
mod kubernetes;
mod local;
mod suite;
mod table;
mod threads;
