//! Retries calls that fail temporarily: calls to a store, or to a service that throttles.
//!
//! The client library of a store retries only for some seconds. A longer outage of the store should delay a run, but
//! should not lose the result of the run. So a caller that can wait longer also retries for longer, always with a
//! deadline.

use crate::pacer::wait_until;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;
use store::StoreError;
use tokio::time::Instant;

/// The pauses between the attempts at a call. Each pause is twice as long as the previous pause, up to the longest
/// pause. A random pause is derived from this pause if `drawn` is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pauses {
    pub first: Duration,
    pub longest: Duration,
    /// Whether each pause is randomised, so that workers that were refused together do not retry together.
    pub drawn: bool,
}

/// The pauses between attempts to call a store.
const OF_A_STORE: Pauses = Pauses {
    first: Duration::from_millis(200),
    longest: Duration::from_secs(2),
    drawn: false,
};

/// Returns whether a failure is temporary, so that a retry may succeed.
pub fn may_pass(error: &StoreError) -> bool {
    error.may_pass()
}

/// Calls a store until a call succeeds. Stops after a failure if `again` returns `false`, or if the next attempt would
/// not begin before `until`.
///
/// # Errors
/// Returns the last failure.
pub async fn retry_store_call<T, F>(
    until: Instant,
    again: fn(&StoreError) -> bool,
    ask: impl FnMut() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    retry_until(until, OF_A_STORE, again, ask).await
}

/// Calls `ask` until a call succeeds. Stops after a failure if `again` returns `false`, or if the next attempt would
/// not begin before `until`.
///
/// # Errors
/// Returns the last failure.
pub(crate) async fn retry_until<T, E, F>(
    until: Instant,
    pauses: Pauses,
    mut again: impl FnMut(&E) -> bool,
    mut ask: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut longest = pauses.first;
    loop {
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let pause = if pauses.drawn { drawn_pause(longest) } else { longest };
        let wake = Instant::now() + pause;
        if !again(&error) || wake >= until {
            return Err(error);
        }
        wait_until(wake).await;
        longest = (longest * 2).min(pauses.longest);
    }
}

/// Returns a random pause between half of `longest` and `longest`, so that workers do not retry together.
pub(crate) fn drawn_pause(longest: Duration) -> Duration {
    let drawn = RandomState::new().hash_one(longest) % 1_000;
    longest / 2 + (longest / 2).mul_f64(drawn as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Retries a call that fails `failures` times. Returns the time until the success or until the last failure, and
    /// the number of attempts.
    async fn check(pauses: Pauses, until: Duration, failures: u32) -> (Duration, u32) {
        let begun = Instant::now();
        let mut asked = 0;
        let ask = || {
            asked += 1;
            std::future::ready(if asked > failures { Ok(()) } else { Err(asked) })
        };
        let answer = retry_until(begun + until, pauses, |_: &u32| true, ask).await;
        assert_eq!(answer.is_ok(), asked > failures);
        (begun.elapsed(), asked)
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_the_longest_and_end_before_the_limit() {
        let seconds = Duration::from_secs;
        let pauses = Pauses {
            first: seconds(1),
            longest: seconds(4),
            drawn: false,
        };
        assert_eq!(check(pauses, seconds(100), 0).await, (seconds(0), 1));
        assert_eq!(check(pauses, seconds(100), 5).await, (seconds(1 + 2 + 4 + 4 + 4), 6));
        // The next pause would be 4 s, and would end at the limit.
        assert_eq!(check(pauses, seconds(7), 5).await, (seconds(1 + 2), 3));
        let drawn = Pauses { drawn: true, ..pauses };
        let (took, asked) = check(drawn, seconds(100), 3).await;
        assert_eq!(asked, 4);
        assert!(seconds(7) / 2 <= took && took < seconds(7), "{took:?}");
    }
}
