//! Sends the newest exposure to one receiver, repeatedly.
//!
//! Invariant: publishing an exposure never waits. A slot contains only the newest exposure. A slow sender continues
//! with the newest exposure, and the exposures that it has missed are counted as skipped. Exposures are cumulative, so
//! a skipped exposure loses a point of a curve, but no count. For each receiver, `published = sent + skipped + failed`.

use super::exposure::Exposure;
use super::receiver::{Receiver, Trouble};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The timeout for sending one exposure. Several exposures are published during this time. When the timeout has passed,
/// the connection is treated as dead.
const TRY_MAX: Duration = Duration::from_secs(5);
/// The maximum number of attempts to send one exposure. If a newer exposure is published, the sender continues with the
/// newer exposure.
const TRIES_MAX: u32 = 3;
/// The backoff after the first failure. The backoff doubles with each consecutive failure.
const REST_MIN: Duration = Duration::from_millis(500);
/// The maximum backoff, even if the receiver asks for a longer backoff. The maximum is short, so that a receiver gets
/// new data soon after it has recovered.
const REST_MAX: Duration = Duration::from_secs(30);

/// The newest exposure, which is sent next.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// The number of exposures that were published so far.
    pub published: u64,
    pub newest: Option<Arc<Exposure>>,
    /// Whether the newest exposure is the last exposure of the run.
    pub closing: bool,
}

/// The numbers of exposures so far, by outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub sent: u64,
    /// The number of exposures that were sent directly after a failed attempt.
    pub late: u64,
    pub failed: u64,
    /// The number of the newest exposure that was sent.
    pub newest: u64,
    pub trouble: Option<String>,
}

/// How an export ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// One line of text about the end of the export.
    pub line: String,
    /// Whether the final counts arrived.
    pub whole: bool,
}

/// The task that sends exposures to one receiver.
#[derive(Debug)]
pub(super) struct Sender {
    name: String,
    task: JoinHandle<()>,
    record: Arc<Mutex<Record>>,
}

impl Sender {
    /// Starts a task that sends the newest exposure to a receiver, repeatedly.
    pub(super) fn start<R: Receiver>(name: String, receiver: R, slot: watch::Receiver<Slot>) -> Sender {
        let record = Arc::new(Mutex::new(Record::default()));
        let task = tokio::spawn(run(receiver, slot, record.clone()));
        Sender { name, task, record }
    }

    /// Waits until the last exposure was sent, or until sending this exposure has failed.
    pub(super) async fn done(&mut self) {
        // If the task has panicked, the record of the task is used nevertheless.
        let _ = (&mut self.task).await;
    }

    /// Closes the export. Returns how the export ended.
    pub(super) fn close(self, published: u64) -> Closing {
        self.task.abort();
        let record = locked(&self.record).clone();
        conclusion(&self.name, published, &record)
    }
}

fn locked(record: &Mutex<Record>) -> std::sync::MutexGuard<'_, Record> {
    // Even if a panic has poisoned the lock, the record is consistent.
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn run<R: Receiver>(mut receiver: R, mut slot: watch::Receiver<Slot>, record: Arc<Mutex<Record>>) {
    let mut done = 0;
    // The number of consecutive failures.
    let mut failures = 0;
    while let Some((mut number, mut exposure)) = newer(&mut slot, done).await {
        let mut tries = 1;
        let arrived = loop {
            let Err(trouble) = attempt(&mut receiver, &exposure).await else {
                break true;
            };
            failures += 1;
            locked(&record).trouble = Some(trouble.text);
            // The last exposure of the run is retried until the caller stops waiting.
            if !trouble.passes || (tries >= TRIES_MAX && !slot.borrow().closing) {
                break false;
            }
            rest(&slot, pause(failures, trouble.rest)).await;
            tries += 1;
            let state = slot.borrow_and_update();
            if let Some(newest) = state.newest.as_ref().filter(|_| state.published > number) {
                (number, exposure, tries) = (state.published, newest.clone(), 1);
            }
        };
        done = number;
        let mut record = locked(&record);
        if arrived {
            record.sent += 1;
            record.late += u64::from(failures > 0);
            record.newest = number;
            failures = 0;
        } else {
            record.failed += 1;
        }
    }
}

/// Waits for an exposure whose number is larger than `done`. Returns `None` if the export closes without a newer
/// exposure.
async fn newer(slot: &mut watch::Receiver<Slot>, done: u64) -> Option<(u64, Arc<Exposure>)> {
    let state = slot.wait_for(|slot| slot.published > done || slot.closing).await.ok()?;
    let newest = state.newest.as_ref().filter(|_| state.published > done)?;
    Some((state.published, newest.clone()))
}

async fn attempt<R: Receiver>(receiver: &mut R, exposure: &Exposure) -> Result<(), Trouble> {
    timeout(TRY_MAX, receiver.send(exposure))
        .await
        .unwrap_or_else(|_| Err(Trouble::passing(format!("no answer within {} s", TRY_MAX.as_secs()))))
}

fn pause(failures: u32, asked: Option<Duration>) -> Duration {
    let own = REST_MIN * 2u32.saturating_pow(failures - 1).min(64);
    own.max(asked.unwrap_or_default()).min(REST_MAX)
}

/// Waits for the time `pause`. If the export closes during the wait, the wait ends at most [`REST_MIN`] later.
async fn rest(slot: &watch::Receiver<Slot>, pause: Duration) {
    let mut ending = slot.clone();
    let ended = async {
        let _ = ending.wait_for(|slot| slot.closing).await;
        tokio::time::sleep(REST_MIN).await;
    };
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = ended => {}
    }
}

fn conclusion(name: &str, published: u64, record: &Record) -> Closing {
    let whole = record.newest == published;
    let skipped = published - record.sent - record.failed;
    let mut line = format!("{name}: {} of {published} sent", record.sent);
    if record.late > 0 {
        line.push_str(&format!(" ({} late)", record.late));
    }
    if skipped > 0 {
        let why = if record.trouble.is_some() {
            "slow or failed"
        } else {
            "slow"
        };
        line.push_str(&format!(", {skipped} skipped because the receiver was {why}"));
    }
    if record.failed > 0 {
        line.push_str(&format!(", {} failed", record.failed));
    }
    if !whole {
        line.push_str("; the final counts did not arrive");
    }
    if let Some(trouble) = &record.trouble {
        line.push_str(&format!("; last error: {trouble}"));
    }
    Closing { line, whole }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::exposure;
    use std::collections::VecDeque;
    use tokio::time::{Instant, sleep};

    /// A step of a scripted receiver: the delay before the answer, and the answer.
    type Step = (Duration, Result<(), Trouble>);

    /// A receiver that follows a script. The last step of the script is repeated. The receiver records the times of the
    /// exposures that it accepts.
    struct Scripted {
        script: VecDeque<Step>,
        taken: Arc<Mutex<Vec<u64>>>,
    }

    impl Receiver for Scripted {
        async fn send(&mut self, exposure: &Exposure) -> Result<(), Trouble> {
            let (pause, result) = self.script[0].clone();
            if self.script.len() > 1 {
                self.script.pop_front();
            }
            sleep(pause).await;
            if result.is_ok() {
                locked_list(&self.taken).push(exposure.at);
            }
            result
        }
    }

    fn locked_list(list: &Mutex<Vec<u64>>) -> std::sync::MutexGuard<'_, Vec<u64>> {
        list.lock().unwrap()
    }

    /// Publishes `published` exposures, one per second, and then closes the export. Returns the closing, the times of
    /// the accepted exposures, and how long closing took.
    async fn play(script: &[Step], published: u64) -> (Closing, Vec<u64>, Duration) {
        let slot = watch::Sender::new(Slot::default());
        let taken = Arc::<Mutex<Vec<u64>>>::default();
        let scripted = Scripted {
            script: script.iter().cloned().collect(),
            taken: taken.clone(),
        };
        let mut sender = Sender::start("receiver".to_owned(), scripted, slot.subscribe());
        for number in 1..=published {
            let began = Instant::now();
            slot.send_modify(|slot| {
                slot.published = number;
                slot.newest = Some(Arc::new(Exposure {
                    at: number,
                    ..exposure()
                }));
                slot.closing = number == published;
            });
            assert_eq!(began.elapsed(), Duration::ZERO, "publishing waited");
            if number < published {
                sleep(Duration::from_secs(1)).await;
            }
        }
        let began = Instant::now();
        let _ = timeout(Duration::from_secs(10), sender.done()).await;
        let took = began.elapsed();
        let closing = sender.close(published);
        let taken = locked_list(&taken).clone();
        (closing, taken, took)
    }

    fn takes(millis: u64) -> Step {
        (Duration::from_millis(millis), Ok(()))
    }

    fn refuses(passes: bool, rest: Option<u64>) -> Step {
        let trouble = Trouble {
            text: "answered 503".to_owned(),
            passes,
            rest: rest.map(Duration::from_secs),
        };
        (Duration::from_millis(1), Err(trouble))
    }

    #[tokio::test(start_paused = true)]
    async fn a_fast_receiver_gets_every_exposure() {
        let (closing, taken, took) = play(&[takes(20)], 5).await;
        assert_eq!(taken, [1, 2, 3, 4, 5]);
        assert_eq!(closing.line, "receiver: 5 of 5 sent");
        assert!(closing.whole && took < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_receiver_gets_the_newest_and_the_last() {
        let (closing, taken, _) = play(&[takes(2_500)], 8).await;
        assert_eq!(taken, [1, 3, 6, 8]);
        assert_eq!(
            closing.line,
            "receiver: 4 of 8 sent, 4 skipped because the receiver was slow"
        );
        assert!(closing.whole);
    }

    #[tokio::test(start_paused = true)]
    async fn a_receiver_that_hangs_delays_the_end_by_at_most_ten_seconds() {
        let (closing, taken, took) = play(&[takes(1_000_000)], 7).await;
        assert!(taken.is_empty() && !closing.whole);
        assert_eq!(took, Duration::from_secs(10));
        assert_eq!(
            closing.line,
            "receiver: 0 of 7 sent, 7 skipped because the receiver was slow or failed; \
             the final counts did not arrive; last error: no answer within 5 s"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_temporary_failure_is_retried() {
        let script = [takes(1), refuses(true, None), refuses(true, None), takes(1)];
        let (closing, taken, took) = play(&script, 2).await;
        assert_eq!(taken, [1, 2]);
        assert_eq!(closing.line, "receiver: 2 of 2 sent (1 late); last error: answered 503");
        assert!(closing.whole && took < Duration::from_secs(2), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_permanent_failure_is_not_retried() {
        let (closing, taken, took) = play(&[takes(1), refuses(false, None)], 3).await;
        assert_eq!(taken, [1]);
        assert_eq!(
            closing.line,
            "receiver: 1 of 3 sent, 2 failed; the final counts did not arrive; last error: answered 503"
        );
        assert!(took < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_requested_pause_is_kept_except_at_the_end() {
        let script = [refuses(true, Some(20)), takes(1)];
        let (closing, taken, took) = play(&script, 6).await;
        assert_eq!(taken, [6]);
        assert!(closing.whole && took < Duration::from_secs(1), "{took:?}");
        let (_, taken, _) = play(&[refuses(true, Some(3)), takes(1)], 6).await;
        assert_eq!(taken, [4, 5, 6]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_never_started_sends_nothing() {
        let slot = watch::Sender::new(Slot::default());
        let scripted = Scripted {
            script: [takes(1)].into(),
            taken: Arc::default(),
        };
        let mut sender = Sender::start("receiver".to_owned(), scripted, slot.subscribe());
        slot.send_modify(|slot| slot.closing = true);
        sender.done().await;
        assert_eq!(sender.close(0).line, "receiver: 0 of 0 sent");
    }

    #[test]
    fn the_backoff_doubles_up_to_its_maximum() {
        let pauses: Vec<u128> = (1..=9).map(|failures| pause(failures, None).as_millis()).collect();
        assert_eq!(
            pauses,
            [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
        );
        assert_eq!(pause(1, Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(pause(1, Some(Duration::from_secs(7_000))), REST_MAX);
        assert_eq!(pause(u32::MAX, None), REST_MAX);
    }
}
