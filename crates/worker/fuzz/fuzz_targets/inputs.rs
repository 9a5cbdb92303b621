//! The format of the fuzzer's input.
//!
//! The first byte contains three values. Bit 0 is whether the connection ends after the answer. Bit 1 is whether the
//! answer belongs to a HEAD request. The other bits are the number of body bytes that are accepted. The next three
//! bytes are the lengths of the pieces, and are used in turn. The remaining bytes are the answer.

use test_engines::exchange::Exchange;

/// Returns the exchange that an input describes, and the number of body bytes that are accepted.
pub fn exchange(input: &[u8]) -> Option<(Exchange<'_>, usize)> {
    let (&[how, lengths @ ..], answer) = input.split_first_chunk::<4>()?;
    let exchange = Exchange {
        pieces: pieces(answer, lengths),
        ends: how & 1 == 1,
        head_request: how & 2 == 2,
    };
    Some((exchange, usize::from(how >> 2)))
}

/// Splits an answer into pieces of these lengths. The length 0 means all remaining bytes.
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
