//! Tests of the program that the first command of the README builds. The first build supports neither AWS nor the
//! export of metrics.

use std::path::PathBuf;
use std::process::Command;
use whole_runs::machine::{Desk, Ran, Target, root, sent};

const HINT: &str = "cargo install --locked --path cli --features full";

/// Returns the path of the program. `tests/run` installs the program with the command of the README, but with another
/// build profile.
fn first_build() -> PathBuf {
    let program = root().join("target/installed/bin/vajra-cloud");
    assert!(program.exists(), "{} is not built: run tests/run", program.display());
    program
}

fn run(desk: &Desk, args: &[&str]) -> Ran {
    let mut command = Command::new(first_build());
    command.args(args).current_dir(desk.path("")).env_remove("VAJRA_STORE");
    Ran::new(&command.output().unwrap())
}

#[test]
fn the_first_build_runs_a_scenario_and_reads_its_report() {
    let desk = Desk::new();
    let launch = ["launch", "quickstart", "--run", "r", "--out", "r.json"];
    let listen = ["--prometheus-listen", "127.0.0.1:0"];
    run(&desk, &[&launch[..], &listen[..]].concat()).expect(0, &["metrics are at http://127.0.0.1:"]);
    assert_eq!(sent(&desk.json("r.json")), 5_500);
    run(&desk, &["report", "r"]).expect(0, &[]);
    run(&desk, &["doctor", "quickstart"]).expect(0, &[]);
}

#[test]
fn a_missing_feature_is_named_with_the_command_that_builds_it() {
    let desk = Desk::new();
    let refused = |args: &[&str], code: i32, problem: &str| {
        let args = [&["launch", "quickstart"], args].concat();
        run(&desk, &args).expect(code, &[problem, HINT]);
    };
    refused(
        &["--fleet", "lambda", "--store", "s3://runs/team"],
        2,
        "this program was built without support for Lambda functions",
    );
    refused(
        &["--store", "s3://runs/team"],
        1,
        "this program was built without S3, so it cannot open bucket `runs`",
    );
    refused(
        &["--prometheus", "http://127.0.0.1:9090/api/v1/write"],
        2,
        "this program was built without support for sending metrics to http://127.0.0.1:9090/api/v1/write",
    );
    refused(
        &["--otlp", "grpc://127.0.0.1:4317"],
        2,
        "this program was built without support for sending metrics to http://127.0.0.1:4317/",
    );
    assert!(!desk.path("runs").exists(), "a run was started");
}

#[test]
fn an_aws_secret_fails_the_start_and_no_request_is_sent() {
    let (desk, target) = (Desk::new(), Target::recording(""));
    let scenario = format!(
        "name: s\ntarget: {}\nload: {{ constant: {{ rate: 10/s, duration: 1s }} }}\n\
         requests: [ {{ name: r, headers: {{ Authorization: '{{{{ secret \"ssm:/shop/token\" }}}}' }} }} ]\n",
        target.url()
    );
    desk.write("s.yaml", &scenario);
    run(&desk, &["launch", "s.yaml", "--workers", "1"]).expect(3, &["ssm:/shop/token", "built without AWS", HINT]);
    assert!(target.by_path().is_empty(), "{:?}", target.by_path());
}
