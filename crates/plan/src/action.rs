//! What an arrival does.

use crate::plan::Plan;
use crate::scenario::Request;

/// What an arrival does. A new protocol adds a variant, and the compiler then lists every `match` that must handle it.
#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    /// One request of HTTP.
    Http(&'a Request),
}

impl Plan {
    /// What an arrival does that drew this place among the requests.
    #[inline]
    pub fn action(&self, place: usize) -> Action<'_> {
        Action::Http(&self.requests[place])
    }

    /// What arrivals do, in the order of the requests.
    pub fn actions(&self) -> impl ExactSizeIterator<Item = Action<'_>> {
        self.requests.iter().map(Action::Http)
    }
}
