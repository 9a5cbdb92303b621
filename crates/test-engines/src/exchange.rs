//! The bytes of an answer, and the result of reading these bytes.

use std::fmt;
use worker::reading::{AnswerReader, Bad, ReadProgress};

/// The bytes that a server sends after it has received a request.
pub struct Exchange<'a> {
    pub pieces: Vec<&'a [u8]>,
    /// Whether the server ends the connection after the bytes. If the server does not end the connection, the
    /// connection stays open, and the server sends nothing more.
    pub ends: bool,
    pub head_request: bool,
}

/// The result of reading an answer, as far as a caller of the reader can observe it.
#[derive(Clone, PartialEq, Eq)]
pub struct Seen {
    pub outcome: Outcome,
    pub status: Option<u16>,
    pub location: Option<Vec<u8>>,
    pub body: Vec<u8>,
    /// Whether the connection can be used for another request.
    pub reusable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Whole,
    /// The bytes of the answer are incomplete, and the connection is open.
    Open,
    Malformed,
    CutOff,
}

impl Exchange<'_> {
    /// Returns the same exchange, with its bytes divided into `pieces`.
    pub fn cut<'a>(&self, pieces: Vec<&'a [u8]>) -> Exchange<'a> {
        Exchange {
            pieces,
            ends: self.ends,
            head_request: self.head_request,
        }
    }
}

impl Seen {
    pub fn nothing() -> Seen {
        Seen {
            outcome: Outcome::Open,
            status: None,
            location: None,
            body: Vec::new(),
            reusable: false,
        }
    }
}

impl fmt::Debug for Exchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pieces: Vec<String> = self.pieces.iter().map(|piece| shown(piece)).collect();
        let end = if self.ends { "the end" } else { "nothing more" };
        let method = if self.head_request { "HEAD" } else { "GET" };
        write!(f, "answer to {method}: {}, then {end}", pieces.join(" | "))
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen {
            outcome,
            status,
            reusable,
            ..
        } = self;
        let location = self.location.as_deref().map(shown);
        let body = shown(&self.body);
        write!(
            f,
            "{outcome:?}, {status:?}, to {location:?}, reusable {reusable}, body {body}"
        )
    }
}

/// Formats bytes as text. A long text is shortened.
fn shown(bytes: &[u8]) -> String {
    const SHOWN: usize = 2_000;
    match bytes.get(..SHOWN) {
        Some(front) => format!("\"{}\"… of {} bytes", front.escape_ascii(), bytes.len()),
        None => format!("\"{}\"", bytes.escape_ascii()),
    }
}

/// Reads an answer with an `AnswerReader` that has read other answers before: a redirect, and two incomplete answers.
pub fn read(exchange: &Exchange<'_>) -> Seen {
    let mut reading = AnswerReader::new();
    for before in [
        "HTTP/1.1 302 Found\r\nlocation: /before\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0;before\r\nbefore: before",
        "\r\n\r\nHTTP/1.1 302 Found\r\nlocation: /before",
    ] {
        reading.begin(false, true, false);
        assert!(reading.feed(before.as_bytes(), &mut |_: &[u8]| true).is_ok());
    }
    reading.begin(exchange.head_request, true, false);
    read_with(&mut reading, exchange)
}

fn read_with(reading: &mut AnswerReader, exchange: &Exchange<'_>) -> Seen {
    let mut seen = Seen::nothing();
    let mut pieces = exchange.pieces.iter();
    let mut outcome = Ok(());
    for piece in pieces.by_ref() {
        let before = seen.body.len();
        let progress = reading.feed(piece, &mut |data: &[u8]| {
            assert!(!data.is_empty(), "an empty piece of body was passed on");
            seen.body.extend_from_slice(data);
            true
        });
        assert!(seen.body.len() - before <= piece.len(), "more body than bytes");
        match progress {
            Ok(ReadProgress::More) => assert!(!reading.keep_alive(), "reusable before the end"),
            Ok(ReadProgress::Done { used }) => {
                assert!(used <= piece.len(), "used {used} bytes of {}", piece.len());
                let junk = used < piece.len() || pieces.any(|piece| !piece.is_empty());
                seen.outcome = Outcome::Whole;
                seen.reusable = reading.keep_alive() && !junk && !exchange.ends;
                break;
            }
            Err(bad) => {
                outcome = Err(bad);
                break;
            }
        }
    }
    if seen.outcome == Outcome::Open && outcome.is_ok() && exchange.ends {
        outcome = reading.end();
        if outcome.is_ok() {
            seen.outcome = Outcome::Whole;
            assert_eq!(
                reading.feed(b"x", &mut |_: &[u8]| false),
                Ok(ReadProgress::Done { used: 0 })
            );
            assert!(!reading.keep_alive(), "reusable after its end");
        }
    }
    if let Err(bad) = outcome {
        assert_eq!(
            reading.feed(b"HTTP/1.1 204 N\r\n\r\n", &mut |_: &[u8]| true),
            Err(bad),
            "reading continues after an error"
        );
        assert_eq!(reading.end(), Err(bad), "the error disappears at the end");
        seen.outcome = match bad {
            Bad::Malformed(_) => Outcome::Malformed,
            Bad::CutOff => Outcome::CutOff,
            Bad::Refused => panic!("the reader rejected bytes that the sink accepted"),
        };
    }
    seen.status = reading.status();
    assert!(reading.has_begun() || seen.status.is_none(), "a status without a head");
    seen.location = reading.location().map(<[u8]>::to_vec);
    seen
}

/// Checks that the result of reading an answer does not depend on how the bytes are divided into pieces. One difference
/// is allowed: if the answer arrives in pieces, the reader may not have detected a malformed head yet. Returns the
/// result of reading the answer in one piece.
pub fn indifferent_to_cuts(exchange: &Exchange<'_>) -> Seen {
    let whole = exchange.pieces.concat();
    let bytes = whole.chunks(1).collect();
    let at_once = read(&exchange.cut(vec![&whole]));
    for pieces in [exchange.pieces.clone(), bytes] {
        let cut = exchange.cut(pieces);
        same(&at_once, &read(&cut), &cut);
    }
    at_once
}

/// Checks that reading an answer in several pieces gave the same result as reading the answer in one piece.
pub fn same(at_once: &Seen, in_pieces: &Seen, cut: &Exchange<'_>) {
    let malformed_head = Seen {
        outcome: Outcome::Malformed,
        ..Seen::nothing()
    };
    let is_late = *at_once == malformed_head && *in_pieces == Seen::nothing() && !cut.ends;
    assert!(
        at_once == in_pieces || is_late,
        "the pieces make a difference in the {cut:?}\n  at once: {at_once:?}\n  in pieces: {in_pieces:?}"
    );
}
