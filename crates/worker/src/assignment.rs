//! The work of one worker.

/// One slice of one shard of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub run: String,
    pub shard: u32,
    pub slice: u32,
}
