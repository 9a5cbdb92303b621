//! Waits for socket events until an instant. The thread is blocked during the wait.
//!
//! On Linux, this module calls epoll directly, because a newer system call of epoll has a timeout in nanoseconds. The
//! crate mio has a timeout in milliseconds. On other systems, this module uses mio. Sockets are registered once, with
//! edge-triggered events, so a request needs no system call for registration.

use mio::net::TcpStream;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// An event of a socket: the socket has become readable or writable, or was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub token: u64,
    pub readable: bool,
    pub writable: bool,
    /// Whether the peer has closed its side, or the connection is broken.
    pub closed: bool,
}

/// The shortest wait that blocks the thread. During a shorter wait, the thread polls without blocking. Waking a blocked
/// thread would take longer and use as much processor time (measured: some 25 us on a virtual machine).
const BUSY_POLL: Duration = Duration::from_micros(15);

/// Waits for socket events.
pub(crate) struct Waiter {
    system: system::Waiter,
    now: Instant,
}

/// Ends a wait from another thread.
#[derive(Clone)]
pub(crate) struct Waker(Arc<system::Waker>);

impl Waker {
    pub(crate) fn wake(&self) {
        self.0.wake();
    }
}

impl Waiter {
    /// Creates a waiter that returns at most `changes` events at once, and a waker. A wake-up is returned as an event
    /// with the token `waker`.
    pub(crate) fn new(changes: usize, waker: u64) -> io::Result<(Waiter, Waker)> {
        let (system, waker) = system::Waiter::new(changes, waker)?;
        let waiter = Waiter {
            system,
            now: Instant::now(),
        };
        Ok((waiter, Waker(Arc::new(waker))))
    }

    /// Registers a socket. The registration ends when the socket is closed.
    pub(crate) fn watch(&self, socket: &mut TcpStream, token: u64) -> io::Result<()> {
        self.system.watch(socket, token)
    }

    /// Returns the instant at which the last wait returned.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// Waits for events, at most until the given instant, and appends the events to `changes`.
    pub(crate) fn wait(&mut self, until: Instant, changes: &mut Vec<Change>) {
        self.now = Instant::now();
        loop {
            let span = until.saturating_duration_since(self.now);
            let span = if span < BUSY_POLL { Duration::ZERO } else { span };
            // An error of this call is caused by a signal, or is permanent. After a signal, the loop retries. After a
            // permanent error, no event arrives, and the requests time out.
            let _ = self.system.take(span, changes);
            self.now = Instant::now();
            if !changes.is_empty() || self.now >= until {
                return;
            }
        }
    }

    /// Waits until the given instant, even if events arrive before. Then appends the events to `changes`.
    pub(crate) fn wait_for_tick(&mut self, until: Instant, changes: &mut Vec<Change>) {
        crate::pacer::hold_until(until);
        let _ = self.system.take(Duration::ZERO, changes);
        self.now = Instant::now();
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Change, TcpStream};
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
    use std::time::Duration;

    pub(super) struct Waiter {
        epoll: OwnedFd,
        events: Vec<libc::epoll_event>,
        /// Whether the kernel supports the system call with a timeout in nanoseconds (Linux 5.11).
        counts_nanos: bool,
        _waker: OwnedFd,
    }

    pub(super) struct Waker(OwnedFd);

    fn owned(fd: libc::c_int) -> io::Result<OwnedFd> {
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the system call has just returned this descriptor, so the descriptor has no other owner.
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    impl Waiter {
        pub(super) fn new(changes: usize, token: u64) -> io::Result<(Waiter, Waker)> {
            // SAFETY: these calls take only numbers. The first call sets the timer slack of this thread to 1 ns. The
            // kernel may delay timers by the timer slack to save processor time. The default is 50 us.
            let (epoll, waker) = unsafe {
                libc::prctl(libc::PR_SET_TIMERSLACK, 1 as libc::c_ulong, 0, 0, 0);
                let epoll = owned(libc::epoll_create1(libc::EPOLL_CLOEXEC))?;
                (epoll, owned(libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK))?)
            };
            let waiter = Waiter {
                epoll,
                events: vec![libc::epoll_event { events: 0, u64: 0 }; changes],
                counts_nanos: true,
                _waker: waker.try_clone()?,
            };
            waiter.add(waker.as_raw_fd(), libc::EPOLLIN | libc::EPOLLET, token)?;
            Ok((waiter, Waker(waker)))
        }

        fn add(&self, fd: RawFd, events: libc::c_int, token: u64) -> io::Result<()> {
            let mut event = libc::epoll_event {
                events: events as u32,
                u64: token,
            };
            // SAFETY: both descriptors are open, and `event` is valid during the call.
            let added = unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, &raw mut event) };
            if added == 0 {
                Ok(())
            } else {
                Err(io::Error::last_os_error())
            }
        }

        pub(super) fn watch(&self, socket: &mut TcpStream, token: u64) -> io::Result<()> {
            let events = libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET;
            self.add(socket.as_raw_fd(), events, token)
        }

        /// Waits for events, at most for `span`.
        pub(super) fn take(&mut self, span: Duration, changes: &mut Vec<Change>) -> io::Result<()> {
            let mut count = self.call(span);
            if count < 0 && self.counts_nanos {
                if io::Error::last_os_error().raw_os_error() != Some(libc::ENOSYS) {
                    return Err(io::Error::last_os_error());
                }
                self.counts_nanos = false;
                count = self.call(span);
            }
            let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
            changes.extend(self.events[..count].iter().map(|event| Change {
                token: event.u64,
                readable: event.events & libc::EPOLLIN as u32 != 0,
                writable: event.events & libc::EPOLLOUT as u32 != 0,
                closed: event.events & (libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR) as u32 != 0,
            }));
            Ok(())
        }

        fn call(&mut self, span: Duration) -> i64 {
            let timeout = libc::timespec {
                tv_sec: span.as_secs() as libc::time_t,
                tv_nsec: span.subsec_nanos().into(),
            };
            let (epoll, events, room) = (
                self.epoll.as_raw_fd(),
                self.events.as_mut_ptr(),
                self.events.len() as libc::c_int,
            );
            // SAFETY: `events` has room for `room` events, `timeout` and `poll` are valid during the calls, and a null
            // signal mask is allowed.
            unsafe {
                if span.is_zero() {
                    return libc::epoll_wait(epoll, events, room, 0).into();
                }
                if self.counts_nanos {
                    let no_mask = std::ptr::null::<libc::sigset_t>();
                    return libc::syscall(
                        libc::SYS_epoll_pwait2,
                        epoll,
                        events,
                        room,
                        &raw const timeout,
                        no_mask,
                        0,
                    );
                }
                let mut poll = libc::pollfd {
                    fd: epoll,
                    events: libc::POLLIN,
                    revents: 0,
                };
                libc::ppoll(&raw mut poll, 1, &raw const timeout, std::ptr::null());
                libc::epoll_wait(epoll, events, room, 0).into()
            }
        }
    }

    impl Waker {
        pub(super) fn wake(&self) {
            let one = 1u64;
            // SAFETY: the descriptor is open, and `one` has the eight bytes that an eventfd takes. The write fails only
            // after 2^64 unread wake-ups.
            unsafe {
                libc::write(self.0.as_raw_fd(), (&raw const one).cast(), size_of_val(&one));
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::io::Write;
        use std::net::TcpListener;

        /// The older system call and the newer system call report the same events of a socket.
        #[test]
        fn both_system_calls_report_the_same_events() {
            for counts_nanos in [true, false] {
                let (mut waiter, waker) = Waiter::new(8, 7).unwrap();
                waiter.counts_nanos = counts_nanos;
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let mut ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
                waiter.watch(&mut ours, 1).unwrap();
                let (mut theirs, _) = listener.accept().unwrap();
                let mut changes = Vec::new();
                let second = Duration::from_secs(1);
                waiter.take(second, &mut changes).unwrap();
                assert!(
                    changes
                        .iter()
                        .all(|change| change.token == 1 && change.writable && !change.closed)
                );
                theirs.write_all(b"x").unwrap();
                changes.clear();
                waiter.take(second, &mut changes).unwrap();
                assert_eq!(changes.len(), 1);
                drop(theirs);
                changes.clear();
                waiter.take(second, &mut changes).unwrap();
                assert!(changes[0].closed);
                changes.clear();
                waiter.take(Duration::from_micros(100), &mut changes).unwrap();
                assert_eq!(changes, [], "an event is reported once");
                waker.wake();
                waiter.take(second, &mut changes).unwrap();
                assert_eq!(changes[0].token, 7);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Change, TcpStream};
    use mio::{Events, Interest, Poll, Token};
    use std::io;
    use std::time::Duration;

    pub(super) struct Waiter {
        poll: Poll,
        events: Events,
    }

    pub(super) struct Waker(mio::Waker);

    impl Waiter {
        pub(super) fn new(changes: usize, token: u64) -> io::Result<(Waiter, Waker)> {
            let poll = Poll::new()?;
            let waker = mio::Waker::new(poll.registry(), Token(token as usize))?;
            let events = Events::with_capacity(changes);
            Ok((Waiter { poll, events }, Waker(waker)))
        }

        pub(super) fn watch(&self, socket: &mut TcpStream, token: u64) -> io::Result<()> {
            let both = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(socket, Token(token as usize), both)
        }

        pub(super) fn take(&mut self, span: Duration, changes: &mut Vec<Change>) -> io::Result<()> {
            self.poll.poll(&mut self.events, Some(span))?;
            changes.extend(self.events.iter().map(|event| Change {
                token: event.token().0 as u64,
                readable: event.is_readable(),
                writable: event.is_writable(),
                closed: event.is_read_closed() || event.is_error(),
            }));
            Ok(())
        }
    }

    impl Waker {
        pub(super) fn wake(&self) {
            // Waking fails only if the waiter has ended.
            let _ = self.0.wake();
        }
    }
}
