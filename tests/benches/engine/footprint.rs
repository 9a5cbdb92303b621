//! Measures the memory and the start time of a worker: the lines `memory` and `start` of the table.

use crate::Fallible;
use crate::bench::Bench;
use crate::child::Memory;
use crate::contest::{self, Entry, Figure, Target};
use crate::load::{Load, Shape};
use crate::measured;
use crate::null_server::{NullServer, PlainHttp};
use crate::table::{Beside, Goal, Row};
use crate::throughput::CONNECTIONS;
use crate::yardsticks;
use std::time::{Duration, Instant};

/// The duration of a run in seconds, in which a worker stores two snapshots.
const SECONDS: u64 = 2;
/// The maximum number of connections of one worker.
const CONNECTIONS_MOST: u32 = 900;
/// The number of starts in each round. A start takes only some milliseconds, so each round measures several starts.
const STARTS_PER_ROUND: usize = 5;
/// The maximum time for which the bench waits for the last connection of a prepared program.
const ACCEPT_LONGEST: Duration = Duration::from_millis(200);

const MEGABYTES: Figure = Figure {
    of: |run| run.memory_peak_kb as f64 / 1024.0,
    full: false,
};

/// Measures the peak memory of a worker.
pub(crate) fn memory(bench: &Bench) -> Fallible<()> {
    for (connections, names, most) in [(CONNECTIONS, 1, 8.0), (CONNECTIONS_MOST, 20, 24.0)] {
        let server = NullServer::start(PlainHttp)?;
        let url = format!("http://127.0.0.1:{}", server.port());
        let entry = Entry {
            what: format!("memory: MiB, {connections} connections, {names} names"),
            load: Load {
                names,
                ..Load::new(&url, Shape::Users(connections), connections, SECONDS)
            },
            goal: Goal::AtMost(most),
        };
        let target = Target {
            cpu: &|| Ok(server.cpu()),
            seen: Some(&|| server.requests()),
        };
        let wrk = yardsticks::wrk(&url, connections, SECONDS);
        let rows = contest::hold(
            bench.options.rounds,
            &target,
            Some(&wrk),
            &bench.generators[..1],
            &[entry],
            MEGABYTES,
            Memory::Watched,
        )?;
        bench.print(&rows);
        server.stop()?;
    }
    Ok(())
}

/// Returns the time at which the server accepted the last connection of a program. Waits for connections that the
/// program is still opening.
fn last_accepted(server: &NullServer<PlainHttp>) -> Fallible<Instant> {
    let until = Instant::now() + ACCEPT_LONGEST;
    loop {
        let accepted = server.accepted();
        match accepted.get(CONNECTIONS as usize - 1) {
            Some(last) => return Ok(*last),
            None if Instant::now() < until => std::thread::sleep(Duration::from_millis(1)),
            None => return Err(format!("only {} connections were opened", accepted.len()).into()),
        }
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Measures the start of a worker. One figure is the time until all connections of the worker are open. Another figure
/// is the time until the worker reports that it is prepared.
pub(crate) fn start(bench: &Bench) -> Fallible<()> {
    let (mut theirs, mut opened, mut prepared) = (Vec::new(), Vec::new(), Vec::new());
    let mut early = None;
    for _ in 0..bench.options.rounds * STARTS_PER_ROUND {
        let server = NullServer::start(PlainHttp)?;
        let url = format!("http://127.0.0.1:{}", server.port());
        let wrk = yardsticks::wrk(&url, CONNECTIONS, 1);
        if wrk.is_installed() {
            // When all connections of wrk are open, `child` is dropped, which ends wrk.
            let child = wrk.start()?;
            let last = last_accepted(&server)?;
            theirs.push(milliseconds(last.saturating_duration_since(child.began)));
        }
        server.stop()?;

        let server = NullServer::start(PlainHttp)?;
        let url = format!("http://127.0.0.1:{}", server.port());
        let load = Load::new(&url, Shape::Users(CONNECTIONS), CONNECTIONS, 1);
        let started = bench.generators[0].start_only(&load)?;
        prepared.push(milliseconds(started.prepared));
        match last_accepted(&server) {
            Ok(last) => opened.push(milliseconds(last.saturating_duration_since(started.began))),
            Err(problem) => early = Some(format!("when it reports to be prepared, {problem}")),
        }
        server.stop()?;
    }
    let row = |what: String, ours: Vec<f64>, notes: Vec<String>| Row {
        what,
        beside: (!theirs.is_empty()).then(|| Beside::new("wrk", &ours, &theirs)),
        value: measured::median(ours),
        goal: Some(Goal::AtMost(60.0)),
        notes,
    };
    let what = format!("start: ms to {CONNECTIONS} connections open");
    bench.print(&[
        row(what, opened, early.into_iter().collect()),
        row(
            "start: ms to being prepared, as stored".to_owned(),
            prepared,
            Vec::new(),
        ),
    ]);
    Ok(())
}
