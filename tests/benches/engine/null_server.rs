//! A server so cheap that the generator is the bottleneck: one thread, one epoll, no parsing.
//!
//! It answers everything that one read brought with one write, and registers a connection once. What
//! is read and answered is a [`Wire`]; the plainest, [`PlainHttp`], counts the ends of requests
//! without bodies and answers each with the same bytes.

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

/// What a server speaks.
pub(crate) trait Wire: Send + 'static {
    /// What is known of a connection.
    type Connection: Default;
    /// How long to sleep for events; 0 keeps the server's core busy, so that it never has to be woken.
    const SLEEP_MS: i32;
    /// Whether the kernel tells when it received what is read.
    const STAMPED: bool;

    /// Adds what is to be sent back to `answer`, and tells how many requests have ended.
    ///
    /// # Errors
    /// When the connection cannot go on; it is then closed.
    fn received(&mut self, connection: &mut Self::Connection, read: Read<'_>, answer: &mut Vec<u8>) -> io::Result<u64>;
}

/// What one read brought.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Read<'a> {
    pub(crate) bytes: &'a [u8],
    /// When the kernel received it, in nanoseconds; 0 where it was not asked.
    pub(crate) stamp: u64,
}

/// HTTP/1.1 without bodies.
#[derive(Debug)]
pub(crate) struct PlainHttp;

/// How much of the end of a request a connection has seen.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    seen: usize,
}

impl Tail {
    /// How many requests end in `bytes`, which follow what was seen before.
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

/// About 100 bytes, and what any client accepts.
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

/// How long a server without work may take to see that it is to stop.
pub(crate) const STOP_LOOK_MS: i32 = 20;
/// More than one connection has in flight with any generator here.
const READ_BYTES: usize = 64 << 10;

/// What the server's thread shows to others.
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
    /// Serves a fresh port of loopback from a thread on the server's core.
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

    /// Requests that were answered so far, once no more come: what a program had sent when it ended
    /// may still have to be read.
    pub(crate) fn requests(&self) -> u64 {
        let mut before = None;
        // A second of this is more than any leftover takes.
        for _ in 0..50 {
            let now = self.shown.requests.load(Ordering::Relaxed);
            if before.replace(now) == Some(now) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        before.unwrap_or_default()
    }

    /// Processor time of the server so far.
    pub(crate) fn cpu(&self) -> Duration {
        self.clock.read()
    }

    /// When each connection so far was accepted.
    pub(crate) fn accepted(&self) -> Vec<Instant> {
        self.shown
            .accepted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends the server and gives back what its wire has gathered.
    pub(crate) fn stop(self) -> Fallible<W> {
        self.shown.stop.store(true, Ordering::Relaxed);
        match self.thread.join() {
            Ok(ended) => Ok(ended?),
            Err(_) => Err("the null server's thread panicked".into()),
        }
    }
}

/// The server as its thread has it.
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
            for place in 0..self.readiness.wait(W::SLEEP_MS)? {
                let descriptor = self.readiness.ready(place);
                if descriptor == listening {
                    self.accept()?;
                } else if self.serve(descriptor).is_err() {
                    // Closing it takes it out of the epoll too.
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
            let place = descriptor as usize;
            if self.connections.len() <= place {
                self.connections.resize_with(place + 1, || None);
            }
            self.connections[place] = Some((stream, W::Connection::default()));
        }
    }

    /// Reads what is there and answers all that it brought.
    ///
    /// # Errors
    /// When the connection is over.
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
                // This thread alone writes it: a plain addition is enough, and costs no locked instruction.
                let so_far = self.shown.requests.load(Ordering::Relaxed);
                self.shown.requests.store(so_far + requests, Ordering::Relaxed);
            }
            // A client that reads so little that some hundred bytes do not fit is not measured here.
            if !self.answer.is_empty() && socket::write(descriptor, &self.answer)? < self.answer.len() {
                return Err(io::ErrorKind::WriteZero.into());
            }
            // A buffer that was not filled took all that was there; what comes later is told of again.
            if length < self.buffer.len() {
                return Ok(());
            }
        }
    }
}
