//! A system that receives exposures.
//!
//! Contract: `send` sends one exposure to the receiver, and returns whether the receiver accepted the whole exposure.
//! `send` waits only for the receiver. The caller sets the timeout.

use super::exposure::Exposure;
use std::future::Future;
use std::time::Duration;

/// A receiver of exposures.
pub(super) trait Receiver: Send + 'static {
    /// Sends one exposure to the receiver.
    fn send(&mut self, exposure: &Exposure) -> impl Future<Output = Result<(), Trouble>> + Send;
}

/// Why an exposure could not be sent to a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub text: String,
    /// Whether the failure is temporary, so that a retry may succeed.
    pub passes: bool,
    /// How long the receiver asks the sender to wait. `None` if the receiver does not ask for a wait.
    pub rest: Option<Duration>,
}

impl Trouble {
    pub(super) fn passing(text: impl Into<String>) -> Trouble {
        Trouble {
            text: text.into(),
            passes: true,
            rest: None,
        }
    }
}
