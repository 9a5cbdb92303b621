//! Measures the numbers that the documents quote: `cargo bench -p whole-runs`.
//!
//! Some of the numbers are medians of several rounds. Machines differ. Only the order of magnitude of a number, and the
//! ratio of two numbers of one run, are comparable between machines.

#![expect(clippy::print_stdout, reason = "the program prints a table")]

use plan::plan::Plan;
use plan::rate::Rate;
use plan::scenario::{OpenPhase, Sampling, Shape, Spacing};
use plan::schedule::Schedule;
use run::summary;
use std::hint::black_box;
use std::time::{Duration, Instant};
use store::documents::{Claim, Document, Start};
use store::{Location, RunStore, keys};
use tally::outcome::{Code, Outcome};
use tally::snapshot::{Health, SliceEnd, SliceResult, SnapshotLabels};
use tally::tally::{Recorder, SampleKind};
use test_plans::Planned;
use tokio::task::JoinSet;

/// The size of a run whose results are merged.
#[derive(Clone, Copy)]
struct Fleet {
    workers: u32,
    names: usize,
}

const THOUSAND: Fleet = Fleet {
    workers: 1_000,
    names: 10,
};
/// A run with the largest number of workers. Each worker stores three histograms and its counters.
const TEN_THOUSAND: Fleet = Fleet {
    workers: 10_000,
    names: 1,
};
const NAMES: usize = 10;
const SAMPLES_PER_WORKER: u64 = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{:<58}{:>14}", "", "median");
    due_times();
    recording();
    tokio::runtime::Runtime::new()?.block_on(thousand_workers())?;
    // All later measurements use one core, like a launcher in CI.
    pin_to_one_core()?;
    tokio::runtime::Runtime::new()?.block_on(ten_thousand_workers())
}

fn line(what: &str, value: &str) {
    println!("{what:<58}{value:>14}");
}

/// Measures eleven rounds of `calls` calls each. Prints the time per call of the median round.
fn per_call(what: &str, calls: u64, mut round: impl FnMut()) {
    let mut times: Vec<Duration> = (0..11)
        .map(|_| {
            let began = Instant::now();
            round();
            began.elapsed()
        })
        .collect();
    times.sort();
    line(what, &format!("{:.1} ns", times[5].as_nanos() as f64 / calls as f64));
}

fn due_times() {
    const CALLS: u64 = 200_000;
    let hour = Duration::from_secs(3_600);
    let fast = Rate::per_second(7_000);
    let shapes = [
        (
            "constant",
            Shape::Constant {
                rate: fast,
                duration: hour,
            },
            Spacing::Even,
        ),
        (
            "ramp",
            Shape::Ramp {
                from: Rate::ZERO,
                to: fast,
                ramp_duration: hour,
            },
            Spacing::Even,
        ),
        (
            "ramp down",
            Shape::Ramp {
                from: fast,
                to: Rate::ZERO,
                ramp_duration: hour,
            },
            Spacing::Even,
        ),
        (
            "sine",
            Shape::Sine {
                mean_rate: fast,
                amplitude: fast,
                period: Duration::from_secs(60),
                duration: hour,
            },
            Spacing::Even,
        ),
        (
            "constant, poisson, in order",
            Shape::Constant {
                rate: fast,
                duration: hour,
            },
            Spacing::Poisson,
        ),
    ];
    for (name, shape, spacing) in shapes {
        let schedule = Schedule::new(
            &[OpenPhase {
                shape,
                sampling: Sampling::Measured,
            }],
            spacing,
            1,
        );
        // Even arrivals are computed with steps over the whole hour. Poisson arrivals are computed in order, as a
        // worker does.
        let step = if spacing == Spacing::Even {
            schedule.arrivals() / CALLS
        } else {
            1
        };
        per_call(&format!("due time of an arrival: {name}"), CALLS, || {
            let mut cursor = schedule.cursor();
            for k in 0..CALLS {
                black_box(cursor.at(black_box(k * step)).due);
            }
        });
    }
}

/// Returns the outcome of the request `k` of a worker. The worker sends 40,000 requests per second, and a request takes
/// 2 ms to 5 ms.
fn outcome(k: u64, worker: u64) -> Outcome {
    let service = 2_000_000 + ((k + worker).wrapping_mul(0x9e37_79b9) % 3_000_000);
    let due = k * 25_000;
    let sent = due + 50_000;
    Outcome {
        due,
        sent,
        done: sent + service,
        result: Ok(()),
        code: Some(Code::Http(200)),
        body_bytes: 100,
        ..Outcome::default()
    }
}

fn recording() {
    const CALLS: u64 = 200_000;
    let mut recorder = Recorder::new(NAMES);
    per_call("record a request (3 histograms, counters, its second)", CALLS, || {
        for k in 0..CALLS {
            let sample = SampleKind::Measured {
                request: ((k % NAMES as u64) as usize).into(),
            };
            let outcome = outcome(k, 0);
            recorder.sent(sample, outcome.sent);
            recorder.finished(sample, black_box(&outcome));
        }
    });
}

fn planned(fleet: Fleet) -> Plan {
    let rate = u64::from(fleet.workers) * SAMPLES_PER_WORKER / 10;
    let requests: String = (0..fleet.names)
        .map(|i| format!("  - {{ name: request-{i} }}\n"))
        .collect();
    let text = format!(
        "name: thousand\ntarget: http://127.0.0.1:9\nload: {{ constant: {{ rate: {rate}/s, duration: 10s }} }}\nrequests:\n{requests}"
    );
    Planned::of(&text)
        .run(RUN)
        .fleet("lambda")
        .workers(fleet.workers)
        .snapshot_interval(Duration::from_secs(5))
        .plan()
}

/// Returns the encoded result of a worker that sent all its arrivals.
fn result(names: &[String], shard: u32) -> Vec<u8> {
    let mut recorder = Recorder::new(names.len());
    for k in 0..SAMPLES_PER_WORKER {
        let sample = SampleKind::Measured {
            request: (k as usize % names.len()).into(),
        };
        let outcome = outcome(k, u64::from(shard));
        recorder.sent(sample, outcome.sent);
        recorder.finished(sample, &outcome);
    }
    let result = SliceResult {
        end: SliceEnd::Finished,
        paced_until: 10_000_000_000,
        tally: recorder.tally,
        health: Health::default(),
    };
    result.encode(SnapshotLabels {
        provenance: &claim(shard).provenance(RUN, shard, 0),
        requests: names,
        start: 0,
    })
}

const RUN: &str = "thousand";

fn claim(shard: u32) -> Claim {
    Claim {
        worker: format!("function-{shard}"),
        claimed: 0,
        mark: u64::from(shard),
        plan: None,
    }
}

async fn thousand_workers() -> Result<(), Box<dyn std::error::Error>> {
    let began = Instant::now();
    let plan = planned(THOUSAND);
    line(
        "plan 10,000,000 arrivals for 1,000 workers",
        &format!("{:.1} ms", ms(began)),
    );
    let names = plan.request_names();
    let results: Vec<Vec<u8>> = (0..THOUSAND.workers).map(|shard| result(&names, shard)).collect();
    let bytes: usize = results.iter().map(Vec::len).sum();
    line(
        "a result of 10 names, 10,000 samples",
        &format!("{:.1} kB", bytes as f64 / f64::from(THOUSAND.workers) / 1e3),
    );

    let folder = std::env::temp_dir().join(format!("vajra-bench-{}", std::process::id()));
    let location: Location = folder.display().to_string().parse()?;
    let store = RunStore::open(&location).await?;
    fill(&store, &plan, &results).await?;
    for round in 0..3 {
        let began = Instant::now();
        merge(&store).await?;
        if round == 2 {
            line(
                "gather, merge and report 1,000 results from a folder",
                &format!("{:.0} ms", ms(began)),
            );
        }
    }
    std::fs::remove_dir_all(&folder)?;
    line("peak memory so far", &peak_memory());

    match std::env::var("VAJRA_BENCH_STORE") {
        Ok(location) => {
            let store = RunStore::open(&location.parse()?).await?;
            let began = Instant::now();
            fill(&store, &plan, &results).await?;
            line("store 1,000 results in S3", &format!("{:.0} ms", ms(began)));
            let began = Instant::now();
            merge(&store).await?;
            line(
                "gather, merge and report 1,000 results from S3",
                &format!("{:.0} ms", ms(began)),
            );
        }
        Err(_) => line("S3: set VAJRA_BENCH_STORE to an empty s3://bucket/prefix?…", "skipped"),
    }
    Ok(())
}

async fn ten_thousand_workers() -> Result<(), Box<dyn std::error::Error>> {
    let plan = planned(TEN_THOUSAND);
    let names = plan.request_names();
    let results: Vec<Vec<u8>> = (0..TEN_THOUSAND.workers).map(|shard| result(&names, shard)).collect();
    let folder = std::env::temp_dir().join(format!("vajra-bench-{}", std::process::id()));
    let store = RunStore::open(&folder.display().to_string().parse()?).await?;
    fill(&store, &plan, &results).await?;
    let mut times = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        merge(&store).await?;
        times.push(ms(began));
    }
    times.sort_by(f64::total_cmp);
    line(
        "gather, merge and report 10,000 results of 1 name, one core",
        &format!("{:.0} ms", times[2]),
    );
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn pin_to_one_core() -> std::io::Result<()> {
    // SAFETY: a zeroed set is an empty set, and the size of the set is passed. Threads that are started later inherit
    // the set.
    let pinned = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(0, &mut set);
        libc::sched_setaffinity(0, size_of_val(&set), &raw const set)
    };
    if pinned == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}

async fn fill(store: &RunStore, plan: &Plan, results: &[Vec<u8>]) -> Result<(), Box<dyn std::error::Error>> {
    store.put(&keys::plan(&plan.run), plan.encode()).await?;
    let start = Start {
        t0: 0,
        written: 0,
        shards: (0..plan.shards).collect(),
        ..Start::default()
    };
    store.put(&keys::start(&plan.run), start.encode()).await?;
    let mut puts = JoinSet::new();
    for (shard, result) in (0u32..).zip(results) {
        let (store, key, result) = (store.clone(), keys::result(&plan.run, shard, 0), result.clone());
        puts.spawn(async move {
            store.put(&keys::claim(RUN, shard, 0, 1), claim(shard).encode()).await?;
            store.put(&key, result).await
        });
        if puts.len() >= 32 {
            puts.join_next().await.transpose()?.transpose()?;
        }
    }
    while let Some(put) = puts.join_next().await {
        put??;
    }
    Ok(())
}

async fn merge(store: &RunStore) -> Result<(), Box<dyn std::error::Error>> {
    let mut gatherer = fleet::gather::Gatherer::open(store, "thousand").await?;
    gatherer.poll_listing().await?;
    let report = summary::report(&gatherer.record, &fleet::follow::losses(&gatherer.record), None);
    assert_eq!(
        report.balance.sent,
        gatherer.record.slices.len() as u64 * SAMPLES_PER_WORKER
    );
    assert!(report.balance.holds, "{:?}", report.balance);
    black_box(report.json());
    Ok(())
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}

/// Returns the peak memory of this process.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or("unknown".to_owned(), |peak| peak.trim().to_owned())
}
