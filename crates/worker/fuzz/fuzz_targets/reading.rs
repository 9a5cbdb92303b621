//! Reads any bytes, in any pieces. The result must not depend on the pieces, and the reader must not panic.

#![no_main]

mod inputs;

use test_engines::exchange::{Exchange, indifferent_to_cuts};
use libfuzzer_sys::fuzz_target;
use worker::reading::{Bad, ReadProgress, AnswerReader};

fuzz_target!(|input: &[u8]| {
    if let Some((exchange, taken)) = inputs::exchange(input) {
        let seen = indifferent_to_cuts(&exchange);
        let length = seen.body.len();
        assert_eq!(
            is_refused(&exchange, taken),
            length > taken,
            "{taken} of {length} bytes are accepted"
        );
    }
});

/// Returns whether a body larger than `limit` is refused. After the refusal, no more bytes of the body may be passed
/// on.
fn is_refused(exchange: &Exchange<'_>, limit: usize) -> bool {
    let mut reading = AnswerReader::new();
    reading.begin(exchange.head_request, false, false);
    let (mut taken, mut refused) = (0, false);
    for piece in &exchange.pieces {
        let progress = reading.feed(piece, &mut |data: &[u8]| {
            assert!(!refused, "a body continues after it was refused");
            taken += data.len();
            refused = taken > limit;
            !refused
        });
        assert_eq!(progress == Err(Bad::Refused), refused);
        assert_eq!(reading.location(), None);
        if progress != Ok(ReadProgress::More) {
            break;
        }
    }
    refused
}
