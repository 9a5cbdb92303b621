//! The exit codes of a worker process. A platform decides from the exit code whether to start the worker again.

use crate::shard::Ended;
use tally::snapshot::SliceEnd;

/// The way in which a worker process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkerExit {
    /// The result is stored and complete, or the run was stopped.
    Stored,
    /// Another attempt sends the shard. This worker sent nothing, and a retry would also send nothing.
    AlreadyClaimed,
    /// The worker sent nothing, and another attempt may succeed.
    Retry,
    /// A part of the slice is missing from the result. The store contains the reason.
    Incomplete,
}

impl WorkerExit {
    /// All values of this type.
    pub const ALL: [WorkerExit; 4] = [
        WorkerExit::Stored,
        WorkerExit::AlreadyClaimed,
        WorkerExit::Retry,
        WorkerExit::Incomplete,
    ];

    /// Returns the exit code of the process. The exit code 75 is `EX_TEMPFAIL` in the BSD header sysexits.h.
    pub const fn code(self) -> u8 {
        match self {
            WorkerExit::Stored => 0,
            WorkerExit::Incomplete => 3,
            WorkerExit::Retry => 75,
            WorkerExit::AlreadyClaimed => 76,
        }
    }

    /// Returns the value with this exit code. Returns `None` if the process was killed or failed in another way.
    pub fn of_code(code: Option<i32>) -> Option<WorkerExit> {
        let code = code?;
        WorkerExit::ALL.into_iter().find(|exit| i32::from(exit.code()) == code)
    }

    /// Returns the exit of a process whose worker ended in this way.
    pub fn of(ended: &Ended) -> WorkerExit {
        match ended {
            Ended::Done(SliceEnd::Finished | SliceEnd::Stopped)
            | Ended::Left(SliceEnd::Finished | SliceEnd::Stopped) => WorkerExit::Stored,
            Ended::Done(SliceEnd::Deadline | SliceEnd::HostStopped | SliceEnd::Failed(_))
            | Ended::Left(SliceEnd::Deadline | SliceEnd::Failed(_)) => WorkerExit::Incomplete,
            Ended::Left(SliceEnd::HostStopped) => WorkerExit::Retry,
            Ended::AlreadyClaimed => WorkerExit::AlreadyClaimed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exit_code_reads_back_to_its_exit() {
        for exit in WorkerExit::ALL {
            assert_eq!(WorkerExit::of_code(Some(exit.code().into())), Some(exit));
        }
        assert_eq!(WorkerExit::of_code(Some(1)), None);
        assert_eq!(
            WorkerExit::of_code(None),
            None,
            "a process that was killed has no exit code"
        );
    }

    #[test]
    fn only_an_attempt_that_its_host_stopped_before_the_start_is_retried() {
        assert_eq!(WorkerExit::of(&Ended::Left(SliceEnd::HostStopped)), WorkerExit::Retry);
        assert_eq!(
            WorkerExit::of(&Ended::Done(SliceEnd::HostStopped)),
            WorkerExit::Incomplete
        );
        let failed = Ended::Left(SliceEnd::Failed("no secret".to_owned()));
        assert_eq!(WorkerExit::of(&failed), WorkerExit::Incomplete);
    }
}
