//! Watches objects of a cluster. Every watch ends after a limited time, so that its caller reads the objects again and
//! corrects everything that the watch has missed.

use super::api::CallError;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use kube::Error;
use kube::api::{Api, WatchEvent, WatchParams};
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;
use tokio::time::timeout;

/// How long a watch may be silent after the time at which the server should have ended it.
const GRACE: Duration = Duration::from_secs(15);

/// An open watch.
pub struct Watching<K> {
    events: BoxStream<'static, Result<WatchEvent<K>, Error>>,
    silence: Duration,
}

impl<K> fmt::Debug for Watching<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watching").finish_non_exhaustive()
    }
}

/// A change of a watched object.
#[derive(Debug)]
pub enum Change<K> {
    /// The object was created or modified.
    Written(K),
    Deleted(K),
}

impl<K: Clone + DeserializeOwned + fmt::Debug + Send + 'static> Watching<K> {
    /// Opens a watch that begins after a version of the objects. The server ends the watch after `seconds` seconds.
    ///
    /// # Errors
    /// Fails if the server refuses the watch or does not answer.
    pub async fn open(api: &Api<K>, params: WatchParams, version: &str, seconds: u32) -> Result<Watching<K>, Error> {
        let events = api.watch(&params.timeout(seconds), version).await?;
        Ok(Watching {
            events: events.boxed(),
            silence: Duration::from_secs(seconds.into()) + GRACE,
        })
    }

    /// Returns the next change; `None` if the watch has ended, or if the server is silent for too long. The server ends
    /// the watch with an error if it does not have the history since the version any more. This is not an error of the
    /// caller, so the watch ends.
    ///
    /// # Errors
    /// Fails if the connection fails.
    pub async fn next(&mut self) -> Option<Result<Change<K>, CallError>> {
        loop {
            match timeout(self.silence, self.events.next()).await.ok()?? {
                Ok(WatchEvent::Added(object) | WatchEvent::Modified(object)) => {
                    return Some(Ok(Change::Written(object)));
                }
                Ok(WatchEvent::Deleted(object)) => return Some(Ok(Change::Deleted(object))),
                Ok(WatchEvent::Bookmark(_)) => {}
                Ok(WatchEvent::Error(_)) => return None,
                Err(error) => return Some(Err(error.into())),
            }
        }
    }
}
