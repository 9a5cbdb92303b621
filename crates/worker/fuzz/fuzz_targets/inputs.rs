//! What an input of the fuzzer means.
//!
//! Its first byte says whether the connection ends after the answer (1), whether that is to a HEAD request (2), and how
//! much of a body is taken (the rest). The next three are the lengths of the pieces, in turn. The rest is the answer.

use test_engines::exchange::Exchange;

/// What is sent, and how many bytes of its body are taken.
pub fn exchange(input: &[u8]) -> Option<(Exchange<'_>, usize)> {
    let (&[how, lengths @ ..], answer) = input.split_first_chunk::<4>()?;
    let exchange = Exchange {
        pieces: pieces(answer, lengths),
        ends: how & 1 == 1,
        head_request: how & 2 == 2,
    };
    Some((exchange, usize::from(how >> 2)))
}

/// A length of 0 stands for all that is left.
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
