//! Reads files from untrusted folders. Rejects devices, which may be endless, and never blocks on a FIFO without a
//! writer.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Error, ErrorKind, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Opens a regular file. A FIFO is rejected without waiting for its writer.
///
/// # Errors
/// Returns the errors of opening the file. Returns [`ErrorKind::InvalidInput`] for a folder, a device, a FIFO or a
/// socket.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = open_any(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(Error::new(ErrorKind::InvalidInput, "it is not a regular file")),
    }
}

fn open_any(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)
}

/// Reads a regular file of at most `bytes_max` bytes. Symbolic links are followed.
///
/// # Errors
/// Returns the errors of reading the file. Returns [`ErrorKind::InvalidInput`] for a longer file, or another kind of
/// file.
pub fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    read_all(open(path)?, bytes_max)
}

/// Reads a regular file or a pipe of at most `bytes_max` bytes. A pipe without a writer counts as empty. A pipe with a
/// writer is read until the writer closes it.
///
/// # Errors
/// Returns the errors of reading the file. Returns [`ErrorKind::InvalidInput`] for a longer file, or another kind of
/// file.
pub fn read_or_pipe(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let file = open_any(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_fifo() {
        wait_for_writers(&file)?;
    } else if !kind.is_file() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "it is neither a regular file nor a pipe",
        ));
    }
    read_all(file, bytes_max)
}

/// Removes `O_NONBLOCK` from a pipe, so that a read of the empty pipe waits for the writer instead of failing.
fn wait_for_writers(pipe: &File) -> io::Result<()> {
    // SAFETY: the descriptor is open while `pipe` exists.
    let flags = unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_GETFL) };
    // SAFETY: the descriptor is open while `pipe` exists, and the call takes and returns plain numbers.
    if flags < 0 || unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_SETFL, flags & !libc::O_NONBLOCK) } < 0 {
        return Err(Error::last_os_error());
    }
    Ok(())
}

/// Reads all remaining bytes of `from`. Their number must be at most `bytes_max`.
///
/// # Errors
/// Returns the errors of reading. Returns [`ErrorKind::InvalidInput`] if `from` contains more bytes.
pub fn read_all(from: impl Read, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(bytes_max + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > bytes_max {
        true => {
            let problem = format!("it has more than the maximum of {bytes_max} bytes");
            Err(Error::new(ErrorKind::InvalidInput, problem))
        }
        false => Ok(bytes),
    }
}

/// Returns whether listings of the store include the path. Listings include regular files, but no links.
pub(crate) fn is_listed(path: &Path) -> io::Result<bool> {
    Ok(fs::symlink_metadata(path)?.file_type().is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;
    use std::io::Write;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn only_files_and_pipes_within_the_limit_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pipe");
        let name = CString::new(path.as_os_str().as_bytes()).expect("a path has no zero byte");
        // SAFETY: the name is a C string that exists during the call.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        for path in [path.as_path(), Path::new("/dev/zero"), folder.path()] {
            assert_eq!(
                read(path, 10).map_err(|error| error.kind()),
                Err(ErrorKind::InvalidInput)
            );
        }
        for path in [Path::new("/dev/zero"), folder.path()] {
            let refused = read_or_pipe(path, 10).map_err(|error| error.kind());
            assert_eq!(refused, Err(ErrorKind::InvalidInput));
        }
        assert_eq!(read_or_pipe(&path, 10).expect("a pipe without a writer"), b"");
        // The content is larger than the buffer of a pipe, so a part of it is written during the read.
        let (reader, mut writer) = io::pipe().expect("a pipe");
        let writing = std::thread::spawn(move || writer.write_all(&vec![b'x'; 200_000]));
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        assert_eq!(read_or_pipe(Path::new(&path), 200_000).expect("a pipe").len(), 200_000);
        writing.join().expect("a thread").expect("a reader to the end");
        let (reader, writer) = io::pipe().expect("a pipe");
        let writing = std::thread::spawn(move || {
            let mut writer = writer;
            while writer.write_all(b"0123456789").is_ok() {}
        });
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        let endless = read_or_pipe(Path::new(&path), 15).expect_err("more than 15 bytes");
        assert!(endless.to_string().contains("more than the maximum of 15 bytes"));
        drop(reader);
        writing.join().expect("a thread");
        let file = folder.path().join("file");
        fs::write(&file, "0123456789").expect("a file");
        assert_eq!(read(&file, 10).expect("ten bytes"), b"0123456789");
        assert!(
            read(&file, 9)
                .expect_err("ten bytes")
                .to_string()
                .contains("more than the maximum of 9 bytes")
        );
        assert!(is_listed(&file).expect("a file"));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        assert!(!is_listed(&link).expect("a link"));
    }
}
