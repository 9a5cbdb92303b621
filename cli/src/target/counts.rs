//! [`Counts`] counts the requests that the target receives and the answers that it sends.
//!
//! All counters are changed and read under one lock, so every reading is consistent. The sum of the counts by path
//! equals `requests`, and the sum of the counts by status equals `answered`. The difference between `requests` and
//! `answered` is the number of requests that are in flight or were abandoned. A request is counted when its body is
//! complete. An answer is counted when its last byte has been passed to the connection.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// The maximum number of paths that are counted by name. All other paths are counted as `other`. Without this limit,
/// requests with different paths could fill the memory.
const PATHS_MAX: usize = 1_000;

/// The maximum number of seconds whose arrivals are listed, which is the number of seconds of a day. The arrivals in
/// all other seconds are counted as `arrivals_unlisted`.
const SECONDS_MAX: usize = 86_400;

/// The maximum number of requests whose times are recorded. The times take at most 48 MB.
const ARRIVALS_MAX: usize = 2_000_000;

/// Whether the arrival and answer times of each request are recorded, in addition to the numbers of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrivals {
    Counted,
    Recorded,
}

/// The counters of a target, and the time at which its server started. The script of the target uses the same start
/// time.
#[derive(Debug)]
pub(crate) struct Counts {
    start: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The number of resets plus 1. An answer is counted only if no reset happened between its request and this answer.
    generation: u64,
    open: u64,
    tally: Tally,
    arrivals_ns: Option<Vec<u64>>,
    /// The answer time of each request, in the order in which the requests arrived. This list is as long as
    /// `arrivals_ns`.
    answers_ns: Vec<Option<u64>>,
}

/// The counters that a reset clears.
#[derive(Debug, Default, Clone, Serialize)]
struct Tally {
    requests: u64,
    answered: u64,
    by_path: BTreeMap<String, u64>,
    by_status: BTreeMap<u16, u64>,
    body_bytes_in: u64,
    /// The number of accepted connections, including connections without a request.
    connections_accepted: u64,
    /// The number of connections with at least one counted request. A request that reads the counts is not a counted
    /// request.
    connections_used: u64,
    connections_open_max: u64,
    /// The number of failures to accept a connection. The most frequent cause is that the process has no free file
    /// descriptor.
    accept_failures: u64,
    /// The number of requests that began in each second. The key is the number of whole seconds since the server's
    /// start.
    arrivals_per_second: BTreeMap<u64, u64>,
    arrivals_unlisted: u64,
}

/// The counts at one moment, as the target returns them.
#[derive(Debug, Serialize)]
pub(crate) struct Reading {
    uptime_ns: u64,
    connections_open: u64,
    #[serde(flatten)]
    tally: Tally,
}

/// One open connection. The connection counts as closed when the value is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    counts: Arc<Counts>,
    /// The number of the generation in which the connection was last counted as used; 0 if the connection was never
    /// counted.
    used_in: AtomicU64,
}

/// A counted request whose answer has not been counted yet.
#[derive(Debug)]
pub(crate) struct Ticket {
    counts: Arc<Counts>,
    generation: u64,
    number: u64,
}

impl Counts {
    pub(crate) fn new(start: Instant, arrivals: Arrivals) -> Self {
        // The memory is reserved in advance, because growing the list under load would delay answers.
        let arrivals_ns = (arrivals == Arrivals::Recorded).then(|| Vec::with_capacity(ARRIVALS_MAX));
        let answers_ns = Vec::with_capacity(arrivals_ns.as_ref().map_or(0, Vec::capacity));
        let state = State {
            generation: 1,
            open: 0,
            tally: Tally::default(),
            arrivals_ns,
            answers_ns,
        };
        Self {
            start,
            state: Mutex::new(state),
        }
    }

    pub(crate) fn start(&self) -> Instant {
        self.start
    }

    pub(crate) fn accepted(self: &Arc<Self>) -> Connection {
        let mut state = self.lock();
        state.open += 1;
        state.tally.connections_accepted += 1;
        state.tally.connections_open_max = state.tally.connections_open_max.max(state.open);
        Connection {
            counts: Arc::clone(self),
            used_in: AtomicU64::new(0),
        }
    }

    pub(crate) fn accept_failed(&self) {
        self.lock().tally.accept_failures += 1;
    }

    pub(crate) fn reading(&self) -> Reading {
        let state = self.lock();
        Reading {
            uptime_ns: self.since_start_ns(Instant::now()),
            connections_open: state.open,
            tally: state.tally.clone(),
        }
    }

    /// Returns the arrival times of the first [`ARRIVALS_MAX`] requests, in ns since the server's start; `None` if
    /// times are not recorded.
    pub(crate) fn arrivals(&self) -> Option<Vec<u64>> {
        self.lock().arrivals_ns.clone()
    }

    /// Returns the answer times of the same requests as [`Counts::arrivals`], in the same order, in ns since the
    /// server's start. Returns `None` if times are not recorded. The time of a request without an answer is `None`.
    pub(crate) fn answers(&self) -> Option<Vec<Option<u64>>> {
        let state = self.lock();
        state.arrivals_ns.is_some().then(|| state.answers_ns.clone())
    }

    /// Sets all counters to zero, except the clock and the number of open connections. The maximum of open connections
    /// becomes the present number.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        state.generation += 1;
        state.tally = Tally {
            connections_open_max: state.open,
            ..Tally::default()
        };
        if let Some(arrivals) = &mut state.arrivals_ns {
            arrivals.clear();
        }
        state.answers_ns.clear();
    }

    fn since_start_ns(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.start).as_nanos()).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Counts a complete request. Its head was received at `arrived`, and its body has `body_bytes` bytes.
    pub(crate) fn received(&self, path: &str, body_bytes: u64, arrived: Instant) -> Ticket {
        let arrived_ns = self.counts.since_start_ns(arrived);
        let mut guard = self.counts.lock();
        let State {
            generation,
            tally,
            arrivals_ns,
            answers_ns,
            ..
        } = &mut *guard;
        tally.requests += 1;
        tally.body_bytes_in += body_bytes;
        tally.count_path(path);
        tally.count_second(arrived_ns / 1_000_000_000);
        if self.used_in.swap(*generation, Ordering::Relaxed) != *generation {
            tally.connections_used += 1;
        }
        if let Some(arrivals) = arrivals_ns
            && arrivals.len() < ARRIVALS_MAX
        {
            arrivals.push(arrived_ns);
            answers_ns.push(None);
        }
        Ticket {
            counts: Arc::clone(&self.counts),
            generation: *generation,
            number: tally.requests,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.counts.lock().open -= 1;
    }
}

impl Ticket {
    /// Returns the number of this request, counted from the last reset. The first request has the number 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn answered(self, status: u16) {
        let answered_ns = self.counts.since_start_ns(Instant::now());
        let mut state = self.counts.lock();
        if state.generation == self.generation {
            if let Some(answer) = state.answers_ns.get_mut(self.number as usize - 1) {
                *answer = Some(answered_ns);
            }
            state.tally.answered += 1;
            *state.tally.by_status.entry(status).or_default() += 1;
        }
    }
}

impl Tally {
    fn count_path(&mut self, path: &str) {
        if let Some(count) = self.by_path.get_mut(path) {
            *count += 1;
            return;
        }
        // A path begins with `/` or is `*`, so no path has the name `other`.
        let room = self.by_path.len() - usize::from(self.by_path.contains_key("other")) < PATHS_MAX;
        let name = if room { path } else { "other" };
        *self.by_path.entry(name.to_owned()).or_default() += 1;
    }

    fn count_second(&mut self, second: u64) {
        if let Some(count) = self.arrivals_per_second.get_mut(&second) {
            *count += 1;
        } else if self.arrivals_per_second.len() < SECONDS_MAX {
            self.arrivals_per_second.insert(second, 1);
        } else {
            self.arrivals_unlisted += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> Arc<Counts> {
        Arc::new(Counts::new(Instant::now(), Arrivals::Recorded))
    }

    #[test]
    fn paths_beyond_the_first_thousand_are_other() {
        let counts = counts();
        let connection = counts.accepted();
        for path in 0..1_500 {
            connection.received(&format!("/{path}"), 1, Instant::now());
        }
        connection.received("/3", 1, Instant::now());
        let tally = counts.reading().tally;
        assert_eq!(tally.by_path.len(), 1_001);
        assert_eq!((tally.by_path["other"], tally.by_path["/3"]), (500, 2));
        assert_eq!(tally.by_path.values().sum::<u64>(), tally.requests);
        assert_eq!(tally.arrivals_per_second.values().sum::<u64>(), tally.requests);
        assert_eq!((tally.body_bytes_in, tally.connections_used), (1_501, 1));
    }

    #[test]
    fn a_reset_keeps_only_the_open_connections() {
        let counts = counts();
        let (stays, leaves) = (counts.accepted(), counts.accepted());
        let late = stays.received("/", 9, Instant::now());
        drop(leaves);
        counts.reset();
        late.answered(200);
        let Reading {
            connections_open,
            tally,
            ..
        } = counts.reading();
        assert_eq!(
            (connections_open, tally.connections_open_max, tally.connections_accepted),
            (1, 1, 0)
        );
        assert_eq!((tally.requests, tally.answered, tally.body_bytes_in), (0, 0, 0));
        assert_eq!((counts.arrivals(), counts.answers()), (Some(vec![]), Some(vec![])));
        let again = stays.received("/", 0, Instant::now());
        assert_eq!((again.number(), counts.answers()), (1, Some(vec![None])));
        again.answered(200);
        assert!(counts.answers().unwrap()[0] >= Some(counts.arrivals().unwrap()[0]));
        assert_eq!(counts.reading().tally.connections_used, 1);
    }
}
