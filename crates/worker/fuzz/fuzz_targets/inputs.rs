//! The format of the fuzzer's input.
//!
//! Bits of the first byte: the connection ends after the answer (1), the answer is to a HEAD request (2), and the
//! number of body bytes that are accepted (the rest). The next three bytes are the lengths of the pieces, used in turn.
//! The rest is the answer.

use test_engines::exchange::Exchange;

/// The exchange of an input, and the number of body bytes that are accepted.
pub fn exchange(input: &[u8]) -> Option<(Exchange<'_>, usize)> {
    let (&[how, lengths @ ..], answer) = input.split_first_chunk::<4>()?;
    let exchange = Exchange {
        pieces: pieces(answer, lengths),
        ends: how & 1 == 1,
        head_request: how & 2 == 2,
    };
    Some((exchange, usize::from(how >> 2)))
}

/// Splits an answer into pieces; a length of 0 means the whole rest.
fn pieces(mut rest: &[u8], lengths: [u8; 3]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    for length in lengths.into_iter().cycle() {
        let length = match usize::from(length) {
            0 => rest.len(),
            length => length.min(rest.len()),
        };
        let (piece, after) = rest.split_at(length);
        pieces.push(piece);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    pieces
}
