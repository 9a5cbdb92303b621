//! Claims a slice for an attempt. A claim is an object that a worker creates in the store. Creating the object fails if
//! another attempt has created it before.
//!
//! A platform may start several workers for one shard, after a failure or by mistake. Before the start of the run, each
//! of these workers claims the shard as an attempt with a different number, and prepares to send. The object `start`
//! names one attempt of each shard. Every other attempt ends without sending. So another attempt can replace a worker
//! that was lost before the start, and no arrival is sent twice.
//!
//! The object `start` applies only to the first slice of each shard. Each later slice is sent by the attempt that
//! claims the slice first.

use crate::assignment::Assignment;
use crate::retry::{may_pass, retry_store_call};
use store::documents::{Claim, Document, Start};
use store::keys::{self, FIRST_ATTEMPT};
use store::{Created, RunStore, StoreError};
use tokio::time::Instant;

/// The maximum number of attempts at one slice. A worker searches for the lowest number that no other attempt has
/// claimed, and this maximum bounds the search.
pub const ATTEMPTS_MAX: u32 = 100;

/// Claims the slice, and returns the number of the attempt. Returns `None` if another attempt sends the slice, or if
/// all numbers are claimed.
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
        // A damaged object `start` does not cause an error here. After preparing, the worker reads the object again and
        // reports the damage.
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
        // An earlier write of this worker may have created the claim even though the answer to the write was lost.
        let stored = retry_store_call(until, may_pass, || store.get(&key)).await?;
        if stored.is_some_and(|stored| stored == bytes) {
            return Ok(Some(attempt));
        }
    }
    Ok(None)
}

/// Returns whether the document `start` allows this attempt to send.
pub(crate) fn is_named(start: &Start, assignment: &Assignment, attempt: u32) -> bool {
    let named = match assignment.slice {
        0 => start.attempt(assignment.shard),
        _ => None,
    };
    named.unwrap_or(FIRST_ATTEMPT) == attempt
}
