//! A target for tests. A test scripts each byte that the target sends.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// The maximum time for which the target waits for bytes. The test fails after this time.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request, as the target received it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The number of the connection of the request, from 0.
    pub connection: usize,
    pub line: String,
    /// The header fields. The names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    /// Returns all values of a header.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(other, _)| other == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// A connection that can be read and written: plain TCP, or a TLS session.
pub trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

/// One connection that the target has accepted.
pub struct Peer {
    /// The number of the connection, from 0.
    pub number: usize,
    wire: Box<dyn Wire>,
    socket: TcpStream,
    pending: Vec<u8>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Peer {
    /// Reads and records a request. Returns `None` if the client has closed the connection.
    pub fn read(&mut self) -> Option<Seen> {
        let (mut seen, length) = self.head()?;
        while self.pending.len() < length {
            if self.more() == 0 {
                return None;
            }
        }
        seen.body = self.pending.drain(..length).collect();
        self.seen.lock().unwrap().push(seen.clone());
        Some(seen)
    }

    /// Reads and records a request. Returns `false` if the client has closed the connection.
    pub fn request(&mut self) -> bool {
        self.read().is_some()
    }

    /// Reads the head of a request. Returns the request and the length of its body, which is not read.
    pub fn head(&mut self) -> Option<(Seen, usize)> {
        let end = loop {
            if let Some(end) = self.pending.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            if self.more() == 0 {
                return None;
            }
        };
        let head: Vec<u8> = self.pending.drain(..end + 4).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let line = lines.next().unwrap().to_owned();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let seen = Seen {
            connection: self.number,
            line,
            headers,
            body: Vec::new(),
        };
        let length = seen.header("content-length").first().map_or(0, |n| n.parse().unwrap());
        Some((seen, length))
    }

    fn more(&mut self) -> usize {
        let mut bytes = [0; 64 << 10];
        match self.wire.read(&mut bytes) {
            Ok(read) => {
                self.pending.extend_from_slice(&bytes[..read]);
                read
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("the client keeps a connection open and sends nothing")
            }
            Err(_) => 0,
        }
    }

    /// Writes bytes. Returns `false` if the client has closed the connection.
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.wire
            .write_all(bytes.as_ref())
            .and_then(|()| self.wire.flush())
            .is_ok()
    }

    /// Answers with a status line and a body whose length is announced.
    pub fn answer(&mut self, status: &str, body: &str) -> bool {
        self.write(format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Gives every request the same answer until the client closes the connection.
    pub fn answer_all(&mut self, status: &str, body: &str) {
        while self.request() && self.answer(status, body) {}
    }

    /// Writes the same bytes after every request until the client closes the connection.
    pub fn write_all(&mut self, bytes: &str) {
        while self.request() && self.write(bytes) {}
    }

    /// Waits until the client has closed the connection. Returns the number of bytes that were received before.
    pub fn until_closed(&mut self) -> usize {
        while self.more() > 0 {}
        self.pending.len()
    }

    /// Closes the connection, so that the script can continue without it.
    pub fn shut(&mut self, reset: bool) {
        if reset {
            self.reset();
        }
        self.wire = Box::new(std::io::Cursor::new(Vec::new()));
        // The socket is closed when its last descriptor is closed.
        let null = std::fs::File::open("/dev/null").unwrap();
        self.socket = TcpStream::from(std::os::fd::OwnedFd::from(null));
    }

    /// Closes the sending direction of the connection. The script can read from the receiving direction.
    pub fn end_own_side(&mut self) {
        self.socket.shutdown(std::net::Shutdown::Write).unwrap();
    }

    /// Makes the connection end with a reset when it is closed.
    pub fn reset(&mut self) {
        let socket = tokio::net::TcpSocket::from_std_stream(self.socket.try_clone().unwrap());
        socket.set_zero_linger().unwrap();
    }
}

/// A target that listens on a port. Dropping this value ends the target. Every connection must have been closed before.
pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<Vec<JoinHandle<()>>>>,
}

impl Server {
    pub fn start(behaviour: impl Fn(&mut Peer) + Send + Sync + 'static) -> Server {
        Server::with_wire(|socket| Some(Box::new(socket)), behaviour)
    }

    /// Starts a target that first wraps each connection, for example in TLS.
    pub fn with_wire(
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Wire>> + Send + Sync + 'static,
        behaviour: impl Fn(&mut Peer) + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let over = Arc::new(AtomicBool::new(false));
        let script = Arc::new((wrap, behaviour));
        let (noted, ended) = (seen.clone(), over.clone());
        let accepting = std::thread::spawn(move || {
            let mut peers = Vec::new();
            for (number, socket) in listener.incoming().enumerate() {
                let socket = socket.unwrap();
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                socket.set_read_timeout(Some(PATIENCE)).unwrap();
                socket.set_nodelay(true).unwrap();
                let (script, seen) = (script.clone(), noted.clone());
                peers.push(std::thread::spawn(move || {
                    let Some(wire) = (script.0)(socket.try_clone().unwrap()) else {
                        return;
                    };
                    let pending = Vec::new();
                    (script.1)(&mut Peer {
                        number,
                        wire,
                        socket,
                        pending,
                        seen,
                    });
                }));
            }
            peers
        });
        Server {
            port,
            seen,
            over,
            accepting: Some(accepting),
        }
    }

    /// Returns the requests so far, in the order in which they were read.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns the connections of the requests, in the order in which the requests were read.
    pub fn connections(&self) -> Vec<usize> {
        self.seen().iter().map(|seen| seen.connection).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        for peer in self.accepting.take().unwrap().join().unwrap() {
            peer.join().expect("a script of the target failed");
        }
    }
}

/// Returns a target that reads a request, writes these bytes, and waits until the client closes the connection.
pub fn writes(bytes: &'static str) -> impl Fn(&mut Peer) + Send + Sync {
    move |peer| {
        peer.request();
        peer.write(bytes);
        peer.until_closed();
    }
}

/// Returns a target that reads a request, writes these bytes, and closes the connection.
pub fn writes_and_closes(bytes: &'static str) -> impl Fn(&mut Peer) + Send + Sync {
    move |peer| {
        peer.request();
        peer.write(bytes);
    }
}

/// An address at which connection attempts get no answer, like the address of a host that drops packets.
pub struct Silent {
    pub address: SocketAddr,
    _listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl Silent {
    /// Fills the queue of a listener, so that further connection attempts get no answer.
    pub fn at(address: impl ToSocketAddrs) -> Silent {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        // SAFETY: the descriptor is open, and `listen` takes no pointers.
        assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
        let mut waiting = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
            waiting.push(stream);
            assert!(waiting.len() < 1000, "the queue of the listener does not fill up");
        }
        Silent {
            address,
            _listener: listener,
            _waiting: waiting,
        }
    }
}
