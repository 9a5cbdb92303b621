//! A child process on one core, with a time limit and with measured resources.
//!
//! It is killed when its value is dropped, and only by its own ID.

use crate::Fallible;
use crate::cores;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The interval at which the memory of a child is read, if requested.
const MEMORY_LOOK: Duration = Duration::from_millis(5);

/// A running child.
#[derive(Debug)]
pub(crate) struct Child {
    process: std::process::Child,
    /// Becomes readable when the child ends.
    ending: OwnedFd,
    name: String,
    /// Just before it was started.
    pub(crate) began: Instant,
    ended: bool,
}

/// The result of a child that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// Processor time of the process, in user and kernel mode.
    pub(crate) cpu: Duration,
    /// The peak of its memory in kB; zero if it was not read.
    pub(crate) memory_peak_kb: u64,
    /// Its standard output.
    pub(crate) output: String,
    /// Its standard error.
    pub(crate) stderr: String,
}

/// Whether the memory of a child is read while it runs, which costs time on the server's core.
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
        // A child inherits the core of its parent, so no code need run between fork and exec.
        cores::pin(core)?;
        let began = Instant::now();
        let spawned = command.spawn();
        cores::pin(cores::SERVER)?;
        let process = spawned.map_err(|error| format!("{name} could not be started: {error}"))?;
        // SAFETY: the call takes no pointers; the returned descriptor is owned only here.
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

    /// Returns whether it has ended.
    pub(crate) fn has_ended(&self) -> io::Result<bool> {
        self.await_end(Duration::ZERO)
    }

    /// Waits until it ends.
    ///
    /// # Errors
    /// When it has not ended after `longest`; it is then killed.
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

    /// Returns whether it ends within `longest`; it is not reaped yet.
    fn await_end(&self, longest: Duration) -> io::Result<bool> {
        let mut waited = libc::pollfd {
            fd: self.ending.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one structure is passed, and it lives through the call.
        match unsafe { libc::poll(&mut waited, 1, longest.as_millis() as i32) } {
            0 => Ok(false),
            count if count > 0 => Ok(true),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn reap(&mut self) -> io::Result<(ExitStatus, Duration)> {
        let mut status = 0;
        // SAFETY: a zeroed rusage is a valid value; both structures live through the call.
        let (waited, usage) = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            let waited = libc::wait4(self.process.id() as i32, &mut status, 0, &mut usage);
            (waited, usage)
        };
        if waited < 0 {
            return Err(io::Error::last_os_error());
        }
        // From here on, another process may have the ID.
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
            // The process has not been reaped, so the ID is still its own.
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// Returns the peak of a process's memory so far in kB; zero if it has ended. The value of `wait4` cannot be used,
/// because it starts with the memory of the parent at the fork.
fn memory_peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
