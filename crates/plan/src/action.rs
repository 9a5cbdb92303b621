//! The action of an arrival: the request that the arrival sends.

use crate::plan::Plan;
use crate::scenario::Request;
use tally::request::RequestIndex;

/// The action of an arrival: the request that the arrival sends. A new protocol adds a variant. The compiler then
/// reports every `match` that must handle the new variant.
#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    /// One HTTP request.
    Http(&'a Request),
}

impl Plan {
    /// Returns the action of an arrival that sends `request`.
    #[inline]
    pub fn action(&self, request: RequestIndex) -> Action<'_> {
        Action::Http(&self.requests[usize::from(request)])
    }

    /// Returns the actions of the plan, in the order of the plan's requests.
    pub fn actions(&self) -> impl ExactSizeIterator<Item = Action<'_>> {
        self.requests.iter().map(Action::Http)
    }
}
