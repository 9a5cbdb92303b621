//! Tests of runs on this machine. The command line starts each worker as a process, and the store is a folder.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;
use whole_runs::machine::{Desk, Target, constant, free_port, kill, root, sent, wait_for};

const TIMEOUT: Duration = Duration::from_secs(30);

fn scenario(target: &str, rate: &str, duration: &str) -> String {
    format!(
        "name: small\ntarget: {target}\nload: {{ constant: {{ rate: {rate}, duration: {duration} }} }}\n\
         requests: [ {{ name: home, url: /home, weight: 2 }}, {{ name: cart, url: /cart }} ]\n"
    )
}

/// Runs one of the scenarios of the project without changes, and checks its report.
fn run_scenario(name: &str, planned: Option<u64>) {
    let desk = Desk::new();
    let scenarios = desk.path("scenarios");
    let copied = Command::new("cp")
        .arg("-r")
        .arg(root().join("scenarios"))
        .arg(scenarios)
        .status()
        .unwrap();
    assert!(copied.success());
    let ran = desk
        .run(&["launch", name, "--run", "r", "--out", "summary.json"])
        .expect(0, &[]);
    assert!(ran.stdout.contains(": passed"), "{}", ran.stdout);
    let report = desk.json("summary.json");
    assert_eq!(report["verdict"], "passed");
    if let Some(planned) = planned {
        assert_eq!(report["balance"]["planned"], planned);
    }
    assert_eq!(report["balance"]["missing"], 0);
    let seconds: u64 = report["seconds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|second| second["sent"].as_u64().unwrap())
        .sum();
    assert_eq!(sent(&report), seconds, "the seconds do not add up to the total");
    for key in [
        "plan.json",
        "start",
        "report.json",
        "shards/00000/00000/claims/00001",
        "shards/00003/00000/result",
    ] {
        assert!(desk.path("runs/r").join(key).is_file(), "{key} is missing");
    }
    let again = desk.run(&["report", "r", "--out", "-"]).expect(0, &[]);
    assert_eq!(
        again.stdout,
        format!(
            "{}\n",
            String::from_utf8(std::fs::read(desk.path("summary.json")).unwrap())
                .unwrap()
                .trim_end()
        )
    );
    let listed = desk.run(&["list"]).expect(0, &[]);
    assert!(listed.stdout.contains("passed"), "{}", listed.stdout);
}

/// Defines a test for each scenario of the project. The arguments are the name of the scenario and its number of
/// planned arrivals.
macro_rules! scenarios {
    ($($test:ident: $name:literal, $planned:expr;)*) => {
        $(
            #[test]
            fn $test() {
                run_scenario($name, $planned);
            }
        )*

        #[test]
        fn every_scenario_of_the_project_has_a_test() {
            let files = std::fs::read_dir(root().join("scenarios")).unwrap();
            let files = files.map(|entry| entry.unwrap().path());
            let yaml = files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
            let names: BTreeSet<_> = yaml.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
            assert_eq!(names, BTreeSet::from([$($name.to_owned()),*]));
        }
    };
}

scenarios! {
    the_scenario_quickstart_runs: "quickstart", Some(5_000);
    the_scenario_ramp_runs: "ramp", None;
    the_scenario_steps_runs: "steps", None;
    the_scenario_sine_runs: "sine", None;
    the_scenario_spike_runs: "spike", None;
    the_scenario_poisson_runs: "poisson", None;
    the_scenario_users_runs: "users", None;
    the_scenario_checkout_runs: "checkout", None;
    the_scenario_journey_runs: "journey", Some(100);
    the_scenario_populations_runs: "populations", None;
}

#[test]
fn the_report_matches_the_counts_of_the_target() {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms, errors 2%"));
    let options = ["--workers", "3", "--out", "summary.json"];
    let launch = desk.launch(&scenario(&target.url(), "400/s", "5s"), &options);
    launch.finish().expect(0, &[]);
    let report = desk.json("summary.json");
    assert_eq!(sent(&report), 2_000);
    assert_eq!(target.requests(), 2_000);
    for request in report["requests"].as_array().unwrap() {
        let path = format!("/{}", request["name"].as_str().unwrap());
        assert_eq!(target.by_path()[&path], request["sent"].as_u64().unwrap(), "{path}");
    }
    let counts = target.counts();
    assert_eq!(counts["by_status"]["500"], report["total"]["statuses"]["500"]);
    assert_eq!(counts["by_status"]["500"], report["total"]["failures"]["status"]);
}

#[test]
fn the_requests_do_not_depend_on_the_number_of_workers() {
    let paths = ["1", "5"].map(|workers| {
        let (desk, target) = (Desk::new(), Target::start(""));
        let text = scenario(&target.url(), "500/s", "2s").replace("url: /cart", "url: '/cart/{{ random 1 40 }}'");
        // Without a seed in the scenario, each launch would draw its own seed.
        desk.write("s.yaml", &format!("{text}seed: 7\n"));
        desk.run(&["launch", "s.yaml", "--workers", workers]).expect(0, &[]);
        target.by_path()
    });
    assert_eq!(paths[0].values().sum::<u64>(), 1_000);
    assert_eq!(paths[0], paths[1]);
}

#[test]
fn attach_finishes_a_run_whose_launcher_was_killed() {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    let launch = desk.launch(&scenario(&target.url(), "300/s", "6s"), &[]);
    target.wait_for_more_than(100);
    launch.signal("KILL");
    assert_eq!(launch.finish().code, None);
    let ran = desk.run(&["attach", "r", "--out", "summary.json"]).expect(0, &[]);
    assert!(
        ran.stdout.contains("small: finished, nothing was judged"),
        "{}",
        ran.stdout
    );
    assert_eq!(sent(&desk.json("summary.json")), 1_800);
    assert_eq!(target.requests(), 1_800);
}

#[test]
fn a_killed_worker_is_named_and_only_its_missing_requests_are_lost() {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    let launch = desk.launch(&scenario(&target.url(), "400/s", "8s"), &["--out", "summary.json"]);
    target.wait_for_more_than(1_300);
    kill(desk.worker(2).unwrap(), "KILL");
    let ran = launch.finish().expect(3, &[]);
    assert!(ran.stdout.contains("small: incomplete"), "{}", ran.stdout);
    let report = desk.json("summary.json");
    let reasons = report["reasons"].to_string();
    assert!(
        reasons.contains("worker 2: the worker process ended with signal: 9"),
        "{reasons}"
    );
    assert!(reasons.contains("its arrivals from"), "{reasons}");
    let reported = sent(&report);
    let missing = report["balance"]["missing"].as_u64().unwrap();
    assert_eq!(reported + missing, 3_200);
    // A killed worker does not store the snapshot of its last interval. The requests of this interval, which lasts at
    // most one second, were sent and are not in the report.
    let unreported = target.requests() - reported;
    assert!(
        unreported <= 120,
        "{unreported} requests were sent and are not in the report"
    );
    for worker in report["workers"].as_array().unwrap() {
        let whole = worker["shard"] != 2;
        assert_eq!(worker["missing"] == 0, whole, "{worker}");
        assert!(
            worker["sent"].as_u64().unwrap() >= 200,
            "stored snapshots are missing: {worker}"
        );
    }
}

#[test]
fn ctrl_c_stops_the_fleet_and_prints_the_report() {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    let launch = desk.launch(&scenario(&target.url(), "200/s", "60s"), &["--out", "summary.json"]);
    target.wait_for_more_than(200);
    launch.signal("INT");
    let ran = launch.finish().expect(130, &["stopping"]);
    assert!(
        ran.stdout.contains("the run was stopped: interrupted"),
        "{}",
        ran.stdout
    );
    let report = desk.json("summary.json");
    assert_eq!(report["verdict"], "incomplete");
    assert_eq!(sent(&report), target.requests());
    // Workers send requests for at most two seconds after the stop. At 200 requests per second, this is at most 400
    // requests. The limit also allows for the requests in flight.
    assert!(sent(&report) < 200 + 700, "{}", sent(&report));
}

#[test]
fn the_stop_command_ends_a_run_and_its_reason_is_in_the_report() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let launch = desk.launch(&scenario(&target.url(), "200/s", "60s"), &[]);
    target.wait_for_more_than(100);
    desk.run(&["stop", "r", "--reason", "the target's team called"])
        .expect(0, &["is stopping"]);
    let ran = launch.finish().expect(3, &[]);
    assert!(
        ran.stdout.contains("the run was stopped: the target's team called"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_shard_that_is_started_twice_runs_once() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let launch = desk.launch(&scenario(&target.url(), "200/s", "4s"), &[]);
    wait_for("the start", TIMEOUT, || {
        desk.path("runs/r/start").exists().then_some(())
    });
    let second = desk
        .run(&["worker", "--run", "r", "--shard", "1"])
        .expect(76, &["is claimed by another worker"]);
    assert_eq!(second.stdout, "");
    launch.finish().expect(0, &[]);
    assert_eq!(target.requests(), 800);
}

#[test]
fn a_run_in_slices_is_handed_over_without_loss() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let options = ["--workers", "2", "--slice", "3s", "--out", "summary.json"];
    let launch = desk.launch(&scenario(&target.url(), "200/s", "9s"), &options);
    let ran = launch.finish().expect(0, &[]);
    assert!(ran.stdout.contains("6 of 6 finished"), "{}", ran.stdout);
    assert_eq!(sent(&desk.json("summary.json")), 1_800);
    assert_eq!(target.requests(), 1_800);
}

#[test]
fn stdout_has_only_the_report_and_stderr_the_progress() {
    let (desk, target) = (Desk::new(), Target::start(""));
    desk.write("s.yaml", &scenario(&target.url(), "100/s", "1s"));
    let ran = desk.run(&["launch", "s.yaml"]).expect(0, &["run small-", "0 of 1 s"]);
    assert!(
        ran.stdout.starts_with("small: finished, nothing was judged\n"),
        "{}",
        ran.stdout
    );
    // A run that has ended cannot be stopped, and its verdict does not change.
    let run = std::fs::read_dir(desk.path("runs"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .file_name();
    let run = run.to_str().unwrap();
    desk.run(&["stop", run]).expect(0, &["has already ended"]);
    assert!(!desk.path("runs").join(run).join("stop").exists());
    desk.run(&["report", run]).expect(0, &[]);
    // The renamed run is rejected, because its documents contain its original name.
    std::fs::rename(desk.path("runs").join(run), desk.path("runs/copied")).unwrap();
    desk.run(&["report", "copied"]).expect(1, &["is that of the run"]);
    let quiet = desk.run(&["launch", "s.yaml", "--quiet", "--out", "-"]).expect(0, &[]);
    assert_eq!(quiet.stderr, "");
    let report: serde_json::Value = serde_json::from_str(&quiet.stdout).unwrap();
    assert_eq!(report["verdict"], "unjudged");
}

/// The test starts the workers, as an orchestrator would do. The store already contains the plan and the start.
#[test]
fn workers_with_several_threads_send_exactly_their_share() {
    let (desk, target) = (Desk::new(), Target::start(""));
    desk.write("s.yaml", &scenario(&target.url(), "997/s", "2s"));
    let run = "small-planned";
    desk.publish(run, 2);
    let workers = ["0", "1"].map(|shard| desk.spawn(&["worker", "--run", run, "--shard", shard, "--threads", "3"]));
    for worker in workers {
        worker.finish().expect(0, &[]);
    }
    desk.run(&["report", run, "--out", "summary.json"]).expect(0, &[]);
    let report = desk.json("summary.json");
    assert_eq!((report["verdict"].as_str(), sent(&report)), (Some("unjudged"), 1_994));
    assert_eq!(target.requests(), 1_994);
    for worker in report["workers"].as_array().unwrap() {
        assert_eq!(worker["sent"], 997);
    }
    let seconds = report["seconds"].as_array().unwrap();
    let series: u64 = seconds.iter().map(|second| second["sent"].as_u64().unwrap()).sum();
    assert_eq!(series, 1_994, "the threads' records do not add up to the total");
}

#[test]
fn a_run_stops_when_its_abort_rule_is_broken() {
    let desk = Desk::new();
    let target = Target::start("errors 50%");
    let load = constant(&target.url(), "200/s", "1m");
    desk.write("s.yaml", &format!("{load}abort_if: errors > 20% for 3s\n"));
    let began = std::time::Instant::now();
    let ran = desk.run(&["launch", "s.yaml", "--workers", "2"]).expect(99, &[]);
    assert!(ran.stdout.contains("small: crossed"), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("`abort_if: errors > 20% for 3s` is broken from 0 s to 3 s"),
        "{}",
        ran.stdout
    );
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
}

#[test]
fn a_calibration_sets_the_number_of_workers() {
    let desk = Desk::new();
    let target = Target::start("latency 20ms");
    let scenario = |connections: u32| {
        let load = constant(&target.url(), "1500/s", "2s");
        format!("{load}limits: {{ connections: {connections} }}\n")
    };
    // Each of the twenty connections is busy for 20 ms per request. With twenty connections, any machine can send at
    // most 1,000 requests per second.
    desk.write("s.yaml", &scenario(20));
    desk.run(&["launch", "s.yaml", "--workers", "auto"])
        .expect(2, &["no calibration of this mix", "vajra-cloud calibrate"]);
    let ran = desk
        .run(&["calibrate", "s.yaml", "--max-lag", "20ms"])
        .expect(0, &["one worker, at most 1500.0/s"]);
    let text = ran.stdout.strip_prefix("one worker can send ").unwrap();
    let rate: u64 = text
        .split('/')
        .next()
        .unwrap()
        .replace(',', "")
        .split('.')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((200..=1_000).contains(&rate), "{}", ran.stdout);
    let ran = desk.run(&["launch", "s.yaml", "--workers", "auto", "--out", "summary.json"]);
    let workers = desk.json("summary.json")["workers"].as_array().unwrap().len() as u64;
    assert!(
        workers >= 2 && workers * rate >= 1_500,
        "{workers} workers of {rate}/s: {}",
        ran.stderr
    );
    // One connection is too slow for the first rate of the calibration. The first rate is the lowest rate of the
    // calibration.
    desk.write("s.yaml", &scenario(1));
    let ran = desk
        .run(&["calibrate", "s.yaml", "--max-lag", "20ms"])
        .expect(0, &["late"]);
    let text = ran.stdout.strip_prefix("one worker can send ").unwrap();
    let rate: f64 = text.split('/').next().unwrap().parse().unwrap();
    assert!((1.0..=50.0).contains(&rate), "{}", ran.stdout);
}

#[test]
fn a_mix_that_fails_is_not_calibrated() {
    let desk = Desk::new();
    let target = Target::start("errors 100%");
    let scenario = |url: &str| {
        format!(
            "name: small\ntarget: {url}\nload: {{ constant: {{ rate: 300/s, duration: 2s }} }}\nrequests: [ {{ name: home }} ]\n"
        )
    };
    desk.write("s.yaml", &scenario(&target.url()));
    desk.run(&["calibrate", "s.yaml", "--max-lag", "20ms"]).expect(
        2,
        &["the mix fails", "nothing is kept", "100% of", "status (", "× 500)"],
    );
    // No process listens on this port.
    desk.write("refused.yaml", &scenario(&format!("http://127.0.0.1:{}", free_port())));
    desk.run(&["calibrate", "refused.yaml", "--max-lag", "20ms"])
        .expect(2, &["the mix fails", "connect ("]);
    for scenario in ["s.yaml", "refused.yaml"] {
        desk.run(&["launch", scenario, "--workers", "auto"])
            .expect(2, &["no calibration of this mix"]);
    }
}
