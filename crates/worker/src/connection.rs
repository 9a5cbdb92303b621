//! One connection to a target: its socket, its TLS session, and what is still to be written.
//!
//! Sockets are watched for changes of their state (edges), so whoever is told that there is
//! something to read reads until there is nothing left. One that never runs dry would hold up all
//! others: reading takes a quota of bytes, writing has [`WRITE_MAX`], and what is left over is
//! for the next turn of the loop.

use crate::allow::Permitted;
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

/// How many bytes one connection may give in one turn of the loop: of the smallest heads some thousands, of the most
/// expensive records of TLS (session tickets) about a thousand. Either takes some milliseconds.
const TURN_BYTES: usize = 128 << 10;
const TURN_BYTES_SECURE: usize = 32 << 10;
/// How many bytes of a request are written in one turn of the loop.
const WRITE_MAX: usize = 256 << 10;

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub socket: TcpStream,
    tls: Option<Box<ClientConnection>>,
    unsent: Unsent,
    /// The answer that is being read.
    pub reading: AnswerReader,
    pub state: ConnectionState,
    /// The origin it leads to.
    pub origin: OriginNumber,
    pub address: SocketAddr,
    /// When it began to connect.
    pub began: Instant,
    /// Which of its origin's lists of addresses it was checked against last.
    pub epoch: u32,
    /// Whether it has carried a request, and whether it has carried one before the last one.
    pub used: bool,
    pub reused: bool,
    /// When the last bytes came, by the kernel's stamps, where they are asked for.
    pub stamps: ReceiveTime,
    /// Whether the target has ended its side, or the connection is broken, as the socket's last
    /// change says.
    pub closed: bool,
    /// Whether it waits for the next turn of the loop.
    pub put_off: bool,
    /// Whether writing stopped at [`WRITE_MAX`]: the socket may take more, and will not say so.
    pub takes_more: bool,
}

/// When bytes came, as the kernel tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReceiveTime {
    NotAsked,
    /// In nanoseconds since the Unix epoch, once there were any.
    Last(Option<u64>),
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionState {
    /// Is being made; the number of the race that it takes part in.
    Opening(RaceNumber),
    Idle,
    /// Carries the request with this ticket.
    Busy(Ticket),
}

/// What is to be written when the socket takes more.
#[derive(Default)]
struct Unsent {
    head: Vec<u8>,
    head_at: usize,
    blob: Bytes,
}

impl std::fmt::Debug for Unsent {
    /// Nothing of what it is: it may have a secret in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unsent({} bytes)", self.head.len() - self.head_at + self.blob.len())
    }
}

impl Unsent {
    fn is_empty(&self) -> bool {
        self.head_at == self.head.len() && self.blob.is_empty()
    }
}

/// What came of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// So many bytes, and whether there may be more.
    Bytes {
        read: usize,
        more: bool,
    },
    Nothing,
    /// The quota is used up, and there may be more.
    PutOff,
    /// The target has ended its side, as it should.
    Ended,
    Broken(Why),
}

/// How far a handshake of TLS is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    Done,
    /// It goes on when the socket changes.
    Waiting,
    /// The quota is used up, and there may be more.
    PutOff,
}

/// A socket that remembers whether it was emptied.
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

    /// Whether the socket is connected by now.
    ///
    /// # Errors
    /// When it cannot be.
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

    /// Begins the handshake of TLS.
    ///
    /// # Errors
    /// When there cannot be one with this host.
    pub(crate) fn secure(&mut self, config: Arc<rustls::ClientConfig>, name: ServerName<'static>) -> Result<(), Why> {
        let session = ClientConnection::new(config, name).map_err(|error| Why::tls(&error))?;
        self.tls = Some(Box::new(session));
        Ok(())
    }

    /// Goes on with the handshake of TLS, and reads about as much as the quota allows.
    ///
    /// # Errors
    /// When it failed.
    pub(crate) fn shake(&mut self, quota: &mut usize) -> Result<Handshake, Why> {
        let Some(tls) = &mut self.tls else {
            return Ok(Handshake::Done);
        };
        loop {
            // What the session has to say of a failure is said before it ends.
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

    /// Writes a request; what the socket does not take now is kept for [`Connection::flush`]. Returns
    /// whether anything was written.
    ///
    /// # Errors
    /// When the connection is of no use any more; nothing of the request was written.
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
                // The socket is watched for edges: it is asked until it takes no more. What fails
                // now is known when the answer is read.
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

    /// Whether it is within TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// How many bytes it may give in one turn of the loop.
    pub(crate) fn quota(&self) -> usize {
        match self.tls {
            None => TURN_BYTES,
            Some(_) => TURN_BYTES_SECURE,
        }
    }

    /// Writes what is left of the request, at most about [`WRITE_MAX`] of it; returns whether any
    /// of it was written.
    ///
    /// # Errors
    /// When the connection is broken and nothing was written. What breaks later is found when the
    /// answer is read.
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
                    // Records wait for the socket: it gets no more until it has taken those.
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

    /// Whether the target had closed its side of a kept connection before the last request came: nothing of the
    /// answer is there, and the end of the connection does not acknowledge the request.
    pub(crate) fn was_closed_before(&self) -> bool {
        self.reused && !self.reading.has_begun() && is_unacknowledged(&self.socket)
    }

    /// Whether all of the request has been written.
    pub(crate) fn is_flushed(&self) -> bool {
        self.unsent.is_empty() && !self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// Reads what has come, and takes what the socket gave from the quota. Once that is used up,
    /// nothing more is read.
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

    /// The end of the connection as the cause of a failure, with how far the exchange was.
    pub(crate) fn ended(&self, cause: Cause) -> Why {
        Why::during(cause, self.phase())
    }

    /// How far the exchange on it is.
    pub(crate) fn phase(&self) -> RequestPhase {
        match self.reading.status() {
            Some(_) => RequestPhase::Body,
            None if self.reading.has_begun() => RequestPhase::Head,
            None if !self.is_flushed() => RequestPhase::Sending,
            None => RequestPhase::FirstByte,
        }
    }
}

/// Whether something that was written has not been acknowledged (Linux, tcp(7), SIOCOUTQ). Elsewhere nobody tells.
#[cfg(target_os = "linux")]
fn is_unacknowledged(socket: &TcpStream) -> bool {
    use std::os::fd::AsRawFd;
    let mut bytes: libc::c_int = 0;
    // SAFETY: the descriptor is open, and the call writes one integer, for which there is room.
    let asked = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
    asked == 0 && bytes > 0
}

#[cfg(not(target_os = "linux"))]
fn is_unacknowledged(_socket: &TcpStream) -> bool {
    false
}

/// Reads from a socket, and keeps when it came if that is asked for.
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

/// Writes the records that are ready; returns how many bytes the socket took.
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
            // The target ended without saying so: what came may be a part of what it meant to say.
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
        // With TLS 1.3 the target refuses a handshake only after the client has finished its part.
        let state = match tls.process_new_packets() {
            Ok(state) => state,
            Err(error) => {
                let _ = write_records(tls, socket);
                return Received::Broken(Why::tls(&error));
            }
        };
        if state.plaintext_bytes_to_read() > 0 {
            return match tls.reader().read(buffer) {
                // The end may have come in the same segment as the last bytes: the socket has said all it will.
                Ok(read) => Received::Bytes {
                    read,
                    more: !emptied || read < state.plaintext_bytes_to_read() || state.peer_has_closed(),
                },
                Err(_) => Received::Broken(Cause::Closed.into()),
            };
        }
        // Tickets and updated keys carry nothing for anybody.
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

    /// However fast the target writes, one turn takes no more than the quota and one buffer; in many
    /// turns everything is read.
    #[test]
    fn a_turn_reads_no_more_than_its_quota() {
        // Less than any socket holds, so that it is used up for certain.
        const QUOTA: usize = 16 << 10;
        const BUFFER: usize = 4 << 10;
        const ALL: usize = 16 << 20;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let permitted = Allow::everything().permit("127.0.0.1", address).unwrap();
        let mut line = Connection::connect(permitted, 0.into(), 0.into()).unwrap();
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
                match line.receive(&mut buffer, &mut quota) {
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
