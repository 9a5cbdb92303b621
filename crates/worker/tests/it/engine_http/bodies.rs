//! The text that a body must contain, wherever it is and however the body is coded.

use super::rig::{Expected, Rig, failed, ok, outcome};
use super::server::Server;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::Write;
use tally::outcome::Failure;

const WANTED: &str = "success: { body_contains: '</html>' }";

/// Sends one request to a target that answers with a body in chunks of so many bytes.
#[track_caller]
fn check(coding: &'static str, body: &[u8], chunk: usize, snippet: &str, expected: Expected) {
    let mut answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n{coding}\r\n").into_bytes();
    for data in body.chunks(chunk) {
        answer.extend(format!("{:x}\r\n", data.len()).into_bytes());
        answer.extend([data, b"\r\n"].concat());
    }
    answer.extend(b"0\r\n\r\n");
    let server = Server::start(move |peer| while peer.request() && peer.write(&answer) {});
    let answer = Rig::new(server.port, snippet).send();
    assert_eq!(outcome(&answer), expected, "{coding} {chunk} {snippet}");
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

#[test]
fn a_text_is_found_behind_the_first_megabyte_and_across_pieces() {
    check("", &page(1_500_000), 60_000, WANTED, ok(200));
    check("", &page(100), 1, WANTED, ok(200));
    check("", &page(100), 3, WANTED, ok(200));
    check("", &vec![b'<'; 1_500_000], 60_000, WANTED, failed(Failure::Check, 200));
}

#[test]
fn a_coded_body_is_decoded_before_it_is_searched() {
    let asks = format!("headers: {{ accept-encoding: 'gzip, deflate' }}\n{WANTED}");
    for chunk in [1, 7, 10_000] {
        check(
            "content-encoding: gzip\r\n",
            &gzip(&page(10_000)),
            chunk,
            &asks,
            ok(200),
        );
        check(
            "content-encoding: deflate\r\n",
            &zlib(&page(10_000)),
            chunk,
            &asks,
            ok(200),
        );
    }
    check(
        "content-encoding: gzip\r\n",
        &gzip(b"nothing"),
        100,
        &asks,
        failed(Failure::Check, 200),
    );
    check(
        "content-encoding: br\r\n",
        &page(100),
        100,
        &asks,
        failed(Failure::Check, 200),
    );
    check(
        "content-encoding: gzip\r\n",
        &page(100),
        100,
        &asks,
        failed(Failure::Check, 200),
    );
    // Nobody looks for anything in it.
    check("content-encoding: gzip\r\n", &page(100), 100, "", ok(200));
}

#[test]
fn a_body_that_is_too_large_once_decoded_is_refused() {
    let bomb = gzip(&vec![0; 4 << 20]);
    let limits = format!("limits: {{ body_bytes_max: 1MiB }}\n{WANTED}");
    check(
        "content-encoding: gzip\r\n",
        &bomb,
        1_000,
        &limits,
        failed(Failure::BodyTooLarge, 200),
    );
}
