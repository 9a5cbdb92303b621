//! The kernel's timestamps of received bytes.
//!
//! A worker that wakes only on ticks may read bytes one tick after they arrived. The kernel timestamps segments when
//! they arrive, so the time of an answer is correct even if the worker reads the answer late (Linux,
//! Documentation/networking/timestamping). On other systems, the time of reading is used.

use mio::net::TcpStream;
use std::io;
use tokio::time::Instant;

/// The times of the steady clock and of the kernel's timestamp clock, read together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockPair {
    steady: Instant,
    /// The time of the kernel's timestamp clock, in nanoseconds since the Unix epoch.
    wall: u64,
}

impl ClockPair {
    pub(crate) fn now() -> ClockPair {
        let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        ClockPair {
            steady: Instant::now(),
            wall: wall.unwrap_or_default().as_nanos() as u64,
        }
    }

    /// Returns the steady instant of a timestamp that is earlier than this pair of times.
    pub(crate) fn instant(&self, stamp: u64) -> Instant {
        let ago = std::time::Duration::from_nanos(self.wall.saturating_sub(stamp));
        self.steady.checked_sub(ago).unwrap_or(self.steady)
    }
}

/// Enables the kernel's timestamps on a socket.
#[cfg(target_os = "linux")]
pub(crate) fn stamp(socket: &TcpStream) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let on: libc::c_int = 1;
    // SAFETY: the descriptor is open, and the given size is the size of `on`.
    let set = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_TIMESTAMPNS,
            (&raw const on).cast(),
            size_of_val(&on) as libc::socklen_t,
        )
    };
    if set == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn stamp(_socket: &TcpStream) -> io::Result<()> {
    Ok(())
}

/// Reads bytes from a socket. Also returns when the last of these bytes arrived, in nanoseconds since the Unix epoch.
#[cfg(target_os = "linux")]
pub(crate) fn read(socket: &TcpStream, buffer: &mut [u8]) -> io::Result<(usize, Option<u64>)> {
    use std::os::fd::AsRawFd;
    let mut vector = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    // The buffer is aligned like the headers that the kernel writes, and is larger than the header that is requested.
    let mut control = [0u64; 16];
    // SAFETY: a zeroed header is valid. The header's pointers and sizes describe buffers that are valid during the
    // call. The macros of the system iterate over the headers in `control`, and a timestamp is read unaligned.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut vector;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of_val(&control) as _;
        let read = libc::recvmsg(socket.as_raw_fd(), &raw mut message, 0);
        if read < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut stamp = None;
        let mut header = libc::CMSG_FIRSTHDR(&raw const message);
        while !header.is_null() {
            if (*header).cmsg_level == libc::SOL_SOCKET && (*header).cmsg_type == libc::SCM_TIMESTAMPNS {
                let time = libc::CMSG_DATA(header).cast::<libc::timespec>().read_unaligned();
                stamp = Some(time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64);
            }
            header = libc::CMSG_NXTHDR(&raw const message, header);
        }
        Ok((read as usize, stamp))
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn read(mut socket: &TcpStream, buffer: &mut [u8]) -> io::Result<(usize, Option<u64>)> {
    io::Read::read(&mut socket, buffer).map(|read| (read, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpListener;
    use std::time::Duration;

    #[test]
    #[cfg(target_os = "linux")]
    fn bytes_that_are_read_late_have_the_time_of_their_arrival() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut theirs, _) = listener.accept().unwrap();
        ours.set_nonblocking(true).unwrap();
        let ours = TcpStream::from_std(ours);
        stamp(&ours).unwrap();
        // After the first socket enables timestamps, the kernel begins to timestamp bytes with a short delay.
        std::thread::sleep(Duration::from_millis(50));
        let before = Instant::now();
        theirs.write_all(b"now").unwrap();
        let after = Instant::now();
        std::thread::sleep(Duration::from_millis(100));
        let mut buffer = [0; 16];
        let (read, stamp) = read(&ours, &mut buffer).unwrap();
        assert_eq!(&buffer[..read], b"now");
        let arrived = ClockPair::now().instant(stamp.expect("a timestamp"));
        let slack = Duration::from_millis(5);
        assert!(
            arrived + slack > before && arrived < after + slack,
            "{:?}",
            arrived - before
        );
    }
}
