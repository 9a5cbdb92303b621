//! How many files and sockets this process may have open.

/// What is open beside the connections to targets: the store's connections, the runtime, logs.
const RESERVE: u64 = 100;

/// Sees to it that so many connections may be open, as far as the system lets us.
///
/// # Errors
/// A sentence, when fewer may be open.
pub(crate) fn make_room(connections: usize) -> Result<(), String> {
    let wanted = connections as u64 + RESERVE;
    raise(wanted).map_err(|allowed| {
        format!(
            "{connections} connections need {wanted} file descriptors, and this process may have {allowed}: \
             lower `limits: connections`, or raise the limit (`ulimit -n`)"
        )
    })
}

/// Sees to it that so many descriptors may be open.
///
/// # Errors
/// How many may be, when the system allows fewer.
pub fn raise(wanted: u64) -> Result<(), u64> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is a valid place for the answer.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0 || limit.rlim_cur >= wanted {
        return Ok(());
    }
    limit.rlim_cur = wanted.min(limit.rlim_max);
    // SAFETY: `limit` is a valid limit that is not above the hard one.
    let raised = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) } == 0;
    if raised && limit.rlim_cur >= wanted {
        return Ok(());
    }
    Err(limit.rlim_max)
}

/// How many descriptors are open; `None` where the system does not tell.
pub(crate) fn open() -> Option<u64> {
    let listed = std::fs::read_dir("/proc/self/fd").ok()?;
    // The listing itself has one open.
    Some((listed.count() as u64).saturating_sub(1))
}
