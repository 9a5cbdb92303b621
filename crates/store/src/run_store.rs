//! The store of runs, with the same operations on a bucket, a folder or memory.
//!
//! These invariants apply to every kind of store:
//! - An object is complete or absent.
//! - If several callers call `put_new` with the same key, exactly one of them gets `Created::Yes`.
//! - A prefix matches whole parts of a key: `runs/a` lists `runs/a/x`, but never `runs/ab/x`.
//! - A listing is complete and sorted.
//! - No key refers to an object outside the store.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tally::account::Requests;
use tokio::task::JoinSet;

use crate::common_clock::StoreTime;
use crate::error::StoreError;
use crate::folder::Folder;
use crate::location::Location;
use crate::memory::{Faults, Memory};
#[cfg(not(feature = "s3"))]
use crate::no_s3::S3;
use crate::object::{Created, check_key, check_size};
#[cfg(feature = "s3")]
use crate::s3::S3;

/// The maximum interval between two polls for an object in the store.
pub const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The interval between two polls of a folder, if only a few readers poll the folder. The interval grows by this
/// duration for every [`FOLDER_READERS`] readers.
const FOLDER_POLL: Duration = Duration::from_millis(5);
const FOLDER_READERS: u32 = 16;

/// The number of concurrent writes with which [`RunStore::check_create_only`] tests a store.
pub const PROBE_WRITERS: u32 = 8;

/// A store of runs. Cloning this value is cheap, and the clones refer to the same store.
#[derive(Clone, Debug)]
pub struct RunStore(Arc<Backend>);

#[derive(Debug)]
enum Backend {
    Folder(Folder),
    S3(S3),
    Memory(Memory),
}

impl RunStore {
    /// Opens the store. For S3, credentials and region come from the same sources as in the tools of AWS. This function
    /// sends no request.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        match location {
            Location::S3(s3) => Ok(Self::of(Backend::S3(S3::open(s3).await?))),
            Location::Folder(path) => Ok(Self::of(Backend::Folder(Folder::open(path)?))),
        }
    }

    /// Opens the store as [`open`](Self::open) does, with a given AWS configuration.
    #[cfg(feature = "s3")]
    pub fn open_with(location: &Location, config: &aws_config::SdkConfig) -> Result<Self, StoreError> {
        match location {
            Location::S3(s3) => Ok(Self::of(Backend::S3(S3::open_with(s3, config)?))),
            Location::Folder(path) => Ok(Self::of(Backend::Folder(Folder::open(path)?))),
        }
    }

    /// Returns an empty store in memory, for tests. The clones of the result refer to the same store.
    pub fn memory() -> Self {
        Self::of(Backend::Memory(Memory::new(None)))
    }

    /// Returns a store in memory that calls `faults` before every operation, for tests.
    pub fn memory_with(faults: Faults) -> Self {
        Self::of(Backend::Memory(Memory::new(Some(faults))))
    }

    fn of(kind: Backend) -> Self {
        Self(Arc::new(kind))
    }

    /// Writes an object. If an object with this key exists, the object is replaced.
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes>) -> Result<(), StoreError> {
        let bytes = bytes.into();
        check_key(key)?;
        check_size(key, bytes.len() as u64)?;
        match &*self.0 {
            Backend::Folder(folder) => folder.put(key, bytes).await,
            Backend::S3(s3) => s3.put(key, bytes).await,
            Backend::Memory(memory) => memory.put(key, bytes),
        }
    }

    /// Writes an object, unless an object with this key exists. If several callers write the same key, exactly one of
    /// them succeeds.
    ///
    /// After an error, the object may exist or not, because the answer of the store may have been lost.
    pub async fn put_new(&self, key: &str, bytes: impl Into<Bytes>) -> Result<Created, StoreError> {
        let bytes = bytes.into();
        check_key(key)?;
        check_size(key, bytes.len() as u64)?;
        match &*self.0 {
            Backend::Folder(folder) => folder.put_new(key, bytes).await,
            Backend::S3(s3) => s3.put_new(key, bytes).await,
            Backend::Memory(memory) => memory.put_new(key, bytes),
        }
    }

    /// Reads an object. Returns `None` if the object does not exist.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        check_key(key)?;
        match &*self.0 {
            Backend::Folder(folder) => folder.get(key).await,
            Backend::S3(s3) => s3.get(key).await,
            Backend::Memory(memory) => memory.get(key),
        }
    }

    /// Reads several objects, and returns them in the order of `keys`. A folder is read in one operation for all
    /// objects.
    pub async fn get_several(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>, StoreError> {
        if let Backend::Folder(folder) = &*self.0 {
            keys.iter().try_for_each(|key| check_key(key))?;
            return folder.get_several(keys).await;
        }
        let mut objects = Vec::with_capacity(keys.len());
        for key in keys {
            objects.push(self.get(key).await?);
        }
        Ok(objects)
    }

    /// Lists all keys below a prefix, in sorted order. The prefix may end in `/`.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let below = check_prefix(prefix)?;
        match &*self.0 {
            Backend::Folder(folder) => folder.list(&below).await,
            Backend::S3(s3) => s3.list(&below).await,
            Backend::Memory(memory) => memory.list(&below),
        }
    }

    /// Lists the folders directly below a prefix, in sorted order. The name of a folder is the part of a key between
    /// the prefix and the next `/`. For example, `list_dirs("runs")` returns the runs, without listing the objects of
    /// the runs.
    pub async fn list_dirs(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let below = check_prefix(prefix)?;
        match &*self.0 {
            Backend::Folder(folder) => folder.list_dirs(&below).await,
            Backend::S3(s3) => s3.list_dirs(&below).await,
            Backend::Memory(memory) => memory.list_dirs(&below),
        }
    }

    /// Deletes an object. Succeeds if the object does not exist.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        match &*self.0 {
            Backend::Folder(folder) => folder.delete(key).await,
            Backend::S3(s3) => s3.delete(key).await,
            Backend::Memory(memory) => memory.delete(key),
        }
    }

    /// Tests that the store accepts exactly one of several concurrent create-only writes of one key, and rejects a
    /// later write. Some S3-compatible servers accept all create-only writes, and others accept several concurrent
    /// writes. With such a server, several workers could claim the same slice.
    ///
    /// The key gets a random suffix, so that several tests at the same time do not use the same key.
    pub async fn check_create_only(&self, probe_key: &str) -> Result<(), StoreError> {
        let key = format!("{probe_key}-{:032x}", rand::random::<u128>());
        let mut writers = JoinSet::new();
        for writer in 0..PROBE_WRITERS {
            let (store, key) = (self.clone(), key.clone());
            writers.spawn(async move { store.put_new(&key, format!("writer {writer}")).await });
        }
        let written = writers.join_all().await;
        let later = self.put_new(&key, "later").await;
        let deleted = self.delete(&key).await;
        let mut winners = 0;
        for created in written {
            winners += u32::from(created? == Created::Yes);
        }
        match (winners, later?) {
            (1, Created::AlreadyThere) => deleted,
            _ => Err(StoreError::NotCreateOnly { place: self.place() }),
        }
    }

    /// Returns the interval between two polls for an object, if `readers` readers poll at the same time. Folders are
    /// polled more often than buckets, because a poll of a folder takes microseconds, and a poll of a bucket is billed.
    pub fn poll_interval(&self, readers: u32) -> Duration {
        match &*self.0 {
            Backend::Folder(_) => (FOLDER_POLL * (1 + readers / FOLDER_READERS)).min(POLL_INTERVAL),
            Backend::S3(_) | Backend::Memory(_) => POLL_INTERVAL,
        }
    }

    /// Returns whether the store is a folder.
    pub fn is_folder(&self) -> bool {
        matches!(&*self.0, Backend::Folder(_))
    }

    /// Returns the current bounds of the store's clock, estimated from the store's answers so far.
    pub fn now(&self) -> Option<StoreTime> {
        match &*self.0 {
            Backend::Folder(folder) => folder.clock.now(),
            Backend::S3(s3) => s3.now(),
            Backend::Memory(memory) => memory.clock.now(),
        }
    }

    /// Returns the numbers of requests that were sent through this store and its clones so far. Returns `None` if
    /// requests to this store are not billed.
    pub fn requests(&self) -> Option<Requests> {
        match &*self.0 {
            Backend::S3(s3) => Some(s3.requests()),
            Backend::Folder(_) | Backend::Memory(_) => None,
        }
    }

    fn place(&self) -> String {
        match &*self.0 {
            Backend::Folder(folder) => folder.root().display().to_string(),
            Backend::S3(s3) => s3.place().to_owned(),
            Backend::Memory(_) => "memory".to_owned(),
        }
    }
}

/// Converts a prefix to the text with which every key below the prefix begins. This text is empty or ends in `/`.
fn check_prefix(prefix: &str) -> Result<String, StoreError> {
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    if prefix.is_empty() {
        return Ok(String::new());
    }
    check_key(prefix)?;
    Ok(format!("{prefix}/"))
}
