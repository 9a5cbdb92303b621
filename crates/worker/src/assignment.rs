//! What a worker is started for.

/// Which slice of which shard of which run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub run: String,
    pub shard: u32,
    pub slice: u32,
}
