//! Tests of the text that a body must contain, at every position and with every content coding.

use super::target::{Reply, Target};
use crate::rig::{Expected, Rig, failed, ok, outcome};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use plan::scenario::Protocol;
use std::io::Write;
use tally::outcome::Failure;

for_each_engine! {
    a_text_is_found_after_the_first_megabyte_and_across_pieces,
    a_coded_body_is_decoded_before_it_is_searched,
    a_body_that_is_too_large_once_decoded_is_refused,
}

const WANTED: &str = "success: { body_contains: '</html>' }";

/// Sends one request. The target answers with a body in pieces of `piece` bytes.
#[track_caller]
fn check(protocol: Protocol, coding: &'static str, body: &[u8], piece: usize, snippet: &str, expected: Expected) {
    let sent = body.to_vec();
    let target = Target::start(protocol, move |_| {
        let reply = Reply::ok(sent.clone()).in_pieces(piece);
        match coding {
            "" => reply,
            _ => reply.header("content-encoding", coding),
        }
    });
    let answer = Rig::new(protocol, target.port, snippet).send();
    assert_eq!(outcome(&answer), expected, "{coding} {piece} {snippet}");
    if expected.0 != Err(Failure::BodyTooLarge) {
        assert_eq!(answer.body_bytes, body.len() as u64, "as it was sent");
    }
}

fn page(length: usize) -> Vec<u8> {
    [b"<html>".to_vec(), vec![b'x'; length], b"</html>".to_vec()].concat()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn a_text_is_found_after_the_first_megabyte_and_across_pieces(protocol: Protocol) {
    check(protocol, "", &page(1_500_000), 60_000, WANTED, ok(200));
    check(protocol, "", &page(100), 1, WANTED, ok(200));
    check(protocol, "", &page(100), 3, WANTED, ok(200));
    let absent = failed(Failure::Check, 200);
    check(protocol, "", &vec![b'<'; 1_500_000], 60_000, WANTED, absent);
}

fn a_coded_body_is_decoded_before_it_is_searched(protocol: Protocol) {
    let asks = format!("headers: {{ accept-encoding: 'gzip, deflate' }}\n{WANTED}");
    for piece in [1, 7, 10_000] {
        check(protocol, "gzip", &gzip(&page(10_000)), piece, &asks, ok(200));
        check(protocol, "deflate", &zlib(&page(10_000)), piece, &asks, ok(200));
    }
    let absent = failed(Failure::Check, 200);
    check(protocol, "gzip", &gzip(b"nothing"), 100, &asks, absent);
    check(protocol, "br", &page(100), 100, &asks, absent);
    check(protocol, "gzip", &page(100), 100, &asks, absent);
    // If the scenario requires no text, the body is not decoded.
    check(protocol, "gzip", &page(100), 100, "", ok(200));
}

fn a_body_that_is_too_large_once_decoded_is_refused(protocol: Protocol) {
    let bomb = gzip(&vec![0; 4 << 20]);
    let limits = format!("limits: {{ body_bytes_max: 1MiB }}\n{WANTED}");
    let too_large = failed(Failure::BodyTooLarge, 200);
    check(protocol, "gzip", &bomb, 1_000, &limits, too_large);
}
