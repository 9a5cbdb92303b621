//! Limits how fast invocations begin, so that Lambda accepts them.
//!
//! Lambda adds 1,000 environments to a function at once, and then refills this allowance evenly over 10 s (AWS Lambda,
//! Lambda scaling behavior). An account may have a smaller allowance, which becomes known only when an invocation is
//! throttled. So invocations begin one after another. While the allowance lasts, the pause between two invocations is
//! [`STEP`]. Then invocations begin at the refill rate. A throttle halves the rate, but further throttles within a
//! [`ROUND`] do not halve it again. After a [`ROUND`] without a throttle, the rate grows. So a thousand workers that
//! were throttled at the same time do not retry at the same time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The allowance: the number of environments that are added at once.
const ALLOWANCE: f64 = 1_000.0;
/// The maximum number of invocations per second. The number is a little below the refill rate of 100, because network
/// delays vary.
const RATE_MAX: f64 = 95.0;
/// The minimum number of invocations per second. The rate never falls below this number, because capacity may become
/// free at any time.
const RATE_MIN: f64 = 5.0;
/// The pause between two invocations while the allowance lasts. The pause lets connections open one after another.
const STEP: Duration = Duration::from_millis(1);
/// All throttles within this time count as one.
const ROUND: Duration = Duration::from_secs(1);
/// The factor by which the rate grows after a [`ROUND`] without a throttle.
const EASE: f64 = 1.25;

/// The rate limiter of one function. Every invocation of the function waits here for its turn.
#[derive(Debug)]
pub(crate) struct Turnstile {
    /// The lock that an invocation holds during its turn. All other invocations wait for the lock.
    turn: tokio::sync::Mutex<()>,
    pace: Mutex<Pace>,
}

impl Turnstile {
    pub(crate) fn new() -> Turnstile {
        Turnstile {
            turn: tokio::sync::Mutex::default(),
            pace: Mutex::new(Pace::new(Instant::now())),
        }
    }

    /// Waits for a turn. Returns whether the turn came before `until`.
    pub(crate) async fn pass(&self, until: Instant) -> bool {
        let turn = async {
            let _turn = self.turn.lock().await;
            let wait = self.pace().next(Instant::now());
            tokio::time::sleep(wait).await;
        };
        tokio::time::timeout_at(until, turn).await.is_ok()
    }

    /// Records that an invocation was throttled because of `limit`.
    pub(crate) fn refused(&self, limit: &str) {
        self.pace().refused(limit, Instant::now());
    }

    /// Returns the limit that the last throttled invocation reported; `None` if no invocation was throttled.
    pub(crate) fn limit(&self) -> Option<String> {
        self.pace().limit.clone()
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Pace {
    /// The remaining allowance at the time `seen`. The number is negative while invocations wait for the refill.
    left: f64,
    seen: Instant,
    /// The rate at which the allowance is refilled, per second.
    rate: f64,
    /// The time at which a throttle last halved the rate.
    slowed: Instant,
    /// The time of the last throttle, or of the last growth of the rate, whichever is later.
    quiet: Instant,
    limit: Option<String>,
}

impl Pace {
    fn new(now: Instant) -> Pace {
        Pace {
            left: ALLOWANCE,
            seen: now,
            rate: RATE_MAX,
            slowed: now,
            quiet: now,
            limit: None,
        }
    }

    /// Returns how long the next invocation must wait.
    fn next(&mut self, now: Instant) -> Duration {
        while self.rate < RATE_MAX && now >= self.quiet + ROUND {
            self.rate = (self.rate * EASE).min(RATE_MAX);
            self.quiet += ROUND;
        }
        self.refill(now);
        self.left -= 1.0;
        // If the remaining allowance is negative, it is refilled during the wait.
        STEP.max(Duration::from_secs_f64((-self.left).max(0.0) / self.rate))
    }

    fn refused(&mut self, limit: &str, now: Instant) {
        self.limit = Some(limit.to_owned());
        self.refill(now);
        // Invocations that began at the same time are throttled for the same reason, so they must not halve the rate
        // again.
        if self.left > 0.0 || now >= self.slowed + ROUND {
            self.rate = (self.rate / 2.0).max(RATE_MIN);
            self.slowed = now;
        }
        self.left = self.left.min(0.0);
        self.quiet = now;
    }

    fn refill(&mut self, now: Instant) {
        self.left = (self.left + (now - self.seen).as_secs_f64() * self.rate).min(ALLOWANCE);
        self.seen = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Begins `workers` invocations. The simulated service adds `allowance` environments at once, and then `rate`
    /// environments per second. Returns the duration, and the number of throttles.
    fn fan_out(workers: u32, allowance: f64, rate: f64) -> (Duration, u32) {
        let began = Instant::now();
        let (mut now, mut seen) = (began, began);
        let (mut pace, mut room) = (Pace::new(began), allowance);
        let (mut waiting, mut refusals) = (workers, 0);
        while waiting > 0 {
            now += pace.next(now);
            room = (room + (now - seen).as_secs_f64() * rate).min(allowance);
            seen = now;
            if room >= 1.0 {
                room -= 1.0;
                waiting -= 1;
            } else {
                refusals += 1;
                pace.refused("FunctionInvocationRateLimitExceeded", now);
            }
            assert!(refusals < 100_000, "it never ends");
        }
        (now - began, refusals)
    }

    #[test]
    fn a_thousand_invocations_begin_at_once_and_the_rest_at_the_scaling_rate() {
        let (took, refusals) = fan_out(1_000, 1_000.0, 100.0);
        assert!(took <= Duration::from_millis(1_100), "{took:?}");
        assert_eq!(refusals, 0);
        let (took, refusals) = fan_out(3_000, 1_000.0, 100.0);
        // The shortest possible time is 20 s: 2,000 invocations at 100 per second.
        assert!(took <= Duration::from_millis(22_000), "{took:?}");
        assert_eq!(refusals, 0);
    }

    #[test]
    fn an_account_with_lower_limits_causes_few_throttles() {
        for (allowance, rate) in [(500.0, 50.0), (250.0, 25.0), (100.0, 10.0)] {
            let (took, refusals) = fan_out(1_000, allowance, rate);
            let ideal = (1_000.0 - allowance) / rate;
            assert!(took.as_secs_f64() < ideal * 1.2, "{took:?} instead of {ideal} s");
            assert!(refusals < 60, "{refusals} refusals at {rate}/s");
        }
    }

    #[test]
    fn the_minimum_rate_holds_after_many_throttles() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        for _ in 0..100 {
            now += pace.next(now);
            pace.refused("ConcurrentInvocationLimitExceeded", now);
        }
        assert!(pace.next(now) <= Duration::from_millis(210));
        // Invocations use free capacity soon after it becomes free.
        let began = now;
        for _ in 0..500 {
            now += pace.next(now);
        }
        assert!(now - began < Duration::from_secs(20), "{:?}", now - began);
    }
}
