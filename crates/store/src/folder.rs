//! A store in a folder, for one machine, or for several machines with a shared file system.
//!
//! Invariant: a file under its final name is complete. The store first writes the file under a temporary name in the
//! same folder, and flushes it to the disk. After that, the file gets its final name. A write that may replace an
//! object uses `rename`. A create-only write uses `hard_link`, which fails if a file with this name exists. The names
//! of temporary files begin with `.`, and no part of a key may begin with `.`.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use tokio::time::Instant;

use crate::common_clock::CommonClock;
use crate::error::{StoreError, file_error_may_pass};
use crate::file_error::{is_absent, translate};
use crate::limits::OBJECT_BYTES_MAX;
use crate::object::{Created, check_key, check_size};
use crate::plain_file;
use crate::served_guard::{self, FlushFolder};
use crate::stat::{Labels, Stat};
use crate::temporary_name;

/// The interval between two ticks of the clock for file timestamps, in nanoseconds. The value is the longest interval
/// among the configurations of Linux.
const STAMP_STEP: u64 = 10_000_000;

/// The pauses between attempts after a temporary failure. The sum of the pauses is below a second, so that a worker
/// whose snapshots fail can still read the stop object in time. A caller that can wait longer must retry the operation
/// itself, as with the S3 store.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
];

#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    pub(crate) clock: Arc<CommonClock>,
    /// Flushes the folders of a written or deleted object. A folder without a server leaves this out, because processes
    /// of one machine lose the whole run together.
    flush: Option<FlushFolder>,
}

impl Folder {
    /// Opens a store in a folder. If the folder does not exist, the first write creates the folder. Before this write,
    /// reads find no objects.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        // A later change of the working directory must not change the location of the store.
        let root = std::path::absolute(path).map_err(|e| translate("find", path, e))?;
        match fs::metadata(&root) {
            Ok(metadata) if !metadata.is_dir() => Err(StoreError::NotFolder { path: root }),
            Err(e) if e.kind() == ErrorKind::NotADirectory => Err(StoreError::NotFolder { path: root }),
            // A temporary failure is ignored here, because each later operation retries temporary failures.
            Err(e) if e.kind() != ErrorKind::NotFound && !file_error_may_pass(&e) => Err(translate("open", &root, e)),
            _ => Ok(Self {
                root,
                clock: Arc::new(CommonClock::new()),
                flush: None,
            }),
        }
    }

    /// Opens a store in a folder for a server, which creates the folder. Before a write or a deletion returns, `flush`
    /// has flushed its folders.
    pub(crate) fn open_served(path: &Path, flush: FlushFolder) -> Result<Self, StoreError> {
        let folder = Self::open(path)?;
        served_guard::prepare(&folder.root)?;
        Ok(Self {
            flush: Some(flush),
            ..folder
        })
    }

    /// Returns a function that flushes the folders of an object.
    fn flusher(&self) -> impl Fn(&Path) -> Result<(), StoreError> + Clone + Send + 'static {
        let (root, flush) = (self.root.clone(), self.flush);
        move |path: &Path| match flush {
            Some(flush) => served_guard::flush_folders(&root, path, flush),
            None => Ok(()),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) async fn put(&self, key: &str, bytes: Bytes) -> Result<(), StoreError> {
        self.put_labelled(key, bytes, Labels::default()).await.map(drop)
    }

    pub(crate) async fn put_new(&self, key: &str, bytes: Bytes) -> Result<Created, StoreError> {
        let (created, _) = self.put_new_labelled(key, bytes, Labels::default()).await?;
        Ok(created)
    }

    /// Writes an object with labels, and returns its state.
    pub(crate) async fn put_labelled(&self, key: &str, bytes: Bytes, labels: Labels) -> Result<Stat, StoreError> {
        let (path, clock, flush) = (self.root.join(key), self.clock.clone(), self.flusher());
        blocking(move || {
            let temporary = Temporary::write(&path, &bytes, &labels, &clock)?;
            fs::rename(&temporary.path, &path).map_err(|e| translate("write", &path, e))?;
            flush(&path)?;
            Ok(temporary.stat)
        })
        .await
    }

    /// Writes an object with labels unless the key is taken. The state is the state of the object that this call has
    /// written, even if the key was taken.
    pub(crate) async fn put_new_labelled(
        &self,
        key: &str,
        bytes: Bytes,
        labels: Labels,
    ) -> Result<(Created, Stat), StoreError> {
        let (path, clock) = (self.root.join(key), self.clock.clone());
        let (root, target) = (self.root.clone(), path.clone());
        let temporary = blocking(move || Temporary::write(&target, &bytes, &labels, &clock)).await?;
        let temporary = Arc::new(temporary);
        let (stat, flush) = (temporary.stat, self.flusher());
        let created = blocking(move || {
            let created = match fs::hard_link(&temporary.path, &path) {
                Ok(()) => Ok(Created::Yes),
                // An earlier attempt may have created the link although the attempt returned an error.
                Err(e) if e.kind() == ErrorKind::AlreadyExists => match is_same_file(&temporary.path, &path) {
                    true => Ok(Created::Yes),
                    false => Ok(Created::AlreadyThere),
                },
                // The temporary file was created in this folder, so the folder is writable. The error means that the
                // file system does not support links.
                Err(e) if matches!(e.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported) => {
                    Err(StoreError::NotCreateOnly {
                        place: root.display().to_string(),
                    })
                }
                Err(e) => Err(translate("write", &path, e)),
            }?;
            flush(&path)?;
            Ok(created)
        })
        .await?;
        Ok((created, stat))
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        let path = self.root.join(key);
        let key = key.to_owned();
        blocking(move || read(&key, &path)).await
    }

    /// Reads several objects on one thread. A thread switch for each object would take longer than reading the object.
    pub(crate) async fn get_several(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>, StoreError> {
        let wanted: Vec<(String, PathBuf)> = keys.iter().map(|key| (key.clone(), self.root.join(key))).collect();
        blocking(move || wanted.iter().map(|(key, path)| read(key, path)).collect()).await
    }

    /// Lists all keys that begin with `below`. `below` is empty or ends in `/`.
    pub(crate) async fn list(&self, below: &str) -> Result<Vec<String>, StoreError> {
        let (folder, below) = (self.root.join(below), below.to_owned());
        blocking(move || {
            let mut keys = Vec::new();
            let mut open = vec![(folder.clone(), below.clone())];
            while let Some((folder, below)) = open.pop() {
                for entry in entries(&folder)? {
                    let key = format!("{below}{}", entry.name);
                    match entry.kind {
                        EntryKind::Folder => open.push((entry.path, format!("{key}/"))),
                        EntryKind::File => keys.push(key),
                    }
                }
            }
            keys.sort_unstable();
            Ok(keys)
        })
        .await
    }

    pub(crate) async fn list_dirs(&self, below: &str) -> Result<Vec<String>, StoreError> {
        let folder = self.root.join(below);
        blocking(move || {
            let mut names = Vec::new();
            for entry in entries(&folder)? {
                if entry.kind == EntryKind::Folder && contains_object(&entry.path)? {
                    names.push(entry.name);
                }
            }
            names.sort_unstable();
            Ok(names)
        })
        .await
    }

    /// Deletes an object. Also deletes the folders that become empty, except the root folder of the store.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let (root, path, flush) = (self.root.clone(), self.root.join(key), self.flusher());
        blocking(move || {
            match fs::remove_file(&path) {
                Err(e) if !is_absent(&e) => return Err(translate("delete", &path, e)),
                _ => {}
            }
            let folders = path.ancestors().skip(1).take_while(|folder| *folder != root);
            // If a folder is not empty, this folder and the folders above it remain.
            let _ = folders.map(fs::remove_dir).take_while(Result::is_ok).count();
            flush(&path)
        })
        .await
    }
}

/// The maximum number of attempts to create a folder that other callers remove at the same time. A caller removes a
/// folder after deleting the last object in the folder.
const FOLDER_ATTEMPTS_MAX: u32 = 100;

/// A temporary file. Dropping this value removes the file.
struct Temporary {
    path: PathBuf,
    stat: Stat,
}

impl Temporary {
    fn write(target: &Path, bytes: &[u8], labels: &Labels, clock: &CommonClock) -> Result<Self, StoreError> {
        let failed = |e| translate("write", target, e);
        let (mut temporary, mut file, asked) = Self::create(target)?;
        file.write_all(bytes).map_err(failed)?;
        labels.attach(&file).map_err(failed)?;
        // Some file systems report a full disk only when the file is flushed.
        file.sync_all().map_err(failed)?;
        temporary.stat = Stat::of(&file.metadata().map_err(failed)?);
        // A file server stamps files by its own clock.
        if let Ok(stamp) = temporary.stat.modified.duration_since(UNIX_EPOCH) {
            let stamp = stamp.as_nanos() as u64;
            clock.saw(asked, Instant::now(), stamp, stamp + STAMP_STEP);
        }
        Ok(temporary)
    }

    /// Creates an empty file in the folder of `target`. Returns the instant just before its creation, too.
    fn create(target: &Path) -> Result<(Self, File, Instant), StoreError> {
        let failed = |e| translate("write", target, e);
        let folder = target
            .parent()
            .expect("a key has at least one part, so its path has a parent");
        let path = folder.join(temporary_name::random());
        let mut attempt = 1;
        let (asked, file) = loop {
            let made = fs::create_dir_all(folder);
            let asked = Instant::now();
            let error = match made.map(|()| File::create_new(&path)) {
                Ok(Ok(file)) => break (asked, file),
                Ok(Err(error)) => (error, false),
                Err(error) => (error, true),
            };
            match error {
                // Another caller deleted the last object in the folder, and then the folder. The error `AlreadyExists`
                // can have the same cause, if the other caller removed the folder just after this attempt to create it.
                (error, is_folder)
                    if (error.kind() == ErrorKind::NotFound
                        || is_folder && error.kind() == ErrorKind::AlreadyExists)
                        && attempt < FOLDER_ATTEMPTS_MAX =>
                {
                    attempt += 1;
                }
                (error, true) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotADirectory) => {
                    return Err(StoreError::NotFolder {
                        path: folder.to_owned(),
                    });
                }
                (error, true) => return Err(translate("create", folder, error)),
                (error, false) => return Err(failed(error)),
            }
        };
        let stat = Stat::default();
        Ok((Self { path, stat }, file, asked))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename, no file has the temporary name, so the removal fails. Any other failure is ignored, because
        // listings omit temporary files.
        let _ = fs::remove_file(&self.path);
    }
}

fn read(key: &str, path: &Path) -> Result<Option<Bytes>, StoreError> {
    let failed = |e| translate("read", path, e);
    let listed = |path: &Path| match plain_file::is_listed(path) {
        Err(e) if is_absent(&e) => Ok(false),
        other => other,
    };
    if !listed(path).map_err(failed)? {
        return Ok(None);
    }
    let file = match plain_file::open(path) {
        Ok(file) => file,
        Err(e) if is_absent(&e) => return Ok(None),
        Err(e) => return Err(failed(e)),
    };
    let length = file.metadata().map_err(failed)?.len();
    check_size(key, length)?;
    let mut bytes = Vec::with_capacity(length as usize + 1);
    file.take(OBJECT_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    check_size(key, bytes.len() as u64)?;
    Ok(Some(bytes.into()))
}

pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) kind: EntryKind,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntryKind {
    File,
    Folder,
}

/// Returns the entries of a folder whose names can be part of a key. Temporary files and links are left out.
pub(crate) fn entries(folder: &Path) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    each_entry(folder, |entry| entries.push(entry))?;
    Ok(entries)
}

/// Passes on the entries of a folder, as [`entries`] returns them.
pub(crate) fn each_entry(folder: &Path, mut take: impl FnMut(Entry)) -> Result<(), StoreError> {
    let failed = |e| translate("list", folder, e);
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(e) if is_absent(&e) => return Ok(()),
        Err(e) => return Err(failed(e)),
    };
    for entry in found {
        let entry = entry.map_err(failed)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if check_key(&name).is_err() {
            continue;
        }
        let file_type = entry.file_type().map_err(failed)?;
        let kind = if file_type.is_dir() {
            EntryKind::Folder
        } else if file_type.is_file() {
            EntryKind::File
        } else {
            continue;
        };
        take(Entry {
            name,
            path: entry.path(),
            kind,
        });
    }
    Ok(())
}

pub(crate) fn contains_object(folder: &Path) -> Result<bool, StoreError> {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in entries(&folder)? {
            match entry.kind {
                EntryKind::File => return Ok(true),
                EntryKind::Folder => open.push(entry.path),
            }
        }
    }
    Ok(false)
}

/// Returns whether both paths refer to the same file. Returns `false` if the files cannot be compared.
fn is_same_file(a: &Path, b: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
    matches!((identity(a), identity(b)), (Ok(a), Ok(b)) if a == b)
}

/// Runs a file operation on a thread for blocking work, and retries temporary failures.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl Fn() -> Result<T, StoreError> + Clone + Send + 'static,
) -> Result<T, StoreError> {
    for pause in PAUSES {
        match once(work.clone()).await {
            Err(error) if error.may_pass() => tokio::time::sleep(pause).await,
            answer => return answer,
        }
    }
    once(work).await
}

async fn once<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(e) => match e.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(cancelled) => Err(StoreError::Other {
                what: "work on a file".to_owned(),
                code: None,
                source: Some(cancelled.into()),
            }),
        },
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    use std::io;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Runs an operation that fails `failures` times with this error number. Returns the result and the number of
    /// attempts.
    async fn check(number: i32, failures: usize) -> (Result<usize, StoreError>, usize) {
        let tries = Arc::new(AtomicUsize::new(0));
        let counter = tries.clone();
        let answer = blocking(move || {
            let earlier = counter.fetch_add(1, Ordering::Relaxed);
            match earlier < failures {
                true => Err(translate(
                    "write",
                    Path::new("/runs/a"),
                    io::Error::from_raw_os_error(number),
                )),
                false => Ok(earlier),
            }
        })
        .await;
        (answer, tries.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn only_temporary_errors_are_retried_within_a_limit() {
        let passing = [
            libc::EMFILE,
            libc::ENFILE,
            libc::EINTR,
            libc::EIO,
            libc::ESTALE,
            libc::ENOSPC,
        ];
        for number in passing {
            let (answer, tries) = check(number, 2).await;
            assert_eq!((answer.ok(), tries), (Some(2), 3), "error {number} passes");
        }
        let (answer, tries) = check(libc::EMFILE, usize::MAX).await;
        assert!(answer.is_err_and(|error| error.may_pass()), "callers may keep retrying");
        assert_eq!(tries, PAUSES.len() + 1);
        for number in [libc::EACCES, libc::EROFS, libc::ELOOP, libc::EINVAL] {
            let (answer, tries) = check(number, 1).await;
            assert!(answer.is_err_and(|error| !error.may_pass()), "error {number} stays");
            assert_eq!(tries, 1, "error {number} stays");
        }
    }

    #[tokio::test]
    async fn a_create_only_write_recognises_its_own_link() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (mine, other) = (folder.path().join("mine"), folder.path().join("other"));
        fs::write(&mine, "x").expect("a file");
        fs::write(&other, "x").expect("a file");
        let linked = folder.path().join("linked");
        fs::hard_link(&mine, &linked).expect("a link");
        assert!(is_same_file(&mine, &linked));
        assert!(!is_same_file(&other, &linked));
        assert!(!is_same_file(&mine, &folder.path().join("none")));
    }

    #[test]
    fn a_device_without_space_reads_as_a_full_disk() {
        let mut full = File::create("/dev/full").expect("every Linux has /dev/full");
        let error = full.write_all(b"x").expect_err("it is always full");
        let error = translate("write", Path::new("/runs/a"), error);
        assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
        assert_eq!(error.to_string(), "no space is left for /runs/a");
    }
}
