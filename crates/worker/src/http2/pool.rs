//! Assigns requests to connections. Each ticket has a number, which is an index into the connections to an origin. When
//! no more connections may be opened, several numbers share one connection. This module neither reads nor writes bytes.

use super::stamped::PendingWrites;
use super::{CREDIT_MAX, Shared};
use crate::dial::origin::{ORIGINS_MAX, Origin};
use crate::dial::resolver;
use crate::dial::{Further, OPENING_MAX};
use crate::endpoint::Endpoint;
use crate::pacer;
use crate::why::{RequestPhase, Why};
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http2::SendRequest;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tally::cause::Cause;
use tokio::sync::{Mutex, Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The limits that the connections of an engine share.
pub(super) struct Rules {
    /// The maximum number of connections. `taken` counts the connections that are open or are being opened.
    most: usize,
    pub(super) taken: Rc<Taken>,
    opening: Semaphore,
    pub(super) further: Further,
    pub(super) looking_up: Semaphore,
    pub(super) addresses_kept: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Taken {
    count: Cell<usize>,
    /// The number of open connections. `open_max` is the maximum of this number since the last call of
    /// [`Taken::take_open_max`].
    open: Cell<usize>,
    open_max: Cell<usize>,
    /// Notified when the number of connections decreases, or when a connection becomes idle.
    less: Notify,
}

impl Taken {
    /// Returns the largest number of connections that were open at the same time since the last call.
    pub(super) fn take_open_max(&self) -> usize {
        self.open_max.replace(self.open.get())
    }
}

/// The permission to open and to keep one connection.
#[derive(Debug)]
pub(super) struct Permit {
    taken: Rc<Taken>,
    is_open: bool,
}

impl Permit {
    /// Counts the connection that has this permit as open.
    pub(super) fn opened(&mut self) {
        self.is_open = true;
        self.taken.open.set(self.taken.open.get() + 1);
        self.taken
            .open_max
            .set(self.taken.open_max.get().max(self.taken.open.get()));
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.taken.open.set(self.taken.open.get() - usize::from(self.is_open));
        self.taken.count.set(self.taken.count.get() - 1);
        self.taken.less.notify_waiters();
    }
}

impl Rules {
    pub(super) fn new(most: usize, addresses_kept: Duration) -> Rules {
        Rules {
            most,
            taken: Rc::default(),
            opening: Semaphore::new(OPENING_MAX),
            further: Further::default(),
            looking_up: Semaphore::new(resolver::THREADS_MAX),
            addresses_kept,
        }
    }

    fn permit(&self) -> Option<Permit> {
        (self.taken.count.get() < self.most).then(|| {
            self.taken.count.set(self.taken.count.get() + 1);
            Permit {
                taken: self.taken.clone(),
                is_open: false,
            }
        })
    }
}

/// The connections to one origin.
pub(super) struct OriginPool {
    pub(super) endpoint: Endpoint,
    pub(super) origin: RefCell<Origin>,
    connections: Vec<Mutex<Option<Connection>>>,
    /// Locked while a connection is tried after a failure, so that only one connection at a time is tried.
    trying: Mutex<()>,
    /// The number of failed connections, and why the last of them failed.
    failures: Cell<(u64, Option<Why>)>,
    /// Locked during a look-up of the host name. `lookups` is the number of look-ups so far.
    pub(super) resolving: Mutex<()>,
    pub(super) lookups: Cell<u64>,
    /// The number of answered requests, minus the number of requests that were sent again at once. A request is sent
    /// again at once if its connection refused the request and was closed gracefully. The maximum of this credit is
    /// [`CREDIT_MAX`].
    credit: Cell<u64>,
    /// The number of requests that each of the last gracefully closed connections accepted. The newest connection is
    /// last.
    ended: RefCell<Vec<Rc<Cell<u64>>>>,
}

/// The number of ended connections that are remembered. The newest connection is not compared with the two older
/// connections, because the failures of some requests that it refused may be reported later.
const ENDED_KEPT: usize = 3;

/// An open connection.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    stamps: PendingWrites,
    /// The task that drives the connection. `None` after the task was detached. A detached task runs until the last
    /// answer of the connection.
    driver: Option<JoinHandle<()>>,
    address: SocketAddr,
    /// The epoch of the address list against which this connection was last checked.
    epoch: u32,
    /// The number of requests assigned to this connection.
    given: u64,
    /// The number of requests of this connection that were passed to hyper.
    handed_over: Rc<Cell<u64>>,
    /// The number of the first request that this connection refused, counted from 0. The connection accepted the same
    /// number of requests.
    took: Rc<Cell<u64>>,
    /// Whether this connection has answered a request.
    answered: Rc<Cell<bool>>,
    busy: Rc<ConnectionUse>,
}

/// The number of requests that are in flight on a connection.
pub(super) struct ConnectionUse {
    requests: Cell<usize>,
    taken: Rc<Taken>,
}

/// One request that is in flight on a connection.
pub(super) struct Carried(Rc<ConnectionUse>);

impl Carried {
    fn by(busy: &Rc<ConnectionUse>) -> Carried {
        busy.requests.set(busy.requests.get() + 1);
        Carried(busy.clone())
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.requests.set(self.0.requests.get() - 1);
        if self.0.requests.get() == 0 {
            self.0.taken.less.notify_waiters();
        }
    }
}

/// The handles of a connection that a request needs.
pub(super) struct Path {
    pub(super) sender: SendRequest<Full<Bytes>>,
    pub(super) stamps: PendingWrites,
    /// Whether the connection was used for other requests before.
    pub(super) used: bool,
    pub(super) handed_over: Rc<Cell<u64>>,
    pub(super) took: Rc<Cell<u64>>,
    pub(super) answered: Rc<Cell<bool>>,
    pub(super) carried: Carried,
    /// Whether the request waited for the connection. `waiting` is how long the request waited until a connection could
    /// be opened.
    pub(super) awaited: bool,
    pub(super) waiting: Duration,
}

impl Connection {
    /// Creates a connection. The task `driver` runs the connection.
    pub(super) fn new(
        sender: SendRequest<Full<Bytes>>,
        stamps: PendingWrites,
        (address, epoch): (SocketAddr, u32),
        taken: Rc<Taken>,
        driver: JoinHandle<()>,
    ) -> Connection {
        Connection {
            sender,
            stamps,
            address,
            epoch,
            given: 0,
            handed_over: Rc::default(),
            took: Rc::new(Cell::new(u64::MAX)),
            answered: Rc::default(),
            busy: Rc::new(ConnectionUse {
                requests: Cell::new(0),
                taken,
            }),
            driver: Some(driver),
        }
    }

    /// Stops accepting requests. Requests in flight continue, and the connection closes after them.
    fn leave(mut self) {
        self.driver = None;
    }

    fn path(&mut self) -> Path {
        self.given += 1;
        Path {
            sender: self.sender.clone(),
            stamps: self.stamps.clone(),
            used: self.given > 1,
            handed_over: self.handed_over.clone(),
            took: self.took.clone(),
            answered: self.answered.clone(),
            carried: Carried::by(&self.busy),
            awaited: false,
            waiting: Duration::ZERO,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(driver) = &self.driver {
            driver.abort();
        }
    }
}

impl OriginPool {
    /// Counts an answered request.
    pub(super) fn add_credit(&self) {
        self.credit.set(CREDIT_MAX.min(self.credit.get() + 1));
    }

    /// Counts a refused request of a connection that was closed gracefully. Returns whether the request may be sent
    /// again at once.
    pub(super) fn use_credit(&self) -> bool {
        let left = self.credit.get().checked_sub(1);
        left.is_some_and(|left| {
            self.credit.set(left);
            true
        })
    }

    /// Returns the number of requests that a connection to this target accepts, or `u64::MAX` if the number is not
    /// known. The number is known if two successive connections accepted the same number of requests.
    fn requests_max(&self) -> u64 {
        match self.ended.borrow().as_slice() {
            [first, second, _] if first.get() == second.get() => first.get().max(1),
            _ => u64::MAX,
        }
    }

    /// Remembers how many requests an ended connection accepted before it refused the others.
    pub(super) fn remember(&self, took: &Rc<Cell<u64>>) {
        let mut ended = self.ended.borrow_mut();
        if !ended.iter().any(|known| Rc::ptr_eq(known, took)) {
            if ended.len() == ENDED_KEPT {
                ended.remove(0);
            }
            ended.push(took.clone());
        }
    }

    /// Returns whether one more request may be sent on a connection. The connection must be open, and its address must
    /// still belong to the host name. The target must be expected to accept one more request on the connection.
    fn is_usable(&self, connection: &mut Connection) -> bool {
        !connection.sender.is_closed()
            && connection.given < self.requests_max()
            && self
                .origin
                .borrow()
                .addresses
                .lead_to(connection.address, &mut connection.epoch)
    }

    /// Stops using all connections to addresses that the host name no longer has.
    pub(super) fn leave_old_addresses(&self) {
        for connection in &self.connections {
            // A connection that is being opened is checked before it is used.
            let Ok(mut connection) = connection.try_lock() else {
                continue;
            };
            if connection.as_mut().is_some_and(|open| !self.is_usable(open)) {
                connection.take().into_iter().for_each(Connection::leave);
            }
        }
    }

    /// Returns a usable connection with another number. Returns `None` if no other connection is usable, or if the
    /// usable connections are locked by other requests.
    fn share(&self, number: usize) -> Option<Path> {
        (1..self.connections.len()).find_map(|step| {
            let mut connection = self.connections[(number + step) % self.connections.len()]
                .try_lock()
                .ok()?;
            let open = connection.as_mut()?;
            self.is_usable(open).then(|| open.path())
        })
    }

    /// Closes one idle connection. Returns `false` if no connection is idle.
    fn close_idle(&self) -> bool {
        self.connections.iter().any(|connection| {
            let Ok(mut connection) = connection.try_lock() else {
                return false;
            };
            let idle = connection.as_ref().is_some_and(|open| open.busy.requests.get() == 0);
            idle && connection.take().map(Connection::leave).is_some()
        })
    }
}

impl Shared {
    /// Returns the connections to an endpoint's origin.
    pub(super) fn pool(self: &Rc<Shared>, endpoint: &Endpoint) -> Rc<OriginPool> {
        let key = (endpoint.secure, endpoint.host.clone(), endpoint.port);
        let mut pools = self.pools.borrow_mut();
        if let Some(known) = pools.get(&key) {
            return known.clone();
        }
        if pools.len() >= ORIGINS_MAX {
            let planned = |endpoint: &Endpoint| self.endpoints.iter().any(|planned| planned.same_origin(endpoint));
            let unused = pools
                .iter()
                .find(|(_, pool)| Rc::strong_count(pool) == 1 && !planned(&pool.endpoint));
            if let Some(unused) = unused.map(|(key, _)| key.clone()) {
                pools.remove(&unused);
            }
        }
        let fresh = Rc::new(OriginPool {
            endpoint: endpoint.clone(),
            origin: RefCell::new(Origin::new(endpoint.clone(), &self.allow, &self.plan.hosts)),
            connections: (0..self.connections).map(|_| Mutex::default()).collect(),
            trying: Mutex::default(),
            failures: Cell::default(),
            resolving: Mutex::default(),
            lookups: Cell::default(),
            credit: Cell::default(),
            ended: RefCell::default(),
        });
        pools.insert(key, fresh.clone());
        fresh
    }

    /// Returns the connection with this number. Opens the connection if necessary. When no more connections may be
    /// opened, returns a connection with another number, or waits. Sets `phase` to the phase of the request during the
    /// wait.
    pub(super) async fn path(
        self: &Rc<Shared>,
        pool: &Rc<OriginPool>,
        number: usize,
        phase: &mut RequestPhase,
    ) -> Result<Path, Why> {
        *phase = RequestPhase::Connecting;
        let (before, _) = pool.failures.get();
        let free = pool.connections[number].try_lock();
        let awaited = free.is_err();
        let mut connection = match free {
            Ok(connection) => connection,
            Err(_) => pool.connections[number].lock().await,
        };
        if let Some(open) = connection.as_mut() {
            if pool.is_usable(open) {
                return Ok(Path { awaited, ..open.path() });
            }
            match open.sender.is_closed() {
                true => *connection = None,
                false => connection.take().into_iter().for_each(Connection::leave),
            }
        }
        let mut waiting = Duration::ZERO;
        let permit = loop {
            if let Some(permit) = self.rules.permit() {
                break permit;
            }
            // When no more connections may be opened, several numbers share a connection, or an idle connection to
            // another origin is closed.
            if let Some(path) = pool.share(number) {
                let awaited = awaited || !waiting.is_zero();
                return Ok(Path {
                    awaited,
                    waiting,
                    ..path
                });
            }
            let others: Vec<Rc<OriginPool>> = self.pools.borrow().values().cloned().collect();
            let mut others = others.iter().filter(|other| !Rc::ptr_eq(other, pool));
            others.any(|other| other.close_idle());
            *phase = RequestPhase::Waiting;
            let from = Instant::now();
            self.rules.taken.less.notified().await;
            waiting += from.elapsed();
        };
        *phase = RequestPhase::Connecting;
        let path = connection.insert(self.try_open(pool, before, permit).await?).path();
        Ok(Path {
            awaited: true,
            waiting,
            ..path
        })
    }

    /// Tries to open the connection with this number before the start.
    pub(super) async fn open_ahead(self: &Rc<Shared>, pool: &Rc<OriginPool>, number: usize) {
        let mut connection = pool.connections[number].lock().await;
        if let Some(permit) = self.rules.permit() {
            *connection = self.try_open(pool, 0, permit).await.ok();
        }
    }

    /// Opens a connection for a request. `before` is the number of failed connections when the request began. If
    /// another connection fails in the meantime, the request fails with the same reason.
    async fn try_open(
        self: &Rc<Shared>,
        pool: &Rc<OriginPool>,
        before: u64,
        permit: Permit,
    ) -> Result<Connection, Why> {
        if pool.origin.borrow().barred.is_some() {
            return Err(Cause::HostNotAllowed.into());
        }
        let other_failure = || match pool.failures.get() {
            (count, Some(why)) if count != before => Err(why),
            _ => Ok(()),
        };
        let paused_until = || pool.origin.borrow().failing();
        other_failure()?;
        let mut turn = None;
        if paused_until().is_some() {
            turn = Some(pool.trying.lock().await);
            other_failure()?;
        }
        match paused_until() {
            Some(until) => pacer::wait_until(until).await,
            // The target accepts connections again, so several connections may be tried at a time.
            None => turn = None,
        }
        let opening = self.rules.opening.acquire().await;
        other_failure()?;
        let opened = self.open(pool, permit).await;
        drop((opening, turn));
        let mut origin = pool.origin.borrow_mut();
        match &opened {
            Ok(_) => origin.opened(),
            Err(why) => {
                origin.failed(Instant::now());
                pool.failures.set((pool.failures.get().0 + 1, Some(*why)));
            }
        }
        opened
    }
}
