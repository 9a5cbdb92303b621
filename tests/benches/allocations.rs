//! How many times the engine asks for memory for a request, once it has warmed up:
//! `cargo bench -p whole-runs --bench allocations`. It ends with an error if that is ever.

#![expect(clippy::print_stdout, reason = "its table is what this program is for")]

use plan::plan::{Order, Plan, Timing};
use plan::scenario_file::csv::Sheet;
use plan::scenario_file::{self, Surroundings};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::Outcome;
use tally::tally::{Recorder, Sample};
use tokio::time::Instant;
use worker::engine::{Engine, Share};
use worker::http::Http;
use worker::supplies::Supplies;

const CONNECTIONS: usize = 16;
const WARM_UP: u64 = 20_000;
const COUNTED: u64 = 100_000;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting what each thread asks of it.
struct Counting;

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps to the contract of this very call.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps to the contract of this very call.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps to the contract of this very call.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let requests = [
        ("a fixed request", "{ name: home, url: /home }"),
        (
            "placeholders in URL, header and body, a feed",
            "{ name: order, method: POST, url: \"/{{ arrival }}/{{ feed users.id }}\", \
             query: { mail: \"{{ feed users.mail }}\" }, headers: { x-id: \"{{ uuid }}\" }, \
             body: \"{{ random 1 1000000 }} {{ uuid }}\" }",
        ),
        (
            "a success rule that looks into the body",
            "{ name: home, url: /home, success: { body_contains: hello } }",
        ),
    ];
    println!("{:<58}{:>14}", "", "a request");
    let mut some = false;
    for (what, request) in requests {
        let count = allocations(request)?;
        println!(
            "{:<58}{:>14.4}",
            format!("allocations: {what}"),
            count as f64 / COUNTED as f64
        );
        some |= count > 0;
    }
    if some {
        Err("the engine allocates for requests".into())
    } else {
        Ok(())
    }
}

/// How often the thread of an engine asks for memory while it sends [`COUNTED`] requests.
fn allocations(request: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let port = serve()?;
    let (plan, supplies) = plan(port, request)?;
    let mut http = Http::new(Share {
        plan,
        supplies,
        connections: CONNECTIONS,
        ahead: CONNECTIONS,
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        http.prepare().await?;
        let mut recorder = Recorder::new(1);
        let (mut answers, mut k, mut before) = (Vec::new(), 0, 0);
        let began = Instant::now();
        for ticket in 0..CONNECTIONS {
            http.send(ticket, k, 0);
            k += 1;
        }
        while k < WARM_UP + COUNTED {
            http.wait(Instant::now() + Duration::from_secs(1), &mut answers).await;
            for (ticket, answer) in answers.drain(..) {
                if let Err(failure) = answer.result {
                    return Err(format!("a request failed: {failure:?}").into());
                }
                let sample = Sample::Measured { request: 0 };
                // All in one second, and within one range of values: what a snapshot holds is made once.
                let done = 5_000 + answer.done.saturating_duration_since(answer.sent).as_nanos() as u64 % 1_000;
                recorder.sent(sample, 0);
                let outcome = Outcome {
                    due: 0,
                    sent: 0,
                    done,
                    result: Ok(()),
                    status: answer.status,
                    body_bytes: answer.body_bytes,
                };
                recorder.finished(sample, &outcome);
                if k == WARM_UP {
                    before = ALLOCATIONS.get();
                }
                http.send(ticket, k, 0);
                k += 1;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "the server has stopped answering"
            );
        }
        Ok(ALLOCATIONS.get() - before)
    })
}

/// Answers every request on a thread for each connection; both end with the process.
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

/// One request is on its way at a time, and it fits into one read.
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

fn plan(port: u16, request: &str) -> Result<(Arc<Plan>, Supplies), Box<dyn std::error::Error>> {
    let text = format!(
        "name: t\ntarget: http://127.0.0.1:{port}\nload: {{ constant: {{ rate: 1/s, duration: 1s }} }}\n\
         feeds: {{ users: users.csv }}\nrequests: [ {request} ]\n"
    );
    let surroundings = Surroundings {
        environment: &|_| None,
        file: &|_| Ok(b"id,mail\n7,a+b@x\n8,c d\n".to_vec()),
    };
    let scenario = scenario_file::read(&text, "t", &surroundings).map_err(|problems| problems.to_string())?;
    let order = Order {
        run: "t".to_owned(),
        created: 0,
        fleet: "local".to_owned(),
        workers: 1,
        slice_max: None,
        workers_max: 1,
        builtin_target: String::new(),
        timing: Timing {
            snapshot_interval: Duration::from_secs(1),
            start_timeout: Duration::from_secs(1),
            workers_min: 1,
        },
    };
    let plan = Plan::new(&scenario, &order)?;
    let sheets: Result<Vec<Sheet>, _> = plan
        .feeds
        .iter()
        .map(|feed| Sheet::read(&scenario.blobs[&feed.blob]))
        .collect();
    let supplies = Supplies {
        feeds: sheets?,
        ..Supplies::default()
    };
    Ok((Arc::new(plan), supplies))
}
