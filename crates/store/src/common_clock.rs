//! The clock of a store, estimated from the timestamps of the store's answers. The launcher and all workers of a run
//! can compare their own clocks with this clock.
//!
//! An answer that was requested at `a` and arrived at `b` contains the timestamp `s`. So the store's clock showed `s`
//! at some instant between `a` and `b` (Cristian, Probabilistic clock synchronization, 1989). S3 timestamps are whole
//! seconds, so one answer gives only wide bounds. The many answers of a run arrive at different fractions of a second.
//! Together, these answers narrow the bounds to about the duration of one request.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

/// The lower and upper bound of the time on the store's clock, in nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreTime {
    pub earliest: u64,
    pub latest: u64,
}

/// The bounds of the time on the store's clock, computed from all answers so far.
#[derive(Debug)]
pub(crate) struct CommonClock {
    anchor: Instant,
    /// The lower and upper bound of the store's clock at the instant `anchor`, in nanoseconds.
    bounds: Mutex<Option<(i64, i64)>>,
}

impl CommonClock {
    pub(crate) fn new() -> Self {
        Self {
            anchor: Instant::now(),
            bounds: Mutex::new(None),
        }
    }

    /// Records that the store's clock was in `least..=most` at some instant between `asked` and `answered`.
    pub(crate) fn saw(&self, asked: Instant, answered: Instant, least: u64, most: u64) {
        let since = |at: Instant| at.saturating_duration_since(self.anchor).as_nanos() as i64;
        let seen = (least as i64 - since(answered), most as i64 - since(asked));
        let mut bounds = self.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        *bounds = match *bounds {
            Some((least, most)) if least.max(seen.0) <= most.min(seen.1) => Some((least.max(seen.0), most.min(seen.1))),
            // This is the first answer, or the store's clock was set after the last answer. Only this answer is used.
            _ => Some(seen),
        };
    }

    /// Returns the current bounds of the store's clock. Returns `None` before the store's first answer.
    pub(crate) fn now(&self) -> Option<StoreTime> {
        let bounds = *self.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        let since = self.anchor.elapsed().as_nanos() as i64;
        bounds.map(|(least, most)| StoreTime {
            earliest: (least + since).max(0) as u64,
            latest: (most + since).max(0) as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const S: u64 = 1_000_000_000;
    const MS: u64 = 1_000_000;

    #[tokio::test(start_paused = true)]
    async fn whole_second_timestamps_narrow_to_the_duration_of_an_answer() {
        let clock = CommonClock::new();
        assert_eq!(clock.now(), None);
        // In this test, the store's clock shows 1,005.34 s at the anchor.
        let truth = |at: Duration| 1_000 * S + 5_340 * MS + at.as_nanos() as u64;
        let began = Instant::now();
        for _ in 0..40 {
            let asked = Instant::now();
            tokio::time::advance(Duration::from_millis(4)).await;
            let second = truth(began.elapsed()) / S * S;
            tokio::time::advance(Duration::from_millis(4)).await;
            clock.saw(asked, Instant::now(), second, second + S - 1);
            tokio::time::advance(Duration::from_millis(95)).await;
            let now = truth(began.elapsed());
            let seen = clock.now().unwrap();
            assert!(seen.earliest <= now && now <= seen.latest, "{now} is not in {seen:?}");
        }
        let seen = clock.now().unwrap();
        assert!(seen.latest - seen.earliest < 50 * MS, "{seen:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_was_set_back_replaces_the_old_bounds() {
        let clock = CommonClock::new();
        let now = Instant::now();
        clock.saw(now, now, 100 * S, 100 * S);
        clock.saw(now, now, 50 * S, 51 * S);
        assert_eq!(
            clock.now(),
            Some(StoreTime {
                earliest: 50 * S,
                latest: 51 * S
            })
        );
    }
}
