//! Counts and latencies of a run over time. The memory of a series does not grow with the duration of the run.
//!
//! A run of up to [`POINTS_MAX`] seconds is stored second by second. A longer run is stored in intervals of 2 s, 4 s, 8
//! s and so on. The length is the shortest length at which [`POINTS_MAX`] intervals cover the run. Each interval begins
//! at a multiple of its length after T0, the start of the run, and is the sum of its seconds. A series does not depend
//! on the order in which its seconds are added. Adding the series of several workers, regions or slices is exact.
//!
//! A series also keeps the newest seconds separately, for viewers that follow a running test.

use crate::seconds::{Second, Seconds};

/// The maximum number of intervals of a series.
pub const POINTS_MAX: u32 = 2_000;

/// The number of unpacked histograms above which all histograms are packed.
const OPEN_MAX: usize = 64;

/// The counts and latencies of a run over time.
#[derive(Clone, Debug)]
pub struct Series {
    /// How many of the newest seconds are kept second by second.
    newest: u32,
    /// The end of the last second with an event, in seconds after T0, the start of the run.
    end: u32,
    /// The length of an interval in seconds, a power of two.
    length: u32,
    /// The counts and latencies of all intervals before the newest seconds. The key is the number of the interval.
    intervals: Seconds,
    /// The newest seconds, which are not part of an interval yet.
    recent: Seconds,
    /// The number of histograms that were unpacked since the last time at which all histograms were packed.
    opened: usize,
}

impl Default for Series {
    fn default() -> Series {
        Series::keeping(0)
    }
}

impl PartialEq for Series {
    fn eq(&self, other: &Series) -> bool {
        let parts = |series: &Series| (series.newest, series.end, series.length);
        parts(self) == parts(other) && self.intervals == other.intervals && self.recent == other.recent
    }
}

impl Series {
    /// Returns an empty series that keeps the newest `newest` seconds second by second. `newest` is at most
    /// [`POINTS_MAX`].
    pub fn keeping(newest: u32) -> Series {
        Series {
            newest: newest.min(POINTS_MAX),
            end: 0,
            length: 1,
            intervals: Seconds::default(),
            recent: Seconds::default(),
            opened: 0,
        }
    }

    /// Returns the series that contains these seconds.
    pub fn of(seconds: &Seconds) -> Series {
        let mut series = Series::default();
        series.add(seconds);
        series
    }

    /// Returns the length of an interval in seconds.
    pub fn length(&self) -> u32 {
        self.length
    }

    /// Returns the end of the last second with an event, in seconds after T0, the start of the run.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// Returns the time from which the series contains each second separately, in seconds after T0, the start of the
    /// run.
    pub fn fine_from(&self) -> u32 {
        match self.length {
            1 => 0,
            _ => self.recent_from(),
        }
    }

    fn recent_from(&self) -> u32 {
        self.end.saturating_sub(self.newest)
    }

    /// Returns the second that begins `at` seconds after T0, the start of the run. Returns `None` if the second has no
    /// event, or if the series keeps only the interval that contains the second.
    pub fn second(&self, at: u32) -> Option<&Second> {
        match at < self.recent_from() {
            true if self.length > 1 => None,
            true => self.intervals.get(at),
            false => self.recent.get(at),
        }
    }

    /// Returns the interval with this number; `None` if the interval has no event. An interval does not include the
    /// newest seconds. Only [`Series::over`] adds the newest seconds to the intervals.
    pub fn interval(&self, number: u32) -> Option<&Second> {
        self.intervals.get(number)
    }

    /// Returns this series with all seconds merged into intervals. The newest seconds are included. The intervals are
    /// long enough that at most [`POINTS_MAX`] intervals cover the run up to `end`. `end` is in seconds after T0, the
    /// start of the run.
    #[must_use]
    pub fn over(&self, end: u32) -> Series {
        let mut series = Series {
            newest: 0,
            ..self.clone()
        };
        series.reach(end);
        series.intervals.pack();
        series
    }

    /// Adds the counts and latencies of `seconds` to this series.
    pub fn add(&mut self, seconds: &Seconds) {
        self.reach(seconds.end());
        for (at, second) in seconds.iter() {
            self.add_second(at, second);
        }
    }

    /// Adds the counts and latencies of `other` to this series.
    pub fn add_series(&mut self, other: &Series) {
        self.reach(other.end);
        while self.length < other.length {
            self.lengthen();
        }
        for (number, interval) in other.intervals.iter() {
            self.add_interval(number / (self.length / other.length), interval);
        }
        for (at, second) in other.recent.iter() {
            self.add_second(at, second);
        }
    }

    /// Extends the series to the second `end` if the series ends earlier.
    fn reach(&mut self, end: u32) {
        self.end = self.end.max(end);
        while self.end.div_ceil(self.length) > POINTS_MAX {
            self.lengthen();
        }
        for (at, second) in self.recent.take_before(self.recent_from()) {
            self.add_interval(at / self.length, &second);
        }
    }

    fn lengthen(&mut self) {
        self.length *= 2;
        for (number, interval) in std::mem::take(&mut self.intervals) {
            self.add_interval(number / 2, &interval);
        }
    }

    fn add_second(&mut self, at: u32, second: &Second) {
        if at < self.recent_from() {
            return self.add_interval(at / self.length, second);
        }
        self.opened += add(self.recent.at(at), second);
        self.pack();
    }

    fn add_interval(&mut self, number: u32, what: &Second) {
        self.opened += add(self.intervals.at(number), what);
        self.pack();
    }

    fn pack(&mut self) {
        if self.opened > OPEN_MAX {
            self.intervals.pack();
            self.recent.pack();
            self.opened = 0;
        }
    }
}

/// Adds `what` to `sum`. Returns the number of histograms that were unpacked for the addition.
fn add(sum: &mut Second, what: &Second) -> usize {
    let before = sum.latency.is_open();
    sum.add(what);
    usize::from(!before && sum.latency.is_open())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Returns seconds with one request for each event. An event is a second, and a latency in microseconds.
    fn seconds(events: &[(u32, u64)]) -> Seconds {
        let mut seconds = Seconds::default();
        for (at, us) in events {
            let second = seconds.at(*at);
            second.counts.completed += 1;
            second.latency.record(us * 1_000);
        }
        seconds
    }

    proptest! {
        #[test]
        fn a_series_does_not_depend_on_order_or_parts(
            events in prop::collection::vec((0u32..200_000, 1u64..1_000_000), 1..120),
            cut in 1usize..7,
            parts in 1usize..5,
            scale in 0u32..12,
            newest in 0u32..3_000,
        ) {
            let events: Vec<(u32, u64)> = events.iter().map(|(at, us)| (at >> scale, *us)).collect();
            let mut forwards = Series::keeping(newest);
            events.chunks(cut).for_each(|some| forwards.add(&seconds(some)));
            let mut apart = vec![Series::keeping(newest); parts];
            events.chunks(cut).rev().enumerate().for_each(|(k, some)| apart[k % parts].add(&seconds(some)));
            let mut merged = Series::keeping(newest);
            apart.iter().for_each(|part| merged.add_series(part));
            prop_assert_eq!(&merged, &forwards);

            // Each interval is the sum of its seconds, and the intervals are as short as the limit permits.
            let all = seconds(&events);
            let whole = forwards.over(0);
            let length = whole.length();
            prop_assert!(length.is_power_of_two() && all.end().div_ceil(length) <= POINTS_MAX);
            prop_assert!(length == 1 || all.end().div_ceil(length / 2) > POINTS_MAX);
            let mut sums: BTreeMap<u32, Second> = BTreeMap::new();
            all.iter().for_each(|(at, second)| sums.entry(at / length).or_default().add(second));
            for number in 0..all.end().div_ceil(length) {
                prop_assert_eq!(whole.interval(number), sums.get(&number));
            }
            let fine = forwards.fine_from();
            prop_assert!(fine == 0 || fine == all.end().saturating_sub(newest.min(POINTS_MAX)));
            for (at, second) in all.iter() {
                prop_assert_eq!(forwards.second(at), Some(second).filter(|_| at >= fine));
            }
            let longer = forwards.over(all.end() * 3);
            prop_assert!((all.end() * 3).div_ceil(longer.length()) <= POINTS_MAX);
            prop_assert_eq!(longer.intervals.iter().map(|(_, second)| second.counts.completed).sum::<u64>(), events.len() as u64);
        }
    }

    #[test]
    fn a_day_of_seconds_takes_less_than_24_mib() {
        let mut series = Series::keeping(60);
        for at in 0..86_400 {
            // Every second contains latencies from 0.1 ms to 100 ms.
            let spread: Vec<(u32, u64)> = (0..12)
                .map(|k| (at, (100 << (k % 11)) + u64::from(at % 1_000)))
                .collect();
            series.add(&seconds(&spread));
        }
        let bytes = |seconds: &Seconds| seconds.iter().map(|(_, second)| second.latency.bytes()).sum::<usize>();
        let bytes = bytes(&series.intervals) + bytes(&series.recent);
        assert!(bytes < 24 << 20, "{bytes}");
        assert_eq!(series.length(), 64);
    }
}
