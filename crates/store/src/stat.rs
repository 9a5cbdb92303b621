//! The state of an object in a folder, and its labels.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The extended attribute of a file that contains the labels of an object.
const ATTRIBUTE: &std::ffi::CStr = c"user.vajra-cloud.labels";

/// The size, the time and the version of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub bytes: u64,
    pub modified: SystemTime,
    /// The number of the file. Each write of an object creates a file, so two versions of an object differ in the
    /// number or in the time.
    file: u64,
}

impl Default for Stat {
    fn default() -> Self {
        Self {
            bytes: 0,
            modified: UNIX_EPOCH,
            file: 0,
        }
    }
}

/// The last second whose date HTTP and S3 can express: the end of the year 9999, in seconds since 1970.
const LAST_SECOND: u64 = 253_402_300_799;

/// Returns the nearest time whose date HTTP and S3 can express. Users can set other times of files.
fn clamp(at: SystemTime) -> SystemTime {
    at.clamp(UNIX_EPOCH, UNIX_EPOCH + Duration::from_secs(LAST_SECOND))
}

impl Stat {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified: metadata.modified().map_or(UNIX_EPOCH, clamp),
            file: metadata.ino(),
        }
    }

    /// Returns a text that differs between two versions of an object.
    pub fn version(&self) -> String {
        let since = self.modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        format!("{:x}-{:x}-{:x}", since.as_nanos(), self.bytes, self.file)
    }
}

/// Names and values that a writer attaches to an object, such as the mark of a create-only write.
///
/// The labels are an extended attribute of the object's file, so an object never appears without its labels. A file
/// system without extended attributes stores the object without labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// The maximum length of all names and values together, as in S3. Common file systems allow 4 KiB.
    pub const BYTES_MAX: usize = 2048;

    /// Returns labels; `None` if they are too long or contain control characters.
    pub fn new(labels: Vec<(String, String)>) -> Option<Self> {
        let fits = |text: &str| !text.chars().any(char::is_control);
        let bytes: usize = labels.iter().map(|(name, value)| name.len() + value.len()).sum();
        let all_fit = labels
            .iter()
            .all(|(name, value)| fits(name) && fits(value) && !name.contains('='));
        (bytes <= Self::BYTES_MAX && all_fit).then_some(Self(labels))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Attaches the labels to a file, if there are any and the file system supports this.
    pub(crate) fn attach(&self, file: &File) -> io::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        match set_attribute(file, lines.join("\n").as_bytes()) {
            Err(error) if is_unsupported(&error) => Ok(()),
            other => other,
        }
    }

    /// Reads the labels of a file.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        let text = match attribute(file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if is_unsupported(&error) || is_missing(&error) => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let labels = text.lines().filter_map(|line| line.split_once('='));
        Ok(Self(
            labels
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        ))
    }
}

fn is_unsupported(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::ENOTSUP | libc::EPERM | libc::EACCES | libc::ENOSYS)
    )
}

/// Whether the file has no labels. Linux and macOS report different error numbers.
fn is_missing(error: &io::Error) -> bool {
    #[cfg(target_os = "linux")]
    let missing = libc::ENODATA;
    #[cfg(not(target_os = "linux"))]
    let missing = libc::ENOATTR;
    error.raw_os_error() == Some(missing)
}

fn set_attribute(file: &File, value: &[u8]) -> io::Result<()> {
    let (fd, name, size) = (file.as_raw_fd(), ATTRIBUTE.as_ptr(), value.len());
    // SAFETY: the descriptor is open while the file is, the name ends in a zero byte, and `value` has `size` bytes.
    #[cfg(target_os = "linux")]
    let set = unsafe { libc::fsetxattr(fd, name, value.as_ptr().cast(), size, 0) };
    // SAFETY: as above.
    #[cfg(not(target_os = "linux"))]
    let set = unsafe { libc::fsetxattr(fd, name, value.as_ptr().cast(), size, 0, 0) };
    match set {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn attribute(file: &File) -> io::Result<Vec<u8>> {
    // Each label adds one `=` and one line break.
    let mut value = vec![0; 2 * Labels::BYTES_MAX];
    let (fd, name, size) = (file.as_raw_fd(), ATTRIBUTE.as_ptr(), value.len());
    // SAFETY: the descriptor is open while the file is, the name ends in a zero byte, and `value` has `size` bytes.
    #[cfg(target_os = "linux")]
    let read = unsafe { libc::fgetxattr(fd, name, value.as_mut_ptr().cast(), size) };
    // SAFETY: as above.
    #[cfg(not(target_os = "linux"))]
    let read = unsafe { libc::fgetxattr(fd, name, value.as_mut_ptr().cast(), size, 0, 0) };
    let length = usize::try_from(read).map_err(|_| io::Error::last_os_error())?;
    value.truncate(length);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn labels_of_a_file_read_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = File::create_new(folder.path().join("a")).expect("a file");
        assert_eq!(Labels::of(&file).expect("no labels"), Labels::default());
        let labels = vec![label("mark", "a=b"), label("empty", ""), label("text", "ä ö")];
        let labels = Labels::new(labels).expect("short labels");
        labels.attach(&file).expect("attached");
        assert_eq!(Labels::of(&file).expect("labels"), labels);
    }

    #[test]
    fn labels_that_cannot_be_stored_are_rejected() {
        for (name, value) in [("a=b", ""), ("a", "line\nbreak"), ("a", &*"x".repeat(3_000))] {
            assert_eq!(Labels::new(vec![label(name, value)]), None, "{name:?} {value:?}");
        }
    }

    #[test]
    fn a_time_without_a_date_in_http_is_replaced_by_the_nearest() {
        let file = tempfile::tempfile().expect("a file");
        let (second, last) = (Duration::from_secs(1), Duration::from_secs(LAST_SECOND));
        for (at, expected) in [
            (UNIX_EPOCH - second, UNIX_EPOCH),
            (UNIX_EPOCH + second, UNIX_EPOCH + second),
            (UNIX_EPOCH + last + second, UNIX_EPOCH + last),
        ] {
            assert_eq!(clamp(at), expected, "{at:?}");
        }
        file.set_modified(UNIX_EPOCH - second).expect("a time");
        assert_eq!(Stat::of(&file.metadata().expect("its metadata")).modified, UNIX_EPOCH);
    }

    #[test]
    fn a_rewritten_object_has_another_version() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let stat = |name: &str| {
            let file = File::create_new(folder.path().join(name)).expect("a file");
            Stat::of(&file.metadata().expect("its metadata"))
        };
        assert_ne!(stat("a").version(), stat("b").version());
    }
}
