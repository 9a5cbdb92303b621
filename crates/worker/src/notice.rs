//! The notice by which a host announces that it will kill a worker. An example is SIGTERM before SIGKILL.

use crate::load::Command;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Receives the notice of a host. The notice contains the time at which the host kills the worker.
#[derive(Clone, Debug)]
pub struct Notice(watch::Receiver<Option<Instant>>);

/// Sends the notice to every copy of a [`Notice`].
#[derive(Debug)]
pub struct NoticeSender(watch::Sender<Option<Instant>>);

impl NoticeSender {
    /// Announces that the host will kill the worker at `end`.
    pub fn give(&self, end: Instant) {
        self.0.send_replace(Some(end));
    }
}

impl Notice {
    /// Creates a notice, and the sender that sends the notice.
    pub fn channel() -> (NoticeSender, Notice) {
        let (sender, receiver) = watch::channel(None);
        (NoticeSender(sender), Notice(receiver))
    }

    /// Returns a notice that never arrives, for hosts that send no notice.
    pub fn never() -> Notice {
        Notice::channel().1
    }

    /// Returns the time at which the host will kill the worker, if the host has sent the notice.
    pub fn end(&self) -> Option<Instant> {
        *self.0.borrow()
    }

    /// Resolves when the notice arrives.
    pub async fn given(&self) {
        let mut notice = self.0.clone();
        if notice.wait_for(Option::is_some).await.is_err() {
            // The sender was dropped, so the notice cannot arrive any more.
            std::future::pending::<()>().await;
        }
    }
}

/// Stops the load when the notice arrives, even while the worker waits for the store. Dropping this value ends the wait
/// for the notice.
#[derive(Debug)]
pub(crate) struct StopAtNotice(JoinHandle<()>);

impl StopAtNotice {
    /// Starts to wait for the notice. When the notice arrives, `drain_until` is called. This function returns the
    /// instant until which the load may drain.
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
