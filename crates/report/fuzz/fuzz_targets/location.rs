//! Decodes arbitrary bytes as a stored location.

#![no_main]

#[expect(dead_code, reason = "each target uses one function")]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::location(bytes));
