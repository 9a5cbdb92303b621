//! A server that uses so little processor time that the load generator is the bottleneck.
//!
//! The server has one thread and one epoll. The server answers all requests of one read with one write, and adds each
//! connection to the epoll once. A [`Wire`] implements the protocol of the server. The simplest protocol is
//! [`PlainHttp`]. [`PlainHttp`] counts the ends of requests without bodies, and answers each request with the same
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

/// The protocol that a null server uses.
pub(crate) trait Wire: Send + 'static {
    /// The state that the protocol keeps for each connection.
    type Connection: Default;
    /// The maximum time that the server waits for events. With 0, the server polls without sleeping.
    const SLEEP_MS: i32;
    /// Whether the kernel adds to each read the time at which it received the bytes.
    const STAMPED: bool;

    /// Handles received bytes. Appends the answers to `answer`, and returns the number of requests that these bytes
    /// complete.
    ///
    /// # Errors
    /// When the connection cannot continue. The server then closes the connection.
    fn received(&mut self, connection: &mut Self::Connection, read: Read<'_>, answer: &mut Vec<u8>) -> io::Result<u64>;
}

/// The bytes that one read returned, and their timestamp.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Read<'a> {
    pub(crate) bytes: &'a [u8],
    /// The time at which the kernel received the bytes, in nanoseconds. The time is 0 if the bytes have no timestamp.
    pub(crate) stamp: u64,
}

/// The protocol HTTP/1.1, for requests without bodies.
#[derive(Debug)]
pub(crate) struct PlainHttp;

/// The state of a connection: how many bytes of the sequence that ends a request have been received.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    seen: usize,
}

impl Tail {
    /// Returns the number of requests that end in `bytes`. `bytes` continues the bytes of the previous call.
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

/// The interval in milliseconds at which an idle server checks whether it must stop.
pub(crate) const STOP_LOOK_MS: i32 = 20;
/// The size of the buffer for one read. No load generator has this many bytes in flight on one connection.
const READ_BYTES: usize = 64 << 10;

/// The state that the server's thread shares with other threads.
#[derive(Debug, Default)]
struct Shown {
    requests: AtomicU64,
    /// The time at which each connection was accepted, in the order of the connections.
    accepted: Mutex<Vec<Instant>>,
    stop: AtomicBool,
}

/// A running null server.
#[derive(Debug)]
pub(crate) struct NullServer<W> {
    port: u16,
    shown: Arc<Shown>,
    thread: JoinHandle<io::Result<W>>,
    clock: ThreadClock,
}

impl<W: Wire> NullServer<W> {
    /// Starts a server on a free port of loopback. The thread of the server runs on the server's core.
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

    /// Returns the number of answered requests. Waits until the number no longer grows, because the server may not yet
    /// have read all requests of a program that has ended.
    pub(crate) fn requests(&self) -> u64 {
        let mut before = None;
        // The loop takes at most one second, which is longer than the server needs to read the remaining requests.
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

    /// Returns the time at which each connection was accepted so far.
    pub(crate) fn accepted(&self) -> Vec<Instant> {
        self.shown
            .accepted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends the server. Returns its protocol with the data that the protocol has collected.
    pub(crate) fn stop(self) -> Fallible<W> {
        self.shown.stop.store(true, Ordering::Relaxed);
        match self.thread.join() {
            Ok(ended) => Ok(ended?),
            Err(_) => Err("the null server's thread panicked".into()),
        }
    }
}

/// The state that only the server's thread uses.
struct Loop<W: Wire> {
    wire: W,
    listener: TcpListener,
    readiness: Readiness,
    /// The connections, indexed by their descriptors.
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
                    // Closing the connection also removes the connection from the epoll.
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

    /// Reads the available bytes of a connection and answers the requests in these bytes.
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
                // Only this thread writes the counter, so a load and a store are enough. A locked instruction is not
                // needed.
                let so_far = self.shown.requests.load(Ordering::Relaxed);
                self.shown.requests.store(so_far + requests, Ordering::Relaxed);
            }
            // If a write is incomplete, the receive buffer of the client has no room for some hundred bytes. This
            // server cannot measure such a client.
            if !self.answer.is_empty() && socket::write(descriptor, &self.answer)? < self.answer.len() {
                return Err(io::ErrorKind::WriteZero.into());
            }
            // A read that does not fill the buffer returned all available bytes. Later bytes cause a new event.
            if length < self.buffer.len() {
                return Ok(());
            }
        }
    }
}
