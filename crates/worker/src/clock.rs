//! Wall time, computed from the steady clock.
//!
//! T0, the start of a run, is an instant of wall time, but every measurement uses the steady clock. The worker reads
//! both clocks together once, when it starts. So a change of the wall clock during the run has no effect on the
//! measurements.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::StoreTime;
use store::documents::Start;
use tokio::time::Instant;

/// The wall time of one process.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    tied: Instant,
    /// The wall time at the instant `tied`, in nanoseconds since the Unix epoch.
    wall: u64,
}

impl Clock {
    /// Reads the steady clock and the wall clock now. Adds `skew` nanoseconds to the wall time. `skew` is 0 except in
    /// tests of a wrong clock.
    pub fn tie(skew: i64) -> Clock {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock {
            tied: Instant::now(),
            wall: (wall.as_nanos() as u64).saturating_add_signed(skew),
        }
    }

    /// Returns this clock with a wall time that is wrong by `nanos` nanoseconds.
    pub fn skewed(self, nanos: i64) -> Clock {
        Clock {
            wall: self.wall.saturating_add_signed(nanos),
            ..self
        }
    }

    /// Returns the current wall time, in nanoseconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        self.wall + self.tied.elapsed().as_nanos() as u64
    }

    /// Returns the steady instant at which the wall time of this clock is `wall`. If `wall` is too early for the steady
    /// clock, returns the instant at which this clock was created.
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

/// The result of comparing a worker's clock with the launcher's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compared {
    /// The time of the worker's clock minus the time of the launcher's clock, in nanoseconds. `None` if the comparison
    /// proves no difference.
    pub offset: Option<i64>,
    /// The largest error of the comparison, in nanoseconds. `None` if the clocks were not compared.
    pub uncertainty: Option<u64>,
}

/// The largest difference, in nanoseconds, at which two clocks count as equal. Synchronised hosts agree to within
/// milliseconds, and so do the servers of one store.
const TRUSTED: i64 = 20_000_000;

/// Compares this worker's clock, which shows `now`, with the launcher's clock. The worker and the launcher have both
/// observed the store's clock, so each clock is compared with the store's clock.
///
/// A difference that the comparison cannot prove counts as zero, because the clocks of synchronised hosts are more
/// exact than a measurement through a store.
pub(crate) fn compare(start: &Start, now: u64, store: Option<StoreTime>) -> Compared {
    let (Some((earliest, latest)), Some(here)) = (start.store_time, store) else {
        return Compared::default();
    };
    // `launcher` is the smallest and largest value of the launcher's clock minus the store's clock. `own` is the
    // smallest and largest value of this worker's clock minus the store's clock.
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

    /// Returns the start of a run whose launcher observed the store's clock to within a second. The launcher's clock
    /// agrees with the store's clock.
    fn start() -> Start {
        Start {
            t0: 101 * S,
            written: 100 * S,
            store_time: Some((100 * S - 400 * MS, 100 * S + 600 * MS)),
            shards: vec![0],
            ..Start::default()
        }
    }

    #[test]
    fn only_a_proved_difference_of_clocks_gives_an_offset() {
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
        // A difference within the uncertainty is not reported as an offset.
        assert_eq!(compare(&start(), 150 * S + 400 * MS, exact).offset, None);
        assert_eq!(compare(&start(), 150 * S - 600 * MS, exact).offset, None);
        // A larger uncertainty hides a larger difference.
        assert_eq!(compare(&start(), 152 * S, store(149 * S, 152 * S)).offset, None);
        assert_eq!(compare(&start(), 155 * S, None), Compared::default());
    }
}
