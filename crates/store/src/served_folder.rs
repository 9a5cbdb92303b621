//! A folder store with the operations of an S3 server: parts of objects, their state, their labels, and listings by
//! page.
//!
//! The objects are those of [`RunStore`](crate::RunStore) on the same folder. A server and other programs may use the
//! folder at the same time.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::error::StoreError;
use crate::file_error::{is_absent, translate};
use crate::folder::{Folder, blocking};
use crate::object::{Created, check_key, check_size};
use crate::page::{Page, PageRequest};
use crate::plain_file;
use crate::served_guard::{self, FlushFolder, flush_folder};
use crate::stat::{Labels, Stat};

/// A folder store. Cloning is cheap; clones refer to the same folder.
#[derive(Clone, Debug)]
pub struct ServedFolder {
    folder: Arc<Folder>,
    /// Limits the listings at the same time.
    listings: Arc<Semaphore>,
}

/// The maximum number of listings at the same time. A listing may read large folders.
const LISTINGS_MAX: usize = 4;

/// An object that is open for reading. It stays readable and unchanged if the object is replaced or deleted.
#[derive(Clone, Debug)]
pub struct OpenObject {
    pub stat: Stat,
    pub labels: Labels,
    file: Arc<File>,
    path: Arc<Path>,
}

impl ServedFolder {
    /// Opens a folder, and creates it if it does not exist. If the folder is removed later, each operation fails.
    ///
    /// # Errors
    /// Fails if the path is not a folder, or if the folder is not writable.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, flush_folder)
    }

    fn open_with(path: &Path, flush: FlushFolder) -> Result<Self, StoreError> {
        Ok(Self {
            folder: Arc::new(Folder::open_served(path, flush)?),
            listings: Arc::new(Semaphore::new(LISTINGS_MAX)),
        })
    }

    /// Removes temporary files that killed processes have left. Returns their number.
    pub async fn remove_leftovers(&self) -> usize {
        let folder = self.folder.clone();
        let removed = blocking(move || Ok(served_guard::remove_leftovers(folder.root(), SystemTime::now()))).await;
        removed.unwrap_or_default()
    }

    /// Returns the first link among the parts of a key.
    async fn link(&self, key: &str) -> Result<Option<PathBuf>, StoreError> {
        let (folder, key) = (self.folder.clone(), key.to_owned());
        blocking(move || served_guard::link(folder.root(), &key)).await
    }

    async fn refuse_links(&self, key: &str) -> Result<(), StoreError> {
        match self.link(key).await? {
            Some(path) => Err(StoreError::Link { path }),
            None => Ok(()),
        }
    }

    /// Writes the object and replaces an existing object with the same key.
    ///
    /// # Errors
    /// Fails for an invalid key, for an object above the size limit, and if the file system fails.
    pub async fn put(&self, key: &str, bytes: Bytes, labels: Labels) -> Result<Stat, StoreError> {
        check_key(key)?;
        check_size(key, bytes.len() as u64)?;
        self.refuse_links(key).await?;
        self.folder.put_labelled(key, bytes, labels).await
    }

    /// Writes the object unless the key is taken; atomic among all programs that use the folder.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn put_new(&self, key: &str, bytes: Bytes, labels: Labels) -> Result<(Created, Stat), StoreError> {
        check_key(key)?;
        check_size(key, bytes.len() as u64)?;
        self.refuse_links(key).await?;
        let (created, stat) = self.folder.put_new_labelled(key, bytes, labels).await?;
        let path = self.folder.root().join(key);
        match created {
            Created::AlreadyThere if blocking(move || Ok(path.is_dir())).await? => Err(StoreError::Io {
                action: "write",
                path: self.folder.root().join(key),
                source: ErrorKind::IsADirectory.into(),
            }),
            created => Ok((created, stat)),
        }
    }

    /// Opens the object for reading; `None` if it does not exist.
    ///
    /// # Errors
    /// Fails for an invalid key, and if the file system fails.
    pub async fn object(&self, key: &str) -> Result<Option<OpenObject>, StoreError> {
        check_key(key)?;
        let (folder, key) = (self.folder.clone(), key.to_owned());
        let path: Arc<Path> = folder.root().join(&key).into();
        blocking(move || match served_guard::link(folder.root(), &key)? {
            // Listings leave out links, too.
            Some(_) => Ok(None),
            None => open(&path),
        })
        .await
    }

    /// Deletes the object; succeeds if it does not exist.
    ///
    /// # Errors
    /// Fails for an invalid key, and if the file system fails.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        self.refuse_links(key).await?;
        self.folder.delete(key).await
    }

    /// Lists one page of keys.
    ///
    /// # Errors
    /// Fails if the file system fails.
    pub async fn page(&self, request: PageRequest) -> Result<Page, StoreError> {
        let folder = self.folder.clone();
        // A listing whose client has left still counts until it ends. The semaphore is never closed.
        let turn = Arc::new(self.listings.clone().acquire_owned().await.ok());
        blocking(move || {
            let _turn = &turn;
            Page::read(folder.root(), &request)
        })
        .await
    }
}

impl OpenObject {
    /// Reads `length` bytes from `offset`, which must be within the object.
    ///
    /// # Errors
    /// Fails if the file system fails.
    pub async fn read(&self, offset: u64, length: usize) -> Result<Bytes, StoreError> {
        let (file, path) = (self.file.clone(), self.path.clone());
        blocking(move || {
            let mut bytes = vec![0; length];
            file.read_exact_at(&mut bytes, offset)
                .map_err(|e| translate("read", &path, e))?;
            Ok(bytes.into())
        })
        .await
    }
}

fn open(path: &Arc<Path>) -> Result<Option<OpenObject>, StoreError> {
    let failed = |e| translate("read", path, e);
    let opened = plain_file::is_listed(path).and_then(|is_listed| match is_listed {
        true => plain_file::open(path).map(Some),
        false => Ok(None),
    });
    let file = match opened {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(None),
        Err(e) if is_absent(&e) => return Ok(None),
        Err(e) => return Err(failed(e)),
    };
    Ok(Some(OpenObject {
        stat: Stat::of(&file.metadata().map_err(failed)?),
        labels: Labels::of(&file).map_err(failed)?,
        file: Arc::new(file),
        path: path.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn fails(_: &Path) -> io::Result<()> {
        Err(ErrorKind::InvalidData.into())
    }

    #[tokio::test]
    async fn a_write_or_deletion_whose_folders_are_not_flushed_is_not_acknowledged() {
        let root = tempfile::tempdir().expect("a folder");
        let served = ServedFolder::open_with(root.path(), fails).expect("a folder");
        let (bytes, labels) = (Bytes::from_static(b"1"), Labels::default());
        assert!(served.put("a/b", bytes.clone(), labels.clone()).await.is_err());
        assert!(served.put_new("a/c", bytes.clone(), labels.clone()).await.is_err());
        assert!(served.delete("a/b").await.is_err());
        // A folder without a server keeps its speed.
        let local = Folder::open(root.path()).expect("a folder");
        local.put("a/d", bytes).await.expect("it is written");
    }

    #[tokio::test]
    async fn every_folder_of_a_new_object_is_flushed() {
        static FLUSHED: std::sync::Mutex<Vec<PathBuf>> = std::sync::Mutex::new(Vec::new());
        fn record(folder: &Path) -> io::Result<()> {
            FLUSHED.lock().expect("a lock").push(folder.to_owned());
            flush_folder(folder)
        }
        let root = tempfile::tempdir().expect("a folder");
        let served = ServedFolder::open_with(root.path(), record).expect("a folder");
        let put = served.put_new("a/b/c", Bytes::from_static(b"1"), Labels::default());
        assert_eq!(put.await.expect("it is written").0, Created::Yes);
        let expected = ["a/b", "a", ""].map(|folder| root.path().join(folder));
        assert_eq!(*FLUSHED.lock().expect("a lock"), expected);
    }

    #[tokio::test]
    async fn links_lead_to_no_object() {
        let (root, outside) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        std::fs::write(outside.path().join("secret"), "1").expect("a file");
        let link = |to: PathBuf, name: &str| std::os::unix::fs::symlink(to, root.path().join(name)).expect("a link");
        link(outside.path().to_owned(), "folder");
        link(outside.path().join("secret"), "file");
        let served = ServedFolder::open(root.path()).expect("a folder");
        for key in ["folder/secret", "folder/new/a", "folder", "file"] {
            let (bytes, labels) = (Bytes::from_static(b"2"), Labels::default());
            assert!(served.object(key).await.expect("an answer").is_none(), "{key}");
            let refused = served.put(key, bytes.clone(), labels.clone()).await;
            assert!(matches!(refused, Err(StoreError::Link { .. })), "{key}: {refused:?}");
            let refused = served.put_new(key, bytes, labels).await;
            assert!(matches!(refused, Err(StoreError::Link { .. })), "{key}: {refused:?}");
            let refused = served.delete(key).await;
            assert!(matches!(refused, Err(StoreError::Link { .. })), "{key}: {refused:?}");
            let page = served.page(PageRequest {
                prefix: format!("{key}/"),
                entries_max: 10,
                ..PageRequest::default()
            });
            assert_eq!(page.await.expect("a page"), Page::default(), "{key}");
        }
        assert_eq!(std::fs::read(outside.path().join("secret")).expect("a file"), b"1");
        assert!(!outside.path().join("new").exists());
    }

    #[tokio::test]
    async fn a_removed_folder_is_not_an_empty_store() {
        let parent = tempfile::tempdir().expect("a folder");
        let root = parent.path().join("store");
        let served = ServedFolder::open(&root).expect("a folder");
        std::fs::remove_dir(&root).expect("it is empty");
        let put = served.put("a", Bytes::new(), Labels::default()).await;
        assert!(matches!(put, Err(StoreError::Gone { .. })), "{put:?}");
        assert!(matches!(served.object("a").await, Err(StoreError::Gone { .. })));
        assert!(matches!(served.delete("a").await, Err(StoreError::Gone { .. })));
        assert!(matches!(
            served.page(PageRequest::default()).await,
            Err(StoreError::Gone { .. })
        ));
        assert!(!root.exists());
    }

    #[tokio::test]
    async fn a_create_only_write_to_a_folder_is_refused() {
        let root = tempfile::tempdir().expect("a folder");
        let served = ServedFolder::open(root.path()).expect("a folder");
        let put = |key| served.put_new(key, Bytes::new(), Labels::default());
        assert_eq!(put("a/b").await.expect("it is written").0, Created::Yes);
        assert_eq!(put("a/b").await.expect("an answer").0, Created::AlreadyThere);
        assert!(matches!(put("a").await, Err(StoreError::Io { .. })));
    }
}
