//! A child process on one core: started, bounded in time, and accounted for.
//!
//! It ends with its value, whatever happens in between, and only ever by its own id.

use crate::Fallible;
use crate::cores;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often the memory of a child is looked at, where it is asked for.
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

/// What a child that has ended leaves.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// Processor time of the process, in user and kernel mode.
    pub(crate) cpu: Duration,
    /// The most memory it was seen to hold, in kB; zero where nobody looked.
    pub(crate) memory_peak_kb: u64,
    /// What it wrote to its output.
    pub(crate) output: String,
    /// What it wrote to its error output.
    pub(crate) complaint: String,
}

/// Whether the memory of a child is watched while it runs: looking costs it nothing, but us a little.
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
        // A child is born where its parent runs, so no code has to run in between fork and exec.
        cores::pin(core)?;
        let began = Instant::now();
        let spawned = command.spawn();
        cores::pin(cores::SERVER)?;
        let process = spawned.map_err(|error| format!("{name} could not be started: {error}"))?;
        // SAFETY: the call takes no pointers; what it returns is a descriptor that is ours alone.
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

    /// Whether it has ended by itself already.
    pub(crate) fn has_ended(&self) -> io::Result<bool> {
        self.await_end(Duration::ZERO)
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// When it has not ended within the time given; it is then killed.
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
        if let Some(complaint) = self.process.stderr.as_mut() {
            complaint.read_to_string(&mut read[1])?;
        }
        let [output, complaint] = read;
        Ok(Ended {
            status,
            cpu,
            memory_peak_kb,
            output,
            complaint,
        })
    }

    /// Whether it ends within the time given; it stays to be asked for its accounts.
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
        // From here on the id may be another's.
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
            // It cannot be gone from the table before it is reaped, so the id is still its own.
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// The most memory that a process has held so far, in kB; zero when it has ended. What `wait4` tells
/// cannot be used: it begins with what the parent held when the child was born.
fn memory_peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
