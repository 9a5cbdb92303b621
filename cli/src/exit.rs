//! What the process's exit code says.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked; a run passed, or finished without anything to judge it by.
    Passed,
    /// It could not do what was asked: our fault, or that of something it needs.
    Failed,
    /// What was asked makes no sense: the command line, or the scenario.
    Usage,
    /// Something that was planned is missing from the result.
    Incomplete,
    /// A comparison found a change that a rule forbids.
    Regressed,
    /// A threshold was not kept.
    Crossed,
    /// Ctrl-C, SIGTERM or SIGHUP.
    Interrupted,
}

/// The codes, for the help text.
pub(crate) const CODES: &str = "\
Exit codes:
  0    passed, or done; a run without thresholds is not judged
  1    failed: the fault is ours, or of something that is needed
  2    the command line or the scenario is wrong
  3    incomplete: something that was planned is missing from the result
  98   regressed: a rule of --fail-if is broken
  99   a threshold was crossed, or arrivals were dropped and no threshold allows it
  130  interrupted by Ctrl-C or a signal";

impl Exit {
    /// The number of the code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Passed => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Incomplete => 3,
            Exit::Regressed => 98,
            Exit::Crossed => 99,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        exit.code().into()
    }
}
