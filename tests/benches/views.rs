//! Measures how fast a large run is merged and shown: `cargo bench -p whole-runs --bench views`.
//!
//! The run has 1,000 workers and 10 request names, and lasts 15 minutes. Every worker stores a snapshot every 5 s. The
//! bench merges the run while it is in progress, makes the view of the dashboard, and opens the page of the report in a
//! browser. The bench uses one core, like a launcher in CI.

#![expect(clippy::print_stdout, reason = "the program prints a table")]

use fleet::gather::Gatherer;
use plan::plan::Plan;
use report::rendering::Rendering;
use run::watching::Watcher;
use run::{live_view, summary};
use std::time::{Duration, Instant};
use store::documents::{Claim, Document, Start};
use store::{RunStore, keys};
use tally::outcome::{Code, Failure, Outcome};
use tally::snapshot::{Health, SliceEnd, SliceResult, Snapshot, SnapshotLabels};
use tally::tally::{Recorder, SampleKind};
use test_plans::Planned;
use whole_runs::browser::Browser;

const WORKERS: u32 = 1_000;
const NAMES: usize = 10;
const LENGTH_S: u64 = 900;
const INTERVAL_S: u64 = 5;
/// The number of requests per second of one worker.
const RATE: u64 = 50;
/// The number of different snapshots for one interval. The workers store these snapshots in turn.
const KINDS: u32 = 20;
const RUN: &str = "thousand";
const SECOND: u64 = 1_000_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let all = cores()?;
    pin(&only(0))?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run(&all))
}

fn line(what: &str, value: &str) {
    println!("{what:<66}{value:>14}");
}

async fn run(all: &libc::cpu_set_t) -> Result<(), Box<dyn std::error::Error>> {
    let plan = planned();
    let names = plan.request_names();
    let folder = tempfile::tempdir()?;
    let store = RunStore::open(&folder.path().display().to_string().parse()?).await?;
    begin(&store, &plan).await?;
    let mut gatherer = Gatherer::open(&store, RUN).await?;
    gatherer.poll_listing().await?;
    let watcher = Watcher::new(&gatherer.record);
    let (mut merging, mut showing, mut longest) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let mut totals: Vec<Recorder> = (0..KINDS).map(|_| Recorder::new(NAMES)).collect();
    for n in 1..=(LENGTH_S / INTERVAL_S) as u32 {
        let mut taken = Vec::new();
        for (kind, total) in (0..KINDS).zip(&mut totals) {
            let snapshot = snapshot(n, kind);
            total.add(&snapshot.recorder);
            taken.push(snapshot);
        }
        for shard in 0..WORKERS {
            let bytes = taken[(shard % KINDS) as usize].encode(SnapshotLabels {
                provenance: &claim(shard).provenance(RUN, shard, 0),
                requests: &names,
                start: 0,
            });
            store.put(&keys::live(RUN, shard, 0, n), bytes).await?;
        }
        let began = Instant::now();
        gatherer.poll_listing().await?;
        merging += began.elapsed();
        let began = Instant::now();
        let view = live_view::view(&gatherer.record, &watcher, u64::from(n) * INTERVAL_S * SECOND).json();
        showing += began.elapsed();
        longest = longest.max(began.elapsed());
        assert!(view.contains("\"state\":\"running\""));
        // Delete the snapshots, so that the next measurement does not list them a second time.
        for shard in 0..WORKERS {
            store.delete(&keys::live(RUN, shard, 0, n)).await?;
        }
    }
    line(
        "merge 15 min of 1,000 workers' snapshots, of 900 s",
        &format!("{:.0} s", merging.as_secs_f64()),
    );
    line(
        "merge one interval of 5 s",
        &format!(
            "{:.0} ms",
            merging.as_secs_f64() * 1e3 * INTERVAL_S as f64 / LENGTH_S as f64
        ),
    );
    line(
        "view for the dashboard, the longest",
        &format!("{:.0} ms", longest.as_secs_f64() * 1e3),
    );
    line("peak memory so far", &peak_memory());
    end(&store, &names, &totals).await?;
    gatherer.poll_listing().await?;
    let began = Instant::now();
    let report = summary::report(&gatherer.record, &fleet::follow::losses(&gatherer.record), None);
    line(
        "report of its results",
        &format!("{:.0} ms", began.elapsed().as_secs_f64() * 1e3),
    );
    assert!(
        report.balance.sent == u64::from(WORKERS) * RATE * LENGTH_S,
        "{:?}",
        report.balance
    );
    let began = Instant::now();
    let page = Rendering::Html.render(&report, &plan);
    line(
        "render its page",
        &format!("{:.0} ms", began.elapsed().as_secs_f64() * 1e3),
    );
    line("the page", &format!("{:.2} MB", page.len() as f64 / 1e6));
    // A browser inherits the cores of the thread that starts it, and may use all cores.
    pin(all)?;
    paint(&page)
}

/// Opens the page in a browser five times, and prints the median of each time.
fn paint(page: &str) -> Result<(), Box<dyn std::error::Error>> {
    let Some(program) = Browser::program() else {
        line("first paint in Chromium", "no Chromium");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("page.html");
    std::fs::write(&file, page)?;
    let (mut painted, mut whole) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let mut browser = Browser::start(&program, &folder.path().join(format!("profile-{round}")), 1_280, 900);
        browser.open(&format!("file://{}", file.display()));
        browser.wait_for(
            "window.vajraPage && vajraPage.ready && performance.getEntriesByName('first-contentful-paint').length",
        );
        let time = browser.eval("performance.getEntriesByName('first-contentful-paint')[0].startTime");
        painted.push(time.as_f64().unwrap_or(f64::NAN));
        let time = browser.eval("performance.now()");
        whole.push(time.as_f64().unwrap_or(f64::NAN));
    }
    painted.sort_by(f64::total_cmp);
    whole.sort_by(f64::total_cmp);
    line("first paint in Chromium, median of 5", &format!("{:.0} ms", painted[2]));
    line("every chart drawn, at most", &format!("{:.0} ms", whole[2]));
    Ok(())
}

fn planned() -> Plan {
    let requests: String = (0..NAMES)
        .map(|n| format!("- {{ name: name-{n}, url: /{n} }}\n"))
        .collect();
    let text = format!(
        "name: thousand\ntarget: http://127.0.0.1:1\nload: {{ constant: {{ rate: {}/s, duration: {LENGTH_S}s }} }}\nrequests:\n{requests}",
        u64::from(WORKERS) * RATE
    );
    Planned::of(&text)
        .run(RUN)
        .workers(WORKERS)
        .snapshot_interval(Duration::from_secs(INTERVAL_S))
        .plan()
}

fn claim(shard: u32) -> Claim {
    Claim {
        worker: format!("function-{shard}"),
        claimed: 0,
        mark: u64::from(shard),
        plan: None,
    }
}

async fn begin(store: &RunStore, plan: &Plan) -> Result<(), Box<dyn std::error::Error>> {
    store.put(&keys::plan(RUN), plan.encode()).await?;
    for shard in 0..WORKERS {
        store.put(&keys::claim(RUN, shard, 0, 1), claim(shard).encode()).await?;
    }
    let start = Start {
        shards: (0..WORKERS).collect(),
        ..Start::default()
    };
    store.put(&keys::start(RUN), start.encode()).await?;
    Ok(())
}

/// Returns snapshot `n` of the workers of a kind. Most requests take up to 2 ms, a few take longer, and some requests
/// fail.
fn snapshot(n: u32, kind: u32) -> Snapshot {
    let (from, to) = (
        u64::from(n - 1) * INTERVAL_S * SECOND,
        u64::from(n) * INTERVAL_S * SECOND,
    );
    let mut recorder = Recorder::new(NAMES);
    for k in 0..RATE * INTERVAL_S {
        let due = from + k * SECOND / RATE;
        let sample = SampleKind::Measured {
            request: ((k % NAMES as u64) as usize).into(),
        };
        let draw = (k + u64::from(kind) * 7_919 + u64::from(n) * 104_729).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 44;
        let sent = due + 20_000 + draw % 80_000;
        recorder.sent(sample, sent);
        let outcome = Outcome {
            due,
            sent,
            // Most requests take up to 1 ms more, and a few take longer. Every request ends before the next request is
            // due, 20 ms later.
            done: (sent + 1_000_000 + draw + if draw % 50 == 0 { draw * 190 } else { 0 }).min(due + SECOND / RATE - 1),
            result: if draw % 100 == 0 { Err(Failure::Status) } else { Ok(()) },
            code: Some(Code::Http(200)),
            body_bytes: 512,
            ..Outcome::default()
        };
        recorder.finished(sample, &outcome);
    }
    Snapshot {
        n,
        from,
        to,
        connections: None,
        recorder,
    }
}

async fn end(store: &RunStore, names: &[String], totals: &[Recorder]) -> Result<(), Box<dyn std::error::Error>> {
    for shard in 0..WORKERS {
        let result = SliceResult {
            end: SliceEnd::Finished,
            paced_until: LENGTH_S * SECOND,
            tally: totals[(shard % KINDS) as usize].tally.clone(),
            health: Health::default(),
        };
        let labels = SnapshotLabels {
            provenance: &claim(shard).provenance(RUN, shard, 0),
            requests: names,
            start: 0,
        };
        store.put(&keys::result(RUN, shard, 0), result.encode(labels)).await?;
    }
    Ok(())
}

/// Returns the cores that this thread may use.
fn cores() -> std::io::Result<libc::cpu_set_t> {
    // SAFETY: a zeroed set is an empty set, and the size of the set is passed.
    let (set, got) = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        let got = libc::sched_getaffinity(0, size_of_val(&set), &raw mut set);
        (set, got)
    };
    if got == 0 {
        Ok(set)
    } else {
        Err(std::io::Error::last_os_error())
    }
}

fn only(core: usize) -> libc::cpu_set_t {
    // SAFETY: a zeroed set is an empty set.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(core, &mut set);
        set
    }
}

/// Pins this thread to these cores. Threads that this thread starts inherit the cores.
fn pin(set: &libc::cpu_set_t) -> std::io::Result<()> {
    // SAFETY: the set is initialised, and its size is passed.
    let pinned = unsafe { libc::sched_setaffinity(0, size_of_val(set), set) };
    if pinned == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}

/// Returns the peak memory of this process.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or("unknown".to_owned(), |peak| peak.trim().to_owned())
}
