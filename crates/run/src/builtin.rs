//! Starts the built-in target of a run as a process.

use crate::error::{Refused, RunError};
use plan::scenario::{Scenario, Target};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

/// The process of the built-in target. The process ends when this value is dropped. If the launcher is killed, the
/// target continues to answer the workers, and exits on its own when it is idle.
#[derive(Debug)]
pub struct BuiltinTarget {
    _child: Child,
    pub address: String,
}

/// The target exits if it has received no request for this time plus the start timeout.
const TARGET_IDLE_EXIT: Duration = Duration::from_secs(60);
const NOT_STARTED: &str = "the built-in target could not be started";
/// The timeout for reading the error output of a target that did not start.
const TARGET_ERROR: Duration = Duration::from_secs(5);

impl BuiltinTarget {
    /// Starts the built-in target if the scenario uses it. The process runs the command `target` of `program`.
    ///
    /// # Errors
    /// Fails if the target does not start.
    pub async fn start(
        scenario: &Scenario,
        start_timeout: Duration,
        program: &Path,
    ) -> Result<Option<BuiltinTarget>, RunError> {
        let script = scenario.targets.iter().find_map(|target| match target {
            Target::Builtin(script) => Some(script),
            Target::Url(_) => None,
        });
        let Some(script) = script else { return Ok(None) };
        let mut command = Command::new(program);
        command
            .args(["target", "--listen=127.0.0.1:0"])
            // With the form `--name=value`, a value that begins with a dash is not parsed as an option.
            .arg(format!(
                "--idle-exit={}",
                plan::span::show(start_timeout + TARGET_IDLE_EXIT)
            ))
            .arg(format!("--script={script}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // The stderr of the target is a pipe, not the stderr of this process. Otherwise, a program that reads the
            // stderr of this process to its end would also wait for the end of the target.
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(RunError::system(NOT_STARTED))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut line).await;
            read.map_err(RunError::system(NOT_STARTED))?;
        }
        let Some(address) = line.trim().strip_prefix("listening on ") else {
            let mut error = String::new();
            if let Some(mut stderr) = child.stderr.take() {
                // The target has closed its stdout, so it will exit soon.
                let _ = tokio::time::timeout(TARGET_ERROR, stderr.read_to_string(&mut error)).await;
            }
            let problem = format!("the built-in target did not start: {}", error.trim());
            return Err(Refused::new(problem, "check its script in `target:`").into());
        };
        Ok(Some(BuiltinTarget {
            address: address.to_owned(),
            _child: child,
        }))
    }
}
