//! Decodes arbitrary bytes as a stored report.

#![no_main]

#[expect(dead_code, reason = "each target uses one function")]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::report(bytes));
