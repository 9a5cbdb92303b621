//! The system calls that the servers and senders of the bench make for every request.
//!
//! The bench makes these calls directly, so that their cost is minimal: one `epoll_wait` for many connections, and one
//! read and one write for each connection.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

/// The maximum number of events that one call returns. Most lines of the bench have fewer connections. The next call
/// returns the events that did not fit.
const EVENTS: usize = 128;

/// An epoll whose members are added and never modified.
#[derive(Debug)]
pub(crate) struct Readiness {
    epoll: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Readiness {
    pub(crate) fn new() -> io::Result<Readiness> {
        // SAFETY: the call takes no pointers. Only this value owns the returned descriptor.
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

    /// Adds a descriptor with edge-triggered events. After each event, the caller must read all available bytes. With
    /// level-triggered events, the kernel would check each connection twice.
    pub(crate) fn add(&self, descriptor: RawFd) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: (libc::EPOLLIN | libc::EPOLLET) as u32,
            u64: descriptor as u64,
        };
        // SAFETY: the structure is valid until the call returns.
        let failed = unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, descriptor, &mut event) };
        if failed == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// Waits for events for at most `longest_ms` milliseconds. Returns the number of ready descriptors.
    pub(crate) fn wait(&mut self, longest_ms: i32) -> io::Result<usize> {
        // SAFETY: the passed length is the length of the list.
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

    /// Returns the descriptor at the index `at` of the list that the last call of `wait` filled.
    pub(crate) fn ready(&self, at: usize) -> RawFd {
        self.events[at].u64 as RawFd
    }
}

/// Returns a listener on a free port of loopback. If `stamped`, the kernel sets receive timestamps on its connections.
pub(crate) fn listen(stamped: bool) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    if stamped {
        let on: libc::c_int = 1;
        // SAFETY: the value of the option is an integer, and the size of this integer is passed.
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
    // Hundreds of connections are opened at once. With a short backlog, some connections would be opened a second
    // later.
    // SAFETY: the call takes no pointers.
    match unsafe { libc::listen(listener.as_raw_fd(), 4_096) } {
        0 => Ok(listener),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Reads the available bytes. Returns the number of bytes, or 0 at the end of the connection.
pub(crate) fn read(descriptor: RawFd, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the passed length is the length of the buffer.
    let length = unsafe { libc::recv(descriptor, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

/// Sends as many bytes as the connection accepts without blocking. Returns the number of bytes.
pub(crate) fn write(descriptor: RawFd, bytes: &[u8]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: the passed length is the length of the slice.
    let length = unsafe { libc::send(descriptor, bytes.as_ptr().cast(), bytes.len(), flags) };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

/// Reads the available bytes. Returns the number of bytes, and the time of their receipt in nanoseconds since the Unix
/// epoch. Without a timestamp of the kernel, the time is 0.
pub(crate) fn read_stamped(descriptor: RawFd, buffer: &mut [u8]) -> io::Result<(usize, u64)> {
    // The array is aligned like the headers that the kernel writes into it, and is larger than these headers.
    let mut control = [0_u64; 16];
    let mut part = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    // SAFETY: the message contains pointers to the buffer and to the control bytes, with their sizes. The buffer and
    // the control bytes are valid until the call returns. The macros of the system read headers only within the bytes
    // that the kernel wrote. A timestamp is read unaligned, and only from a header of the type of timestamps.
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
