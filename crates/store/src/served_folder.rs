//! A folder store with the operations of an S3 server: parts of objects, their state, their labels, and listings by
//! page.
//!
//! The objects are those of [`RunStore`](crate::RunStore) on the same folder. A server and other programs may use the
//! folder at the same time.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::error::StoreError;
use crate::folder::{Folder, blocking, is_absent, translate};
use crate::object::{Created, check_key, check_size};
use crate::page::{Page, PageRequest};
use crate::plain_file;
use crate::stat::{Labels, Stat};

/// A folder store. Cloning is cheap; clones refer to the same folder.
#[derive(Clone, Debug)]
pub struct ServedFolder(Arc<Folder>);

/// An object that is open for reading. It stays readable and unchanged if the object is replaced or deleted.
#[derive(Clone, Debug)]
pub struct OpenObject {
    pub stat: Stat,
    pub labels: Labels,
    file: Arc<File>,
    path: Arc<Path>,
}

impl ServedFolder {
    /// Opens a folder that may not exist yet.
    ///
    /// # Errors
    /// Fails if the path is not a folder, or if the folder cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Folder::open(path)?)))
    }

    /// Writes the object and replaces an existing object with the same key.
    ///
    /// # Errors
    /// Fails for an invalid key, for an object above the size limit, and if the file system fails.
    pub async fn put(&self, key: &str, bytes: Bytes, labels: Labels) -> Result<Stat, StoreError> {
        check_key(key)?;
        check_size(key, bytes.len() as u64)?;
        self.0.put_labelled(key, bytes, labels).await
    }

    /// Writes the object unless the key is taken; atomic among all programs that use the folder.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn put_new(&self, key: &str, bytes: Bytes, labels: Labels) -> Result<(Created, Stat), StoreError> {
        check_key(key)?;
        check_size(key, bytes.len() as u64)?;
        self.0.put_new_labelled(key, bytes, labels).await
    }

    /// Opens the object for reading; `None` if it does not exist.
    ///
    /// # Errors
    /// Fails for an invalid key, and if the file system fails.
    pub async fn object(&self, key: &str) -> Result<Option<OpenObject>, StoreError> {
        check_key(key)?;
        let path: Arc<Path> = self.0.root().join(key).into();
        blocking(move || open(&path)).await
    }

    /// Deletes the object; succeeds if it does not exist.
    ///
    /// # Errors
    /// Fails for an invalid key, and if the file system fails.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        self.0.delete(key).await
    }

    /// Lists one page of keys.
    ///
    /// # Errors
    /// Fails if the file system fails.
    pub async fn page(&self, request: PageRequest) -> Result<Page, StoreError> {
        let folder = self.0.clone();
        blocking(move || Page::read(folder.root(), &request)).await
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
