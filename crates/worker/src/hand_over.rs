//! Starts the next worker: the worker of a slice starts the worker of the next slice, so a run continues after its
//! launcher has died. A running launcher also starts workers for slices that no worker has claimed. If both the
//! launcher and a worker start a worker for the same slice, only one of the started workers can claim the slice.

use crate::assignment::Assignment;
use crate::log::TARGET;
use crate::pacer::wait_until;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{Instrument, info, warn};

/// A future that resolves when the host has accepted or refused the assignment. The error is the reason of the refusal.
pub type HandingOver = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Starts the worker of the next slice, in the way that this worker's host supports.
pub trait HandOver: fmt::Debug + Send + Sync {
    /// Starts the worker of an assignment. Some hosts answer only after the started worker has ended.
    fn start(&self, next: Assignment) -> HandingOver;
}

/// The pause before the next attempt, after the host has refused an assignment.
const PAUSE: Duration = Duration::from_millis(500);

/// A hand-over in progress: the start of the worker of the next slice.
#[derive(Debug)]
pub(crate) struct Handing {
    task: JoinHandle<()>,
    /// The last error of the host, if the host refused.
    problem: Arc<Mutex<Option<String>>>,
}

impl Handing {
    /// Begins to start the next worker. Retries until `until`.
    pub(crate) fn begin(host: Arc<dyn HandOver>, next: Assignment, until: Instant) -> Handing {
        let problem = Arc::new(Mutex::new(None));
        let last = problem.clone();
        let handing = async move {
            loop {
                let answer = host.start(next.clone()).await.err();
                let taken = answer.is_none();
                match &answer {
                    None => info!(target: TARGET, next = next.slice, "handed over"),
                    Some(problem) => warn!(target: TARGET, next = next.slice, problem, "not handed over"),
                }
                *last.lock().unwrap_or_else(PoisonError::into_inner) = answer;
                if taken || Instant::now() + PAUSE >= until {
                    return;
                }
                wait_until(Instant::now() + PAUSE).await;
            }
        };
        let task = tokio::spawn(handing.in_current_span());
        Handing { task, problem }
    }

    /// Returns the host's refusal, if the host still refuses at `until`. Returns at once if the host's last answer was
    /// not a refusal: the host has accepted the assignment, or has not answered yet.
    pub(crate) async fn end(mut self, until: Instant) -> Option<String> {
        let last = || self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone();
        last()?;
        let _ = tokio::time::timeout_at(until, &mut self.task).await;
        last()
    }
}
