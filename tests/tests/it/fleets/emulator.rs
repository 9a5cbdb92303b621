//! Runs the suite of fleets on functions of the local emulator of Lambda. The store is an S3 server.

use super::suite::{TestFleet, Traits, check};
use crate::end_to_end::lambda::{BUCKET, BUILT, Cloud};
use serde_json::json;
use std::process::Command;
use whole_runs::machine::{Desk, aws, http, http_with, kill, wait_for};

struct Functions {
    desk: Desk,
    cloud: Cloud,
}

impl Functions {
    /// Invokes the function with a payload, and returns the answer of the function.
    fn invoke(&self, payload: &[u8]) -> String {
        let path = "/2015-03-31/functions/vajra-worker/invocations";
        http_with(self.cloud.lambda, "POST", path, payload).unwrap_or_default()
    }

    fn payload(&self, run: &str, shard: u32) -> Vec<u8> {
        let payload = json!({ "format": 1, "store": self.store(), "run": run, "shard": shard, "slice": 0 });
        payload.to_string().into_bytes()
    }

    fn object(&self, key: &str) -> String {
        format!("/{BUCKET}/team/{key}")
    }
}

pub(super) const TRAITS: Traits = Traits {
    name: "lambda",
    replaces_workers: false,
};

impl TestFleet for Functions {
    fn traits(&self) -> &'static Traits {
        &TRAITS
    }

    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn fleet(&self) -> Vec<String> {
        let endpoint = self.cloud.lambda();
        ["--fleet", "lambda", "--unchecked", "--lambda-endpoint", &endpoint]
            .map(str::to_owned)
            .to_vec()
    }

    fn store(&self) -> String {
        self.cloud.store()
    }

    fn prepare<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        aws(command)
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        http_with(self.cloud.s3, "PUT", &self.object(key), bytes).unwrap();
        assert!(self.has(key));
    }

    fn has(&self, key: &str) -> bool {
        let answer = http(self.cloud.s3, "GET", &self.object(key)).unwrap();
        !answer.contains("NoSuchKey")
    }

    fn deliver(&self, run: &str, shard: u32) -> bool {
        let answer = self.invoke(&self.payload(run, shard));
        let (named, other) = (answer.contains("finished"), answer.contains("already claimed"));
        assert!(named != other, "{answer}");
        named
    }

    fn kill_a_worker(&self, _: &str) {
        let sending = processes_below(self.cloud.emulator())
            .into_iter()
            .find(|process| sends(*process));
        kill(sending.expect("a function that sends"), "KILL");
    }
}

/// Returns a process and all of its descendants.
fn processes_below(ancestor: u32) -> Vec<u32> {
    let all: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| {
            let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // The name of the program is in parentheses and may contain spaces. The state and the parent of the process
            // follow the name.
            let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
            Some((id, parent))
        })
        .collect();
    let mut below = vec![ancestor];
    let mut next = 0;
    while let Some(parent) = below.get(next).copied() {
        below.extend(all.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        next += 1;
    }
    below.split_off(1)
}

/// Returns whether a process has a thread that sends load.
fn sends(process: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else {
        return false;
    };
    threads.filter_map(Result::ok).any(|thread| {
        let name = std::fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
        name.trim() == "load"
    })
}

#[test]
fn functions_of_the_emulator_pass_every_case_of_the_suite() {
    let fleet = Functions {
        desk: Desk::new(),
        cloud: Cloud::start(12),
    };
    wait_for("the function to be built", BUILT, || {
        fleet
            .invoke(&fleet.payload("absent", 0))
            .contains("there is no run")
            .then_some(())
    });
    check(&fleet);
}
