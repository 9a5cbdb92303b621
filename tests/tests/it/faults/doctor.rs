//! What `doctor` finds before a run, and what it says to change.

use super::cloud::{Cloud, Finished, function};
use std::process::Command;
use std::time::Duration;
use test_servers::ClosedPort;
use whole_runs::lambda::{Fate, Settings};
use whole_runs::machine::{Desk, Ran, constant, free_port};
use whole_runs::s3_proxy::Trouble;

/// A cloud in which everything is right but for these settings.
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

/// What it says of four workers, and whether it ends well.
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

/// It names this problem, says this of it, and starts nothing.
#[track_caller]
fn assert_found(cloud: &Cloud, found: &Finished, words: &[&str]) {
    assert_eq!(found.code, Some(1), "{}", found.said);
    found.says(words);
    found.says(&["1 thing has to change first"]);
    assert_eq!(cloud.target.requests(), 0);
}

#[test]
fn a_fleet_that_is_well_is_said_to_be() {
    let cloud = cloud(|_| {});
    let found = doctor(&cloud, &["own.yaml", "--store", &cloud.store()], |_| {});
    assert_eq!(found.code, Some(0), "{}", found.said);
    found.says(&["4 workers could be launched", "allowed: http://127.0.0.1:"]);
}

#[test]
fn a_fleet_without_a_target_to_ask_about_says_so() {
    let cloud = cloud(|_| {});
    let store = cloud.store();
    cloud
        .desk
        .write("builtin.yaml", &constant("{ builtin: '' }", "100/s", "60s"));
    for args in [&["--store", &store][..], &["builtin.yaml", "--store", &store]] {
        let found = doctor(&cloud, args, |_| {});
        assert_eq!(found.code, Some(0), "{}", found.said);
        found.says(&["ok       targets      none to check: no scenario with a `target` URL is given\n"]);
        assert!(!found.said.contains("allowed: "), "{}", found.said);
    }
}

#[test]
fn a_function_that_is_not_there_is_named() {
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
fn a_function_that_does_not_live_long_enough_is_named() {
    let cloud = cloud(|settings| settings.timeout = Duration::from_secs(30));
    let found = doctor(&cloud, &["own.yaml", "--store", &cloud.store()], |_| {});
    let words = [
        "vajra-worker times out after 30s, but a worker of this run lives",
        "raise `timeout_s`",
    ];
    assert_found(&cloud, &found, &words);
}

#[test]
fn an_account_with_too_little_concurrency_is_named() {
    let cloud = cloud(|settings| settings.concurrency = 3);
    let found = doctor(&cloud, &["own.yaml", "--store", &cloud.store()], |_| {});
    let words = [
        "the run needs 4 functions at once, but the account has 3 free in us-east-1",
        "use --workers 3 or fewer",
    ];
    assert_found(&cloud, &found, &words);
}

#[test]
fn a_target_that_the_function_refuses_is_named() {
    let cloud = cloud(|_| {});
    let found = doctor(&cloud, &["others.yaml", "--store", &cloud.store()], |_| {});
    assert_found(&cloud, &found, &["http://203.0.113.7 is refused: ", "VAJRA_ALLOW"]);
}

#[test]
fn a_bucket_that_is_not_there_or_not_to_be_reached_is_named() {
    let cloud = cloud(|_| {});
    let missing = cloud.store().replace("vajra-runs", "nobodys-runs");
    let silent = format!("s3://vajra-runs/x?endpoint=http://127.0.0.1:{}", free_port());
    for (store, words) in [(missing, "nobodys-runs"), (silent, "127.0.0.1")] {
        let found = doctor(&cloud, &["own.yaml", "--store", &store], |_| {});
        assert_eq!(found.code, Some(1), "{}", found.said);
        // From here, and from the function.
        found.says(&[
            "WRONG    store        the store cannot be used: ",
            "WRONG    store        the function cannot use s3://",
            words,
            "2 things have to change first",
        ]);
    }
}

#[test]
fn credentials_that_are_not_there_are_named() {
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
    assert_eq!(found.code, Some(1), "{}", found.said);
    found.says(&["no credentials for AWS found", "AWS_PROFILE", "AWS_ACCESS_KEY_ID"]);
}

#[test]
fn a_doctor_without_a_scenario_looks_at_functions_at_aws() {
    let desk = Desk::new();
    let mut command = desk.command(&["doctor", "--fleet", "lambda", "--store", "s3://vajra-runs/team"]);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"] {
        command.env_remove(name);
    }
    // Nothing leaves this machine: neither the store nor the host's own credentials are asked for.
    let nobody = ClosedPort::new().unwrap();
    command
        .env("HOME", desk.path(""))
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", nobody.url());
    let ran = Ran::new(&command.output().unwrap()).expect(1, &[]);
    assert!(ran.stdout.contains("WRONG    credentials"), "{}", ran.stdout);
}
