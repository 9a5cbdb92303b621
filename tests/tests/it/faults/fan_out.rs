//! Tests of a launcher that starts a thousand workers with an ordinary limit of open files.
//!
//! The launcher starts the workers as fast as the AWS account allows.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use whole_runs::lambda::{Code, Lambda, Scaling, Settings};
use whole_runs::machine::{Desk, Process, aws, kill, program, wait_for};

const WORKERS: u32 = 1_000;
/// A limit of open files that is lower than the default limit of a shell.
const DESCRIPTORS_SOFT: u32 = 256;

/// The measurements of a launcher that starts a thousand workers.
#[derive(Debug)]
struct FanOut {
    /// The time between the first and the last call that the service accepted.
    took: Duration,
    refused: usize,
    descriptors: usize,
    memory_mb: u64,
}

/// Returns a command with a limit of open files. If `which` is `-S`, only the soft limit is set. If `which` is empty,
/// the hard limit is also set.
fn limited(desk: &Desk, which: &str, descriptors: u32, args: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit {which} -n {descriptors} && exec \"$0\" \"$@\"")])
        .arg(program())
        .args(args)
        .current_dir(desk.path(""))
        .env_remove("VAJRA_STORE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    aws(&mut command);
    command
}

fn scenario(desk: &Desk) {
    desk.write(
        "wide.yaml",
        "name: wide\ntarget: http://127.0.0.1:9\nload: { constant: { rate: 1000/s, duration: 2s } }\n\
         requests: [ { name: home } ]\n",
    );
}

/// Launches a run on a service that starts at most `environments` functions at once, and as many in every 10 s after
/// this. Waits until all workers run.
fn fan_out(environments: u32, timeout: Duration) -> FanOut {
    let mut settings = Settings::new(Code::Nap(Duration::from_secs(300)));
    settings.scaling = Scaling {
        environments,
        every: Duration::from_secs(10),
    };
    let (lambda, s3, desk) = (Lambda::start(settings), super::cloud::S3::shared(), Desk::new());
    scenario(&desk);
    let (store, endpoint, workers) = (s3.store(), lambda.endpoint(), WORKERS.to_string());
    let args = [
        "launch",
        "wide.yaml",
        "--fleet",
        "lambda",
        "--unchecked",
        "--workers",
        &workers,
    ];
    let places = [
        "--store",
        &store,
        "--lambda-endpoint",
        &endpoint,
        "--start-timeout",
        "2m",
    ];
    let mut command = limited(&desk, "-S", DESCRIPTORS_SOFT, &[&args[..], &places].concat());
    let mut process = Process(command.spawn().unwrap());
    wait_for("all workers", timeout, || (lambda.busy() == WORKERS).then_some(()));
    let pid = process.0.id();
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let memory_kb: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    // The functions only sleep and never claim their shards. An interrupted launcher without claimed shards aborts the
    // run and exits immediately.
    kill(pid, "INT");
    let began = Instant::now();
    let mut stderr = String::new();
    process.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(process.0.wait().unwrap().code(), Some(130), "{stderr}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(
        stderr.contains("0 of 1000 workers were ready") || stderr.contains("0 of 1,000 workers were ready"),
        "{stderr}"
    );

    let invocations = lambda.invocations();
    let (refused, taken): (Vec<_>, Vec<_>) = invocations.iter().partition(|invocation| invocation.refused.is_some());
    let shards: std::collections::BTreeSet<u32> = taken.iter().map(|invocation| invocation.shard).collect();
    assert_eq!(
        (taken.len(), shards.len()),
        (1_000, 1_000),
        "each worker must be started once"
    );
    assert_eq!(lambda.busy_max(), WORKERS);
    let times = || taken.iter().map(|invocation| invocation.at);
    let fan_out = FanOut {
        took: times().max().unwrap() - times().min().unwrap(),
        refused: refused.len(),
        descriptors,
        memory_mb: memory_kb / 1024,
    };
    println!("{environments} environments every 10 s: {fan_out:?}");
    fan_out
}

#[test]
fn a_thousand_workers_start_at_once_if_the_account_allows_it() {
    let fan_out = fan_out(1_000, Duration::from_secs(60));
    assert_eq!(fan_out.refused, 0, "{fan_out:?}");
    assert!(fan_out.took < Duration::from_secs(10), "{fan_out:?}");
    // The launcher has one connection for each of the 1,000 workers, and some other descriptors.
    assert!((1_000..1_100).contains(&fan_out.descriptors), "{fan_out:?}");
    assert!(fan_out.memory_mb < 300, "{fan_out:?}");
}

#[test]
fn a_thousand_workers_start_at_the_rate_of_a_smaller_account_with_few_throttles() {
    // 250 functions start at once, and 25 more functions start per second. The last of the 1,000 functions starts after
    // 30 s at the earliest.
    let fan_out = fan_out(250, Duration::from_secs(80));
    assert!(
        fan_out.took > Duration::from_secs(29),
        "faster than the scaling rate: {fan_out:?}"
    );
    assert!(fan_out.took < Duration::from_secs(50), "{fan_out:?}");
    assert!(fan_out.refused < 100, "{fan_out:?}");
}

#[test]
fn a_launcher_with_a_low_file_limit_names_the_limit_to_raise() {
    let desk = Desk::new();
    scenario(&desk);
    let args = ["launch", "wide.yaml", "--fleet", "lambda", "--store", "s3://nowhere/x"];
    let mut command = limited(
        &desk,
        "",
        DESCRIPTORS_SOFT,
        &[&args[..], &["--workers", "1000"]].concat(),
    );
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("1000 workers need 2100 open files here, and this process may have 256"),
        "{stderr}"
    );
    assert!(stderr.contains("ulimit -n 2100"), "{stderr}");
}
