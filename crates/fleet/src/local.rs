//! Workers as processes of this machine.
//!
//! Each is this same program, in a process group of its own: Ctrl-C in a terminal reaches the
//! launcher alone, and a launcher that is killed leaves its workers at work.

use crate::fleet::{Fleet, LaunchError, Launching, Limits};
use std::path::PathBuf;
use std::process::Stdio;
use store::Location;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use worker::hand_over::{HandOver, HandingOver};
use worker::secrets::Variables;
use worker::shard::Assignment;

/// What one machine runs: more processes than this only take time from each other.
pub const LIMITS: Limits = Limits {
    workers_max: 256,
    lifetime_max: None,
};
/// How much of a worker's last words is kept.
const WORDS_MAX: usize = 2_000;

/// Starts processes.
#[derive(Clone, Debug)]
pub struct Local {
    program: PathBuf,
    store: Location,
    variables: Variables,
}

impl Local {
    /// A fleet whose workers run `program worker …` against a store, and may send these variables of the
    /// environment that they inherit.
    pub fn new(program: PathBuf, store: Location, variables: Variables) -> Local {
        Local {
            program,
            store,
            variables,
        }
    }
}

impl Local {
    fn command(&self, assignment: &Assignment) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("worker")
            // `--name=value`: a value that begins with a dash is not taken for an option.
            .arg(format!("--store={}", self.store))
            .arg(format!("--run={}", assignment.run))
            .arg(format!("--shard={}", assignment.shard))
            .arg(format!("--slice={}", assignment.slice))
            // Its workers share this machine: more of them use more of it.
            .args(["--threads", "1"])
            // They may send what this run refers to, and nothing that was meant for workers started by hand.
            .args(
                self.variables
                    .names()
                    .map(|name| format!("{}={name}", Variables::OPTION)),
            )
            .env_remove(Variables::LIST)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

impl HandOver for Local {
    /// Nobody hears the next worker's words: they outlive whoever starts it.
    fn start(&self, next: Assignment) -> HandingOver {
        let spawned = self.command(&next).stderr(Stdio::null()).spawn();
        Box::pin(async move { spawned.map(drop).map_err(|error| error.to_string()) })
    }
}

impl Fleet for Local {
    fn name(&self) -> &'static str {
        "local"
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn launch(&self, assignment: Assignment, _: Option<&str>) -> Launching {
        let mut command = self.command(&assignment);
        command.stderr(Stdio::piped());
        Box::pin(async move {
            let not_started = |error: std::io::Error| LaunchError::NotStarted {
                problem: error.to_string(),
            };
            let mut child = command.spawn().map_err(not_started)?;
            let mut words = Vec::new();
            if let Some(mut stderr) = child.stderr.take() {
                let mut piece = [0; 1_024];
                while let Ok(read @ 1..) = stderr.read(&mut piece).await {
                    words.extend_from_slice(&piece[..read]);
                    let excess = words.len().saturating_sub(WORDS_MAX);
                    words.drain(..excess);
                }
            }
            let status = child.wait().await.map_err(not_started)?;
            if status.success() {
                return Ok(());
            }
            let words = String::from_utf8_lossy(&words).trim().to_owned();
            let words = if words.is_empty() {
                "it said nothing".to_owned()
            } else {
                words
            };
            Err(LaunchError::Died {
                status: status.to_string(),
                words,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_begins_with_a_dash_is_no_option_of_the_worker() {
        let location: Location = "/tmp/-store".parse().unwrap();
        let fleet = Local::new(PathBuf::from("vajra-cloud"), location, Variables::default());
        let command = fleet.command(&Assignment {
            run: "-x".to_owned(),
            shard: 3,
            slice: 1,
        });
        let args: Vec<_> = command.as_std().get_args().filter_map(|arg| arg.to_str()).collect();
        assert!(args.contains(&"--run=-x"), "{args:?}");
        assert!(!args.contains(&"-x"), "{args:?}");
    }

    #[test]
    fn a_worker_is_given_the_names_of_its_variables_and_no_values() {
        let location: Location = "/tmp/store".parse().unwrap();
        let variables = Variables::named(["PATH", "SHOP_TOKEN"]).unwrap();
        let fleet = Local::new(PathBuf::from("vajra-cloud"), location, variables);
        let command = fleet.command(&Assignment {
            run: "r".to_owned(),
            shard: 0,
            slice: 0,
        });
        let args: Vec<_> = command.as_std().get_args().filter_map(|arg| arg.to_str()).collect();
        let given: Vec<_> = args.iter().filter(|arg| arg.starts_with("--env")).collect();
        assert_eq!(given, [&"--env=PATH", &"--env=SHOP_TOKEN"]);
        let envs: Vec<_> = command.as_std().get_envs().collect();
        assert_eq!(
            envs,
            [(std::ffi::OsStr::new("VAJRA_ENV"), None)],
            "inherited, but for the list"
        );
    }
}
