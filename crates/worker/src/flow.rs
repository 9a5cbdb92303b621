//! The state of a flow, which lasts from one request of an arrival to the next.

use crate::cookies::Jar;

/// The state of one arrival. It moves to the engine with each request and returns with the answer, so two arrivals
/// cannot share it.
#[derive(Clone, Debug, Default)]
pub struct FlowState {
    /// The cookies set by redirects.
    pub(crate) cookies: Jar,
}

impl FlowState {
    /// Clears the state of an arrival that has ended. The memory is kept for the next one.
    pub(crate) fn reset(&mut self) {
        self.cookies.clear();
    }
}
