//! Asking a store again that fails for a moment.
//!
//! A store's client tries for some seconds by itself. What lasts longer should cost a run a little
//! time and not its result, so whoever can wait asks again, and always until a named instant.

use crate::pacer::wait_until;
use std::time::Duration;
use store::StoreError;
use tokio::time::Instant;

/// The first pause between two tries; each is twice the one before it, up to the longest.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Whether a failure may pass by itself, so that asking again makes sense.
pub fn may_pass(error: &StoreError) -> bool {
    error.may_pass()
}

/// Asks until there is an answer, a failure that `again` does not want to be asked again after, or
/// `until` has come.
///
/// # Errors
/// The last failure.
pub async fn patiently<T, F>(
    until: Instant,
    again: fn(&StoreError) -> bool,
    mut ask: impl FnMut() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut pause = PAUSE_MIN;
    loop {
        match ask().await {
            Err(error) if again(&error) && Instant::now() + pause < until => {}
            answer => return answer,
        }
        wait_until(Instant::now() + pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
