//! Claims a slice for an attempt. A claim is an object in the store that is written create-only.
//!
//! A platform may start several workers for one shard, after a failure or by mistake. Before the start of the run, each
//! of these workers claims the shard as an attempt, and prepares. Each attempt has a different number. The start names
//! one attempt of each shard, and every other attempt leaves without sending. So another attempt can replace a worker
//! that was lost before the start, and no arrival is sent twice.
//!
//! The start also decides which attempt sends the first slice of each shard. For each later slice, the first claim
//! wins.

use crate::assignment::Assignment;
use crate::retry::{may_pass, retry_store_call};
use store::documents::{Claim, Document, Start};
use store::keys::{self, FIRST_ATTEMPT};
use store::{Created, RunStore, StoreError};
use tokio::time::Instant;

/// The maximum number of attempts at one slice. This maximum bounds the search for a number that no other attempt has
/// claimed.
pub const ATTEMPTS_MAX: u32 = 100;

/// Claims the slice, and returns the number of the attempt; `None` if another attempt sends the slice.
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
        // A damaged start is not an error here, because the worker reads the start again after preparing, and reports
        // the damage then.
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
        // This worker may have created the claim itself, with an earlier write whose answer was lost.
        let stored = retry_store_call(until, may_pass, || store.get(&key)).await?;
        if stored.is_some_and(|stored| stored == bytes) {
            return Ok(Some(attempt));
        }
    }
    Ok(None)
}

/// Returns whether the start allows this attempt to send.
pub(crate) fn is_named(start: &Start, assignment: &Assignment, attempt: u32) -> bool {
    let named = match assignment.slice {
        0 => start.attempt(assignment.shard),
        _ => None,
    };
    named.unwrap_or(FIRST_ATTEMPT) == attempt
}
