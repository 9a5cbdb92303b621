//! Raises the limit of open files to the number that a launcher and its listeners require.

use crate::printer::Stated;
use ::export::listener::CONNECTIONS_MAX;
use worker::descriptors;

/// The number of descriptors that a launcher opens for each worker. The descriptors are for a connection to the API, or
/// for the pipes of a process.
const DESCRIPTORS_EACH: u64 = 2;
/// The number of descriptors that a launcher opens for purposes other than workers and listeners.
const DESCRIPTORS_BASE: u64 = 100;
/// The number of descriptors that a launcher opens for each connection to a listener: the connection itself, and a file
/// of the store.
const DESCRIPTORS_VISITOR: u64 = 2;

/// Raises the limit of open files. The new limit is high enough for this number of workers, and for the connections of
/// this number of listeners.
pub(crate) fn make_room(workers: u32, listeners: u64) -> Result<(), Stated> {
    if workers == 0 && listeners == 0 {
        return Ok(());
    }
    let base = DESCRIPTORS_BASE + listeners * CONNECTIONS_MAX as u64 * DESCRIPTORS_VISITOR;
    let wanted = u64::from(workers) * DESCRIPTORS_EACH + base;
    descriptors::raise(wanted).map_err(|allowed| {
        let most = allowed.saturating_sub(base) / DESCRIPTORS_EACH;
        Stated::usage(
            format!("{workers} workers need {wanted} open files here, and this process may have {allowed}"),
            format!(
                "raise the limit (`ulimit -n {wanted}`), or use --workers {}",
                most.max(1)
            ),
        )
    })
}
