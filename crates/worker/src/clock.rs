//! Wall time and the steady clock, tied together once.
//!
//! T0 is an instant of wall time; everything that is measured is read from the steady clock. The
//! tie is made when the worker starts, so a wall clock that is set while it runs moves nothing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// One process's idea of wall time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    tied: Instant,
    /// Nanoseconds since the Unix epoch at `tied`.
    wall: u64,
}

impl Clock {
    /// Ties the clocks now. `skew` nanoseconds are added to wall time: 0 but where a wrong clock is tried out.
    pub fn tie(skew: i64) -> Clock {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock {
            tied: Instant::now(),
            wall: (wall.as_nanos() as u64).saturating_add_signed(skew),
        }
    }

    /// The same clock, wrong by so many nanoseconds.
    pub fn skewed(self, nanos: i64) -> Clock {
        Clock {
            wall: self.wall.saturating_add_signed(nanos),
            ..self
        }
    }

    /// Wall time now, in nanoseconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        self.wall + self.tied.elapsed().as_nanos() as u64
    }

    /// The steady instant at which this clock's wall time is `wall`; in the past at most as far as
    /// the steady clock reaches.
    pub fn instant(&self, wall: u64) -> Instant {
        match wall.checked_sub(self.wall) {
            Some(ahead) => self.tied + Duration::from_nanos(ahead),
            None => self
                .tied
                .checked_sub(Duration::from_nanos(self.wall - wall))
                .unwrap_or(self.tied),
        }
    }
}

/// What is known of a wrong clock: the instants between which something that another clock stamped
/// must have happened here.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sighting {
    /// The last time that the object was looked for and not there.
    pub absent: Option<u64>,
}

/// Clocks that are this close are taken as equal: hosts that keep time well agree to milliseconds,
/// and a look at the store can itself take this long.
const TRUSTED: u64 = 500_000_000;

impl Sighting {
    /// This clock minus the other's, if they certainly differ: an object that the other clock
    /// stamped `written` was first seen here at `seen`.
    pub(crate) fn offset(self, written: u64, seen: u64) -> Option<i64> {
        let at_most = seen as i64 - written as i64;
        let Some(absent) = self.absent else {
            // It was there at the first look, so it may be older by any amount: only a clock that
            // is behind shows.
            return (at_most < -(TRUSTED as i64)).then_some(at_most);
        };
        let at_least = absent as i64 - written as i64;
        if at_most >= -(TRUSTED as i64) && at_least <= TRUSTED as i64 {
            return None;
        }
        Some(at_least + (at_most - at_least) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    #[test]
    fn a_clock_that_agrees_is_left_alone_and_one_that_does_not_is_measured() {
        let polled = Sighting { absent: Some(100 * S) };
        assert_eq!(polled.offset(100 * S + S / 20, 100 * S + S / 10), None);
        assert_eq!(
            polled.offset(95 * S, 100 * S + S / 10),
            Some(5 * S as i64 + S as i64 / 20)
        );
        assert_eq!(
            polled.offset(105 * S, 100 * S + S / 10),
            Some(-5 * S as i64 + S as i64 / 20)
        );
        // A long time between two looks, because the store failed, proves nothing.
        let blind = Sighting { absent: Some(96 * S) };
        assert_eq!(blind.offset(100 * S, 100 * S + S / 10), None);
        let late = Sighting::default();
        assert_eq!(late.offset(95 * S, 100 * S), None);
        assert_eq!(late.offset(105 * S, 100 * S), Some(-5 * S as i64));
    }
}
