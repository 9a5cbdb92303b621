//! Records when the requests of a connection are written, and why the TLS session of the connection failed.

use crate::why::Why;
use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// The instant of the first write after a request was passed to hyper.
#[derive(Clone, Debug, Default)]
pub(super) struct WriteTime(Rc<Cell<Option<Instant>>>);

impl WriteTime {
    pub(super) fn at(&self) -> Option<Instant> {
        self.0.get()
    }
}

/// The requests of a connection that were passed to hyper since hyper's last write.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingWrites {
    due: Rc<RefCell<Vec<WriteTime>>>,
    /// Why the TLS session failed. hyper returns only the text of the error, not the error itself.
    fault: Rc<Cell<Option<Why>>>,
}

impl PendingWrites {
    /// Creates and returns the time stamp of a request that is about to be passed to hyper.
    pub(super) fn next(&self) -> WriteTime {
        let stamp = WriteTime::default();
        self.due.borrow_mut().push(stamp.clone());
        stamp
    }

    /// Returns why the TLS session failed, if it failed.
    pub(super) fn fault(&self) -> Option<Why> {
        self.fault.get()
    }

    fn note_fault(&self, error: &io::Error) {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        if let Some(fault) = inner {
            self.fault.set(Some(Why::tls(fault)));
        }
    }

    /// Records that a call that began at `from` wrote `bytes` bytes. The start of the call counts as the time of the
    /// write, because the target may receive the bytes before the call returns.
    fn note(&self, from: Instant, bytes: usize) {
        if bytes > 0 {
            self.due
                .borrow_mut()
                .drain(..)
                .for_each(|stamp| stamp.0.set(Some(from)));
        }
    }
}

/// A stream that records the times of its writes. `_held` is dropped together with the stream.
#[derive(Debug)]
pub(super) struct TimedStream<S, H> {
    stream: S,
    stamps: PendingWrites,
    _held: H,
}

impl<S, H> TimedStream<S, H> {
    pub(super) fn new(stream: S, stamps: PendingWrites, held: H) -> TimedStream<S, H> {
        TimedStream {
            stream,
            stamps,
            _held: held,
        }
    }
}

impl<S: AsyncRead + Unpin, H> TimedStream<S, H> {
    /// Records a write that began at `from`. If the target has closed the socket, reads from the socket before
    /// reporting the failed write. The target may have sent the reason for closing, and no later code reads from the
    /// socket.
    fn note_written(
        &mut self,
        cx: &mut Context<'_>,
        from: Instant,
        written: io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        match &written {
            Ok(bytes) => self.stamps.note(from, *bytes),
            Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                let mut byte = [0];
                let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut ReadBuf::new(&mut byte)));
                if let Err(fault) = read {
                    self.stamps.note_fault(&fault);
                }
            }
            Err(_) => {}
        }
        Poll::Ready(written)
    }
}

impl<S: AsyncRead + Unpin, H: Unpin> AsyncRead for TimedStream<S, H> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        if let Err(error) = &read {
            self.stamps.note_fault(error);
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, H: Unpin> AsyncWrite for TimedStream<S, H> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let from = Instant::now();
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        self.note_written(cx, from, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let from = Instant::now();
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices));
        self.note_written(cx, from, written)
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
