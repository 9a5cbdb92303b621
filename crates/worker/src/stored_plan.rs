//! Reads the plan of a run from the store.

use crate::pacer::wait_until;
use crate::retry::{may_pass, retry_store_call};
use crate::shard_error::ShardError;
use plan::plan::Plan;
use std::sync::Arc;
use std::time::Duration;
use store::{RunStore, keys};
use tokio::time::Instant;

/// How long a worker retries to read the plan of its run while the store fails.
const PLAN_PATIENCE: Duration = Duration::from_secs(10);

/// Waits until the store contains the plan of a run, at most until `until`. This function reports no error, because the
/// next read of the plan reports a missing plan or a failed store.
pub async fn wait_for(store: &RunStore, run: &str, until: Instant) {
    let key = keys::plan(run);
    while Instant::now() < until && !matches!(store.get(&key).await, Ok(Some(_))) {
        wait_until((Instant::now() + store.poll_interval(1)).min(until)).await;
    }
}

/// Reads the plan of a run, and the digest of the plan.
pub(crate) async fn with_digest(store: &RunStore, run: &str) -> Result<(Arc<Plan>, String), ShardError> {
    let (key, until) = (keys::plan(run), Instant::now() + PLAN_PATIENCE);
    let bytes = retry_store_call(until, may_pass, || store.get(&key))
        .await
        .map_err(ShardError::NotClaimed)?
        .ok_or_else(|| ShardError::NoRun { run: run.to_owned() })?;
    Ok((Arc::new(Plan::decode(&bytes)?), Plan::digest(&bytes)))
}
