//! The notice that a host gives its worker before it ends it, such as SIGTERM before SIGKILL.

use crate::load::Command;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// A host's notice; it says when the host ends the worker.
#[derive(Clone, Debug)]
pub struct Notice(watch::Receiver<Option<Instant>>);

/// Gives a [`Notice`].
#[derive(Debug)]
pub struct NoticeSender(watch::Sender<Option<Instant>>);

impl NoticeSender {
    /// Tells the worker that its host ends it at `end`.
    pub fn give(&self, end: Instant) {
        self.0.send_replace(Some(end));
    }
}

impl Notice {
    /// A notice, and what gives it.
    pub fn channel() -> (NoticeSender, Notice) {
        let (sender, receiver) = watch::channel(None);
        (NoticeSender(sender), Notice(receiver))
    }

    /// The notice of a host that gives none.
    pub fn never() -> Notice {
        Notice::channel().1
    }

    /// When the host ends the worker, if it has said so.
    pub fn end(&self) -> Option<Instant> {
        *self.0.borrow()
    }

    /// Resolves when the notice is given.
    pub async fn given(&self) {
        let mut notice = self.0.clone();
        if notice.wait_for(Option::is_some).await.is_err() {
            // Nobody is left who could give it.
            std::future::pending::<()>().await;
        }
    }
}

/// Stops a load at its host's notice, whatever its worker waits for meanwhile. Ends when dropped.
#[derive(Debug)]
pub(crate) struct StopAtNotice(JoinHandle<()>);

impl StopAtNotice {
    /// Stops the load when the notice is given; `drain_until` is asked then.
    pub(crate) fn new(
        notice: Notice,
        commands: watch::Sender<Command>,
        drain_until: impl FnOnce() -> Option<Instant> + Send + 'static,
    ) -> StopAtNotice {
        StopAtNotice(tokio::spawn(async move {
            notice.given().await;
            commands.send_replace(Command::Stop {
                drain_until: drain_until(),
            });
        }))
    }
}

impl Drop for StopAtNotice {
    fn drop(&mut self) {
        self.0.abort();
    }
}
