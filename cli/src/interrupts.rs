//! Signals to a command that has started a fleet.
//!
//! The law: the command does not end while its fleet may go on and no stop is stored, unless it says so
//! and names the command that stops it. Only SIGKILL and a crash are outside of it.

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

/// Signals this close to the first count as one: `timeout` signals its child and then its group.
const TOGETHER: Duration = Duration::from_secs(1);
/// How long a command that leaves waits for the stop to be stored.
const STOP_MAX: Duration = Duration::from_secs(10);
/// How long the stop is retried while the store fails and the command goes on.
const STOP_PATIENCE: Duration = Duration::from_secs(60);
/// How long the command may take to end once it may leave; it can be writing to a pipe that nobody reads.
const LEAVE_MAX: Duration = Duration::from_secs(2);

/// What a signal meets.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// No worker has been started.
    Idle,
    /// Workers of this run may send.
    Running(String),
    /// The run is over, and its report is on its way.
    Reporting,
}

/// What became of the stop.
#[derive(Clone, Debug, PartialEq, Eq)]
enum StopState {
    NotAsked,
    OnItsWay,
    Stored,
    Failed,
}

/// What is done about a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reaction {
    Stop,
    Ignore,
    Leave,
}

/// The first signal stops the run, unless there is none; a later one leaves.
fn react(first: Option<Instant>, now: Instant, phase: &Phase) -> Reaction {
    match (first, phase) {
        (Some(first), _) if now < first + TOGETHER => Reaction::Ignore,
        (None, Phase::Running(_)) => Reaction::Stop,
        (None, Phase::Reporting) => Reaction::Ignore,
        (None, Phase::Idle) | (Some(_), _) => Reaction::Leave,
    }
}

/// Watches for signals while a command prepares, conducts and reports a run.
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
    /// Handles signals from now on, before anything is started.
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

    /// Resolves when a signal asks the command to leave at once; whatever must be said has been said.
    pub(crate) async fn leaving(&self) {
        let mut leave = self.leave.clone();
        if leave.wait_for(|leave| *leave).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether a signal came.
    pub(crate) fn interrupted(&self) -> bool {
        *self.shared.interrupted.borrow()
    }

    /// From now on workers of this run may send.
    pub(crate) fn running(&self, run: &str) {
        self.shared.phase.send_replace(Phase::Running(run.to_owned()));
    }

    /// From now on no worker sends, and a report is made.
    pub(crate) fn reporting(&self) {
        self.shared.phase.send_replace(Phase::Reporting);
    }

    /// From now on there is nothing to stop and nothing to lose.
    pub(crate) fn idle(&self) {
        self.shared.phase.send_replace(Phase::Idle);
    }

    /// Stops the fleet of a command that cannot go on, or says that the fleet goes on.
    pub(crate) async fn give_up(&self, run: &str, why: &str) {
        self.shared.begin_stop(run, &format!("its launcher gave up: {why}"));
        self.shared.await_stop(run).await;
    }

    /// After a signal: waits for the stop, or says that the fleet goes on.
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

    /// Begins to write the stop, once.
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

    /// Whether the stop is stored, after at most [`STOP_MAX`]; says so if it is not.
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
