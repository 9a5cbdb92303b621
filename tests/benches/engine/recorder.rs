//! Records the times at which requests arrive at the server, and compares these times with the ideal grid.
//!
//! The kernel sets the timestamps, so the time that this server needs to wake up is not counted. The server never
//! sleeps. The load generator therefore never waits for the server, and uses no processor time to wake the server. The
//! phase of the grid does not come from the generator. The phase is chosen so that the median arrival is on time.

use crate::cores;
use crate::null_server::{PLAIN_ANSWER, Read, Tail, Wire};
use crate::socket;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

/// The protocol HTTP/1.1, for requests without bodies. This protocol records the time at which each request was
/// received.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// The time of each arrival, in nanoseconds since the Unix epoch.
    arrivals: Vec<u64>,
    /// The number of arrivals without a timestamp of the kernel. For an arrival without a timestamp, the time of the
    /// read is recorded.
    unstamped: u64,
}

impl Recorder {
    /// Returns a recorder with capacity for `arrivals` arrivals, so that recording does not allocate memory.
    pub(crate) fn new(arrivals: usize) -> Recorder {
        Recorder {
            arrivals: Vec::with_capacity(arrivals),
            unstamped: 0,
        }
    }

    /// Returns the deviations of the arrivals from a grid of `per_second` arrivals per second.
    ///
    /// # Errors
    /// When there are too few arrivals, or when too many arrivals have no timestamp of the kernel.
    pub(crate) fn against_grid(mut self, per_second: u64) -> Result<Deviations, String> {
        if self.arrivals.len() < 100 {
            return Err(format!("only {} arrivals were received", self.arrivals.len()));
        }
        if self.unstamped * 100 > self.arrivals.len() as u64 {
            return Err(format!("{} arrivals have no kernel timestamp", self.unstamped));
        }
        self.arrivals.sort_unstable();
        let first = self.arrivals[0];
        // The arrivals are sorted by time. The k-th arrival is compared with the k-th point of the grid.
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

/// A value that keeps the receive timestamps of the kernel enabled. The kernel enables the timestamps with a delay.
#[derive(Debug)]
pub(crate) struct Stamping {
    _wanted_by: TcpListener,
}

impl Stamping {
    /// Enables the receive timestamps of the kernel, and waits until the kernel sets timestamps.
    pub(crate) fn begin() -> io::Result<Stamping> {
        let _wanted_by = socket::listen(true)?;
        std::thread::sleep(Duration::from_millis(200));
        Ok(Stamping { _wanted_by })
    }
}

/// The deviations of the arrivals from the ideal grid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deviations {
    pub(crate) arrivals: u64,
    pub(crate) median_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) most_in_a_millisecond: usize,
}

/// Returns the maximum number of values in `sorted` that are within a window of `window` nanoseconds.
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
