//! Generates answers of every kind. Most answers are well-formed, and some are corrupted after that.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::fmt;
use test_engines::exchange::Exchange;

/// An answer, and the pieces in which it is received.
#[derive(Clone)]
pub struct Case {
    bytes: Vec<u8>,
    cuts: Vec<usize>,
    ends: bool,
    head_request: bool,
}

impl Case {
    pub fn exchange(&self) -> Exchange<'_> {
        let mut pieces = Vec::new();
        let mut rest = self.bytes.as_slice();
        let mut before = 0;
        for cut in &self.cuts {
            let (piece, after) = rest.split_at(cut - before);
            pieces.push(piece);
            (rest, before) = (after, *cut);
        }
        pieces.push(rest);
        Exchange {
            pieces,
            ends: self.ends,
            head_request: self.head_request,
        }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exchange().fmt(f)
    }
}

pub fn cases() -> impl Strategy<Value = Case> {
    let changes = prop_oneof![2 => Just(Vec::new()), 1 => vec(change(), 1..4)];
    let cuts = prop_oneof![
        2 => Just(Cuts::None),
        4 => vec(any::<Index>(), 1..6).prop_map(Cuts::At),
        1 => Just(Cuts::Everywhere),
    ];
    let head_request = prop::bool::weighted(0.1);
    (stream(), changes, cuts, any::<bool>(), head_request).prop_map(|(mut bytes, changes, cuts, ends, head_request)| {
        for change in &changes {
            change.apply(&mut bytes);
        }
        let mut cuts: Vec<usize> = match cuts {
            Cuts::None => Vec::new(),
            Cuts::At(places) => places.iter().map(|place| place.index(bytes.len() + 1)).collect(),
            Cuts::Everywhere => (0..bytes.len()).collect(),
        };
        cuts.sort_unstable();
        Case {
            bytes,
            cuts,
            ends,
            head_request,
        }
    })
}

#[derive(Clone, Debug)]
enum Cuts {
    None,
    At(Vec<Index>),
    Everywhere,
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let interims = prop_oneof![3 => Just(Vec::new()), 1 => vec(interim(), 1..3)];
    let junk = prop_oneof![
        6 => Just(""),
        1 => select(vec!["\r\n", "x", "HTTP/1.1 200 OK\r\n\r\n", "0\r\n\r\n", "\n"]),
    ];
    (interims, answer(), junk)
        .prop_map(|(interims, answer, junk)| [&interims.concat(), &answer, junk.as_bytes()].concat())
}

fn interim() -> impl Strategy<Value = Vec<u8>> {
    let status = select(vec![
        "100 Continue",
        "102",
        "103 Early Hints",
        "199 Later",
        "101 Switching Protocols",
    ]);
    (status, vec(header(), 0..2), line_end()).prop_map(|(status, headers, end)| {
        [format!("HTTP/1.1 {status}\r\n").as_bytes(), &headers.concat(), end].concat()
    })
}

fn answer() -> impl Strategy<Value = Vec<u8>> {
    let place = any::<Index>();
    (status_line(), vec(header(), 0..4), framing(), place, line_end()).prop_map(
        |(status_line, mut headers, (framing, body), place, end)| {
            headers.insert(place.index(headers.len() + 1), framing);
            [status_line, headers.concat(), end.to_vec(), body].concat()
        },
    )
}

fn status_line() -> impl Strategy<Value = Vec<u8>> {
    let before = prop_oneof![20 => Just(""), 1 => select(vec!["\r\n", "\n", "\r\n\r\n", "\n\r\n", " "])];
    let version = prop_oneof![
        60 => Just("HTTP/1.1"),
        20 => Just("HTTP/1.0"),
        1 => select(vec!["HTTP/1.2", "HTTP/2", "HTTP/0.9", "http/1.1", "ICY"]),
    ];
    let status = prop_oneof![
        30 => Just("200"),
        20 => select(vec!["201", "204", "206", "301", "302", "303", "304", "307", "308", "404", "500", "503"]),
        1 => select(vec!["000", "099", "100", "101", "600", "999", "1000", "20", "2x0", "-10", ""]),
    ];
    let reason = prop_oneof![
        40 => select(vec![" OK", "", " ", " Not Found", " \u{e9}t\u{e9}", "  two  spaces ", " a\tb"]),
        1 => select(vec!["OK", " a\u{1}", " a\rb"]),
    ];
    (before, version, status, reason, line_end()).prop_map(|(before, version, status, reason, end)| {
        [format!("{before}{version} {status}{reason}").as_bytes(), end].concat()
    })
}

fn line_end() -> impl Strategy<Value = &'static [u8]> {
    prop_oneof![20 => Just(b"\r\n".as_slice()), 1 => Just(b"\n".as_slice())]
}

/// Generates a header line of any answer.
fn header() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        30 => select(HARMLESS.to_vec()),
        15 => select(CONNECTIONS.to_vec()),
        2 => select(FRAMINGS.to_vec()),
        1 => select(MALFORMED.to_vec()),
    ]
    .prop_flat_map(|line| line_end().prop_map(move |end| [line.as_bytes(), end].concat()))
}

const HARMLESS: [&str; 14] = [
    "date: Mon, 21 Nov 2022 10:00:00 GMT",
    "Server: target",
    "Content-Type: text/plain; charset=utf-8",
    "ETag: \"0\"",
    "X-Empty:",
    "x-blank: \t ",
    "Location: /elsewhere",
    "location: https://other.example/?a=b",
    "LOCATION:",
    "Set-Cookie: a=b; Path=/",
    "x-latin: caf\u{e9}",
    "Keep-Alive: timeout=5",
    "Trailer: x-sum",
    "!#$%&'*+-.^_`|~: odd",
];

const CONNECTIONS: [&str; 14] = [
    "Connection: keep-alive",
    "connection: Keep-Alive",
    "Connection: close",
    "CONNECTION: CLOSE",
    "Connection: keep-alive, close",
    "Connection: close, keep-alive",
    "Connection: upgrade,\tkeep-alive",
    "Connection: , ,close ,",
    "Connection: closed",
    "Connection: close;",
    "Connection: keep-alive \u{e9}",
    "Connection: close, \u{e9}",
    "Connection:",
    "Proxy-Connection: close",
];

const FRAMINGS: [&str; 28] = [
    "Content-Length: 0",
    "Content-Length: 5",
    "content-length: 5, 5",
    "Content-Length: 5,6",
    "Content-Length: 005",
    "Content-Length: +5",
    "Content-Length: -5",
    "Content-Length: 5 5",
    "Content-Length: 5,",
    "Content-Length: , 5",
    "Content-Length: 0x5",
    "Content-Length:",
    "Content-Length: 18446744073709551613",
    "Content-Length: 18446744073709551614",
    "Content-Length: 18446744073709551616",
    "Content-Length: 5\u{e9}",
    "Transfer-Encoding: chunked",
    "transfer-encoding: Chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked, gzip",
    "Transfer-Encoding: gzip",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: chunked;x",
    "Transfer-Encoding: chunked,",
    "Transfer-Encoding: \u{e9}, chunked",
    "Transfer-Encoding:",
    "Transfer-Encoding: \tchunked ",
    "Transfer_Encoding: chunked",
];

const MALFORMED: [&str; 9] = [
    "Space : before",
    " space: first",
    "no colon",
    ": no name",
    "x: control\u{1}",
    "x\u{e9}: name",
    "x: folded\r\n  over",
    "x: bare\rreturn",
    "x: nul\0",
];

/// Generates a framing header, and a body with this framing.
fn framing() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    // The longest bodies are longer than a single read of hyper.
    let long = (0usize..20_000).prop_map(|length| (0..length).map(|at| (at % 251) as u8).collect());
    let data = || prop_oneof![20 => vec(any::<u8>(), 0..24), 1 => long.clone()];
    let sized = (
        select(vec!["Content-Length", "content-length", "CONTENT-length"]),
        data(),
    )
        .prop_map(|(name, body)| {
            let line = format!("{name}: {}\r\n", body.len());
            (line.into_bytes(), body)
        });
    let chunked = chunks().prop_map(|body| (b"Transfer-Encoding: chunked\r\n".to_vec(), body));
    let until_end = data().prop_map(|body| (Vec::new(), body));
    let neither = (vec(select(FRAMINGS.to_vec()), 1..3), prop_oneof![data(), chunks()])
        .prop_map(|(lines, body)| (format!("{}\r\n", lines.join("\r\n")).into_bytes(), body));
    prop_oneof![4 => sized, 5 => chunked, 1 => until_end, 2 => neither]
}

fn chunks() -> impl Strategy<Value = Vec<u8>> {
    let last = prop_oneof![
        20 => select(vec!["0\r\n", "0\r\n", "000\r\n", "0;last\r\n", "0 \r\n"]),
        1 => select(vec!["0\n", "\r\n", ""]),
    ];
    let trailers = prop_oneof![
        8 => Just(Vec::new()),
        8 => vec(select(TRAILERS.to_vec()), 1..4),
        1 => vec(select(ODD_TRAILERS.to_vec()), 1..4),
    ];
    (vec(chunk(), 0..4), last, trailers).prop_map(|(chunks, last, trailers)| {
        [&chunks.concat(), last.as_bytes(), trailers.concat().as_bytes(), b"\r\n"].concat()
    })
}

const TRAILERS: [&str; 4] = ["x-sum: 1\r\n", "Content-Length: 3\r\n", "a:\r\n", "x-latin: \u{e9}\r\n"];

const ODD_TRAILERS: [&str; 9] = [
    "b: 1\r\n",
    "c: bare\n",
    "\nd\r\n",
    "no colon\r\n",
    " fold\r\n",
    "e: f\rg: h\r\n",
    "i : j\r\n",
    "\n\n",
    "k: l\u{1}\r\n",
];

fn chunk() -> impl Strategy<Value = Vec<u8>> {
    let extension = prop_oneof![
        20 => Just(""),
        10 => select(vec![";a", ";a=b", " ;a=\"b;c\"", "\t", " ", ";", ";\u{e9}", ";\0"]),
        1 => select(vec![";a\n", " a", ";a\rb"]),
    ];
    let zeros = prop_oneof![
        40 => Just(""),
        4 => select(vec!["0", "0000000000000000000"]),
        1 => select(vec!["g", "-", "+", "0x", " "]),
    ];
    let end = prop_oneof![40 => Just("\r\n"), 1 => select(vec!["\n", "\r", "", "\r\r\n"])];
    (vec(any::<u8>(), 1..20), zeros, any::<bool>(), extension, end).prop_map(
        |(data, zeros, capital, extension, end)| {
            let size = match capital {
                true => format!("{:X}", data.len()),
                false => format!("{:x}", data.len()),
            };
            let line = format!("{zeros}{size}{extension}\r\n");
            [line.as_bytes(), &data, end.as_bytes()].concat()
        },
    )
}

/// One change that corrupts an answer.
#[derive(Clone, Debug)]
enum Change {
    Replace(Index, u8),
    Delete(Index, usize),
    Insert(Index, &'static str),
    Repeat(Index, usize),
    EndAt(Index),
    /// Removes the CR before one LF, or before every LF.
    BareLf(Index),
    BareLfs,
}

fn change() -> impl Strategy<Value = Change> {
    let inserted = [
        "\r\n",
        "\n",
        "\r",
        " ",
        "\t",
        ",",
        ":",
        ";",
        "0",
        "1",
        "f",
        "\0",
        "\u{7f}",
        "\u{e9}",
        "\r\n\r\n",
        "chunked",
        "close",
        "HTTP/1.1 ",
        "Content-Length: 2\r\n",
        "Transfer-Encoding: chunked\r\n",
        "ffffffffffffffff",
        "10000000000000000",
    ];
    prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(place, byte)| Change::Replace(place, byte)),
        3 => (any::<Index>(), 1usize..10).prop_map(|(place, length)| Change::Delete(place, length)),
        4 => (any::<Index>(), select(inserted.to_vec())).prop_map(|(place, text)| Change::Insert(place, text)),
        2 => (any::<Index>(), 1usize..40).prop_map(|(place, length)| Change::Repeat(place, length)),
        4 => any::<Index>().prop_map(Change::EndAt),
        2 => any::<Index>().prop_map(Change::BareLf),
        1 => Just(Change::BareLfs),
    ]
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        match self {
            Change::Replace(place, byte) => bytes[place.index(length)] = *byte,
            Change::Delete(place, deleted) => {
                let place = place.index(length);
                bytes.drain(place..length.min(place + deleted));
            }
            Change::Insert(place, text) => {
                let place = place.index(length + 1);
                bytes.splice(place..place, text.bytes());
            }
            Change::Repeat(place, repeated) => {
                let place = place.index(length);
                let end = length.min(place + repeated);
                let again = bytes[place..end].to_vec();
                bytes.splice(end..end, again);
            }
            Change::EndAt(place) => bytes.truncate(place.index(length)),
            Change::BareLf(place) => {
                let ends: Vec<usize> = (1..length).filter(|&end| bytes[end - 1..=end] == *b"\r\n").collect();
                if !ends.is_empty() {
                    bytes.remove(ends[place.index(ends.len())] - 1);
                }
            }
            Change::BareLfs => bytes.retain(|byte| *byte != b'\r'),
        }
    }
}
