//! The hand-over of a stripe: the worker of a slice starts the worker of the next, so that a run
//! goes on when its launcher has died. A launcher that is still there starts what nobody has
//! claimed; the claim makes both safe.

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

/// Resolves when the host has taken the assignment, or says why it has not.
pub type HandingOver = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Starts the worker of the next slice, as the host of this one can.
pub trait HandOver: fmt::Debug + Send + Sync {
    /// Starts the worker of an assignment. Some hosts answer only when it has ended.
    fn start(&self, next: Assignment) -> HandingOver;
}

/// The pause after a host that would not.
const PAUSE: Duration = Duration::from_millis(500);

/// A hand-over on its way.
#[derive(Debug)]
pub(crate) struct Handing {
    task: JoinHandle<()>,
    /// What the host said last, if it would not.
    problem: Arc<Mutex<Option<String>>>,
}

impl Handing {
    /// Starts the next worker, asking again until `until`.
    pub(crate) fn begin(host: Arc<dyn HandOver>, next: Assignment, until: Instant) -> Handing {
        let problem = Arc::new(Mutex::new(None));
        let said = problem.clone();
        let giving = async move {
            loop {
                let answer = host.start(next.clone()).await.err();
                let taken = answer.is_none();
                match &answer {
                    None => info!(target: TARGET, next = next.slice, "handed over"),
                    Some(problem) => warn!(target: TARGET, next = next.slice, problem, "not handed over"),
                }
                *said.lock().unwrap_or_else(PoisonError::into_inner) = answer;
                if taken || Instant::now() + PAUSE >= until {
                    return;
                }
                wait_until(Instant::now() + PAUSE).await;
            }
        };
        let task = tokio::spawn(giving.in_current_span());
        Handing { task, problem }
    }

    /// What keeps the host from it, after it has had until `until` for it. A host that has neither
    /// taken nor refused is at it: nothing is waited for then.
    pub(crate) async fn end(mut self, until: Instant) -> Option<String> {
        let said = || self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone();
        said()?;
        let _ = tokio::time::timeout_at(until, &mut self.task).await;
        said()
    }
}
