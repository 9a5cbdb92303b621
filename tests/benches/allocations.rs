//! Counts the memory allocations of the engine for each request: `cargo bench -p whole-runs --bench allocations`.
//!
//! The count begins after a warm-up. The bench fails if the engine allocates memory for a request.

#![expect(clippy::print_stdout, reason = "the program prints a table")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::Outcome;
use tally::tally::{Recorder, SampleKind};
use test_engines::plans;
use tokio::time::Instant;
use worker::allow::Allow;
use worker::engine::{Engine, FlowState, Share};
use worker::http::Http;

const CONNECTIONS: usize = 16;
const WARM_UP: u64 = 20_000;
const COUNTED: u64 = 100_000;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// An allocator that forwards each call to the system's allocator, and counts the allocations of each thread.
struct Counting;

// SAFETY: every call is forwarded unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller fulfils the contract of this call.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller fulfils the contract of this call.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller fulfils the contract of this call.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let requests = [
        ("a fixed request", "url: /home"),
        (
            "placeholders in URL, header and body, a feed",
            "method: POST\nurl: \"/{{ arrival }}/{{ feed users.id }}\"\nquery: { mail: \"{{ feed users.mail }}\" }\n\
             headers: { x-id: \"{{ uuid }}\" }\nbody: \"{{ random 1 1000000 }} {{ uuid }}\"\n\
             feeds: { users: users.csv }",
        ),
        (
            "values that are percent-encoded, escaped and in base64",
            "method: POST\nurl: \"/{{ feed odd.name }}\"\nquery: { j: \"{{ feed odd.text json }}\", b: \"{{ feed odd.name base64 }}\" }\n\
             headers: { authorization: 'Basic {{ feed odd.name \":\" uuid base64 }}', x-id: [a, \"{{ run }}\"] }\n\
             body: '{\"text\": \"{{ feed odd.text json }}\"}'\nfeeds: { odd: odd.csv }",
        ),
        (
            "a success rule that looks into the body",
            "url: /home\nsuccess: { body_contains: hello }",
        ),
    ];
    println!("{:<58}{:>14}", "", "a request");
    let mut any = false;
    for (what, request) in requests {
        let count = allocations(request)?;
        println!(
            "{:<58}{:>14.4}",
            format!("allocations: {what}"),
            count as f64 / COUNTED as f64
        );
        any |= count > 0;
    }
    if any {
        Err("the engine allocates for requests".into())
    } else {
        Ok(())
    }
}

/// Returns the number of allocations of an engine's thread while it sends [`COUNTED`] requests.
fn allocations(request: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let port = serve()?;
    let (plan, supplies) = plans::read(&format!("http://127.0.0.1:{port}"), request);
    let mut http = Http::new(Share {
        plan,
        supplies,
        allow: Arc::new(Allow::everything()),
        connections: CONNECTIONS,
        ahead: CONNECTIONS,
        trace: None,
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        http.prepare().await?;
        let mut recorder = Recorder::new(1);
        let (mut answers, mut k, mut before) = (Vec::new(), 0, 0);
        let began = Instant::now();
        for ticket in 0..CONNECTIONS {
            http.send(ticket.into(), k, 0.into(), FlowState::default());
            k += 1;
        }
        while k < WARM_UP + COUNTED {
            http.wait(Instant::now() + Duration::from_secs(1), &mut answers).await;
            for (ticket, answer) in answers.drain(..) {
                if let Err(failure) = answer.result {
                    return Err(format!("a request failed: {failure:?}").into());
                }
                let sample = SampleKind::Measured { request: 0.into() };
                // All answers are recorded in the same second and with similar latencies. The recorder then allocates
                // the parts of a snapshot once.
                let done = 5_000 + answer.done.saturating_duration_since(answer.sent).as_nanos() as u64 % 1_000;
                recorder.sent(sample, 0);
                let outcome = Outcome {
                    due: 0,
                    sent: 0,
                    done,
                    result: Ok(()),
                    code: answer.code,
                    body_bytes: answer.body_bytes,
                    ..Outcome::default()
                };
                recorder.finished(sample, &outcome);
                if k == WARM_UP {
                    before = ALLOCATIONS.get();
                }
                http.send(ticket, k, 0.into(), answer.flow);
                k += 1;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "the server stopped answering"
            );
        }
        Ok(ALLOCATIONS.get() - before)
    })
}

/// Starts a server with one thread for each connection. The threads end when the process ends.
fn serve() -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            std::thread::spawn(move || answer_all(socket));
        }
    });
    Ok(port)
}

/// Answers all requests of a connection. The client sends a request after the answer to the previous request, so one
/// read returns one whole request.
fn answer_all(mut socket: TcpStream) {
    let mut buffer = [0; 4096];
    let _ = socket.set_nodelay(true);
    while matches!(socket.read(&mut buffer), Ok(1..)) {
        if socket
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
            .is_err()
        {
            return;
        }
    }
}
