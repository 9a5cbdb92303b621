//! Searches a body for the text that a success rule requires. The body arrives in pieces of any length.
//!
//! A search does not keep the body. A search keeps only a number: how many bytes of the required text the last bytes of
//! the body match. A body with the coding gzip or deflate is decoded until the text is found.

use crate::index::Table;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use plan::action::Action;
use plan::plan::Plan;
use std::io::Write;
use tally::request::RequestIndex;

/// The maximum number of bytes of a coded body that are decoded at once. Deflate expands one byte to at most 1,032
/// bytes, so the result has at most about a megabyte.
const DECODED_AT_ONCE: usize = 1 << 10;

/// The texts that the success rules of a plan require, indexed by request.
pub(crate) struct Searches(Table<RequestIndex, Option<Wanted>>);

/// A required text, prepared for the search algorithm of Knuth, Morris and Pratt.
pub(crate) struct Wanted {
    text: Vec<u8>,
    /// For each length of a match, from 1: the length of the longest shorter match that ends at the same byte of the
    /// body.
    shorter: Vec<usize>,
}

/// The content coding of a body (RFC 9110, 8.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Coding {
    #[default]
    Identity,
    Gzip,
    /// The zlib format, or raw deflate. Some servers send raw deflate.
    Deflate,
    /// A coding that is not decoded, or a combination of several codings.
    Other,
}

/// The state of the search of a body.
#[derive(Default)]
pub(crate) struct BodySearch {
    /// The number of bytes of the required text that the last bytes of the body match.
    matched: usize,
    found: bool,
    decoder: Decoder,
    /// The number of decoded bytes of the body.
    decoded: u64,
}

#[derive(Default)]
enum Decoder {
    /// The body is not coded, or need not be decoded any further.
    #[default]
    None,
    /// The coding is deflate, and the first byte of the body has not arrived. The first byte shows whether the format
    /// is zlib or raw deflate.
    Undecided,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zlib(Box<ZlibDecoder<Vec<u8>>>),
    Deflate(Box<DeflateDecoder<Vec<u8>>>),
    /// The body, or the rest of the body, cannot be decoded.
    Broken,
}

impl Searches {
    pub(crate) fn new(plan: &Plan) -> Searches {
        let wanted = |text: &String| Wanted::new(text.as_bytes());
        let texts = plan
            .actions()
            .map(|Action::Http(request)| &request.success.body_contains);
        Searches(texts.map(|text| text.as_ref().map(wanted)).collect())
    }

    /// Returns the text that a request of the plan requires, if it requires one.
    pub(crate) fn of(&self, request: RequestIndex) -> Option<&Wanted> {
        self.0[request].as_ref()
    }
}

impl Wanted {
    fn new(text: &[u8]) -> Wanted {
        let mut shorter = vec![0; text.len()];
        let mut matched = 0;
        for end in 1..text.len() {
            while matched > 0 && text[matched] != text[end] {
                matched = shorter[matched - 1];
            }
            matched += usize::from(text[matched] == text[end]);
            shorter[end] = matched;
        }
        Wanted {
            text: text.to_vec(),
            shorter,
        }
    }

    /// Returns `Ok` if a match ends within these bytes. Otherwise, returns how many bytes of the required text the last
    /// bytes match.
    fn advance(&self, mut matched: usize, mut data: &[u8]) -> Result<(), usize> {
        let Some(first) = self.text.first() else { return Ok(()) };
        loop {
            if matched == 0 {
                match memchr::memchr(*first, data) {
                    Some(at) => data = &data[at..],
                    None => return Err(0),
                }
            }
            let Some((byte, rest)) = data.split_first() else {
                return Err(matched);
            };
            while matched > 0 && self.text[matched] != *byte {
                matched = self.shorter[matched - 1];
            }
            matched += usize::from(self.text[matched] == *byte);
            if matched == self.text.len() {
                return Ok(());
            }
            data = rest;
        }
    }
}

impl Coding {
    /// Combines this coding with the value of a further `Content-Encoding` header.
    pub(crate) fn and(self, value: &[u8]) -> Coding {
        value.split(|byte| *byte == b',').fold(self, |coding, one| {
            let one = one.trim_ascii();
            let is = |name: &str| one.eq_ignore_ascii_case(name.as_bytes());
            match coding {
                _ if one.is_empty() || is("identity") => coding,
                Coding::Identity if is("gzip") || is("x-gzip") => Coding::Gzip,
                Coding::Identity if is("deflate") => Coding::Deflate,
                _ => Coding::Other,
            }
        })
    }
}

impl BodySearch {
    /// Resets the search for a body with this coding.
    pub(crate) fn begin(&mut self, coding: Coding) {
        *self = BodySearch {
            decoder: match coding {
                Coding::Identity => Decoder::None,
                Coding::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
                Coding::Deflate => Decoder::Undecided,
                Coding::Other => Decoder::Broken,
            },
            ..BodySearch::default()
        };
    }

    /// Searches the next piece of the body for `wanted`, and appends the decoded piece to `kept`. Returns `false` if
    /// the decoded body is too large.
    pub(crate) fn read_piece(
        &mut self,
        wanted: Option<&Wanted>,
        mut kept: Option<&mut Vec<u8>>,
        data: &[u8],
        body_bytes_max: u64,
    ) -> bool {
        let wanted = wanted.filter(|_| !self.found);
        if wanted.is_none() && kept.is_none() {
            return true;
        }
        if let Decoder::None = self.decoder {
            wanted.into_iter().for_each(|wanted| self.advance(wanted, data));
            kept.into_iter().for_each(|kept| kept.extend_from_slice(data));
            return true;
        }
        for piece in data.chunks(DECODED_AT_ONCE) {
            let decoded = self.decoder.decode(piece);
            self.decoded += decoded.len() as u64;
            if let Some(wanted) = wanted.filter(|_| !self.found) {
                self.advance(wanted, &decoded);
            }
            kept.iter_mut().for_each(|kept| kept.extend_from_slice(&decoded));
            if self.found && kept.is_none() || self.decoded > body_bytes_max {
                break;
            }
        }
        if self.found && kept.is_none() {
            self.decoder = Decoder::None;
        }
        self.decoded <= body_bytes_max
    }

    /// Returns whether the required text was found.
    pub(crate) fn has_found(&self) -> bool {
        self.found
    }

    fn advance(&mut self, wanted: &Wanted, data: &[u8]) {
        match wanted.advance(self.matched, data) {
            Ok(()) => self.found = true,
            Err(matched) => self.matched = matched,
        }
    }
}

impl Decoder {
    /// Decodes a piece of the body, as far as possible.
    fn decode(&mut self, piece: &[u8]) -> Vec<u8> {
        if let (Decoder::Undecided, Some(first)) = (&*self, piece.first()) {
            // RFC 1950, 2.2: the lower four bits are the compression method, and 8 is the only method. Raw deflate with
            // this first byte would begin a stored block in which an unused bit is set. Encoders do not write such
            // blocks.
            *self = match first & 0x0f {
                8 => Decoder::Zlib(Box::new(ZlibDecoder::new(Vec::new()))),
                _ => Decoder::Deflate(Box::new(DeflateDecoder::new(Vec::new()))),
            };
        }
        let decoded = match self {
            Decoder::Gzip(decoder) => decoded(decoder.as_mut(), MultiGzDecoder::get_mut, piece),
            Decoder::Zlib(decoder) => decoded(decoder.as_mut(), ZlibDecoder::get_mut, piece),
            Decoder::Deflate(decoder) => decoded(decoder.as_mut(), DeflateDecoder::get_mut, piece),
            Decoder::None | Decoder::Undecided | Decoder::Broken => return Vec::new(),
        };
        let (data, whole) = decoded;
        if !whole {
            *self = Decoder::Broken;
        }
        data
    }
}

/// Returns the output of a decoder for a piece, and whether the whole piece could be decoded.
fn decoded<D: Write>(decoder: &mut D, output: fn(&mut D) -> &mut Vec<u8>, piece: &[u8]) -> (Vec<u8>, bool) {
    let written = decoder.write_all(piece).and_then(|()| decoder.flush());
    (std::mem::take(output(decoder)), written.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    /// Searches a body in pieces of any length, and checks whether the text is found.
    #[track_caller]
    fn check(text: &[u8], coding: Coding, body: &[u8], expected: bool) {
        let wanted = Wanted::new(text);
        for length in [1, 2, 3, 7, 1_000, body.len().max(1)] {
            let mut search = BodySearch::default();
            search.begin(coding);
            for piece in body.chunks(length) {
                assert!(search.read_piece(Some(&wanted), None, piece, 1 << 20));
            }
            assert_eq!(search.has_found(), expected, "{} {length}", text.escape_ascii());
        }
    }

    #[test]
    fn a_text_is_found_however_the_body_is_split() {
        for text in ["a", "ab", "aab", "aabaaab", "abcabd", "<end>"] {
            for body in [
                "aabaabaaabcabcabd",
                "aaaaaaab",
                "abababab",
                "<<end>",
                "",
                "<end",
                "aabaaaabaaab",
            ] {
                check(text.as_bytes(), Coding::Identity, body.as_bytes(), body.contains(text));
            }
        }
    }

    fn encoded<E: Write>(mut encoder: E, finish: fn(E) -> std::io::Result<Vec<u8>>, body: &[u8]) -> Vec<u8> {
        encoder.write_all(body).unwrap();
        finish(encoder).unwrap()
    }

    #[test]
    fn a_coded_body_is_decoded_before_it_is_searched() {
        let body = [vec![b'x'; 100_000], b"<end>".to_vec()].concat();
        let best = Compression::best();
        let gzip = encoded(GzEncoder::new(Vec::new(), best), GzEncoder::finish, &body);
        let zlib = encoded(ZlibEncoder::new(Vec::new(), best), ZlibEncoder::finish, &body);
        let deflate = encoded(DeflateEncoder::new(Vec::new(), best), DeflateEncoder::finish, &body);
        for (coding, coded) in [
            (Coding::Gzip, &gzip),
            (Coding::Deflate, &zlib),
            (Coding::Deflate, &deflate),
        ] {
            check(b"<end>", coding, coded, true);
            check(b"<none>", coding, coded, false);
            check(b"<end>", coding, &coded[..coded.len() / 2], false);
        }
        check(b"<end>", Coding::Gzip, &[gzip.as_slice(), &gzip].concat(), true);
        check(b"<end>", Coding::Gzip, &body, false);
        check(b"<end>", Coding::Other, &body, false);
    }

    #[test]
    fn a_body_that_exceeds_the_limit_once_decoded_is_refused_early() {
        let bomb = encoded(
            GzEncoder::new(Vec::new(), Compression::best()),
            GzEncoder::finish,
            &vec![0; 16 << 20],
        );
        let mut search = BodySearch::default();
        search.begin(Coding::Gzip);
        assert!(!search.read_piece(Some(&Wanted::new(b"x")), None, &bomb, 1 << 20));
        assert!(search.decoded < 4 << 20, "{} bytes were decoded", search.decoded);
    }

    #[test]
    fn the_coding_is_read_from_all_headers() {
        let read = |values: &[&str]| {
            let all = values.iter();
            all.fold(Coding::Identity, |coding, value| coding.and(value.as_bytes()))
        };
        assert_eq!(read(&["gzip"]), Coding::Gzip);
        assert_eq!(read(&["identity, X-GZIP"]), Coding::Gzip);
        assert_eq!(read(&["Deflate"]), Coding::Deflate);
        assert_eq!(read(&["br"]), Coding::Other);
        assert_eq!(read(&["gzip", "gzip"]), Coding::Other);
        assert_eq!(read(&["", "identity"]), Coding::Identity);
    }
}
