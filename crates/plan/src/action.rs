//! The action of an arrival.

use crate::plan::Plan;
use crate::scenario::Request;
use tally::request::RequestIndex;

/// The action of an arrival. A new protocol adds a variant, and the compiler then lists every `match` that must handle
/// it.
#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    /// One HTTP request.
    Http(&'a Request),
}

impl Plan {
    /// The action of an arrival that drew this request.
    #[inline]
    pub fn action(&self, request: RequestIndex) -> Action<'_> {
        Action::Http(&self.requests[usize::from(request)])
    }

    /// The actions of the plan, in the order of its requests.
    pub fn actions(&self) -> impl ExactSizeIterator<Item = Action<'_>> {
        self.requests.iter().map(Action::Http)
    }
}
