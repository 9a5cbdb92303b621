//! Pins threads to cores, and reads processor times.
//!
//! The load generator runs on core 0, and all other threads of the bench run on core 1. Two runs are comparable only if
//! no other program used their cores. Each run therefore records the share of each core that other programs used.

use crate::Fallible;
use std::io;
use std::os::unix::thread::JoinHandleExt;
use std::thread::JoinHandle;
use std::time::Duration;

/// The core of the load generators: our program and the yardsticks.
pub(crate) const GENERATOR: usize = 0;
/// The core of the servers and of the bench.
pub(crate) const SERVER: usize = 1;

/// Pins the calling thread, and the threads and processes that it starts, to one core.
pub(crate) fn pin(core: usize) -> io::Result<()> {
    // SAFETY: a zeroed set is a valid empty set. `CPU_SET` only writes to the set, and `sched_setaffinity` only reads
    // the set.
    let failed = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set)
    };
    if failed == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Raises the limit of open descriptors, because 900 connections and the other descriptors exceed the usual limit.
pub(crate) fn raise_descriptor_limit() -> io::Result<()> {
    // SAFETY: `getrlimit` and `setrlimit` use only the structure, which is valid until the calls return.
    let failed = unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_max.min(8_192);
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit)
    };
    if failed == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// The clock that measures the processor time of a thread. Any other thread can read this clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ThreadClock(libc::clockid_t);

impl ThreadClock {
    /// Returns the clock of a thread. The thread has not been joined.
    pub(crate) fn of<T>(thread: &JoinHandle<T>) -> io::Result<ThreadClock> {
        let mut clock = 0;
        // SAFETY: the thread of the handle has not been joined, so the ID of the thread is valid.
        let error = unsafe { libc::pthread_getcpuclockid(thread.as_pthread_t(), &mut clock) };
        if error == 0 {
            Ok(ThreadClock(clock))
        } else {
            Err(io::Error::from_raw_os_error(error))
        }
    }

    /// Returns the processor time of the thread so far.
    pub(crate) fn read(self) -> Duration {
        clock(self.0)
    }
}

/// Returns the time that a clock shows, or zero if the clock no longer exists.
pub(crate) fn clock(id: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call only writes to the structure.
    let failed = unsafe { libc::clock_gettime(id, &mut time) };
    if failed == 0 {
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    } else {
        Duration::ZERO
    }
}

/// The time for which a whole core has been busy so far, with the precision of the system's ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CoreTime {
    /// The time that processes and interrupts used, and the time that the host of the virtual machine took.
    taken: Duration,
}

impl CoreTime {
    /// Reads the time for which a core has been busy so far.
    pub(crate) fn read(core: usize) -> Fallible<CoreTime> {
        let text = std::fs::read_to_string("/proc/stat")?;
        let wanted = format!("cpu{core} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&wanted));
        let fields: Vec<u64> = line
            .ok_or_else(|| format!("/proc/stat has no core {core}: the bench needs two"))?
            .split_whitespace()
            .map_while(|field| field.parse().ok())
            .collect();
        // The first eight fields are user, nice, system, idle, iowait, irq, softirq and steal. The later fields are
        // parts of user and nice.
        let busy: u64 = fields
            .iter()
            .take(8)
            .enumerate()
            .filter(|(field, _)| *field != 3 && *field != 4)
            .map(|(_, ticks)| ticks)
            .sum();
        Ok(CoreTime { taken: ticks(busy) })
    }

    /// Returns the time for which the core was busy since `earlier`.
    pub(crate) fn since(self, earlier: CoreTime) -> Duration {
        self.taken.saturating_sub(earlier.taken)
    }
}

/// Returns the processor time of a whole process, with the precision of the system's ticks.
pub(crate) fn process_time(process: u32) -> Fallible<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program is in brackets and may contain any characters. The numeric fields follow the last
    // bracket.
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let used: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map_while(|field| field.parse::<u64>().ok())
        .sum();
    Ok(ticks(used))
}

fn ticks(count: u64) -> Duration {
    // SAFETY: the call takes no pointers.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as u64;
    Duration::from_nanos(count * 1_000_000_000 / per_second)
}
