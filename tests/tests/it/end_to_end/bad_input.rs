//! Tests that invalid input is rejected with a hint, and that no run starts.

use std::process::Command;
use whole_runs::machine::{Desk, Target};

const GOOD: &str = "name: small\ntarget: http://127.0.0.1:9\nload: { constant: { rate: 50/s, duration: 2s } }\nrequests: [ { name: home } ]\n";

fn check(scenario: &str, args: &[&str], code: i32, words: &[&str]) {
    let desk = Desk::new();
    desk.write("s.yaml", scenario);
    desk.run(args).expect(code, words);
    assert!(!desk.path("runs").exists(), "a run was stored");
}

#[test]
fn invalid_arguments_are_rejected_with_a_hint() {
    let refused = |args: &str, words: &[&str]| check(GOOD, &args.split(' ').collect::<Vec<_>>(), 2, words);
    refused("launch no-such", &["there is no scenario no-such", "hint:"]);
    refused("launch s.yaml --workers 0", &["at least one worker", "--workers 1"]);
    refused(
        "launch s.yaml --workers 101",
        &["101 workers for 100 arrivals", "--workers 100"],
    );
    refused(
        "launch s.yaml --workers 257",
        &["exceed the maximum of the local fleet", "--workers 256"],
    );
    refused(
        "launch s.yaml --min-workers 5",
        &["--min-workers 5 of --workers 4", "use 1 to 4"],
    );
    refused("launch s.yaml --run ../x", &["--run ../x", "letters"]);
    refused("launch s.yaml --out nowhere/x.json", &["cannot be written", "hint:"]);
    for option in ["--html", "--junit", "--markdown", "--csv", "--hgrm", "--hlog"] {
        let words = [option, "nowhere/x cannot be written", "hint:"];
        refused(&format!("launch s.yaml {option} nowhere/x"), &words);
    }
    refused("launch s.yaml --out - --csv -", &["--out and --csv both go to stdout"]);
    refused("launch s.yaml --start-timeout soon", &["not a unit of time"]);
    refused(
        "calibrate s.yaml --up-to 10m/s",
        &[
            "10m/s",
            "use `10M/s` for 10 million a second, or `10/min` for 10 a minute",
        ],
    );
    refused("launch s.yaml --store s3://", &["--store s3://"]);
    refused(
        "launch s.yaml --fleet lambda",
        &["cannot reach the folder", "s3://bucket/prefix"],
    );
    refused("attach no-such", &["no run no-such", "vajra-cloud list"]);
    refused("report no-such", &["no run no-such"]);
    refused("stop no-such", &["no run no-such"]);
    refused("worker --run no-such --shard 0", &["no run no-such"]);
    refused("fly", &["unrecognized subcommand"]);
}

#[test]
fn input_files_that_are_not_regular_files_are_rejected() {
    let desk = Desk::new();
    desk.write("s.yaml", GOOD);
    std::fs::create_dir(desk.path("scenarios")).unwrap();
    let pipes = [desk.path("pipe"), desk.path("scenarios/bare.yaml")];
    assert!(Command::new("mkfifo").args(&pipes).status().unwrap().success());
    let link = std::os::unix::fs::symlink(desk.path("nowhere"), desk.path("dangling"));
    link.unwrap();
    for verb in ["check", "plan", "launch", "doctor", "calibrate"] {
        for name in ["/dev/zero", "scenarios"] {
            let words = [
                &format!("{name} cannot be read: it is neither a regular file nor a pipe"),
                "hint:",
            ];
            desk.run(&[verb, name]).expect(2, &words);
        }
        // No process writes to these pipes, so the command reads an empty text from each pipe.
        for name in ["pipe", "./pipe", "bare"] {
            desk.run(&[verb, name]).expect(2, &["the file contains no scenario"]);
        }
        desk.run(&[verb, "dangling"])
            .expect(2, &["dangling cannot be read: No such file"]);
    }
    for option in ["--prices", "--fleet-file"] {
        for name in ["/dev/zero", "pipe"] {
            let args = [
                "plan",
                "s.yaml",
                "--fleet",
                "lambda",
                "--region",
                "us-east-1",
                option,
                name,
            ];
            desk.run(&args).expect(2, &["it is not a regular file", "hint:"]);
        }
    }
    assert!(!desk.path("runs").exists(), "a run was stored");
}

#[test]
fn a_run_name_that_begins_with_a_dash_is_rejected_but_listed() {
    let desk = Desk::new();
    desk.write("s.yaml", GOOD);
    // The test stores a run whose name only an older version accepted.
    let plan = desk.run(&["plan", "s.yaml", "--workers", "1", "--json"]).expect(0, &[]);
    std::fs::create_dir_all(desk.path("runs/-x")).unwrap();
    desk.write("runs/-x/plan.json", &plan.stdout.replace("\"small-planned\"", "\"-x\""));
    for args in [
        &["launch", "s.yaml", "--run=-x"][..],
        &["worker", "--run=-x", "--shard", "0"],
        &["attach", "--", "-x"],
        &["report", "--", "-x"],
        &["stop", "--", "-x"],
        &["compare", "--", "-x", "small"],
        &["baseline", "set", "--", "-x", "small"],
    ] {
        let words = [
            "-x",
            "cannot begin with `-`",
            "hint: begin it with a letter, a digit or _",
        ];
        desk.run(args).expect(2, &words);
    }
    let listed = desk.run(&["list"]).expect(0, &[]).stdout;
    assert!(listed.contains("-x  ") && listed.contains("not started"), "{listed}");
}

/// The arguments of a launch on Lambda with an S3 server that cannot be reached. Each tested command is rejected before
/// it connects to this server.
const ON_LAMBDA: [&str; 8] = [
    "launch",
    "s.yaml",
    "--fleet",
    "lambda",
    "--store",
    "s3://bucket?endpoint=http://127.0.0.1:9",
    "--region",
    "us-east-1",
];

#[test]
fn a_run_above_its_cost_limit_is_rejected_before_it_starts() {
    let with = |more: &[&'static str]| [&ON_LAMBDA, more].concat();
    let most = with(&["--max-cost", "0.0001usd"]);
    let words = [
        "cost: $0.00",
        "is expected to cost $0.00",
        "more than --max-cost $0.0001",
        "raise --max-cost",
    ];
    check(GOOD, &most, 2, &words);
    let plan = [
        "plan",
        "s.yaml",
        "--fleet",
        "lambda",
        "--region",
        "us-east-1",
        "--max-cost",
        "$0.0001",
    ];
    check(GOOD, &plan, 2, &["more than --max-cost $0.0001"]);
    let elsewhere = [
        "plan",
        "s.yaml",
        "--fleet",
        "lambda",
        "--region",
        "mars-1",
        "--max-cost",
        "9usd",
    ];
    check(
        GOOD,
        &elsewhere,
        2,
        &["no prices are known for mars-1", "--prices FILE"],
    );
    check(GOOD, &with(&["--max-cost", "5"]), 2, &["no currency", "`5usd`"]);
    check(GOOD, &with(&["--memory-mb", "64"]), 2, &["--memory-mb", "128..=10240"]);
    check(
        GOOD,
        &with(&["--prices", "no-such"]),
        2,
        &["--prices no-such", "can be read"],
    );
    check(
        GOOD,
        &with(&["--prices", "s.yaml"]),
        2,
        &["--prices s.yaml", "a price file looks like"],
    );
}

#[test]
fn a_plan_on_functions_has_a_price_and_a_local_plan_does_not() {
    let desk = Desk::new();
    desk.write("s.yaml", GOOD);
    let free = r#"{"format": 1, "as_of": "2026-11-01", "regions": {"us-east-1": {
        "gb_second_x86_64": "1", "million_invocations": "0", "thousand_puts_and_lists": "0",
        "thousand_gets": "0", "gb_to_internet": "0", "gb_to_other_region": "0"}}}"#;
    desk.write("prices.json", free);
    // Each of the 4 workers has 1 GB of memory. A worker takes 3 s to become ready, waits 1 s until T0, sends load for
    // 2 s, and drains for 1 s. The sum is 28 GB-seconds, and one GB-second costs one dollar in this price file.
    let args = [
        "plan",
        "s.yaml",
        "--fleet",
        "lambda",
        "--region",
        "us-east-1",
        "--memory-mb",
        "1024",
        "--architecture",
        "x86_64",
        "--prices",
        "prices.json",
        "--max-cost",
    ];
    let plan = desk.run(&[&args[..], &["28usd"]].concat()).expect(0, &[]).stdout;
    for words in [
        "cost       $28.00 expected",
        "some overridden by a file of 2026-11-01",
        "28.0 GB-s of x86_64, us-east-1",
        "4 invocations, us-east-1",
    ] {
        assert!(plan.contains(words), "no `{words}` in:\n{plan}");
    }
    let refused = desk.run(&[&args[..], &["27.99usd"]].concat());
    refused.expect(2, &["is expected to cost $28.00, more than --max-cost $27.99"]);
    // Workers that are local processes cost nothing.
    let local = desk.run(&["plan", "s.yaml", "--max-cost", "0usd"]).expect(0, &[]);
    assert!(!local.stdout.contains("cost"));
}

#[test]
fn a_builtin_target_cannot_be_reached_from_functions_at_aws() {
    let builtin = GOOD.replace("http://127.0.0.1:9", "builtin");
    let args = ["launch", "s.yaml", "--fleet", "lambda", "--store", "s3://bucket"];
    check(&builtin, &args, 2, &["built-in target", "--lambda-endpoint"]);
}

#[test]
fn all_problems_of_a_scenario_are_reported_at_once() {
    let faulty = "name: small\ntarget: ftp://example.com\nload: { constant: { rate: 50, duration: 2s, speed: 1 } }\nrequests: [ { name: home, methud: GET } ]\nthresholds: [ 'latency p99 < 5' ]\n";
    check(
        faulty,
        &["check", "s.yaml"],
        2,
        &["s.yaml:2", "s.yaml:3", "s.yaml:4", "s.yaml:5", "methud", "write `50/s`"],
    );
    check(faulty, &["launch", "s.yaml"], 2, &["s.yaml:5"]);
    check(
        &GOOD.replace("50/s", "0/s"),
        &["launch", "s.yaml"],
        2,
        &["`rate` is zero", "write a rate above zero"],
    );
}

#[test]
fn a_scenario_file_above_1_mib_is_rejected() {
    let header = format!("x-padding: \"{}\"", "p".repeat(30_000));
    let requests: String = (0..30)
        .map(|i| format!("  - name: r{i}\n    headers: {{ {header} }}\n"))
        .collect();
    let scenario = format!(
        "name: big\ntarget: http://127.0.0.1:9\nload: {{ constant: {{ rate: 50/s, duration: 2s }} }}\nrequests:\n{requests}"
    );
    let ran = {
        let desk = Desk::new();
        desk.write("s.yaml", &scenario);
        desk.run(&["plan", "s.yaml"])
    };
    assert_eq!(
        ran.code,
        Some(0),
        "planning a scenario of less than 1 MiB failed: {}",
        ran.stderr
    );
    let huge = scenario.replace(
        "rate: 50/s",
        &format!(
            "rate: 50/s }} }}\n#{}\nload2: {{ constant: {{ rate: 50/s",
            "x".repeat(1 << 20)
        ),
    );
    check(&huge, &["plan", "s.yaml"], 2, &["1 MiB"]);
}

#[test]
fn a_run_against_a_target_that_refuses_connections_fails() {
    let desk = Desk::new();
    desk.write("s.yaml", GOOD);
    let ran = desk.run(&["launch", "s.yaml", "--workers", "2"]).expect(99, &[]);
    assert!(ran.stdout.contains("100 by connect"), "{}", ran.stdout);
    assert!(ran.stdout.contains("at least one request completes"), "{}", ran.stdout);
}

#[test]
fn a_host_name_that_does_not_resolve_prevents_the_start() {
    let desk = Desk::new();
    desk.write("s.yaml", &GOOD.replace("127.0.0.1:9", "no-such-host.invalid"));
    desk.run(&["launch", "s.yaml", "--workers", "2"]).expect(
        3,
        &[
            "the run was not started",
            "workers 0-1: no-such-host.invalid could not be resolved",
        ],
    );
}

#[test]
fn each_fault_of_the_target_has_its_own_failure_kind() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let requests: String = ["reset", "garbage", "endless", "truncated", "hang"]
        .map(|fault| format!("  - {{ name: {fault}, url: /fault/{fault}, timeout: 1s }}\n"))
        .concat();
    desk.write("s.yaml", &format!("name: faults\ntarget: {}\nload: {{ constant: {{ rate: 100/s, duration: 2s }} }}\nrequests:\n  - {{ name: missing, url: /status/404 }}\n  - {{ name: fine, url: /, success: {{ body_contains: nothing }} }}\n{requests}", target.url()));
    desk.run(&["launch", "s.yaml", "--workers", "2", "--out", "summary.json"])
        .expect(99, &[]);
    let report = desk.json("summary.json");
    assert_eq!(whole_runs::machine::sent(&report), 200);
    let kinds = [
        ("missing", "status"),
        ("fine", "check"),
        ("reset", "reset"),
        ("garbage", "protocol"),
        ("endless", "timeout"),
        ("truncated", "reset"),
        ("hang", "timeout"),
    ];
    for (name, kind) in kinds {
        let request = report["requests"]
            .as_array()
            .unwrap()
            .iter()
            .find(|request| request["name"] == name)
            .unwrap();
        assert_eq!(
            request["failures"][kind], request["sent"],
            "{name} fails as {kind}: {request}"
        );
    }
}

#[test]
fn plan_prints_the_plan_and_starts_no_run() {
    let desk = Desk::new();
    desk.write("s.yaml", GOOD);
    let ran = desk.run(&["plan", "s.yaml", "--workers", "3"]).expect(0, &[]);
    for line in [
        "constant 50/s for 2s",
        "arrivals   100, 100 of them measured",
        "worker 0 sends 34",
        "worker 2 sends 33",
    ] {
        assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
    }
    let json = desk.run(&["plan", "s.yaml", "--json"]).expect(0, &[]);
    let plan: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(plan["slices"][0]["arrivals"]["end"], 100);
    assert!(!desk.path("runs").exists());
}

#[test]
fn schemas_and_completions_are_printed() {
    let desk = Desk::new();
    for document in ["scenario", "report"] {
        let ran = desk.run(&["schema", document]).expect(0, &[]);
        let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert!(schema["$schema"].is_string());
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            desk.run(&["completions", shell])
                .expect(0, &[])
                .stdout
                .contains("vajra-cloud")
        );
    }
}

#[test]
fn fresh_connections_at_a_high_rate_print_a_caution() {
    let fresh = |rate: &str| {
        format!(
            "name: fresh\ntarget: http://127.0.0.1:1\nconnections: fresh\n\
             load: {{ constant: {{ rate: {rate}, duration: 10s }} }}\nrequests: [ {{ name: home }} ]\n"
        )
    };
    let desk = Desk::new();
    desk.write("few.yaml", &fresh("1800/s"));
    desk.write("many.yaml", &fresh("2000/s"));
    let few = desk.run(&["plan", "few.yaml", "--workers", "4"]).expect(0, &[]);
    assert!(!few.stderr.contains("caution"), "{}", few.stderr);
    desk.run(&["plan", "many.yaml", "--workers", "4"]).expect(
        0,
        &["caution: `connections: fresh` opens up to 500 connections a second"],
    );
}

#[test]
fn more_users_than_connections_print_a_caution() {
    let desk = Desk::new();
    let users = |more: &str| {
        format!(
            "name: crowd\ntarget: http://127.0.0.1:9\nload: {{ users: {{ users: 300, duration: 4s }} }}\n\
             requests: [ {{ name: home }} ]\n{more}"
        )
    };
    desk.write("s.yaml", &users(""));
    let caution = "caution: 300 users share 1 worker with 128 concurrent requests each, so 172 users wait for a \
                   connection. Raise `limits: connections`, or use more workers";
    desk.run(&["plan", "s.yaml", "--workers", "1"]).expect(0, &[caution]);
    desk.run(&["plan", "s.yaml", "--workers", "2"])
        .expect(0, &["300 users share 2 workers", "so 44 users wait"]);
    for (workers, more) in [
        ("3", ""),
        ("1", "limits: { connections: 300 }\n"),
        ("1", "protocol: http2\nlimits: { connections: 30, streams: 10 }\n"),
    ] {
        desk.write("s.yaml", &users(more));
        let plan = desk.run(&["plan", "s.yaml", "--workers", workers]).expect(0, &[]);
        assert!(!plan.stderr.contains("caution"), "{}", plan.stderr);
    }
}

#[test]
fn more_connections_than_file_descriptors_prevent_the_start() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let scenario = GOOD.replace("http://127.0.0.1:9", &target.url());
    desk.write("s.yaml", &format!("{scenario}\nlimits: {{ connections: 200 }}\n"));
    let launch = desk.command(&["launch", "s.yaml", "--workers", "1"]);
    let mut limited = std::process::Command::new("sh");
    limited
        .args(["-c", "ulimit -n 150 && exec \"$0\" \"$@\""])
        .arg(launch.get_program())
        .args(launch.get_args())
        .current_dir(desk.path("."));
    let output = limited.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    for word in ["200 connections need 300 file descriptors", "ulimit -n"] {
        assert!(stderr.contains(word), "no `{word}` in:\n{stderr}");
    }
    assert_eq!(target.requests(), 0);
}
