//! A system that receives exposures.
//!
//! Contract: `send` sends one exposure to the receiver and returns whether the receiver accepted all of it. It waits
//! only for the receiver; the caller sets the timeout.

use super::exposure::Exposure;
use std::future::Future;
use std::time::Duration;

/// A receiver of exposures.
pub(super) trait Receiver: Send + 'static {
    /// Sends one exposure.
    fn send(&mut self, exposure: &Exposure) -> impl Future<Output = Result<(), Trouble>> + Send;
}

/// An error of sending an exposure to a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub text: String,
    /// Whether a retry may succeed.
    pub passes: bool,
    /// The pause that the receiver asks for.
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
