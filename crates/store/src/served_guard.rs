//! What a folder needs when a server shows it to other machines: it exists, links do not lead out of it, writes survive
//! a loss of power, and files that killed processes have left are removed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::StoreError;
use crate::file_error::{is_absent, translate};
use crate::temporary_name;

/// Flushes a folder to the disk.
pub(crate) type FlushFolder = fn(&Path) -> io::Result<()>;

/// The age of a temporary file from which no process writes it any more.
const LEFTOVER_AGE: Duration = Duration::from_secs(60 * 60);
/// The maximum number of files and folders that are searched for temporary files.
const SEARCHED_MAX: usize = 200_000;

/// Creates the folder, and checks that it is writable.
///
/// # Errors
/// Fails if the folder cannot be created, or if no file can be created in it.
pub(crate) fn prepare(root: &Path) -> Result<(), StoreError> {
    let new: Vec<&Path> = root.ancestors().take_while(|folder| !folder.exists()).collect();
    fs::create_dir_all(root).map_err(|e| translate("create", root, e))?;
    let probe = root.join(temporary_name::random());
    File::create_new(&probe).map_err(|e| translate("write", root, e))?;
    fs::remove_file(&probe).map_err(|e| translate("write", root, e))?;
    for parent in new.into_iter().filter_map(Path::parent) {
        flush_folder(parent).map_err(|e| translate("write", parent, e))?;
    }
    Ok(())
}

/// Flushes a folder to the disk, if its file system can do this.
pub(crate) fn flush_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(e) if matches!(e.raw_os_error(), Some(libc::EINVAL | libc::ENOTSUP)) => Ok(()),
        other => other,
    }
}

/// Flushes each folder between a file and the root, so that the name of the file survives a loss of power. All of them
/// are flushed, because another request may have just created a folder that this request has found.
pub(crate) fn flush_folders(root: &Path, path: &Path, flush: FlushFolder) -> Result<(), StoreError> {
    for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(root)) {
        match flush(folder) {
            // Another caller has deleted the object and the folder.
            Err(e) if is_absent(&e) => {}
            Err(e) => return Err(translate("write", folder, e)),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Returns the first link among the parts of a key.
///
/// A local user could put a link in place of a folder between this check and the operation. Local users of the folder
/// are trusted. The check protects them from links that they have forgotten.
///
/// # Errors
/// Fails if the root does not exist any more, and if the file system fails.
pub(crate) fn link(root: &Path, key: &str) -> Result<Option<PathBuf>, StoreError> {
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => {}
        Err(e) if !is_absent(&e) => return Err(translate("open", root, e)),
        _ => return Err(StoreError::Gone { path: root.to_owned() }),
    }
    let mut path = root.to_owned();
    for part in key.split('/').filter(|part| !part.is_empty()) {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.file_type().is_symlink() => return Ok(Some(path)),
            Ok(_) => {}
            Err(e) if is_absent(&e) => return Ok(None),
            Err(e) => return Err(translate("open", &path, e)),
        }
    }
    Ok(None)
}

/// Removes the temporary files that killed processes have left. Returns their number.
pub(crate) fn remove_leftovers(root: &Path, now: SystemTime) -> usize {
    let (mut removed, mut searched) = (0, 0);
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            searched += 1;
            if searched > SEARCHED_MAX {
                return removed;
            }
            // The metadata are those of a link itself, so links are left out.
            let Ok(metadata) = entry.metadata() else { continue };
            let is_old = || {
                let age = metadata.modified().ok().and_then(|at| now.duration_since(at).ok());
                age.is_some_and(|age| age >= LEFTOVER_AGE)
            };
            if metadata.is_dir() {
                open.push(entry.path());
            } else if metadata.is_file() && temporary_name::matches(&entry.file_name()) && is_old() {
                removed += usize::from(fs::remove_file(entry.path()).is_ok());
            }
        }
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_temporary_files_of_the_store_are_removed() {
        let root = tempfile::tempdir().expect("a folder");
        let now = SystemTime::now();
        let write = |name: &str, minutes: u64| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            let file = File::create_new(path).expect("a file");
            file.set_modified(now - Duration::from_secs(60 * minutes))
                .expect("a time");
        };
        let temporary = |digit: &str| format!(".{}.tmp", digit.repeat(32));
        write(&format!("a/b/{}", temporary("1")), 61);
        write(&temporary("2"), 59);
        write("a/object", 600);
        write("a/.other.tmp", 600);
        assert_eq!(remove_leftovers(root.path(), now), 1);
        for (name, remains) in [
            (&*format!("a/b/{}", temporary("1")), false),
            (&*temporary("2"), true),
            ("a/object", true),
            ("a/.other.tmp", true),
        ] {
            assert_eq!(root.path().join(name).exists(), remains, "{name}");
        }
    }

    #[test]
    fn a_new_folder_is_created_and_a_file_in_its_place_is_refused() {
        let parent = tempfile::tempdir().expect("a folder");
        let root = parent.path().join("a/b");
        prepare(&root).expect("it can be created");
        assert_eq!(fs::read_dir(&root).expect("a folder").count(), 0);
        fs::write(root.join("file"), "").expect("a file");
        assert!(prepare(&root.join("file/c")).is_err());
    }
}
