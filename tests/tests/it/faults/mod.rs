//! Whole runs through every fault that the Lambda API, the functions and the store are known to have.
//!
//! The command line, the function's own program, an S3 server and the target are real processes; between them stand a
//! Lambda service and a proxy in front of S3 that do to each request what the test says. Whatever happens, the command
//! ends by itself, the verdict is right, nothing is counted twice, and nothing is lost unnamed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(
    clippy::print_stdout,
    reason = "a test that fails says which seed it had, and how fast it was"
)]

mod cloud;
mod doctor;
mod fan_out;
mod functions;
mod invocations;
mod mixtures;
mod own_store;
mod regions;
mod stand_in;
mod store;
