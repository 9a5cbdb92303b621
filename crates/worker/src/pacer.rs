//! Waits until an instant. No other file of this crate sleeps, except in tests.
//!
//! tokio's timers fire at whole milliseconds, but a sleeping thread or a kernel timer wakes within some microseconds.
//! When arrivals are sent over sockets, the poller of the sockets also paces the arrivals (see [`crate::waiter`]).

use tokio::time::Instant;

/// Returns at `until`, or at once if `until` has passed. Uses the timer of the tokio runtime, which a test may pause.
pub(crate) async fn wait_until(until: Instant) {
    // The timer would wait a millisecond even if the instant has passed.
    if until > Instant::now() {
        tokio::time::sleep_until(until).await;
    }
}

/// Blocks this thread until an instant. Returns at once if the instant has passed.
pub(crate) fn hold_until(until: Instant) {
    let span = until.saturating_duration_since(Instant::now());
    if !span.is_zero() {
        std::thread::sleep(span);
    }
}

/// A timer that can be used several times. The other tasks of the thread run while the timer waits.
#[derive(Debug)]
pub(crate) struct Timer {
    #[cfg(target_os = "linux")]
    kernel: Option<timerfd::Kernel>,
}

impl Timer {
    pub(crate) fn new() -> Timer {
        Timer {
            #[cfg(target_os = "linux")]
            kernel: timerfd::Kernel::new(),
        }
    }

    /// Returns at `until`, or at once if `until` has passed.
    pub(crate) async fn wait_until(&self, until: Instant) {
        #[cfg(target_os = "linux")]
        if let Some(kernel) = &self.kernel
            && kernel
                .sleep(until.saturating_duration_since(Instant::now()))
                .await
                .is_ok()
        {
            return;
        }
        wait_until(until).await;
    }
}

#[cfg(target_os = "linux")]
mod timerfd {
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
    use std::time::Duration;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    #[derive(Debug)]
    pub(super) struct Kernel(AsyncFd<OwnedFd>);

    impl Kernel {
        /// Creates a kernel timer. Returns `None` if the kernel provides no timer, or if no tokio runtime is running.
        pub(super) fn new() -> Option<Kernel> {
            // SAFETY: timerfd_create takes no pointers, and a non-negative result is a descriptor without another
            // owner.
            let fd = unsafe {
                let fd = libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_NONBLOCK | libc::TFD_CLOEXEC);
                if fd < 0 {
                    return None;
                }
                OwnedFd::from_raw_fd(fd)
            };
            // SAFETY: `OwnedFd` is the only owner of its descriptor, and the descriptor remains the same while
            // `OwnedFd` exists.
            unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }
                .ok()
                .map(Kernel)
        }

        /// Sleeps for `span`. A span of zero returns at once.
        pub(super) async fn sleep(&self, span: Duration) -> io::Result<()> {
            if span.is_zero() {
                return Ok(());
            }
            let setting = libc::itimerspec {
                it_interval: libc::timespec { tv_sec: 0, tv_nsec: 0 },
                it_value: libc::timespec {
                    tv_sec: span.as_secs() as libc::time_t,
                    tv_nsec: span.subsec_nanos().into(),
                },
            };
            // SAFETY: the descriptor is open, `setting` is valid during the call, and a null old value is allowed.
            if unsafe { libc::timerfd_settime(self.0.as_raw_fd(), 0, &setting, std::ptr::null_mut()) } != 0 {
                return Err(io::Error::last_os_error());
            }
            loop {
                let mut guard = self.0.readable().await?;
                let mut expirations = [0u8; 8];
                // SAFETY: the buffer has the eight bytes that a timerfd writes.
                let read = guard.try_io(|fd| unsafe {
                    match libc::read(fd.as_raw_fd(), expirations.as_mut_ptr().cast(), expirations.len()) {
                        8 => Ok(()),
                        _ => Err(io::Error::last_os_error()),
                    }
                });
                if let Ok(result) = read {
                    return result;
                }
            }
        }
    }
}
