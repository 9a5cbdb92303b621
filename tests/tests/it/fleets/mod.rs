//! What holds on every fleet, as one suite of cases; and what an engineer does who adds a fleet.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod adding;
mod emulator;
mod local;
mod suite;
mod table;
mod threads;
