//! Tests of workers that run as functions on the local emulator of Lambda. The workers store their results in an S3
//! server.

use serde_json::json;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;
use whole_runs::machine::{Desk, Process, Target, aws, free_port, http, moto, root, sent, tool, wait_for};

/// The maximum time until the first answer of a function. `tests/run` has built the function, so cargo finds nothing to
/// build.
pub(crate) const BUILT: Duration = Duration::from_secs(120);
pub(crate) const BUCKET: &str = "vajra-runs";

/// An S3 server and a local emulator of Lambda.
pub(crate) struct Cloud {
    _s3: Process,
    emulator: Process,
    pub(crate) s3: SocketAddr,
    store: String,
    pub(crate) lambda: SocketAddr,
}

impl Cloud {
    pub(crate) fn start(concurrency: u32) -> Cloud {
        let (s3_process, s3) = moto();
        http(s3, "PUT", &format!("/{BUCKET}")).unwrap();
        let lambda_port = free_port();
        let store = format!("s3://{BUCKET}/team?endpoint=http://{s3}");
        let emulator = aws(&mut Command::new(tool("cargo-lambda")))
            .env("VAJRA_ALLOW", "127.0.0.1")
            .env("VAJRA_STORE", &store)
            .env("AWS_ENDPOINT_URL_LAMBDA", format!("http://127.0.0.1:{lambda_port}"))
            .args([
                "lambda",
                "watch",
                "--ignore-changes",
                "-A",
                "127.0.0.1",
                "-P",
                &lambda_port.to_string(),
            ])
            .args(["--concurrency", &concurrency.to_string(), "--timeout", "600"])
            .current_dir(root().join("functions"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let cloud = Cloud {
            _s3: s3_process,
            emulator: Process(emulator),
            s3,
            store,
            lambda: ([127, 0, 0, 1], lambda_port).into(),
        };
        wait_for("the emulator", Duration::from_secs(60), || {
            std::net::TcpStream::connect(cloud.lambda).ok()
        });
        cloud
    }

    pub(crate) fn store(&self) -> String {
        self.store.clone()
    }

    /// Returns the process ID of the emulator.
    pub(crate) fn emulator(&self) -> u32 {
        self.emulator.0.id()
    }

    pub(crate) fn lambda(&self) -> String {
        format!("http://{}", self.lambda)
    }
}

#[test]
fn functions_send_exactly_the_planned_requests() {
    let (cloud, desk, target) = (Cloud::start(8), Desk::new(), Target::start("latency 2ms"));
    let quickstart = std::fs::read_to_string(root().join("scenarios/quickstart.yaml")).unwrap();
    // Only the target differs from the scenario of the project. The test can read the counts of this target after the
    // run.
    desk.write(
        "quickstart.yaml",
        &quickstart.replace("target: { builtin: latency 2ms }", &format!("target: {}", target.url())),
    );
    let (store, lambda) = (cloud.store(), cloud.lambda());
    let run = |args: &[&str]| {
        let output = aws(&mut desk.command(args)).output().unwrap();
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        (output.status.code(), text)
    };

    // The run of this payload does not exist, so the function reports an error.
    let payload = std::fs::read_to_string(root().join("functions/payload.json")).unwrap();
    let payload = payload
        .replace("http://127.0.0.1:9000", &format!("http://{}", cloud.s3))
        .replace("runs/team", &format!("{BUCKET}/team"));
    let invoke = |payload: &str| {
        let output = aws(&mut Command::new(tool("cargo-lambda")))
            .args(["lambda", "invoke", "vajra-worker", "--invoke-address", "127.0.0.1"])
            .args([
                "--invoke-port",
                &cloud.lambda.port().to_string(),
                "--data-ascii",
                payload,
            ])
            .output()
            .unwrap();
        format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    };
    let answer = wait_for("the function to be built", BUILT, || {
        let answer = invoke(&payload);
        answer.contains("there is no run").then_some(answer)
    });
    assert!(answer.contains("typed-by-hand"), "{answer}");

    let args = [
        "--fleet",
        "lambda",
        "--store",
        &store,
        "--lambda-endpoint",
        &lambda,
        "--out",
        "summary.json",
    ];
    let (code, text) = run(&[
        &["launch", "quickstart.yaml", "--run", "r", "--workers", "6"],
        &args[..],
    ]
    .concat());
    assert_eq!(code, Some(0), "{text}");
    let report = desk.json("summary.json");
    assert_eq!(report["fleet"], "lambda");
    assert_eq!(sent(&report), 5_500);
    assert_eq!(target.requests(), 5_500, "the target's count differs");
    let total = &report["total"];
    let paths = target.by_path();
    assert_eq!(total["sent"].as_u64().unwrap(), 5_000);
    assert_eq!(paths["/"] + paths["/search"], 5_500);
    let workers: std::collections::BTreeSet<_> = report["workers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|worker| worker["worker"].to_string())
        .collect();
    assert_eq!(workers.len(), 6, "each invocation must be a separate worker");

    // The emulator reports no billed duration, so the cost is computed from the clocks of the workers. The number of
    // requests is exact, because each request is counted.
    let basis = &report["cost"]["basis"];
    assert_eq!(basis["by_worker_clock"], 6, "{basis}");
    assert_eq!((&basis["billed"], &basis["assumed"]), (&json!(0), &json!(0)), "{basis}");
    assert_eq!(basis["requests_counted"], 6, "{basis}");
    assert_eq!(basis["launcher_counted"], true, "{basis}");
    let usd = |name: &str| report["cost"][name].as_f64().unwrap();
    let (estimated, actual) = (usd("estimated_usd"), usd("actual_usd"));
    assert!(
        actual > 0.0 && (0.5..2.0).contains(&(actual / estimated)),
        "{actual} of {estimated}"
    );
    let puts = report["cost"]["actual"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["item"] == "puts and lists");
    // Each worker writes its claim, the object `prepared`, at least two snapshots, and its result.
    assert!(puts.unwrap()["quantity"].as_f64().unwrap() > 6.0 * 5.0, "{puts:?}");

    // The shard has finished, so a second invocation for this shard sends no request.
    let again = payload.replace("typed-by-hand", "r");
    assert!(invoke(&again).contains("already claimed"));
    assert_eq!(target.requests(), 5_500);

    let (code, text) = run(&["report", "r", "--store", &store]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("quickstart: passed"), "{text}");
    assert!(
        text.contains("requests counted for 6 workers and the launcher"),
        "the launcher's account is missing from the stored run: {text}"
    );

    // The scenario of the project is launched without changes. The target of this scenario is the built-in target.
    let unchanged = root().join("scenarios/quickstart.yaml").display().to_string();
    let (code, text) = run(&[&["launch", &unchanged, "--run", "unchanged"], &args[..]].concat());
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(sent(&desk.json("summary.json")), 5_500);

    // The variable `VAJRA_ALLOW` of the functions does not contain this target, so no worker connects to the target.
    let elsewhere = std::net::TcpListener::bind("127.0.0.2:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = format!("target: http://{}", elsewhere.local_addr().unwrap());
    desk.write(
        "elsewhere.yaml",
        &quickstart.replace("target: { builtin: latency 2ms }", &address),
    );
    let launch = ["launch", "elsewhere.yaml", "--run", "elsewhere"];
    let (code, text) = run(&[&launch, &args[..]].concat());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("127.0.0.2 is a loopback address"), "{text}");
    let (code, text) = run(&[&launch, &args[..], &["--unchecked"]].concat());
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("127.0.0.2 is a loopback address"), "{text}");
    assert!(text.contains("to VAJRA_ALLOW in the worker's environment"), "{text}");
    assert!(elsewhere.accept().is_err(), "a worker has connected");

    // The error about a missing function names the function.
    let missing = [
        "launch",
        "quickstart.yaml",
        "--function",
        "no-such-function",
        "--start-timeout",
        "20s",
    ];
    let (code, text) = run(&[&missing[..], &args[..6]].concat());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("no-such-function could not be invoked"), "{text}");
    assert!(text.contains("hint: deploy it"), "{text}");
    let (code, text) = run(&[&missing[..], &args[..6], &["--unchecked"]].concat());
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("no function named no-such-function"), "{text}");
    assert!(text.contains("hint: deploy the function"), "{text}");
}
