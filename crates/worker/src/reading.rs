//! Reads the answer of one request from the bytes of an HTTP/1.1 connection.
//!
//! A [`AnswerReader`] is given what arrives, in pieces of any length. It passes on what is body, and says where the answer
//! ends and whether the connection may carry another request. It does no I/O and reads no clock, and it keeps bytes
//! only of heads and trailers that come in pieces.
//!
//! Its law: what becomes of an answer depends on its bytes and on whether the connection ends after them, never on
//! how they were cut into pieces. Only how soon a malformed head is noticed may depend on that.
//!
//! What is well-formed, where a body ends and what may follow is what hyper's client says, when it takes folded lines
//! and as many header lines as [`HEADERS_MAX`]; its parser of heads is used here. A test compares the two. They differ
//! in two things:
//!
//! - A head that is already malformed when the connection ends is malformed. hyper calls it cut off if it came in
//!   pieces, for it does not look at the later pieces before there is an empty line.
//! - [`HEAD_MAX`] holds to the byte. hyper's limit is that of its buffer, which may be somewhat larger than asked for.
//!
//! Where hyper is more lenient than one might expect, so is this: `101 Switching Protocols` is a final answer without
//! a body, after which the connection is not HTTP any more; `Transfer-Encoding` beats `Content-ContentLength`, however
//! senseless; a status line or header may end in a bare LF, but a line between chunks may not. An answer to `CONNECT`
//! is not for this: no scenario asks for a tunnel.

use httparse::{EMPTY_HEADER, Header, ParserConfig, Response, Status, parse_headers};
use std::mem::MaybeUninit;

/// How many bytes a head may have, with the empty lines before it: what hyper's buffer is made to hold.
pub const HEAD_MAX: usize = 8_192 + 100 * 4_096;

/// How many header lines a head may have: as many as curl takes.
pub const HEADERS_MAX: usize = 5_000;

/// How many header lines there is room for on the stack. Nearly all heads have fewer.
const HEADERS_USUAL: usize = 100;

/// The first length of a header's name that is too long for a header map.
const NAME_TOO_LONG: usize = 1 << 16;

/// The longest body that a `Content-ContentLength` may promise: hyper gives the two higher numbers a meaning of their own.
const LENGTH_MAX: u64 = u64::MAX - 2;

/// How many bytes of chunk extensions are too many in one body.
const EXTENSIONS_TOO_LONG: usize = 16 * 1_024;

/// How many bytes of trailers are too many. Fewer have no more than [`HEADERS_MAX`] lines.
const TRAILERS_TOO_LONG: usize = 16 * 1_024;

/// Gets the body of an answer.
pub trait Sink {
    /// Takes what a header says of the coding of the body that comes next.
    fn coding(&mut self, _header: &[u8]) {}

    /// Takes a piece of the body, which is never empty; false if no more is wanted.
    fn data(&mut self, data: &[u8]) -> bool;
}

impl<F: FnMut(&[u8]) -> bool> Sink for F {
    fn data(&mut self, data: &[u8]) -> bool {
        self(data)
    }
}

/// The answer of one request, being read.
#[derive(Default)]
pub struct AnswerReader {
    state: State,
    head_request: bool,
    want_location: bool,
    status: Option<u16>,
    keep_alive: bool,
    has_location: bool,
    location: Vec<u8>,
    /// The cookies that an answer sets that leads elsewhere, one after the other, and where each ends.
    cookies: Vec<u8>,
    cookie_ends: Vec<usize>,
    /// What has come of a head or of trailers that are not whole yet.
    held: Vec<u8>,
    /// How many bytes of empty lines came before what is held of a head.
    blank: usize,
}

impl std::fmt::Debug for AnswerReader {
    /// Nothing of what was read: it may echo a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reading({:?})", self.state)
    }
}

/// What is expected next.
#[derive(Debug, Default)]
enum State {
    #[default]
    Head,
    /// So many more bytes of body.
    Sized(u64),
    Chunked(Chunks),
    /// Body until the connection ends.
    UntilEnd,
    Done,
    Failed(Bad),
}

/// How far an answer is after a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadProgress {
    More,
    /// The answer ended after this many bytes of the piece. If that is not all of it, something follows that nobody
    /// asked for, and the connection is of no use any more.
    Done {
        used: usize,
    },
}

/// Why there is no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// It is not HTTP/1.1, or too large where that has a limit.
    Malformed(MalformedAnswer),
    /// The connection ended before the answer did.
    CutOff,
    /// Whoever gets the body wants no more of it.
    Refused,
}

/// What is wrong with a malformed answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MalformedAnswer {
    StatusLine,
    /// The header line with this number, the first one after the status line being 1.
    HeaderLine(u16),
    TooManyHeaders,
    HeadTooLarge,
    ContentLength,
    TransferEncoding,
    Chunk,
    Trailer,
    /// It is a record of TLS.
    Tls,
}

impl MalformedAnswer {
    /// The fault of a head that could not be parsed: that of its first line that cannot be parsed by itself.
    fn of_head(bytes: &[u8], error: httparse::Error) -> MalformedAnswer {
        if let httparse::Error::TooManyHeaders = error {
            return MalformedAnswer::TooManyHeaders;
        }
        // Handshakes, alerts and data of TLS begin with their kind and a version.
        if let [20..=23] | [20..=23, 3, ..] = bytes {
            return MalformedAnswer::Tls;
        }
        let in_status_line = matches!(error, httparse::Error::Version | httparse::Error::Status);
        let mut lines = bytes.split_inclusive(|&byte| byte == b'\n');
        let _status_line = lines.find(|line| !matches!(*line, b"\r\n" | b"\n"));
        let is_bad = |line: &[u8]| parse_headers(line, &mut [EMPTY_HEADER]).is_err();
        let mut before = 0;
        let malformed = |line: &[u8]| {
            before += 1;
            match line {
                // A folded line is a part of the value before it; the first line has none before it.
                [b' ' | b'\t', ..] if before > 1 => is_bad(&[b"folded:", line].concat()),
                line => is_bad(line),
            }
        };
        match lines.position(malformed) {
            Some(before) if !in_status_line => {
                MalformedAnswer::HeaderLine(u16::try_from(before + 1).unwrap_or(u16::MAX))
            }
            _ => MalformedAnswer::StatusLine,
        }
    }
}

impl AnswerReader {
    pub fn new() -> AnswerReader {
        AnswerReader::default()
    }

    /// Gets ready for the answer of the next request, which has no body whatever its head says if that was a
    /// `head_request`.
    pub fn begin(&mut self, head_request: bool, want_location: bool) {
        self.state = State::Head;
        self.head_request = head_request;
        self.want_location = want_location;
        self.status = None;
        self.has_location = false;
        self.cookies.clear();
        self.cookie_ends.clear();
        self.held.clear();
        self.blank = 0;
    }

    /// Takes the next bytes of the connection, and gives `body` what is body of them. What has failed once fails in the
    /// same way again.
    pub fn feed(&mut self, bytes: &[u8], body: &mut impl Sink) -> Result<ReadProgress, Bad> {
        let progress = self.advance(bytes, body);
        if let Err(bad) = progress {
            self.state = State::Failed(bad);
        }
        progress
    }

    /// Takes note that nothing more will come. That is the end of an answer which nothing else ends.
    pub fn end(&mut self) -> Result<(), Bad> {
        let bad = match self.state {
            State::UntilEnd | State::Done => {
                self.state = State::Done;
                return Ok(());
            }
            // The last line of what is held may never have been looked at.
            State::Head => match self.held_head(&mut |_: &[u8]| true) {
                Ok(_) => Bad::CutOff,
                Err(bad) => bad,
            },
            State::Sized(_) | State::Chunked(_) => Bad::CutOff,
            State::Failed(bad) => bad,
        };
        self.state = State::Failed(bad);
        Err(bad)
    }

    /// The status of the final answer, once its head has been read.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Where a redirect leads, if that was wanted and it says so.
    pub fn location(&self) -> Option<&[u8]> {
        self.has_location.then_some(self.location.as_slice())
    }

    /// The values of the cookies that the answer sets, if it leads elsewhere and that was wanted.
    pub fn cookies(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(&0).chain(&self.cookie_ends);
        starts
            .zip(&self.cookie_ends)
            .map(|(from, to)| &self.cookies[*from..*to])
    }

    /// Whether anything of the answer has come.
    pub fn has_begun(&self) -> bool {
        !matches!(self.state, State::Head) || !self.held.is_empty() || self.blank > 0
    }

    /// Whether the connection may carry another request: the answer has ended, and it was not the last one.
    pub fn keep_alive(&self) -> bool {
        self.keep_alive && matches!(self.state, State::Done)
    }

    fn advance(&mut self, bytes: &[u8], body: &mut impl Sink) -> Result<ReadProgress, Bad> {
        let mut used = 0;
        if let State::Head = self.state {
            used = self.heads(bytes, body)?;
        }
        let rest = &bytes[used..];
        let end = match &mut self.state {
            State::Head => None,
            State::Sized(left) => {
                let data = front(rest, *left);
                pass(data, body)?;
                *left -= data.len() as u64;
                (*left == 0).then_some(data.len())
            }
            State::Chunked(chunks) => chunks.read(rest, &mut self.held, body)?,
            State::UntilEnd => {
                pass(rest, body)?;
                None
            }
            State::Done => Some(0),
            State::Failed(bad) => return Err(*bad),
        };
        Ok(match end {
            Some(end) => {
                self.state = State::Done;
                ReadProgress::Done { used: used + end }
            }
            None => ReadProgress::More,
        })
    }

    /// Reads heads up to the end of the final one, or to the end of the bytes. Says how many bytes that took.
    fn heads(&mut self, bytes: &[u8], body: &mut impl Sink) -> Result<usize, Bad> {
        let mut used = 0;
        while let State::Head = self.state {
            let rest = &bytes[used..];
            let room = HEAD_MAX - self.blank - self.held.len();
            let window = &rest[..rest.len().min(room)];
            let end = match self.held.len() {
                0 => self.head(window, body)?,
                before => {
                    self.held.extend_from_slice(window);
                    // A head that comes in pieces would otherwise be parsed as often as there are pieces.
                    let ends = has_empty_line(&self.held[before.saturating_sub(2)..]) || self.goes_on_empty(before);
                    let end = ends.then(|| self.held_head(body)).transpose()?;
                    end.flatten().map(|end| end - before)
                }
            };
            match end {
                Some(end) => {
                    used += end;
                    self.held.clear();
                    self.blank = 0;
                }
                None if window.len() == room => return Err(Bad::Malformed(MalformedAnswer::HeadTooLarge)),
                None => {
                    if self.held.is_empty() {
                        self.held.extend_from_slice(window);
                    }
                    self.drop_empty_lines();
                    return Ok(bytes.len());
                }
            }
        }
        Ok(used)
    }

    /// Whether an empty line ends with what came after `before` bytes of the head, and began before those: in the empty
    /// lines that were forgotten.
    fn goes_on_empty(&self, before: usize) -> bool {
        self.blank > 0 && before < 2 && (self.held.starts_with(b"\n") || self.held.starts_with(b"\r\n"))
    }

    /// Forgets empty lines before a head, of which there may be as many as it may have bytes: each of them would be
    /// gone over again with the next one.
    fn drop_empty_lines(&mut self) {
        let mut lines = 0;
        loop {
            lines += match &self.held[lines..] {
                [b'\n', ..] => 1,
                [b'\r', b'\n', ..] => 2,
                _ => break,
            };
        }
        self.held.drain(..lines);
        self.blank += lines;
    }

    fn held_head(&mut self, body: &mut impl Sink) -> Result<Option<usize>, Bad> {
        let held = std::mem::take(&mut self.held);
        let end = self.head(&held, body);
        self.held = held;
        end
    }

    /// Reads the head at the front of `bytes`, and says where it ends if it is whole.
    fn head(&mut self, bytes: &[u8], body: &mut impl Sink) -> Result<Option<usize>, Bad> {
        let mut headers = [const { MaybeUninit::uninit() }; HEADERS_USUAL];
        let mut response = Response::new(&mut []);
        match parse(&mut response, bytes, &mut headers) {
            Ok(Status::Complete(end)) => self.whole_head(&response, end, body),
            Ok(Status::Partial) => Ok(None),
            Err(httparse::Error::TooManyHeaders) => self.long_head(bytes, body),
            Err(error) => Err(Bad::Malformed(MalformedAnswer::of_head(bytes, error))),
        }
    }

    /// Reads a head that has more lines than most.
    #[cold]
    fn long_head(&mut self, bytes: &[u8], body: &mut impl Sink) -> Result<Option<usize>, Bad> {
        let mut headers = vec![MaybeUninit::uninit(); HEADERS_MAX];
        let mut response = Response::new(&mut []);
        match parse(&mut response, bytes, &mut headers) {
            Ok(Status::Complete(end)) => self.whole_head(&response, end, body),
            Ok(Status::Partial) => Ok(None),
            Err(error) => Err(Bad::Malformed(MalformedAnswer::of_head(bytes, error))),
        }
    }

    /// Takes what a whole head says, which ends at `end`.
    fn whole_head(
        &mut self,
        response: &Response<'_, '_>,
        end: usize,
        body: &mut impl Sink,
    ) -> Result<Option<usize>, Bad> {
        let status = response.code.expect("a whole head has a status");
        let said = Said::by(response.headers)?;
        let state = match status {
            0..100 => return Err(Bad::Malformed(MalformedAnswer::StatusLine)),
            100 | 102..200 => return Ok(Some(end)),
            101 | 204 | 304 => State::Done,
            _ if self.head_request => State::Done,
            _ => said.framing(response.version == Some(0))?,
        };
        let may_stay = match response.version {
            Some(0) => said.keep_alive && !said.close,
            _ => !said.close,
        };
        self.keep_alive = may_stay && status != 101 && !matches!(state, State::UntilEnd);
        self.state = state;
        self.status = Some(status);
        if self.want_location && matches!(status, 301 | 302 | 303 | 307 | 308) {
            self.keep_redirect(response.headers);
        }
        if said.coded {
            let headers = response.headers.iter();
            headers
                .filter(|header| is_named(header, "content-encoding", "Content-Encoding"))
                .for_each(|header| body.coding(header.value));
        }
        Ok(Some(end))
    }

    /// Keeps what an answer says of where it leads, and the cookies that it sets.
    fn keep_redirect(&mut self, headers: &[Header<'_>]) {
        let location = headers.iter().find(|header| is_named(header, "location", "Location"));
        if let Some(location) = location {
            self.location.clear();
            unfold(location.value, &mut self.location);
            self.has_location = true;
        }
        let cookies = headers
            .iter()
            .filter(|header| is_named(header, "set-cookie", "Set-Cookie"));
        for cookie in cookies {
            unfold(cookie.value, &mut self.cookies);
            self.cookie_ends.push(self.cookies.len());
        }
    }
}

/// Whether an empty line is in these bytes, behind another line.
fn has_empty_line(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|end| end == b"\n\n") || bytes.windows(3).any(|end| end == b"\n\r\n")
}

/// Parses a head. A folded line is a part of the value that it goes on with (RFC 9112, 5.2).
fn parse<'h, 'b>(
    response: &mut Response<'h, 'b>,
    bytes: &'b [u8],
    headers: &'h mut [MaybeUninit<Header<'b>>],
) -> httparse::Result<usize> {
    let mut config = ParserConfig::default();
    config.allow_obsolete_multiline_headers_in_responses(true);
    config.parse_response_with_uninit_headers(response, bytes, headers)
}

/// Appends a value with one space in the place of each of its folds.
fn unfold(value: &[u8], out: &mut Vec<u8>) {
    if !value.contains(&b'\n') {
        return out.extend_from_slice(value);
    }
    let mut lines = value.split(|byte| *byte == b'\n');
    out.extend_from_slice(lines.next().unwrap_or_default().trim_ascii_end());
    for line in lines {
        out.push(b' ');
        out.extend_from_slice(line.trim_ascii());
    }
}

/// What the header lines of a head say of its body and of its connection.
#[derive(Default)]
struct Said {
    length: ContentLength,
    /// Whether the last one of the transfer codings is `chunked`, if there are any.
    chunked: Option<bool>,
    close: bool,
    keep_alive: bool,
    /// Whether it says that the body is coded.
    coded: bool,
}

/// What all the `Content-ContentLength` of a head amount to.
#[derive(Clone, Copy, Default)]
enum ContentLength {
    #[default]
    Absent,
    Known(u64),
    Senseless,
}

impl Said {
    fn by(headers: &[Header<'_>]) -> Result<Said, Bad> {
        let mut said = Said::default();
        for (before, header) in headers.iter().enumerate() {
            // Most headers are passed over by their length alone.
            match header.name.len() {
                10 if is_named(header, "connection", "Connection") => {
                    for token in tokens(header.value) {
                        said.close |= token.eq_ignore_ascii_case(b"close");
                        said.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                14 if is_named(header, "content-length", "Content-Length") => {
                    said.length = said.length.and(header.value)
                }
                16 => said.coded |= is_named(header, "content-encoding", "Content-Encoding"),
                17 if is_named(header, "transfer-encoding", "Transfer-Encoding") => {
                    let last = tokens(header.value).next_back();
                    said.chunked = Some(last.is_some_and(|last| last.eq_ignore_ascii_case(b"chunked")));
                }
                NAME_TOO_LONG.. => return Err(Bad::Malformed(MalformedAnswer::HeaderLine(before as u16 + 1))),
                _ => {}
            }
        }
        Ok(said)
    }

    /// How the end of the body is told, if there may be one.
    fn framing(&self, is_http_10: bool) -> Result<State, Bad> {
        match (self.chunked, self.length) {
            (Some(_), _) if is_http_10 => Err(Bad::Malformed(MalformedAnswer::TransferEncoding)),
            (Some(true), _) => Ok(State::Chunked(Chunks::default())),
            (Some(false), _) | (None, ContentLength::Absent) => Ok(State::UntilEnd),
            (None, ContentLength::Known(length @ ..=LENGTH_MAX)) => Ok(State::Sized(length)),
            (None, ContentLength::Known(_) | ContentLength::Senseless) => {
                Err(Bad::Malformed(MalformedAnswer::ContentLength))
            }
        }
    }
}

impl ContentLength {
    /// Several lines, or several numbers in one, are as good as one if all are the same.
    fn and(self, value: &[u8]) -> ContentLength {
        if let (ContentLength::Absent, Some(number)) = (self, number(value)) {
            return ContentLength::Known(number);
        }
        value
            .split(|&byte| byte == b',')
            .fold(self, |length, element| match (length, number(element.trim_ascii())) {
                (ContentLength::Absent, Some(number)) => ContentLength::Known(number),
                (ContentLength::Known(before), Some(number)) if before == number => length,
                _ => ContentLength::Senseless,
            })
    }
}

/// Whether the header has this name. The two spellings that nearly all targets use are tried first: with their lengths
/// known, they are compared in a few instructions.
fn is_named(header: &Header<'_>, small: &str, capitalized: &str) -> bool {
    header.name == small || header.name == capitalized || header.name.eq_ignore_ascii_case(small)
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |number, digit| match digit {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// The elements of a comma-separated list. One with a byte in it that is not ASCII is not understood as a whole.
fn tokens(value: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let understood = if value.is_ascii() { value } else { b"" };
    understood.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// The first `length` of the bytes, or all of them if they are fewer.
fn front(bytes: &[u8], length: u64) -> &[u8] {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    &bytes[..length.min(bytes.len())]
}

fn pass(data: &[u8], body: &mut impl Sink) -> Result<(), Bad> {
    if data.is_empty() || body.data(data) {
        return Ok(());
    }
    Err(Bad::Refused)
}

/// A body in chunks, being read.
#[derive(Debug, Default)]
struct Chunks {
    place: ChunkPosition,
    /// The size of a chunk as far as it has been read, and then what is left of its data.
    left: u64,
    /// How many bytes of extensions there were in all chunks.
    extensions: usize,
    /// How many lines of trailers there were.
    trailers: usize,
}

/// What the next byte of a body in chunks belongs to. Those of the trailers come last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum ChunkPosition {
    #[default]
    FirstDigit,
    Digit,
    SpaceAfterSize,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// The first byte of a trailer, or of the empty line that ends everything.
    LineStart,
    Trailer,
    TrailerLf,
    EndLf,
    End,
}

impl Chunks {
    /// Takes the next bytes, and says how many of them belong to the body if it ends with them. Trailers are of no use
    /// to anyone, but they are held until they can be seen to be well-formed.
    fn read(&mut self, bytes: &[u8], trailers: &mut Vec<u8>, body: &mut impl Sink) -> Result<Option<usize>, Bad> {
        let mut used = 0;
        while let Some(&byte) = bytes.get(used) {
            if self.place == ChunkPosition::Data {
                let data = front(&bytes[used..], self.left);
                pass(data, body)?;
                used += data.len();
                self.left -= data.len() as u64;
                if self.left == 0 {
                    self.place = ChunkPosition::DataCr;
                }
                continue;
            }
            used += 1;
            if self.place >= ChunkPosition::LineStart {
                trailers.push(byte);
                if trailers.len() >= TRAILERS_TOO_LONG {
                    return Err(Bad::Malformed(MalformedAnswer::Trailer));
                }
            }
            let malformed = match self.place {
                place if place >= ChunkPosition::LineStart => Bad::Malformed(MalformedAnswer::Trailer),
                _ => Bad::Malformed(MalformedAnswer::Chunk),
            };
            self.place = self.step(byte).ok_or(malformed)?;
            if self.place == ChunkPosition::End {
                return self.check(trailers).map(|()| Some(used));
            }
        }
        Ok(None)
    }

    /// Where the byte leads to, unless it should not be there.
    fn step(&mut self, byte: u8) -> Option<ChunkPosition> {
        Some(match (self.place, byte) {
            (ChunkPosition::FirstDigit | ChunkPosition::Digit, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16)?;
                self.left = self.left.checked_mul(16)?.checked_add(u64::from(digit))?;
                ChunkPosition::Digit
            }
            (ChunkPosition::Digit | ChunkPosition::SpaceAfterSize, b' ' | b'\t') => ChunkPosition::SpaceAfterSize,
            (ChunkPosition::Digit | ChunkPosition::SpaceAfterSize, b';') => ChunkPosition::Extension,
            (ChunkPosition::Digit | ChunkPosition::SpaceAfterSize | ChunkPosition::Extension, b'\r') => {
                ChunkPosition::SizeLf
            }
            (ChunkPosition::Extension, b'\n') => return None,
            (ChunkPosition::Extension, _) => {
                self.extensions += 1;
                (self.extensions < EXTENSIONS_TOO_LONG).then_some(ChunkPosition::Extension)?
            }
            (ChunkPosition::SizeLf, b'\n') if self.left == 0 => ChunkPosition::LineStart,
            (ChunkPosition::SizeLf, b'\n') => ChunkPosition::Data,
            (ChunkPosition::DataCr, b'\r') => ChunkPosition::DataLf,
            (ChunkPosition::DataLf, b'\n') => ChunkPosition::FirstDigit,
            (ChunkPosition::LineStart, b'\r') => ChunkPosition::EndLf,
            (ChunkPosition::Trailer, b'\r') => ChunkPosition::TrailerLf,
            (ChunkPosition::LineStart | ChunkPosition::Trailer, _) => ChunkPosition::Trailer,
            (ChunkPosition::TrailerLf, b'\n') => {
                self.trailers += 1;
                ChunkPosition::LineStart
            }
            (ChunkPosition::EndLf, b'\n') => ChunkPosition::End,
            _ => return None,
        })
    }

    fn check(&self, trailers: &[u8]) -> Result<(), Bad> {
        if self.trailers == 0 {
            return Ok(());
        }
        match parse_headers(trailers, &mut vec![EMPTY_HEADER; self.trailers]) {
            Ok(Status::Complete(_)) => Ok(()),
            Ok(Status::Partial) | Err(_) => Err(Bad::Malformed(MalformedAnswer::Trailer)),
        }
    }
}

#[cfg(test)]
mod tests;
