//! Names of hosts, looked up by threads of their own: the system's resolver blocks.

use crate::index::OriginNumber;
use crate::waiter::Waker;
use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many names are looked up at once. A function may have few threads, and hosts may differ
/// from arrival to arrival.
pub(crate) const THREADS_MAX: usize = 8;

/// Finds the addresses of a host.
pub type Lookup = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// What the system's resolver says.
pub(crate) fn system() -> Lookup {
    Arc::new(|host, port| Ok((host, port).to_socket_addrs()?.collect()))
}

/// What was found, and how long that took.
#[derive(Debug)]
pub(crate) struct LookupResult {
    pub addresses: io::Result<Vec<SocketAddr>>,
    pub took: Duration,
}

/// Looks a name up: its addresses, each once and in order of their families, so that no two of one
/// family follow each other as long as there are both.
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

/// Looks names up. Whoever asked is woken when there is an answer.
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
        f.write_str("Names")
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

    /// Asks for the addresses of a host, each once and in order.
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

    /// The asker's number and what was found, if there is an answer.
    pub(crate) fn found(&self) -> Option<(OriginNumber, LookupResult)> {
        self.answers.try_recv().ok()
    }
}

/// Answers until nothing more is asked.
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
