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
