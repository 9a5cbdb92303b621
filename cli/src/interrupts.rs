//! Handles the signals that a command receives while its workers may be running.
//!
//! Invariant: the command does not exit while its workers may send and no stop is stored. If the command must exit in
//! this situation, it prints that the workers continue, and prints the command that stops them. SIGKILL and crashes are
//! the only exceptions.

use ::run::stopping::Stopping;
use ::worker::clock::Clock;
use ::worker::signals::Signals;
use anyhow::Context;
use std::sync::Arc;
use std::time::Duration;
use store::{Location, RunStore, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::exit::Exit;
use crate::printer::Printer;

/// After a signal, more signals within this time do not count. For example, `timeout` sends a signal to its child, and
/// then to the process group of the child.
const TOGETHER: Duration = Duration::from_secs(1);
/// The maximum time from the decision to exit until the process exits. The limit is required because the command can
/// block while it writes to a pipe that no process reads.
const LEAVE_MAX: Duration = Duration::from_secs(2);

/// The activity of the command when a signal arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// No worker is running.
    Idle,
    /// The workers of the run with this name may send.
    Running(String),
    /// The run is over, and its report is being written.
    Reporting,
}

/// The reaction of the command to a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reaction {
    Stop,
    Ignore,
    Leave,
}

/// Returns the reaction to a signal. The first signal stops the run if its workers may send, and is ignored while the
/// report is written. In all other cases, the first signal makes the command exit. Signals within [`TOGETHER`] after
/// the first signal are ignored, and every later signal makes the command exit.
fn react(first: Option<Instant>, now: Instant, phase: &Phase) -> Reaction {
    match (first, phase) {
        (Some(first), _) if now < first + TOGETHER => Reaction::Ignore,
        (None, Phase::Running(_)) => Reaction::Stop,
        (None, Phase::Reporting) => Reaction::Ignore,
        (None, Phase::Idle) | (Some(_), _) => Reaction::Leave,
    }
}

/// Handles signals while a command prepares a run, follows it and reports it.
#[derive(Debug)]
pub(crate) struct Interrupts {
    shared: Arc<Shared>,
    leave: watch::Receiver<bool>,
}

#[derive(Debug)]
struct Shared {
    location: String,
    printer: Printer,
    phase: watch::Sender<Phase>,
    interrupted: watch::Sender<bool>,
    stopping: Stopping,
}

impl Interrupts {
    /// Starts to handle signals. This function must be called before any worker is started.
    ///
    /// # Errors
    /// Fails if the system does not accept a signal handler.
    pub(crate) fn begin(
        store: &RunStore,
        location: &Location,
        clock: &Clock,
        printer: &Printer,
    ) -> anyhow::Result<Interrupts> {
        let signals = Signals::listen().context("signals cannot be handled")?;
        let printer = *printer;
        let failed = move |error: &StoreError| printer.say(&format!("error: the stop could not be written: {error}"));
        let shared = Arc::new(Shared {
            location: location.to_string(),
            printer,
            phase: watch::Sender::new(Phase::Idle),
            interrupted: watch::Sender::new(false),
            stopping: Stopping::new(store, clock, failed),
        });
        let (sender, leave) = watch::channel(false);
        tokio::spawn(shared.clone().watch(signals, sender));
        Ok(Interrupts { shared, leave })
    }

    /// Waits until the command must exit immediately. All texts that the user needs are printed before this function
    /// returns.
    pub(crate) async fn leaving(&self) {
        let mut leave = self.leave.clone();
        if leave.wait_for(|leave| *leave).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Returns whether a signal has arrived.
    pub(crate) fn interrupted(&self) -> bool {
        *self.shared.interrupted.borrow()
    }

    /// Waits until a signal arrives.
    pub(crate) async fn signal(&self) {
        let mut interrupted = self.shared.interrupted.subscribe();
        if interrupted.wait_for(|interrupted| *interrupted).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Returns the location of the store that contains the run.
    pub(crate) fn location(&self) -> &str {
        &self.shared.location
    }

    /// Returns the text of a command with this verb, for a run in this store.
    pub(crate) fn command(&self, verb: &str, run: &str) -> String {
        self.shared.command(verb, run)
    }

    /// Records that the workers of this run may send from now on.
    pub(crate) fn running(&self, run: &str) {
        self.shared.phase.send_replace(Phase::Running(run.to_owned()));
    }

    /// Records that the run is over and its report is being written.
    pub(crate) fn reporting(&self) {
        self.shared.phase.send_replace(Phase::Reporting);
    }

    /// Records that the command has no run to stop or to report.
    pub(crate) fn idle(&self) {
        self.shared.phase.send_replace(Phase::Idle);
    }

    /// Returns the stop of the run that is in progress.
    pub(crate) fn stopping(&self) -> &Stopping {
        &self.shared.stopping
    }

    /// Prints how to stop the workers of a run whose stop could not be stored.
    pub(crate) fn not_stopped(&self, run: &str) {
        self.shared.not_stopped(run);
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
                    self.stopping.begin(&run, "interrupted");
                }
                (Reaction::Leave, Phase::Running(run)) => {
                    if self.stopping.stored().await {
                        let attach = self.command("attach", &run);
                        self.printer.say(&format!("the run is stopped; `{attach}` reports it"));
                    } else {
                        self.not_stopped(&run);
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

    fn not_stopped(&self, run: &str) {
        let command = self.command("stop", run);
        self.printer.say(&format!(
            "no stop is stored, and the workers continue; stop them with `{command}`"
        ));
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
    fn signals_within_one_second_count_as_one_and_a_later_one_exits() {
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
