//! Tests of the ways in which a command exits. The command stops the workers that it has started, or prints a command
//! that stops these workers.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use whole_runs::machine::{Desk, Process, Ran, Running, Target, constant, http, kill, sent, wait_for};

const TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum time for which workers send requests after a stop.
const STOP: Duration = Duration::from_secs(2);
/// The minimum time between two signals that count as two. Signals with less time between them count as one.
const APART: Duration = Duration::from_millis(1_100);

fn until(began: Instant, span: Duration) {
    wait_for("time to pass", TIMEOUT, || (began.elapsed() >= span).then_some(()));
}

/// Asserts that no request arrives in the third second after `gone`. For two seconds, workers may send requests.
fn assert_silent_after(target: &Target, gone: Instant, context: &str) {
    until(gone, STOP);
    let then = target.requests();
    until(gone, STOP + Duration::from_secs(1));
    assert_eq!(
        target.requests(),
        then,
        "requests arrived more than 2 s after the end; {context}"
    );
}

#[test]
fn signals_close_together_count_as_one() {
    for signals in [["INT", "INT"], ["TERM", "TERM"], ["HUP", "TERM"]] {
        let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
        let load = constant(&target.url(), "200/s", "60s");
        let launch = desk.launch(&load, &["--workers", "2", "--out", "summary.json"]);
        target.wait_for_more_than(100);
        signals.iter().for_each(|signal| launch.signal(signal));
        let ran = launch.finish();
        assert_silent_after(&target, Instant::now(), &ran.stderr);
        let ran = ran.expect(130, &["stopping"]);
        assert!(
            ran.stdout.contains("the run was stopped: interrupted"),
            "{}",
            ran.stdout
        );
        assert_eq!(sent(&desk.json("summary.json")), target.requests());
    }
}

#[test]
fn the_rate_of_an_interrupted_run_is_over_its_actual_duration() {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    let scenario = constant(&target.url(), "100/s", "60s") + "thresholds: [ rate > 50/s ]\n";
    desk.write("s.yaml", &scenario);
    let launch = desk.spawn(&[
        "launch",
        "s.yaml",
        "--run",
        "r",
        "--workers",
        "2",
        "--out",
        "summary.json",
    ]);
    wait_for("some load", TIMEOUT, || (target.requests() > 300).then_some(()));
    launch.signal("INT");
    let ran = launch.finish().expect(130, &[]);
    let report = desk.json("summary.json");
    let number = |pointer: &str| report.pointer(pointer).unwrap().as_f64().unwrap();
    let (measured, rate) = (number("/measured_s"), number("/total/rate_per_s"));
    assert!(measured > 2.0 && measured < 50.0, "{measured}");
    assert!((number("/lasted_s") - measured).abs() < 1e-9 && (number("/duration_s") - 60.0).abs() < 1e-9);
    // If the report divided the number of requests by the planned 60 s, the rate would be far below 70 requests per
    // second.
    assert!((70.0..=130.0).contains(&rate), "{rate}/s over {measured} s");
    assert_eq!(report["thresholds"][0]["kept"], true, "{}", report["thresholds"]);
    assert!(ran.stdout.contains(" of 60 s"), "{}", ran.stdout);
}

#[test]
fn a_second_signal_exits_once_the_stop_is_stored_and_names_attach() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let hang = constant(&target.url(), "20/s", "60s").replace("/home", "/fault/hang");
    let launch = desk.launch(&hang, &[]);
    target.wait_for_more_than(20);
    let first = Instant::now();
    launch.signal("INT");
    until(first, APART);
    let pressed = Instant::now();
    launch.signal("INT");
    let ran = launch
        .finish()
        .expect(130, &["the run is stopped", "vajra-cloud attach r --store '"]);
    assert!(pressed.elapsed() < Duration::from_secs(2), "{:?}", pressed.elapsed());
    assert_eq!(ran.stdout, "");
    assert!(desk.path("runs/r/stop").exists());
    assert_silent_after(&target, Instant::now(), &ran.stderr);
}

/// A folder that no process can open until this value is dropped.
struct Unreachable<'a> {
    path: &'a Path,
    away: std::path::PathBuf,
}

impl Unreachable<'_> {
    fn new(path: &Path) -> Unreachable<'_> {
        let away = path.with_extension("away");
        std::fs::rename(path, &away).unwrap();
        std::os::unix::fs::symlink(path.file_name().unwrap(), path).unwrap();
        Unreachable { path, away }
    }
}

impl Drop for Unreachable<'_> {
    fn drop(&mut self) {
        std::fs::remove_file(self.path).unwrap();
        std::fs::rename(&self.away, self.path).unwrap();
    }
}

/// Starts a run of two workers at 200/s for 40 s, and waits until the target has received more than 100 requests.
fn under_load() -> (Desk, Target, Running) {
    let (desk, target) = (Desk::new(), Target::start(""));
    let load = constant(&target.url(), "200/s", "40s");
    let launch = desk.launch(&load, &["--workers", "2"]);
    target.wait_for_more_than(100);
    (desk, target, launch)
}

#[test]
fn a_launcher_that_fails_stops_its_fleet_first() {
    let (desk, target, launch) = under_load();
    let shards = desk.path("runs/r/shards");
    let unreachable = Unreachable::new(&shards);
    let ran = launch.finish();
    assert_silent_after(&target, Instant::now(), &ran.stderr);
    ran.expect(1, &["cannot list"]);
    assert!(
        desk.json("runs/r/stop")["reason"]
            .as_str()
            .unwrap()
            .contains("its launcher failed")
    );
    drop(unreachable);
}

#[test]
fn a_launcher_that_cannot_stop_its_fleet_prints_the_stop_command() {
    let (desk, target, launch) = under_load();
    let run = desk.path("runs/r");
    let unreachable = Unreachable::new(&run);
    let ran = launch.finish().expect(
        1,
        &["the workers continue; stop them with `vajra-cloud stop r --store '"],
    );
    let then = target.requests();
    wait_for("requests of the fleet", TIMEOUT, || {
        (target.requests() > then).then_some(())
    });
    drop(unreachable);
    let command = ran
        .stderr
        .split('`')
        .find(|part| part.starts_with("vajra-cloud stop"))
        .unwrap();
    let store = command.split('\'').nth(1).unwrap();
    desk.run(&["stop", "r", "--store", store]).expect(0, &["is stopping"]);
    assert_silent_after(&target, Instant::now(), "after the stop");
}

#[test]
fn a_worker_stopped_by_its_host_stores_its_result_and_the_rest_is_missing() {
    for signal in ["TERM", "INT", "HUP"] {
        let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
        let load = constant(&target.url(), "200/s", "6s");
        let launch = desk.launch(&load, &["--workers", "2", "--out", "summary.json"]);
        target.wait_for_more_than(200);
        let pid = desk.worker(1).unwrap();
        kill(pid, signal);
        kill(pid, signal);
        let ran = launch.finish().expect(3, &[]);
        assert!(ran.stdout.contains("stopped by its host"), "{}", ran.stdout);
        let report = desk.json("summary.json");
        assert_eq!(
            sent(&report),
            target.requests(),
            "sent requests are missing from the report"
        );
        let workers = report["workers"].as_array().unwrap();
        assert_eq!(workers[0]["missing"], 0, "{}", workers[0]);
        assert_eq!(workers[1]["state"], "host_stopped", "{}", workers[1]);
        assert!(workers[1]["missing"].as_u64().unwrap() > 100, "{}", workers[1]);
        assert!(
            report["reasons"].to_string().contains("worker 1"),
            "{}",
            report["reasons"]
        );
    }
}

#[test]
fn a_stopped_worker_drains_for_at_most_its_grace_period() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let hang = constant(&target.url(), "20/s", "60s").replace("/home", "/fault/hang, timeout: 50s");
    desk.write("s.yaml", &hang);
    desk.publish("small-planned", 1);
    let worker = desk.spawn(&["worker", "--run", "small-planned", "--shard", "0", "--grace", "8s"]);
    target.wait_for_more_than(20);
    let began = Instant::now();
    worker.signal("TERM");
    worker.finish().expect(3, &["SIGTERM", "was stopped by its host"]);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert!(desk.path("runs/small-planned/shards/00000/00000/result").exists());
}

/// Returns the process ID of the first child of a process; `None` if the process has no child.
fn child_of(pid: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

#[test]
fn a_stopped_worker_stores_its_result_as_process_1() {
    const ISOLATED: [&str; 4] = ["--user", "--map-root-user", "--pid", "--fork"];
    let possible = Command::new("unshare")
        .args(ISOLATED)
        .arg("true")
        .stderr(Stdio::null())
        .status();
    if !possible.is_ok_and(|status| status.success()) {
        println!("SKIPPED a worker as process 1: this user may not create a process namespace");
        return;
    }
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    desk.write("s.yaml", &constant(&target.url(), "100/s", "30s"));
    desk.publish("small-planned", 1);
    let worker = desk.command(&["worker", "--run", "small-planned", "--shard", "0"]);
    let mut isolated = Command::new("unshare");
    isolated
        .args(ISOLATED)
        .arg("--kill-child")
        .arg(worker.get_program())
        .args(worker.get_args());
    isolated
        .current_dir(desk.path("."))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let process = isolated.spawn().unwrap();
    let parent = process.id();
    let mut process = Process(process);
    target.wait_for_more_than(50);
    kill(child_of(parent).unwrap(), "TERM");
    assert_silent_after(&target, Instant::now(), "as process 1");
    let ran = finish(&mut process.0);
    ran.expect(3, &["was stopped by its host"]);
    assert!(desk.path("runs/small-planned/shards/00000/00000/result").exists());
}

fn finish(child: &mut Child) -> Ran {
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    let code = child.wait().unwrap().code();
    Ran { code, stdout, stderr }
}

#[test]
fn a_rejected_launch_leaves_no_target_process_with_its_output() {
    let desk = Desk::new();
    desk.write("s.yaml", &constant("{ builtin: latency 1ms }", "20/s", "1s"));
    desk.run(&["launch", "s.yaml", "--run", "r"]).expect(0, &[]);
    let began = Instant::now();
    // `run` returns when every process that has the stdout or the stderr of the command open has ended.
    desk.run(&["launch", "s.yaml", "--run", "r"])
        .expect(2, &["the run r already exists in this store"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn a_killed_launch_leaves_no_target_process_with_its_output() {
    let desk = Desk::new();
    let load = constant("{ builtin: latency 1ms }", "20/s", "5s");
    let launch = desk.launch(&load, &[]);
    wait_for("the start", TIMEOUT, || {
        desk.path("runs/r/start").exists().then_some(())
    });
    let began = Instant::now();
    launch.signal("KILL");
    assert_eq!(launch.finish().code, None);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

/// Opens `count` connections that send no request.
fn idle(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    (0..count).map(|_| TcpStream::connect(address).unwrap()).collect()
}

#[test]
fn a_thousand_idle_connections_do_not_block_the_dashboard_or_the_metrics() {
    worker::descriptors::raise(4_096).unwrap();
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    desk.write("s.yaml", &constant(&target.url(), "100/s", "15s"));
    let launch = desk.command(&[
        "launch",
        "s.yaml",
        "--run",
        "r",
        "--workers",
        "2",
        "--dashboard",
        "--prometheus-listen",
        "127.0.0.1:0",
    ]);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -n 1024 && exec \"$0\" \"$@\""])
        .arg(launch.get_program())
        .args(launch.get_args());
    limited
        .current_dir(desk.path("."))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = Process(limited.spawn().unwrap());
    let mut stderr = BufReader::new(process.0.stderr.take().unwrap());
    let mut words = String::new();
    let mut find = |begin: &str, words: &mut String| -> String {
        loop {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "no `{begin}` in {words}");
            words.push_str(&line);
            if let Some(rest) = line.trim().strip_prefix(begin) {
                return rest.split('/').next().unwrap().to_owned();
            }
        }
    };
    let metrics: SocketAddr = find("metrics are at http://", &mut words).parse().unwrap();
    let dashboard: SocketAddr = find("dashboard http://", &mut words).parse().unwrap();
    target.wait_for_more_than(50);
    let _idle = [idle(dashboard, 1_000), idle(metrics, 1_000)];
    let requested = Instant::now();
    assert!(http(metrics, "GET", "/metrics").unwrap().contains("vajra_"));
    assert!(http(dashboard, "GET", "/").unwrap().contains("open the address"));
    assert!(
        requested.elapsed() < Duration::from_secs(5),
        "{:?}",
        requested.elapsed()
    );
    // After the run, the launcher waits until a scraper has read the final counts.
    let reader = std::thread::spawn(move || {
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).map(|_| rest)
    });
    wait_for("the end of the run", TIMEOUT, || {
        http(metrics, "GET", "/metrics").is_err().then_some(())
    });
    let rest = reader.join().unwrap().unwrap();
    assert_eq!(process.0.wait().unwrap().code(), Some(0), "{words}{rest}");
}

/// Sends SIGSTOP to a process, and waits until the process is stopped.
fn freeze(pid: u32) {
    kill(pid, "STOP");
    wait_for("the worker to freeze", TIMEOUT, || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit(')').next()?.trim_start().starts_with('T').then_some(())
    });
}

/// Freezes one of two workers and ends the other worker. Resumes the frozen worker after the report is printed.
///
/// If `attached` is false, the launcher prints the report. Otherwise, the launcher is killed, and `attach` prints the
/// report.
fn a_frozen_worker_stops_when_it_resumes(attached: bool) {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    desk.write("s.yaml", &constant(&target.url(), "200/s", "9m"));
    let launch = desk.spawn(&["launch", "s.yaml", "--run", "r", "--workers", "2"]);
    wait_for("some load", TIMEOUT, || (target.requests() > 100).then_some(()));
    let launch = match attached {
        true => {
            launch.signal("KILL");
            launch.finish();
            desk.spawn(&["attach", "r"])
        }
        false => launch,
    };
    let (ended, frozen) = (desk.worker(0).unwrap(), desk.worker(1).unwrap());
    freeze(frozen);
    kill(ended, "TERM");
    let ran = launch.finish().expect(3, &[]);
    let resumed = Instant::now();
    kill(frozen, "CONT");
    assert_silent_after(&target, resumed, &ran.stdout);
    assert!(
        ran.stdout
            .contains("the run was stopped: worker 1 stored no result, and a worker may still be running"),
        "{ran:?}"
    );
    wait_for("the result of the worker", TIMEOUT, || {
        desk.path("runs/r/shards/00001/00000/result").exists().then_some(())
    });
}

#[test]
fn a_frozen_worker_stops_when_it_resumes_after_the_launcher_ended() {
    a_frozen_worker_stops_when_it_resumes(false);
}

#[test]
fn a_frozen_worker_stops_when_it_resumes_after_an_attached_command_ended() {
    a_frozen_worker_stops_when_it_resumes(true);
}

#[test]
fn no_stop_is_stored_if_all_workers_have_ended() {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    desk.write("s.yaml", &constant(&target.url(), "200/s", "9m"));
    let launch = desk.spawn(&["launch", "s.yaml", "--run", "r", "--workers", "2"]);
    wait_for("some load", TIMEOUT, || (target.requests() > 100).then_some(()));
    (0..2).for_each(|shard| kill(desk.worker(shard).unwrap(), "KILL"));
    let ran = launch.finish().expect(3, &[]);
    assert!(ran.stdout.contains("the worker process ended with signal"), "{ran:?}");
    assert!(!ran.stdout.contains("the run was stopped"), "{ran:?}");
    assert!(!desk.path("runs/r/stop").exists());
}

/// A signal for a process of a run. `after` is the time since the previous signal.
#[derive(Clone, Copy, Debug)]
struct Shot {
    after: Duration,
    signal: &'static str,
    /// The shard whose worker gets the signal; `None` if the launcher gets it.
    worker: Option<u32>,
}

fn shots(random: &mut StdRng) -> Vec<Shot> {
    let mut shots: Vec<Shot> = (0..random.random_range(1..=4))
        .map(|_| Shot {
            after: Duration::from_millis([0, 0, 5, 200, 900, 1_200][random.random_range(0..6)]),
            signal: ["INT", "TERM", "HUP"][random.random_range(0..3)],
            worker: [None, None, Some(0), Some(1)][random.random_range(0..4)],
        })
        .collect();
    // At least one of the signals is for the launcher.
    if shots.iter().all(|shot| shot.worker.is_some()) {
        let last = shots.len() - 1;
        shots[last].worker = None;
    }
    shots
}

/// Starts a run, and sends signals to its processes. The signals are drawn from the seed.
fn round(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let shots = shots(&mut random);
    // If this number is small, the first signals arrive while the workers prepare.
    let requests = [0, 1, 100, 200][random.random_range(0..4)];
    let context = format!("round {seed}: after {requests} requests {shots:?}");
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    let load = constant(&target.url(), "100/s", "30s");
    let launch = desk.launch(&load, &["--workers", "2", "--out", "summary.json"]);
    wait_for("the plan", TIMEOUT, || {
        desk.path("runs/r/plan.json").exists().then_some(())
    });
    wait_for("some load", TIMEOUT, || (target.requests() >= requests).then_some(()));
    for shot in &shots {
        std::thread::sleep(shot.after);
        let pid = match shot.worker {
            None => Some(launch.pid()),
            Some(shard) => desk.worker(shard),
        };
        // The process may not have started, or it may have ended.
        let _ = pid.map(|pid| {
            Command::new("kill")
                .args([&format!("-{}", shot.signal), &pid.to_string()])
                .output()
        });
    }
    let ran = launch.finish();
    let gone = Instant::now();
    assert!(matches!(ran.code, Some(3 | 130)), "{context}: {ran:?}");
    if !ran.stderr.contains("the workers continue") {
        assert_silent_after(&target, gone, &format!("{context}: {ran:?}"));
    }
    if desk.path("summary.json").exists() {
        assert_eq!(
            sent(&desk.json("summary.json")),
            target.requests(),
            "{context}: {ran:?}"
        );
    }
}

#[test]
fn signals_at_any_time_leave_no_fleet_running() {
    const SIDE_BY_SIDE: u64 = 4;
    let rounds = std::env::var("VAJRA_SIGNAL_ROUNDS").map_or(12, |rounds| rounds.parse().unwrap());
    let base: u64 = rand::random_range(0..1_000_000);
    std::thread::scope(|scope| {
        for lane in 0..SIDE_BY_SIDE {
            scope.spawn(move || {
                (0..rounds)
                    .filter(|n| n % SIDE_BY_SIDE == lane)
                    .for_each(|n| round(base + n))
            });
        }
    });
}
