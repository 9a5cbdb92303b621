//! Tests of `vajra-cloud store serve` as a process. The conformance suite of stores is in `crates/store/tests`.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod clients;
mod runs;
mod starting;
mod trouble;

use std::process::Command;
use whole_runs::machine::{Ran, root, tool};
use whole_runs::store_server::{StoreServer, with_key};

/// The bucket of every server in these tests.
const BUCKET: &str = "vajra";

/// Returns a command of the client with boto3.
fn client(server: &StoreServer, command: &str) -> Command {
    let mut python = Command::new(tool("python"));
    python.arg(root().join("tests/store_client.py"));
    python.args([command, &server.endpoint, BUCKET]);
    with_key(&mut python);
    python
}

/// Runs a command of the client, which checks the answers of the server.
fn check(server: &StoreServer, command: &str) {
    Ran::new(&client(server, command).output().unwrap()).expect(0, &[]);
}
