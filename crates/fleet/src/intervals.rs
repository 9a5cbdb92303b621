//! Computes the intervals of a run from the snapshots of all its workers.
//!
//! All workers take their snapshots at the same times. A snapshot belongs to the interval that contains the middle of
//! the snapshot's time. Invariant: the sum of the intervals equals the sum of the tallies of the slices. If a result
//! counts more requests than the stored snapshots, the additional requests belong to the interval of the last snapshot.

use crate::record::{GatherError, RunRecord};
use crate::slice_record::SliceId;
use plan::plan::Plan;
use plan::scenario::Population;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use store::keys;
use tally::format::FormatError;
use tally::interval::{INTERVALS_MAX, Interval, IntervalTimes, Timeline};
use tally::snapshot::Snapshot;

/// The maximum number of latency histograms that are kept for a run. The same maximum applies to the histograms of the
/// time to the first byte. A run with many request names has fewer intervals because of this limit. So the baseline of
/// a run is not larger than a few megabytes.
const HISTOGRAMS_MAX: usize = 2_048;

/// The minimum number of intervals that are kept for a run, even with many request names. A comparison requires this
/// number of intervals.
const INTERVALS_MIN: usize = 8;

/// The intervals of a run whose snapshots are still being read.
#[derive(Clone, Debug)]
pub(crate) struct Intervals {
    /// The intervals of the run. The length of each interval is a multiple of the snapshot interval. Reports share the
    /// timeline, and only read it.
    timeline: Arc<Timeline>,
    /// The index of the interval to which the last snapshot was added. All other intervals are packed to save memory.
    last: usize,
    /// For each slice, the index of the interval that contains its last snapshot, and the end of this snapshot.
    reached: BTreeMap<SliceId, (usize, u64)>,
    /// The largest number of open connections, by interval and slice.
    connections: BTreeMap<(usize, SliceId), u64>,
}

impl Intervals {
    /// Returns the empty intervals of a run.
    pub(crate) fn new(plan: &Plan) -> Intervals {
        let names = plan.requests.len();
        let most = (HISTOGRAMS_MAX / (names + plan.flows.len()).max(1)).clamp(INTERVALS_MIN, INTERVALS_MAX) as u64;
        let snapshot = (plan.timing.snapshot_interval.as_nanos() as u64).max(1);
        let snapshots = plan.length().div_ceil(snapshot).max(1);
        let width = snapshot * snapshots.div_ceil(most);
        let number = plan.length().div_ceil(width).max(1) as usize;
        let timeline = Timeline {
            width,
            intervals: vec![Interval::new(names); number],
            times: vec![IntervalTimes::default(); number],
            connections: vec![None; number],
        };
        Intervals {
            timeline: Arc::new(timeline),
            last: 0,
            reached: BTreeMap::new(),
            connections: BTreeMap::new(),
        }
    }

    fn at(&self, instant: u64) -> usize {
        ((instant / self.timeline.width) as usize).min(self.timeline.intervals.len() - 1)
    }

    /// Returns the counts of each request over time, from the snapshots that have been read.
    pub(crate) fn timeline(&self) -> Arc<Timeline> {
        self.timeline.clone()
    }

    /// Adds a snapshot to its interval. Every snapshot must be added exactly once.
    pub(crate) fn add(&mut self, slice_id: SliceId, snapshot: &Snapshot) {
        let tally = &snapshot.recorder.tally;
        let happened = Interval::of(tally);
        let at = self.at(snapshot.from.midpoint(snapshot.to));
        let Timeline {
            intervals,
            times,
            connections,
            ..
        } = Arc::make_mut(&mut self.timeline);
        intervals[at].add(&happened);
        times[at].add(tally);
        if let Some(open) = snapshot.connections {
            // An interval may contain several snapshots of the same slice.
            let most = self.connections.entry((at, slice_id)).or_default();
            let more = open.saturating_sub(*most);
            *most += more;
            connections[at] = Some(connections[at].unwrap_or(0) + more);
        }
        if self.last != at {
            intervals[self.last].pack();
            times[self.last].pack();
            self.last = at;
        }
        let reached = self.reached.entry(slice_id).or_insert((at, 0));
        if snapshot.to >= reached.1 {
            *reached = (at, snapshot.to);
        }
    }

    /// Returns the intervals of a run that is over, in ascending order. Each interval contains its measured length, and
    /// the measured length of each population.
    ///
    /// An interval that was measured for less than half of its length, for example because of a warm-up, is joined with
    /// the next interval. At the end of the run, such an interval is joined with the previous interval.
    ///
    /// # Errors
    ///
    /// Fails if the snapshots of a slice count more requests than its result. No worker writes such a result.
    pub(crate) fn finish(&self, record: &RunRecord) -> Result<Vec<Interval>, GatherError> {
        let names = record.plan.requests.len();
        let width = self.timeline.width;
        let mut intervals = self.timeline.intervals.clone();
        for (slice_id, slice) in &record.slices {
            if slice.result.is_none() {
                continue;
            }
            let beyond = slice.beyond().ok_or_else(|| GatherError::Document {
                key: keys::result(&record.plan.run, slice_id.0, slice_id.1),
                source: FormatError::Damaged {
                    document: "result",
                    problem: "its snapshots count more than it does".to_owned(),
                },
            })?;
            let at = match self.reached.get(slice_id) {
                Some((last, _)) => *last,
                None => self.at(record
                    .plan
                    .slices
                    .get(slice_id.1 as usize)
                    .map_or(0, |slice| slice.from)),
            };
            intervals[at].add(&Interval::of(beyond));
        }
        // If a run ended early, the time after its end was planned but not measured.
        let end = record.ended().unwrap_or(u64::MAX);
        let spans = record.plan.measured_spans();
        let of_populations: Vec<Vec<Range<u64>>> = match record.plan.populations.as_slice() {
            [_] => Vec::new(),
            several => several.iter().map(Population::measured_spans).collect(),
        };
        let mut from = 0;
        for interval in &mut intervals {
            let to = from + width;
            let inside = from..to.min(end);
            interval.length = measured(&spans, &inside);
            interval.population_lengths = of_populations.iter().map(|spans| measured(spans, &inside)).collect();
            from = to;
        }
        Ok(joined(intervals, width / 2, names))
    }
}

/// Returns the total length of the parts of `spans` that are inside the interval `inside`.
fn measured(spans: &[Range<u64>], inside: &Range<u64>) -> u64 {
    let parts = spans
        .iter()
        .map(|span| span.end.min(inside.end).saturating_sub(span.start.max(inside.start)));
    parts.sum()
}

/// Joins adjacent intervals until each was measured for at least `least` nanoseconds.
fn joined(intervals: Vec<Interval>, least: u64, names: usize) -> Vec<Interval> {
    let mut whole: Vec<Interval> = Vec::new();
    let mut open = Interval::new(names);
    for interval in intervals {
        open.add(&interval);
        if open.length >= least.max(1) {
            whole.push(std::mem::replace(&mut open, Interval::new(names)));
        }
    }
    match whole.last_mut() {
        Some(last) => last.add(&open),
        None => whole.push(open),
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::Gatherer;
    use store::RunStore;
    use store::documents::{Claim, Document, Start};
    use tally::histogram::Histogram;
    use tally::interval::Brief;
    use tally::outcome::{Code, Failure, Outcome};
    use tally::provenance::Provenance;
    use tally::snapshot::{Health, SliceEnd, SliceResult, SnapshotLabels};
    use tally::tally::{Recorder, SampleKind, Tally};
    use tally::waits::Step;
    use test_plans::Planned;

    const SECOND: u64 = 1_000_000_000;

    fn plan(load: &str) -> Plan {
        let scenario = format!(
            "name: small\ntarget: http://shop.example.com\nload: {load}\nrequests: [ {{ name: home }}, {{ name: cart }} ]\n"
        );
        Planned::of(&scenario).run("r").workers(4).plan()
    }

    /// Returns the outcomes of a shard in one second. Later seconds have more requests, and some requests fail.
    fn second(shard: u64, at: u64) -> Recorder {
        let mut recorder = Recorder::new(2);
        for k in 0..20 + 3 * at + shard {
            let sample = match at {
                0..2 => SampleKind::Unmeasured,
                _ => SampleKind::Measured {
                    request: ((k % 2) as usize).into(),
                },
            };
            let due = at * SECOND + k * 10_000_000;
            recorder.sent(sample, due);
            recorder.finished(
                sample,
                &Outcome {
                    due,
                    sent: due,
                    done: due + (k + at + 1) * 1_000_000,
                    result: if k % 5 == 0 { Err(Failure::Status) } else { Ok(()) },
                    code: Some(Code::Http(200)),
                    body_bytes: 1,
                    first_byte: (k % 5 > 0).then_some(due + 1_000),
                    ..Outcome::default()
                },
            );
        }
        if at >= 2 {
            let origin = format!("http://{shard}.example.com:80");
            recorder.tally.openings.record(&origin, Step::Connect, 50_000);
        }
        recorder
    }

    /// Writes the claim of a shard and the start of the run. Returns the provenance of the worker that wrote the claim.
    async fn claimed(store: &RunStore, shard: u32) -> Provenance {
        let claim = Claim {
            worker: "w".to_owned(),
            claimed: 0,
            mark: 7,
            plan: None,
        };
        store.put(&keys::claim("r", shard, 0, 1), claim.encode()).await.unwrap();
        let start = Start {
            shards: vec![0, 1],
            ..Start::default()
        };
        store.put(&keys::start("r"), start.encode()).await.unwrap();
        claim.provenance("r", shard, 0)
    }

    /// Writes the snapshots of a shard, except the snapshots of the seconds in `lost`. If `ended` is true, also writes
    /// the result of the shard.
    async fn keep(store: &RunStore, plan: &Plan, shard: u32, lost: &[u64], ended: bool) {
        let names = plan.request_names();
        let from = claimed(store, shard).await;
        let labels = SnapshotLabels {
            provenance: &from,
            requests: &names,
            start: 0,
        };
        let mut tally = Tally::new(2);
        for at in 0..12 {
            let recorder = second(u64::from(shard), at);
            tally.add(&recorder.tally);
            if lost.contains(&at) {
                continue;
            }
            let snapshot = Snapshot {
                n: at as u32 + 1,
                from: at * SECOND,
                to: (at + 1) * SECOND,
                connections: None,
                recorder,
            };
            let key = keys::live("r", shard, 0, snapshot.n);
            store.put(&key, snapshot.encode(labels)).await.unwrap();
        }
        let result = SliceResult {
            end: SliceEnd::Finished,
            paced_until: 12 * SECOND,
            tally,
            health: Health::default(),
        };
        if ended {
            let key = keys::result("r", shard, 0);
            store.put(&key, result.encode(labels)).await.unwrap();
        }
    }

    async fn gathered(store: &RunStore, plan: &Plan) -> Gatherer {
        store.put(&keys::plan("r"), plan.encode()).await.unwrap();
        let mut gatherer = Gatherer::open(store, "r").await.unwrap();
        gatherer.keep_intervals();
        gatherer.poll_listing().await.unwrap();
        gatherer
    }

    #[tokio::test]
    async fn intervals_add_up_to_the_run_when_snapshots_and_results_are_missing() {
        let plan = plan(
            "[ { warm_up: { rate: 10/s, duration: 2s } }, { constant: { rate: 100/s, duration: 9s } }, { cool_down: { rate: 10/s, duration: 1s } } ]",
        );
        let store = RunStore::memory();
        keep(&store, &plan, 0, &[], true).await;
        keep(&store, &plan, 1, &[7, 11], true).await;
        keep(&store, &plan, 2, &[9, 10, 11], false).await;
        keep(&store, &plan, 3, &(0..12).collect::<Vec<_>>(), true).await;
        let gatherer = gathered(&store, &plan).await;
        let intervals = gatherer.intervals().unwrap();
        let mut sum = Interval::new(2);
        intervals.iter().for_each(|interval| sum.add(interval));
        let mut tally = Tally::new(2);
        for slice in gatherer.record.slices.values() {
            tally.add(slice.tally());
        }
        let requests: Vec<Brief> = tally.requests.iter().map(Brief::of).collect();
        assert_eq!(sum.requests, requests);
        assert_eq!(sum.length, plan.measured_length());
        // The intervals of warm-up and cool-down are joined with measured intervals.
        assert_eq!(intervals.len(), 9);
        // Second by second, the timeline of the record equals the stored snapshots.
        let timeline = &gatherer.record.timeline;
        assert_eq!((timeline.width, timeline.intervals.len()), (SECOND, 12));
        for (at, interval) in (0..).zip(&timeline.intervals) {
            let kept = [(0, true), (1, ![7, 11].contains(&at)), (2, at < 9)];
            let mut requests = vec![Brief::default(); 2];
            let mut times = IntervalTimes::default();
            for (shard, _) in kept.into_iter().filter(|(_, kept)| *kept) {
                let told = second(shard, at).tally;
                requests
                    .iter_mut()
                    .zip(&told.requests)
                    .for_each(|(sum, told)| sum.add(&Brief::of(told)));
                times.add(&told);
            }
            assert_eq!(interval.requests, requests, "second {at}");
            assert_eq!(timeline.times[at as usize], times, "second {at}");
            let failures = times.failure_latency.get(&Failure::Status).map_or(0, Histogram::len);
            let failed: u64 = requests.iter().map(|request| request.failed).sum();
            assert_eq!(failures, failed, "second {at}");
            let first_bytes: u64 = times.first_byte.iter().map(Histogram::len).sum();
            assert_eq!(
                first_bytes,
                requests.iter().map(|request| request.completed).sum::<u64>(),
                "second {at}"
            );
            assert_eq!(
                times.openings.connect.len(),
                if at < 2 {
                    0
                } else {
                    kept.iter().filter(|kept| kept.1).count() as u64
                }
            );
        }
    }

    #[test]
    fn open_connections_are_the_largest_of_each_slice_added_up() {
        // Each interval contains three snapshots.
        let plan = plan("{ constant: { rate: 100/s, duration: 3m } }");
        let open = |order: &[usize]| {
            let mut intervals = Intervals::new(&plan);
            let told = [
                (0, 1, Some(5)),
                (0, 3, Some(9)),
                (0, 2, Some(7)),
                (1, 2, Some(4)),
                (1, 4, Some(6)),
                (2, 3, None),
            ];
            for (shard, n, connections) in order.iter().map(|at| told[*at]) {
                let snapshot = Snapshot {
                    n,
                    from: u64::from(n - 1) * SECOND,
                    to: u64::from(n) * SECOND,
                    connections,
                    recorder: Recorder::new(2),
                };
                intervals.add((shard, 0), &snapshot);
            }
            intervals.timeline().connections.clone()
        };
        let forwards = open(&[0, 1, 2, 3, 4, 5]);
        assert_eq!(forwards[..3], [Some(9 + 4), Some(6), None]);
        assert_eq!(open(&[5, 3, 1, 4, 2, 0]), forwards);
    }

    #[tokio::test]
    async fn a_long_run_is_cut_into_as_many_intervals_as_a_shorter_one() {
        for (duration, number, length) in [("1m", 60, 1), ("65s", 33, 2), ("1h", 63, 57)] {
            let plan = plan(&format!("{{ constant: {{ rate: 100/s, duration: {duration} }} }}"));
            let gatherer = gathered(&RunStore::memory(), &plan).await;
            let intervals = gatherer.intervals().unwrap();
            assert_eq!(intervals.len(), number, "{duration}");
            assert_eq!(intervals[0].length, length * SECOND, "{duration}");
            let sum: u64 = intervals.iter().map(|interval| interval.length).sum();
            assert_eq!(sum, plan.measured_length(), "{duration}");
        }
    }

    #[tokio::test]
    async fn intervals_have_the_measured_time_of_each_population() {
        let scenario = "name: small\ntarget: http://shop.example.com\npopulations:\n\
                        \x20 a:\n    load: [ { warm_up: { rate: 10/s, duration: 3s } }, { constant: { rate: 10/s, duration: 5s } } ]\n\
                        \x20   requests: [ { name: home } ]\n\
                        \x20 b:\n    start: 2s\n    load: { constant: { rate: 10/s, duration: 2500ms } }\n\
                        \x20   requests: [ { name: cart } ]\n";
        let plan = Planned::of(scenario).run("r").workers(4).plan();
        let gatherer = gathered(&RunStore::memory(), &plan).await;
        let intervals = gatherer.intervals().unwrap();
        let mut sum = Interval::new(2);
        intervals.iter().for_each(|interval| sum.add(interval));
        assert_eq!(sum.length, 6 * SECOND);
        assert_eq!(sum.population_lengths, [5 * SECOND, 2_500_000_000]);
        let of_b: Vec<u64> = intervals
            .iter()
            .map(|interval| interval.population_lengths[1])
            .collect();
        assert_eq!(of_b, [SECOND, SECOND, SECOND / 2, 0, 0, 0]);
    }

    #[tokio::test]
    async fn snapshots_that_count_more_than_their_result_are_an_error() {
        let plan = plan("{ constant: { rate: 100/s, duration: 12s } }");
        let store = RunStore::memory();
        keep(&store, &plan, 0, &[], true).await;
        let names = plan.request_names();
        let result = SliceResult {
            end: SliceEnd::Finished,
            paced_until: 12 * SECOND,
            tally: second(0, 5).tally,
            health: Health::default(),
        };
        let from = claimed(&store, 0).await;
        let labels = SnapshotLabels {
            provenance: &from,
            requests: &names,
            start: 0,
        };
        store
            .put(&keys::result("r", 0, 0), result.encode(labels))
            .await
            .unwrap();
        let gatherer = gathered(&store, &plan).await;
        assert!(matches!(gatherer.intervals(), Err(GatherError::Document { .. })));
    }
}
