//! Looks up host names on separate threads, because the system's resolver blocks the thread that calls it.

use crate::index::OriginNumber;
use crate::waiter::Waker;
use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The maximum number of look-ups at the same time. A Lambda function may have few threads, and every arrival may use a
/// different host.
pub(crate) const THREADS_MAX: usize = 8;

/// A function that finds the addresses of a host.
pub type Lookup = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// Returns a function that looks up addresses with the system's resolver.
pub(crate) fn system() -> Lookup {
    Arc::new(|host, port| Ok((host, port).to_socket_addrs()?.collect()))
}

/// The result of a look-up, and the duration of the look-up.
#[derive(Debug)]
pub(crate) struct LookupResult {
    pub addresses: io::Result<Vec<SocketAddr>>,
    pub took: Duration,
}

/// Looks up the addresses of a name, without duplicates. IPv4 and IPv6 addresses alternate until one family is
/// exhausted.
pub(crate) fn find(lookup: &Lookup, host: &str, port: u16) -> LookupResult {
    let from = Instant::now();
    let addresses = addresses(lookup, host, port);
    LookupResult {
        addresses,
        took: from.elapsed(),
    }
}

fn addresses(lookup: &Lookup, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let mut addresses = lookup(host, port)?;
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.is_empty() {
        return Err(io::Error::other("the name has no address"));
    }
    let (v6, v4): (Vec<_>, Vec<_>) = addresses.into_iter().partition(SocketAddr::is_ipv6);
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    let mut mixed = Vec::new();
    loop {
        let before = mixed.len();
        mixed.extend(v4.next());
        mixed.extend(v6.next());
        if mixed.len() == before {
            return Ok(mixed);
        }
    }
}

/// Looks up names and wakes the engine when a result is ready.
pub(crate) struct Resolver {
    lookup: Lookup,
    shared: Arc<Shared>,
    answers: Receiver<(OriginNumber, LookupResult)>,
    answer: Sender<(OriginNumber, LookupResult)>,
}

struct Shared {
    queue: Mutex<LookupQueue>,
    waker: Waker,
}

#[derive(Default)]
struct LookupQueue {
    asked: VecDeque<(OriginNumber, String, u16)>,
    threads: usize,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}

impl Resolver {
    pub(crate) fn new(lookup: Lookup, waker: Waker) -> Resolver {
        let (answer, answers) = channel();
        Resolver {
            lookup,
            shared: Arc::new(Shared {
                queue: Mutex::default(),
                waker,
            }),
            answers,
            answer,
        }
    }

    /// Requests a look-up of a host's addresses. The method [`Resolver::found`] returns the result later.
    pub(crate) fn ask(&self, asker: OriginNumber, host: &str, port: u16) {
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.asked.push_back((asker, host.to_owned(), port));
        if queue.threads < THREADS_MAX {
            queue.threads += 1;
            let (lookup, shared, answer) = (self.lookup.clone(), self.shared.clone(), self.answer.clone());
            let thread = std::thread::Builder::new().name("names".to_owned());
            if let Err(error) = thread.spawn(move || look_up(&lookup, &shared, &answer)) {
                queue.threads -= 1;
                queue.asked.retain(|(other, ..)| *other != asker);
                let found = LookupResult {
                    addresses: Err(error),
                    took: Duration::ZERO,
                };
                let _ = self.answer.send((asker, found));
                self.shared.waker.wake();
            }
        }
    }

    /// Returns the next result, with the number of the origin that requested it, if a result is ready.
    pub(crate) fn found(&self) -> Option<(OriginNumber, LookupResult)> {
        self.answers.try_recv().ok()
    }
}

/// Runs look-ups until the queue is empty.
fn look_up(lookup: &Lookup, shared: &Shared, answer: &Sender<(OriginNumber, LookupResult)>) {
    loop {
        let next = {
            let mut queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
            let next = queue.asked.pop_front();
            queue.threads -= usize::from(next.is_none());
            next
        };
        let Some((asker, host, port)) = next else { return };
        let found = find(lookup, &host, port);
        let _ = answer.send((asker, found));
        shared.waker.wake();
    }
}
