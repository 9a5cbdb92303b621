//! Measures the processor time of the load generator, and how long the load generator waits for the processor. Some
//! systems do not report these times.

use std::time::Duration;

/// The processor time of this thread, and how long the thread was runnable without a processor, in nanoseconds. Both
/// times are zero if the system does not report them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ThreadTime {
    pub cpu: u64,
    pub run_queue: u64,
}

impl ThreadTime {
    pub(crate) fn now() -> ThreadTime {
        // Linux, Documentation/scheduler/sched-stats: the first number is the time on the processor, and the second
        // number is the time of waiting for a processor.
        let read = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let mut numbers = read.split_whitespace().map_while(|number| number.parse().ok());
        ThreadTime {
            cpu: numbers.next().unwrap_or(0),
            run_queue: numbers.next().unwrap_or(0),
        }
    }

    pub(crate) fn since(self, before: ThreadTime) -> ThreadTime {
        ThreadTime {
            cpu: self.cpu.saturating_sub(before.cpu),
            run_queue: self.run_queue.saturating_sub(before.run_queue),
        }
    }
}

/// Returns the processor time that this process has used, in nanoseconds. Returns 0 if the system does not report this
/// time.
pub(crate) fn process_cpu() -> u64 {
    // SAFETY: a zeroed rusage is a valid value, and the call fills in the value.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        if libc::getrusage(libc::RUSAGE_SELF, &mut usage) != 0 {
            return 0;
        }
        usage
    };
    let nanos = |time: libc::timeval| time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1_000;
    nanos(usage.ru_utime) + nanos(usage.ru_stime)
}

/// Returns how long the processes of this container were throttled since the container started. Processes are throttled
/// when they have used up their processor quota. Returns `None` if the system does not report this time.
pub(crate) fn throttled() -> Option<Duration> {
    // cgroup v2 counts microseconds, and v1 counts nanoseconds (Linux, Documentation/admin-guide/cgroup-v2,
    // cgroup-v1/cpuacct).
    let files = [
        ("/sys/fs/cgroup/cpu.stat", "throttled_usec ", 1_000),
        ("/sys/fs/cgroup/cpu/cpu.stat", "throttled_time ", 1),
    ];
    files.into_iter().find_map(|(path, name, nanos)| {
        let read = std::fs::read_to_string(path).ok()?;
        let count: u64 = read
            .lines()
            .find_map(|line| line.strip_prefix(name))?
            .trim()
            .parse()
            .ok()?;
        Some(Duration::from_nanos(count.saturating_mul(nanos)))
    })
}
