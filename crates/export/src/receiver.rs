//! A system that is sent exposures.
//!
//! The law: `send` gives one exposure to a receiver and says whether it took all of it. It waits for
//! nothing but the receiver; how long that may take is its caller's to say.

use super::exposure::Exposure;
use std::future::Future;
use std::time::Duration;

/// Somebody who takes exposures.
pub(super) trait Receiver: Send + 'static {
    /// Gives it one.
    fn send(&mut self, exposure: &Exposure) -> impl Future<Output = Result<(), Trouble>> + Send;
}

/// Why a receiver did not take an exposure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub text: String,
    /// Whether another try may succeed.
    pub passes: bool,
    /// How long the receiver wants to be left alone.
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
