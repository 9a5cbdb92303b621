//! Open files: as many as a launcher and its listeners need.

use crate::printer::Stated;
use ::export::listener::CONNECTIONS_MAX;
use worker::descriptors;

/// What a launcher has open for each worker, a connection to the API or the pipe of a process, and beside them.
const DESCRIPTORS_EACH: u64 = 2;
const DESCRIPTORS_BESIDE: u64 = 100;
/// What it has open for each connection to one of its listeners: the connection, and a file of the store.
const DESCRIPTORS_VISITOR: u64 = 2;

/// Sees to it that so many workers can be held at once, and every connection that the listeners allow.
pub(crate) fn make_room(workers: u32, listeners: u64) -> Result<(), Stated> {
    if workers == 0 && listeners == 0 {
        return Ok(());
    }
    let beside = DESCRIPTORS_BESIDE + listeners * CONNECTIONS_MAX as u64 * DESCRIPTORS_VISITOR;
    let wanted = u64::from(workers) * DESCRIPTORS_EACH + beside;
    descriptors::raise(wanted).map_err(|allowed| {
        let most = allowed.saturating_sub(beside) / DESCRIPTORS_EACH;
        Stated::usage(
            format!("{workers} workers need {wanted} open files here, and this process may have {allowed}"),
            format!(
                "raise the limit (`ulimit -n {wanted}`), or use --workers {}",
                most.max(1)
            ),
        )
    })
}
