//! Tests of whole runs with every known fault of the Lambda API, of the functions and of the store.
//!
//! The command line, the program of the function, the S3 server and the target are real processes. A stand-in for
//! Lambda and a proxy in front of S3 inject the faults of each test.
//!
//! With every fault, the command ends on its own, and the verdict is correct. No request is counted twice, and every
//! lost request is reported.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]
#![expect(clippy::print_stdout, reason = "a failing test prints its seed and its duration")]

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
