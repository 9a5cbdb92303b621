//! The work that is assigned to one worker.

/// One slice of one shard of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub run: String,
    pub shard: u32,
    pub slice: u32,
}
