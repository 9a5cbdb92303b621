//! Compares the engine with other load generators: `tests/bench`, or `cargo bench -p whole-runs --bench engine`.
//!
//! A worker on core 0 sends requests over loopback to servers of this program on core 1. Machines differ, so only the
//! ratio to a well-known generator is comparable between machines. Rounds of our worker and of this generator
//! alternate, and each figure is the median of the rounds. The notes of a row state whether the generator was the
//! bottleneck, and whether other programs used the cores.

#![expect(clippy::print_stdout, reason = "the program prints a table")]

mod bench;
mod child;
mod contest;
mod cores;
mod flows;
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

/// The result of an operation whose error is only printed.
type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// A function that measures one line of the table and prints the rows of this line.
type Line = fn(&Bench) -> Fallible<()>;

/// The lines of the table, in the order in which they are printed.
const LINES: [(&str, Line); 9] = [
    ("closed", throughput::closed),
    ("tls", throughput::tls),
    ("http2", throughput::http2),
    ("highest", pacing::highest),
    ("arrivals", pacing::arrivals),
    ("cost", throughput::cost),
    ("memory", footprint::memory),
    ("start", footprint::start),
    ("flows", flows::flows),
];

/// Waits until no other bench of the engine runs on this machine. Two benches would disturb each other.
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
        return Err("the bench needs one core for the generator and one for the servers".into());
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
            // A failed line does not end the bench, so the later lines are measured.
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
