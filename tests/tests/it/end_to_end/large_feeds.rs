//! Tests of feeds that are larger than 8 MiB. Each worker reads and keeps only the rows of its own arrivals.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::{Child, Stdio};
use std::time::Duration;
use test_servers::{ScriptedAnswer, ScriptedServer};
use whole_runs::machine::{Desk, Running, sent, wait_for};

/// The number of rows of the feed, and the number of bytes of each row. The feed has 64 MiB.
const ROWS: usize = 2_048;
const ROW_BYTES: usize = 32 << 10;
/// The maximum memory in kB of each worker of a run with four workers.
///
/// One of four workers keeps 16 MiB of rows. The program, and the section of the file that is being read, use the
/// remaining memory. The whole file would use 128 MiB: 64 MiB as text, and 64 MiB as rows.
const MEMORY_MAX_KB: u64 = 64 << 10;

fn text(row: usize) -> String {
    format!("{row} ").repeat(ROW_BYTES / 8)
}

/// Returns a folder with a large feed and a scenario that sends each row once. A request contains the number of the row
/// and the SHA-256 of the row's text.
fn desk(server: &ScriptedServer) -> Desk {
    let desk = Desk::new();
    let mut csv = "id,text\n".to_owned();
    for row in 0..ROWS {
        let text = text(row);
        let padding = " ".repeat(ROW_BYTES - text.len());
        writeln!(csv, "{row},\"{text}{padding}\"").unwrap();
    }
    assert!(csv.len() > 64 << 20);
    desk.write("rows.csv", &csv);
    desk.write(
        "s.yaml",
        &format!(
            "name: large\ntarget: {}\nload: {{ constant: {{ rate: {ROWS}/s, duration: 1s }} }}\n\
             limits: {{ max_wait: 60s }}\nfeeds: {{ rows: {{ file: rows.csv, pick: once }} }}\n\
             requests: [ {{ name: a, url: '/{{{{ feed rows.id }}}}/{{{{ feed rows.text sha256 }}}}', timeout: 60s }} ]\n",
            server.url()
        ),
    );
    desk
}

/// Returns the expected number of requests for each path.
fn expected() -> BTreeMap<String, u32> {
    let path = |row| {
        let text = text(row);
        let padding = " ".repeat(ROW_BYTES - text.len());
        format!("/{row}/{}", plan::sha256::hex(format!("{text}{padding}").as_bytes()))
    };
    (0..ROWS).map(|row| (path(row), 1)).collect()
}

fn seen(server: &ScriptedServer) -> BTreeMap<String, u32> {
    let mut seen = BTreeMap::new();
    for request in server.requests() {
        *seen.entry(request.path().to_owned()).or_default() += 1;
    }
    seen
}

fn worker(desk: &Desk, shard: u32) -> Child {
    let shard = shard.to_string();
    let mut command = desk.command(&["worker", "--run", "r", "--shard", &shard, "--store", "."]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Returns the peak memory of a running process so far, in kB.
fn peak(process: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().trim_end_matches(" kB").parse().ok()
}

/// Waits until all processes have succeeded. Returns the peak memory of each process, in kB.
fn finish(mut processes: Vec<Child>) -> Vec<u64> {
    let mut peaks = vec![0; processes.len()];
    wait_for("the workers", Duration::from_secs(120), || {
        for (peak, process) in peaks.iter_mut().zip(&processes) {
            *peak = self::peak(process).unwrap_or(*peak);
        }
        let mut ended = processes.iter_mut().map(|process| process.try_wait().unwrap());
        ended
            .all(|status| status.is_some_and(|status| status.success()))
            .then(|| peaks.clone())
    })
}

/// Runs the scenario, and starts only the workers of the shards in `started`. Asserts that each row was sent once.
/// Returns the peak memory of each worker.
fn run(workers: u32, started: &[u32], options: &[&str]) -> Vec<u64> {
    let server = ScriptedServer::start(|_| ScriptedAnswer::new("200 OK", "", ""));
    let desk = desk(&server);
    let number = workers.to_string();
    let prepare = ["prepare", "s.yaml", "--workers", &number, "--run", "r", "--store", "."];
    desk.run(&[&prepare[..], options].concat()).expect(0, &[]);
    let workers: Vec<Child> = started.iter().map(|shard| worker(&desk, *shard)).collect();
    let attach = ["attach", "r", "--store", ".", "--out", "r.json"];
    let following = Running::start(&mut desk.command(&attach));
    let peaks = finish(workers);
    let ran = following.finish();
    let report = desk.json("r.json");
    assert_eq!(sent(&report), ROWS as u64, "{}", ran.stderr);
    assert!(seen(&server) == expected(), "the target received other rows");
    peaks
}

#[test]
fn workers_keep_only_the_rows_of_their_arrivals_in_memory() {
    let peaks = run(4, &[0, 1, 2, 3], &[]);
    assert!(peaks.iter().all(|peak| *peak < MEMORY_MAX_KB), "{peaks:?}");
}

#[test]
fn workers_that_take_over_arrivals_read_the_rows_of_these() {
    let options = ["--min-workers", "2", "--restripe", "--start-timeout", "8s"];
    // A worker keeps a third of the rows before the start. After the start, a worker keeps half of the rows.
    let peaks = run(3, &[0, 2], &options);
    assert!(peaks.iter().all(|peak| *peak < 2 * MEMORY_MAX_KB), "{peaks:?}");
}

#[test]
fn rows_that_do_not_fit_into_the_workers_are_rejected_with_the_number_that_would() {
    let server = ScriptedServer::start(|_| ScriptedAnswer::new("200 OK", "", ""));
    let desk = desk(&server);
    let scenario = std::fs::read_to_string(desk.path("s.yaml")).unwrap();
    let feeds = "feeds: { a: { file: rows.csv, pick: once }, b: { file: rows.csv, pick: random }, ";
    desk.write(
        "s.yaml",
        &scenario.replace("feeds: { ", feeds).replace(
            "requests: [",
            "requests: [ { name: b, url: '/{{ feed a.id }}/{{ feed b.id }}' },",
        ),
    );
    for verb in ["plan", "launch", "prepare"] {
        desk.run(&[verb, "s.yaml", "--workers", "1"]).expect(
            2,
            &["rows of large feeds, more than 128 MiB", "use --workers 2 or more"],
        );
    }
    desk.run(&["plan", "s.yaml", "--workers", "2"]).expect(0, &[]);
    // One arrival needs only one row of each feed, so `try` does not exceed the limit.
    desk.run(&["try", "s.yaml", "--arrival", "2000"]).expect(0, &[]);
    let users = "load: { users: { users: 10, duration: 1s } }\n";
    let with_users: String = scenario
        .lines()
        .map(|line| match line.starts_with("load:") {
            true => users.to_owned(),
            false => format!("{line}\n").replace("pick: once", "pick: shuffle"),
        })
        .collect();
    let with_users = with_users.replace(
        "feeds: { ",
        "feeds: { a: { file: rows.csv, pick: random }, b: { file: rows.csv }, ",
    );
    let with_users = with_users.replace(
        "requests: [",
        "requests: [ { name: b, url: '/{{ feed a.id }}/{{ feed b.id }}' },",
    );
    desk.write("users.yaml", &with_users);
    desk.run(&["plan", "users.yaml", "--workers", "5"])
        .expect(2, &["more than 128 MiB", "use smaller files"]);
}
