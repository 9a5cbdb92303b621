//! What an arrival does.

use crate::plan::Plan;
use crate::scenario::Request;
use tally::request::RequestIndex;

/// What an arrival does. A new protocol adds a variant, and the compiler then lists every `match` that must handle it.
#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    /// One request of HTTP.
    Http(&'a Request),
}

impl Plan {
    /// What an arrival does that drew this request.
    #[inline]
    pub fn action(&self, request: RequestIndex) -> Action<'_> {
        Action::Http(&self.requests[usize::from(request)])
    }

    /// What arrivals do, in the order of the requests.
    pub fn actions(&self) -> impl ExactSizeIterator<Item = Action<'_>> {
        self.requests.iter().map(Action::Http)
    }
}
