//! A run over time, in memory that does not grow with it.
//!
//! A run of up to [`POINTS_MAX`] seconds is kept second by second. Of a longer one the intervals are 2 s, 4 s, 8 s …
//! long: as short as lets so many of them reach its end. They begin at whole multiples of their length after T0,
//! and each is the sum of its seconds. So a series depends on what was added to it and not on the order, and adding
//! up those of several workers, regions or slices is exact.
//!
//! The newest seconds are there one by one all the same, for those who follow a run.

use crate::seconds::{Second, Seconds};

/// The most intervals of a series.
pub const POINTS_MAX: u32 = 2_000;

/// Histograms that may take the memory of all that they spread over; the others are packed.
const OPEN_MAX: usize = 64;

/// What happened in a run, over time.
#[derive(Clone, Debug)]
pub struct Series {
    /// How many of the newest seconds are there one by one.
    newest: u32,
    /// Seconds after T0 at which there is something last, rounded up to whole ones.
    end: u32,
    /// The length of an interval in seconds, a power of two.
    length: u32,
    /// Everything before the newest seconds, by the number of its interval.
    intervals: Seconds,
    /// The newest seconds, in no interval yet.
    recent: Seconds,
    /// How many histograms have been opened since all were packed.
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
    /// An empty series that keeps so many of the newest seconds one by one, but no more than [`POINTS_MAX`].
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

    /// The series of so many seconds.
    pub fn of(seconds: &Seconds) -> Series {
        let mut series = Series::default();
        series.add(seconds);
        series
    }

    /// The length of an interval in seconds.
    pub fn length(&self) -> u32 {
        self.length
    }

    /// The seconds after T0 at which there is something last, rounded up to whole ones.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// The first second from which on they are there one by one.
    pub fn fine_from(&self) -> u32 {
        match self.length {
            1 => 0,
            _ => self.recent_from(),
        }
    }

    fn recent_from(&self) -> u32 {
        self.end.saturating_sub(self.newest)
    }

    /// The second that begins `at` seconds after T0, if anything happened in it and it is there by itself.
    pub fn second(&self, at: u32) -> Option<&Second> {
        match at < self.recent_from() {
            true if self.length > 1 => None,
            true => self.intervals.get(at),
            false => self.recent.get(at),
        }
    }

    /// The interval of this number, if anything happened in it. The newest seconds are in none before
    /// [`Series::over`].
    pub fn interval(&self, number: u32) -> Option<&Second> {
        self.intervals.get(number)
    }

    /// All that is known in intervals, so long that at most [`POINTS_MAX`] of them reach `end` (in seconds after T0).
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

    /// Adds what happened in so many seconds.
    pub fn add(&mut self, seconds: &Seconds) {
        self.reach(seconds.end());
        for (at, second) in seconds.iter() {
            self.add_second(at, second);
        }
    }

    /// Adds everything of `other`.
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

    /// Takes `end` for the end, if it is later.
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

/// Adds; returns how many histograms that has opened.
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

    /// Seconds with one request each, of that many microseconds.
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
        fn a_series_is_the_same_in_whatever_order_and_parts_it_is_added_up(
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

            // Each interval is the sum of its seconds, and there are as many as may be.
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
    fn a_day_takes_some_megabytes() {
        let mut series = Series::keeping(60);
        for at in 0..86_400 {
            // 0.1 ms to 100 ms in every second.
            let spread: Vec<(u32, u64)> = (0..12).map(|k| (at, (100 << (k % 11)) + u64::from(at % 1_000))).collect();
            series.add(&seconds(&spread));
        }
        let bytes = |seconds: &Seconds| seconds.iter().map(|(_, second)| second.latency.bytes()).sum::<usize>();
        let bytes = bytes(&series.intervals) + bytes(&series.recent);
        assert!(bytes < 24 << 20, "{bytes}");
        assert_eq!(series.length(), 64);
    }
}
