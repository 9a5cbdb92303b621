//! Tests of targets that send bytes endlessly. Other requests must keep their latency, and the timeout must take effect
//! in time.

use super::server::{Peer, Server, Wire};
use crate::certificates;
use crate::rig::Rig;
use plan::scenario::Protocol::Http1;
use rustls::crypto::cipher::{MessageEncrypter, OutboundChunks, OutboundPlainMessage};
use rustls::{ConnectionTrafficSecrets, ContentType, ProtocolVersion, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tally::outcome::{Code, Failure};
use tokio::time::Instant;
use worker::engine::{Answer, Engine, FlowState};

/// The maximum time for which an endless target sends bytes.
const PATIENCE: Duration = Duration::from_secs(8);
/// The timeout of a request. The next constant is the largest delay of the timeout on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_secs(1);
/// The longest turn of the engine's loop on a busy machine.
const TURN: Duration = Duration::from_millis(250);
/// The memory that the engine may use for endless bytes, in KiB.
const MEMORY: u64 = 64 << 10;
/// The number of connections on which a target sends endlessly at the same time.
const HOSTILE: usize = 3;

/// Returns the resident memory of this process, in KiB.
pub(crate) fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Sends the arrivals below [`HOSTILE`] to a target that answers them endlessly. In the meantime, sends other arrivals
/// one after another, and checks that at least `good_min` of them are answered. Returns the answers to the arrivals
/// below [`HOSTILE`].
fn send_meanwhile(target: &str, good_min: usize, sending: &AtomicUsize) -> Vec<Answer> {
    let snippet = format!(
        "url: \"/{{{{ arrival }}}}\"\ntimeout: {}ms\nlimits: {{ insecure_tls: true, body_bytes_max: 1GiB }}",
        TIMEOUT.as_millis()
    );
    Rig::at(Http1, target, &snippet).run(async |http| {
        let mut answers = Vec::new();
        for k in 0..HOSTILE {
            http.send(k.into(), k as u64, 0.into(), FlowState::default());
        }
        let began = Instant::now();
        while sending.load(Ordering::SeqCst) < HOSTILE {
            assert!(began.elapsed() < PATIENCE, "the targets have not begun to send");
            http.wait(Instant::now() + Duration::from_millis(1), &mut answers).await;
        }
        let before = memory();
        let (mut hostile, mut good) = (Vec::new(), Vec::new());
        let mut k = HOSTILE;
        http.send(HOSTILE.into(), k as u64, 0.into(), FlowState::default());
        while hostile.len() < HOSTILE {
            let from = Instant::now();
            http.wait(from + Duration::from_millis(10), &mut answers).await;
            let turn = from.elapsed();
            assert!(turn < TURN + Duration::from_millis(10), "a turn took {turn:?}");
            for (ticket, answer) in answers.drain(..) {
                match usize::from(ticket) {
                    HOSTILE => {
                        good.push(answer);
                        k += 1;
                        http.send(HOSTILE.into(), k as u64, 0.into(), FlowState::default());
                    }
                    _ => hostile.push(answer),
                }
            }
        }
        assert!(good.len() >= good_min, "{} answers meanwhile", good.len());
        for answer in &good {
            assert_eq!(answer.result, Ok(()));
            assert!(answer.done - answer.sent < TURN, "{answer:?}");
        }
        let grown = memory().saturating_sub(before);
        assert!(grown < MEMORY, "memory has grown by {grown} KiB");
        hostile
    })
}

#[track_caller]
fn all_time_out(answers: &[Answer], status: Option<u16>) {
    for answer in answers {
        // A fast machine may receive more bytes than the limit of a body before the timeout fires.
        let too_large = status.is_some() && answer.result == Err(Failure::BodyTooLarge);
        assert!(too_large || answer.result == Err(Failure::Timeout), "{answer:?}");
        assert_eq!(answer.code, status.map(Code::Http));
        let took = answer.done - answer.sent;
        assert!(took < TIMEOUT + LATE, "the timeout fired after {took:?}");
    }
}

/// Checks the engine with a target that answers the first [`HOSTILE`] arrivals with `head`, and then endlessly with
/// `again`.
#[track_caller]
fn check(head: &'static str, again: &'static str, status: Option<u16>) {
    let sending = Arc::new(AtomicUsize::new(0));
    let begun = sending.clone();
    let again = again.repeat((64 << 10) / again.len());
    let server = Server::start(move |peer: &mut Peer| {
        while let Some(seen) = peer.read() {
            let k: usize = seen.line[5..].split(' ').next().unwrap().parse().unwrap();
            if k >= HOSTILE {
                peer.answer("200 OK", "hello");
                continue;
            }
            peer.write(head);
            begun.fetch_add(1, Ordering::SeqCst);
            let from = Instant::now();
            while from.elapsed() < PATIENCE && peer.write(&again) {}
            return;
        }
    });
    let answers = send_meanwhile(&format!("http://127.0.0.1:{}", server.port), 5, &sending);
    all_time_out(&answers, status);
}

#[test]
fn endless_1xx_heads_do_not_delay_other_requests() {
    check("", "HTTP/1.1 100 \r\n\r\n", None);
    check("", "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n", None);
}

#[test]
fn an_endless_body_does_not_delay_other_requests() {
    check("HTTP/1.1 200 OK\r\n\r\n", "endless", Some(200));
    check(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "1\r\nx\r\n",
        Some(200),
    );
}

/// Returns the encrypter of a TLS 1.3 session, so that a test can send arbitrary records. Also returns the number of
/// the next record.
fn encrypter(session: ServerConnection) -> (u64, Box<dyn MessageEncrypter>) {
    let suite = session.negotiated_cipher_suite().unwrap().tls13().unwrap();
    let (number, secrets) = session.dangerous_extract_secrets().unwrap().tx;
    let (key, iv) = match secrets {
        ConnectionTrafficSecrets::Aes128Gcm { key, iv }
        | ConnectionTrafficSecrets::Aes256Gcm { key, iv }
        | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => (key, iv),
        _ => panic!("a cipher that this test does not support"),
    };
    (number, suite.aead_alg.encrypter(key, iv))
}

/// Sends arrivals to a target. On its first [`HOSTILE`] connections, the target sends `head`, and then the same record
/// endlessly. On later connections, the target answers normally. Returns the answers of the first [`HOSTILE`]
/// connections.
fn send_records(head: &'static [u8], typ: ContentType, payload: &'static [u8], good_min: usize) -> Vec<Answer> {
    let sending = Arc::new(AtomicUsize::new(0));
    let begun = sending.clone();
    let mut config = certificates::config("127.0.0.1", None);
    config.enable_secret_extraction = true;
    // The record number starts at the first record that this cipher encrypts.
    config.send_tls13_tickets = 0;
    let (config, accepted) = (Arc::new(config), AtomicUsize::new(0));
    let wrap = move |mut socket: TcpStream| -> Option<Box<dyn Wire>> {
        let number = accepted.fetch_add(1, Ordering::SeqCst);
        let mut session = ServerConnection::new(config.clone()).ok()?;
        while session.is_handshaking() {
            session.complete_io(&mut socket).ok()?;
        }
        if number >= HOSTILE {
            return Some(Box::new(StreamOwned::new(session, socket)));
        }
        while session.reader().read(&mut [0; 1024]).is_err() {
            session.complete_io(&mut socket).ok()?;
        }
        let (mut number, mut encrypter) = encrypter(session);
        begun.fetch_add(1, Ordering::SeqCst);
        let mut record = |typ, payload| {
            let version = ProtocolVersion::TLSv1_2;
            let payload = OutboundChunks::Single(payload);
            let message = OutboundPlainMessage { typ, version, payload };
            number += 1;
            encrypter.encrypt(message, number - 1).unwrap().encode()
        };
        if !head.is_empty() {
            socket.write_all(&record(ContentType::ApplicationData, head)).ok()?;
        }
        let from = Instant::now();
        while from.elapsed() < PATIENCE {
            let mut records = Vec::with_capacity(64 << 10);
            while records.len() < 60 << 10 {
                records.extend(record(typ, payload));
            }
            socket.write_all(&records).ok()?;
        }
        None
    };
    let server = Server::with_wire(wrap, |peer| peer.answer_all("200 OK", "hello"));
    send_meanwhile(&format!("https://127.0.0.1:{}", server.port), good_min, &sending)
}

#[test]
fn endless_empty_records_are_a_tls_failure() {
    let answers = send_records(b"", ContentType::ApplicationData, b"", 0);
    for answer in answers {
        assert_eq!((answer.result, answer.code), (Err(Failure::Tls), None));
    }
}

#[test]
fn endless_records_of_one_byte_do_not_delay_other_requests() {
    let answers = send_records(b"HTTP/1.1 200 OK\r\n\r\n", ContentType::ApplicationData, b"x", 5);
    all_time_out(&answers, Some(200));
}

#[test]
fn endless_session_tickets_do_not_delay_other_requests() {
    // The fields of the ticket are type, length, lifetime, age, nonce, ticket and extensions (RFC 8446, 4.6.1).
    let ticket = b"\x04\x00\x00\x12\x00\x00\x10\x00\x00\x00\x00\x01\x01\x00\x00\x04abcd\x00\x00";
    all_time_out(&send_records(b"", ContentType::Handshake, ticket, 5), None);
}
