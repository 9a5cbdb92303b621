//! A store in memory, for tests. The store uses neither a disk nor a network.
//!
//! Invariant: every operation first calls the function [`Faults`] of the store, if the store has one. An operation that
//! fails changes nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tokio::time::Instant;

use crate::common_clock::CommonClock;
use crate::error::StoreError;
use crate::object::Created;

/// The operation that is about to run. `List` is used for listings of keys and for listings of folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Put,
    PutNew,
    Get,
    List,
    Delete,
}

/// A function that the store calls before every operation. The argument is the key or the prefix of the operation. If
/// the function returns an error, the operation fails with this error.
pub type Faults = Arc<dyn Fn(Op, &str) -> Option<StoreError> + Send + Sync>;

pub(crate) struct Memory {
    objects: Mutex<BTreeMap<String, Bytes>>,
    faults: Option<Faults>,
    pub(crate) clock: CommonClock,
}

impl Memory {
    pub(crate) fn new(faults: Option<Faults>) -> Self {
        // The clock of the machine is read only once. From then on, this clock advances with tokio's clock, which tests
        // may pause.
        let (clock, now) = (CommonClock::new(), Instant::now());
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        clock.saw(now, now, wall.as_nanos() as u64, wall.as_nanos() as u64);
        Self {
            objects: Mutex::default(),
            faults,
            clock,
        }
    }

    pub(crate) fn put(&self, key: &str, bytes: Bytes) -> Result<(), StoreError> {
        self.fault(Op::Put, key)?;
        self.objects().insert(key.to_owned(), bytes);
        Ok(())
    }

    pub(crate) fn put_new(&self, key: &str, bytes: Bytes) -> Result<Created, StoreError> {
        self.fault(Op::PutNew, key)?;
        let mut objects = self.objects();
        if objects.contains_key(key) {
            return Ok(Created::AlreadyThere);
        }
        objects.insert(key.to_owned(), bytes);
        Ok(Created::Yes)
    }

    pub(crate) fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        self.fault(Op::Get, key)?;
        Ok(self.objects().get(key).cloned())
    }

    /// Lists all keys that begin with `below`. `below` is empty or ends in `/`.
    pub(crate) fn list(&self, below: &str) -> Result<Vec<String>, StoreError> {
        self.fault(Op::List, below)?;
        let objects = self.objects();
        let keys = objects.keys().filter(|key| key.starts_with(below));
        Ok(keys.cloned().collect())
    }

    pub(crate) fn list_dirs(&self, below: &str) -> Result<Vec<String>, StoreError> {
        self.fault(Op::List, below)?;
        let objects = self.objects();
        let mut names: Vec<String> = objects
            .keys()
            .filter_map(|key| key.strip_prefix(below)?.split_once('/'))
            .map(|(name, _)| name.to_owned())
            .collect();
        // `a-1/` sorts before `a/`, but `a` sorts before `a-1`.
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    pub(crate) fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.fault(Op::Delete, key)?;
        self.objects().remove(key);
        Ok(())
    }

    fn fault(&self, op: Op, key: &str) -> Result<(), StoreError> {
        match self.faults.as_ref().and_then(|faults| faults(op, key)) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Locks the map, even if a thread has panicked while it held the lock. Otherwise, a panic of a test would cause a
    /// second panic, and the second panic would hide the first panic. The map is consistent at every moment.
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("objects", &self.objects().len())
            .field("faults", &self.faults.is_some())
            .finish()
    }
}
