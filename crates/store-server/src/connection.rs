//! Serves one connection, and closes it if the client stops reading.

use crate::answer::Body;
use export::listener::Visit;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;

/// The timeout for the head of a request, with the idle time before it. It is longer than the interval between two
/// snapshots of a worker.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// The maximum size of the head of a request, in bytes. Keys have at most 512 bytes, and metadata has at most 2 KiB.
pub(crate) const HEAD_BYTES_MAX: usize = 32 * 1024;
/// How often a connection is checked for a client that does not read.
const CHECK_INTERVAL: Duration = Duration::from_secs(15);
/// The least number of bytes that a client reads between two checks, while the server waits for it.
const BYTES_PER_CHECK_MIN: u64 = 64 * 1024;

/// Serves requests until the client leaves, or until the server ends and the request in progress is answered.
pub(crate) async fn serve<S, F, A>(stream: S, visit: Visit, answer: F)
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Fn(Request<Incoming>) -> A,
    A: Future<Output = Response<Body>>,
{
    let progress = Arc::new(Progress::default());
    let stream = Observed {
        stream,
        progress: progress.clone(),
    };
    let answers = service_fn(|request| {
        let answer = answer(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), answers);
    let mut connection = std::pin::pin!(connection);
    let mut leaving = std::pin::pin!(visit.leaving());
    let (mut leaves, mut before) = (false, None);
    loop {
        tokio::select! {
            ended = timeout(CHECK_INTERVAL, connection.as_mut()) => match ended {
                // An error of a connection affects only its client.
                Ok(_) => return,
                Err(_) if progress.is_stalled(&mut before) => return,
                Err(_) => {}
            },
            () = leaving.as_mut(), if !leaves => {
                connection.as_mut().graceful_shutdown();
                leaves = true;
            }
        }
    }
}

/// The bytes that a client has read.
#[derive(Debug, Default)]
struct Progress {
    written: AtomicU64,
    /// Whether the last write waits for the client.
    waits: AtomicBool,
}

impl Progress {
    /// Returns whether the client has read too little since the check before this one. `before` contains the number of
    /// bytes at that check; `None` if the server did not wait for the client then.
    fn is_stalled(&self, before: &mut Option<u64>) -> bool {
        let written = self.written.load(Ordering::Relaxed);
        if !self.waits.load(Ordering::Relaxed) {
            *before = None;
            return false;
        }
        let last = before.replace(written);
        last.is_some_and(|last| written - last < BYTES_PER_CHECK_MIN)
    }
}

/// A stream that records the progress of its writes.
struct Observed<S> {
    stream: S,
    progress: Arc<Progress>,
}

impl<S> Observed<S> {
    fn record(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.progress.waits.store(written.is_pending(), Ordering::Relaxed);
        if let Poll::Ready(Ok(bytes)) = &written {
            self.progress.written.fetch_add(*bytes as u64, Ordering::Relaxed);
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Observed<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Observed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.record(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.record(written)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_reads_too_little_between_two_checks_is_stalled() {
        let progress = Progress::default();
        let mut before = None;
        let mut check = |written: u64, waits: bool| {
            progress.written.fetch_add(written, Ordering::Relaxed);
            progress.waits.store(waits, Ordering::Relaxed);
            progress.is_stalled(&mut before)
        };
        assert!(!check(0, true), "one check proves nothing");
        assert!(!check(BYTES_PER_CHECK_MIN, true), "it reads");
        assert!(!check(0, false), "the server does not wait");
        assert!(!check(0, true));
        assert!(check(BYTES_PER_CHECK_MIN - 1, true));
    }
}
