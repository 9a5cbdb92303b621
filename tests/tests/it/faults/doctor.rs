//! Tests of the problems that `doctor` reports before a run, and of the hints that it prints.

use super::cloud::{Cloud, Finished, function};
use std::process::Command;
use std::time::Duration;
use test_servers::ClosedPort;
use whole_runs::lambda::{Fate, Settings};
use whole_runs::machine::{Desk, Ran, constant, free_port};
use whole_runs::s3_proxy::Trouble;

/// Starts a cloud without faults. The function `change` modifies the settings of the deployed function.
fn cloud(change: impl FnOnce(&mut Settings)) -> Cloud {
    let mut settings = function();
    change(&mut settings);
    let cloud = Cloud::new(settings, |_| Fate::default(), |_| Trouble::None);
    cloud
        .desk
        .write("own.yaml", &constant(&cloud.target.url(), "100/s", "60s"));
    cloud
        .desk
        .write("others.yaml", &constant("http://203.0.113.7", "100/s", "60s"));
    cloud
}

/// Runs `doctor` for a run of four workers. The function `change` modifies the command before it starts.
fn doctor(cloud: &Cloud, args: &[&str], change: impl FnOnce(&mut Command)) -> Finished {
    let endpoint = cloud.lambda.endpoint();
    let fixed = [
        "doctor",
        "--fleet",
        "lambda",
        "--workers",
        "4",
        "--lambda-endpoint",
        &endpoint,
    ];
    cloud.run_with(&[&fixed[..], args].concat(), change)
}

/// Asserts that `doctor` reported one problem and printed these words. Also asserts that the target received no
/// request.
#[track_caller]
fn assert_found(cloud: &Cloud, found: &Finished, words: &[&str]) {
    assert_eq!(found.code, Some(1), "{}", found.output);
    found.assert_output(words);
    found.assert_output(&["1 problem must be fixed first"]);
    assert_eq!(cloud.target.requests(), 0);
}

#[test]
fn a_working_fleet_passes() {
    let cloud = cloud(|_| {});
    let found = doctor(&cloud, &["own.yaml", "--store", &cloud.store()], |_| {});
    assert_eq!(found.code, Some(0), "{}", found.output);
    found.assert_output(&["4 workers can be launched", "allowed: http://127.0.0.1:"]);
}

#[test]
fn a_fleet_without_a_target_url_passes_with_a_note() {
    let cloud = cloud(|_| {});
    let store = cloud.store();
    cloud
        .desk
        .write("builtin.yaml", &constant("{ builtin: '' }", "100/s", "60s"));
    for args in [&["--store", &store][..], &["builtin.yaml", "--store", &store]] {
        let found = doctor(&cloud, args, |_| {});
        assert_eq!(found.code, Some(0), "{}", found.output);
        found.assert_output(&["ok       targets      none to check: no scenario with a `target` URL is given\n"]);
        assert!(!found.output.contains("allowed: "), "{}", found.output);
    }
}

#[test]
fn a_missing_function_is_reported() {
    let cloud = cloud(|_| {});
    let found = doctor(
        &cloud,
        &["own.yaml", "--store", &cloud.store(), "--function", "another"],
        |_| {},
    );
    let words = [
        "no function named another in us-east-1",
        "deploy it (infra/README.md of the source code)",
    ];
    assert_found(&cloud, &found, &words);
}

#[test]
fn a_function_with_a_short_timeout_is_reported() {
    let cloud = cloud(|settings| settings.timeout = Duration::from_secs(30));
    let found = doctor(&cloud, &["own.yaml", "--store", &cloud.store()], |_| {});
    let words = [
        "vajra-worker times out after 30s, but a worker of this run lives",
        "raise `timeout_s`",
    ];
    assert_found(&cloud, &found, &words);
}

#[test]
fn an_account_with_too_little_concurrency_is_reported() {
    let cloud = cloud(|settings| settings.concurrency = 3);
    let found = doctor(&cloud, &["own.yaml", "--store", &cloud.store()], |_| {});
    let words = [
        "4 functions at once, but the account has 3 free in us-east-1",
        "use --workers 3 or fewer",
    ];
    assert_found(&cloud, &found, &words);
}

#[test]
fn a_target_that_the_function_rejects_is_reported() {
    let cloud = cloud(|_| {});
    let found = doctor(&cloud, &["others.yaml", "--store", &cloud.store()], |_| {});
    assert_found(&cloud, &found, &["http://203.0.113.7 is refused: ", "VAJRA_ALLOW"]);
}

#[test]
fn a_missing_or_unreachable_bucket_is_reported() {
    let cloud = cloud(|_| {});
    let missing = cloud.store().replace("vajra-runs", "missing-runs");
    let silent = format!("s3://vajra-runs/x?endpoint=http://127.0.0.1:{}", free_port());
    for (store, words) in [(missing, "missing-runs"), (silent, "127.0.0.1")] {
        let found = doctor(&cloud, &["own.yaml", "--store", &store], |_| {});
        assert_eq!(found.code, Some(1), "{}", found.output);
        // The launcher cannot use the store, and the function cannot use it either. The output lists both problems.
        found.assert_output(&[
            "WRONG    store        the store cannot be used: ",
            "WRONG    store        the function cannot use s3://",
            words,
            "2 problems must be fixed first",
        ]);
    }
}

#[test]
fn missing_credentials_are_reported() {
    let cloud = cloud(|_| {});
    let found = doctor(&cloud, &["own.yaml", "--store", &cloud.store()], |command| {
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            command.env_remove(name);
        }
        command
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    });
    assert_eq!(found.code, Some(1), "{}", found.output);
    found.assert_output(&["no credentials for AWS found", "AWS_PROFILE", "AWS_ACCESS_KEY_ID"]);
}

#[test]
fn a_doctor_without_a_scenario_checks_functions_at_aws() {
    let desk = Desk::new();
    let mut command = desk.command(&["doctor", "--fleet", "lambda", "--store", "s3://vajra-runs/team"]);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"] {
        command.env_remove(name);
    }
    // The command has no credentials, and the URL of all AWS services is a closed port. Without credentials and with
    // this URL, no request leaves this machine.
    let closed = ClosedPort::new().unwrap();
    command
        .env("HOME", desk.path(""))
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", closed.url());
    let ran = Ran::new(&command.output().unwrap()).expect(1, &[]);
    assert!(ran.stdout.contains("WRONG    credentials"), "{}", ran.stdout);
}
