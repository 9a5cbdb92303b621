//! Reads answers with the client of hyper, and compares the results with the results of the answer reader.

use crate::exchange::{self, Exchange, Outcome, Seen};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::{Request, StatusCode};
use std::cell::RefCell;
use std::error::Error;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use worker::reading::HEADERS_MAX;

/// Reads an answer with hyper, and stops where hyper stops.
pub fn read(exchange: &Exchange<'_>) -> Seen {
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(woken.clone());
    let mut context = Context::from_waker(&waker);
    let mut builder = http1::Builder::new();
    builder.allow_obsolete_multiline_headers_in_responses(true);
    // The maximum number of headers is increased only for an answer with many lines. For each answer, hyper allocates
    // memory for the maximum number of headers, which is slow.
    let lines = exchange
        .pieces
        .iter()
        .flat_map(|piece| piece.iter())
        .filter(|byte| **byte == b'\n');
    if lines.count() > 100 {
        builder.max_headers(HEADERS_MAX);
    }
    let handshake = pin!(builder.handshake(Target::new(exchange)));
    let Poll::Ready(Ok((mut sender, connection))) = handshake.poll(&mut context) else {
        panic!("the handshake of HTTP/1 sends nothing");
    };
    let mut connection = pin!(connection);
    let seen = RefCell::new(Seen::nothing());
    {
        let mut client = pin!(ask(&mut sender, exchange.head_request, &seen));
        let (mut open, mut asking) = (true, true);
        // The two futures `connection` and `client` wake only each other. If neither future was woken, neither future
        // can continue.
        while woken.0.swap(false, Ordering::Relaxed) {
            open = open && connection.as_mut().poll(&mut context).is_pending();
            asking = asking && client.as_mut().poll(&mut context).is_pending();
        }
    }
    let mut seen = seen.into_inner();
    seen.reusable = sender.is_ready();
    seen
}

/// Checks that the answer reader and hyper return the same result, and returns the result of the answer reader. One
/// difference is allowed: if the answer arrives in pieces, one of the two may detect a malformed head later than the
/// other. For example, hyper parses a head again after each piece if empty lines precede the head, and the answer reader
/// waits for the end of the head.
pub fn agree(exchange: &Exchange<'_>) -> Seen {
    let ours = exchange::read(exchange);
    let hypers = read(exchange);
    if ours != hypers {
        let whole = exchange.pieces.concat();
        let at_once = exchange.cut(vec![&whole]);
        let hyper_is_late = is_noticed_late(&hypers) && ours.outcome == Outcome::Malformed && ours == read(&at_once);
        let reader_is_late =
            is_noticed_late(&ours) && hypers.outcome == Outcome::Malformed && hypers == exchange::read(&at_once);
        assert!(
            hyper_is_late || reader_is_late,
            "the readers disagree about the {exchange:?}\n  AnswerReader: {ours:?}\n  hyper: {hypers:?}"
        );
    }
    ours
}

/// Returns whether a reader may not have parsed the whole head yet. If the head arrives in pieces, a reader waits for
/// the empty line at the end of the head. While one reader waits, its result for the bytes in one piece must equal the
/// result of the other reader for the pieces.
fn is_noticed_late(seen: &Seen) -> bool {
    matches!(seen.outcome, Outcome::Open | Outcome::CutOff) && seen.status.is_none()
}

async fn ask(sender: &mut SendRequest<Empty<Bytes>>, head_request: bool, seen: &RefCell<Seen>) {
    let method = if head_request { "HEAD" } else { "GET" };
    let request = Request::builder().method(method).header("host", "target.example");
    let request = request.body(Empty::new()).unwrap();
    sender.ready().await.unwrap();
    let response = match sender.send_request(request).await {
        Ok(response) => response,
        Err(error) => return seen.borrow_mut().outcome = outcome(&error),
    };
    seen.borrow_mut().status = Some(response.status().as_u16());
    if is_redirect(response.status()) {
        let location = response.headers().get("location");
        seen.borrow_mut().location = location.map(|location| location.as_bytes().to_vec());
    }
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => seen
                .borrow_mut()
                .body
                .extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new())),
            Err(error) => return seen.borrow_mut().outcome = outcome(&error),
        }
    }
    seen.borrow_mut().outcome = Outcome::Whole;
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn outcome(error: &hyper::Error) -> Outcome {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    match cause.map(io::Error::kind) {
        None if error.is_parse() => Outcome::Malformed,
        None if error.is_incomplete_message() => Outcome::CutOff,
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => Outcome::Malformed,
        Some(io::ErrorKind::UnexpectedEof) => Outcome::CutOff,
        _ => panic!("unexpected error of hyper: {error:?}"),
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The server's end of a connection. The server waits for the request, and then sends the pieces one after another.
struct Target {
    request: Vec<u8>,
    pieces: std::vec::IntoIter<Vec<u8>>,
    ends: bool,
    /// The part of the current piece that the client has not read yet.
    rest: Vec<u8>,
    /// Whether the client had to wait after the last piece. If the client did not have to wait, it could read two
    /// pieces at once.
    paused: bool,
}

impl Target {
    fn new(exchange: &Exchange<'_>) -> Target {
        let pieces: Vec<Vec<u8>> = exchange.pieces.iter().map(|piece| piece.to_vec()).collect();
        Target {
            request: Vec::new(),
            pieces: pieces.into_iter(),
            ends: exchange.ends,
            rest: Vec::new(),
            paused: false,
        }
    }
}

impl Read for Target {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.request.ends_with(b"\r\n\r\n") {
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            if !self.paused {
                self.paused = true;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            match self.pieces.find(|piece| !piece.is_empty()) {
                Some(piece) => self.rest = piece,
                None if self.ends => return Poll::Ready(Ok(())),
                None => return Poll::Pending,
            }
            self.paused = false;
        }
        let length = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..length]);
        self.rest.drain(..length);
        Poll::Ready(Ok(()))
    }
}

impl Write for Target {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.request.extend_from_slice(bytes);
        context.waker().wake_by_ref();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
