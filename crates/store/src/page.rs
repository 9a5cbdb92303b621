//! One page of a listing of a folder, in the order of S3: by the bytes of the whole key.
//!
//! A folder sorts like its name with a `/`, because all keys in the folder begin with this text. So a walk that sorts
//! the entries of each folder in this way finds the keys in order. The walk skips folders that cannot contain a listed
//! key, and ends when the page is full. So a page of a large store takes little memory.

use std::collections::BinaryHeap;
use std::path::Path;

use crate::error::StoreError;
use crate::file_error::{is_absent, translate};
use crate::folder::{EntryKind, each_entry};
use crate::object::check_key;
use crate::served_guard;
use crate::stat::Stat;

/// Selects the keys of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// The beginning of every listed key. It may end within a part of a key.
    pub prefix: String,
    /// Whether keys that have a further `/` after the prefix are listed as one folder.
    pub by_folder: bool,
    /// Only keys after this text are listed.
    pub after: String,
    /// The maximum number of keys and folders.
    pub entries_max: usize,
}

/// A page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub objects: Vec<(String, Stat)>,
    /// The folders, each with a trailing `/`.
    pub folders: Vec<String>,
    /// The value of `after` that continues the listing; `None` if the listing is complete.
    pub next: Option<String>,
}

/// The maximum number of entries of one folder that are in memory: a page, and the entry after it.
const HELD_MAX: usize = 1001;

/// The character after all characters of keys.
const AFTER_ALL: char = '\x7f';

struct Walk<'a> {
    request: &'a PageRequest,
    page: Page,
    /// The value of `after` with which the listing continues after the last entry of the page.
    last: String,
}

impl Page {
    pub(crate) fn read(root: &Path, request: &PageRequest) -> Result<Self, StoreError> {
        let below = match request.prefix.rfind('/') {
            // No key begins with an invalid prefix.
            Some(end) if check_key(&request.prefix[..end]).is_err() => return Ok(Self::default()),
            Some(end) => &request.prefix[..=end],
            None => "",
        };
        if served_guard::link(root, below)?.is_some() {
            return Ok(Self::default());
        }
        let mut walk = Walk {
            request,
            page: Self::default(),
            last: String::new(),
        };
        if request.entries_max > 0 {
            walk.folder(&root.join(below), below)?;
        }
        Ok(walk.page)
    }

    fn len(&self) -> usize {
        self.objects.len() + self.folders.len()
    }
}

impl Walk<'_> {
    /// Lists the keys in a folder. Returns whether the walk continues.
    fn folder(&mut self, path: &Path, below: &str) -> Result<bool, StoreError> {
        let mut after = String::new();
        loop {
            let (found, is_cut) = self.first_entries(path, below, &after)?;
            for (key, kind) in &found {
                let path = path.join(&key[below.len()..]);
                let continues = match kind {
                    EntryKind::File => self.file(key.clone(), &path)?,
                    EntryKind::Folder if self.request.by_folder && key.len() > self.request.prefix.len() => {
                        self.common_prefix(key.clone(), &path)?
                    }
                    EntryKind::Folder => self.folder(&path, key)?,
                };
                if !continues {
                    return Ok(false);
                }
            }
            match found.into_iter().next_back() {
                Some((last, _)) if is_cut => after = last,
                _ => return Ok(true),
            }
        }
    }

    /// Returns the first entries of a folder after a key, in order, and whether the folder has more. Most folders have
    /// fewer than [`HELD_MAX`] entries. A larger folder is read again for its next entries, so that its memory is
    /// limited.
    fn first_entries(
        &self,
        path: &Path,
        below: &str,
        after: &str,
    ) -> Result<(Vec<(String, EntryKind)>, bool), StoreError> {
        let mut first = BinaryHeap::new();
        let mut is_cut = false;
        each_entry(path, |entry| {
            let end = match entry.kind {
                EntryKind::Folder => "/",
                EntryKind::File => "",
            };
            let key = format!("{below}{}{end}", entry.name);
            if key.as_str() > after && self.may_contain(&key, &entry.kind) {
                first.push((key, entry.kind));
            }
            if first.len() > HELD_MAX {
                first.pop();
                is_cut = true;
            }
        })?;
        Ok((first.into_sorted_vec(), is_cut))
    }

    /// Returns whether a file is listed, or whether a folder may contain listed keys.
    fn may_contain(&self, key: &str, kind: &EntryKind) -> bool {
        let (prefix, after) = (self.request.prefix.as_str(), self.request.after.as_str());
        match kind {
            EntryKind::File => key.starts_with(prefix) && key > after,
            EntryKind::Folder => {
                (key.starts_with(prefix) || prefix.starts_with(key)) && (key > after || after.starts_with(key))
            }
        }
    }

    fn file(&mut self, key: String, path: &Path) -> Result<bool, StoreError> {
        let stat = match std::fs::symlink_metadata(path) {
            Ok(metadata) => Stat::of(&metadata),
            // It was deleted since the folder was read.
            Err(e) if is_absent(&e) => return Ok(true),
            Err(e) => return Err(translate("list", path, e)),
        };
        if self.is_full() {
            return Ok(false);
        }
        self.last.clone_from(&key);
        self.page.objects.push((key, stat));
        Ok(true)
    }

    fn common_prefix(&mut self, key: String, path: &Path) -> Result<bool, StoreError> {
        let inside = PageRequest {
            prefix: key.clone(),
            by_folder: false,
            after: self.request.after.clone(),
            entries_max: 1,
        };
        let mut walk = Walk {
            request: &inside,
            page: Page::default(),
            last: String::new(),
        };
        walk.folder(path, &key)?;
        if walk.page.len() == 0 {
            return Ok(true);
        }
        if self.is_full() {
            return Ok(false);
        }
        self.last = format!("{key}{AFTER_ALL}");
        self.page.folders.push(key);
        Ok(true)
    }

    /// Returns whether the page is full. Another key then belongs to the next page.
    fn is_full(&mut self) -> bool {
        let is_full = self.page.len() >= self.request.entries_max;
        if is_full {
            self.page.next = Some(self.last.clone());
        }
        is_full
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;

    fn folder(keys: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for key in keys {
            let path = folder.path().join(key);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, key).expect("a file");
        }
        folder
    }

    /// Lists all pages of this size. Each entry is a key, or a folder with a trailing `/`.
    fn list(root: &Path, prefix: &str, by_folder: bool, after: &str, entries_max: usize) -> Vec<String> {
        let mut request = PageRequest {
            prefix: prefix.to_owned(),
            by_folder,
            after: after.to_owned(),
            entries_max,
        };
        let mut all = Vec::new();
        loop {
            let page = Page::read(root, &request).expect("a page");
            assert!(page.len() <= entries_max);
            let mut entries: Vec<String> = page.objects.into_iter().map(|(key, _)| key).collect();
            entries.extend(page.folders);
            entries.sort();
            all.extend(entries);
            match page.next {
                Some(next) => request.after = next,
                None => return all,
            }
        }
    }

    /// The listing of S3 as its documentation defines it, computed from all keys.
    fn expected(keys: &[&str], prefix: &str, by_folder: bool, after: &str) -> Vec<String> {
        let listed = keys.iter().filter(|key| key.starts_with(prefix) && **key > after);
        let names = listed.map(|key| match key[prefix.len()..].find('/') {
            Some(end) if by_folder => key[..=prefix.len() + end].to_owned(),
            _ => (*key).to_owned(),
        });
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    #[test]
    fn pages_of_every_size_contain_the_keys_that_s3_lists() {
        let keys = [
            "a",
            "a-b/c",
            "a.b",
            "ab/c/d",
            "ab/c/e",
            "ab/cd",
            "runs/a-1/x",
            "runs/a/x",
            "runs/a/y/z",
            "runs/ab",
            "runs/b",
            "z/1",
            "z/2",
            "z/3",
        ];
        let root = folder(&keys);
        let prefixes = [
            "", "a", "ab", "ab/", "ab/c", "ab/c/", "runs/", "runs/a", "runs/a/", "r", "z/", "none", "none/",
        ];
        let mut afters = keys.to_vec();
        afters.extend(["", "ab/", "runs", "runs/a/y", "zz", "runs/a/", "0"]);
        for prefix in prefixes {
            for by_folder in [false, true] {
                for after in &afters {
                    for entries_max in [1, 2, 3, 100] {
                        assert_eq!(
                            list(root.path(), prefix, by_folder, after, entries_max),
                            expected(&keys, prefix, by_folder, after),
                            "prefix {prefix:?}, by folder {by_folder}, after {after:?}, pages of {entries_max}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_folder_with_more_entries_than_memory_is_listed_completely() {
        let names: Vec<String> = (0..2 * HELD_MAX + 10).map(|number| format!("f/{number:05}")).collect();
        let root = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for number in 0..HELD_MAX + 10 {
            fs::create_dir_all(root.path().join(format!("f/0-{number}"))).expect("a folder without objects");
        }
        for entries_max in [700, 1000] {
            assert_eq!(
                list(root.path(), "f/", true, "", entries_max),
                names,
                "pages of {entries_max}"
            );
        }
        assert_eq!(list(root.path(), "", true, "", 1), ["f/"]);
    }

    #[test]
    fn an_invalid_prefix_and_an_empty_folder_list_nothing() {
        let root = folder(&["runs/a"]);
        fs::create_dir(root.path().join("empty")).expect("a folder");
        fs::write(root.path().join("runs/.0.tmp"), "half").expect("a file");
        std::os::unix::fs::symlink("/", root.path().join("link")).expect("a link");
        for prefix in ["../", "/", "//", "runs/../", ".", "runs/.", "empty", "link"] {
            assert_eq!(
                list(root.path(), prefix, false, "", 10),
                Vec::<String>::new(),
                "{prefix}"
            );
        }
        assert_eq!(list(root.path(), "", true, "", 10), ["runs/"]);
        let none = Page::read(root.path(), &PageRequest::default()).expect("a page");
        assert_eq!(none, Page::default(), "a page of no entries");
    }
}
