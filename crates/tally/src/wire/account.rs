//! The stored form of billable usage.

use crate::account;
use serde::{Deserialize, Serialize};

/// The stored form of the numbers of requests to a store.
#[derive(Debug, Serialize, Deserialize)]
pub struct Requests {
    writes: u64,
    lists: u64,
    reads: u64,
    written_bytes: u64,
    read_bytes: u64,
}

impl From<account::Requests> for Requests {
    fn from(requests: account::Requests) -> Requests {
        let account::Requests {
            writes,
            lists,
            reads,
            written_bytes,
            read_bytes,
        } = requests;
        Requests {
            writes,
            lists,
            reads,
            written_bytes,
            read_bytes,
        }
    }
}

impl From<Requests> for account::Requests {
    fn from(stored: Requests) -> account::Requests {
        account::Requests {
            writes: stored.writes,
            lists: stored.lists,
            reads: stored.reads,
            written_bytes: stored.written_bytes,
            read_bytes: stored.read_bytes,
        }
    }
}

/// The stored form of the facts that the platform reports after one invocation of a function.
#[derive(Debug, Serialize, Deserialize)]
pub struct Receipt {
    shard: u32,
    slice: u32,
    billed: Option<Billed>,
    left: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Billed {
    milliseconds: u64,
    memory_mb: u32,
}

impl From<account::Receipt> for Receipt {
    fn from(receipt: account::Receipt) -> Receipt {
        let account::Receipt {
            shard,
            slice,
            billed,
            left,
        } = receipt;
        let billed = billed.map(
            |account::Billed {
                 milliseconds,
                 memory_mb,
             }| Billed {
                milliseconds,
                memory_mb,
            },
        );
        Receipt {
            shard,
            slice,
            billed,
            left,
        }
    }
}

impl From<Receipt> for account::Receipt {
    fn from(stored: Receipt) -> account::Receipt {
        account::Receipt {
            shard: stored.shard,
            slice: stored.slice,
            billed: stored.billed.map(|billed| account::Billed {
                milliseconds: billed.milliseconds,
                memory_mb: billed.memory_mb,
            }),
            left: stored.left,
        }
    }
}
