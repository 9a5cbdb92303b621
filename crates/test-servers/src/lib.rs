//! Loopback servers for tests: a scripted one, and a closed port.
//!
//! They use only the standard library. A server ends with its test process.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// An HTTP/1.1 request as received. Its body has a `content-length`.
#[derive(Clone, Debug)]
pub struct WireRequest {
    /// The request line and the headers, including the final empty line.
    pub head: String,
    pub body: Vec<u8>,
}

impl WireRequest {
    /// The path and the query.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// The head and the body, with invalid UTF-8 replaced.
    pub fn text(&self) -> String {
        format!("{}{}", self.head, String::from_utf8_lossy(&self.body))
    }
}

/// The reaction of a server to a request.
#[derive(Clone, Debug)]
pub struct ScriptedAnswer {
    pause: Duration,
    bytes: Vec<u8>,
    after: After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    ReadNext,
    Close,
    /// The client closes the connection.
    Hold,
}

impl ScriptedAnswer {
    /// Answers with a status (`200 OK`), header lines that end with `\r\n`, and a body. Adds `content-length`, unless
    /// the headers have it; closes the connection if they have `connection: close`.
    pub fn new(status: &str, headers: &str, body: impl AsRef<[u8]>) -> ScriptedAnswer {
        let body = body.as_ref();
        let lower = headers.to_ascii_lowercase();
        let length = match lower.contains("content-length:") {
            true => String::new(),
            false => format!("content-length: {}\r\n", body.len()),
        };
        ScriptedAnswer {
            pause: Duration::ZERO,
            bytes: [format!("HTTP/1.1 {status}\r\n{headers}{length}\r\n").as_bytes(), body].concat(),
            after: match lower.contains("connection: close") {
                true => After::Close,
                false => After::ReadNext,
            },
        }
    }

    /// Writes these bytes and closes the connection.
    pub fn raw(text: &str) -> ScriptedAnswer {
        ScriptedAnswer {
            pause: Duration::ZERO,
            bytes: text.into(),
            after: After::Close,
        }
    }

    /// Closes the connection without an answer.
    pub fn hang_up() -> ScriptedAnswer {
        ScriptedAnswer::raw("")
    }

    /// Sends no answer and keeps the connection open.
    pub fn never() -> ScriptedAnswer {
        ScriptedAnswer {
            after: After::Hold,
            ..ScriptedAnswer::hang_up()
        }
    }

    /// Waits before answering.
    pub fn late(mut self, pause: Duration) -> ScriptedAnswer {
        self.pause = pause;
        self
    }
}

/// An HTTP/1.1 server that answers according to a script and records the requests.
#[derive(Clone, Debug)]
pub struct ScriptedServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<WireRequest>>>,
}

impl ScriptedServer {
    /// Calls the script for one request at a time, across all connections.
    ///
    /// # Panics
    /// Panics if listening on loopback fails.
    pub fn start(script: impl FnMut(&WireRequest) -> ScriptedAnswer + Send + 'static) -> ScriptedServer {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let server = ScriptedServer {
            address: listener.local_addr().expect("a listener has an address"),
            requests: Arc::default(),
        };
        let (script, requests) = (Arc::new(Mutex::new(script)), server.requests.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (script, requests) = (script.clone(), requests.clone());
                // An error at the end of a connection is the client's concern.
                std::thread::spawn(move || drop(serve(&stream, &script, &requests)));
            }
        });
        server
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, in the order in which they were received.
    pub fn requests(&self) -> Vec<WireRequest> {
        locked(&self.requests).clone()
    }
}

/// Locks a mutex and ignores poisoning: a script that panicked is called again, and each time its client gets a closed
/// connection.
fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(
    stream: &TcpStream,
    script: &Mutex<impl FnMut(&WireRequest) -> ScriptedAnswer>,
    requests: &Mutex<Vec<WireRequest>>,
) -> io::Result<()> {
    let mut writer = stream;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader)? {
        let answer = {
            let mut script = locked(script);
            locked(requests).push(request.clone());
            (*script)(&request)
        };
        std::thread::sleep(answer.pause);
        writer.write_all(&answer.bytes)?;
        match answer.after {
            After::ReadNext => {}
            After::Close => return Ok(()),
            After::Hold => return io::copy(&mut reader, &mut io::sink()).map(drop),
        }
    }
    Ok(())
}

/// Reads one request; `None` after the client has closed the connection.
fn read_request(reader: &mut impl BufRead) -> io::Result<Option<WireRequest>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim())
    });
    let length: u64 = length.map_or(Ok(0), |text| text.parse().map_err(io::Error::other))?;
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok(Some(WireRequest { head, body }))
}

/// A port of 127.0.0.1 that refuses connections and stays reserved while this value exists.
#[derive(Debug)]
pub struct ClosedPort {
    pub port: u16,
    /// A connection with the port at one end; the listener that accepted it is closed.
    _connection: (TcpStream, TcpStream),
}

impl ClosedPort {
    /// # Errors
    /// Fails if listening or connecting on loopback fails.
    pub fn new() -> io::Result<ClosedPort> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let outgoing = TcpStream::connect(address)?;
        let (incoming, _) = listener.accept()?;
        Ok(ClosedPort {
            port: address.port(),
            _connection: (incoming, outgoing),
        })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
