//! The billable usage of a run besides the load: requests to the store, and function time.

/// Requests to a store that bills them, failed attempts included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Requests that write.
    pub writes: u64,
    /// Listing requests, one per page.
    pub lists: u64,
    /// Requests that read an object or its metadata, including those that find nothing.
    pub reads: u64,
    /// Bytes written and bytes read. `read_bytes` includes listings of known length.
    pub written_bytes: u64,
    pub read_bytes: u64,
}

impl Requests {
    /// Adds the requests of `other`.
    pub fn add(&mut self, other: &Requests) {
        for (mine, theirs) in [
            (&mut self.writes, other.writes),
            (&mut self.lists, other.lists),
            (&mut self.reads, other.reads),
            (&mut self.written_bytes, other.written_bytes),
            (&mut self.read_bytes, other.read_bytes),
        ] {
            *mine = mine.saturating_add(theirs);
        }
    }
}

/// The platform's answer to one invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub shard: u32,
    pub slice: u32,
    /// The billed time, if the platform reports it.
    pub billed: Option<Billed>,
    /// Whether another worker had claimed the slice, so that the invocation left without sending.
    pub left: bool,
}

/// The billed time of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Billed {
    pub milliseconds: u64,
    pub memory_mb: u32,
}
