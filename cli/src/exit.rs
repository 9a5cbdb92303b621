//! The exit codes of the process.

use worker::exit::WorkerExit;

/// The result of a command, which decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command succeeded. If the command reports a run, the run passed or has no thresholds.
    Passed,
    /// The command failed because of a bug, or because of a service that it uses.
    Failed,
    /// The command line or the scenario is invalid.
    Usage,
    /// A part of the plan of the run is missing from the result.
    Incomplete,
    /// A worker sent nothing, and another attempt may succeed.
    Retry,
    /// A worker sent nothing, because another worker sends the shard.
    AlreadyClaimed,
    /// A comparison found a change that breaks a rule.
    Regressed,
    /// The verdict of the run is `crossed`, or the arrival of `try` failed.
    Crossed,
    /// The command was interrupted by Ctrl-C, SIGTERM or SIGHUP.
    Interrupted,
}

/// The text about the exit codes and their meanings, which the help contains.
pub(crate) const CODES: &str = "\
Exit codes:
  0    the run passed or has no thresholds, or the command is done
  1    failed: a bug, or an error of a service that the command needs
  2    the command line or the scenario is invalid
  3    incomplete: a part of the plan is missing from the result
  75   `worker`: nothing was sent, and another attempt may succeed
  76   `worker`: nothing was sent, because another attempt has the shard
  98   regressed: a rule of --fail-if is broken
  99   a threshold was crossed, arrivals were dropped and no threshold allows this, no request
       completed, or the arrival of `try` failed
  130  interrupted by Ctrl-C or a signal";

impl Exit {
    /// Returns the exit code as a number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Passed => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Incomplete => WorkerExit::Incomplete.code(),
            Exit::Retry => WorkerExit::Retry.code(),
            Exit::AlreadyClaimed => WorkerExit::AlreadyClaimed.code(),
            Exit::Regressed => 98,
            Exit::Crossed => 99,
            Exit::Interrupted => 130,
        }
    }
}

impl From<WorkerExit> for Exit {
    fn from(exit: WorkerExit) -> Exit {
        match exit {
            WorkerExit::Stored => Exit::Passed,
            WorkerExit::AlreadyClaimed => Exit::AlreadyClaimed,
            WorkerExit::Retry => Exit::Retry,
            WorkerExit::Incomplete => Exit::Incomplete,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        exit.code().into()
    }
}
