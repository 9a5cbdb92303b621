//! Decides the next actions of the operator for a load test. The decision is a pure function of the object in the
//! cluster, of the state of the run, and of the time.

use super::resource::{ArrivalCounts, LoadTest, Phase, Status, WorkerCounts};
use std::time::Duration;
use time::OffsetDateTime;

/// The time for which a deleted load test waits for the results of its run.
pub(super) const DELETION_PATIENCE: Duration = Duration::from_secs(120);
/// The interval between two decisions about a load test whose run is in progress.
const INTERVAL: Duration = Duration::from_secs(1);
/// The maximum time until the next decision about a finished load test.
const INTERVAL_MAX: Duration = Duration::from_secs(3_600);

/// The state of a run, as this copy of the operator has observed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// This copy has not read the run yet.
    Unknown,
    /// The run cannot be planned or read now. A later attempt may succeed.
    Waiting {
        reason: &'static str,
        problem: String,
    },
    /// The scenario or the spec cannot be run.
    Rejected {
        problem: String,
    },
    /// The run is not published, and this copy will not publish it.
    Absent {
        problem: String,
    },
    Underway(Progress),
    /// The run is over, and its report is stored.
    Over(Ending),
}

/// The progress of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) started: bool,
    /// Whether the store contains the stop.
    pub(super) stopping: bool,
    pub(super) workers: WorkerCounts,
    pub(super) arrivals: ArrivalCounts,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) phase: Phase,
    pub(super) started: bool,
    /// A sentence about the verdict.
    pub(super) message: String,
    pub(super) workers: WorkerCounts,
    pub(super) arrivals: ArrivalCounts,
}

/// The input of a decision, in addition to the object and the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Observed {
    pub(super) run: Run,
    /// Whether this copy has a task that conducts the run.
    pub(super) conducting: bool,
    /// Whether this copy has already requested the stop.
    pub(super) stop_asked: bool,
    /// The time at which this copy first observed the run of a load test that is being deleted; `None` if the load test
    /// is not being deleted, or if this copy has not observed the run yet.
    pub(super) leaving_since: Option<OffsetDateTime>,
}

/// An Event of the cluster. Each reason is reported only once for a load test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) reason: String,
    pub(super) warns: bool,
    pub(super) message: String,
}

/// An action of the operator. If an action fails, the operator omits the later actions. The next decision then contains
/// the omitted actions again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    AddFinalizer,
    /// Adopts the run if it is published. Otherwise, plans and publishes the run if `publish` is true. Then creates the
    /// Job of the run, writes the start or aborts the run, follows the run, and stores its report.
    Conduct {
        publish: bool,
    },
    /// Writes the stop of the run. If the run is not published, it will not be published after this.
    Stop {
        reason: String,
    },
    SetStatus(Box<Status>),
    /// Sends an Event later. A failure of an Event delays no other action.
    Emit(Note),
    RemoveFinalizer,
    /// Deletes the load test.
    Delete,
    /// Makes the next decision after this time, or earlier if the load test or its run changes.
    Requeue(Duration),
}

/// Returns the next actions of the operator.
pub(super) fn decide(test: &LoadTest, observed: &Observed, now: OffsetDateTime) -> Vec<Action> {
    let mut actions = Vec::new();
    if test.deleted.is_some() {
        if !test.has_finalizer {
            return actions;
        }
        // The time of the deletion is not used, because it may be long before this copy began.
        if observed
            .leaving_since
            .is_some_and(|since| now - since >= DELETION_PATIENCE)
        {
            return vec![Action::RemoveFinalizer];
        }
    } else if !test.has_finalizer && test.status.finished().is_none() {
        // The finalizer is added before the run is created. So the run is stopped before the cluster removes the load
        // test.
        return vec![Action::AddFinalizer];
    }
    let status = project(test, &observed.run, now);
    let is_finished = status.finished().is_some();
    // Another copy of the operator may have given up the run. A copy with an old version of the load test may then have
    // published this run.
    let is_late = status.phase == Phase::Aborted && matches!(observed.run, Run::Underway(_));
    if !is_finished || is_late {
        actions.extend(steer(test, observed, is_late, now));
    }
    if status != test.status {
        let notes = notes(&test.status, &status);
        actions.push(Action::SetStatus(Box::new(status.clone())));
        actions.extend(notes.into_iter().map(Action::Emit));
    }
    match (is_finished, test.deleted) {
        (true, Some(_)) => actions.push(Action::RemoveFinalizer),
        (true, None) => actions.extend(expire(test, &status, now)),
        (false, _) => actions.push(Action::Requeue(INTERVAL)),
    }
    actions
}

/// Returns the action that begins or stops a run that is not over.
fn steer(test: &LoadTest, observed: &Observed, is_late: bool, now: OffsetDateTime) -> Option<Action> {
    let Ok(spec) = &test.spec else { return None };
    let why = match (test.deleted, spec.stop) {
        (Some(_), _) => Some("its LoadTest was deleted".to_owned()),
        (None, true) => Some("its LoadTest was stopped".to_owned()),
        (None, false) => is_late.then(|| "its LoadTest is aborted".to_owned()),
    };
    let stop = |reason| (!observed.stop_asked).then_some(Action::Stop { reason });
    match &observed.run {
        Run::Unknown => (!observed.conducting).then_some(Action::Conduct { publish: why.is_none() }),
        Run::Waiting { problem, .. } => {
            let late = !test.status.is("Accepted") && now - test.created >= spec.start_timeout;
            let late = late.then(|| {
                let timeout = plan::span::show(spec.start_timeout);
                format!("it could not be planned within {timeout}: {problem}")
            });
            stop(why.or(late)?)
        }
        Run::Underway(progress) if !progress.stopping => stop(why?),
        Run::Underway(_) | Run::Rejected { .. } | Run::Absent { .. } | Run::Over(_) => None,
    }
}

/// Returns the action for a finished test whose time to live is limited.
fn expire(test: &LoadTest, status: &Status, now: OffsetDateTime) -> Option<Action> {
    let (ttl, finished) = (test.spec.as_ref().ok()?.ttl?, status.finished()?);
    let left = (finished + ttl) - now;
    Some(match Duration::try_from(left) {
        Ok(left) if !left.is_zero() => Action::Requeue(left.min(INTERVAL_MAX)),
        _ => Action::Delete,
    })
}

/// Returns the status that a load test has with this state of its run. The status of a finished load test does not
/// change.
fn project(test: &LoadTest, run: &Run, now: OffsetDateTime) -> Status {
    let mut status = test.status.clone();
    status.observed_generation = Some(test.generation);
    if status.finished().is_some() {
        return status;
    }
    let at = (test.generation, now);
    let mut set = Setter {
        status: &mut status,
        at,
    };
    if let Err(problem) = &test.spec {
        set.condition("Accepted", false, "SpecInvalid", problem);
        set.finish(Phase::Aborted, "the spec is not valid");
        return status;
    }
    match run {
        Run::Unknown if set.status.conditions.is_empty() => {
            set.condition("Finished", false, "NotFinished", "the run is not planned yet");
        }
        Run::Unknown => {}
        Run::Waiting { reason, problem } if set.status.is("Accepted") => {
            set.condition("Stalled", true, reason, problem);
        }
        Run::Waiting { reason, problem } => {
            set.condition("Accepted", false, reason, problem);
            set.condition("Stalled", true, reason, problem);
            set.condition("Finished", false, "NotFinished", "the run is not planned yet");
        }
        Run::Rejected { problem } => {
            set.condition("Accepted", false, "ScenarioInvalid", problem);
            set.finish(Phase::Aborted, "the scenario is not valid");
        }
        Run::Absent { problem } => set.finish(Phase::Aborted, problem),
        Run::Underway(progress) => set.underway(&test.run(), progress),
        Run::Over(ending) => {
            set.accept(&test.run(), ending.workers);
            set.status.arrivals = ending.arrivals;
            match ending.started {
                true => set.condition("Started", true, "Started", "the workers have started to send"),
                false => set.condition("Started", false, "NotStarted", "nothing was sent"),
            }
            set.finish(ending.phase, &ending.message);
        }
    }
    status
}

/// Changes a status. All changes get the same time.
struct Setter<'a> {
    status: &'a mut Status,
    at: (i64, OffsetDateTime),
}

impl Setter<'_> {
    fn condition(&mut self, kind: &str, holds: bool, reason: &str, message: &str) {
        self.status.set(kind, holds, reason, message, self.at);
    }

    fn accept(&mut self, run: &str, workers: WorkerCounts) {
        self.status.run = Some(run.to_owned());
        self.status.workers = workers;
        let message = format!("the run is planned for {} workers", workers.planned);
        self.condition("Accepted", true, "Accepted", &message);
    }

    fn underway(&mut self, run: &str, progress: &Progress) {
        let WorkerCounts {
            planned,
            ready,
            missing,
        } = progress.workers;
        self.accept(run, progress.workers);
        self.status.arrivals = progress.arrivals;
        // Another copy may have read a start that this copy has not read yet.
        let started = progress.started || self.status.is("Started");
        match started {
            true => self.condition("Started", true, "Started", "the workers have started to send"),
            false => {
                let message = format!("{ready} of {planned} workers are ready");
                self.condition("Started", false, "WaitingForWorkers", &message);
            }
        }
        self.condition("Finished", false, "NotFinished", "the run is not over");
        match missing {
            0 => self.condition("Stalled", false, "Progressing", ""),
            _ => {
                let message = format!("{missing} of {planned} workers are missing or silent");
                self.condition("Stalled", true, "WorkersMissing", &message);
            }
        }
        let phase = if started { Phase::Running } else { Phase::Starting };
        self.status.phase = self.status.phase.max(phase);
    }

    fn finish(&mut self, phase: Phase, message: &str) {
        self.status.phase = phase;
        self.condition("Finished", true, phase.name(), message);
        self.condition("Passed", phase == Phase::Passed, phase.name(), message);
        self.condition("Stalled", false, "Finished", "");
    }
}

/// Returns the Events that report the changes from one status to another.
fn notes(before: &Status, after: &Status) -> Vec<Note> {
    let mut notes = Vec::new();
    let became = |kind: &str| after.condition(kind).filter(|_| after.is(kind) && !before.is(kind));
    let mut add = |reason: &str, warns: bool, message: &str| {
        notes.push(Note {
            reason: reason.to_owned(),
            warns,
            message: message.to_owned(),
        });
    };
    if let Some(refused) = after.condition("Accepted").filter(|one| one.status == "False")
        && before.condition("Accepted").map(|one| &one.reason) != Some(&refused.reason)
    {
        add(&refused.reason, true, &refused.message);
    }
    for kind in ["Accepted", "Started"] {
        if let Some(condition) = became(kind) {
            add(kind, false, &condition.message);
        }
    }
    // A test that waits before it is accepted has the same reason in both conditions.
    if let Some(condition) = became("Stalled").filter(|_| after.is("Accepted")) {
        add("Stalled", true, &condition.message);
    }
    if let Some(condition) = became("Finished") {
        add(after.phase.name(), after.phase != Phase::Passed, &condition.message);
    }
    notes
}

#[cfg(test)]
mod tests;
