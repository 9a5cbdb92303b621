//! The keys that sign requests. The keys are secrets of the plan, or they come from the worker's environment.

#[cfg(feature = "aws")]
use super::v4::keys_of_environment;
#[cfg(not(feature = "aws"))]
use super::without_v4::keys_of_environment;
use crate::log::TARGET;
use crate::pacer::wait_until;
use crate::retry::drawn_pause;
use crate::secrets::Secret;
use plan::plan::Plan;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::warn;

/// The time between the reading of new keys and the expiry of the current keys. The next constant is the longest pause
/// after a failed attempt to read keys.
const AHEAD: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_secs(30);

/// The access keys of an AWS account.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub key: Secret,
    pub secret: Secret,
    /// The session token of temporary keys.
    pub token: Option<Secret>,
}

/// The keys of the worker's environment. A task reads the keys again before they expire, until this value is dropped.
#[derive(Debug)]
pub struct OwnKeys {
    current: watch::Receiver<Keys>,
    renewal: JoinHandle<()>,
}

impl Drop for OwnKeys {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl OwnKeys {
    /// Reads the keys of the environment before `until`. Returns `None` if the plan does not use these keys.
    ///
    /// # Errors
    /// Returns a sentence if the environment contains no keys, or if this program cannot sign requests.
    pub(crate) async fn read(plan: &Plan, until: Instant) -> Result<Option<OwnKeys>, String> {
        let mut signatures = plan.requests.iter().filter_map(|request| request.signature.as_ref());
        if signatures.clone().next().is_none() {
            return Ok(None);
        }
        if cfg!(not(feature = "aws")) {
            let hint = tally::full_build::HINT;
            return Err(format!(
                "requests cannot be signed: this program was built without AWS; {hint}"
            ));
        }
        if signatures.all(|signature| signature.keys.is_some()) {
            return Ok(None);
        }
        let read = tokio::time::timeout_at(until, keys_of_environment()).await;
        let read = read.unwrap_or_else(|_| Err("no AWS credentials were found before the start timeout".to_owned()));
        let (keys, life) = read.map_err(|problem| {
            format!(
                "requests cannot be signed: {problem}; give the workers AWS credentials, or write `key` and `secret` \
                 in `sigv4`"
            )
        })?;
        let (sender, current) = watch::channel(keys);
        let renewal = tokio::spawn(renew(sender, life));
        Ok(Some(OwnKeys { current, renewal }))
    }

    /// Returns the secret parts of the current keys.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let keys = self.current.borrow();
        std::iter::once(&keys.secret).chain(&keys.token).cloned().collect()
    }

    /// Returns a copy of the keys for one load thread.
    pub(crate) fn copy(&self) -> KeyCopy {
        let mut keys = self.current.clone();
        let copy = keys.borrow_and_update().clone();
        KeyCopy { keys, copy }
    }
}

/// Reads the keys again each time before they expire. `life` is the remaining validity of the keys. `None` if the keys
/// do not expire.
async fn renew(keys: watch::Sender<Keys>, mut life: Option<Duration>) {
    while let Some(left) = life {
        let pause = left.saturating_sub(AHEAD).max(drawn_pause(PAUSE));
        wait_until(Instant::now() + pause).await;
        life = match keys_of_environment().await {
            Ok((read, life)) => {
                keys.send_replace(read);
                life
            }
            Err(problem) => {
                warn!(target: TARGET, problem, "the keys that sign requests could not be read again");
                Some(Duration::ZERO)
            }
        };
    }
}

/// A load thread's copy of the environment's keys. The thread needs a lock only after the keys were read again.
#[derive(Debug)]
pub(crate) struct KeyCopy {
    keys: watch::Receiver<Keys>,
    copy: Keys,
}

impl KeyCopy {
    pub(crate) fn current(&mut self) -> Keys {
        if self.keys.has_changed().unwrap_or(false) {
            self.copy = self.keys.borrow_and_update().clone();
        }
        self.copy.clone()
    }
}
