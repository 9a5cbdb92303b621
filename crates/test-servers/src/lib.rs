//! Servers on the loopback address, for tests: a server that follows a script, and a port that refuses connections.
//!
//! The servers use only the standard library. A server ends when its test process ends.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// An HTTP/1.1 request that a server has received. The length of the body is the `content-length` of the request.
#[derive(Clone, Debug)]
pub struct WireRequest {
    /// The request line and the header lines, with the empty line at the end.
    pub head: String,
    pub body: Vec<u8>,
}

impl WireRequest {
    /// Returns the path and the query of the request.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// Returns the head and the body of the request as text. Invalid UTF-8 is replaced.
    pub fn text(&self) -> String {
        format!("{}{}", self.head, String::from_utf8_lossy(&self.body))
    }
}

/// The answer of a server to one request.
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
    /// The server keeps the connection open until the client closes it.
    Hold,
}

impl ScriptedAnswer {
    /// Returns an answer with a status such as `200 OK`, header lines that end with `\r\n`, and a body. If the headers
    /// do not contain a `content-length`, it is added. If the headers contain `connection: close`, the server closes
    /// the connection after the answer.
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

    /// Returns an answer that consists of the bytes of `text`. After the answer, the server closes the connection.
    pub fn raw(text: &str) -> ScriptedAnswer {
        ScriptedAnswer {
            pause: Duration::ZERO,
            bytes: text.into(),
            after: After::Close,
        }
    }

    /// Returns an answer for which the server closes the connection without sending any byte.
    pub fn hang_up() -> ScriptedAnswer {
        ScriptedAnswer::raw("")
    }

    /// Returns an answer for which the server sends nothing and keeps the connection open.
    pub fn never() -> ScriptedAnswer {
        ScriptedAnswer {
            after: After::Hold,
            ..ScriptedAnswer::hang_up()
        }
    }

    /// Returns the same answer, and makes the server wait for `pause` before it sends the answer.
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
    /// Starts a server. The server calls the script for one request at a time, even if several connections are open.
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
                // An error of one connection is ignored, because only the client in the test can check such an error.
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

    /// Returns the requests that were received so far, in the order of their arrival.
    pub fn requests(&self) -> Vec<WireRequest> {
        locked(&self.requests).clone()
    }
}

/// Locks a mutex, even if the mutex is poisoned. The server still calls a script that has panicked before. The client
/// whose request made the script panic gets a closed connection.
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

/// Reads one request; `None` if the client has closed the connection.
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

/// A port of 127.0.0.1 that refuses connections. The port is reserved until this value is dropped.
#[derive(Debug)]
pub struct ClosedPort {
    pub port: u16,
    /// A connection with one end at the port. The listener that accepted the connection is closed.
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
