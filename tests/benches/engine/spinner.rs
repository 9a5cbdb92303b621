//! A sender that never sleeps. The deviations of the spinner from the ideal grid are the deviations that the machine
//! causes.
//!
//! The sender waits in a busy loop for each instant of the grid, and then writes one request. The sender uses the
//! connections in turn. No load generator can be closer to the grid, so the spinner is the yardstick of pacing.

use crate::Fallible;
use crate::cores;
use crate::null_server::PLAIN_ANSWER;
use crate::socket;
use std::io::{self, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// The maximum time for which the spinner waits for the last answers.
const LAST_ANSWERS_LONGEST: Duration = Duration::from_millis(500);

/// Sends `per_second` requests per second to a port of loopback for `seconds` seconds. The sender runs on the
/// generator's core.
pub(crate) fn run(port: u16, connections: u32, per_second: u64, seconds: u64) -> Fallible<()> {
    let thread = std::thread::Builder::new().name("spinner".to_owned()).spawn(move || {
        cores::pin(cores::GENERATOR)?;
        spin(port, connections, per_second, seconds)
    })?;
    match thread.join() {
        Ok(ended) => Ok(ended?),
        Err(_) => Err("the spinner's thread panicked".into()),
    }
}

fn spin(port: u16, connections: u32, per_second: u64, seconds: u64) -> io::Result<()> {
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let mut answers = vec![0; 4 << 10];
    let mut answered = 0;
    let began = Instant::now() + Duration::from_millis(50);
    for (k, at) in (0..per_second * seconds).zip((0..streams.len()).cycle()) {
        let due = began + Duration::from_nanos(k * 1_000_000_000 / per_second);
        // The answers that have arrived are read before the due time, so no read delays the write.
        answered += read(&streams[at], &mut answers)?;
        while Instant::now() < due {
            std::hint::spin_loop();
        }
        streams[at].write_all(REQUEST)?;
    }
    // Wait for all answers. If a connection were closed before its answers arrive, requests could be lost.
    let until = Instant::now() + LAST_ANSWERS_LONGEST;
    while answered < (per_second * seconds) as usize * PLAIN_ANSWER.len() && Instant::now() < until {
        for stream in &streams {
            answered += read(stream, &mut answers)?;
        }
    }
    Ok(())
}

/// Reads the available bytes of answers. Returns the number of bytes.
fn read(stream: &TcpStream, answers: &mut [u8]) -> io::Result<usize> {
    match socket::read(stream.as_raw_fd(), answers) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        read => read,
    }
}
