//! The limit of open files: raises it to the number that a launcher and its listeners need.

use crate::printer::Stated;
use ::export::listener::CONNECTIONS_MAX;
use worker::descriptors;

/// Descriptors that a launcher opens for each worker: a connection to the API, or the pipes of a process.
const DESCRIPTORS_EACH: u64 = 2;
/// Descriptors that a launcher opens for everything else.
const DESCRIPTORS_BASE: u64 = 100;
/// Descriptors that a launcher opens for each connection to a listener: the connection, and a file of the store.
const DESCRIPTORS_VISITOR: u64 = 2;

/// Raises the limit of open files for this many workers and for all connections that the listeners accept.
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
