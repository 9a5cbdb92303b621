//! The numbers of the engine: `tests/bench`, or `cargo bench -p whole-runs --bench engine`.
//!
//! A worker sends to servers of this program on loopback, the worker on core 0 and the servers on
//! core 1. Each figure is the median of several rounds, in which a well-known generator takes its
//! turn beside ours: machines differ, and what travels is the ratio. A row says whether it was the
//! generator that was measured, and whether anybody else had part of the cores.

#![expect(clippy::print_stdout, reason = "its table is what this program is for")]

mod bench;
mod child;
mod contest;
mod cores;
mod footprint;
mod generator;
mod load;
mod measured;
mod nginx;
mod null_http2;
mod null_server;
mod null_tls;
mod options;
mod pacing;
mod recorder;
mod socket;
mod spinner;
mod table;
mod throughput;
mod yardsticks;

use bench::Bench;
use options::Options;
use std::fs::File;
use std::time::Instant;

/// What can fail here ends in a message, and nowhere else.
type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Measures one line and prints its rows.
type Line = fn(&Bench) -> Fallible<()>;

/// The lines of the table, in order.
const LINES: [(&str, Line); 8] = [
    ("closed", throughput::closed),
    ("tls", throughput::tls),
    ("http2", throughput::http2),
    ("highest", pacing::highest),
    ("arrivals", pacing::arrivals),
    ("cost", throughput::cost),
    ("memory", footprint::memory),
    ("start", footprint::start),
];

/// Waits until no other bench of this kind runs here: two would measure each other.
fn turn() -> std::io::Result<File> {
    let file = File::create(std::env::temp_dir().join("vajra-engine-bench.lock"))?;
    if file.try_lock().is_err() {
        println!("another bench of the engine is running: waiting for its end");
        file.lock()?;
    }
    Ok(file)
}

fn main() -> Fallible<()> {
    let began = Instant::now();
    let options = Options::read(std::env::args().skip(1), &LINES.map(|(name, _)| name))?;
    if options.help {
        println!("{}", options::USAGE);
        return Ok(());
    }
    if std::thread::available_parallelism()?.get() < 2 {
        return Err("one core for the generator and one for the servers are needed".into());
    }
    let _turn = turn()?;
    cores::pin(cores::SERVER)?;
    cores::raise_descriptor_limit()?;
    let bench = Bench::new(options)?;
    println!("{}", table::heading());
    let mut failed = Vec::new();
    for (name, line) in LINES {
        if bench.options.wants(name)
            && let Err(problem) = line(&bench)
        {
            // The other lines have something to say all the same.
            bench.unavailable(name, &problem.to_string());
            failed.push(name);
        }
    }
    println!("all lines took {} s", began.elapsed().as_secs());
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")).into())
    }
}
