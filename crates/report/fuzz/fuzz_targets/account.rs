//! An stored account, whatever its bytes are.

#![no_main]

#[expect(dead_code, reason = "each target has one of the laws")]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::small::<store::documents::Account>(bytes));
