//! A suite of cases that every fleet must pass, and a test of the steps that add a fleet.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod adding;
mod emulator;
mod kubernetes;
mod local;
mod suite;
mod table;
mod threads;
