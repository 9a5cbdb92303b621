//! The index of a request in a plan.

/// The index of a request in the plan that contains the request. The first request has the index 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestIndex(usize);

impl From<usize> for RequestIndex {
    #[inline]
    fn from(index: usize) -> RequestIndex {
        RequestIndex(index)
    }
}

impl From<RequestIndex> for usize {
    #[inline]
    fn from(request: RequestIndex) -> usize {
        request.0
    }
}

impl RequestIndex {
    /// Returns the index of this request in a longer list. In this list, `first` other requests precede the requests of
    /// the plan.
    #[must_use]
    pub(crate) fn after(self, first: usize) -> RequestIndex {
        RequestIndex(self.0 + first)
    }
}
