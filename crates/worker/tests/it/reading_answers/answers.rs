//! Tests of answers of every kind. Each answer is read in one piece, split in two at every position, and byte by byte.
//! The connection stays open in one case, and ends in another case. hyper reads each answer too.

use test_engines::exchange::{self, Exchange, Outcome, Seen, same};
use test_engines::oracle::agree;
use worker::reading::{AnswerReader, Bad, HEAD_MAX, HEADERS_MAX, ReadProgress};

/// The expected results of reading an answer: one for a connection that stays open, and one for a connection that ends.
#[derive(Clone)]
struct Expected {
    open: Seen,
    ended: Seen,
}

impl Expected {
    fn new(outcomes: [Outcome; 2], status: Option<u16>, body: impl AsRef<[u8]>) -> Expected {
        let [open, ended] = outcomes.map(|outcome| Seen {
            outcome,
            status,
            body: body.as_ref().to_vec(),
            ..Seen::nothing()
        });
        Expected { open, ended }
    }

    fn to(mut self, location: &str) -> Expected {
        for seen in [&mut self.open, &mut self.ended] {
            seen.location = Some(location.as_bytes().to_vec());
        }
        self
    }
}

/// Returns the result for an answer with its own end, after which another request may be sent on the connection.
fn kept(status: u16, body: impl AsRef<[u8]>) -> Expected {
    let mut expected = last(status, body);
    expected.open.reusable = true;
    expected
}

/// Returns the result for an answer with its own end, after which the connection must not be reused.
fn last(status: u16, body: impl AsRef<[u8]>) -> Expected {
    Expected::new([Outcome::Whole; 2], Some(status), body)
}

/// Returns the result for an answer that ends when the connection ends.
fn until_end(status: u16, body: impl AsRef<[u8]>) -> Expected {
    Expected::new([Outcome::Open, Outcome::Whole], Some(status), body)
}

/// Returns the result for an incomplete answer, of which this status and this part of the body were read.
fn unfinished(status: impl Into<Option<u16>>, body: impl AsRef<[u8]>) -> Expected {
    Expected::new([Outcome::Open, Outcome::CutOff], status.into(), body)
}

/// Returns the result for a malformed head.
fn malformed() -> Expected {
    Expected::new([Outcome::Malformed; 2], None, "")
}

/// Returns the result for an answer whose body is malformed after this part.
fn malformed_after(status: u16, body: impl AsRef<[u8]>) -> Expected {
    Expected::new([Outcome::Malformed; 2], Some(status), body)
}

fn check(answer: impl AsRef<[u8]>, expected: &Expected) {
    check_as(false, answer.as_ref(), expected);
}

fn check_as(head_request: bool, bytes: &[u8], expected: &Expected) {
    for (ends, expected) in [(false, &expected.open), (true, &expected.ended)] {
        let exchange = |pieces| Exchange {
            pieces,
            ends,
            head_request,
        };
        let at_once = exchange(vec![bytes]);
        assert_eq!(agree(&at_once), *expected, "{at_once:?}");
        let byte_by_byte = exchange(bytes.chunks(1).collect());
        same(expected, &exchange::read(&byte_by_byte), &byte_by_byte);
        for place in places(bytes.len()) {
            let (front, back) = bytes.split_at(place);
            let cut = exchange(vec![front, back]);
            same(expected, &agree(&cut), &cut);
        }
    }
}

/// Returns all positions of a short answer. For a long answer, returns the positions near both ends and some others.
fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..=length).filter(move |place| length < 1_000 || *place < 40 || length - place < 40 || place % 40_009 == 0)
}

#[test]
fn a_body_ends_after_its_content_length() {
    check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", &kept(200, "hello"));
    check("HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello", &kept(200, "hello"));
    check("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", &kept(404, ""));
    check(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        &unfinished(200, "hell"),
    );
    check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", &unfinished(200, ""));
    let long = "x".repeat(100_000);
    check(
        format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{long}"),
        &kept(200, long),
    );
}

#[test]
fn repeated_content_lengths_must_be_equal() {
    let check = |lines: &str, expected: &Expected| {
        check(format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\nhello"), expected);
    };
    check("Content-Length: 5\r\ncontent-length: 5", &kept(200, "hello"));
    check("Content-Length: 5, 5", &kept(200, "hello"));
    check("Content-Length: 5 ,\t5\r\nContent-Length: 005", &kept(200, "hello"));
    for invalid in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Content-Length: 5,",
        "Content-Length: ,5",
        "Content-Length: 5, x",
        "Content-Length: 5\r\nContent-Length:",
        "Content-Length:",
        "Content-Length: -5",
        "Content-Length: +5",
        "Content-Length: 5.0",
        "Content-Length: 0x5",
        "Content-Length: 5 5",
        "Content-Length: five",
        "Content-Length: 5\u{e9}",
        "Content-Length: 18446744073709551615",
        "Content-Length: 18446744073709551616",
        "Content-Length: 99999999999999999999999999",
    ] {
        check(invalid, &malformed());
    }
    check("Content-Length: 18446744073709551613", &unfinished(200, "hello"));
    check("Content-Length: 18446744073709551614", &malformed());
    check("X-Content-Length: 6\r\nContent-Length: 5", &kept(200, "hello"));
}

#[test]
fn a_chunked_body_ends_with_an_empty_chunk() {
    let check = |body: &str, expected: &Expected| {
        check(
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"),
            expected,
        );
    };
    check("5\r\nhello\r\n0\r\n\r\n", &kept(200, "hello"));
    check("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", &kept(200, "hello"));
    check("0\r\n\r\n", &kept(200, ""));
    check(
        "A\r\n0123456789\r\n0000b\r\n0123456789a\r\n000\r\n\r\n",
        &kept(200, "01234567890123456789a"),
    );
    check("5 \t\r\nhello\r\n0 \r\n\r\n", &kept(200, "hello"));
    for (unfinished_body, data) in [
        ("", ""),
        ("5", ""),
        ("5\r", ""),
        ("5\r\n", ""),
        ("5\r\nhell", "hell"),
        ("5\r\nhello", "hello"),
        ("5\r\nhello\r", "hello"),
        ("5\r\nhello\r\n", "hello"),
        ("5\r\nhello\r\n0\r\n", "hello"),
        ("5\r\nhello\r\n0\r\n\r", "hello"),
        ("ffffffffffffffff\r\nhello", "hello"),
        ("0\r\nbad trailer\r\n", ""),
        ("1 ", ""),
        ("1;x", ""),
    ] {
        check(unfinished_body, &unfinished(200, data));
    }
    for (malformed, data) in [
        ("\r\n", ""),
        ("x\r\n", ""),
        ("-5\r\nhello", ""),
        ("+5\r\nhello", ""),
        (" 5\r\nhello", ""),
        ("0x5\r\nhello", ""),
        ("5 5\r\nhello", ""),
        ("5\nhello", ""),
        ("5\rhello", ""),
        (";x\r\n", ""),
        ("10000000000000000\r\n", ""),
        ("fffffffffffffffff\r\n", ""),
        ("5\r\nhello!\r\n", "hello"),
        ("5\r\nhello\n0\r\n\r\n", "hello"),
        ("5\r\nhello\rx", "hello"),
        ("5\r\nhello\r\n\r\n", "hello"),
        ("0\n\r\n", ""),
        ("0\r\n\rx", ""),
    ] {
        check(malformed, &malformed_after(200, data));
    }
}

#[test]
fn chunk_extensions_are_ignored_up_to_a_limit() {
    let check = |body: String, expected: &Expected| {
        check(
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"),
            expected,
        );
    };
    check("5;a=b;c=\"d\"\r\nhello\r\n0 ; last\r\n\r\n".into(), &kept(200, "hello"));
    check("5;\r\nhello\r\n0;\u{e9}\0\r\n\r\n".into(), &kept(200, "hello"));
    check("5;a\nhello\r\n0\r\n\r\n".into(), &malformed_after(200, ""));
    check("5;a\rhello\r\n0\r\n\r\n".into(), &malformed_after(200, ""));
    // The limit applies to the extensions of all chunks together.
    let extension = |length| "x".repeat(length);
    let body = |length| {
        format!(
            "2;{}\r\nhe\r\n3;{}\r\nllo\r\n0\r\n\r\n",
            extension(10_000),
            extension(length)
        )
    };
    check(body(6_383), &kept(200, "hello"));
    check(body(6_384), &malformed_after(200, "he"));
}

#[test]
fn trailers_are_read_and_must_be_well_formed() {
    let check = |trailers: String, expected: &Expected| {
        let body = format!("5\r\nhello\r\n0\r\n{trailers}\r\n");
        check(
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"),
            expected,
        );
    };
    let failed = malformed_after(200, "hello");
    check("x-sum: 1\r\n".into(), &kept(200, "hello"));
    check(
        "x-sum:\r\nContent-Length: 3\r\nConnection: close\r\n".into(),
        &kept(200, "hello"),
    );
    check("x-latin: \u{e9}\r\n".into(), &kept(200, "hello"));
    check("no colon\r\n".into(), &failed);
    check(" folded: 1\r\n".into(), &failed);
    check("x: 1\ny: 2\r\n".into(), &failed);
    // The empty line counts as the end of this trailer, so the final empty line of the body is missing.
    check("x: 1\n".into(), &unfinished(200, "hello"));
    check("x: 1\r2\r\n".into(), &failed);
    check("\u{e9}: 1\r\n".into(), &failed);
    // For the parser, a bare LF at the start of a line ends the trailers. Lines after the bare LF are therefore not
    // checked.
    check("\nno colon\r\n".into(), &kept(200, "hello"));
    check("x: 1\r\n\nno colon\r\n".into(), &kept(200, "hello"));
    check("x: 1\r\n".repeat(100), &kept(200, "hello"));
    check("x: 1\r\n".repeat(1_000), &kept(200, "hello"));
    // The limit applies to the sum of all trailers and the empty line after them.
    let long = |length: usize| format!("x: {}\r\n", "y".repeat(length - 7));
    check(long(16_383), &kept(200, "hello"));
    check(long(16_384), &failed);
}

#[test]
fn chunked_must_be_the_last_transfer_coding() {
    let check = |lines: &str, expected: &Expected| {
        check(
            format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n1\r\na\r\n0\r\n\r\n"),
            expected,
        );
    };
    for chunked in [
        "transfer-encoding: Chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding:\tchunked ",
        "Transfer-Encoding: chunked, chunked",
        // If an answer has both headers, `Transfer-Encoding` takes precedence over `Content-Length`.
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: senseless",
    ] {
        check(chunked, &kept(200, "a"));
    }
    for other in [
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: identity",
        "Transfer-Encoding:",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding: chunked,",
        "Transfer-Encoding: \u{e9}, chunked",
        "Content-Length: 3\r\nTransfer-Encoding: gzip",
    ] {
        check(other, &until_end(200, "1\r\na\r\n0\r\n\r\n"));
    }
}

#[test]
fn http_10_has_no_transfer_codings() {
    check(
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        &malformed(),
    );
    check(
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
        &malformed(),
    );
    check(
        "HTTP/1.0 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
        &last(204, ""),
    );
}

#[test]
fn a_body_of_unknown_length_ends_with_the_connection() {
    check("HTTP/1.1 200 OK\r\n\r\n", &until_end(200, ""));
    check("HTTP/1.1 200 OK\r\n\r\nhello", &until_end(200, "hello"));
    check(
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhello",
        &until_end(200, "hello"),
    );
}

#[test]
fn interim_answers_are_skipped() {
    let rest = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let check = |before: &str, expected: &Expected| check(format!("{before}{rest}"), expected);
    check("HTTP/1.1 100 Continue\r\n\r\n", &kept(200, "ok"));
    check("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", &kept(200, "ok"));
    check(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102\r\n\r\n\r\nHTTP/1.0 199 Later\n\n",
        &kept(200, "ok"),
    );
    // The headers of an interim answer do not affect the final answer.
    let about = "HTTP/1.1 103 Early Hints\r\nContent-Length: x\r\nConnection: close\r\nLocation: /\r\n\r\n";
    check(about, &kept(200, "ok"));
    check(
        "HTTP/1.0 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n",
        &kept(200, "ok"),
    );
    check("HTTP/1.1 100 Continue\r\nno colon\r\n\r\n", &malformed());
    check("HTTP/1.1 100 Continue\r\n\r\nx", &malformed());
}

#[test]
fn an_interim_answer_alone_is_incomplete() {
    check("HTTP/1.1 100 Continue\r\n\r\n", &unfinished(None, ""));
    check(
        "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n",
        &unfinished(None, ""),
    );
}

#[test]
fn switching_protocols_ends_http_on_the_connection() {
    check("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", &last(101, ""));
    check(
        "HTTP/1.1 101 Switching Protocols\r\nContent-Length: 2\r\n\r\nok",
        &last(101, ""),
    );
    check(
        "HTTP/1.0 101 Switching Protocols\r\nConnection: keep-alive\r\n\r\n",
        &last(101, ""),
    );
}

#[test]
fn some_answers_have_no_body_independently_of_their_headers() {
    for lines in [
        "",
        "Content-Length: 5\r\n",
        "Content-Length: senseless\r\n",
        "Transfer-Encoding: chunked\r\n",
    ] {
        check(format!("HTTP/1.1 204 No Content\r\n{lines}\r\n"), &kept(204, ""));
        check(format!("HTTP/1.1 304 Not Modified\r\n{lines}\r\n"), &kept(304, ""));
        let to_head = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
        check_as(true, to_head.as_bytes(), &kept(200, ""));
    }
    check_as(
        true,
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        &last(200, ""),
    );
    check_as(
        true,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 Oh\r\n\r\n",
        &kept(500, ""),
    );
    check_as(
        true,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        &last(200, ""),
    );
    check(
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
        &last(204, ""),
    );
}

#[test]
fn a_connection_is_kept_by_default_since_http_11() {
    let check = |version: &str, lines: &str, expected: Expected| {
        check(
            format!("HTTP/{version} 200 OK\r\nContent-Length: 2\r\n{lines}\r\nok"),
            &expected,
        );
    };
    for lines in [
        "",
        "Connection:\r\n",
        "Connection: keep-alive\r\n",
        "Connection: upgrade\r\n",
        "Connection: closed, not-close, close;\r\n",
        "Connection: close, \u{e9}\r\n",
        "Proxy-Connection: close\r\n",
        "X: close\r\n",
    ] {
        check("1.1", lines, kept(200, "ok"));
    }
    for lines in [
        "",
        "Connection:\r\n",
        "Connection: keep-alive, \u{e9}\r\n",
        "Keep-Alive: timeout=5\r\n",
    ] {
        check("1.0", lines, last(200, "ok"));
    }
    for lines in [
        "Connection: keep-alive\r\n",
        "connection: KEEP-alive\r\n",
        "CONNECTION: x ,\tKeep-Alive , y\r\n",
        "Connection: x\r\nConnection: keep-alive\r\nConnection: y\r\n",
    ] {
        check("1.0", lines, kept(200, "ok"));
    }
    for lines in [
        "Connection: close\r\n",
        "connection: CLOSE\r\n",
        "CONNECTION: x ,\tClose , y\r\n",
        "Connection: keep-alive, close\r\n",
        "Connection: close, keep-alive\r\n",
        "Connection: close\r\nConnection: keep-alive\r\n",
        "Connection: keep-alive\r\nConnection: x\r\nConnection: close\r\n",
    ] {
        check("1.1", lines, last(200, "ok"));
        check("1.0", lines, last(200, "ok"));
    }
}

#[test]
fn bytes_after_an_answer_prevent_reuse_of_the_connection() {
    for junk in ["x", "\r\n", "\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"] {
        check(
            format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok{junk}"),
            &last(200, "ok"),
        );
        check(
            format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n{junk}"),
            &last(200, ""),
        );
        check(
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{junk}"),
            &last(200, ""),
        );
    }
}

#[test]
fn the_first_location_of_a_redirect_is_kept() {
    for status in [301, 302, 303, 307, 308] {
        let answer = |lines: &str| format!("HTTP/1.1 {status} Go\r\n{lines}Content-Length: 0\r\n\r\n");
        check(answer("Location: /a?b#c\r\n"), &kept(status, "").to("/a?b#c"));
        check(
            answer("LOCATION: \t/a \r\nlocation: /b\r\n"),
            &kept(status, "").to("/a"),
        );
        check(answer("Location:\r\n"), &kept(status, "").to(""));
        check(answer("Content-Location: /a\r\n"), &kept(status, ""));
        let to_head = answer("Location: /a\r\nContent-Length: 0\r\n");
        check_as(true, to_head.as_bytes(), &kept(status, "").to("/a"));
    }
    for status in [200, 201, 300, 304, 305, 306, 309, 404] {
        let answer = format!("HTTP/1.1 {status} Stay\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n");
        check(answer, &kept(status, ""));
    }
}

#[test]
fn a_status_line_is_a_version_three_digits_and_any_reason() {
    let rest = "Content-Length: 0\r\n\r\n";
    for (line, status) in [
        ("HTTP/1.1 200 OK\r\n", 200),
        ("HTTP/1.1 200 \r\n", 200),
        ("HTTP/1.1 200\r\n", 200),
        ("HTTP/1.1 200\n", 200),
        ("HTTP/1.1 200  a\tb \u{e9} \r\n", 200),
        ("HTTP/1.1 299 OK\n", 299),
        ("HTTP/1.1 600 Odd\r\n", 600),
        ("HTTP/1.1 999\r\n", 999),
    ] {
        check(format!("{line}{rest}"), &kept(status, ""));
    }
    for line in [
        "HTTP/1.1 099 Low\r\n",
        "HTTP/1.1 000\r\n",
        "HTTP/1.1 20 OK\r\n",
        "HTTP/1.1 2000 OK\r\n",
        "HTTP/1.1  200 OK\r\n",
        "HTTP/1.1 +20 OK\r\n",
        "HTTP/1.1 \r\n",
        "HTTP/1.1\r\n",
        "HTTP/1.1 200OK\r\n",
        "HTTP/1.1 200 O\rK\r\n",
        "HTTP/1.1 200 O\0K\r\n",
        "HTTP/1.1\t200 OK\r\n",
        "HTTP/1.2 200 OK\r\n",
        "HTTP/2.0 200 OK\r\n",
        "HTTP/2 200 OK\r\n",
        "HTTP/0.9 200 OK\r\n",
        "http/1.1 200 OK\r\n",
        "ICY 200 OK\r\n",
        " HTTP/1.1 200 OK\r\n",
        "\rHTTP/1.1 200 OK\r\n",
        "<html>hello</html>\r\n",
        "\u{16}\u{3}\u{1}\u{0}\u{2}\u{2}\u{46}\r\n",
    ] {
        check(format!("{line}{rest}"), &malformed());
    }
}

#[test]
fn lines_may_end_without_a_cr_and_begin_with_empty_ones() {
    check("HTTP/1.1 200 OK\nContent-Length: 2\n\nok", &kept(200, "ok"));
    check("HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nok", &kept(200, "ok"));
    check("HTTP/1.1 200 OK\nContent-Length: 2\r\n\nok", &kept(200, "ok"));
    check(
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\r\nok\r\n0\r\n\r\n",
        &kept(200, "ok"),
    );
    check(
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n",
        &malformed_after(200, ""),
    );
    for before in ["\r\n", "\n", "\r\n\r\n\n\r\n", "\n\n\n\n\n\n"] {
        check(
            format!("{before}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
            &kept(200, "ok"),
        );
        check(format!("{before}HTTP/1.1 200 OK\r\nConten"), &unfinished(None, ""));
        check(before, &unfinished(None, ""));
    }
}

#[test]
fn a_header_is_a_name_and_a_value() {
    let check = |line: &str, expected: &Expected| {
        check(
            format!("HTTP/1.1 200 OK\r\nA: b\r\n{line}\r\nContent-Length: 0\r\n\r\n"),
            expected,
        );
    };
    for line in [
        "x:",
        "x:\t",
        "x: \u{e9}",
        "x:y:z",
        "!#$%&'*+-.^_`|~9: odd",
        "x:  a  b  ",
        " folded",
        "\tfolded",
        "x: y\r\n z: folded",
        "x:\r\n\ty\n  z\r\n \r\n\t",
    ] {
        check(line, &kept(200, ""));
    }
    for line in [
        "x : y",
        "x\t: y",
        ": y",
        "x",
        "x y: z",
        "x\u{e9}: y",
        "x: \0",
        "x: \u{7f}",
        "x: y\rz",
        "(x): y",
        "x: y\r\r",
    ] {
        check(line, &malformed());
    }
}

#[test]
fn a_head_has_at_most_five_thousand_headers() {
    let answer = |headers: usize| {
        let others = "x: y\r\n".repeat(headers - 1);
        format!("HTTP/1.1 200 OK\r\n{others}Content-Length: 2\r\n\r\nok")
    };
    for headers in [100, 101, HEADERS_MAX] {
        check(answer(headers), &kept(200, "ok"));
    }
    check(answer(HEADERS_MAX + 1), &malformed());
    let interims = "HTTP/1.1 100 Continue\r\n".to_owned() + &"x: y\r\n".repeat(90) + "\r\n";
    check(interims.repeat(3) + &answer(100), &kept(200, "ok"));
}

#[test]
fn a_folded_value_is_read_as_one_line() {
    check(
        "HTTP/1.1 302 Found\r\nLocation: /a\r\n\t b\r\nContent-Length:\r\n 2\r\n\r\nok",
        &kept(302, "ok").to("/a b"),
    );
    check(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip,\r\n\tchunked\r\nConnection: x,\r\n close\r\n\r\n0\r\n\r\n",
        &last(200, ""),
    );
}

#[test]
fn the_cookies_of_a_redirect_are_kept() {
    let answer = |status: &str| {
        format!(
            "HTTP/1.1 {status}\r\nLocation: /a\r\nset-cookie: a=1;\r\n Path=/\r\nX: y\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let mut reading = AnswerReader::new();
    for (wanted, status, expected) in [
        (true, "302 Found", vec!["a=1; Path=/", "b=2"]),
        (true, "200 OK", vec![]),
        (false, "302 Found", vec![]),
    ] {
        for size in [1, 1_000] {
            reading.begin(false, wanted, false);
            for piece in answer(status).as_bytes().chunks(size) {
                reading.feed(piece, &mut |_: &[u8]| true).unwrap();
            }
            let cookies: Vec<_> = reading
                .cookies()
                .map(|cookie| std::str::from_utf8(cookie).unwrap())
                .collect();
            assert_eq!(cookies, expected, "{wanted} {status}");
        }
    }
}

#[test]
fn a_header_name_has_a_limit() {
    let answer = |length: usize| {
        format!(
            "HTTP/1.1 200 OK\r\n{}: y\r\nContent-Length: 2\r\n\r\nok",
            "x".repeat(length)
        )
    };
    check(answer(65_535), &kept(200, "ok"));
    check(answer(65_536), &malformed());
    check(
        format!("HTTP/1.1 100 OK\r\n{}: y\r\n\r\n", "x".repeat(65_536)),
        &malformed(),
    );
}

/// Returns an answer without a body, whose head has this number of bytes.
fn head_of(length: usize) -> Vec<u8> {
    let mut head = b"HTTP/1.1 204 No Content\r\nx: ".to_vec();
    head.resize(length - 4, b'y');
    head.extend_from_slice(b"\r\n\r\n");
    head
}

#[test]
fn a_head_has_a_limit() {
    check(head_of(HEAD_MAX / 2), &kept(204, ""));
    check(head_of(HEAD_MAX * 3), &malformed());
    check(&head_of(HEAD_MAX * 3)[..HEAD_MAX * 2], &malformed());
}

/// Reads an answer without comparing the result with hyper, because the limits of hyper depend on the growth of its
/// buffer.
fn check_limit(bytes: &[u8], expected: &Expected) {
    let sizes = [1, 1_000, 4_096, 8_192, 65_536, HEAD_MAX - 1, HEAD_MAX, bytes.len()];
    for (ends, expected) in [(false, &expected.open), (true, &expected.ended)] {
        for size in sizes {
            let pieces = bytes.chunks(size).collect();
            let exchange = Exchange {
                pieces,
                ends,
                head_request: false,
            };
            assert_eq!(
                exchange::read(&exchange),
                *expected,
                "in pieces of {size} bytes, {exchange:?}"
            );
        }
    }
}

#[test]
fn the_limit_of_a_head_is_exact_and_includes_the_empty_lines_before_it() {
    let after = |front: &[u8], length: usize| [front, &head_of(length)].concat();
    check_limit(&head_of(HEAD_MAX), &kept(204, ""));
    check_limit(&head_of(HEAD_MAX + 1), &malformed());
    check_limit(&head_of(HEAD_MAX + 1)[..HEAD_MAX], &malformed());
    check_limit(&head_of(HEAD_MAX + 1)[..HEAD_MAX - 1], &unfinished(None, ""));
    check_limit(&after(b"\r\n\n\r\n", HEAD_MAX - 5), &kept(204, ""));
    check_limit(&after(b"\r\n\n\r\n", HEAD_MAX - 4), &malformed());
    check_limit(&after(b"HTTP/1.1 100 Continue\r\n\r\n", HEAD_MAX), &kept(204, ""));
    check_limit(
        &after(b"\r\nHTTP/1.1 100 Continue\r\n\r\n\r\n", HEAD_MAX - 2),
        &kept(204, ""),
    );
    check_limit(
        &after(b"\r\nHTTP/1.1 100 Continue\r\n\r\n\r\n", HEAD_MAX - 1),
        &malformed(),
    );
    check_limit(&b"\r\n".repeat(HEAD_MAX / 2), &malformed());
    check_limit(&b"\n".repeat(HEAD_MAX - 1), &unfinished(None, ""));
}

#[test]
fn an_answer_that_ends_in_its_head_is_cut_off() {
    let head = "HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 0\r\n\r\n";
    for end in 0..head.len() {
        check(&head[..end], &unfinished(None, ""));
    }
}

#[test]
fn a_refused_body_is_not_read_further() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nabcdef",
    ] {
        for size in 1..answer.len() {
            let mut reading = AnswerReader::new();
            reading.begin(false, false, false);
            let mut taken = Vec::new();
            let mut take = |data: &[u8]| {
                taken.extend_from_slice(data);
                taken.len() < 4
            };
            let mut pieces = answer.as_bytes().chunks(size);
            let refused = pieces.find_map(|piece| reading.feed(piece, &mut take).err());
            assert_eq!(refused, Some(Bad::Refused), "{answer:?} in pieces of {size}");
            assert_eq!(reading.feed(b"x", &mut |_: &[u8]| true), Err(Bad::Refused));
            assert_eq!(reading.end(), Err(Bad::Refused));
            assert_eq!(reading.status(), Some(200));
            assert!(!reading.keep_alive());
            assert!(b"abcdef".starts_with(&taken), "{taken:?}");
        }
    }
}

#[test]
fn an_answer_that_has_ended_uses_no_more_bytes() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let mut reading = AnswerReader::new();
    reading.begin(false, false, false);
    let used = answer.len();
    assert_eq!(
        reading.feed(answer, &mut |_: &[u8]| true),
        Ok(ReadProgress::Done { used })
    );
    let more = reading.feed(answer, &mut |_: &[u8]| -> bool { panic!("the body has ended") });
    assert_eq!(more, Ok(ReadProgress::Done { used: 0 }));
    assert_eq!(reading.end(), Ok(()));
    assert!(reading.keep_alive());
}

#[test]
fn an_answer_begins_with_its_first_byte() {
    let mut reading = AnswerReader::new();
    for first in ["H", "\n", "HTTP/1.1 204 N\r\n\r\n"] {
        reading.begin(false, false, false);
        assert!(!reading.has_begun());
        reading.feed(first.as_bytes(), &mut |_: &[u8]| true).unwrap();
        assert!(reading.has_begun(), "{first:?}");
    }
}

#[test]
fn a_location_that_is_not_wanted_is_not_kept() {
    let mut reading = AnswerReader::new();
    let answer = b"HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n";
    for (wanted, location) in [(false, None), (true, Some(b"/a".as_slice())), (false, None)] {
        reading.begin(false, wanted, false);
        let used = answer.len();
        assert_eq!(
            reading.feed(answer, &mut |_: &[u8]| true),
            Ok(ReadProgress::Done { used })
        );
        assert_eq!(reading.location(), location);
    }
}
