//! The fleet `local`, whose workers are processes on this machine.
//!
//! Each worker runs the program of the launcher in a process group of its own. So Ctrl-C in a terminal interrupts only
//! the launcher, and the workers continue if the launcher is killed.

use crate::fleet::{
    Batch, Capabilities, Events, FailureKind, Fleet, FleetError, FleetKind, Opening, Pending, Placed, WorkerEvent,
};
use crate::gather::SliceId;
use crate::under_way::{UnderWay, WITHDRAWN};
use plan::scenario::Scenario;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use store::Location;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use worker::allow::Allow;
use worker::assignment::Assignment;
use worker::exit::WorkerExit;
use worker::secrets::Variables;

/// The kind of fleet that `--fleet local` selects.
#[derive(Clone, Copy, Debug)]
pub struct Kind;

impl FleetKind for Kind {
    fn name(&self) -> &'static str {
        "local"
    }

    fn about(&self) -> &'static str {
        "Processes of this machine"
    }

    fn processor_hint(&self) -> Option<&'static str> {
        Some("use a lower rate, or workers on other machines; more workers on this machine make it worse")
    }

    fn open<'a>(&'a self, opening: Opening<'a>) -> Pending<'a, Result<Arc<dyn Fleet>, FleetError>> {
        let variables = Variables::referenced(&opening.scenario.secrets);
        let fleet = Local::new(opening.program.to_owned(), opening.store.clone(), variables);
        Box::pin(async move { Ok(Arc::new(fleet) as Arc<dyn Fleet>) })
    }
}

const CAPABILITIES: Capabilities = Capabilities {
    // More workers would compete for the processors of this machine.
    workers_max: 256,
    lifetime: None,
    start_timeout: Duration::from_secs(60),
    snapshot_interval: Duration::from_secs(1),
    price: None,
    inspected: false,
    starts_workers: true,
    replaces_workers: false,
};
/// The maximum number of bytes that are kept from the end of a worker's stderr.
const STDERR_MAX: usize = 2_000;

/// A fleet that starts a process for each worker.
#[derive(Clone, Debug)]
pub struct Local {
    program: PathBuf,
    store: Location,
    variables: Variables,
    /// The process ID of each worker.
    under_way: Arc<UnderWay<u32>>,
}

impl Local {
    /// Returns a fleet whose workers run `program worker …` with this store. The workers inherit the environment, and
    /// may send only the values of `variables` to targets.
    pub fn new(program: PathBuf, store: Location, variables: Variables) -> Local {
        Local {
            program,
            store,
            variables,
            under_way: Arc::default(),
        }
    }
}

/// Returns the targets to which workers on this machine may send. All targets are allowed unless `VAJRA_ALLOW` is set.
///
/// # Errors
/// Fails if the value of `VAJRA_ALLOW` cannot be parsed.
pub fn allow() -> Result<Allow, FleetError> {
    let text = std::env::var_os(Allow::VARIABLE).map(|text| text.to_string_lossy().into_owned());
    Allow::of_machine(text.as_deref()).map_err(|error| {
        let problem = format!("{}: {}", Allow::VARIABLE, error.problem);
        FleetError::new(FailureKind::Refused, problem).hint(error.hint)
    })
}

impl Local {
    fn command(&self, assignment: &Assignment) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("worker")
            // With the form `--name=value`, a value that begins with a dash is not parsed as an option.
            .arg(format!("--store={}", self.store))
            .arg(format!("--run={}", assignment.run))
            .arg(format!("--shard={}", assignment.shard))
            .arg(format!("--slice={}", assignment.slice))
            // Each worker has one thread, because the workers share the processors of this machine.
            .args(["--threads", "1"])
            // Workers may send the values of the variables that this run refers to. The list of variables for workers
            // that are started by hand is removed from the environment.
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

impl Fleet for Local {
    fn name(&self) -> &'static str {
        Kind.name()
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    /// Checks the list of allowed targets once. Each worker inherits this list, so a wrong list would make each worker
    /// fail.
    fn check(&self, _: &Scenario) -> Result<(), FleetError> {
        allow().map(drop)
    }

    fn start(&self, batch: Batch, events: &Events) {
        for worker in batch.workers {
            let (fleet, events) = (self.clone(), events.clone());
            tokio::spawn(async move {
                let slice_id = worker.slice_id();
                let event = match fleet.run_process(&worker).await {
                    Ok(()) => WorkerEvent::Ended(slice_id),
                    Err(error) => WorkerEvent::Failed(slice_id, error),
                };
                fleet.under_way.forget(slice_id);
                // The send fails if the launcher, which reads the events, has ended.
                let _ = events.send(event);
            });
        }
    }

    fn why(&self, slice_id: SliceId) -> Pending<'_, Option<FleetError>> {
        let process = self.under_way.stage(slice_id);
        let running = process.map(|id| {
            let problem = format!("its process {id} is running");
            FleetError::new(FailureKind::Lost, problem)
        });
        Box::pin(async move { running })
    }

    fn withdraw(&self, run: &str, _: bool) -> Pending<'_, ()> {
        self.under_way.withdraw(run);
        Box::pin(async {})
    }
}

impl Local {
    /// Starts the process of a worker and waits for its end.
    async fn run_process(&self, worker: &Placed) -> Result<(), FleetError> {
        let not_started = |error: std::io::Error| {
            let problem = format!("the worker process could not be started: {error}");
            FleetError::new(FailureKind::Refused, problem)
        };
        if self.under_way.is_withdrawn(&worker.assignment.run) {
            return Err(FleetError::new(FailureKind::Refused, WITHDRAWN));
        }
        let mut command = self.command(&worker.assignment);
        let mut child = command.stderr(Stdio::piped()).spawn().map_err(not_started)?;
        if let Some(id) = child.id() {
            self.under_way.note(worker.slice_id(), id);
        }
        let mut output = Vec::new();
        if let Some(mut stderr) = child.stderr.take() {
            let mut piece = [0; 1_024];
            while let Ok(read @ 1..) = stderr.read(&mut piece).await {
                output.extend_from_slice(&piece[..read]);
                let excess = output.len().saturating_sub(STDERR_MAX);
                output.drain(..excess);
            }
        }
        let status = child.wait().await.map_err(not_started)?;
        let ended = WorkerExit::of_code(status.code());
        if matches!(ended, Some(WorkerExit::Stored | WorkerExit::AlreadyClaimed)) {
            return Ok(());
        }
        let output = String::from_utf8_lossy(&output);
        let output = match output.trim() {
            "" => "it printed no error",
            output => output,
        };
        let problem = format!("the worker process ended with {status}: {output}");
        // A process that was killed by a signal has no exit code.
        let kind = match status.code() {
            None => FailureKind::Died,
            Some(_) if ended == Some(WorkerExit::Retry) => FailureKind::Died,
            Some(_) => FailureKind::Failed,
        };
        Err(FleetError::new(kind, problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_begins_with_a_dash_is_not_an_option_of_the_worker() {
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
    fn the_command_of_a_worker_has_the_names_of_variables_and_no_values() {
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
            "the environment is inherited, except the list"
        );
    }
}
