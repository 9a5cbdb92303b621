//! The built-in target of a run, as a process.

use crate::error::{Refused, RunError};
use plan::scenario::{Scenario, Target};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

/// The built-in target, as a process that ends with this value. Should this launcher be killed, the
/// target is still there for the workers, and ends by itself when they have gone.
#[derive(Debug)]
pub struct BuiltinTarget {
    _child: Child,
    pub address: String,
}

/// The target ends by itself when no request has come for the start timeout and this time on top.
const TARGET_IDLE_EXIT: Duration = Duration::from_secs(60);
const NOT_STARTED: &str = "the built-in target could not be started";
/// How long the last words of a target that did not start are waited for.
const TARGET_WORDS: Duration = Duration::from_secs(5);

impl BuiltinTarget {
    /// Starts the target that a scenario uses, if it uses one, with the verb `target` of `program`.
    ///
    /// # Errors
    /// When it does not start.
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
            // `--name=value`: a value that begins with a dash is not taken for an option.
            .arg(format!(
                "--idle-exit={}",
                plan::span::show(start_timeout + TARGET_IDLE_EXIT)
            ))
            .arg(format!("--script={script}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // Not this process's own: whoever reads that to its end would wait for the target too.
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
            let mut words = String::new();
            if let Some(mut stderr) = child.stderr.take() {
                // It has closed its output, so it is about to end.
                let _ = tokio::time::timeout(TARGET_WORDS, stderr.read_to_string(&mut words)).await;
            }
            let problem = format!("the built-in target did not start: {}", words.trim());
            return Err(Refused::new(problem, "is its script in `target:` right?").into());
        };
        Ok(Some(BuiltinTarget {
            address: address.to_owned(),
            _child: child,
        }))
    }
}
