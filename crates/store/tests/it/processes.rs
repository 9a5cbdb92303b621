//! Tests of claims by several processes. Each process opens the store as a worker does, from one line of text and the
//! environment.

use std::process::{Child, Command, Stdio};

use store::{Created, Location, RunStore};

use crate::moto::Moto;
use crate::own_server::{ACCESS_KEY, OwnServer, SECRET};

const STORE: &str = "STORE_TO_CLAIM_IN";
const WON: &str = "this process won the claim";
const PROCESSES: usize = 6;

/// The code that the tests below run in other processes. It is not a test itself.
#[tokio::test]
#[ignore = "run by the other tests of this file, with its environment"]
async fn claimant() {
    let Ok(location) = std::env::var(STORE) else {
        return;
    };
    let location: Location = location.parse().expect("a location");
    let store = RunStore::open(&location).await.expect("it opens");
    let created = store.put_new("runs/a/claim", "mine").await;
    if created.expect("a claim is answered") == Created::Yes {
        println!("{WON}");
    }
}

fn check_one_winner(location: &str, environment: &[(&str, &str)]) {
    let program = std::env::current_exe().expect("the path of the test program");
    let start = |_| {
        Command::new(&program)
            .args(["--exact", "processes::claimant", "--ignored", "--nocapture"])
            .env_clear()
            .env(STORE, location)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the test program starts")
    };
    let claimants: Vec<Child> = (0..PROCESSES).map(start).collect();
    let mut winners = 0;
    for claimant in claimants {
        let output = claimant.wait_with_output().expect("the claimant exits");
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{stdout}\n{output:?}");
        assert!(stdout.contains("1 passed"), "{stdout}");
        winners += usize::from(stdout.contains(WON));
    }
    assert_eq!(winners, 1);
}

#[test]
fn one_of_many_processes_wins_a_claim_in_a_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let location = folder.path().join("store");
    check_one_winner(location.to_str().expect("a plain path"), &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_processes_wins_a_claim_in_a_bucket_configured_by_the_environment() {
    let moto = Moto::start();
    moto.create_bucket("runs").await;
    let environment = [
        ("AWS_ENDPOINT_URL_S3", moto.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ];
    check_one_winner("s3://runs/team", &environment);
    let store = moto.store("s3://runs/team");
    assert!(store.get("runs/a/claim").await.expect("a get").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_processes_wins_a_claim_in_a_served_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = OwnServer::start(folder.path());
    let environment = [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ];
    let location = format!("s3://runs/team?endpoint={}&region=us-east-1", server.endpoint);
    check_one_winner(&location, &environment);
    assert!(folder.path().join("team/runs/a/claim").exists());
}
