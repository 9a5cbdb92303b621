//! Connections to targets: opened, reused, and given up.
//!
//! All addresses of a name are used in turn. How many connections there are at once is bounded by
//! who calls: an engine is never asked to send more than the plan allows connections.

use crate::http::failure;
use crate::stamp::{FirstWrite, Stamped};
use crate::tls;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use plan::plan::Plan;
use plan::scenario::Limits;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::Failure;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

/// Opens connections and keeps idle ones.
#[derive(Debug)]
pub(crate) struct Dialer {
    origins: RefCell<BTreeMap<String, Rc<Origin>>>,
    tls: Result<Arc<rustls::ClientConfig>, String>,
    connect_timeout: Duration,
}

/// A scheme, host and port.
struct Origin {
    host: String,
    port: u16,
    secure: bool,
    addresses: RefCell<Vec<SocketAddr>>,
    /// Whose turn it is among the addresses.
    turn: Cell<usize>,
    idle: RefCell<Vec<Connection>>,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Origin({}:{})", self.host, self.port)
    }
}

/// An open connection that no request is on.
pub(crate) struct Connection {
    origin: Rc<Origin>,
    sender: SendRequest<Full<Bytes>>,
    written: FirstWrite,
}

impl Connection {
    /// Sends a request and waits for the head of its answer; `sent` becomes the instant of the
    /// first byte that went to the socket, unless an earlier request of the same arrival set it.
    pub(crate) async fn send(
        &mut self,
        message: Request<Full<Bytes>>,
        sent: &mut Option<Instant>,
    ) -> Result<Response<Incoming>, Failure> {
        self.written.arm();
        // A timeout drops this future, so the instant is noted whichever way it ends.
        let _note = Note {
            written: &self.written,
            sent,
        };
        self.sender.send_request(message).await.map_err(|error| failure(&error))
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
            tls: tls::config(limits.insecure_tls),
            connect_timeout: limits.connect_timeout,
        }
    }

    /// Resolves the plan's targets and opens their first connections. A target that cannot be
    /// connected to is no reason not to start: it may be what the run is to show.
    pub(crate) async fn prepare(&self, plan: &Plan) -> Result<(), String> {
        for target in &plan.targets {
            let uri: Uri = target
                .parse()
                .map_err(|error| format!("{target} is not a URL: {error}"))?;
            let origin = self.origin(&uri).map_err(|_| format!("{target} has no host"))?;
            if origin.secure {
                self.tls.clone()?;
            }
            resolve(&origin)
                .await
                .map_err(|error| format!("{} could not be resolved: {error}", origin.host))?;
            if let Ok(connection) = self.open(&origin).await {
                self.put_back(connection);
            }
        }
        Ok(())
    }

    /// A connection to the origin of `uri`: an idle one, or a new one.
    pub(crate) async fn connection(&self, uri: &Uri) -> Result<Connection, Failure> {
        let origin = self.origin(uri)?;
        loop {
            let idle = origin.idle.borrow_mut().pop();
            match idle {
                // One that the target has closed meanwhile is no use, and no failure either.
                Some(mut connection) => {
                    if connection.sender.ready().await.is_ok() && !connection.sender.is_closed() {
                        return Ok(connection);
                    }
                }
                None => return self.open(&origin).await,
            }
        }
    }

    /// Keeps a connection whose answer was read to its end.
    pub(crate) fn put_back(&self, connection: Connection) {
        if !connection.sender.is_closed() {
            let origin = connection.origin.clone();
            origin.idle.borrow_mut().push(connection);
        }
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
        let origin = origins.entry(key).or_insert_with(|| {
            Rc::new(Origin {
                host: host.trim_matches(['[', ']']).to_owned(),
                port,
                secure,
                addresses: RefCell::default(),
                turn: Cell::new(0),
                idle: RefCell::default(),
            })
        });
        Ok(origin.clone())
    }

    async fn open(&self, origin: &Rc<Origin>) -> Result<Connection, Failure> {
        tokio::time::timeout(self.connect_timeout, self.dial(origin))
            .await
            .unwrap_or(Err(Failure::Connect))
    }

    async fn dial(&self, origin: &Rc<Origin>) -> Result<Connection, Failure> {
        let known = origin.addresses.borrow().len();
        if known == 0 {
            resolve(origin).await.map_err(|_| Failure::Resolve)?;
        }
        let address = {
            let addresses = origin.addresses.borrow();
            let turn = origin.turn.get();
            origin.turn.set(turn.wrapping_add(1));
            addresses[turn % addresses.len()]
        };
        let stream = TcpStream::connect(address).await.map_err(|_| Failure::Connect)?;
        stream.set_nodelay(true).map_err(|_| Failure::Connect)?;
        let written = FirstWrite::default();
        let sender = if origin.secure {
            let config = self.tls.clone().map_err(|_| Failure::Tls)?;
            let name = rustls::pki_types::ServerName::try_from(origin.host.clone()).map_err(|_| Failure::Tls)?;
            let stream = TlsConnector::from(config)
                .connect(name, stream)
                .await
                .map_err(|_| Failure::Tls)?;
            handshake(Stamped::new(stream, written.clone())).await?
        } else {
            handshake(Stamped::new(stream, written.clone())).await?
        };
        Ok(Connection {
            origin: origin.clone(),
            sender,
            written,
        })
    }
}

async fn handshake<S>(stream: Stamped<S>) -> Result<SendRequest<Full<Bytes>>, Failure>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + 'static,
{
    let (sender, driver) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Failure::Connect)?;
    // What goes wrong on the connection is told to the request that is on it.
    tokio::task::spawn_local(async move { drop(driver.await) });
    Ok(sender)
}

async fn resolve(origin: &Origin) -> std::io::Result<()> {
    let mut addresses: Vec<SocketAddr> = tokio::net::lookup_host((origin.host.as_str(), origin.port))
        .await?
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.is_empty() {
        return Err(std::io::Error::other("the name has no address"));
    }
    *origin.addresses.borrow_mut() = addresses;
    Ok(())
}
