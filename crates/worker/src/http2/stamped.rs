//! When requests that were handed to a connection went to its socket.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// The instant of the first write after a request was handed over.
#[derive(Clone, Debug, Default)]
pub(super) struct Stamp(Rc<Cell<Option<Instant>>>);

impl Stamp {
    pub(super) fn at(&self) -> Option<Instant> {
        self.0.get()
    }
}

/// Requests of a connection that have been handed over since its last write.
#[derive(Clone, Debug, Default)]
pub(super) struct Stamps(Rc<RefCell<Vec<Stamp>>>);

impl Stamps {
    /// The stamp of a request that is about to be handed over.
    pub(super) fn next(&self) -> Stamp {
        let stamp = Stamp::default();
        self.0.borrow_mut().push(stamp.clone());
        stamp
    }

    /// Notes that `bytes` were written by a call that began at `from`. The target may have them
    /// before the call returns, so its end would be too late.
    fn note(&self, from: Instant, bytes: usize) {
        if bytes > 0 {
            self.0.borrow_mut().drain(..).for_each(|stamp| stamp.0.set(Some(from)));
        }
    }
}

/// A stream that notes its writes, and holds something until it is closed.
#[derive(Debug)]
pub(super) struct Stamped<S, H> {
    stream: S,
    stamps: Stamps,
    _held: H,
}

impl<S, H> Stamped<S, H> {
    pub(super) fn new(stream: S, stamps: Stamps, held: H) -> Stamped<S, H> {
        Stamped {
            stream,
            stamps,
            _held: held,
        }
    }
}

impl<S: AsyncRead + Unpin, H: Unpin> AsyncRead for Stamped<S, H> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin, H: Unpin> AsyncWrite for Stamped<S, H> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let from = Instant::now();
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.stamps.note(from, written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let from = Instant::now();
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices))?;
        self.stamps.note(from, written);
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
