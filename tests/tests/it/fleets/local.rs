//! Runs the suite of fleets on local processes. The store is a folder.

use super::suite::{TestFleet, Traits, check};
use std::process::Command;
use whole_runs::machine::{Desk, kill};

struct Processes(Desk);

pub(super) const TRAITS: Traits = Traits {
    name: "local",
    replaces_workers: false,
};

impl TestFleet for Processes {
    fn traits(&self) -> &'static Traits {
        &TRAITS
    }

    fn desk(&self) -> &Desk {
        &self.0
    }

    fn fleet(&self) -> Vec<String> {
        vec!["--fleet".to_owned(), "local".to_owned()]
    }

    fn store(&self) -> String {
        self.0.path("").display().to_string()
    }

    fn prepare<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        let path = self.0.path(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn has(&self, key: &str) -> bool {
        self.0.path(key).exists()
    }

    fn deliver(&self, run: &str, shard: u32) -> bool {
        let shard = shard.to_string();
        let ran = self.0.run(&["worker", "--run", run, "--shard", &shard]);
        let named = ran.code == Some(0);
        let (code, text) = match named {
            true => (0, "is done"),
            false => (76, "is claimed by another worker"),
        };
        ran.expect(code, &[text]);
        named
    }

    fn kill_a_worker(&self, run: &str) {
        let process = self.0.worker_of(run, 1).expect("shard 1 is claimed");
        kill(process, "KILL");
    }
}

#[test]
fn local_processes_pass_every_case_of_the_suite() {
    check(&Processes(Desk::new()));
}
