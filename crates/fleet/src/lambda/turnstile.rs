//! How fast invocations begin: as fast as the service takes them, and no faster.
//!
//! Lambda adds 1,000 environments to a function at once and gives that allowance back evenly over 10 s (AWS Lambda,
//! Lambda scaling behavior). An account may have less, and only a throttle tells. So whoever begins passes one by one:
//! while the allowance lasts without a pause to speak of, then at the rate at which it comes back, and after a throttle
//! at half the rate until throttles stop. A thousand workers that were refused together do not come back together.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The allowance, and a little less than what comes back of it in a second: networks are not even.
const ALLOWANCE: f64 = 1_000.0;
const RATE_MAX: f64 = 95.0;
/// However often the service refuses, somebody asks so many times a second: room may come at any time.
const RATE_MIN: f64 = 5.0;
/// Between two that begin within the allowance: connections are opened one after another.
const STEP: Duration = Duration::from_millis(1);
/// Throttles that come closer together are of one and the same cause.
const ROUND: Duration = Duration::from_secs(1);
/// After a round without a throttle, the rate grows by this factor.
const EASE: f64 = 1.25;

/// One for each function; all who would invoke it pass here.
#[derive(Debug)]
pub(crate) struct Turnstile {
    /// Whose turn it is holds this; the others stand in line.
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

    /// Waits for a turn; says whether it came before `until`.
    pub(crate) async fn pass(&self, until: Instant) -> bool {
        let turn = async {
            let _turn = self.turn.lock().await;
            let wait = self.pace().next(Instant::now());
            tokio::time::sleep(wait).await;
        };
        tokio::time::timeout_at(until, turn).await.is_ok()
    }

    /// The service refused somebody.
    pub(crate) fn refused(&self, limit: &str) {
        self.pace().refused(limit, Instant::now());
    }

    /// The limit by which the service last refused anybody.
    pub(crate) fn limit(&self) -> Option<String> {
        self.pace().limit.clone()
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Pace {
    /// What is left of the allowance at `seen`; below nothing, it is owed.
    left: f64,
    seen: Instant,
    /// How many begin in a second once nothing is left.
    rate: f64,
    /// When a throttle last slowed this down.
    slowed: Instant,
    /// Since when there was no throttle, and no growth.
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

    /// How long the next one waits.
    fn next(&mut self, now: Instant) -> Duration {
        while self.rate < RATE_MAX && now >= self.quiet + ROUND {
            self.rate = (self.rate * EASE).min(RATE_MAX);
            self.quiet += ROUND;
        }
        self.give_back(now);
        self.left -= 1.0;
        // What is owed comes back while it waits.
        STEP.max(Duration::from_secs_f64((-self.left).max(0.0) / self.rate))
    }

    fn refused(&mut self, limit: &str, now: Instant) {
        self.limit = Some(limit.to_owned());
        self.give_back(now);
        // Those who began at the same time are refused too: that says nothing new.
        if self.left > 0.0 || now >= self.slowed + ROUND {
            self.rate = (self.rate / 2.0).max(RATE_MIN);
            self.slowed = now;
        }
        self.left = self.left.min(0.0);
        self.quiet = now;
    }

    fn give_back(&mut self, now: Instant) {
        self.left = (self.left + (now - self.seen).as_secs_f64() * self.rate).min(ALLOWANCE);
        self.seen = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets `workers` begin against a service that adds `allowance` environments at once and `rate` a second after
    /// that; gives how long it took, and how many were refused on the way.
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
    fn a_thousand_begin_at_once_and_the_rest_at_the_rate_at_which_lambda_adds_environments() {
        let (took, refusals) = fan_out(1_000, 1_000.0, 100.0);
        assert!(took <= Duration::from_millis(1_100), "{took:?}");
        assert_eq!(refusals, 0);
        let (took, refusals) = fan_out(3_000, 1_000.0, 100.0);
        // The ideal: 2,000 at 100/s.
        assert!(took <= Duration::from_millis(22_000), "{took:?}");
        assert_eq!(refusals, 0);
    }

    #[test]
    fn a_slower_account_is_learnt_with_few_refusals() {
        for (allowance, rate) in [(500.0, 50.0), (250.0, 25.0), (100.0, 10.0)] {
            let (took, refusals) = fan_out(1_000, allowance, rate);
            let ideal = (1_000.0 - allowance) / rate;
            assert!(took.as_secs_f64() < ideal * 1.2, "{took:?} instead of {ideal} s");
            assert!(refusals < 60, "{refusals} refusals at {rate}/s");
        }
    }

    #[test]
    fn somebody_asks_however_often_it_was_refused() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        for _ in 0..100 {
            now += pace.next(now);
            pace.refused("ConcurrentInvocationLimitExceeded", now);
        }
        assert!(pace.next(now) <= Duration::from_millis(210));
        // Room that comes is used soon.
        let began = now;
        for _ in 0..500 {
            now += pace.next(now);
        }
        assert!(now - began < Duration::from_secs(20), "{:?}", now - began);
    }
}
