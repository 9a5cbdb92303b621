//! Other generators against the same server in the same rounds: wrk and h2load.
//!
//! Machines differ, and one machine differs from hour to hour; only the ratio to a known program in
//! the same run says something elsewhere.

use crate::Fallible;
use crate::child::{Child, Memory};
use crate::cores;
use crate::measured::{Measured, Watch};
use crate::null_http2;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// What a program may take beyond the time it was told to send for.
const GRACE: Duration = Duration::from_secs(15);

/// A run of another generator, described.
#[derive(Clone, Debug)]
pub(crate) struct Yardstick {
    pub(crate) name: &'static str,
    arguments: Vec<String>,
    seconds: u64,
    /// Finds in its output how many requests were answered; `None` if any failed.
    answered: fn(&str) -> Option<u64>,
}

/// wrk without pauses, on one thread.
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

/// h2load without pauses, over HTTP/2 with as many streams on each connection as the null server allows.
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

/// h2load over HTTP/1.1, paced.
pub(crate) fn h2load_paced(url: &str, connections: u32, per_second: u64, seconds: u64) -> Yardstick {
    Yardstick {
        name: "h2load --rps",
        arguments: vec![
            "--h1".to_owned(),
            "-t1".to_owned(),
            format!("-c{connections}"),
            // Of each connection.
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

    /// Whether the program is there.
    pub(crate) fn is_installed(&self) -> bool {
        found(self.program()).is_some()
    }

    /// Starts it on the generator's core.
    pub(crate) fn start(&self) -> Fallible<Child> {
        Child::start(Command::new(self.program()).args(&self.arguments), cores::GENERATOR)
    }

    /// Runs it to its end. `server` tells the processor time that the server has used so far.
    pub(crate) fn run(&self, server: &dyn Fn() -> Fallible<Duration>, memory: Memory) -> Fallible<Measured> {
        let span = Duration::from_secs(self.seconds);
        let watch = Watch::begin(server)?;
        let ended = self.start()?.finish(span + GRACE, memory)?;
        let answered = (self.answered)(&ended.output).filter(|_| ended.status.success());
        let requests = answered.ok_or_else(|| {
            format!(
                "{} {} did not go well: {}\n{}{}",
                self.program(),
                self.arguments.join(" "),
                ended.status,
                ended.output,
                ended.complaint
            )
        })?;
        watch.end(requests, ended.cpu, span, ended.memory_peak_kb)
    }
}

/// Where a program is, if it is installed. Servers are often found by root alone.
pub(crate) fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// `1127425 requests in 5.00s, 107.52MB read`; lines about errors are there only if there were some.
fn wrk_answered(output: &str) -> Option<u64> {
    if output.contains("Socket errors:") || output.contains("Non-2xx") {
        return None;
    }
    let line = output.lines().find(|line| line.contains(" requests in "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// `requests: 99840 total, 99904 started, 99840 done, 99840 succeeded, 0 failed, 0 errored, 0 timeout`.
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
