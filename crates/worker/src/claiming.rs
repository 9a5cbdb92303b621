//! Claims a slice: an attempt announces itself with a create-only object.
//!
//! A platform may start several workers for one shard: after a failure, or by mistake. Before the start of the run, each
//! of them claims the shard as an attempt with a number of its own and prepares. The start names one attempt of each
//! shard, and every other attempt leaves without sending. So another attempt can replace a worker that was lost before
//! the start, and no arrival is sent twice.
//!
//! After the start, the attempts are decided: for the first slice, the start names them, and for each later slice, the
//! first claim wins.

use crate::assignment::Assignment;
use crate::retry::{may_pass, retry_store_call};
use store::documents::{Claim, Document, Start};
use store::keys::{self, FIRST_ATTEMPT};
use store::{Created, RunStore, StoreError};
use tokio::time::Instant;

/// The maximum number of attempts at one slice. It bounds the search for a free number.
pub const ATTEMPTS_MAX: u32 = 100;

/// Claims the slice and returns the number of the attempt; `None` if another attempt has the slice.
pub(crate) async fn claim(
    store: &RunStore,
    assignment: &Assignment,
    claim: &Claim,
    until: Instant,
) -> Result<Option<u32>, StoreError> {
    let Assignment { run, shard, slice } = assignment;
    let start_key = keys::start(run);
    let start = match slice {
        0 => retry_store_call(until, may_pass, || store.get(&start_key)).await?,
        _ => None,
    };
    let last = match start.map(|bytes| Start::decode(&bytes)) {
        // The worker reads the start again after it has prepared, and reports a damaged start then.
        None | Some(Err(_)) if *slice == 0 => ATTEMPTS_MAX,
        Some(Ok(start)) if start.attempt(*shard).is_some() => return Ok(None),
        _ => FIRST_ATTEMPT,
    };
    let bytes = claim.encode();
    for attempt in FIRST_ATTEMPT..=last {
        let key = keys::claim(run, *shard, *slice, attempt);
        if retry_store_call(until, may_pass, || store.put_new(&key, bytes.clone())).await? == Created::Yes {
            return Ok(Some(attempt));
        }
        // An earlier write of this worker may have created the claim, if the answer to this write was lost.
        let stored = retry_store_call(until, may_pass, || store.get(&key)).await?;
        if stored.is_some_and(|stored| stored == bytes) {
            return Ok(Some(attempt));
        }
    }
    Ok(None)
}

/// Returns whether the start lets this attempt send.
pub(crate) fn is_named(start: &Start, assignment: &Assignment, attempt: u32) -> bool {
    let named = match assignment.slice {
        0 => start.attempt(assignment.shard),
        _ => None,
    };
    named.unwrap_or(FIRST_ATTEMPT) == attempt
}
