//! A server so cheap that the generator is the bottleneck: one thread, one epoll, no parsing.
//!
//! It answers all requests of one read with one write, and registers a connection once. A [`Wire`] implements the
//! protocol. The simplest, [`PlainHttp`], counts the ends of requests without bodies and answers each with the same
//! bytes.

use crate::Fallible;
use crate::cores::{self, ThreadClock};
use crate::socket::{self, Readiness};
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The protocol of a server.
pub(crate) trait Wire: Send + 'static {
    /// The state of a connection.
    type Connection: Default;
    /// The timeout of waiting for events; with 0 the server polls and need not be woken.
    const SLEEP_MS: i32;
    /// Whether the kernel stamps reads with the time at which it received them.
    const STAMPED: bool;

    /// Appends the answers to `answer`; returns the number of requests that have ended.
    ///
    /// # Errors
    /// When the connection cannot continue; it is then closed.
    fn received(&mut self, connection: &mut Self::Connection, read: Read<'_>, answer: &mut Vec<u8>) -> io::Result<u64>;
}

/// The result of one read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Read<'a> {
    pub(crate) bytes: &'a [u8],
    /// When the kernel received it, in nanoseconds; 0 if it has no timestamp.
    pub(crate) stamp: u64,
}

/// HTTP/1.1 without bodies.
#[derive(Debug)]
pub(crate) struct PlainHttp;

/// The number of bytes of the end of a request that a connection has received.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    seen: usize,
}

impl Tail {
    /// Returns the number of requests that end in `bytes`, which follow the earlier bytes.
    pub(crate) fn ends(&mut self, bytes: &[u8]) -> u64 {
        const END: &[u8; 4] = b"\r\n\r\n";
        let mut ends = 0;
        for byte in bytes {
            if *byte == END[self.seen] {
                self.seen += 1;
                if self.seen == END.len() {
                    ends += 1;
                    self.seen = 0;
                }
            } else {
                self.seen = usize::from(*byte == b'\r');
            }
        }
        ends
    }
}

/// An answer of about 100 bytes that every client accepts.
pub(crate) const PLAIN_ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 32\r\n\r\nexactly 32 bytes, and no more...";

impl Wire for PlainHttp {
    type Connection = Tail;
    const SLEEP_MS: i32 = STOP_LOOK_MS;
    const STAMPED: bool = false;

    fn received(&mut self, tail: &mut Tail, read: Read<'_>, answer: &mut Vec<u8>) -> io::Result<u64> {
        let ends = tail.ends(read.bytes);
        (0..ends).for_each(|_| answer.extend_from_slice(PLAIN_ANSWER));
        Ok(ends)
    }
}

/// The interval at which an idle server checks whether to stop.
pub(crate) const STOP_LOOK_MS: i32 = 20;
/// The size of a read, which exceeds the bytes in flight of one connection with every generator.
const READ_BYTES: usize = 64 << 10;

/// The state that the server's thread shares with others.
#[derive(Debug, Default)]
struct Shown {
    requests: AtomicU64,
    /// When each connection was accepted, in order.
    accepted: Mutex<Vec<Instant>>,
    stop: AtomicBool,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct NullServer<W> {
    port: u16,
    shown: Arc<Shown>,
    thread: JoinHandle<io::Result<W>>,
    clock: ThreadClock,
}

impl<W: Wire> NullServer<W> {
    /// Starts a server on a free port of loopback, on a thread on the server's core.
    pub(crate) fn start(wire: W) -> Fallible<NullServer<W>> {
        let listener = socket::listen(W::STAMPED)?;
        let port = listener.local_addr()?.port();
        let shown = Arc::new(Shown::default());
        let mine = Arc::clone(&shown);
        let thread = std::thread::Builder::new()
            .name("null server".to_owned())
            .spawn(move || {
                cores::pin(cores::SERVER)?;
                Loop::new(listener, wire, mine)?.run()
            })?;
        let clock = ThreadClock::of(&thread)?;
        Ok(NullServer {
            port,
            shown,
            thread,
            clock,
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the number of answered requests once it no longer grows: requests that a program sent before it ended
    /// may still have to be read.
    pub(crate) fn requests(&self) -> u64 {
        let mut before = None;
        // At most one second, which is longer than reading the rest takes.
        for _ in 0..50 {
            let now = self.shown.requests.load(Ordering::Relaxed);
            if before.replace(now) == Some(now) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        before.unwrap_or_default()
    }

    /// Returns the processor time of the server so far.
    pub(crate) fn cpu(&self) -> Duration {
        self.clock.read()
    }

    /// Returns when each connection so far was accepted.
    pub(crate) fn accepted(&self) -> Vec<Instant> {
        self.shown
            .accepted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends the server and returns its wire with the collected data.
    pub(crate) fn stop(self) -> Fallible<W> {
        self.shown.stop.store(true, Ordering::Relaxed);
        match self.thread.join() {
            Ok(ended) => Ok(ended?),
            Err(_) => Err("the null server's thread panicked".into()),
        }
    }
}

/// The state of the server's thread.
struct Loop<W: Wire> {
    wire: W,
    listener: TcpListener,
    readiness: Readiness,
    /// By descriptor.
    connections: Vec<Option<(TcpStream, W::Connection)>>,
    shown: Arc<Shown>,
    buffer: Vec<u8>,
    answer: Vec<u8>,
}

impl<W: Wire> Loop<W> {
    fn new(listener: TcpListener, wire: W, shown: Arc<Shown>) -> io::Result<Loop<W>> {
        let readiness = Readiness::new()?;
        readiness.add(listener.as_raw_fd())?;
        Ok(Loop {
            wire,
            listener,
            readiness,
            connections: Vec::new(),
            shown,
            buffer: vec![0; READ_BYTES],
            answer: Vec::with_capacity(READ_BYTES),
        })
    }

    fn run(mut self) -> io::Result<W> {
        let listening = self.listener.as_raw_fd();
        while !self.shown.stop.load(Ordering::Relaxed) {
            for at in 0..self.readiness.wait(W::SLEEP_MS)? {
                let descriptor = self.readiness.ready(at);
                if descriptor == listening {
                    self.accept()?;
                } else if self.serve(descriptor).is_err() {
                    // Closing the connection also removes it from the epoll.
                    self.connections[descriptor as usize] = None;
                }
            }
        }
        Ok(self.wire)
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            let now = Instant::now();
            let mut accepted = self.shown.accepted.lock().unwrap_or_else(PoisonError::into_inner);
            accepted.push(now);
            drop(accepted);
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let descriptor = stream.as_raw_fd();
            self.readiness.add(descriptor)?;
            let at = descriptor as usize;
            if self.connections.len() <= at {
                self.connections.resize_with(at + 1, || None);
            }
            self.connections[at] = Some((stream, W::Connection::default()));
        }
    }

    /// Reads the available bytes and answers their requests.
    ///
    /// # Errors
    /// When the connection has ended.
    fn serve(&mut self, descriptor: i32) -> io::Result<()> {
        let Some(Some((_, connection))) = self.connections.get_mut(descriptor as usize) else {
            return Ok(());
        };
        loop {
            let read = if W::STAMPED {
                socket::read_stamped(descriptor, &mut self.buffer)
            } else {
                socket::read(descriptor, &mut self.buffer).map(|length| (length, 0))
            };
            let (length, stamp) = match read {
                Ok((0, _)) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                read => read?,
            };
            self.answer.clear();
            let read = Read {
                bytes: &self.buffer[..length],
                stamp,
            };
            let requests = self.wire.received(connection, read, &mut self.answer)?;
            if requests > 0 {
                // Only this thread writes the counter, so a plain addition suffices, without a locked instruction.
                let so_far = self.shown.requests.load(Ordering::Relaxed);
                self.shown.requests.store(so_far + requests, Ordering::Relaxed);
            }
            // A client whose receive buffer has no room for some hundred bytes cannot be measured here.
            if !self.answer.is_empty() && socket::write(descriptor, &self.answer)? < self.answer.len() {
                return Err(io::ErrorKind::WriteZero.into());
            }
            // A buffer that was not filled received all available bytes; later bytes cause a new event.
            if length < self.buffer.len() {
                return Ok(());
            }
        }
    }
}
