//! The limit of open files and sockets of this process.

/// The number of descriptors for other uses than connections to targets: connections to the store, the runtime, logs.
const RESERVE: u64 = 100;

/// Raises the limit of descriptors so that this many connections to targets can be open.
///
/// # Errors
/// Returns an error as a sentence, if the system allows fewer descriptors.
pub(crate) fn make_room(connections: usize) -> Result<(), String> {
    let wanted = connections as u64 + RESERVE;
    raise(wanted).map_err(|allowed| {
        format!(
            "{connections} connections need {wanted} file descriptors, and this process may have {allowed}: \
             lower `limits: connections`, or raise the limit (`ulimit -n`)"
        )
    })
}

/// Raises the limit of open descriptors to `wanted`. A higher limit is not changed.
///
/// # Errors
/// Returns the number of descriptors that the system allows, if this number is smaller than `wanted`.
pub fn raise(wanted: u64) -> Result<(), u64> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the call writes to `limit`, which is valid for this write.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0 || limit.rlim_cur >= wanted {
        return Ok(());
    }
    limit.rlim_cur = wanted.min(limit.rlim_max);
    // SAFETY: `limit` is a valid limit that does not exceed the hard limit.
    let raised = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) } == 0;
    if raised && limit.rlim_cur >= wanted {
        return Ok(());
    }
    Err(limit.rlim_max)
}

/// Returns the number of open descriptors. Returns `None` if the system does not report this number.
pub(crate) fn open() -> Option<u64> {
    let listed = std::fs::read_dir("/proc/self/fd").ok()?;
    // The listing of the open descriptors itself opens one descriptor.
    Some((listed.count() as u64).saturating_sub(1))
}
