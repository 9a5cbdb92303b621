//! The few system calls that servers and senders here make on the hot path.
//!
//! They are made directly, so that what is measured beside them costs as little as it can: one
//! `epoll_wait` for many connections, one read and one write for each of them.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

/// More than there are connections in most lines; the others come with the next call.
const EVENTS: usize = 128;

/// An epoll whose members are never changed.
#[derive(Debug)]
pub(crate) struct Readiness {
    epoll: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Readiness {
    pub(crate) fn new() -> io::Result<Readiness> {
        // SAFETY: the call takes no pointers; what it returns is a descriptor that is ours alone.
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

    /// From now on tells once whenever something new is there to read: what is told of has to be read to
    /// its end. Telling until it was read would make the kernel look at each connection twice.
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

    /// How many are ready, after at most so many milliseconds.
    pub(crate) fn wait(&mut self, longest_ms: i32) -> io::Result<usize> {
        // SAFETY: the list has as many places as the call is told.
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

    /// One of those that the last wait told of.
    pub(crate) fn ready(&self, place: usize) -> RawFd {
        self.events[place].u64 as RawFd
    }
}

/// A listener on a fresh port of loopback; what it accepts tells when the kernel received it, if asked.
pub(crate) fn listen(stamped: bool) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    if stamped {
        let on: libc::c_int = 1;
        // SAFETY: the option is a whole number, and its size is told.
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
    // Some hundred connections are opened at once, and none of them may have to try again a second later.
    // SAFETY: the call takes no pointers.
    match unsafe { libc::listen(listener.as_raw_fd(), 4_096) } {
        0 => Ok(listener),
        _ => Err(io::Error::last_os_error()),
    }
}

/// What is there to read; 0 at the end.
pub(crate) fn read(descriptor: RawFd, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the buffer has as many bytes as the call is told.
    let length = unsafe { libc::recv(descriptor, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

/// Sends what the connection takes at once.
pub(crate) fn write(descriptor: RawFd, bytes: &[u8]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: the slice has as many bytes as the call is told.
    let length = unsafe { libc::send(descriptor, bytes.as_ptr().cast(), bytes.len(), flags) };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

/// What is there to read, and when the kernel received it, in nanoseconds since the Unix epoch; 0 if
/// it does not tell.
pub(crate) fn read_stamped(descriptor: RawFd, buffer: &mut [u8]) -> io::Result<(usize, u64)> {
    // Aligned like the headers that the kernel writes into it, and with room to spare.
    let mut control = [0_u64; 16];
    let mut part = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    // SAFETY: the message points to the buffer and the control bytes, with their sizes, and both live
    // through it. The headers are walked by the system's own rules, within what the kernel wrote; a
    // stamp is read unaligned, from a header that says that it is one.
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
