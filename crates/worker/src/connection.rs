//! One connection to a target: the socket, the TLS session, and the bytes that were not sent yet.
//!
//! Sockets report only changes of their state (edge-triggered events), so after an event a connection reads until the
//! socket is empty. A socket that is never empty would delay all other sockets. Therefore, in each turn of the loop,
//! each connection reads at most a quota of bytes, and writes at most about [`WRITE_MAX`] bytes. The next turn
//! continues at the same position.

use crate::allow::Permitted;
use crate::clients::Identity;
use crate::engine::Ticket;
use crate::index::{OriginNumber, RaceNumber};
use crate::reading::AnswerReader;
use crate::receive_time;
use crate::why::{RequestPhase, Why};
use bytes::Bytes;
use mio::net::TcpStream;
use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use tally::cause::Cause;
use tokio::time::Instant;

/// The maximum number of bytes that one connection may read in one turn of the loop. The next constant is the maximum
/// of a connection with TLS. The first maximum allows some thousands of the smallest response heads. The second allows
/// about a thousand of the most expensive TLS records (session tickets). Processing that many heads or records takes
/// some milliseconds.
const TURN_BYTES: usize = 128 << 10;
const TURN_BYTES_SECURE: usize = 32 << 10;
/// The maximum number of bytes of a request that are written in one turn of the loop.
const WRITE_MAX: usize = 256 << 10;

/// A connection to an origin. The connection is open or is being opened.
#[derive(Debug)]
pub(crate) struct Connection {
    pub socket: TcpStream,
    tls: Option<Box<ClientConnection>>,
    /// The client certificate that this connection shows, if its request has a certificate of its own. `None` if the
    /// connection shows the client certificate of the plan.
    pub identity: Option<Identity>,
    unsent: Unsent,
    /// The answer that is being read.
    pub reading: AnswerReader,
    pub state: ConnectionState,
    /// The origin that this connection leads to.
    pub origin: OriginNumber,
    pub address: SocketAddr,
    /// When the program began to open this connection.
    pub began: Instant,
    /// The epoch of the address list against which this connection was last checked.
    pub epoch: u32,
    /// Whether a request was sent on this connection. `reused` is whether at least two requests were sent.
    pub used: bool,
    pub reused: bool,
    /// When the last bytes arrived, by the kernel's timestamps, if timestamps are enabled.
    pub stamps: ReceiveTime,
    /// Whether an event of the socket has reported that the target has closed its side, or that the connection is
    /// broken.
    pub closed: bool,
    /// Whether this connection waits for the next turn of the loop.
    pub put_off: bool,
    /// Whether writing stopped because [`WRITE_MAX`] bytes were written. In this case, the socket may accept more bytes
    /// without another event.
    pub takes_more: bool,
}

/// Whether and when the kernel timestamped the last received bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReceiveTime {
    NotAsked,
    /// The last timestamp, in nanoseconds since the Unix epoch. `None` before the first timestamp.
    Last(Option<u64>),
}

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionState {
    /// The connection is being opened. Several sockets may race to open one connection. The number identifies their
    /// race.
    Opening(RaceNumber),
    Idle,
    /// The connection is in use by the request with this ticket.
    Busy(Ticket),
}

/// The bytes of a request that are written when the socket accepts more bytes.
#[derive(Default)]
struct Unsent {
    head: Vec<u8>,
    head_at: usize,
    blob: Bytes,
}

impl std::fmt::Debug for Unsent {
    /// Shows only the length, because the bytes may contain a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unsent({} bytes)", self.head.len() - self.head_at + self.blob.len())
    }
}

impl Unsent {
    fn is_empty(&self) -> bool {
        self.head_at == self.head.len() && self.blob.is_empty()
    }
}

/// The result of reading from a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// Bytes were read into the buffer. `more` is whether the socket may contain more bytes.
    Bytes {
        read: usize,
        more: bool,
    },
    Nothing,
    /// The quota is used up, and the socket may contain more bytes.
    PutOff,
    /// The target has closed its side properly.
    Ended,
    Broken(Why),
}

/// The progress of a TLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    Done,
    /// The handshake continues at the next event of the socket.
    Waiting,
    /// The quota is used up, and the socket may contain more bytes.
    PutOff,
}

/// A socket, and whether the last read of the socket left the socket empty.
struct Draining<'a> {
    socket: &'a mut TcpStream,
    stamps: &'a mut ReceiveTime,
    emptied: bool,
}

impl Read for Draining<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read(self.socket, self.stamps, buffer);
        self.emptied = !matches!(&read, Ok(read) if *read == buffer.len());
        read
    }
}

fn retrying<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

impl Connection {
    /// Begins to connect.
    pub(crate) fn connect(permitted: Permitted, origin: OriginNumber, race: RaceNumber) -> io::Result<Connection> {
        let address = permitted.address();
        Ok(Connection {
            socket: TcpStream::connect(address)?,
            tls: None,
            identity: None,
            unsent: Unsent::default(),
            reading: AnswerReader::new(),
            state: ConnectionState::Opening(race),
            origin,
            address,
            began: Instant::now(),
            epoch: 0,
            used: false,
            reused: false,
            stamps: ReceiveTime::NotAsked,
            closed: false,
            put_off: false,
            takes_more: false,
        })
    }

    /// Returns whether the socket is connected.
    ///
    /// # Errors
    /// Fails if connecting failed.
    pub(crate) fn is_connected(&self) -> io::Result<bool> {
        if let Some(error) = self.socket.take_error()? {
            return Err(error);
        }
        match self.socket.peer_addr() {
            Ok(_) => {
                self.socket.set_nodelay(true)?;
                if self.stamps != ReceiveTime::NotAsked {
                    receive_time::stamp(&self.socket)?;
                }
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Begins the TLS handshake.
    ///
    /// # Errors
    /// Fails if no TLS session with this host is possible.
    pub(crate) fn secure(&mut self, config: Arc<rustls::ClientConfig>, name: ServerName<'static>) -> Result<(), Why> {
        let session = ClientConnection::new(config, name).map_err(|error| Why::tls(&error))?;
        self.tls = Some(Box::new(session));
        Ok(())
    }

    /// Continues the TLS handshake. Reads at most about as many bytes as the quota allows.
    ///
    /// # Errors
    /// Fails if the handshake failed.
    pub(crate) fn continue_handshake(&mut self, quota: &mut usize) -> Result<Handshake, Why> {
        let Some(tls) = &mut self.tls else {
            return Ok(Handshake::Done);
        };
        loop {
            // The handshake records that are ready are written before more records are read.
            let written = write_records(tls, &mut self.socket);
            if !tls.is_handshaking() {
                return written.map(|_| Handshake::Done).map_err(|error| Why::shaking(&error));
            }
            if *quota == 0 {
                return Ok(Handshake::PutOff);
            }
            match retrying(|| tls.read_tls(&mut self.socket)) {
                Ok(0) => return Err(Cause::HandshakeClosed.into()),
                Ok(read) => *quota = quota.saturating_sub(read),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Handshake::Waiting),
                Err(error) => return Err(Why::shaking(&error)),
            }
            if let Err(error) = tls.process_new_packets() {
                let _ = write_records(tls, &mut self.socket);
                return Err(Why::tls(&error));
            }
        }
    }

    /// Writes a request. Keeps the bytes that the socket does not accept now, for [`Connection::flush`]. Returns
    /// whether any byte was written.
    ///
    /// # Errors
    /// Fails if the connection is broken. In this case, no byte of the request was written.
    pub(crate) fn send(&mut self, head: &[u8], blob: Option<Bytes>) -> io::Result<bool> {
        debug_assert!(self.unsent.is_empty());
        let blob = blob.unwrap_or_default();
        if self.tls.is_none() {
            let written = match retrying(|| write_both(&mut self.socket, head, &blob)) {
                Ok(written) => written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                Err(error) => return Err(error),
            };
            if written < head.len() + blob.len() {
                self.keep(
                    &head[written.min(head.len())..],
                    blob.slice(written.saturating_sub(head.len())..),
                );
                // Events are edge-triggered, so writing continues until the socket accepts no more bytes. If this write
                // fails, the error is reported when the answer is read.
                if written > 0 {
                    let _ = self.flush();
                }
            }
            return Ok(written > 0);
        }
        self.keep(head, blob);
        self.flush()
    }

    fn keep(&mut self, head: &[u8], blob: Bytes) {
        self.unsent.head.clear();
        self.unsent.head.extend_from_slice(head);
        self.unsent.head_at = 0;
        self.unsent.blob = blob;
    }

    /// Returns whether this connection uses TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// Returns the number of bytes that this connection may read in one turn of the loop.
    pub(crate) fn quota(&self) -> usize {
        match self.tls {
            None => TURN_BYTES,
            Some(_) => TURN_BYTES_SECURE,
        }
    }

    /// Writes the remaining bytes of the request, at most about [`WRITE_MAX`] bytes. Returns whether any byte was
    /// written.
    ///
    /// # Errors
    /// Fails if the connection is broken and nothing was written. A connection that breaks later fails when the answer
    /// is read.
    pub(crate) fn flush(&mut self) -> io::Result<bool> {
        let mut any = false;
        let mut all = 0;
        self.takes_more = false;
        loop {
            if all >= WRITE_MAX {
                self.takes_more = true;
                return Ok(any);
            }
            let Unsent { head, head_at, blob } = &mut self.unsent;
            let rest = &head[*head_at..];
            let written = match &mut self.tls {
                Some(tls) => {
                    match write_records(tls, &mut self.socket) {
                        Ok(written) => any |= written > 0,
                        Err(_) if any => return Ok(true),
                        Err(error) => return Err(error),
                    }
                    // The socket accepts no more records now. No further bytes are encrypted until the socket has
                    // accepted these records.
                    if tls.wants_write() || rest.is_empty() && blob.is_empty() {
                        return Ok(any);
                    }
                    tls.writer().write(if rest.is_empty() { blob } else { rest })?
                }
                None if rest.is_empty() && blob.is_empty() => return Ok(any),
                None => match retrying(|| write_both(&mut self.socket, rest, blob)) {
                    Ok(written) => written,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(any),
                    Err(_) if any => return Ok(true),
                    Err(error) => return Err(error),
                },
            };
            any |= written > 0 && self.tls.is_none();
            all += written;
            let of_head = written.min(rest.len());
            *head_at += of_head;
            bytes::Buf::advance(blob, written - of_head);
        }
    }

    /// Returns whether the target had closed its side of a kept connection before the last request arrived. In this
    /// case, no byte of an answer was read, and the target has not acknowledged all bytes of the request.
    pub(crate) fn was_closed_before(&self) -> bool {
        self.reused && !self.reading.has_begun() && is_unacknowledged(&self.socket)
    }

    /// Returns whether the whole request was written.
    pub(crate) fn is_flushed(&self) -> bool {
        self.unsent.is_empty() && !self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// Reads received bytes, and reduces the quota by the number of bytes that were read from the socket. Reads nothing
    /// from the socket when the quota is used up.
    pub(crate) fn receive(&mut self, buffer: &mut [u8], quota: &mut usize) -> Received {
        match &mut self.tls {
            None if *quota == 0 => Received::PutOff,
            None => match read(&mut self.socket, &mut self.stamps, buffer) {
                Ok(0) => Received::Ended,
                Ok(read) => {
                    *quota = quota.saturating_sub(read);
                    Received::Bytes {
                        read,
                        more: read == buffer.len(),
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => Received::Nothing,
                Err(_) => Received::Broken(self.ended(Cause::Reset)),
            },
            Some(tls) => match receive_records(tls, &mut self.socket, &mut self.stamps, buffer, quota) {
                Received::Broken(why) if matches!(why.cause, Cause::Reset | Cause::Closed) => {
                    Received::Broken(self.ended(why.cause))
                }
                received => received,
            },
        }
    }

    /// Returns the failure for a connection that has ended with `cause`. The failure includes the phase of the
    /// exchange.
    pub(crate) fn ended(&self, cause: Cause) -> Why {
        Why::during(cause, self.phase())
    }

    /// Returns the phase of the exchange on this connection.
    pub(crate) fn phase(&self) -> RequestPhase {
        match self.reading.status() {
            Some(_) => RequestPhase::Body,
            None if self.reading.has_begun() => RequestPhase::Head,
            None if !self.is_flushed() => RequestPhase::Sending,
            None => RequestPhase::FirstByte,
        }
    }
}

/// Returns whether some written bytes were not acknowledged by the peer (Linux, tcp(7), SIOCOUTQ). On other systems,
/// this function returns `false`, because they do not report acknowledgements.
#[cfg(target_os = "linux")]
fn is_unacknowledged(socket: &TcpStream) -> bool {
    use std::os::fd::AsRawFd;
    let mut bytes: libc::c_int = 0;
    // SAFETY: the descriptor is open, and the call writes one integer to `bytes`.
    let asked = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
    asked == 0 && bytes > 0
}

#[cfg(not(target_os = "linux"))]
fn is_unacknowledged(_socket: &TcpStream) -> bool {
    false
}

/// Reads from a socket. Stores the kernel's timestamp if timestamps are enabled.
fn read(socket: &mut TcpStream, stamps: &mut ReceiveTime, buffer: &mut [u8]) -> io::Result<usize> {
    match stamps {
        ReceiveTime::NotAsked => retrying(|| socket.read(buffer)),
        ReceiveTime::Last(last) => {
            let (read, stamp) = retrying(|| receive_time::read(socket, buffer))?;
            *last = stamp.or(*last);
            Ok(read)
        }
    }
}

fn write_both(socket: &mut TcpStream, head: &[u8], blob: &[u8]) -> io::Result<usize> {
    match (head, blob) {
        (head, []) => socket.write(head),
        ([], blob) => socket.write(blob),
        (head, blob) => socket.write_vectored(&[IoSlice::new(head), IoSlice::new(blob)]),
    }
}

/// Writes the TLS records that are ready. Returns the number of bytes that the socket accepted.
fn write_records(tls: &mut ClientConnection, socket: &mut TcpStream) -> io::Result<usize> {
    let mut all = 0;
    while tls.wants_write() {
        match retrying(|| tls.write_tls(socket)) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => all += written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(_) if all > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

fn receive_records(
    tls: &mut ClientConnection,
    socket: &mut TcpStream,
    stamps: &mut ReceiveTime,
    buffer: &mut [u8],
    quota: &mut usize,
) -> Received {
    loop {
        match tls.reader().read(buffer) {
            Ok(0) => return Received::Ended,
            Ok(read) => return Received::Bytes { read, more: true },
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // The target closed the connection without a `close_notify`, so the answer may be truncated.
            Err(_) => return Received::Broken(Cause::Closed.into()),
        }
        if *quota == 0 {
            return Received::PutOff;
        }
        let mut draining = Draining {
            socket,
            stamps,
            emptied: false,
        };
        match tls.read_tls(&mut draining) {
            Ok(0) => continue,
            Ok(read) => *quota = quota.saturating_sub(read),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Received::Nothing,
            Err(_) => return Received::Broken(Cause::Reset.into()),
        }
        let emptied = draining.emptied;
        // With TLS 1.3, the target can refuse a handshake that the client considers finished.
        let state = match tls.process_new_packets() {
            Ok(state) => state,
            Err(error) => {
                let _ = write_records(tls, socket);
                return Received::Broken(Why::tls(&error));
            }
        };
        if state.plaintext_bytes_to_read() > 0 {
            return match tls.reader().read(buffer) {
                // The end of the TLS session may have arrived with the last bytes. In this case, the socket has no
                // further event.
                Ok(read) => Received::Bytes {
                    read,
                    more: !emptied || read < state.plaintext_bytes_to_read() || state.peer_has_closed(),
                },
                Err(_) => Received::Broken(Cause::Closed.into()),
            };
        }
        // Session tickets and key updates contain no data.
        if emptied && !state.peer_has_closed() {
            return Received::Nothing;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allow::Allow;
    use std::net::TcpListener;
    use std::time::Duration;

    /// One turn reads at most the quota and one buffer, even if the target writes fast. Many turns together read all
    /// bytes.
    #[test]
    fn a_turn_reads_no_more_than_its_quota() {
        // The quota is smaller than the receive buffer of any socket, so the test certainly uses up the quota.
        const QUOTA: usize = 16 << 10;
        const BUFFER: usize = 4 << 10;
        const ALL: usize = 16 << 20;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let permitted = Allow::everything().permit("127.0.0.1", address).unwrap();
        let mut connection = Connection::connect(permitted, 0.into(), 0.into()).unwrap();
        let (mut target, _) = listener.accept().unwrap();
        let writing = std::thread::spawn(move || target.write_all(&vec![b'x'; ALL]).unwrap());
        let (mut buffer, mut all, mut put_off, from) = (vec![0; BUFFER], 0, 0, Instant::now());
        'turns: loop {
            assert!(
                from.elapsed() < Duration::from_secs(20),
                "{all} bytes were read in time"
            );
            let (mut quota, before) = (QUOTA, all);
            loop {
                match connection.receive(&mut buffer, &mut quota) {
                    Received::Bytes { read, .. } => all += read,
                    Received::Nothing => break,
                    Received::PutOff => {
                        put_off += 1;
                        break;
                    }
                    Received::Ended => break 'turns,
                    Received::Broken(why) => panic!("{why:?}"),
                }
            }
            assert!(all - before < QUOTA + BUFFER, "{} bytes in one turn", all - before);
        }
        writing.join().unwrap();
        assert_eq!(all, ALL);
        assert!(put_off > 0, "no quota was used up");
    }
}
