//! Tests of reading answers: the positions of faults, and the memory that the reader uses.

use super::*;

const ANSWER: &[u8] = b"HTTP/1.1 302 Found\r\nLocation: /a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";

fn read(reading: &mut AnswerReader, pieces: &[&[u8]]) {
    reading.begin(false, true, false);
    let progress = pieces
        .iter()
        .map(|piece| reading.feed(piece, &mut |data: &[u8]| data == b"a"));
    let used = pieces[pieces.len() - 1].len();
    assert_eq!(progress.last(), Some(Ok(ReadProgress::Done { used })));
    assert_eq!(reading.location(), Some(b"/a".as_slice()));
}

/// Reads an answer in one piece, and then byte by byte. Checks that both ways of reading report the same fault.
#[track_caller]
fn check(answer: &[u8], fault: MalformedAnswer) {
    for size in [answer.len(), 1] {
        let mut reading = AnswerReader::new();
        reading.begin(false, false, false);
        let mut pieces = answer.chunks(size);
        let found = pieces.find_map(|piece| reading.feed(piece, &mut |_: &[u8]| true).err());
        let text = String::from_utf8_lossy(&answer[..answer.len().min(80)]);
        assert_eq!(found, Some(Bad::Malformed(fault)), "{text:?} in pieces of {size}");
    }
}

#[test]
fn the_fault_of_a_malformed_answer_names_its_location() {
    check(b"SSH-2.0-x\r\n", MalformedAnswer::StatusLine);
    check(b"HTTP/3.0 200 OK\r\n\r\n", MalformedAnswer::StatusLine);
    check(b"\r\nHTTP/1.1 2x0 OK\r\n\r\n", MalformedAnswer::StatusLine);
    check(b"HTTP/1.1 099 Odd\r\n\r\n", MalformedAnswer::StatusLine);
    check(b"HTTP/1.1 200 OK\r\na : b\r\n\r\n", MalformedAnswer::HeaderLine(1));
    check(
        b"\r\n\r\nHTTP/1.1 200 OK\r\na: b\r\nc: d\r\nno colon\r\n\r\n",
        MalformedAnswer::HeaderLine(3),
    );
    check(b"HTTP/1.1 200 OK\r\na: \x01\r\n\r\n", MalformedAnswer::HeaderLine(1));
    check(
        b"HTTP/1.1 200 OK\r\na: b\r\n c\r\nno colon\r\n\r\n",
        MalformedAnswer::HeaderLine(3),
    );
    check(
        b"HTTP/1.1 200 OK\r\na: b\r\n \x01\r\n\r\n",
        MalformedAnswer::HeaderLine(2),
    );
    check(b"HTTP/1.1 200 OK\r\n a: b\r\n\r\n", MalformedAnswer::HeaderLine(1));
    check(
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        MalformedAnswer::ContentLength,
    );
    check(
        b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        MalformedAnswer::TransferEncoding,
    );
    check(b"\x15\x03\x01\0\x02\x02\x46\n", MalformedAnswer::Tls);
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    check(&[chunked, b"x\r\n".as_slice()].concat(), MalformedAnswer::Chunk);
    check(
        &[chunked, b"0\r\nno colon\r\n\r\n".as_slice()].concat(),
        MalformedAnswer::Trailer,
    );
    let many = "a: b\r\n".repeat(HEADERS_MAX + 1);
    check(
        format!("HTTP/1.1 200 OK\r\n{many}\r\n").as_bytes(),
        MalformedAnswer::TooManyHeaders,
    );
    let long = "x".repeat(HEAD_MAX);
    check(
        format!("HTTP/1.1 200 OK\r\na: {long}\r\n\r\n").as_bytes(),
        MalformedAnswer::HeadTooLarge,
    );
}

#[test]
fn only_heads_in_several_pieces_are_held_and_their_memory_is_reused() {
    let mut reading = AnswerReader::new();
    let (head, body) = ANSWER.split_at(ANSWER.len() - 11);
    reading.begin(false, true, false);
    assert_eq!(reading.feed(head, &mut |_: &[u8]| true), Ok(ReadProgress::More));
    assert_eq!(reading.held.capacity(), 0);

    let (front, back) = head.split_at(40);
    read(&mut reading, &[front, back, body]);
    let memory = |reading: &AnswerReader| (reading.held.as_ptr(), reading.location.as_ptr());
    let before = memory(&reading);
    for _ in 0..3 {
        read(&mut reading, &[front, back, body]);
        read(&mut reading, &[ANSWER]);
    }
    assert_eq!(memory(&reading), before);
}

/// hyper parses a head that arrives in several pieces only after an empty line. An empty line before the head is such
/// an empty line.
#[test]
fn a_malformed_head_after_empty_lines_is_detected_however_those_are_split() {
    for pieces in [["\r\n\r", "\néHTTP/1.1 200 OK\r\n"], ["\n\r", "\né"], ["\r", "\n\r\né"]] {
        let mut reading = AnswerReader::new();
        reading.begin(false, false, false);
        let [first, second] = pieces.map(str::as_bytes);
        assert_eq!(
            reading.feed(first, &mut |_: &[u8]| true),
            Ok(ReadProgress::More),
            "{pieces:?}"
        );
        let bad = reading.feed(second, &mut |_: &[u8]| true);
        assert!(matches!(bad, Err(Bad::Malformed(_))), "{pieces:?}: {bad:?}");
    }
}
