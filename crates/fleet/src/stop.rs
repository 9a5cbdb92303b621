//! Writes the stop of a run, a key in the store that the workers poll.

use store::documents::{Document, Stop};
use store::{Created, RunStore, StoreError, keys};
use tokio::time::Instant;
use worker::clock::Clock;
use worker::retry::{may_pass, retry_store_call};

/// Writes the stop key. Workers then stop sending within seconds, and write their results. If the key exists, it is not
/// changed, and contains the first reason.
///
/// # Errors
/// Fails if the store fails.
pub async fn stop(store: &RunStore, run: &str, reason: &str, clock: &Clock) -> Result<Created, StoreError> {
    store
        .put_new(&keys::stop(run), Stop::new(reason, clock.now()).encode())
        .await
}

/// Writes the stop key like [`stop`]. If the store fails with an error that may pass, the write is retried until
/// `until`.
///
/// # Errors
/// Returns the last failure of the store.
pub async fn stop_before(
    store: &RunStore,
    run: &str,
    reason: &str,
    clock: &Clock,
    until: Instant,
) -> Result<Created, StoreError> {
    let (key, stop) = (keys::stop(run), Stop::new(reason, clock.now()).encode());
    retry_store_call(until, may_pass, || store.put_new(&key, stop.clone())).await
}
