//! The store of runs: one set of operations over a bucket, a folder or memory.
//!
//! Laws, the same for every kind:
//! - an object is there whole or not at all;
//! - of all callers that `put_new` one key, exactly one is told `Created::Yes`;
//! - a prefix means whole parts of a key: `runs/a` lists `runs/a/x`, never `runs/ab/x`;
//! - a listing is complete and sorted;
//! - no key leads outside the store.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tally::account::Requests;

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

/// The longest wait between two looks for an object.
pub const LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// The wait between two looks at a folder, for up to so many readers.
const FOLDER_LOOK: Duration = Duration::from_millis(5);
const FOLDER_READERS: u32 = 16;

/// A place that keeps runs. Cloning is cheap, and clones are the same store.
#[derive(Clone, Debug)]
pub struct RunStore(Arc<Backend>);

#[derive(Debug)]
enum Backend {
    Folder(Folder),
    S3(S3),
    Memory(Memory),
}

impl RunStore {
    /// Opens the store; for S3 with credentials and region from where the AWS
    /// tools look for them. Nothing is sent to the bucket yet.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        match location {
            Location::S3(s3) => Ok(Self::of(Backend::S3(S3::open(s3).await?))),
            Location::Folder(path) => Ok(Self::of(Backend::Folder(Folder::open(path)?))),
        }
    }

    /// Like [`open`](Self::open), with an AWS configuration that was loaded elsewhere.
    #[cfg(feature = "s3")]
    pub fn open_with(location: &Location, config: &aws_config::SdkConfig) -> Result<Self, StoreError> {
        match location {
            Location::S3(s3) => Ok(Self::of(Backend::S3(S3::open_with(s3, config)?))),
            Location::Folder(path) => Ok(Self::of(Backend::Folder(Folder::open(path)?))),
        }
    }

    /// An empty store that lives as long as its clones, for tests.
    pub fn memory() -> Self {
        Self::of(Backend::Memory(Memory::new(None)))
    }

    /// A store in memory that asks `faults` before every operation, for tests.
    pub fn memory_with(faults: Faults) -> Self {
        Self::of(Backend::Memory(Memory::new(Some(faults))))
    }

    fn of(kind: Backend) -> Self {
        Self(Arc::new(kind))
    }

    /// Writes the object, over an older one if there is one.
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

    /// Writes the object unless the key is taken; atomic among all callers.
    ///
    /// After an error the object may or may not be there: the answer was lost.
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

    /// The object, or `None` if there is none.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        check_key(key)?;
        match &*self.0 {
            Backend::Folder(folder) => folder.get(key).await,
            Backend::S3(s3) => s3.get(key).await,
            Backend::Memory(memory) => memory.get(key),
        }
    }

    /// Several objects, in the order of their keys: at once where that is cheaper than one by one.
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

    /// All keys below a prefix, sorted. The prefix may end in `/` or not.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let below = check_prefix(prefix)?;
        match &*self.0 {
            Backend::Folder(folder) => folder.list(&below).await,
            Backend::S3(s3) => s3.list(&below).await,
            Backend::Memory(memory) => memory.list(&below),
        }
    }

    /// The next parts of the keys below a prefix that have more parts after it,
    /// sorted: `list_dirs("runs")` names the runs without listing their objects.
    pub async fn list_dirs(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let below = check_prefix(prefix)?;
        match &*self.0 {
            Backend::Folder(folder) => folder.list_dirs(&below).await,
            Backend::S3(s3) => s3.list_dirs(&below).await,
            Backend::Memory(memory) => memory.list_dirs(&below),
        }
    }

    /// Removes the object; it is no error if there is none.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        match &*self.0 {
            Backend::Folder(folder) => folder.delete(key).await,
            Backend::S3(s3) => s3.delete(key).await,
            Backend::Memory(memory) => memory.delete(key),
        }
    }

    /// Proves on the store itself that a second create-only write of one key is
    /// refused. Some S3-like servers accept it, and then claims mean nothing.
    ///
    /// The key gets a random ending, so that checks at the same time do not meet.
    pub async fn check_create_only(&self, probe_key: &str) -> Result<(), StoreError> {
        let key = format!("{probe_key}-{:032x}", rand::random::<u128>());
        let first = self.put_new(&key, "first").await?;
        let second = self.put_new(&key, "second").await;
        let deleted = self.delete(&key).await;
        if (first, second?) != (Created::Yes, Created::AlreadyThere) {
            return Err(StoreError::NotCreateOnly { place: self.place() });
        }
        deleted
    }

    /// How long to wait between two looks for an object, when `readers` wait for one at the same time. A look at a folder
    /// costs microseconds; one at a bucket is paid for.
    pub fn look_interval(&self, readers: u32) -> Duration {
        match &*self.0 {
            Backend::Folder(_) => (FOLDER_LOOK * (1 + readers / FOLDER_READERS)).min(LOOK_INTERVAL),
            Backend::S3(_) | Backend::Memory(_) => LOOK_INTERVAL,
        }
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        matches!(&*self.0, Backend::Folder(_))
    }

    /// What the store's own clock shows, as far as its answers so far give it away.
    pub fn now(&self) -> Option<StoreTime> {
        match &*self.0 {
            Backend::Folder(folder) => folder.clock.now(),
            Backend::S3(s3) => s3.now(),
            Backend::Memory(memory) => memory.clock.now(),
        }
    }

    /// What was asked of the store through this and its clones, where requests are paid for.
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

/// Turns a prefix into what every key below it begins with: nothing, or `…/`.
fn check_prefix(prefix: &str) -> Result<String, StoreError> {
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    if prefix.is_empty() {
        return Ok(String::new());
    }
    check_key(prefix)?;
    Ok(format!("{prefix}/"))
}
