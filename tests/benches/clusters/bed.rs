//! A cluster with a volume and a target, on which runs are measured.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use whole_runs::kubernetes::Cluster;
use whole_runs::machine::{Desk, Process, Target, program};

pub(crate) struct Bed {
    pub(crate) cluster: Cluster,
    pub(crate) desk: Desk,
    pub(crate) target: Target,
}

impl Bed {
    pub(crate) fn new() -> Bed {
        Bed {
            cluster: Cluster::with_volume(program()).expect("the bench runs on the stand-in"),
            desk: Desk::new(),
            target: Target::start("latency 2ms"),
        }
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.cluster.volume()
    }

    /// Returns the text of a scenario with a constant rate per second.
    pub(crate) fn scenario(&self, rate: u64, seconds: u64) -> String {
        whole_runs::machine::constant(&self.target.url(), &format!("{rate}/s"), &format!("{seconds}s"))
    }

    /// Returns a command that uses the cluster.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.desk.command(args);
        command
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .env("HOME", self.desk.path(""));
        command
    }

    /// Starts a process whose stderr is written to a file.
    pub(crate) fn start(&self, args: &[&str]) -> Process {
        let log = File::create(self.desk.path("log")).unwrap();
        let mut command = self.command(args);
        command.stdout(Stdio::null()).stderr(log);
        Process(command.spawn().unwrap())
    }
}
