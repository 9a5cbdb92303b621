//! Opens connections for HTTP/2.
//!
//! The module [`crate::dial`] decides which addresses are tried, and how many connections open at once. It also decides
//! when a failed connection is retried, and when a name is looked up again. The HTTP/1.1 engine uses the same module.

use super::fair::Fair;
use super::pool::{Connection, OriginPool, Permit, Taken};
use super::stamped::{PendingWrites, TimedStream};
use super::{Shared, cause};
use crate::dial::origin::Resolved;
use crate::dial::resolver::{self, LookupResult};
use crate::dial::{Dial, Next};
use crate::pacer;
use crate::reading::HEAD_MAX;
use crate::why::{RequestPhase, Why};
use hyper::client::conn::http2;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;
use tally::cause::Cause;
use tally::waits::Step;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

/// The flow-control windows of a connection and of a stream, in bytes. Bodies are read as they arrive, so a smaller
/// window would only slow them down.
const WINDOW: u32 = 16 << 20;
const STREAM_WINDOW: u32 = 2 << 20;

impl Shared {
    pub(super) async fn open(self: &Rc<Shared>, pool: &Rc<OriginPool>, permit: Permit) -> Result<Connection, Why> {
        let deadline = Instant::now() + self.plan.limits.connect_timeout;
        match timeout_at(deadline, self.resolve(pool)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(pool.origin.borrow().addresses.why),
            Err(_) => return Err(Cause::ResolverTimeout.into()),
        }
        let mut dial = Dial::begin(
            &mut pool.origin.borrow_mut(),
            &self.rules.further,
            deadline,
            Instant::now(),
        );
        let opened = timeout_at(deadline, self.handshake(pool, permit, &mut dial)).await;
        opened.unwrap_or_else(|_| Err(dial.late()))
    }

    /// Returns the scheme, host and port of an origin. Returns an empty text if they contain a secret.
    pub(super) fn name_of(&self, pool: &OriginPool) -> Arc<str> {
        let planned = || {
            self.endpoints
                .iter()
                .any(|endpoint| endpoint.same_origin(&pool.endpoint))
        };
        let hides = |host: &str| !planned() && self.messages.hide(host);
        pool.origin.borrow().name(hides)
    }

    /// Records how long a step of opening a connection took.
    fn took(&self, pool: &OriginPool, step: Step, time: Duration) {
        let name = self.name_of(pool);
        self.openings.borrow_mut().record(&name, step, time.as_nanos() as u64);
    }

    /// Looks up the addresses of an origin, unless they are known.
    pub(super) async fn resolve(self: &Rc<Shared>, pool: &Rc<OriginPool>) -> Result<(), String> {
        if !pool.origin.borrow().addresses.are_known() {
            let (shared, pool, before) = (self.clone(), pool.clone(), pool.lookups.get());
            // If this request times out, the look-up continues, because the next request needs the addresses too.
            let _ = tokio::task::spawn_local(async move { shared.look_up(&pool, before).await }).await;
        }
        match &pool.origin.borrow().addresses {
            known if known.are_known() => Ok(()),
            unknown => Err(unknown.problem.clone()),
        }
    }

    /// Looks up a name, unless another task has looked it up since the caller read the count `before`. After the first
    /// success, a task repeats the look-up regularly.
    async fn look_up(self: &Rc<Shared>, pool: &Rc<OriginPool>, before: u64) {
        let _one = pool.resolving.lock().await;
        if pool.lookups.get() != before {
            return;
        }
        let _permit = self.rules.looking_up.acquire().await;
        let (lookup, host, port) = (self.lookup.clone(), pool.endpoint.host.clone(), pool.endpoint.port);
        let found = tokio::task::spawn_blocking(move || resolver::find(&lookup, &host, port)).await;
        if let Ok(LookupResult { addresses: Ok(_), took }) = found {
            self.took(pool, Step::Resolve, took);
        }
        let found = found.map_or_else(|lost| Err(std::io::Error::other(lost)), |found| found.addresses);
        pool.lookups.set(before + 1);
        let first = !pool.origin.borrow().addresses.are_known();
        let resolved = pool.origin.borrow_mut().resolved(found, Instant::now());
        if resolved == Resolved::Changed {
            pool.leave_old_addresses();
        }
        if first && resolved != Resolved::Failed {
            tokio::task::spawn_local(look_up_again(Rc::downgrade(self), Rc::downgrade(pool)));
        }
    }

    /// Connects to the first address that answers.
    async fn connect(&self, pool: &OriginPool, dial: &mut Dial) -> Result<(TcpStream, SocketAddr), Why> {
        let mut sockets = JoinSet::new();
        loop {
            let now = Instant::now();
            let next = dial.next(&pool.origin.borrow(), now);
            let next_at = match next {
                Next::Connect(permitted) => {
                    let address = permitted.address();
                    sockets.spawn_local(async move {
                        let connected = TcpStream::connect(address).await;
                        connected
                            .map(|stream| (stream, address, now))
                            .map_err(|error| Why::connecting(&error, address))
                    });
                    continue;
                }
                Next::Wait(at) => at,
                Next::Lost(why) => return Err(why),
            };
            tokio::select! {
                Some(ended) = sockets.join_next() => match ended {
                    Ok(Ok((stream, address, began))) => {
                        let took = dial.connected(address, began, Instant::now());
                        self.took(pool, Step::Connect, took);
                        return Ok((stream, address));
                    }
                    Ok(Err(why)) => dial.failed(why, Instant::now()),
                    Err(_) => dial.failed(Cause::ConnectFailed.into(), Instant::now()),
                },
                () = pacer::wait_until(next_at.unwrap_or(now)), if next_at.is_some() => {}
                else => return Err(Cause::ConnectFailed.into()),
            }
        }
    }

    async fn handshake(&self, pool: &OriginPool, permit: Permit, dial: &mut Dial) -> Result<Connection, Why> {
        let (stream, address) = self.connect(pool, dial).await?;
        let socket = Socket {
            address,
            epoch: pool.origin.borrow().addresses.epoch,
            permit,
            taken: self.rules.taken.clone(),
        };
        stream
            .set_nodelay(true)
            .map_err(|error| Why::connecting(&error, address))?;
        let stream = Fair::new(stream);
        if !pool.endpoint.secure {
            return socket.connection(stream).await;
        }
        let (config, name) = self.tls.session(&pool.endpoint.host, None)?;
        let stream = TlsConnector::from(config)
            .connect(name, stream)
            .await
            .map_err(|error| Why::shaking(&error))?;
        self.took(pool, Step::Tls, dial.secured(Instant::now()));
        if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            return Err(Cause::NoHttp2.into());
        }
        socket.connection(stream).await
    }
}

/// Repeats the look-up of a name while its pool exists.
async fn look_up_again(shared: Weak<Shared>, pool: Weak<OriginPool>) {
    loop {
        let Some((shared, pool)) = shared.upgrade().zip(pool.upgrade()) else {
            return;
        };
        let again = pool.origin.borrow().addresses.ask_again_at(shared.rules.addresses_kept);
        let Some(again) = again else { return };
        if again <= Instant::now() {
            shared.look_up(&pool, pool.lookups.get()).await;
            continue;
        }
        drop((shared, pool));
        pacer::wait_until(again).await;
    }
}

/// A connected socket, before the HTTP/2 handshake.
struct Socket {
    address: SocketAddr,
    epoch: u32,
    permit: Permit,
    taken: Rc<Taken>,
}

impl Socket {
    async fn connection<S>(mut self, stream: S) -> Result<Connection, Why>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        self.permit.opened();
        let stamps = PendingWrites::default();
        let stream = TokioIo::new(TimedStream::new(stream, stamps.clone(), self.permit));
        let (sender, driver) = http2::Builder::new(Here)
            .initial_connection_window_size(WINDOW)
            .initial_stream_window_size(STREAM_WINDOW)
            .max_header_list_size(HEAD_MAX as u32)
            .handshake(stream)
            .await
            .map_err(|error| Why::http2(cause(&error), RequestPhase::Connecting))?;
        // Errors of the connection are reported to the requests that use the connection.
        let driver = tokio::task::spawn_local(async move { drop(driver.await) });
        let address = (self.address, self.epoch);
        Ok(Connection::new(sender, stamps, address, self.taken, driver))
    }
}

/// Runs the tasks of hyper on this thread.
#[derive(Clone, Copy, Debug)]
struct Here;

impl<F: Future + 'static> hyper::rt::Executor<F> for Here {
    fn execute(&self, task: F) {
        tokio::task::spawn_local(async move { drop(task.await) });
    }
}
