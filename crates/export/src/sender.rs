//! One receiver's share of an export: it is given the newest exposure, again and again.
//!
//! The law: whoever publishes never waits. There is one slot, which holds the newest exposure alone; a
//! sender that is slow finds a newer one when it comes back, and what it did not get to see is counted
//! as skipped. Because exposures are cumulative, skipping one loses a point of a curve and no count.
//! `published = sent + skipped + failed`, for each receiver.

use super::exposure::Exposure;
use super::receiver::{Receiver, Trouble};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a receiver may take for one exposure. Several pass meanwhile; beyond it the connection is
/// taken for dead.
const TRY_MAX: Duration = Duration::from_secs(5);
/// How often the same exposure is tried, if nothing newer has come meanwhile.
const TRIES_MAX: u32 = 3;
/// The rest after a first failure in a row; each after it is twice as long.
const REST_MIN: Duration = Duration::from_millis(500);
/// The longest rest, whatever the receiver asks for: a run wants to be seen again once it is well.
const REST_MAX: Duration = Duration::from_secs(30);

/// What there is to send.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// How many exposures there have been.
    pub published: u64,
    pub newest: Option<Arc<Exposure>>,
    /// Whether the newest is the last.
    pub closing: bool,
}

/// What became of the exposures so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub sent: u64,
    /// Those of them that took more than one try.
    pub late: u64,
    pub failed: u64,
    /// The number of the newest that was sent.
    pub newest: u64,
    pub trouble: Option<String>,
}

/// How an export ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// A sentence for people.
    pub line: String,
    /// Whether the final counts arrived.
    pub whole: bool,
}

/// A receiver, and the task that sends to it.
#[derive(Debug)]
pub(super) struct Sender {
    name: String,
    task: JoinHandle<()>,
    record: Arc<Mutex<Record>>,
}

impl Sender {
    /// Begins to send what is published.
    pub(super) fn start<R: Receiver>(name: String, receiver: R, slot: watch::Receiver<Slot>) -> Sender {
        let record = Arc::new(Mutex::new(Record::default()));
        let task = tokio::spawn(run(receiver, slot, record.clone()));
        Sender { name, task, record }
    }

    /// Waits until the last exposure was sent or given up.
    pub(super) async fn done(&mut self) {
        // A task that failed has its record all the same.
        let _ = (&mut self.task).await;
    }

    /// Ends, and says how it went.
    pub(super) fn close(self, published: u64) -> Closing {
        self.task.abort();
        let record = locked(&self.record).clone();
        conclusion(&self.name, published, &record)
    }
}

fn locked(record: &Mutex<Record>) -> std::sync::MutexGuard<'_, Record> {
    // It is only ever written whole.
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn run<R: Receiver>(mut receiver: R, mut slot: watch::Receiver<Slot>, record: Arc<Mutex<Record>>) {
    let mut done = 0;
    // In a row.
    let mut failures = 0;
    while let Some((mut number, mut exposure)) = newer(&mut slot, done).await {
        let mut tries = 1;
        let arrived = loop {
            let Err(trouble) = attempt(&mut receiver, &exposure).await else {
                break true;
            };
            failures += 1;
            locked(&record).trouble = Some(trouble.text);
            // The last one is tried for as long as it is waited for.
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

/// The newest exposure, once there is one after number `done`; nothing when there will be none.
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

/// Leaves the receiver alone for a while; at the end of the run, for no longer than the shortest while.
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

    /// What a scripted receiver does: after so long, take it or not.
    type Step = (Duration, Result<(), Trouble>);

    /// Plays a script, its last step again and again; notes when each exposure was true that it took.
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

    /// Publishes so many exposures, one a second, then closes; gives how it went, what arrived, and how
    /// long the end took.
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
    async fn a_quick_receiver_gets_everything() {
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
    async fn a_receiver_that_hangs_is_given_up_in_time() {
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
    async fn what_a_receiver_refuses_for_now_is_tried_again() {
        let script = [takes(1), refuses(true, None), refuses(true, None), takes(1)];
        let (closing, taken, took) = play(&script, 2).await;
        assert_eq!(taken, [1, 2]);
        assert_eq!(closing.line, "receiver: 2 of 2 sent (1 late); last error: answered 503");
        assert!(closing.whole && took < Duration::from_secs(2), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_receiver_refuses_for_good_is_not_tried_again() {
        let (closing, taken, took) = play(&[takes(1), refuses(false, None)], 3).await;
        assert_eq!(taken, [1]);
        assert_eq!(
            closing.line,
            "receiver: 1 of 3 sent, 2 failed; the final counts did not arrive; last error: answered 503"
        );
        assert!(took < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_receiver_that_wants_rest_gets_it_but_for_the_last() {
        let script = [refuses(true, Some(20)), takes(1)];
        let (closing, taken, took) = play(&script, 6).await;
        assert_eq!(taken, [6]);
        assert!(closing.whole && took < Duration::from_secs(1), "{took:?}");
        let (_, taken, _) = play(&[refuses(true, Some(3)), takes(1)], 6).await;
        assert_eq!(taken, [4, 5, 6]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_never_began_leaves_nothing_to_send() {
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
    fn rests_grow_and_end() {
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
