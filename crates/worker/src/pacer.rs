//! The one file that sleeps.
//!
//! tokio's timer wheel wakes in whole milliseconds; on Linux a timerfd wakes within some tens of
//! microseconds for the same cost, so that is what paces arrivals there.

use tokio::time::Instant;

/// Sleeps until instants, in order.
#[derive(Debug)]
pub(crate) struct Pacer {
    #[cfg(target_os = "linux")]
    timer: Option<timerfd::Timer>,
}

/// Which clock a pacer sleeps on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// The best timer of the system.
    Precise,
    /// The runtime's own timer, which a test may pause.
    Runtime,
}

impl Pacer {
    pub(crate) fn new(precision: Precision) -> Pacer {
        #[cfg(target_os = "linux")]
        return Pacer {
            timer: (precision == Precision::Precise).then(timerfd::Timer::new).flatten(),
        };
        #[cfg(not(target_os = "linux"))]
        {
            let _ = precision;
            Pacer {}
        }
    }

    /// Returns at `until`, or at once when that has passed.
    pub(crate) async fn sleep_until(&self, until: Instant) {
        // The runtime's timer would take a millisecond over an instant that has passed.
        if until <= Instant::now() {
            return;
        }
        #[cfg(target_os = "linux")]
        if let Some(timer) = &self.timer
            && timer
                .sleep(until.saturating_duration_since(Instant::now()))
                .await
                .is_ok()
        {
            return;
        }
        tokio::time::sleep_until(until).await;
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
    pub(super) struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        /// A timer of the kernel's, if it grants one and a runtime is there to wait on it.
        pub(super) fn new() -> Option<Timer> {
            // SAFETY: timerfd_create takes no pointers; a non-negative result is a descriptor that is ours alone.
            let fd = unsafe {
                let fd = libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_NONBLOCK | libc::TFD_CLOEXEC);
                if fd < 0 {
                    return None;
                }
                OwnedFd::from_raw_fd(fd)
            };
            // SAFETY: `OwnedFd` names one descriptor for as long as it lives, and gives it to nobody.
            unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }
                .ok()
                .map(Timer)
        }

        /// Sleeps for `span`; a span of zero returns at once.
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
            // SAFETY: the descriptor is open, `setting` lives through the call, and no old value is asked for.
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
