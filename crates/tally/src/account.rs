//! The usage of a run that is billed in addition to the load: requests to the store, and execution time of functions.

/// Numbers of requests to a store that bills requests. Failed attempts are included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// The number of requests that write an object.
    pub writes: u64,
    /// The number of listing requests. Each page of a listing is one request.
    pub lists: u64,
    /// The number of requests that read an object or its metadata. Requests that find nothing are included.
    pub reads: u64,
    /// The number of bytes that were written, and the number of bytes that were read. `read_bytes` includes the
    /// listings whose length is known.
    pub written_bytes: u64,
    pub read_bytes: u64,
}

impl Requests {
    /// Adds every count of `other` to the same count of `self`.
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

/// The facts that the platform reports after one invocation of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub shard: u32,
    pub slice: u32,
    /// The billed time; `None` if the platform does not report the billed time.
    pub billed: Option<Billed>,
    /// Whether the worker ended without sending because another worker had already claimed the slice.
    pub left: bool,
}

/// The time that the platform bills for one invocation of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Billed {
    pub milliseconds: u64,
    pub memory_mb: u32,
}
