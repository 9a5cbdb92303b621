//! Measures the cost of flows: the line `flows` of the table.

use crate::Fallible;
use crate::bench::Bench;
use crate::child::Memory;
use crate::load::{Load, Shape, Steps};
use crate::measured::{self, Measured};
use crate::null_server::{NullServer, PlainHttp};
use crate::table::{self, Beside, Goal, Row};
use crate::throughput::CONNECTIONS;
use std::time::Duration;

/// The number of steps of a measured flow. The cost of the flow is compared with the cost of the same number of
/// requests.
const STEPS: u32 = 5;
/// The maximum cost of a flow, as a multiple of the cost of its requests. In a processor second, requests in flows must
/// reach 1 / 1.15 of the number of plain requests.
const COST_MAX: f64 = 1.15;
/// The number of flows that begin per second. Each flow pauses between its two steps, so 10,000 flows are in progress
/// after two seconds.
const RATE: u64 = 5_000;
const PAUSE: Duration = Duration::from_secs(2);
const SESSIONS: u32 = 10_000;
const SECONDS: u64 = 4;
/// The maximum memory in MiB, which is 100 MB.
const MEMORY_MAX: f64 = 100e6 / (1 << 20) as f64;

/// Compares the cost of flows with the cost of requests. Measures the memory of a worker with many flows in progress.
pub(crate) fn flows(bench: &Bench) -> Fallible<()> {
    let server = NullServer::start(PlainHttp)?;
    let url = format!("http://127.0.0.1:{}", server.port());
    let cpu = || Ok(server.cpu());
    let generator = &bench.generators[0];
    let requests = Load::new(&url, Shape::Users(CONNECTIONS), CONNECTIONS, bench.options.seconds);
    let steps = Load {
        flow: Some(Steps {
            number: STEPS,
            pause: None,
            sessions: CONNECTIONS,
        }),
        ..requests.clone()
    };
    let (mut of_requests, mut of_steps) = (Vec::new(), Vec::new());
    for round in 0..bench.options.rounds * 2 {
        let run = |load: &Load, runs: &mut Vec<Measured>| -> Fallible<()> {
            runs.push(generator.run(load, &cpu, Memory::Unwatched)?.measured);
            Ok(())
        };
        if round % 2 == 0 {
            run(&requests, &mut of_requests)?;
            run(&steps, &mut of_steps)?;
        } else {
            run(&steps, &mut of_steps)?;
            run(&requests, &mut of_requests)?;
        }
    }
    let figures = |runs: &[Measured]| runs.iter().map(Measured::per_cpu_second).collect::<Vec<f64>>();
    let (theirs, ours) = (figures(&of_requests), figures(&of_steps));
    let rounds: Vec<String> = ours
        .iter()
        .zip(&theirs)
        .map(|(ours, theirs)| format!("{:.3}", ours / theirs))
        .collect();
    let mut runs = of_requests.clone();
    runs.extend(&of_steps);
    let mut notes = vec![
        format!("flows: {}", measured::bottleneck(&of_steps)),
        format!("requests: {}", measured::bottleneck(&of_requests)),
        format!("rounds: {}", rounds.join(", ")),
    ];
    notes.extend(measured::disturbance(&runs));
    let cost = Row {
        what: format!("flows: requests per CPU-second in flows of {STEPS} steps"),
        value: measured::median(ours.iter().copied()),
        beside: Some(Beside::new("requests", &ours, &theirs)),
        goal: Some(Goal::RatioAtLeast(1.0 / COST_MAX)),
        notes,
    };
    bench.print(&[cost]);
    let load = Load {
        flow: Some(Steps {
            number: 2,
            pause: Some(PAUSE),
            sessions: SESSIONS + SESSIONS / 10,
        }),
        ..Load::new(&url, Shape::Rate(RATE), CONNECTIONS, SECONDS)
    };
    let (mut memory, mut in_progress) = (Vec::new(), Vec::new());
    for _ in 0..bench.options.rounds {
        let sent = generator.run(&load, &cpu, Memory::Watched)?;
        if sent.dropped + sent.failed > 0 {
            return Err(format!("{} dropped, {} failed", sent.dropped, sent.failed).into());
        }
        in_progress.push(RATE as f64 * sent.session_min.as_secs_f64());
        memory.push(sent.measured.memory_peak_kb as f64 / 1024.0);
    }
    let rounds: Vec<String> = memory.iter().map(|value| table::figure(*value)).collect();
    let row = Row {
        what: format!("flows: MiB with {SESSIONS} in progress"),
        value: measured::median(memory.iter().copied()),
        beside: None,
        goal: Some(Goal::AtMost(MEMORY_MAX)),
        notes: vec![
            format!(
                "at least {} flows were in progress",
                table::figure(measured::median(in_progress.iter().copied()))
            ),
            format!("rounds: {}", rounds.join(", ")),
        ],
    };
    bench.print(&[row]);
    server.stop()?;
    Ok(())
}
