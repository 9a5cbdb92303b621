//! The action of an arrival.

use crate::plan::Plan;
use crate::scenario::Request;
use tally::request::RequestIndex;

/// The action of an arrival. A new protocol adds a variant; the compiler then reports every `match` that must handle
/// the variant.
#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    /// One HTTP request.
    Http(&'a Request),
}

impl Plan {
    /// Returns the action of an arrival that sends this request.
    #[inline]
    pub fn action(&self, request: RequestIndex) -> Action<'_> {
        Action::Http(&self.requests[usize::from(request)])
    }

    /// The actions of the plan, in the order of its requests.
    pub fn actions(&self) -> impl ExactSizeIterator<Item = Action<'_>> {
        self.requests.iter().map(Action::Http)
    }
}
