//! A child process on one core, with a time limit. The processor time and the memory of the child are measured.
//!
//! The child is killed when its [`Child`] is dropped. The bench kills a child by its process ID, and never by its name.

use crate::Fallible;
use crate::cores;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The interval at which the bench reads the memory of a child, if a caller requests this.
const MEMORY_LOOK: Duration = Duration::from_millis(5);

/// A running child.
#[derive(Debug)]
pub(crate) struct Child {
    process: std::process::Child,
    /// A descriptor that becomes readable when the child ends.
    ending: OwnedFd,
    name: String,
    /// The time just before the child was started.
    pub(crate) began: Instant,
    ended: bool,
}

/// The result of a child that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// The processor time of the child in user mode and in kernel mode.
    pub(crate) cpu: Duration,
    /// The peak memory of the child in kB. The value is zero if the memory was not read.
    pub(crate) memory_peak_kb: u64,
    /// The standard output of the child.
    pub(crate) output: String,
    /// The standard error of the child.
    pub(crate) stderr: String,
}

/// Whether the bench reads the memory of a child while the child runs. Each read takes time on the server's core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    Watched,
    Unwatched,
}

impl Child {
    /// Starts a program on a core.
    pub(crate) fn start(command: &mut Command, core: usize) -> Fallible<Child> {
        let name = command.get_program().to_string_lossy().into_owned();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A child inherits the core of its parent, so no code needs to run between fork and exec.
        cores::pin(core)?;
        let began = Instant::now();
        let spawned = command.spawn();
        cores::pin(cores::SERVER)?;
        let process = spawned.map_err(|error| format!("{name} could not be started: {error}"))?;
        // SAFETY: the call takes no pointers. Only this value owns the returned descriptor.
        let ending = unsafe {
            let descriptor = libc::syscall(libc::SYS_pidfd_open, process.id(), 0);
            if descriptor < 0 {
                return Err(format!("{name} could not be watched: {}", io::Error::last_os_error()).into());
            }
            OwnedFd::from_raw_fd(descriptor as i32)
        };
        Ok(Child {
            process,
            ending,
            name,
            began,
            ended: false,
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Returns whether the child has ended.
    pub(crate) fn has_ended(&self) -> io::Result<bool> {
        self.await_end(Duration::ZERO)
    }

    /// Waits until the child ends.
    ///
    /// # Errors
    /// When the child has not ended after the time `longest`. The child is then killed.
    pub(crate) fn finish(mut self, longest: Duration, memory: Memory) -> Fallible<Ended> {
        let until = Instant::now() + longest;
        let mut memory_peak_kb = 0;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(format!("{} did not end within {longest:?} and was killed", self.name).into());
            }
            let look = match memory {
                Memory::Watched => left.min(MEMORY_LOOK),
                Memory::Unwatched => left,
            };
            if self.await_end(look)? {
                break;
            }
            memory_peak_kb = memory_peak_kb.max(memory_peak(self.id()));
        }
        let (status, cpu) = self.reap()?;
        let mut read = [String::new(), String::new()];
        if let Some(output) = self.process.stdout.as_mut() {
            output.read_to_string(&mut read[0])?;
        }
        if let Some(stderr) = self.process.stderr.as_mut() {
            stderr.read_to_string(&mut read[1])?;
        }
        let [output, stderr] = read;
        Ok(Ended {
            status,
            cpu,
            memory_peak_kb,
            output,
            stderr,
        })
    }

    /// Returns whether the child ends within the time `longest`. Does not reap the child.
    fn await_end(&self, longest: Duration) -> io::Result<bool> {
        let mut waited = libc::pollfd {
            fd: self.ending.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one structure is passed, and it is valid until the call returns.
        match unsafe { libc::poll(&mut waited, 1, longest.as_millis() as i32) } {
            0 => Ok(false),
            count if count > 0 => Ok(true),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn reap(&mut self) -> io::Result<(ExitStatus, Duration)> {
        let mut status = 0;
        // SAFETY: a zeroed `rusage` is a valid value. `status` and `usage` are valid until the call returns.
        let (waited, usage) = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            let waited = libc::wait4(self.process.id() as i32, &mut status, 0, &mut usage);
            (waited, usage)
        };
        if waited < 0 {
            return Err(io::Error::last_os_error());
        }
        // After this call of `wait4`, another process may get the ID of the child.
        self.ended = true;
        let time = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1_000);
        Ok((
            ExitStatus::from_raw(status),
            time(usage.ru_utime) + time(usage.ru_stime),
        ))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.ended {
            // The child has not been reaped, so no other process has its ID.
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// Returns the peak memory of a process so far in kB, or zero if the process has ended. The peak that `wait4` returns
/// cannot be used, because it includes the memory of the parent at the fork.
fn memory_peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
