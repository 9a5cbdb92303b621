//! What is paid for beside the load itself: requests to the store, and the time of functions.

/// What somebody asked of a store that counts its requests, tries that failed included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// What wrote.
    pub writes: u64,
    /// What listed, a page each.
    pub lists: u64,
    /// What read an object or its metadata, also in vain.
    pub reads: u64,
    /// Bytes of what was written and of what was read; listings are in `read_bytes` too, as far as
    /// their length is known.
    pub written_bytes: u64,
    pub read_bytes: u64,
}

impl Requests {
    /// Adds what somebody else asked.
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

/// What the platform said of an invocation when it answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub shard: u32,
    pub slice: u32,
    /// What it billed, if it said so.
    pub billed: Option<Billed>,
    /// Whether the invocation found its slice claimed by another, and left.
    pub left: bool,
}

/// The time of a function, as its platform bills it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Billed {
    pub milliseconds: u64,
    pub memory_mb: u32,
}
