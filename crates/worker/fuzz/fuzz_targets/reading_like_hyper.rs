//! Whatever comes, in whatever pieces: hyper's client makes the same of it.

#![no_main]

#[path = "../../tests/it/reading_answers/exchange.rs"]
mod exchange;
mod inputs;
#[path = "../../tests/it/reading_answers/oracle.rs"]
mod oracle;
#[path = "../../src/reading.rs"]
mod reading;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Some((exchange, _)) = inputs::exchange(input) {
        oracle::agree(&exchange);
        exchange::indifferent_to_cuts(&exchange);
    }
});
