//! Reading files that somebody else may have put there: no device without end, no pipe that never answers.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Error, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a regular file. A FIFO is opened without waiting for its writer, and then refused.
///
/// # Errors
/// Those of opening, and [`ErrorKind::InvalidInput`] when it is a folder, a device, a FIFO or a socket.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(Error::new(ErrorKind::InvalidInput, "it is not a regular file")),
    }
}

/// Reads a regular file of at most `bytes_max` bytes; links are followed.
///
/// # Errors
/// Those of reading, and [`ErrorKind::InvalidInput`] when it is not a regular file or is longer.
pub fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > bytes_max {
        true => {
            let problem = format!("it has more than {bytes_max} bytes, which are the most");
            Err(Error::new(ErrorKind::InvalidInput, problem))
        }
        false => Ok(bytes),
    }
}

/// Whether something is there that a listing of the store would name: a regular file, and not a link to one.
pub(crate) fn is_listed(path: &Path) -> io::Result<bool> {
    Ok(fs::symlink_metadata(path)?.file_type().is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn only_regular_files_are_read_and_none_without_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pipe");
        let name = CString::new(path.as_os_str().as_bytes()).expect("a path has no zero byte");
        // SAFETY: the name is a C string that outlives the call.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        for path in [path.as_path(), Path::new("/dev/zero"), folder.path()] {
            assert_eq!(
                read(path, 10).map_err(|error| error.kind()),
                Err(ErrorKind::InvalidInput)
            );
        }
        let file = folder.path().join("file");
        fs::write(&file, "0123456789").expect("a file");
        assert_eq!(read(&file, 10).expect("ten bytes"), b"0123456789");
        assert!(
            read(&file, 9)
                .expect_err("ten bytes")
                .to_string()
                .contains("more than 9 bytes")
        );
        assert!(is_listed(&file).expect("a file"));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        assert!(!is_listed(&link).expect("a link"));
    }
}
