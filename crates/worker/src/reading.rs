//! Reads the answer of one request from the bytes of an HTTP/1.1 connection.
//!
//! An [`AnswerReader`] receives bytes in pieces of any length, and passes on the body of the answer. The reader reports
//! where the answer ends, and whether another request may be sent on the connection. The reader does no I/O and reads
//! no clock. The reader keeps the bytes of heads and trailers that arrive in several pieces, and the header fields that
//! its caller needs.
//!
//! Invariant: the result of an answer depends only on the bytes of the answer, and on whether the connection ends after
//! these bytes. The result never depends on how the bytes are divided into pieces. Only the moment at which a malformed
//! head is detected may depend on the pieces.
//!
//! The reader is compared with hyper's client, which is configured to accept folded lines and [`HEADERS_MAX`] header
//! lines. The reader and hyper agree on which answers are well-formed, where a body ends, and which bytes may follow.
//! The reader and hyper use the same parser of heads, and a test compares their results. The results differ in two
//! cases:
//!
//! - If a head is already malformed when the connection ends, the reader reports the head as malformed. hyper parses
//!   later pieces of a head only after an empty line. So hyper reports such a head as cut off if the head arrived in
//!   several pieces.
//! - [`HEAD_MAX`] is exact to the byte. hyper's limit is the size of its buffer, which may be slightly larger than
//!   requested.
//!
//! The reader is as lenient as hyper. `101 Switching Protocols` is a final answer without a body, and the bytes after
//! this answer are not HTTP. `Transfer-Encoding` has precedence over `Content-Length`, even if `Content-Length` is
//! invalid. A status line or header may end in a bare LF, but a line between chunks must end in CRLF. Answers to
//! `CONNECT` are out of scope, because no scenario requests a tunnel.

mod chunks;

use chunks::Chunks;
use httparse::{EMPTY_HEADER, Header, ParserConfig, Response, Status, parse_headers};
use std::mem::MaybeUninit;

/// The maximum size of a head in bytes, including the empty lines before the head. The buffer of hyper has the same
/// limit.
pub const HEAD_MAX: usize = 8_192 + 100 * 4_096;

/// The maximum number of header lines in a head. curl has the same limit.
pub const HEADERS_MAX: usize = 5_000;

/// The number of header lines for which memory on the stack is reserved. Nearly all heads have fewer lines.
const HEADERS_USUAL: usize = 100;

/// The smallest length of a header name that is rejected, in bytes. A name of this length is too long for a header map.
const NAME_TOO_LONG: usize = 1 << 16;

/// The largest valid `Content-Length`. hyper uses the two larger numbers for other purposes.
const LENGTH_MAX: u64 = u64::MAX - 2;

/// The smallest number of bytes of chunk extensions that is rejected. The limit applies to all chunks of a body
/// together.
const EXTENSIONS_TOO_LONG: usize = 16 * 1_024;

/// The smallest number of bytes of trailers that is rejected. Shorter trailers may have at most [`HEADERS_MAX`] lines.
const TRAILERS_TOO_LONG: usize = 16 * 1_024;

/// Receives the body of an answer.
pub trait Sink {
    /// Takes the value of a `Content-Encoding` header. The header belongs to the body that follows.
    fn coding(&mut self, _header: &[u8]) {}

    /// Takes the next bytes of the body. `data` is never empty. Returns `false` to reject the rest of the body.
    fn data(&mut self, data: &[u8]) -> bool;
}

impl<F: FnMut(&[u8]) -> bool> Sink for F {
    fn data(&mut self, data: &[u8]) -> bool {
        self(data)
    }
}

/// Reads the answer of one request from pieces of bytes.
#[derive(Default)]
pub struct AnswerReader {
    state: State,
    head_request: bool,
    want_location: bool,
    keep_head: bool,
    status: Option<u16>,
    keep_alive: bool,
    has_location: bool,
    location: Vec<u8>,
    /// The cookies that a redirect sets, concatenated. `cookie_ends` contains the end of each cookie.
    cookies: Vec<u8>,
    cookie_ends: Vec<usize>,
    /// The header fields that are kept. Each name and each value is followed by a zero byte. Neither a name nor a value
    /// contains a zero byte.
    fields: Vec<u8>,
    /// The received bytes of an incomplete head or of incomplete trailers.
    held: Vec<u8>,
    /// The number of bytes of empty lines that were dropped before the held bytes of a head.
    blank: usize,
}

impl std::fmt::Debug for AnswerReader {
    /// Shows only the state, because an answer may echo a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AnswerReader({:?})", self.state)
    }
}

/// The part of the answer that is expected next.
#[derive(Debug, Default)]
enum State {
    #[default]
    Head,
    /// The rest of a body with a known length. The number is how many bytes are left.
    Sized(u64),
    Chunked(Chunks),
    /// A body that ends when the connection ends.
    UntilEnd,
    Done,
    Failed(Bad),
}

/// The progress of reading an answer, after a piece of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadProgress {
    More,
    /// The answer ended after `used` bytes of the piece. Bytes after the end of the answer were not requested, so the
    /// connection cannot be reused if such bytes arrive.
    Done {
        used: usize,
    },
}

/// An error of reading an answer from a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// The answer is not HTTP/1.1, or a part of the answer exceeds a limit.
    Malformed(MalformedAnswer),
    /// The connection ended before the answer ended.
    CutOff,
    /// The receiver of the body rejected the rest of the body.
    Refused,
}

/// The reason why an answer is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MalformedAnswer {
    StatusLine,
    /// The header line with this number is malformed. The first line after the status line has the number 1.
    HeaderLine(u16),
    TooManyHeaders,
    HeadTooLarge,
    ContentLength,
    TransferEncoding,
    Chunk,
    Trailer,
    /// The answer is a TLS record.
    Tls,
}

impl MalformedAnswer {
    /// Returns the fault of a head that could not be parsed. The fault is that of the first line that cannot be parsed
    /// alone.
    fn of_head(bytes: &[u8], error: httparse::Error) -> MalformedAnswer {
        if let httparse::Error::TooManyHeaders = error {
            return MalformedAnswer::TooManyHeaders;
        }
        // TLS handshakes, alerts and data begin with the type of the record and a version.
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
                // A folded line continues the value of the previous line. The first header line cannot be folded.
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

    /// Resets the reader for the answer of the next request. The answer to a `head_request` has no body, even if its
    /// head describes a body. With `keep_head`, [`AnswerReader::fields`] returns the header fields.
    pub fn begin(&mut self, head_request: bool, want_location: bool, keep_head: bool) {
        self.state = State::Head;
        self.head_request = head_request;
        self.want_location = want_location;
        self.keep_head = keep_head;
        self.fields.clear();
        self.status = None;
        self.has_location = false;
        self.cookies.clear();
        self.cookie_ends.clear();
        self.held.clear();
        self.blank = 0;
    }

    /// Reads the next bytes of the connection, and passes the bytes of the body to `body`. After a failure, every call
    /// returns the same failure.
    pub fn feed(&mut self, bytes: &[u8], body: &mut impl Sink) -> Result<ReadProgress, Bad> {
        let progress = self.advance(bytes, body);
        if let Err(bad) = progress {
            self.state = State::Failed(bad);
        }
        progress
    }

    /// Records the end of the connection. An answer whose body has no other end ends here.
    pub fn end(&mut self) -> Result<(), Bad> {
        let bad = match self.state {
            State::UntilEnd | State::Done => {
                self.state = State::Done;
                return Ok(());
            }
            // The last line of the held bytes may not have been parsed before.
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

    /// Returns the status of the final answer, if the head of the final answer was read.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the location of a redirect, if `want_location` was set and the answer has a location.
    pub fn location(&self) -> Option<&[u8]> {
        self.has_location.then_some(self.location.as_slice())
    }

    /// Returns the `Set-Cookie` values of a redirect, if `want_location` was set.
    pub fn cookies(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(&0).chain(&self.cookie_ends);
        starts
            .zip(&self.cookie_ends)
            .map(|(from, to)| &self.cookies[*from..*to])
    }

    /// Returns the header fields of the final answer, if they are kept.
    pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = self.fields.split(|byte| *byte == 0);
        std::iter::from_fn(move || Some((rest.next().filter(|name| !name.is_empty())?, rest.next()?)))
    }

    /// Returns whether any byte of the answer was read.
    pub fn has_begun(&self) -> bool {
        !matches!(self.state, State::Head) || !self.held.is_empty() || self.blank > 0
    }

    /// Returns whether another request may be sent on the connection. A further request is allowed if the answer has
    /// ended and the head of the answer does not close the connection.
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

    /// Reads interim heads and the final head, up to the end of the final head or to the end of the bytes. Returns the
    /// number of bytes that were read.
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
                    // Without this check, a head would be parsed again after each piece of the head.
                    let ends =
                        has_empty_line(&self.held[before.saturating_sub(2)..]) || self.completes_empty_line(before);
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

    /// Returns whether the last piece completes an empty line whose beginning was dropped with earlier empty lines.
    /// `before` is the number of bytes that were held before this piece.
    fn completes_empty_line(&self, before: usize) -> bool {
        self.blank > 0 && before < 2 && (self.held.starts_with(b"\n") || self.held.starts_with(b"\r\n"))
    }

    /// Drops the empty lines before a head. The number of empty lines is limited only by the maximum size of a head.
    /// Without this function, each empty line would be scanned again with each further line.
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

    /// Reads the head at the start of `bytes`. If the head is complete, returns the position at which the head ends.
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

    /// Reads a head with more than [`HEADERS_USUAL`] lines.
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

    /// Applies a complete head, which ends at the position `end`.
    fn whole_head(
        &mut self,
        response: &Response<'_, '_>,
        end: usize,
        body: &mut impl Sink,
    ) -> Result<Option<usize>, Bad> {
        let status = response.code.expect("a complete head has a status");
        let fields = Said::by(response.headers)?;
        let state = match status {
            0..100 => return Err(Bad::Malformed(MalformedAnswer::StatusLine)),
            100 | 102..200 => return Ok(Some(end)),
            101 | 204 | 304 => State::Done,
            _ if self.head_request => State::Done,
            _ => fields.framing(response.version == Some(0))?,
        };
        let may_stay = match response.version {
            Some(0) => fields.keep_alive && !fields.close,
            _ => !fields.close,
        };
        self.keep_alive = may_stay && status != 101 && !matches!(state, State::UntilEnd);
        self.state = state;
        self.status = Some(status);
        if self.want_location && matches!(status, 301 | 302 | 303 | 307 | 308) {
            self.keep_redirect(response.headers);
        }
        if self.keep_head {
            for header in response.headers.iter() {
                self.fields.extend_from_slice(header.name.as_bytes());
                self.fields.push(0);
                unfold(header.value, &mut self.fields);
                self.fields.push(0);
            }
        }
        if fields.coded {
            let headers = response.headers.iter();
            headers
                .filter(|header| is_named(header, "content-encoding", "Content-Encoding"))
                .for_each(|header| body.coding(header.value));
        }
        Ok(Some(end))
    }

    /// Keeps the location and the cookies that a redirect contains.
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

/// Returns whether the bytes contain an empty line after another line.
fn has_empty_line(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|end| end == b"\n\n") || bytes.windows(3).any(|end| end == b"\n\r\n")
}

/// Parses a head. A folded line continues the value of the previous line (RFC 9112, 5.2).
fn parse<'h, 'b>(
    response: &mut Response<'h, 'b>,
    bytes: &'b [u8],
    headers: &'h mut [MaybeUninit<Header<'b>>],
) -> httparse::Result<usize> {
    let mut config = ParserConfig::default();
    config.allow_obsolete_multiline_headers_in_responses(true);
    config.parse_response_with_uninit_headers(response, bytes, headers)
}

/// Appends a header value to `out`. Each fold of the value is replaced by one space.
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

/// The header fields that describe the body of an answer and its connection.
#[derive(Default)]
struct Said {
    length: ContentLength,
    /// Whether the last transfer coding is `chunked`. `None` if the head has no transfer coding.
    chunked: Option<bool>,
    close: bool,
    keep_alive: bool,
    /// Whether the head has a `Content-Encoding`.
    coded: bool,
}

/// The combined value of all `Content-Length` headers of a head.
#[derive(Clone, Copy, Default)]
enum ContentLength {
    #[default]
    Absent,
    Known(u64),
    Senseless,
}

impl Said {
    fn by(headers: &[Header<'_>]) -> Result<Said, Bad> {
        let mut fields = Said::default();
        for (before, header) in headers.iter().enumerate() {
            // The lengths of most header names show that the header is not needed here.
            match header.name.len() {
                10 if is_named(header, "connection", "Connection") => {
                    for token in tokens(header.value) {
                        fields.close |= token.eq_ignore_ascii_case(b"close");
                        fields.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                14 if is_named(header, "content-length", "Content-Length") => {
                    fields.length = fields.length.and(header.value)
                }
                16 => fields.coded |= is_named(header, "content-encoding", "Content-Encoding"),
                17 if is_named(header, "transfer-encoding", "Transfer-Encoding") => {
                    let last = tokens(header.value).next_back();
                    fields.chunked = Some(last.is_some_and(|last| last.eq_ignore_ascii_case(b"chunked")));
                }
                NAME_TOO_LONG.. => return Err(Bad::Malformed(MalformedAnswer::HeaderLine(before as u16 + 1))),
                _ => {}
            }
        }
        Ok(fields)
    }

    /// Returns how the body of an answer is framed. Must be called only for an answer that may have a body.
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
    /// Combines this value with the value of a further header. Repeated headers and comma-separated values are valid if
    /// all their numbers are equal.
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

/// Returns whether the header has this name. The two spellings that nearly all targets use are compared first. The
/// lengths of these spellings are constant, so the comparison takes a few instructions.
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

/// Returns the elements of a comma-separated list. A list that contains a byte that is not ASCII counts as empty.
fn tokens(value: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let ascii = if value.is_ascii() { value } else { b"" };
    ascii.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// Returns the first `length` bytes. Returns all bytes if there are fewer.
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

#[cfg(test)]
mod tests;
