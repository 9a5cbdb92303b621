//! The state of a flow: the part of an arrival that lasts from one of its requests to the next.

use crate::cookies::Jar;

/// The state of one arrival. It moves to the engine with each request and comes back with the answer, so two arrivals
/// can never share it.
#[derive(Clone, Debug, Default)]
pub struct FlowState {
    /// The cookies that redirects have set.
    pub(crate) cookies: Jar,
}

impl FlowState {
    /// Forgets everything about an arrival that has ended. The memory is kept for the next one.
    pub(crate) fn reset(&mut self) {
        self.cookies.clear();
    }
}
