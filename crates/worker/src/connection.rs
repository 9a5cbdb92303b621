//! Connections to targets: opened, reused, and given up.
//!
//! How many requests there are at once is bounded by who calls: an engine is never asked to send
//! more than the plan allows connections. This module keeps idle connections within the same
//! bound, whatever the number of targets.
//!
//! A name is resolved once, and its addresses are used in turn. An address that refuses is no
//! failure yet: the next one is tried, as clients do, until the connect timeout. What the detour
//! took is in the lag of the arrival. An address that says nothing takes up the whole timeout.
//!
//! A connection is reused only if its last answer was read to its end and its last request was
//! written to its end; in all other cases its socket is closed at once.

use crate::http::failure;
use crate::stamp::{FirstWrite, Stamped};
use crate::tls;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use plan::scenario::Limits;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::Failure;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

/// How many origins are remembered. More than there can be connections, so one that is in use is
/// never forgotten; and few enough for hosts that differ from arrival to arrival.
const ORIGINS_MAX: usize = 2 * Limits::CONNECTIONS_MAX as usize;

/// Opens connections and keeps idle ones.
#[derive(Debug)]
pub(crate) struct Dialer {
    origins: RefCell<BTreeMap<String, Rc<Origin>>>,
    insecure_tls: bool,
    /// Made when it is first needed: reading certificates takes a while.
    tls: OnceCell<Result<Arc<rustls::ClientConfig>, String>>,
    connect_timeout: Duration,
    connections_max: usize,
    /// Every open connection holds one more of these.
    open: Rc<()>,
}

/// A scheme, host and port.
struct Origin {
    host: String,
    port: u16,
    secure: bool,
    addresses: tokio::sync::OnceCell<Vec<SocketAddr>>,
    /// Whose turn it is among the addresses.
    turn: Cell<usize>,
    idle: RefCell<Vec<Line>>,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Origin({}:{})", self.host, self.port)
    }
}

/// What a connection consists of, without the origin it leads to: that one keeps it.
struct Line {
    sender: SendRequest<Full<Bytes>>,
    written: FirstWrite,
    _driver: Driver,
    _open: Rc<()>,
}

/// The task that reads and writes a socket. It ends with its connection, whatever it waits for: a
/// late answer has nobody to go to, and a target that reads nothing cannot keep a descriptor.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An open connection, for one request.
pub(crate) struct Connection {
    origin: Rc<Origin>,
    line: Line,
    /// Whether it has been idle.
    reused: bool,
}

impl Connection {
    /// Sends a request and waits for the head of its answer; `sent` becomes the instant of the
    /// first byte that went to the socket, unless an earlier request of the same arrival set it.
    pub(crate) async fn send(
        &mut self,
        message: Request<Full<Bytes>>,
        sent: &mut Option<Instant>,
    ) -> Result<Response<Incoming>, Failure> {
        self.line.written.arm();
        // A timeout drops this future, so the instant is noted whichever way it ends.
        let _note = Note {
            written: &self.line.written,
            sent,
        };
        self.line
            .sender
            .send_request(message)
            .await
            .map_err(|error| failure(&error))
    }

    /// Whether the target had closed the connection before anything of the request was written.
    /// Only then may it be sent again without the target getting it twice.
    pub(crate) fn was_stale(&self) -> bool {
        self.reused && self.line.written.at().is_none()
    }
}

struct Note<'a> {
    written: &'a FirstWrite,
    sent: &'a mut Option<Instant>,
}

impl Drop for Note<'_> {
    fn drop(&mut self) {
        if self.sent.is_none() {
            *self.sent = self.written.at();
        }
    }
}

impl Dialer {
    pub(crate) fn new(limits: &Limits) -> Dialer {
        Dialer {
            origins: RefCell::new(BTreeMap::new()),
            insecure_tls: limits.insecure_tls,
            tls: OnceCell::new(),
            connect_timeout: limits.connect_timeout,
            connections_max: limits.connections as usize,
            open: Rc::new(()),
        }
    }

    /// Resolves the hosts of URLs and opens their first connections. A target that cannot be
    /// connected to is no reason not to start: it may be what the run is to show.
    pub(crate) async fn prepare(&self, urls: &[String]) -> Result<(), String> {
        let mut origins = Vec::new();
        for url in urls {
            let uri: Uri = url.parse().map_err(|error| format!("{url} is not a URL: {error}"))?;
            let origin = self.origin(&uri).map_err(|_| format!("{url} has no host"))?;
            if origin.secure {
                self.tls()?;
            }
            origin
                .resolve()
                .await
                .map_err(|error| format!("{} could not be resolved: {error}", origin.host))?;
            origins.push(origin);
        }
        let open_all = async {
            for origin in &origins {
                if let Ok(connection) = self.open(origin).await {
                    self.put_back(connection);
                }
            }
        };
        // However many targets say nothing, the start is not held up for longer than by one.
        let _ = timeout(self.connect_timeout, open_all).await;
        Ok(())
    }

    /// A connection to the origin of `uri`: an idle one, or a new one.
    pub(crate) async fn connection(&self, uri: &Uri) -> Result<Connection, Failure> {
        let origin = self.origin(uri)?;
        loop {
            let idle = origin.idle.borrow_mut().pop();
            match idle {
                Some(line) if line.sender.is_ready() => {
                    return Ok(Connection {
                        origin,
                        line,
                        reused: true,
                    });
                }
                // One that the target has closed meanwhile, or whose last request is still being
                // written, is no use, and no failure either.
                Some(_) => {}
                None => return self.open(&origin).await,
            }
        }
    }

    /// Keeps a connection whose answer was read to its end.
    pub(crate) fn put_back(&self, connection: Connection) {
        if connection.line.sender.is_ready() {
            connection.origin.idle.borrow_mut().push(connection.line);
        }
    }

    fn tls(&self) -> Result<Arc<rustls::ClientConfig>, String> {
        self.tls.get_or_init(|| tls::config(self.insecure_tls)).clone()
    }

    fn origin(&self, uri: &Uri) -> Result<Rc<Origin>, Failure> {
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(Failure::Protocol),
        };
        let host = uri.host().ok_or(Failure::Protocol)?;
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let key = format!("{secure} {host}:{port}");
        let mut origins = self.origins.borrow_mut();
        if let Some(origin) = origins.get(&key) {
            return Ok(origin.clone());
        }
        if origins.len() >= ORIGINS_MAX {
            origins.retain(|_, origin| Rc::strong_count(origin) > 1 || !origin.idle.borrow().is_empty());
        }
        let origin = Rc::new(Origin {
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            secure,
            addresses: tokio::sync::OnceCell::new(),
            // Workers begin at different addresses; else the first one would get a connection of
            // each, and a fleet of many small workers would test one machine.
            turn: Cell::new(RandomState::new().hash_one(host) as usize),
            idle: RefCell::default(),
        });
        origins.insert(key, origin.clone());
        Ok(origin)
    }

    async fn open(&self, origin: &Rc<Origin>) -> Result<Connection, Failure> {
        let deadline = Instant::now() + self.connect_timeout;
        match timeout_at(deadline, origin.resolve()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return Err(Failure::Resolve),
        }
        let line = timeout_at(deadline, self.dial(origin))
            .await
            .unwrap_or(Err(Failure::Connect))?;
        Ok(Connection {
            origin: origin.clone(),
            line,
            reused: false,
        })
    }

    async fn dial(&self, origin: &Origin) -> Result<Line, Failure> {
        let open = self.room();
        let stream = origin.reach().await?;
        stream.set_nodelay(true).map_err(|_| Failure::Connect)?;
        if !origin.secure {
            return line(stream, open).await;
        }
        let config = self.tls().map_err(|_| Failure::Tls)?;
        let name = rustls::pki_types::ServerName::try_from(origin.host.clone()).map_err(|_| Failure::Tls)?;
        let stream = TlsConnector::from(config)
            .connect(name, stream)
            .await
            .map_err(|_| Failure::Tls)?;
        line(stream, open).await
    }

    /// Room for one more connection: where the plan allows no more, an idle one to another origin
    /// is closed for it.
    fn room(&self) -> Rc<()> {
        while Rc::strong_count(&self.open) > self.connections_max {
            let origins = self.origins.borrow();
            let idle = origins.values().find_map(|origin| origin.idle.borrow_mut().pop());
            if idle.is_none() {
                break;
            }
        }
        self.open.clone()
    }
}

impl Origin {
    /// Finds the addresses of the host, unless they are known. Whoever needs them meanwhile waits.
    async fn resolve(&self) -> std::io::Result<()> {
        let look_up = async || {
            let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await?;
            let mut addresses: Vec<SocketAddr> = found.collect();
            addresses.sort_unstable();
            addresses.dedup();
            match addresses.as_slice() {
                [] => Err(std::io::Error::other("the name has no address")),
                _ => Ok(addresses),
            }
        };
        self.addresses.get_or_try_init(look_up).await.map(drop)
    }

    /// Connects to the address whose turn it is, or to the next one that does not refuse.
    async fn reach(&self) -> Result<TcpStream, Failure> {
        let addresses = self.addresses.get().map(Vec::as_slice).unwrap_or_default();
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        for step in 0..addresses.len() {
            let address = addresses[turn.wrapping_add(step) % addresses.len()];
            if let Ok(stream) = TcpStream::connect(address).await {
                return Ok(stream);
            }
        }
        Err(Failure::Connect)
    }
}

async fn line<S>(stream: S, open: Rc<()>) -> Result<Line, Failure>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + 'static,
{
    let written = FirstWrite::default();
    let (mut sender, driver) = http1::handshake(TokioIo::new(Stamped::new(stream, written.clone())))
        .await
        .map_err(|_| Failure::Connect)?;
    // What goes wrong on the connection is told to the request that is on it.
    let driver = Driver(tokio::task::spawn_local(async move { drop(driver.await) }));
    sender.ready().await.map_err(|error| failure(&error))?;
    Ok(Line {
        sender,
        written,
        _driver: driver,
        _open: open,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// Which of the addresses five connections in a row lead to, when the first is next.
    fn check(addresses: &[SocketAddr], expected: &[Option<usize>]) {
        let origin = Origin {
            host: "several.example".to_owned(),
            port: 80,
            secure: false,
            addresses: tokio::sync::OnceCell::new_with(Some(addresses.to_vec())),
            turn: Cell::new(0),
            idle: RefCell::default(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let reached: Vec<Option<usize>> = (0..5)
            .map(|_| {
                let stream = runtime.block_on(origin.reach()).ok()?;
                let peer = stream.peer_addr().unwrap();
                addresses.iter().position(|address| *address == peer)
            })
            .collect();
        assert_eq!(reached, expected);
    }

    fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[test]
    fn the_addresses_of_a_name_are_used_in_turn() {
        let (_a, a) = listener();
        let (_b, b) = listener();
        check(&[a, b], &[Some(0), Some(1), Some(0), Some(1), Some(0)]);
    }

    #[test]
    fn an_address_that_refuses_is_passed_over() {
        let (gone, a) = listener();
        let (_b, b) = listener();
        drop(gone);
        check(&[a, b], &[Some(1); 5]);
        check(&[a], &[None; 5]);
    }
}
