//! When the first byte of a request went to the socket.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// The instant of the first write since it was armed.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstWrite(Rc<Cell<Option<Instant>>>);

impl FirstWrite {
    pub(crate) fn arm(&self) {
        self.0.set(None);
    }

    pub(crate) fn at(&self) -> Option<Instant> {
        self.0.get()
    }

    /// Notes that `bytes` were written by a call that began at `from`. The target may have them
    /// before the call returns, so its end would be too late.
    fn note(&self, from: Instant, bytes: usize) {
        if self.0.get().is_none() && bytes > 0 {
            self.0.set(Some(from));
        }
    }
}

/// A stream that notes its first write.
#[derive(Debug)]
pub(crate) struct Stamped<S> {
    stream: S,
    written: FirstWrite,
}

impl<S> Stamped<S> {
    pub(crate) fn new(stream: S, written: FirstWrite) -> Stamped<S> {
        Stamped { stream, written }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stamped<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stamped<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let from = Instant::now();
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.written.note(from, written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let from = Instant::now();
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices))?;
        self.written.note(from, written);
        Poll::Ready(Ok(written))
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
