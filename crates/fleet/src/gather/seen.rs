//! The set of objects of a run that have been read. The numbers of the snapshots are stored as a few ranges, even for
//! many snapshots.

use super::SliceId;
use std::collections::{BTreeMap, BTreeSet};
use store::keys::{self, Object};
use tally::ranges::Ranges;

/// The keys of one run that have been read.
#[derive(Debug, Default)]
pub(super) struct ReadKeys {
    snapshots: BTreeMap<SliceId, Ranges>,
    others: BTreeSet<String>,
}

/// Returns the slice and the number of a snapshot from its key; `None` if the key is not the key of a snapshot.
fn snapshot(key: &str) -> Option<(SliceId, u64)> {
    match keys::parse(key)? {
        (_, Object::Live { shard, slice, n }) => Some(((shard, slice), n.into())),
        _ => None,
    }
}

impl ReadKeys {
    pub(super) fn has(&self, key: &str) -> bool {
        match snapshot(key) {
            Some((slice_id, n)) => self.snapshots.get(&slice_id).is_some_and(|read| read.has(n)),
            None => self.others.contains(key),
        }
    }

    pub(super) fn add(&mut self, key: String) {
        match snapshot(&key) {
            Some((slice_id, n)) => self.snapshots.entry(slice_id).or_default().add(n..n + 1),
            None => drop(self.others.insert(key)),
        }
    }
}
