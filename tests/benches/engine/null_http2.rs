//! HTTP/2 over plain TCP for the null server. This module implements only the features that the load generators need.
//!
//! The server answers each complete request with the same two frames. The server does not decode headers, so the server
//! needs no header table. The server allows the number of concurrent streams that the yardstick uses, so every
//! generator uses the same number.

use crate::null_server::{Read, STOP_LOOK_MS, Wire};
use std::io;

/// The maximum number of concurrent streams of a connection.
pub(crate) const STREAMS: u32 = 32;

/// HTTP/2 with prior knowledge, for requests without bodies.
#[derive(Debug)]
pub(crate) struct PlainHttp2;

/// The state of one HTTP/2 connection.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The number of bytes of the client preface that are still missing.
    greeting: usize,
    /// The bytes of an incomplete frame that have been received.
    partial: Vec<u8>,
    /// The flow-control window of the connection in bytes.
    window: i64,
}

const GREETING: usize = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len();
const HEADER: usize = 9;
const BODY: &[u8] = b"some sixty bytes, so that the whole answer has one hundred...";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
/// The flag ACK of the frames SETTINGS and PING.
const ACKNOWLEDGED: u8 = 0x1;
/// The flag END_STREAM of the frames HEADERS and DATA.
const END_OF_STREAM: u8 = 0x1;
const END_OF_HEADERS: u8 = 0x4;

impl Default for Progress {
    fn default() -> Progress {
        Progress {
            greeting: GREETING,
            partial: Vec::new(),
            window: 65_535,
        }
    }
}

fn frame(answer: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, content: &[u8]) {
    let [_, length @ ..] = (content.len() as u32).to_be_bytes();
    answer.extend_from_slice(&length);
    answer.extend_from_slice(&[kind, flags]);
    answer.extend_from_slice(&stream.to_be_bytes());
    answer.extend_from_slice(content);
}

/// Appends the headers of an answer: the status 200 from the static table, and two literal fields without indexing.
fn answer_headers(answer: &mut Vec<u8>, stream: u32) {
    const FIELDS: &[u8] = b"\x88\x0f\x10\x0atext/plain\x0f\x0d\x0261";
    const { assert!(BODY.len() == 61, "the length in content-length") }
    frame(answer, HEADERS, END_OF_HEADERS, stream, FIELDS);
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .take(4)
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

impl Progress {
    /// Answers the complete frames at the front of `bytes`. Returns the number of bytes of these frames, and the number
    /// of requests that these frames complete.
    fn frames(&mut self, bytes: &[u8], answer: &mut Vec<u8>) -> io::Result<(usize, u64)> {
        let (mut at, mut requests) = (0, 0);
        while let Some(header) = bytes.get(at..at + HEADER) {
            let (length, kind, flags) = (number(&header[..3]) as usize, header[3], header[4]);
            let Some(content) = bytes.get(at + HEADER..at + HEADER + length) else {
                break;
            };
            at += HEADER + length;
            match kind {
                HEADERS | DATA if flags & END_OF_STREAM != 0 => {
                    let stream = number(&header[5..]);
                    self.window -= BODY.len() as i64;
                    if self.window < 0 {
                        return Err(io::Error::other("the flow-control window of the client is exhausted"));
                    }
                    answer_headers(answer, stream);
                    frame(answer, DATA, END_OF_STREAM, stream, BODY);
                    requests += 1;
                }
                SETTINGS if flags & ACKNOWLEDGED == 0 => frame(answer, SETTINGS, ACKNOWLEDGED, 0, &[]),
                PING if flags & ACKNOWLEDGED == 0 => frame(answer, PING, ACKNOWLEDGED, 0, content),
                // Each stream sends one body, which is smaller than the window of the stream. Updates of a stream's
                // window are ignored.
                WINDOW_UPDATE if number(&header[5..]) == 0 => self.window += i64::from(number(content)),
                _ => {}
            }
        }
        Ok((at, requests))
    }
}

impl Wire for PlainHttp2 {
    type Connection = Progress;
    const SLEEP_MS: i32 = STOP_LOOK_MS;
    const STAMPED: bool = false;

    fn received(&mut self, progress: &mut Progress, read: Read<'_>, answer: &mut Vec<u8>) -> io::Result<u64> {
        let mut bytes = read.bytes;
        if progress.greeting > 0 {
            let greeted = progress.greeting.min(bytes.len());
            progress.greeting -= greeted;
            bytes = &bytes[greeted..];
            if progress.greeting == 0 {
                // The setting with the number 3 is SETTINGS_MAX_CONCURRENT_STREAMS.
                let mut streams = vec![0, 3];
                streams.extend_from_slice(&STREAMS.to_be_bytes());
                frame(answer, SETTINGS, 0, 0, &streams);
            }
        }
        if progress.partial.is_empty() {
            let (used, requests) = progress.frames(bytes, answer)?;
            progress.partial.extend_from_slice(&bytes[used..]);
            return Ok(requests);
        }
        let mut whole = std::mem::take(&mut progress.partial);
        whole.extend_from_slice(bytes);
        let (used, requests) = progress.frames(&whole, answer)?;
        whole.drain(..used);
        progress.partial = whole;
        Ok(requests)
    }
}
