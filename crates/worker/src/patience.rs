//! Trying again what fails for a moment: a store, or a service that has others to serve.
//!
//! A store's client tries for some seconds by itself. What lasts longer should cost a run a little
//! time and not its result, so whoever can wait asks again, and always until a named instant.

use crate::pacer::wait_until;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;
use store::StoreError;
use tokio::time::Instant;

/// Pauses between tries: each is twice the one before it, up to the longest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pauses {
    pub first: Duration,
    pub longest: Duration,
    /// Whether each is drawn, so that workers who were turned away together come back apart.
    pub drawn: bool,
}

/// The pauses between tries of a store.
const OF_A_STORE: Pauses = Pauses {
    first: Duration::from_millis(200),
    longest: Duration::from_secs(2),
    drawn: false,
};

/// Whether a failure may pass by itself, so that asking again makes sense.
pub fn may_pass(error: &StoreError) -> bool {
    error.may_pass()
}

/// Asks a store until there is an answer, a failure that `again` does not want to be asked again after, or
/// `until` has come.
///
/// # Errors
/// The last failure.
pub async fn patiently<T, F>(
    until: Instant,
    again: fn(&StoreError) -> bool,
    ask: impl FnMut() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    retry_until(until, OF_A_STORE, again, ask).await
}

/// Asks until there is an answer, a failure after which `again` does not want to ask again, or the next try would not
/// come before `until`.
///
/// # Errors
/// The last failure.
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

/// A pause from the upper half of those up to `longest`, so that workers do not come back together.
pub(crate) fn drawn_pause(longest: Duration) -> Duration {
    let drawn = RandomState::new().hash_one(longest) % 1_000;
    longest / 2 + (longest / 2).mul_f64(drawn as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long it takes until a call that fails so many times is given up or answers, and how often it is asked.
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
        // The pause of 4 s would end at the limit.
        assert_eq!(check(pauses, seconds(7), 5).await, (seconds(1 + 2), 3));
        let drawn = Pauses { drawn: true, ..pauses };
        let (took, asked) = check(drawn, seconds(100), 3).await;
        assert_eq!(asked, 4);
        assert!(seconds(7) / 2 <= took && took < seconds(7), "{took:?}");
    }
}
