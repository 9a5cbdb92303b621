//! Reads the processor time and the memory of another process.

use std::thread::JoinHandle;
use std::time::Duration;

/// The interval at which a process is sampled. The usage in the last interval before the end of a process is not
/// counted.
const INTERVAL: Duration = Duration::from_millis(20);

/// The usage of a process up to one point in time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// The processor time of all threads, in seconds.
    pub(crate) cpu: f64,
    /// The peak of the memory in MiB.
    pub(crate) peak: f64,
}

/// Reads the usage of a process; `None` if the process has ended. A process that has ended has no memory, even if its
/// exit code has not been read.
pub(crate) fn read(process: u32) -> Option<Usage> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may contain spaces. The state is the first field after the name, and the two times are
    // fields 11 and 12 after the state.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(Usage {
        cpu: ticks / ticks_per_second(),
        peak: kilobytes / 1024.0,
    })
}

fn ticks_per_second() -> f64 {
    // SAFETY: the call takes no pointers, and has no preconditions.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    ticks as f64
}

/// Samples a process until the process has ended.
pub(crate) struct Sampler(JoinHandle<Usage>);

impl Sampler {
    pub(crate) fn start(process: u32) -> Sampler {
        Sampler(std::thread::spawn(move || {
            let mut last = Usage::default();
            while let Some(usage) = read(process) {
                last = usage;
                std::thread::sleep(INTERVAL);
            }
            last
        }))
    }

    /// Waits until the process has ended. Returns the last usage that was sampled.
    pub(crate) fn finish(self) -> Usage {
        self.0.join().unwrap()
    }
}
