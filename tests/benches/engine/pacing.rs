//! Measures the highest paced rate and the precision of pacing: the lines `highest` and `arrivals` of the table.

use crate::Fallible;
use crate::bench::Bench;
use crate::child::Memory;
use crate::generator::{Generator, Sent};
use crate::load::{Load, Pacing, Shape};
use crate::measured;
use crate::null_server::{NullServer, PlainHttp};
use crate::recorder::{Deviations, Recorder, Stamping};
use crate::spinner;
use crate::table::{self, Beside, Goal, Row};
use crate::throughput::CONNECTIONS;

/// The duration in seconds of each run.
const SECONDS: u64 = 3;
/// The maximum number of connections of a function. The server sometimes loses its core for some milliseconds. With few
/// connections, the load generator would then wait for the server, but the line must measure the generator.
const PACED_CONNECTIONS: u32 = 900;
/// The maximum number of attempts at each rate. One attempt is not enough: in a run of 3 s, a single stall of 30 ms
/// raises the p99 of the lag above its limit. A rate that is too high fails in every attempt.
const TRIES: u32 = 4;
/// The number of rates that can be tried. Each rate is a multiple of one twentieth of the closed-loop rate.
const STEPS: u64 = 20;

/// The result of one round of the search for the highest rate.
struct Search {
    /// The closed-loop rate: the number of requests per second without pacing.
    rate: f64,
    /// The highest rate that was kept, as a number of twentieths of the closed-loop rate.
    steps: u64,
    notes: Vec<String>,
}

impl Search {
    fn highest(&self) -> f64 {
        self.rate * self.steps as f64 / STEPS as f64
    }
}

fn search(generator: &Generator, server: &NullServer<PlainHttp>) -> Fallible<Search> {
    let url = format!("http://127.0.0.1:{}", server.port());
    let run = |shape, connections| -> Fallible<Sent> {
        let load = Load::new(&url, shape, connections, SECONDS);
        generator.run(&load, &|| Ok(server.cpu()), Memory::Unwatched)
    };
    let closed = run(Shape::Users(CONNECTIONS), CONNECTIONS)?.measured.rate();
    let mut notes = Vec::new();
    // The highest number of twentieths whose rate was kept, and the lowest number whose rate was not kept.
    let (mut holds, mut fails) = (0, STEPS + 1);
    while fails - holds > 1 {
        let steps = holds.midpoint(fails);
        let rate = (closed * steps as f64 / STEPS as f64) as u64;
        let mut sent = run(Shape::Rate(rate), PACED_CONNECTIONS)?;
        for _ in 1..TRIES {
            if !sent.kept_pace() {
                sent = run(Shape::Rate(rate), PACED_CONNECTIONS)?;
            }
        }
        if sent.kept_pace() {
            holds = steps;
        } else {
            fails = steps;
            notes = vec![format!(
                "{TRIES} times not at {:.2} of it: p99 lag {:.2} ms, {} dropped, {} failed, {}",
                steps as f64 / STEPS as f64,
                sent.lag_p99.as_secs_f64() * 1e3,
                sent.dropped,
                sent.failed,
                measured::shares(&[sent.measured])
            )];
            notes.extend(measured::disturbance(&[sent.measured]));
        }
    }
    Ok(Search {
        rate: closed,
        steps: holds,
        notes,
    })
}

/// Measures the highest rate at which 99 of 100 arrivals have a lag below one millisecond and no arrival is dropped or
/// fails.
pub(crate) fn highest(bench: &Bench) -> Fallible<()> {
    let server = NullServer::start(PlainHttp)?;
    let mut searches: Vec<Vec<Search>> = bench.generators.iter().map(|_| Vec::new()).collect();
    for _ in 0..bench.options.rounds {
        for (generator, searches) in bench.generators.iter().zip(&mut searches) {
            searches.push(search(generator, &server)?);
        }
    }
    for (generator, mut searches) in bench.generators.iter().zip(searches) {
        searches.sort_by_key(|search| search.steps);
        let found: Vec<String> = searches
            .iter()
            .map(|search| format!("{:.2}", search.steps as f64 / STEPS as f64))
            .collect();
        let middle = searches.swap_remove((searches.len() - 1) / 2);
        let mut notes = vec![format!("rounds, of the closed loop's rate: {}", found.join(", "))];
        notes.extend(middle.notes.iter().cloned());
        bench.print(&[Row {
            what: bench.named("highest: paced rate, p99 lag < 1 ms", generator),
            value: middle.highest(),
            beside: Some(Beside::new("own closed loop", &[middle.highest()], &[middle.rate])),
            goal: Some(Goal::RatioAtLeast(0.8)),
            notes,
        }]);
    }
    server.stop()?;
    Ok(())
}

/// A rate and a pacing whose arrivals are recorded. The goals limit the deviation of the arrivals from the ideal grid
/// in us.
struct Grid {
    per_second: u64,
    name: &'static str,
    pacing: Pacing,
    median_most: Option<f64>,
    p99_most: f64,
}

const GRIDS: [Grid; 3] = [
    Grid {
        per_second: 10_000,
        name: "precise",
        pacing: Pacing::Precise,
        median_most: Some(10.0),
        p99_most: 100.0,
    },
    Grid {
        per_second: 1_000,
        name: "precise",
        pacing: Pacing::Precise,
        median_most: Some(10.0),
        p99_most: 200.0,
    },
    Grid {
        per_second: 10_000,
        name: "batched",
        pacing: Pacing::Batched,
        median_most: None,
        p99_most: 600.0,
    },
];

/// Sends one load and records its arrivals at the server. If `ours` is `None`, the spinner sends the load.
fn record(grid: &Grid, ours: Option<(&Generator, Pacing)>, notes: &mut Vec<String>) -> Fallible<Deviations> {
    let planned = grid.per_second * SECONDS;
    let server = NullServer::start(Recorder::new(planned as usize))?;
    match ours {
        None => spinner::run(server.port(), CONNECTIONS, grid.per_second, SECONDS)?,
        Some((generator, pacing)) => {
            let url = format!("http://127.0.0.1:{}", server.port());
            let load = Load {
                pacing,
                ..Load::new(&url, Shape::Rate(grid.per_second), CONNECTIONS, SECONDS)
            };
            let sent = generator.run(&load, &|| Ok(server.cpu()), Memory::Unwatched)?;
            notes.extend(
                sent.contradiction(server.requests())
                    .map(|what| format!("DOUBTFUL: {what}")),
            );
            notes.extend(measured::disturbance(&[sent.measured]));
        }
    }
    let deviations = server.stop()?.against_grid(grid.per_second)?;
    if deviations.arrivals != planned {
        notes.push(format!(
            "DOUBTFUL: {} of {planned} arrivals were received",
            deviations.arrivals
        ));
    }
    Ok(deviations)
}

/// Compares the arrivals at the server with the ideal grid.
pub(crate) fn arrivals(bench: &Bench) -> Fallible<()> {
    let _stamping = Stamping::begin()?;
    for grid in &GRIDS {
        let rate = table::figure(grid.per_second as f64);
        let what = format!("arrivals: off the grid at {rate}/s, {}", grid.name);
        let load = Load {
            pacing: grid.pacing,
            ..Load::new("http://127.0.0.1:9", Shape::Rate(grid.per_second), CONNECTIONS, SECONDS)
        };
        let mut pacing = grid.pacing;
        if !bench.takes(&what, &load)? {
            if grid.median_most.is_none() {
                continue;
            }
            // A version without the key `pacing` always paces precisely.
            pacing = Pacing::Unsaid;
        }
        let (mut spun, mut ours, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..bench.options.rounds {
            spun.push(record(grid, None, &mut notes)?);
            ours.push(record(grid, Some((&bench.generators[0], pacing)), &mut notes)?);
        }
        notes.dedup();
        notes.truncate(2);
        let most = |runs: &[Deviations]| measured::median(runs.iter().map(|run| run.most_in_a_millisecond as f64));
        let each: Vec<String> = ours
            .iter()
            .map(|run| format!("{:.1} / {:.0}", run.median_us, run.p99_us))
            .collect();
        notes.insert(0, format!("rounds: {}", each.join(", ")));
        notes.insert(
            1,
            format!(
                "most in a millisecond: {:.0}, of the spinner {:.0}",
                most(&ours),
                most(&spun)
            ),
        );
        let row = |name: &str, of: fn(&Deviations) -> f64, goal: Option<f64>, notes: Vec<String>| {
            let figures = |runs: &[Deviations]| runs.iter().map(of).collect::<Vec<f64>>();
            Row {
                what: format!("{what}, {name}"),
                value: measured::median(figures(&ours)),
                beside: Some(Beside::unrelated("spinner", &figures(&spun))),
                goal: goal.map(Goal::AtMost),
                notes,
            }
        };
        bench.print(&[
            row("p50 us", |run| run.median_us, grid.median_most, Vec::new()),
            row("p99 us", |run| run.p99_us, Some(grid.p99_most), notes),
        ]);
    }
    Ok(())
}
