//! When requests arrive at the server, held against the ideal grid.
//!
//! The stamps are the kernel's own, so that how fast this server wakes does not count; it never
//! sleeps either, so that nobody has to wait for an answer or pay for waking it. Where the grid lies
//! is not asked of the generator: it is laid so that the median arrival is on time.

use crate::cores;
use crate::null_server::{PLAIN_ANSWER, Read, Tail, Wire};
use crate::socket;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

/// HTTP/1.1 without bodies, each request with the instant at which it was received.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// Nanoseconds since the Unix epoch.
    arrivals: Vec<u64>,
    /// Arrivals that the kernel did not stamp; they have the instant at which they were read.
    unstamped: u64,
}

impl Recorder {
    /// With room for so many arrivals, so that it never has to move them.
    pub(crate) fn new(arrivals: usize) -> Recorder {
        Recorder {
            arrivals: Vec::with_capacity(arrivals),
            unstamped: 0,
        }
    }

    /// How far the arrivals were from a grid of so many a second.
    ///
    /// # Errors
    /// When there are too few to tell.
    pub(crate) fn against_grid(mut self, per_second: u64) -> Result<Deviations, String> {
        if self.arrivals.len() < 100 {
            return Err(format!("only {} arrivals were seen", self.arrivals.len()));
        }
        if self.unstamped * 100 > self.arrivals.len() as u64 {
            return Err(format!("{} arrivals have no stamp of the kernel", self.unstamped));
        }
        self.arrivals.sort_unstable();
        let first = self.arrivals[0];
        // The k-th arrival to come is the k-th of the grid: who overtakes whom does not matter.
        let late: Vec<i64> = (0_u64..)
            .zip(&self.arrivals)
            .map(|(k, at)| (at - first) as i64 - (k * 1_000_000_000 / per_second) as i64)
            .collect();
        let mut sorted = late.clone();
        sorted.sort_unstable();
        let phase = sorted[sorted.len() / 2];
        let mut deviations: Vec<u64> = late.iter().map(|late| late.abs_diff(phase)).collect();
        deviations.sort_unstable();
        let at_share = |percent: usize| deviations[(deviations.len() - 1) * percent / 100] as f64 / 1e3;
        Ok(Deviations {
            arrivals: deviations.len() as u64,
            median_us: at_share(50),
            p99_us: at_share(99),
            most_in_a_millisecond: most_within(&self.arrivals, 1_000_000),
        })
    }
}

/// Keeps the kernel stamping what it receives, which it begins with a delay.
#[derive(Debug)]
pub(crate) struct Stamping {
    _wanted_by: TcpListener,
}

impl Stamping {
    /// Returns when stamps are there.
    pub(crate) fn begin() -> io::Result<Stamping> {
        let _wanted_by = socket::listen(true)?;
        std::thread::sleep(Duration::from_millis(200));
        Ok(Stamping { _wanted_by })
    }
}

/// How far arrivals were from their grid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deviations {
    pub(crate) arrivals: u64,
    pub(crate) median_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) most_in_a_millisecond: usize,
}

/// The most of `sorted` that lie within so many nanoseconds.
fn most_within(sorted: &[u64], window: u64) -> usize {
    let mut begin = 0;
    let mut most = 0;
    for (end, at) in sorted.iter().enumerate() {
        while sorted[begin] + window <= *at {
            begin += 1;
        }
        most = most.max(end + 1 - begin);
    }
    most
}

impl Wire for Recorder {
    type Connection = Tail;
    const SLEEP_MS: i32 = 0;
    const STAMPED: bool = true;

    fn received(&mut self, tail: &mut Tail, read: Read<'_>, answer: &mut Vec<u8>) -> io::Result<u64> {
        let ends = tail.ends(read.bytes);
        let stamp = if read.stamp == 0 {
            self.unstamped += ends;
            cores::clock(libc::CLOCK_REALTIME).as_nanos() as u64
        } else {
            read.stamp
        };
        for _ in 0..ends {
            self.arrivals.push(stamp);
            answer.extend_from_slice(PLAIN_ANSWER);
        }
        Ok(ends)
    }
}
