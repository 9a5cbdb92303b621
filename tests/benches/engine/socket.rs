//! The system calls that the servers and senders of the bench make on the hot path.
//!
//! They are made directly to keep their cost minimal: one `epoll_wait` for many connections, one read and one write for
//! each connection.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

/// The maximum number of events of one call: more than the connections of most lines; further events come with the next
/// call.
const EVENTS: usize = 128;

/// An epoll whose members are never modified.
#[derive(Debug)]
pub(crate) struct Readiness {
    epoll: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Readiness {
    pub(crate) fn new() -> io::Result<Readiness> {
        // SAFETY: the call takes no pointers; the returned descriptor is owned only here.
        let epoll = unsafe {
            let descriptor = libc::epoll_create1(libc::EPOLL_CLOEXEC);
            if descriptor < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(descriptor)
        };
        Ok(Readiness {
            epoll,
            events: vec![libc::epoll_event { events: 0, u64: 0 }; EVENTS],
        })
    }

    /// Adds a descriptor, edge-triggered: each event must be followed by reading all available bytes. Level-triggered
    /// events would make the kernel check each connection twice.
    pub(crate) fn add(&self, descriptor: RawFd) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: (libc::EPOLLIN | libc::EPOLLET) as u32,
            u64: descriptor as u64,
        };
        // SAFETY: the structure lives through the call.
        let failed = unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, descriptor, &mut event) };
        if failed == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// Waits at most `longest_ms` milliseconds; returns the number of ready descriptors.
    pub(crate) fn wait(&mut self, longest_ms: i32) -> io::Result<usize> {
        // SAFETY: the length that is passed is that of the list.
        let count = unsafe {
            libc::epoll_wait(
                self.epoll.as_raw_fd(),
                self.events.as_mut_ptr(),
                self.events.len() as i32,
                longest_ms,
            )
        };
        match usize::try_from(count) {
            Ok(count) => Ok(count),
            Err(_) => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => Ok(0),
                error => Err(error),
            },
        }
    }

    /// Returns the descriptor at index `at` of the last wait.
    pub(crate) fn ready(&self, at: usize) -> RawFd {
        self.events[at].u64 as RawFd
    }
}

/// Returns a listener on a free port of loopback; if `stamped`, its connections have the kernel's receive timestamps.
pub(crate) fn listen(stamped: bool) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    if stamped {
        let on: libc::c_int = 1;
        // SAFETY: the option is an integer, and its size is passed.
        let failed = unsafe {
            libc::setsockopt(
                listener.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_TIMESTAMPNS,
                ptr::from_ref(&on).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            )
        };
        if failed != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    // Hundreds of connections are opened at once; with a short backlog, some would be retried a second later.
    // SAFETY: the call takes no pointers.
    match unsafe { libc::listen(listener.as_raw_fd(), 4_096) } {
        0 => Ok(listener),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Reads the available bytes; returns their number, 0 at the end.
pub(crate) fn read(descriptor: RawFd, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the length that is passed is that of the buffer.
    let length = unsafe { libc::recv(descriptor, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

/// Sends as many bytes as the connection accepts without blocking; returns their number.
pub(crate) fn write(descriptor: RawFd, bytes: &[u8]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: the length that is passed is that of the slice.
    let length = unsafe { libc::send(descriptor, bytes.as_ptr().cast(), bytes.len(), flags) };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

/// Reads the available bytes; returns their number and when the kernel received them, in nanoseconds since the Unix
/// epoch, or 0 without a timestamp.
pub(crate) fn read_stamped(descriptor: RawFd, buffer: &mut [u8]) -> io::Result<(usize, u64)> {
    // Aligned like the headers that the kernel writes into it, and larger than they need.
    let mut control = [0_u64; 16];
    let mut part = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    // SAFETY: the message points to the buffer and the control bytes, with their sizes, and both outlive the call. The
    // system's macros walk the headers within the bytes that the kernel wrote. A timestamp is read unaligned, and only
    // from a header of its type.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of_val(&control);
        let length = libc::recvmsg(descriptor, &mut message, libc::MSG_DONTWAIT);
        let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
        let mut stamp = 0;
        let mut header = libc::CMSG_FIRSTHDR(&message);
        while !header.is_null() {
            if (*header).cmsg_level == libc::SOL_SOCKET && (*header).cmsg_type == libc::SCM_TIMESTAMPNS {
                let time: libc::timespec = ptr::read_unaligned(libc::CMSG_DATA(header).cast());
                stamp = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
            }
            header = libc::CMSG_NXTHDR(&message, header);
        }
        Ok((length, stamp))
    }
}
