//! Tests of the HTTP/2 engine with overloaded or hostile targets. The scripts of the targets determine each frame.

use crate::rig::{Rig, send_all};
use plan::scenario::Protocol::Http2;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tally::outcome::Failure;
use tokio::time::Instant;
use worker::engine::{Engine, FlowState};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

const NO_ERROR: u32 = 0;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;
const ENHANCE_YOUR_CALM: u32 = 11;

/// `:status: 200`, encoded by its number in the static table (RFC 7541, 6.1). The next constant is `:status: 103` as a
/// literal (RFC 7541, 6.2.2).
const OK: &[u8] = b"\x88";
const EARLY_HINTS: &[u8] = b"\x08\x03103";

/// The maximum time for which an endless target sends bytes.
const PATIENCE: Duration = Duration::from_secs(8);

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

fn go_away(last: u32, reason: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), reason.to_be_bytes()].concat())
}

fn reset(stream: u32, reason: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &reason.to_be_bytes())
}

fn answer(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, OK)
}

/// The connections and requests that a target has received so far.
#[derive(Default)]
struct Notes {
    connections: AtomicUsize,
    requests: AtomicUsize,
    /// The instants at which requests arrived.
    times: Mutex<Vec<Instant>>,
    over: AtomicBool,
}

/// The reply of a script to a request: the bytes, and whether the bytes are repeated endlessly.
type Reply = (Vec<u8>, bool);

/// A target that replies to each request by a script. The arguments of the script are the connection, the stream, and
/// the number of earlier requests.
struct Target {
    port: u16,
    notes: Arc<Notes>,
    accepting: Option<JoinHandle<()>>,
}

impl Target {
    fn start(script: impl Fn(usize, u32, usize) -> Reply + Send + Sync + 'static) -> Target {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let notes = Arc::new(Notes::default());
        let (noted, script) = (notes.clone(), Arc::new(script));
        let accepting = std::thread::spawn(move || {
            let mut peers = Vec::new();
            for socket in listener.incoming() {
                if noted.over.load(Ordering::SeqCst) {
                    break;
                }
                let number = noted.connections.fetch_add(1, Ordering::SeqCst);
                let (notes, script) = (noted.clone(), script.clone());
                // The client checks the errors of connections.
                peers.push(std::thread::spawn(move || {
                    drop(serve(socket.unwrap(), number, &notes, &*script));
                }));
            }
            peers.into_iter().for_each(|peer| peer.join().unwrap());
        });
        Target {
            port,
            notes,
            accepting: Some(accepting),
        }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn requests(&self) -> usize {
        self.notes.requests.load(Ordering::SeqCst)
    }

    fn connections(&self) -> usize {
        self.notes.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.notes.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if !std::thread::panicking() {
            self.accepting.take().unwrap().join().unwrap();
        }
    }
}

fn serve(
    mut socket: TcpStream,
    number: usize,
    notes: &Notes,
    script: &dyn Fn(usize, u32, usize) -> Reply,
) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(Duration::from_secs(20)))?;
    socket.read_exact(&mut [0; b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len()])?;
    socket.write_all(&frame(SETTINGS, 0, 0, &[]))?;
    loop {
        let mut head = [0; 9];
        socket.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        socket.read_exact(&mut vec![0; length as usize])?;
        match (head[3], head[4] & ACK) {
            (SETTINGS, 0) => socket.write_all(&frame(SETTINGS, ACK, 0, &[]))?,
            (HEADERS, _) => {
                notes.times.lock().unwrap().push(Instant::now());
                let before = notes.requests.fetch_add(1, Ordering::SeqCst);
                let (reply, endless) = script(number, stream, before);
                let from = Instant::now();
                socket.write_all(&reply)?;
                while endless && from.elapsed() < PATIENCE {
                    socket.write_all(&reply)?;
                }
            }
            _ => {}
        }
    }
}

const ARRIVALS: usize = 40;
const LIMITS: &str = "timeout: 10s\nlimits: { connections: 4, streams: 10 }";

/// Sends 40 arrivals at once. Returns the number of arrivals that completed, and the number of retries.
fn send(target: &Target) -> (usize, usize) {
    Rig::at(Http2, &target.url(), LIMITS).run(async |http| {
        let answers = send_all(http, 0..ARRIVALS).await;
        for (_, answer) in &answers {
            assert!(matches!(answer.result, Ok(()) | Err(Failure::Reset)), "{answer:?}");
        }
        let completed = answers.iter().filter(|(_, answer)| answer.result.is_ok()).count();
        (
            completed,
            answers.iter().map(|(_, answer)| answer.retries as usize).sum(),
        )
    })
}

#[test]
fn requests_that_are_always_refused_are_sent_twice() {
    let target = Target::start(|_, stream, _| (reset(stream, REFUSED_STREAM), false));
    assert_eq!(send(&target), (0, ARRIVALS));
    assert_eq!(target.requests(), 2 * ARRIVALS);
}

#[test]
fn requests_that_are_refused_once_complete_after_a_pause() {
    let target = Target::start(|_, stream, before| match before < ARRIVALS {
        true => (reset(stream, REFUSED_STREAM), false),
        false => (answer(stream), false),
    });
    assert_eq!(send(&target), (ARRIVALS, ARRIVALS));
    assert_eq!(target.requests(), 2 * ARRIVALS);
    let times = target.notes.times.lock().unwrap();
    // The pause is random, from 50 ms to 100 ms. The client retries the first request before the other requests.
    assert!(times[ARRIVALS] - times[0] >= Duration::from_millis(50));
}

#[test]
fn connections_that_always_go_away_at_most_double_the_requests() {
    let target = Target::start(|_, _, _| (go_away(0, NO_ERROR), false));
    let (completed, retries) = send(&target);
    assert_eq!(completed, 0);
    assert!(retries <= ARRIVALS, "{retries} retries");
    let (requests, connections) = (target.requests(), target.connections());
    assert!(requests <= 2 * ARRIVALS, "{requests} requests");
    assert!(connections <= 2 * ARRIVALS, "{connections} connections");
}

#[test]
fn connections_that_go_away_once_cause_no_failure() {
    let target = Target::start(|connection, stream, _| match connection < 4 {
        true => (go_away(0, NO_ERROR), false),
        false => (answer(stream), false),
    });
    let (completed, retries) = send(&target);
    assert_eq!(completed, ARRIVALS);
    assert!((1..=ARRIVALS).contains(&retries), "{retries} retries");
    assert!(
        target.requests() <= ARRIVALS + retries,
        "{} requests",
        target.requests()
    );
}

/// Some servers end a connection after a number of requests, when more requests may be in flight.
#[test]
fn connections_that_end_after_ten_requests_cause_no_failure() {
    let target = Target::start(|_, stream, _| match stream < 20 {
        true => (answer(stream), false),
        false => (go_away(19, NO_ERROR), false),
    });
    let limits = "timeout: 20s\nlimits: { connections: 2, streams: 20 }";
    let retries = Rig::at(Http2, &target.url(), limits).run(async |http| {
        let mut retries = Vec::new();
        for _ in 0..10 {
            let answers = send_all(http, 0..ARRIVALS).await;
            assert!(answers.iter().all(|(_, answer)| answer.result.is_ok()), "{answers:?}");
            retries.push(answers.iter().map(|(_, answer)| answer.retries as usize).sum::<usize>());
        }
        retries
    });
    assert!(retries[0] > 0, "no connection refused a request");
    assert_eq!(
        retries[5..],
        [0; 5],
        "connections are given more requests than they take: {retries:?}"
    );
    let (rounds, retries) = (retries.len(), retries.iter().sum::<usize>());
    let requests = target.requests();
    assert!(
        requests <= rounds * ARRIVALS + retries,
        "{requests} requests, {retries} retries"
    );
}

#[test]
fn connections_that_answer_one_request_and_go_away_at_most_triple_the_requests() {
    let target = Target::start(|_, stream, _| match stream {
        1 => (answer(stream), false),
        _ => (go_away(1, NO_ERROR), false),
    });
    let (completed, retries) = send(&target);
    assert!(completed >= 8, "{completed} of {ARRIVALS} completed");
    assert!(retries <= 2 * ARRIVALS, "{retries} retries");
    assert!(target.requests() <= 3 * ARRIVALS, "{} requests", target.requests());
}

#[test]
fn requests_refused_with_enhance_your_calm_are_not_retried() {
    let replies: [fn(u32) -> Vec<u8>; 2] = [
        |_| go_away(0, ENHANCE_YOUR_CALM),
        |stream| reset(stream, ENHANCE_YOUR_CALM),
    ];
    for reply in replies {
        let target = Target::start(move |_, stream, _| (reply(stream), false));
        assert_eq!(send(&target), (0, 0));
        assert!(target.requests() <= ARRIVALS, "{} requests", target.requests());
    }
}

#[test]
fn a_request_that_the_target_may_have_processed_is_sent_once() {
    let target = Target::start(|_, stream, _| (reset(stream, CANCEL), false));
    assert_eq!(send(&target), (0, 0));
    assert_eq!(target.requests(), ARRIVALS);
}

/// Sends one arrival to a target that replies to this arrival endlessly, and meanwhile sends other arrivals to the same
/// target. Checks that the other arrivals keep their latency, that the timeout takes effect in time, and that memory is
/// limited.
#[track_caller]
fn check_endless(reply: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static) {
    let hostile = Arc::new(Mutex::new(BTreeSet::new()));
    let begun = hostile.clone();
    let target = Target::start(move |connection, stream, before| {
        // The target replies endlessly on the first connection.
        if before == 0 {
            begun.lock().unwrap().insert(connection);
            return (reply(stream).repeat(500), true);
        }
        (answer(stream), false)
    });
    let timeout = Duration::from_secs(1);
    let snippet = "timeout: 1s\nlimits: { connections: 2, streams: 1, body_bytes_max: 1GiB }";
    Rig::at(Http2, &target.url(), snippet).run(async |http| {
        let (mut answers, mut good, mut last) = (Vec::new(), 0, None);
        http.send(0.into(), 0, 0.into(), FlowState::default());
        let began = Instant::now();
        while hostile.lock().unwrap().is_empty() {
            assert!(began.elapsed() < PATIENCE, "the target has not begun to send");
            http.wait(Instant::now() + Duration::from_millis(1), &mut answers).await;
        }
        let before = crate::engine_http::memory();
        http.send(1.into(), 1, 0.into(), FlowState::default());
        while last.is_none() {
            let from = Instant::now();
            http.wait(from + Duration::from_millis(10), &mut answers).await;
            assert!(
                from.elapsed() < Duration::from_millis(250),
                "a turn took {:?}",
                from.elapsed()
            );
            for (ticket, answer) in answers.drain(..) {
                if usize::from(ticket) == 0 {
                    last = Some(answer);
                    continue;
                }
                assert_eq!(answer.result, Ok(()));
                assert!(answer.done - answer.sent < Duration::from_millis(250), "{answer:?}");
                good += 1;
                http.send(1.into(), 1 + good, 0.into(), FlowState::default());
            }
        }
        let answer = last.unwrap();
        assert_eq!((answer.result, answer.retries), (Err(Failure::Timeout), 0));
        let took = answer.done - answer.sent;
        assert!(took < 2 * timeout, "the timeout fired after {took:?}");
        assert!(good >= 5, "{good} answers meanwhile");
        let grown = crate::engine_http::memory().saturating_sub(before);
        assert!(grown < 64 << 10, "memory has grown by {grown} KiB");
    });
}

#[test]
fn endless_1xx_heads_do_not_delay_other_requests() {
    check_endless(|stream| frame(HEADERS, END_HEADERS, stream, EARLY_HINTS));
}

#[test]
fn endless_frames_without_content_do_not_delay_other_requests() {
    check_endless(|_| frame(PING, ACK, 0, b"12345678"));
    check_endless(|_| frame(SETTINGS, 0, 0, &[]));
    // The target repeats frames of an unknown type.
    check_endless(|_| frame(0xbe, 0, 0, &[]));
}

#[test]
fn a_body_in_frames_of_one_byte_does_not_delay_other_requests() {
    let target = Target::start(|_, stream, before| {
        if before > 0 {
            return (answer(stream), false);
        }
        // The body is as long as the window of a stream, in frames of one byte.
        let mut reply = frame(HEADERS, END_HEADERS, stream, OK);
        reply.extend(frame(DATA, 0, stream, b"x").repeat(1 << 20));
        (reply, false)
    });
    let snippet = "timeout: 600ms\nlimits: { connections: 2, streams: 1 }";
    Rig::at(Http2, &target.url(), snippet).run(async |http| {
        let answers = send_all(http, 0..2).await;
        let results: BTreeSet<_> = answers.iter().map(|(_, answer)| answer.result.is_ok()).collect();
        assert_eq!(results, [false, true].into());
    });
}
