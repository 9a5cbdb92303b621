//! Handles the signals that a command receives after it has started a fleet.
//!
//! Law: the command does not exit while its workers may send and no stop is stored, unless it prints that they go on
//! and which command stops them. SIGKILL and crashes are the only exceptions.

use ::fleet::launch::stop_before;
use ::worker::clock::Clock;
use ::worker::signals::Signals;
use anyhow::Context;
use std::sync::Arc;
use std::time::Duration;
use store::{Location, RunStore};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::exit::Exit;
use crate::printer::Printer;

/// Signals within this time of the first one count as one: `timeout` signals its child and then its process group.
const TOGETHER: Duration = Duration::from_secs(1);
/// How long an exiting command waits until the stop is stored.
const STOP_MAX: Duration = Duration::from_secs(10);
/// How long writing the stop is retried while the command goes on.
const STOP_PATIENCE: Duration = Duration::from_secs(60);
/// How long the command may take to return after that; it can block on a pipe that nobody reads.
const LEAVE_MAX: Duration = Duration::from_secs(2);

/// What the command is doing when a signal arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// No worker is running.
    Idle,
    /// Workers of this run may send.
    Running(String),
    /// The run is over, and its report is written.
    Reporting,
}

/// Whether the stop key has been written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum StopState {
    NotAsked,
    OnItsWay,
    Stored,
    Failed,
}

/// How the command reacts to a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reaction {
    Stop,
    Ignore,
    Leave,
}

/// Decides what a signal does: the first one stops the run, if one is running, and a later one exits.
fn react(first: Option<Instant>, now: Instant, phase: &Phase) -> Reaction {
    match (first, phase) {
        (Some(first), _) if now < first + TOGETHER => Reaction::Ignore,
        (None, Phase::Running(_)) => Reaction::Stop,
        (None, Phase::Reporting) => Reaction::Ignore,
        (None, Phase::Idle) | (Some(_), _) => Reaction::Leave,
    }
}

/// Handles signals while a command prepares, runs and reports.
#[derive(Debug)]
pub(crate) struct Interrupts {
    shared: Arc<Shared>,
    leave: watch::Receiver<bool>,
}

#[derive(Debug)]
struct Shared {
    store: RunStore,
    location: String,
    clock: Clock,
    printer: Printer,
    phase: watch::Sender<Phase>,
    interrupted: watch::Sender<bool>,
    stop: watch::Sender<StopState>,
}

impl Interrupts {
    /// Starts to handle signals. Must be called before any worker is started.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub(crate) fn begin(
        store: &RunStore,
        location: &Location,
        clock: &Clock,
        printer: &Printer,
    ) -> anyhow::Result<Interrupts> {
        let signals = Signals::listen().context("signals cannot be handled")?;
        let shared = Arc::new(Shared {
            store: store.clone(),
            location: location.to_string(),
            clock: *clock,
            printer: *printer,
            phase: watch::Sender::new(Phase::Idle),
            interrupted: watch::Sender::new(false),
            stop: watch::Sender::new(StopState::NotAsked),
        });
        let (sender, leave) = watch::channel(false);
        tokio::spawn(shared.clone().watch(signals, sender));
        Ok(Interrupts { shared, leave })
    }

    /// Resolves when the command must exit at once. Everything that the user needs has been printed by then.
    pub(crate) async fn leaving(&self) {
        let mut leave = self.leave.clone();
        if leave.wait_for(|leave| *leave).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether a signal has arrived.
    pub(crate) fn interrupted(&self) -> bool {
        *self.shared.interrupted.borrow()
    }

    /// Resolves when a signal has arrived.
    pub(crate) async fn signal(&self) {
        let mut interrupted = self.shared.interrupted.subscribe();
        if interrupted.wait_for(|interrupted| *interrupted).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// A command about a run of this store, as it is typed.
    pub(crate) fn command(&self, verb: &str, run: &str) -> String {
        self.shared.command(verb, run)
    }

    /// Notes that workers of this run may send from now on.
    pub(crate) fn running(&self, run: &str) {
        self.shared.phase.send_replace(Phase::Running(run.to_owned()));
    }

    /// Notes that the run is over and its report is being written.
    pub(crate) fn reporting(&self) {
        self.shared.phase.send_replace(Phase::Reporting);
    }

    /// Notes that no run is left to stop or to report.
    pub(crate) fn idle(&self) {
        self.shared.phase.send_replace(Phase::Idle);
    }

    /// Stops the fleet because the command cannot go on. If the stop cannot be stored, prints how to stop the fleet.
    pub(crate) async fn give_up(&self, run: &str, why: &str) {
        self.shared.begin_stop(run, &format!("its launcher gave up: {why}"));
        self.shared.await_stop(run).await;
    }

    /// Waits for the stop that a signal began, if one did. If it cannot be stored, prints how to stop the fleet.
    pub(crate) async fn settle(&self, run: &str) {
        if *self.shared.stop.borrow() != StopState::NotAsked {
            self.shared.await_stop(run).await;
        }
    }
}

impl Shared {
    async fn watch(self: Arc<Shared>, mut signals: Signals, leave: watch::Sender<bool>) {
        let mut first = None;
        loop {
            signals.next().await;
            let (now, phase) = (Instant::now(), self.phase.borrow().clone());
            let reaction = react(first, now, &phase);
            first = first.or(Some(now));
            self.interrupted.send_replace(true);
            match (reaction, phase) {
                (Reaction::Stop, Phase::Running(run)) => {
                    let words = "stopping: workers stop sending and report; interrupt again to leave at once";
                    self.printer.say(words);
                    self.begin_stop(&run, "interrupted");
                }
                (Reaction::Leave, Phase::Running(run)) => {
                    if self.await_stop(&run).await {
                        let attach = self.command("attach", &run);
                        self.printer.say(&format!("the run is stopped; `{attach}` reports it"));
                    }
                    break;
                }
                (Reaction::Leave, _) => break,
                (Reaction::Stop | Reaction::Ignore, _) => {}
            }
        }
        leave.send_replace(true);
        if timeout(LEAVE_MAX, leave.closed()).await.is_err() {
            std::process::exit(Exit::Interrupted.code().into());
        }
    }

    /// Starts to write the stop. Later calls do nothing.
    fn begin_stop(self: &Arc<Shared>, run: &str, reason: &str) {
        let first = self.stop.send_if_modified(|state| {
            let first = *state == StopState::NotAsked;
            if first {
                *state = StopState::OnItsWay;
            }
            first
        });
        if !first {
            return;
        }
        let (shared, run, reason) = (self.clone(), run.to_owned(), reason.to_owned());
        tokio::spawn(async move {
            let until = Instant::now() + STOP_PATIENCE;
            let written = stop_before(&shared.store, &run, &reason, &shared.clock, until).await;
            shared.stop.send_replace(match written {
                Ok(_) => StopState::Stored,
                Err(error) => {
                    shared
                        .printer
                        .say(&format!("error: the stop could not be written: {error}"));
                    StopState::Failed
                }
            });
        });
    }

    /// Waits for at most [`STOP_MAX`] and returns whether the stop is stored. If not, prints how to stop the fleet.
    async fn await_stop(&self, run: &str) -> bool {
        let mut stop = self.stop.subscribe();
        let settled = stop.wait_for(|state| matches!(state, StopState::Stored | StopState::Failed));
        let stored = matches!(timeout(STOP_MAX, settled).await, Ok(Ok(state)) if *state == StopState::Stored);
        if !stored {
            let command = self.command("stop", run);
            self.printer.say(&format!(
                "no stop is stored, and the fleet goes on; stop it with `{command}`"
            ));
        }
        stored
    }

    fn command(&self, verb: &str, run: &str) -> String {
        format!("vajra-cloud {verb} {run} --store '{}'", self.location)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(first: Option<u64>, now: u64, phase: &Phase, expected: Reaction) {
        let began = Instant::now();
        let at = |ms| began + Duration::from_millis(ms);
        assert_eq!(
            react(first.map(at), at(now), phase),
            expected,
            "{first:?} {now} {phase:?}"
        );
    }

    #[test]
    fn signals_within_one_second_count_as_one_and_a_later_one_leaves() {
        let running = Phase::Running("r".to_owned());
        check(None, 0, &running, Reaction::Stop);
        for (now, expected) in [
            (0, Reaction::Ignore),
            (999, Reaction::Ignore),
            (1_000, Reaction::Leave),
            (60_000, Reaction::Leave),
        ] {
            check(Some(0), now, &running, expected);
            check(Some(0), now, &Phase::Reporting, expected);
            check(Some(0), now, &Phase::Idle, expected);
        }
        check(None, 0, &Phase::Reporting, Reaction::Ignore);
        check(None, 0, &Phase::Idle, Reaction::Leave);
    }
}
