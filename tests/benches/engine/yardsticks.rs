//! The load generators wrk and h2load, which run against the same server in the same rounds as our program.
//!
//! Machines differ, and one machine differs from hour to hour. Only the ratio to a known program in the same rounds is
//! comparable between machines.

use crate::Fallible;
use crate::child::{Child, Memory};
use crate::cores;
use crate::measured::{Measured, Watch};
use crate::null_http2;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The time by which the run of a program may exceed its sending time.
const GRACE: Duration = Duration::from_secs(15);

/// A run of another load generator.
#[derive(Clone, Debug)]
pub(crate) struct Yardstick {
    pub(crate) name: &'static str,
    arguments: Vec<String>,
    seconds: u64,
    /// Reads the number of answered requests from the output of the program; `None` if a request failed.
    answered: fn(&str) -> Option<u64>,
}

/// Returns a run of wrk without pauses, on one thread.
pub(crate) fn wrk(url: &str, connections: u32, seconds: u64) -> Yardstick {
    Yardstick {
        name: "wrk",
        arguments: vec![
            "-t1".to_owned(),
            format!("-c{connections}"),
            format!("-d{seconds}s"),
            url.to_owned(),
        ],
        seconds,
        answered: wrk_answered,
    }
}

/// Returns a run of h2load over HTTP/2 without pauses. Each connection has as many streams as the null server allows.
pub(crate) fn h2load(url: &str, connections: u32, seconds: u64) -> Yardstick {
    Yardstick {
        name: "h2load",
        arguments: vec![
            "-t1".to_owned(),
            format!("-c{connections}"),
            format!("-m{}", null_http2::STREAMS),
            format!("-D{seconds}"),
            url.to_owned(),
        ],
        seconds,
        answered: h2load_answered,
    }
}

/// Returns a run of h2load over HTTP/1.1 at a constant rate.
pub(crate) fn h2load_paced(url: &str, connections: u32, per_second: u64, seconds: u64) -> Yardstick {
    Yardstick {
        name: "h2load --rps",
        arguments: vec![
            "--h1".to_owned(),
            "-t1".to_owned(),
            format!("-c{connections}"),
            // h2load expects the rate of each connection.
            format!("--rps={}", per_second as f64 / f64::from(connections)),
            format!("-D{seconds}"),
            url.to_owned(),
        ],
        seconds,
        answered: h2load_answered,
    }
}

impl Yardstick {
    fn program(&self) -> &str {
        self.name.split(' ').next().unwrap_or(self.name)
    }

    /// Returns whether the program of this yardstick is installed.
    pub(crate) fn is_installed(&self) -> bool {
        found(self.program()).is_some()
    }

    /// Starts the program on the generator's core.
    pub(crate) fn start(&self) -> Fallible<Child> {
        Child::start(Command::new(self.program()).args(&self.arguments), cores::GENERATOR)
    }

    /// Runs the program until it ends. `server` returns the processor time of the server so far.
    pub(crate) fn run(&self, server: &dyn Fn() -> Fallible<Duration>, memory: Memory) -> Fallible<Measured> {
        let span = Duration::from_secs(self.seconds);
        let watch = Watch::begin(server)?;
        let ended = self.start()?.finish(span + GRACE, memory)?;
        let answered = (self.answered)(&ended.output).filter(|_| ended.status.success());
        let requests = answered.ok_or_else(|| {
            format!(
                "{} {} failed: {}\n{}{}",
                self.program(),
                self.arguments.join(" "),
                ended.status,
                ended.output,
                ended.stderr
            )
        })?;
        watch.end(requests, ended.cpu, span, ended.memory_peak_kb)
    }
}

/// Returns the path of a program, or `None` if the program is not installed. Servers are often in a folder that only
/// root has in `PATH`.
pub(crate) fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// Parses `1127425 requests in 5.00s, 107.52MB read`. wrk prints lines about errors only if errors occurred.
fn wrk_answered(output: &str) -> Option<u64> {
    if output.contains("Socket errors:") || output.contains("Non-2xx") {
        return None;
    }
    let line = output.lines().find(|line| line.contains(" requests in "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Parses `requests: 99840 total, 99904 started, 99840 done, 99840 succeeded, 0 failed, 0 errored, 0 timeout`.
fn h2load_answered(output: &str) -> Option<u64> {
    let line = output.lines().find_map(|line| line.strip_prefix("requests: "))?;
    let count = |what: &str| {
        line.split(", ")
            .find_map(|part| part.strip_suffix(what))
            .and_then(|count| count.trim().parse::<u64>().ok())
    };
    (count(" failed")? == 0 && count(" errored")? == 0).then_some(())?;
    count(" succeeded")
}
