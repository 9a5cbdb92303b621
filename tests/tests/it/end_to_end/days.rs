//! Tests that `attach` and `report` read a run of 24 hours with at most 200 MiB of memory.

use plan::plan::Plan;
use std::time::Duration;
use store::documents::{Claim, Document, Start};
use store::keys;
use tally::outcome::{Code, Outcome};
use tally::snapshot::{Health, SliceEnd, SliceResult, Snapshot, SnapshotLabels};
use tally::tally::{Recorder, SampleKind, Tally};
use test_plans::Planned;
use whole_runs::machine::{Desk, Ran, Running};

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400;
/// The number of arrivals per second, and the number of seconds between two snapshots.
const RATE: u64 = 10;
const INTERVAL: u64 = 10;
/// The maximum memory of `attach` and of `report`, in kB.
const MEMORY_MAX: u64 = 200 << 10;

/// Returns the record of one interval of a worker. The latencies in every second range from 0.1 ms to 51 ms.
fn interval(from: u64) -> Recorder {
    let mut recorder = Recorder::new(1);
    for k in from * RATE..(from + INTERVAL) * RATE {
        let due = k * SECOND / RATE;
        let sent = due + 2_000 + k % 700 * 10;
        let outcome = Outcome {
            due,
            sent,
            done: due + (100_000 << (k % RATE)) + k % 1_000 * 10,
            result: Ok(()),
            code: Some(Code::Http(200)),
            body_bytes: 10,
            ..Outcome::default()
        };
        recorder.sent(SampleKind::Measured { request: 0.into() }, sent);
        recorder.finished(SampleKind::Measured { request: 0.into() }, &outcome);
    }
    recorder
}

fn keep(desk: &Desk, key: &str, bytes: impl AsRef<[u8]>) {
    let path = desk.path(key);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Stores all objects of a run that lasts one day.
fn store_a_day(desk: &Desk, plan: &Plan) {
    let names = plan.request_names();
    let t0 = plan.created + 2 * SECOND;
    keep(desk, &keys::plan("r"), plan.encode());
    let start = Start {
        t0,
        written: plan.created + SECOND,
        shards: vec![0],
        ..Start::default()
    };
    keep(desk, &keys::start("r"), start.encode());
    for (slice, window) in plan.slices.iter().enumerate() {
        let slice = slice as u32;
        let claim = Claim {
            worker: "w".to_owned(),
            claimed: t0,
            mark: 7,
            plan: None,
        };
        keep(desk, &keys::claim("r", 0, slice, 1), claim.encode());
        let labels = SnapshotLabels {
            provenance: &claim.provenance("r", 0, slice),
            requests: &names,
            start: t0,
        };
        let mut tally = Tally::new(1);
        let starts = (window.from / SECOND..window.to / SECOND).step_by(INTERVAL as usize);
        let snapshots = starts.clone().count() as u32;
        for (n, from) in (1..).zip(starts) {
            let recorder = interval(from);
            tally.add(&recorder.tally);
            let snapshot = Snapshot {
                n,
                from: from * SECOND,
                to: (from + INTERVAL) * SECOND,
                connections: None,
                recorder,
            };
            keep(desk, &keys::live("r", 0, slice, n), snapshot.encode(labels));
        }
        let result = SliceResult {
            end: SliceEnd::Finished,
            paced_until: window.to,
            tally,
            health: Health {
                snapshots,
                ..Health::default()
            },
        };
        keep(desk, &keys::result("r", 0, slice), result.encode(labels));
    }
}

/// Waits until a process ends. Returns its output, and its peak memory in kB.
fn peak(running: Running) -> (Ran, u64) {
    let status = format!("/proc/{}/status", running.pid());
    let read = || {
        let status = std::fs::read_to_string(&status).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    };
    let mut peak = 0;
    // After the process has ended, its status no longer contains the line with the peak memory.
    while let Some(now) = read() {
        peak = now;
        std::thread::sleep(Duration::from_millis(2));
    }
    (running.finish(), peak)
}

#[cfg(target_os = "linux")]
#[test]
fn attach_and_report_read_a_24_hour_run_in_less_than_200_mb() {
    let desk = Desk::new();
    let scenario = format!(
        "name: day\ntarget: http://127.0.0.1:1\nload: {{ constant: {{ rate: {RATE}/s, duration: 24h }} }}\n\
         requests: [ {{ name: home }} ]\n"
    );
    let plan = Planned::of(&scenario)
        .run("r")
        .created(1_772_366_400 * SECOND)
        .snapshot_interval(Duration::from_secs(INTERVAL))
        .slice_max(Duration::from_secs(3_600))
        .plan();
    store_a_day(&desk, &plan);
    for verb in ["report", "attach"] {
        let running = desk.spawn(&[verb, "r", "--out", "summary.json", "--html", "r.html", "--csv", "r.csv"]);
        let (ran, kb) = peak(running);
        println!("{verb}: {kb} kB");
        ran.expect(0, &[]);
        assert!((1..MEMORY_MAX).contains(&kb), "{verb} took {kb} kB");

        let report = desk.json("summary.json");
        assert_eq!(report["balance"]["holds"], true);
        assert_eq!(report["total"]["completed"], DAY * RATE);
        let intervals = report["seconds"].as_array().unwrap();
        assert_eq!(intervals.len() as u64, DAY / 64);
        assert!(intervals.iter().all(|interval| interval["length_s"] == 64
            && interval["sent"] == 64 * RATE
            && interval["completed"] == 64 * RATE
            && interval["workers_missing"] == 0));
        let html = std::fs::metadata(desk.path("r.html")).unwrap().len();
        assert!(html < 2 << 20, "{html}");
    }
}
