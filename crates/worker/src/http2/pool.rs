//! Which connection carries which request: a ticket has its number among the connections to an origin, and where no more
//! may be opened, several numbers share one. Nothing here knows what is written to a connection.

use super::stamped::Stamps;
use super::{CREDIT_MAX, Shared};
use crate::dial::names;
use crate::dial::origin::{ORIGINS_MAX, Origin};
use crate::dial::{Further, OPENING_MAX};
use crate::pacer;
use crate::place::Place;
use crate::why::{Phase, Why};
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

/// What the connections of an engine share.
pub(super) struct Rules {
    /// How many connections may be open, and how many are, or are being made.
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
    /// That there are fewer, or that a connection became idle.
    less: Notify,
}

/// One connection of those that may be open.
#[derive(Debug)]
pub(super) struct Permit(Rc<Taken>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.count.set(self.0.count.get() - 1);
        self.0.less.notify_waiters();
    }
}

impl Rules {
    pub(super) fn new(most: usize, addresses_kept: Duration) -> Rules {
        Rules {
            most,
            taken: Rc::default(),
            opening: Semaphore::new(OPENING_MAX),
            further: Further::default(),
            looking_up: Semaphore::new(names::THREADS_MAX),
            addresses_kept,
        }
    }

    fn permit(&self) -> Option<Permit> {
        (self.taken.count.get() < self.most).then(|| {
            self.taken.count.set(self.taken.count.get() + 1);
            Permit(self.taken.clone())
        })
    }
}

/// The connections to one origin.
pub(super) struct Lines {
    pub(super) place: Place,
    pub(super) origin: RefCell<Origin>,
    lines: Vec<Mutex<Option<Line>>>,
    /// Held while a connection is tried after one could not be made: one at a time is tried.
    trying: Mutex<()>,
    /// How many connections could not be made, and why the last one could not.
    failures: Cell<(u64, Option<Why>)>,
    /// Held while the name is looked up, and how often it was.
    pub(super) resolving: Mutex<()>,
    pub(super) lookups: Cell<u64>,
    /// How many requests were answered, without those that connections without an error have turned away; up to
    /// [`CREDIT_MAX`].
    credit: Cell<u64>,
    /// How many requests the last connections took that the target ended without an error; the newest last.
    ended: RefCell<Vec<Rc<Cell<u64>>>>,
}

/// How many connections that the target has ended are remembered. Requests that the newest has turned away may not
/// have learned of it yet.
const ENDED_KEPT: usize = 3;

/// An open connection.
pub(super) struct Line {
    sender: SendRequest<Full<Bytes>>,
    stamps: Stamps,
    /// `None` when it goes on by itself until its last answer.
    driver: Option<JoinHandle<()>>,
    address: SocketAddr,
    /// Which of its origin's lists of addresses it was checked against last.
    epoch: u32,
    /// How many requests were given to it.
    given: u64,
    /// How many were handed over to hyper.
    handed_over: Rc<Cell<u64>>,
    /// The place of the first request that it has turned away: so many it took.
    took: Rc<Cell<u64>>,
    /// Whether it has answered a request.
    answered: Rc<Cell<bool>>,
    busy: Rc<Busy>,
}

/// How many requests a connection carries.
pub(super) struct Busy {
    requests: Cell<usize>,
    taken: Rc<Taken>,
}

/// One request of a connection.
pub(super) struct Carried(Rc<Busy>);

impl Carried {
    fn by(busy: &Rc<Busy>) -> Carried {
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

/// What a request needs of its connection.
pub(super) struct Path {
    pub(super) sender: SendRequest<Full<Bytes>>,
    pub(super) stamps: Stamps,
    /// Whether it has carried others before.
    pub(super) used: bool,
    pub(super) handed_over: Rc<Cell<u64>>,
    pub(super) took: Rc<Cell<u64>>,
    pub(super) answered: Rc<Cell<bool>>,
    pub(super) carried: Carried,
    /// Whether it was waited for, and how long of that until one more might be opened.
    pub(super) awaited: bool,
    pub(super) waiting: Duration,
}

impl Line {
    /// A connection that was made. The driver lets it go on.
    pub(super) fn new(
        sender: SendRequest<Full<Bytes>>,
        stamps: Stamps,
        (address, epoch): (SocketAddr, u32),
        taken: Rc<Taken>,
        driver: JoinHandle<()>,
    ) -> Line {
        Line {
            sender,
            stamps,
            address,
            epoch,
            given: 0,
            handed_over: Rc::default(),
            took: Rc::new(Cell::new(u64::MAX)),
            answered: Rc::default(),
            busy: Rc::new(Busy {
                requests: Cell::new(0),
                taken,
            }),
            driver: Some(driver),
        }
    }

    /// Takes no more requests. Those that it carries go on, and then it is closed.
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

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(driver) = &self.driver {
            driver.abort();
        }
    }
}

impl Lines {
    /// Counts an answered request.
    pub(super) fn add_credit(&self) {
        self.credit.set(CREDIT_MAX.min(self.credit.get() + 1));
    }

    /// Counts a request that a connection without an error turned away; returns whether it may be sent again at once.
    pub(super) fn use_credit(&self) -> bool {
        let left = self.credit.get().checked_sub(1);
        left.is_some_and(|left| {
            self.credit.set(left);
            true
        })
    }

    /// How many requests a connection to this target takes, if its last ones have taken equally many.
    fn requests_max(&self) -> u64 {
        match self.ended.borrow().as_slice() {
            [first, second, _] if first.get() == second.get() => first.get().max(1),
            _ => u64::MAX,
        }
    }

    /// Remembers a connection that has turned requests away as it ended.
    pub(super) fn remember(&self, took: &Rc<Cell<u64>>) {
        let mut ended = self.ended.borrow_mut();
        if !ended.iter().any(|known| Rc::ptr_eq(known, took)) {
            if ended.len() == ENDED_KEPT {
                ended.remove(0);
            }
            ended.push(took.clone());
        }
    }

    /// Whether a connection may carry one more request: it is open, the target is expected to take
    /// one more on it, and its address is one of the name's.
    fn is_usable(&self, line: &mut Line) -> bool {
        !line.sender.is_closed()
            && line.given < self.requests_max()
            && self.origin.borrow().addresses.lead_to(line.address, &mut line.epoch)
    }

    /// Leaves idle and busy connections to addresses that the name does not have any more.
    pub(super) fn leave_old_addresses(&self) {
        for line in &self.lines {
            // One that is being made is checked before it is used.
            let Ok(mut line) = line.try_lock() else { continue };
            if line.as_mut().is_some_and(|open| !self.is_usable(open)) {
                line.take().into_iter().for_each(Line::leave);
            }
        }
    }

    /// Another connection than the one with this number, if one is usable.
    fn share(&self, number: usize) -> Option<Path> {
        (1..self.lines.len()).find_map(|step| {
            let mut line = self.lines[(number + step) % self.lines.len()].try_lock().ok()?;
            let open = line.as_mut()?;
            self.is_usable(open).then(|| open.path())
        })
    }

    /// Closes one connection that carries nothing; `false` if there is none.
    fn close_idle(&self) -> bool {
        self.lines.iter().any(|line| {
            let Ok(mut line) = line.try_lock() else { return false };
            let idle = line.as_ref().is_some_and(|open| open.busy.requests.get() == 0);
            idle && line.take().map(Line::leave).is_some()
        })
    }
}

impl Shared {
    /// The connections to the origin of a place.
    pub(super) fn lines(self: &Rc<Shared>, place: &Place) -> Rc<Lines> {
        let key = (place.secure, place.host.clone(), place.port);
        let mut lines = self.lines.borrow_mut();
        if let Some(known) = lines.get(&key) {
            return known.clone();
        }
        if lines.len() >= ORIGINS_MAX {
            let planned = |place: &Place| self.places.iter().any(|planned| planned.same_origin(place));
            let unused = lines
                .iter()
                .find(|(_, lines)| Rc::strong_count(lines) == 1 && !planned(&lines.place));
            if let Some(unused) = unused.map(|(key, _)| key.clone()) {
                lines.remove(&unused);
            }
        }
        let fresh = Rc::new(Lines {
            place: place.clone(),
            origin: RefCell::new(Origin::new(place.clone(), &self.allow, &self.plan.hosts)),
            lines: (0..self.connections).map(|_| Mutex::default()).collect(),
            trying: Mutex::default(),
            failures: Cell::default(),
            resolving: Mutex::default(),
            lookups: Cell::default(),
            credit: Cell::default(),
            ended: RefCell::default(),
        });
        lines.insert(key, fresh.clone());
        fresh
    }

    /// The connection with this number, made if there is none. `phase` is what is waited for.
    pub(super) async fn path(
        self: &Rc<Shared>,
        lines: &Rc<Lines>,
        number: usize,
        phase: &mut Phase,
    ) -> Result<Path, Why> {
        *phase = Phase::Connecting;
        let (before, _) = lines.failures.get();
        let free = lines.lines[number].try_lock();
        let awaited = free.is_err();
        let mut line = match free {
            Ok(line) => line,
            Err(_) => lines.lines[number].lock().await,
        };
        if let Some(open) = line.as_mut() {
            if lines.is_usable(open) {
                return Ok(Path { awaited, ..open.path() });
            }
            match open.sender.is_closed() {
                true => *line = None,
                false => line.take().into_iter().for_each(Line::leave),
            }
        }
        let mut waiting = Duration::ZERO;
        let permit = loop {
            if let Some(permit) = self.rules.permit() {
                break permit;
            }
            // Where no more may be opened, several numbers share a connection, or an idle one to
            // another origin is closed.
            if let Some(path) = lines.share(number) {
                let awaited = awaited || !waiting.is_zero();
                return Ok(Path {
                    awaited,
                    waiting,
                    ..path
                });
            }
            let others: Vec<Rc<Lines>> = self.lines.borrow().values().cloned().collect();
            let mut others = others.iter().filter(|other| !Rc::ptr_eq(other, lines));
            others.any(|other| other.close_idle());
            *phase = Phase::Waiting;
            let from = Instant::now();
            self.rules.taken.less.notified().await;
            waiting += from.elapsed();
        };
        *phase = Phase::Connecting;
        let path = line.insert(self.try_open(lines, before, permit).await?).path();
        Ok(Path {
            awaited: true,
            waiting,
            ..path
        })
    }

    /// Opens connection number `number` ahead, if it can be had.
    pub(super) async fn open_ahead(self: &Rc<Shared>, lines: &Rc<Lines>, number: usize) {
        let mut line = lines.lines[number].lock().await;
        if let Some(permit) = self.rules.permit() {
            *line = self.try_open(lines, 0, permit).await.ok();
        }
    }

    /// Opens a connection for a request that came when so many could not be made. If one more could
    /// not be made meanwhile, the request shares its fate.
    async fn try_open(self: &Rc<Shared>, lines: &Rc<Lines>, before: u64, permit: Permit) -> Result<Line, Why> {
        if lines.origin.borrow().barred.is_some() {
            return Err(Cause::HostNotAllowed.into());
        }
        let fate = || match lines.failures.get() {
            (count, Some(why)) if count != before => Err(why),
            _ => Ok(()),
        };
        let paused_until = || lines.origin.borrow().failing();
        fate()?;
        let mut turn = None;
        if paused_until().is_some() {
            turn = Some(lines.trying.lock().await);
            fate()?;
        }
        match paused_until() {
            Some(until) => pacer::wait_until(until).await,
            // The target can be connected to again: requests need not take turns any more.
            None => turn = None,
        }
        let opening = self.rules.opening.acquire().await;
        fate()?;
        let opened = self.open(lines, permit).await;
        drop((opening, turn));
        let mut origin = lines.origin.borrow_mut();
        match &opened {
            Ok(_) => origin.opened(),
            Err(why) => {
                origin.failed(Instant::now());
                lines.failures.set((lines.failures.get().0 + 1, Some(*why)));
            }
        }
        opened
    }
}
