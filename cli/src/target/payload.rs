//! [`Payload`] is the body of an answer.
//!
//! A long body is generated while it is sent, so the whole body is never in memory.

use super::activity::Busy;
use super::counts::Ticket;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Interval;

/// The maximum number of bytes of one piece of a body. A piece is passed to the connection as a whole.
const PIECE_MAX: usize = 64 * 1024;

/// A chunked body has at most this number of chunks, unless a chunk would then be larger than [`PIECE_MAX`].
const CHUNKS_MAX: u64 = 10;

/// The time between two pieces of an endless body.
const ENDLESS_PERIOD: Duration = Duration::from_millis(10);

static FILLER: [u8; PIECE_MAX] = [b'x'; PIECE_MAX];

/// The body of an answer: a body in memory, a body of filler bytes, or an endless body.
#[derive(Debug)]
pub(crate) enum Payload {
    Whole(Option<Bytes>),
    Filler(Filler),
    Endless { pulse: Interval, _busy: Busy },
}

/// A body of filler bytes, which is sent in pieces. `left` is the number of bytes that have not been sent.
#[derive(Debug)]
pub(crate) struct Filler {
    left: u64,
    piece: u64,
    length: Length,
    receipt: Option<Receipt>,
}

/// Whether the head of the answer contains the length of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Known,
    Chunked,
}

/// Counts a request as answered when the last byte of the body has been passed to the connection.
#[derive(Debug)]
pub(crate) struct Receipt {
    pub(crate) ticket: Ticket,
    pub(crate) status: u16,
    pub(crate) busy: Busy,
}

impl Receipt {
    pub(crate) fn settle(self) {
        self.ticket.answered(self.status);
        drop(self.busy);
    }
}

impl Payload {
    pub(crate) fn text(text: impl Into<Bytes>) -> Self {
        Self::Whole(Some(text.into()))
    }

    /// Returns a body of filler bytes. `receipt` is settled when the last byte is passed to the connection.
    pub(crate) fn filler(bytes: u64, length: Length, receipt: Option<Receipt>) -> Self {
        let piece = match length {
            Length::Known => PIECE_MAX as u64,
            Length::Chunked => bytes.div_ceil(CHUNKS_MAX).clamp(1, PIECE_MAX as u64),
        };
        Self::Filler(Filler {
            left: bytes,
            piece,
            length,
            receipt,
        })
    }

    pub(crate) fn endless(busy: Busy) -> Self {
        Self::Endless {
            pulse: tokio::time::interval(ENDLESS_PERIOD),
            _busy: busy,
        }
    }
}

impl Filler {
    fn next(&mut self) -> Option<Bytes> {
        let size = self.left.min(self.piece);
        self.left -= size;
        if self.left == 0
            && let Some(receipt) = self.receipt.take()
        {
            receipt.settle();
        }
        // `size` is at most PIECE_MAX, so the conversion is exact.
        (size > 0).then(|| Bytes::from_static(&FILLER[..size as usize]))
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = match &mut *self {
            Self::Whole(bytes) => bytes.take(),
            Self::Filler(filler) => filler.next(),
            Self::Endless { pulse, .. } => {
                ready!(pulse.poll_tick(cx));
                Some(Bytes::from_static(b"more\n"))
            }
        };
        Poll::Ready(piece.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Self::Filler(filler) => filler.length == Length::Known && filler.left == 0,
            Self::Endless { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Filler(filler) if filler.length == Length::Known => SizeHint::with_exact(filler.left),
            Self::Filler(_) | Self::Endless { .. } => SizeHint::default(),
        }
    }
}
