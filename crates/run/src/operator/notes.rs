//! Sends the Events of a load test. Events are sent one after another, and apart from all other calls. So an Event that
//! the cluster refuses delays neither the status nor the run.

use super::cluster::Cluster;
use super::decide::Note;
use super::resource::LoadTest;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio::time::sleep;
use worker::log::OPERATOR_TARGET;

/// The maximum number of Events that wait. A load test has fewer Events.
const WAITING_MAX: usize = 64;
/// The number of times that one Event is sent if the calls fail.
const TRIES: u32 = 6;
/// The first pause after a call that failed.
const PAUSE: Duration = Duration::from_millis(250);

/// An Event that waits, the load test to which it belongs, and its time.
type Waiting = (LoadTest, Note, OffsetDateTime);

/// The Events of a load test that wait. When this value is dropped, the Events that wait are still sent.
pub(super) struct Notes(mpsc::Sender<Waiting>);

impl Notes {
    pub(super) fn begin(cluster: &Arc<Cluster>) -> Notes {
        let (sender, mut receiver) = mpsc::channel::<Waiting>(WAITING_MAX);
        let cluster = cluster.clone();
        tokio::spawn(async move {
            while let Some((test, note, at)) = receiver.recv().await {
                send(&cluster, &test, &note, at).await;
            }
        });
        Notes(sender)
    }

    /// Adds an Event that is sent after the earlier Events.
    pub(super) fn add(&self, test: &LoadTest, note: Note, at: OffsetDateTime) {
        if self.0.try_send((test.clone(), note, at)).is_err() {
            tracing::warn!(target: OPERATOR_TARGET, test = test.name, "too many Events wait, so one is left out");
        }
    }
}

/// Sends an Event. After a failure that may pass, sends the Event again, at most [`TRIES`] times.
async fn send(cluster: &Cluster, test: &LoadTest, note: &Note, at: OffsetDateTime) {
    for tried in 0..TRIES {
        let Err(error) = cluster.emit(test, note, at).await else {
            return;
        };
        if !error.may_pass() || tried + 1 == TRIES {
            let (test, event, problem) = (&test.name, &note.reason, error.problem);
            tracing::warn!(target: OPERATOR_TARGET, test, event, problem, "the Event could not be sent");
            return;
        }
        sleep(error.pause.unwrap_or(PAUSE * 2_u32.pow(tried))).await;
    }
}
