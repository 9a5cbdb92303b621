//! The one file that sleeps.
//!
//! tokio's timer wheel wakes in whole milliseconds, and so does the timeout of epoll. A thread that
//! sleeps in ppoll wakes within some microseconds, so that is what paces arrivals on Linux.

use std::time::Duration;
use tokio::time::Instant;

/// Returns at `until`, or at once when that has passed; on the runtime's own timer, which a test may pause.
pub(crate) async fn wait_until(until: Instant) {
    // The timer would take a millisecond over an instant that has passed.
    if until > Instant::now() {
        tokio::time::sleep_until(until).await;
    }
}

/// Waits for sockets and for instants, whichever comes first, and holds up its thread meanwhile.
#[derive(Debug)]
pub(crate) struct Waiter {
    poll: mio::Poll,
    events: mio::Events,
    /// Whether something happened the last time: then more is likely to be there already.
    busy: bool,
    now: Instant,
}

impl Waiter {
    /// A waiter that takes in so many changes of sockets at once.
    pub(crate) fn new(events: usize) -> std::io::Result<Waiter> {
        // The kernel may delay a wake-up by this many nanoseconds, to spare the processor; 50 us by default.
        #[cfg(target_os = "linux")]
        // SAFETY: the call takes numbers only, and changes nothing but this thread's timers.
        unsafe {
            libc::prctl(libc::PR_SET_TIMERSLACK, 1 as libc::c_ulong, 0, 0, 0);
        }
        Ok(Waiter {
            poll: mio::Poll::new()?,
            events: mio::Events::with_capacity(events),
            busy: false,
            now: Instant::now(),
        })
    }

    pub(crate) fn registry(&self) -> &mio::Registry {
        self.poll.registry()
    }

    pub(crate) fn waker(&self, token: mio::Token) -> std::io::Result<mio::Waker> {
        mio::Waker::new(self.poll.registry(), token)
    }

    /// When it last returned.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// Waits until something happens to a socket, or until the given instant, and returns what
    /// happened. Whoever takes it gives it back, emptied.
    pub(crate) fn wait(&mut self, until: Instant) -> mio::Events {
        // What goes wrong here is a signal, or lasts; then no answer comes, and requests time out.
        if !self.busy {
            self.sleep(until);
        }
        let _ = self.poll.poll(&mut self.events, Some(Duration::ZERO));
        if self.busy && self.events.is_empty() {
            self.sleep(until);
            let _ = self.poll.poll(&mut self.events, Some(Duration::ZERO));
        }
        self.busy = !self.events.is_empty();
        self.now = Instant::now();
        std::mem::replace(&mut self.events, mio::Events::with_capacity(0))
    }

    /// Sleeps until the given instant, whatever happens to sockets, and returns what happened.
    pub(crate) fn wait_for_tick(&mut self, until: Instant) -> mio::Events {
        let span = until.saturating_duration_since(Instant::now());
        if !span.is_zero() {
            std::thread::sleep(span);
        }
        let _ = self.poll.poll(&mut self.events, Some(Duration::ZERO));
        self.now = Instant::now();
        std::mem::replace(&mut self.events, mio::Events::with_capacity(0))
    }

    pub(crate) fn give_back(&mut self, events: mio::Events) {
        self.events = events;
    }

    /// Sleeps until something happens, or until the given instant, to the microsecond: the timeout
    /// of epoll itself is in whole milliseconds.
    #[cfg(target_os = "linux")]
    fn sleep(&self, until: Instant) {
        use std::os::fd::AsRawFd;
        let span = until.saturating_duration_since(Instant::now());
        if span.is_zero() {
            return;
        }
        let timeout = libc::timespec {
            tv_sec: span.as_secs() as libc::time_t,
            tv_nsec: span.subsec_nanos().into(),
        };
        let mut poll = libc::pollfd {
            fd: self.poll.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: `poll` and `timeout` live through the call, and no signal mask is given.
        unsafe {
            libc::ppoll(&mut poll, 1, &timeout, std::ptr::null());
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn sleep(&mut self, until: Instant) {
        let span = until.saturating_duration_since(Instant::now());
        if !span.is_zero() {
            let _ = self.poll.poll(&mut self.events, Some(span));
        }
    }
}

/// Sleeps until instants, one after another, and lets the other tasks of its thread go on meanwhile.
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

    /// Returns at `until`, or at once when that has passed.
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
        /// A timer of the kernel's, if it grants one and a runtime is there to wait on it.
        pub(super) fn new() -> Option<Kernel> {
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
                .map(Kernel)
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
