//! A socket whose reader lets the other tasks of its thread have their turn.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes are read before everything else gets its turn: of the smallest frames some thousands, of the most
/// expensive records of TLS about a thousand. Either takes some milliseconds.
const TURN_BYTES: usize = 32 << 10;

/// A stream that gives [`TURN_BYTES`] at most before its reader has to wait for its next turn.
///
/// It lies below TLS, so that records without content count, too.
#[derive(Debug)]
pub(super) struct Fair<S> {
    stream: S,
    left: usize,
}

impl<S> Fair<S> {
    pub(super) fn new(stream: S) -> Fair<S> {
        Fair {
            stream,
            left: TURN_BYTES,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Fair<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left == 0 {
            self.left = TURN_BYTES;
            // The reader is woken after sockets and timers have been looked at.
            ready!(pin!(tokio::task::yield_now()).poll(cx));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.left = match polled {
            Poll::Ready(_) => self.left.saturating_sub(buffer.filled().len() - before),
            Poll::Pending => TURN_BYTES,
        };
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Fair<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
