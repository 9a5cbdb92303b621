//! Wall time and the steady clock, tied together once.
//!
//! T0 is an instant of wall time; everything that is measured is read from the steady clock. The
//! tie is made when the worker starts, so a wall clock that is set while it runs moves nothing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::StoreTime;
use store::documents::Start;
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

/// How a worker's clock compares to the launcher's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compared {
    /// This clock minus the launcher's, in nanoseconds, if they certainly differ.
    pub offset: Option<i64>,
    /// How far off the comparison can be, in nanoseconds; `None` where there was nothing to compare with.
    pub uncertainty: Option<u64>,
}

/// Hosts that keep time well agree to milliseconds, and so do the servers of one store.
const TRUSTED: i64 = 20_000_000;

/// Compares this clock, which shows `now`, with the launcher's by the store's, which both of them
/// have watched. A difference that the comparison cannot prove is taken as none: hosts that keep
/// time know it better than can be measured through a store.
pub(crate) fn compare(start: &Start, now: u64, store: Option<StoreTime>) -> Compared {
    let (Some((earliest, latest)), Some(here)) = (start.store_time, store) else {
        return Compared::default();
    };
    // The launcher's clock minus the store's, and this one's, at least and at most.
    let launcher = (
        start.written as i64 - latest as i64,
        start.written as i64 - earliest as i64,
    );
    let own = (now as i64 - here.latest as i64, now as i64 - here.earliest as i64);
    let (least, most) = (own.0 - launcher.1, own.1 - launcher.0);
    let certain = least > TRUSTED || most < -TRUSTED;
    Compared {
        offset: certain.then_some(least + (most - least) / 2),
        uncertainty: Some((most - least) as u64 / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;
    const MS: u64 = 1_000_000;

    /// A launcher that saw the store's clock to within a second, and agreed with it.
    fn start() -> Start {
        Start {
            t0: 101 * S,
            written: 100 * S,
            store_time: Some((100 * S - 400 * MS, 100 * S + 600 * MS)),
            shards: vec![0],
            restriped: false,
        }
    }

    #[test]
    fn a_clock_that_agrees_is_left_alone_and_one_that_does_not_is_measured() {
        let store = |least, most| {
            Some(StoreTime {
                earliest: least,
                latest: most,
            })
        };
        let exact = store(150 * S, 150 * S);
        let compared = compare(&start(), 150 * S, exact);
        assert_eq!((compared.offset, compared.uncertainty), (None, Some(500 * MS)));
        assert_eq!(
            compare(&start(), 155 * S, exact).offset,
            Some((5 * S + 100 * MS) as i64)
        );
        assert_eq!(
            compare(&start(), 145 * S, exact).offset,
            Some(-((5 * S - 100 * MS) as i64))
        );
        // What is within what can be told is no difference.
        assert_eq!(compare(&start(), 150 * S + 400 * MS, exact).offset, None);
        assert_eq!(compare(&start(), 150 * S - 600 * MS, exact).offset, None);
        // A comparison that says little corrects little.
        assert_eq!(compare(&start(), 152 * S, store(149 * S, 152 * S)).offset, None);
        assert_eq!(compare(&start(), 155 * S, None), Compared::default());
    }
}
