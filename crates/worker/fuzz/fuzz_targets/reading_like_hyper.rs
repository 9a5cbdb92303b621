//! Reads any bytes, in any pieces. `AnswerReader` and hyper's client must return the same result.

#![no_main]

mod inputs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Some((exchange, _)) = inputs::exchange(input) {
        test_engines::oracle::agree(&exchange);
        test_engines::exchange::indifferent_to_cuts(&exchange);
    }
});
